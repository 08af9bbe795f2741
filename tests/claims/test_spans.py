"""A span knows whether it is years, months or days, and its neighbours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dagster_project.claims.notation import Span, months, years


@pytest.mark.parametrize(
    ("span", "frequency", "count", "text", "before", "after"),
    [
        (years(2018), "A", 1, "2018", "2017", "2019"),
        (years(2018, 2022), "A", 5, "2018 to 2022", "2013 to 2017", "2023 to 2027"),
        (months(2024, 2, 2024, 2), "M", 1, "2024-02", "2023-02", "2025-02"),
        (months(2025, 1, 2025, 11), "M", 11, "2025-01 to 2025-11", "2024-01 to 2024-11", "2026-01 to 2026-11"),
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
    assert str(replace(years(2023), earlier=years(2018))) == "2023 against 2018"
