"""The newest period of each dataset, and the day on which the next is due."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project import publication, sources
from dagster_project.project import Project
from dagster_project.publication.freshness import NewestPeriod, get_next_period, read_freshness


@pytest.mark.parametrize(
    ("period", "next_one"), [("2025", "2026"), ("2026-01", "2026-02"), ("2026-11", "2026-12"), ("2026-12", "2027-01")]
)
def test_a_period_is_followed_by_the_next(period: str, next_one: str) -> None:
    assert get_next_period(period) == next_one


@pytest.mark.parametrize(
    ("day", "freshness"),
    [
        (date(2026, 9, 14), "fresh"),
        (date(2026, 9, 15), "due"),
        (date(2026, 9, 28), "due"),
        (date(2026, 9, 29), "late"),
        (date(2030, 1, 1), "late"),
    ],
)
def test_what_is_held_is_fresh_until_the_next_is_due_and_late_after_the_usual_delay(day: date, freshness: str) -> None:
    held = NewestPeriod(
        "kcs", "goods_monthly", "M", "KOR", "2026-07", "2026-08", date(2026, 9, 15), date(2026, 9, 29), True
    )
    assert held.get_status(day) == freshness
    assert (
        NewestPeriod("gta", "interventions", "A", None, "2026", "2027", None, None, True).get_status(day)
        == "no calendar"
    )


def test_the_published_file_says_how_far_each_dataset_reaches(built: Project) -> None:
    with publication.open_published(built) as connection:
        every = read_freshness(connection)
        (months,) = connection.execute(
            "select strftime(max(period_start), '%Y-%m') from staging.kosis__goods_monthly where value_usd is not null"
        ).fetchall()
        ((empty, years),) = connection.execute(
            "select max(year) filter (value is null), max(year) filter (value is not null) from staging.worldbank__wdi"
        ).fetchall()
    (kosis,) = [held for held in every if held.path == "kosis/goods_monthly"]
    assert (kosis.newest_period, kosis.reporter_code, kosis.is_live) == (*months, "KOR", True)
    releases = sources.find_source("kosis").releases
    assert releases is not None
    assert kosis.due_on == releases.find_due_day(kosis.next_period)
    # A row without a figure reaches nowhere.
    (wdi,) = [held for held in every if held.path == "worldbank/wdi"]
    assert wdi.newest_period == str(years)
    assert empty is None or years <= empty
    # What nobody refreshes is said to be so.
    assert {held.path for held in every if held.is_live} == {
        "bok/services_annual",
        "kcs/goods_monthly",
        "kcs/goods_monthly_hs",
        "kosis/goods_monthly",
        "worldbank/wdi",
    }
    key = [(held.source, held.dataset, held.frequency, held.reporter_code) for held in every]
    assert len(key) == len(set(key))
