"""Values are read as they are printed, in both languages."""

from __future__ import annotations

import pytest

from dagster_project.claims import reading
from dagster_project.claims.reading import Said
from dagster_project.errors import BilateralError

READ = {
    "$55.6 billion": Said(55.6, "USD", "billion", 1),
    "US$55,636m": Said(55636, "USD", "million"),
    "556억 달러": Said(556, "USD", "hundred million"),
    "3백57억": Said(357, None, "hundred million"),
    "1248억 달러.": Said(1248, "USD", "hundred million"),
    "1.2조.": Said(1.2, None, "trillion", 1),
    "5억3000만 달러": Said(5.3, "USD", "hundred million", 1),
    "556억3600만 달러": Said(556.36, "USD", "hundred million", 2),
    "32만1144명": Said(32.1144, "persons", "ten thousand", 4),
    "1.2 trillion won": Said(1.2, "KRW", "trillion", 1),
    "1조2000억원": Said(1.2, "KRW", "trillion", 1),
    "2조1400억 위안": Said(2.14, "CNY", "trillion", 2),
    "−18.0bn": Said(18.0, None, "billion", 1, sign=-1),
    "-US$10.4bn": Said(10.4, "USD", "billion", 1, sign=-1),
    "57 percent": Said(57, "%"),
    "19.9% 감소": Said(19.9, "%", None, 1, sign=-1),
    "fell by $31bn": Said(31, "USD", "billion", sign=-1),
    "5 percentage points": Said(5, "pp"),
    "3%포인트": Said(3, "pp"),
    "twofold": Said(2, "ratio", hedge="approximately"),
    "more than doubled": Said(2, "ratio", hedge="at_least"),
    "2.5배": Said(2.5, "ratio", decimals=1),
    "about $18bn": Said(18, "USD", "billion", hedge="approximately"),
    "약 180억 달러": Said(180, "USD", "hundred million", hedge="approximately"),
    "more than 30 years": Said(30, "years", hedge="at_least"),
    "no less than $1bn": Said(1, "USD", "billion", hedge="at_least"),
    "no more than $1bn": Said(1, "USD", "billion", hedge="at_most"),
    "1조 달러 이상": Said(1, "USD", "trillion", hedge="at_least"),
    "deficit of US$18.1bn": Said(18.1, "USD", "billion", 1, side=-1),
    "180억 달러 적자": Said(180, "USD", "hundred million", side=-1),
    "third deficit": Said(3, side=-1),
    "3년 연속 적자": Said(3, "years", side=-1),
    "surplus": Said(None, side=1),
    "2위": Said(2),
    "second-largest": Said(2),
}


@pytest.mark.parametrize(("text", "said"), READ.items())
def test_a_value_is_read_as_it_is_printed(text: str, said: Said) -> None:
    assert reading.read(text) == said


@pytest.mark.parametrize(
    "text", ["", "banana", "between 3 and 4 billion", "$", "1.2.3억 달러", "3..5억", f"1{40 * '억'}.5"]
)
def test_what_is_no_value_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BilateralError, match="is no value") as refused:
        reading.read(text)
    assert "556억 달러" in str(refused.value)
