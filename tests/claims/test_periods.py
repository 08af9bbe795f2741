"""Periods are read as newspapers write them, in both languages, by the day of the publication."""

from __future__ import annotations

import time
from datetime import date

import pytest

from dagster_project.claims import periods
from dagster_project.errors import BilateralError

DAY = date(2025, 12, 15)
READ = {
    "2018": "2018",
    "in 2018": "2018",
    "2023년": "2023",
    "2018-2022": "2018 to 2022",
    "from 2018 to 2022": "2018 to 2022",
    "2018~2022년": "2018 to 2022",
    "2018->2023": "2023 against 2018",
    "between 2018 and 2023": "2023 against 2018",
    "2022년 대비 2023년": "2023 against 2022",
    "전년 대비 2023": "2023 against 2022",
    "2025-11": "2025-11",
    "May 2023": "2023-05",
    "2023년 5월": "2023-05",
    "2025-01..2025-11": "2025-01 to 2025-11",
    "January 2023 to May 2023": "2023-01 to 2023-05",
    "last year": "2024",
    "지난해": "2024",
    "this year": "2025-01 to 2025-11",
    "올해": "2025-01 to 2025-11",
    "year to date": "2025-01 to 2025-11",
    "올 들어 11월까지": "2025-01 to 2025-11",
    "1~11월": "2025-01 to 2025-11",
    "지난해 1~11월": "2024-01 to 2024-11",
    "January-November": "2025-01 to 2025-11",
    "Jan-Nov 2024": "2024-01 to 2024-11",
    "first eleven months of this year": "2025-01 to 2025-11",
    "first half of 2024": "2024-01 to 2024-06",
    "지난해 상반기": "2024-01 to 2024-06",
    "하반기": "2024-07 to 2024-12",
    "Q1 2024": "2024-01 to 2024-03",
    "2024년 3분기": "2024-07 to 2024-09",
    "this month": "2025-12",
    "이달": "2025-12",
    "last month": "2025-11",
    "지난달": "2025-11",
    "November": "2025-11",
    "November last year": "2024-11",
    "12월": "2024-12",
    "the past five years": "2020 to 2024",
    "최근 5년": "2020 to 2024",
}


@pytest.mark.parametrize(("text", "read"), READ.items())
def test_a_period_is_read_by_the_day_of_its_publication(text: str, read: str) -> None:
    assert str(periods.read_period(text, DAY)) == read


def test_another_day_is_another_last_year() -> None:
    assert str(periods.read_period("지난해", date(2024, 1, 1))) == "2023"
    assert str(periods.read_period("1월", date(2023, 3, 28))) == "2023-01"
    assert str(periods.read_period("this year", date(2025, 1, 20))) == "2025"


@pytest.mark.parametrize("text", ["", "banana", "2018-", "2022-13", "13월", "2023->"])
def test_what_is_no_period_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BilateralError, match="is not a valid period") as refused:
        periods.read_period(text, DAY)
    assert "first half of 2024" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024-03-01..2024-03-10", "2024-03-01 to 2024-03-10"),
        ("2024-03-05", "2024-03-05"),
        ("2024-03-01..2024-03-31", "2024-03"),
        ("the first ten days of March 2024", "2024-03-01 to 2024-03-10"),
        ("first 20 days of March", "2025-03-01 to 2025-03-20"),
        ("the last ten days of this month", "2025-12-22 to 2025-12-31"),
        ("March 1-10, 2024", "2024-03-01 to 2024-03-10"),
        ("2024년 3월 1~10일", "2024-03-01 to 2024-03-10"),
        ("이달 1~20일", "2025-12-01 to 2025-12-20"),
        ("2024년 3월 중순", "2024-03-11 to 2024-03-20"),
    ],
)
def test_a_part_of_a_month_is_no_month(text: str, read: str) -> None:
    assert str(periods.read_period(text, DAY)) == read


@pytest.mark.parametrize("text", ["of " * 7000, "1~" * 10_000, "2024-" * 4000, "March 1-99, 2024", "9" * 20_000])
def test_what_is_long_and_no_period_is_refused_at_once(text: str) -> None:
    began = time.process_time()
    with pytest.raises(BilateralError, match="is not a valid period"):
        periods.read_period(text, DAY)
    assert time.process_time() - began < 0.5
