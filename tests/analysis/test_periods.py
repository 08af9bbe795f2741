"""A day falls into the nearest month and year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dagster_project.analysis.periods import get_month_ordinal
from tests.analysis.test_estimates import BAN


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        (date(2016, 7, 8), date(2016, 7, 1), 2017),
        (date(2017, 3, 15), date(2017, 3, 1), 2017),
        (date(2015, 12, 20), date(2016, 1, 1), 2016),
        (date(2017, 6, 20), date(2017, 7, 1), 2018),
    ],
)
def test_a_stage_counts_from_the_nearest_month_and_the_nearest_year(day: date, month: date, year: int) -> None:
    stage = replace(BAN, day=day)
    assert (stage.get_first_period("M"), stage.get_first_period("A")) == (get_month_ordinal(month), year - 1970)
    assert replace(stage, precision="month").get_first_period("M") == get_month_ordinal(day)
