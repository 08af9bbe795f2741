"""When figures are due by the calendar of their publisher."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.sources import Source, list_sources
from dagster_project.sources.calendar import Releases


@pytest.mark.parametrize("source", list_sources(), ids=lambda source: source.code)
def test_a_calendar_has_its_days_in_every_month_of_a_release(source: Source) -> None:
    releases = source.releases
    if releases is None:
        assert not source.live, "say when the publisher releases what is asked for"
        return
    assert 1 <= (releases.provisional or 1) <= releases.day <= 28
    assert list(releases.months) == sorted({*releases.months} & {*range(1, 13)})
    assert releases.grace >= 0
    # Every frequency of what is asked for has its lag; what has no periods is not due.
    brought = {frequency for declared in source.datasets if declared.offer for frequency in declared.offer.frequencies}
    assert brought <= set(releases.lags)


@pytest.mark.parametrize(
    ("releases", "period", "due"),
    [
        (Releases({"M": 1}, day=15), "2026-11", date(2026, 12, 15)),
        (Releases({"M": 1}, day=15), "2026-12", date(2027, 1, 15)),
        (Releases({"A": 6, "M": 3}, day=1), "2025", date(2026, 6, 1)),
        (Releases({"A": 7}, day=1, months=(1, 4, 7, 10)), "2025", date(2026, 7, 1)),
        # The next release after the lag, in the following year if need be.
        (Releases({"A": 8}, day=1, months=(1, 4, 7)), "2025", date(2027, 1, 1)),
        (Releases({"A": 12}, day=15, months=(12,)), "2024", date(2025, 12, 15)),
        (Releases({"A": 6}, day=25), "2026-11", None),
        (Releases({}, day=1), "2026", None),
    ],
)
def test_a_period_is_due_on_the_day_of_its_release(releases: Releases, period: str, due: date | None) -> None:
    assert releases.find_due_day(period) == due


def test_a_calendar_is_a_cron_line() -> None:
    assert Releases({"M": 1}, day=15, provisional=1).cron == "1,15 * *"
    assert Releases({"A": 7}, day=1, months=(1, 4, 7, 10)).cron == "1 1,4,7,10 *"
