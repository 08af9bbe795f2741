"""Values are read as they are printed, in both languages, into a closed set of kinds."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dagster_project.claims.values import Comparator, Kind, ParsedValue, Quantity, parse_value
from dagster_project.errors import BilateralError

M, P, N = Kind.MONEY, Kind.PERCENT, Kind.PLAIN
ABOUT = Comparator.APPROXIMATELY
HUNDRED = "hundred million"
READ = {
    "$55.6 billion": (Quantity(M, 55.6, "USD", "billion", 1), {}),
    "US$55,636m": (Quantity(M, 55636, "USD", "million"), {}),
    "556억 달러": (Quantity(M, 556, "USD", HUNDRED), {}),
    "3백57억": (Quantity(N, 357, None, HUNDRED), {}),
    "1248억 달러.": (Quantity(M, 1248, "USD", HUNDRED), {}),
    "1.2조.": (Quantity(N, 1.2, None, "trillion", 1), {}),
    "5억3000만 달러": (Quantity(M, 5.3, "USD", HUNDRED, 1), {}),
    "556억3600만 달러": (Quantity(M, 556.36, "USD", HUNDRED, 2), {}),
    "32만1144명": (Quantity(Kind.COUNT, 32.1144, None, "ten thousand", 4), {}),
    "1248억 명": (Quantity(Kind.COUNT, 1248, None, HUNDRED), {}),
    "1.2 trillion won": (Quantity(M, 1.2, "KRW", "trillion", 1), {}),
    "1조2000억원": (Quantity(M, 1.2, "KRW", "trillion", 1), {}),
    "2조1400억 위안": (Quantity(M, 2.14, "CNY", "trillion", 2), {}),
    "€124.8 billion": (Quantity(M, 124.8, "EUR", "billion", 1), {}),
    "A$124.8 billion": (Quantity(M, 124.8, "AUD", "billion", 1), {}),
    "HK$124.8bn": (Quantity(M, 124.8, "HKD", "billion", 1), {}),
    "USD 124.8 billion": (Quantity(M, 124.8, "USD", "billion", 1), {}),
    "CNY879bn": (Quantity(M, 879, "CNY", "billion"), {}),
    "124.8bn US dollars": (Quantity(M, 124.8, "USD", "billion", 1), {}),
    "$124.8-billion": (Quantity(M, 124.8, "USD", "billion", 1), {}),
    "+19.9%": (Quantity(P, 19.9, decimals=1), {"move": 1}),
    "+$55.6bn": (Quantity(M, 55.6, "USD", "billion", 1), {"side": 1}),
    "124.8 billion Canadian dollars": (Quantity(M, 124.8, "CAD", "billion", 1), {}),
    "1248억 엔": (Quantity(M, 1248, "JPY", HUNDRED), {}),
    "−18.0bn": (Quantity(N, -18.0, None, "billion", 1), {}),
    "-US$10.4bn": (Quantity(M, -10.4, "USD", "billion", 1), {}),
    "(55.6bn)": (Quantity(N, -55.6, None, "billion", 1), {}),
    "$(55.6) billion": (Quantity(M, -55.6, "USD", "billion", 1), {}),
    "57 percent": (Quantity(P, 57), {}),
    "19.9% 감소": (Quantity(P, 19.9, decimals=1), {"move": -1}),
    "fell by $31bn": (Quantity(M, 31, "USD", "billion"), {"move": -1, "is_difference": True}),
    "fell to $31bn": (Quantity(M, 31, "USD", "billion"), {"move": -1, "is_difference": False}),
    "1248억 달러로 감소": (Quantity(M, 1248, "USD", HUNDRED), {"move": -1, "is_difference": False}),
    "43억 달러 증가했다": (Quantity(M, 43, "USD", HUNDRED), {"move": 1, "is_difference": True}),
    "5 percentage points": (Quantity(Kind.POINTS, 5), {}),
    "3%포인트": (Quantity(Kind.POINTS, 3), {}),
    "twofold": (Quantity(Kind.TIMES, 2), {"bound": Comparator.APPROXIMATELY}),
    "more than doubled": (Quantity(Kind.TIMES, 2), {"bound": Comparator.MORE_THAN}),
    "2.5배": (Quantity(Kind.TIMES, 2.5, decimals=1), {}),
    "about a quarter": (Quantity(P, 25), {"bound": Comparator.APPROXIMATELY}),
    "about $18bn": (Quantity(M, 18, "USD", "billion"), {"bound": Comparator.APPROXIMATELY}),
    "약 180억 달러": (Quantity(M, 180, "USD", HUNDRED), {"bound": Comparator.APPROXIMATELY}),
    "more than three decades": (Quantity(Kind.LENGTH, 30, "years", decimals=-1), {"bound": Comparator.MORE_THAN}),
    "fell by half": (Quantity(P, 50), {"bound": Comparator.APPROXIMATELY, "move": -1, "is_difference": True}),
    "more than 30 years": (Quantity(Kind.LENGTH, 30, "years"), {"bound": Comparator.MORE_THAN}),
    "no less than $1bn": (Quantity(M, 1, "USD", "billion"), {"bound": Comparator.AT_LEAST}),
    "no more than $1bn": (Quantity(M, 1, "USD", "billion"), {"bound": Comparator.AT_MOST}),
    "up to $130 billion": (Quantity(M, 130, "USD", "billion"), {"bound": Comparator.AT_MOST}),
    "1조 달러 이상": (Quantity(M, 1, "USD", "trillion"), {"bound": Comparator.AT_LEAST}),
    "1조 달러 미만": (Quantity(M, 1, "USD", "trillion"), {"bound": Comparator.LESS_THAN}),
    "1조 달러를 넘었다": (Quantity(M, 1, "USD", "trillion"), {"bound": Comparator.MORE_THAN}),
    "deficit of US$18.1bn": (Quantity(M, 18.1, "USD", "billion", 1), {"side": -1}),
    "180억 달러 적자": (Quantity(M, 180, "USD", HUNDRED), {"side": -1}),
    "third deficit": (Quantity(Kind.PLACE, 3), {"side": -1}),
    "a third deficit": (Quantity(Kind.PLACE, 3), {"side": -1}),
    "fell by a third": (Quantity(Kind.PERCENT, 33), {"bound": ABOUT, "move": -1, "is_difference": True}),
    "rose by a quarter": (Quantity(Kind.PERCENT, 25), {"bound": ABOUT, "move": 1, "is_difference": True}),
    "fell by more than a fifth": (
        Quantity(Kind.PERCENT, 20),
        {"bound": Comparator.MORE_THAN, "move": -1, "is_difference": True},
    ),
    "halved": (Quantity(Kind.TIMES, 0.5, decimals=1), {"bound": ABOUT}),
    # More than halved is less than half.
    "more than halved": (Quantity(Kind.TIMES, 0.5, decimals=1), {"bound": Comparator.LESS_THAN}),
    "3년 연속 적자": (Quantity(Kind.LENGTH, 3, "years"), {"side": -1}),
    "surplus": (None, {"side": 1}),
    "2위": (Quantity(Kind.PLACE, 2), {}),
    "second-largest": (Quantity(Kind.PLACE, 2), {}),
    "3rd largest": (Quantity(Kind.PLACE, 3), {}),
    "largest": (Quantity(Kind.PLACE, 1), {}),
    "1992": (Quantity(Kind.TIME, 1992), {}),
    "deficit from 1992": (Quantity(Kind.TIME, 1992), {"side": -1}),
    # The zeros that a long number ends with are rounding.
    "8,070,000 people": (Quantity(Kind.COUNT, 8.07, None, "million", 2), {}),
    "$124,800,000,000": (Quantity(M, 124.8, "USD", "billion", 1), {}),
    "$120,000,000,000": (Quantity(M, 120, "USD", "billion", 0), {}),
    "133,000,000 thousand dollars": (Quantity(M, 133, "USD", "billion", 0), {}),
    "332,474": (Quantity(N, 332474), {}),
    "$13,495,750 thousand": (Quantity(M, 13495750, "USD", "thousand"), {}),
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_value_is_read_as_it_is_printed(text: str, expected: tuple[Quantity | None, dict[str, Any]]) -> None:
    quantity, rest = expected
    assert parse_value(text) == ParsedValue(text.replace("−", "-"), quantity, **rest)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "banana",
            "between 3 and 4 billion",
            "$",
            "1.2.3억 달러",
            "3..5억",
            f"1{40 * '억'}.5",
            "-",
            "()",
            "(",
            "억",
        ),
        *(
            "surplus of -$18bn",
            "rose -5%",
            "fell +5%",
            "+-5%",
            "rose and fell 5%",
            "more than less than 5%",
            "5% of $18bn",
            "$5bn yuan",
        ),
        *("deficit of $18bn surplus", "third deficit of $18bn", "9" * 400, "of " * 2000, "1 " * 9000, "(" * 9000),
        *("not -18bn", "$124.8bn except chips", "1248억 달러 반도체 제외", "\x00", "\ud800", "5" + "0" * 300),
    ],
)
def test_what_is_no_value_is_refused_with_what_to_write_and_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(BilateralError) as refused:
        parse_value(text)
    assert refused.value.remedy
    assert time.process_time() - began < 0.5
