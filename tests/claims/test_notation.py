"""Periods and numbers are read and written as people print them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dagster_project.claims.notation import Span, choose_decimals, format_amount, make_months, make_years, parse_day


@pytest.mark.parametrize(
    ("written", "start", "end", "shown"),
    [
        ("2025-11-30", date(2025, 11, 30), date(2025, 11, 30), "2025-11-30"),
        (date(2025, 11, 30), date(2025, 11, 30), date(2025, 11, 30), "2025-11-30"),
        (datetime(2025, 11, 30, 9, tzinfo=UTC), date(2025, 11, 30), date(2025, 11, 30), "2025-11-30"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        (2025, date(2025, 1, 1), date(2025, 12, 31), "2025"),
        (2025.0, date(2025, 1, 1), date(2025, 12, 31), "2025"),
        ("2025", date(2025, 1, 1), date(2025, 12, 31), "2025"),
    ],
)
def test_a_day_a_month_and_a_year_keep_their_precision(written: object, start: date, end: date, shown: str) -> None:
    found = parse_day(written)
    assert found is not None
    assert (found.start, found.end, str(found)) == (start, end, shown)


@pytest.mark.parametrize("written", ["Christmas", "2025-13", "2025-02-30", "25", 7, True, None, 2025.5, ["2025"]])
def test_what_is_no_day_is_none(written: object) -> None:
    assert parse_day(written) is None


@pytest.mark.parametrize(
    ("value", "unit", "scale", "decimals", "text"),
    [
        (55.6, "USD", "billion", 1, "US$55.6bn"),
        (-18.0, "USD", "billion", 1, "−US$18.0bn"),
        (-0.04, "USD", "billion", 1, "US$0.0bn"),
        (55636, "USD", "million", 0, "US$55,636m"),
        (0.94, "CNY", "trillion", 2, "CNY 0.94tn"),
        (56.83, "%", None, 1, "56.8%"),
        (1.5, "pp", None, 1, "1.5 percentage points"),
        (24, "days", None, 0, "24 days"),
        (-1, "years", None, 0, "−1 year"),
        (1.0, "pp", None, 1, "1.0 percentage points"),
        (12.0, "USD", "hundred million", 0, "US$1.2bn"),
        (1330.1, "USD", "hundred million", 1, "US$133.01bn"),
        (-180.0, "USD", "hundred million", 0, "−US$18.0bn"),
        (32.1144, "persons", "ten thousand", 4, "321,144 persons"),
        (806.7722, "persons", "ten thousand", 1, "8,067,722 persons"),
    ],
)
def test_a_number_is_written_with_its_unit(
    value: float, unit: str, scale: str | None, decimals: int, text: str
) -> None:
    assert format_amount(value, unit, scale, decimals) == text


@pytest.mark.parametrize(
    ("value", "printed", "decimals"),
    [
        (55.6, 1, 1),  # it is the printed one
        (55.636, 1, 2),  # 55.64 shows that it rounds to 55.6
        (-18.0397, 0, 2),  # −18.0 would look like −18
        (55.6499, 1, 4),  # 55.65 and 55.650 would look like a half
        (55.65, 1, 2),  # and this is one
        (31.0, 0, 0),
    ],
)
def test_as_many_decimals_as_tell_how_a_figure_rounds(value: float, printed: int, decimals: int) -> None:
    assert choose_decimals(value, printed) == decimals


@pytest.mark.parametrize(
    ("span", "frequency", "count", "text", "before", "after"),
    [
        (make_years(2018), "A", 1, "2018", "2017", "2019"),
        (make_years(2018, 2022), "A", 5, "2018 to 2022", "2013 to 2017", "2023 to 2027"),
        (make_months(2024, 2, 2024, 2), "M", 1, "2024-02", "2023-02", "2025-02"),
        (make_months(2025, 1, 2025, 11), "M", 11, "2025-01 to 2025-11", "2024-01 to 2024-11", "2026-01 to 2026-11"),
    ],
)
def test_a_span_has_neighbours_of_its_length(
    span: Span, frequency: str, count: int, text: str, before: str, after: str
) -> None:
    assert (span.frequency, span.count, str(span)) == (frequency, count, text)
    assert (str(span.before), str(span.after)) == (before, after)


def test_part_of_a_month_is_days() -> None:
    span = Span(date(2024, 3, 1), date(2024, 3, 10))
    assert (span.frequency, str(span)) == ("D", "2024-03-01 to 2024-03-10")


def test_a_span_may_be_compared_with_an_earlier_one() -> None:
    assert str(replace(make_years(2023), earlier=make_years(2018))) == "2023 against 2018"
