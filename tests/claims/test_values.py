"""Values are read as they are printed, in both languages, into a closed set of kinds."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from dagster_project.claims.tokens import Token
from dagster_project.claims.values import Comparator, ParsedValue, parse_value
from dagster_project.errors import BilateralError

M, P, N = "money", "percent", "number"
ABOUT = Comparator.APPROXIMATELY
HUNDRED = "hundred million"
_Number = tuple[str, float, str | None, str | None, int]


def _number(kind: str, number: float, unit: str | None = None, scale: str | None = None, decimals: int = 0) -> _Number:
    return kind, number, unit, scale, decimals


def _take_number(token: Token | None) -> _Number | None:
    unit = token.unit if token and token.kind in {"money", "length"} else None
    return None if token is None else (token.kind, token.number, unit, token.scale, token.decimals)


READ = {
    "$55.6 billion": (_number(M, 55.6, "USD", "billion", 1), {}),
    "US$55,636m": (_number(M, 55636, "USD", "million"), {}),
    "556억 달러": (_number(M, 556, "USD", HUNDRED), {}),
    "3백57억": (_number(N, 357, None, HUNDRED), {}),
    "1248억 달러.": (_number(M, 1248, "USD", HUNDRED), {}),
    "1.2조.": (_number(N, 1.2, None, "trillion", 1), {}),
    "5억3000만 달러": (_number(M, 5.3, "USD", HUNDRED, 1), {}),
    "556억3600만 달러": (_number(M, 556.36, "USD", HUNDRED, 2), {}),
    "32만1144명": (_number("count", 32.1144, None, "ten thousand", 4), {}),
    "1248억 명": (_number("count", 1248, None, HUNDRED), {}),
    "1.2 trillion won": (_number(M, 1.2, "KRW", "trillion", 1), {}),
    "1조2000억원": (_number(M, 1.2, "KRW", "trillion", 1), {}),
    "2조1400억 위안": (_number(M, 2.14, "CNY", "trillion", 2), {}),
    "€124.8 billion": (_number(M, 124.8, "EUR", "billion", 1), {}),
    "A$124.8 billion": (_number(M, 124.8, "AUD", "billion", 1), {}),
    "HK$124.8bn": (_number(M, 124.8, "HKD", "billion", 1), {}),
    "USD 124.8 billion": (_number(M, 124.8, "USD", "billion", 1), {}),
    "CNY879bn": (_number(M, 879, "CNY", "billion"), {}),
    "124.8bn US dollars": (_number(M, 124.8, "USD", "billion", 1), {}),
    "$124.8-billion": (_number(M, 124.8, "USD", "billion", 1), {}),
    "+19.9%": (_number(P, 19.9, decimals=1), {"move": 1}),
    "+$55.6bn": (_number(M, 55.6, "USD", "billion", 1), {"side": 1}),
    "124.8 billion Canadian dollars": (_number(M, 124.8, "CAD", "billion", 1), {}),
    "1248억 엔": (_number(M, 1248, "JPY", HUNDRED), {}),
    "−18.0bn": (_number(N, -18.0, None, "billion", 1), {}),
    "-US$10.4bn": (_number(M, -10.4, "USD", "billion", 1), {}),
    "(55.6bn)": (_number(N, -55.6, None, "billion", 1), {}),
    "$(55.6) billion": (_number(M, -55.6, "USD", "billion", 1), {}),
    "57 percent": (_number(P, 57), {}),
    "19.9% 감소": (_number(P, 19.9, decimals=1), {"move": -1}),
    "fell by $31bn": (_number(M, 31, "USD", "billion"), {"move": -1, "is_difference": True}),
    "fell to $31bn": (_number(M, 31, "USD", "billion"), {"move": -1, "is_difference": False}),
    "1248억 달러로 감소": (_number(M, 1248, "USD", HUNDRED), {"move": -1, "is_difference": False}),
    "43억 달러 증가했다": (_number(M, 43, "USD", HUNDRED), {"move": 1, "is_difference": True}),
    "5 percentage points": (_number("points", 5), {}),
    "3%포인트": (_number("points", 3), {}),
    "twofold": (_number("times", 2), {"bound": Comparator.APPROXIMATELY}),
    "more than doubled": (_number("times", 2), {"bound": Comparator.MORE_THAN}),
    "2.5배": (_number("times", 2.5, decimals=1), {}),
    "about a quarter": (_number(P, 25), {"bound": Comparator.APPROXIMATELY}),
    "about $18bn": (_number(M, 18, "USD", "billion"), {"bound": Comparator.APPROXIMATELY}),
    "약 180억 달러": (_number(M, 180, "USD", HUNDRED), {"bound": Comparator.APPROXIMATELY}),
    "more than three decades": (_number("length", 30, "years", decimals=-1), {"bound": Comparator.MORE_THAN}),
    "fell by half": (_number(P, 50), {"bound": Comparator.APPROXIMATELY, "move": -1, "is_difference": True}),
    "more than 30 years": (_number("length", 30, "years"), {"bound": Comparator.MORE_THAN}),
    "no less than $1bn": (_number(M, 1, "USD", "billion"), {"bound": Comparator.AT_LEAST}),
    "no more than $1bn": (_number(M, 1, "USD", "billion"), {"bound": Comparator.AT_MOST}),
    "up to $130 billion": (_number(M, 130, "USD", "billion"), {"bound": Comparator.AT_MOST}),
    "1조 달러 이상": (_number(M, 1, "USD", "trillion"), {"bound": Comparator.AT_LEAST}),
    "1조 달러 미만": (_number(M, 1, "USD", "trillion"), {"bound": Comparator.LESS_THAN}),
    "1조 달러를 넘었다": (_number(M, 1, "USD", "trillion"), {"bound": Comparator.MORE_THAN}),
    "deficit of US$18.1bn": (_number(M, 18.1, "USD", "billion", 1), {"side": -1}),
    "180억 달러 적자": (_number(M, 180, "USD", HUNDRED), {"side": -1}),
    "third deficit": (_number("nth", 3), {"side": -1}),
    "a third deficit": (_number("nth", 3), {"side": -1}),
    "fell by a third": (_number("percent", 33), {"bound": ABOUT, "move": -1, "is_difference": True}),
    "rose by a quarter": (_number("percent", 25), {"bound": ABOUT, "move": 1, "is_difference": True}),
    "fell by more than a fifth": (
        _number("percent", 20),
        {"bound": Comparator.MORE_THAN, "move": -1, "is_difference": True},
    ),
    "halved": (_number("times", 0.5, decimals=1), {"bound": ABOUT}),
    # More than halved is less than half.
    "more than halved": (_number("times", 0.5, decimals=1), {"bound": Comparator.LESS_THAN}),
    "3년 연속 적자": (_number("length", 3, "years"), {"side": -1}),
    "surplus": (None, {"side": 1}),
    "2위": (_number("nth", 2), {}),
    "second-largest": (_number("nth", 2), {}),
    "3rd largest": (_number("nth", 3), {}),
    "largest": (_number("nth", 1), {}),
    "1992": (_number("year", 1992), {}),
    "deficit from 1992": (_number("year", 1992), {"side": -1}),
    # The zeros that a long number ends with are rounding.
    "8,070,000 people": (_number("count", 8.07, None, "million", 2), {}),
    "$124,800,000,000": (_number(M, 124.8, "USD", "billion", 1), {}),
    "$120,000,000,000": (_number(M, 120, "USD", "billion", 0), {}),
    "133,000,000 thousand dollars": (_number(M, 133, "USD", "billion", 0), {}),
    "332,474": (_number(N, 332474), {}),
    "$13,495,750 thousand": (_number(M, 13495750, "USD", "thousand"), {}),
}


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_value_is_read_as_it_is_printed(text: str, expected: tuple[_Number | None, dict[str, Any]]) -> None:
    quantity, rest = expected
    found = parse_value(text)
    assert _take_number(found.quantity) == quantity
    assert replace(found, quantity=None) == ParsedValue(text.replace("−", "-"), **rest)


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
