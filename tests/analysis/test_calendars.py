"""Working days and days of moving holidays fall into months."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dagster_project.analysis.calendars import GROUPS, make_holiday_regressors, read_calendars, read_dates
from dagster_project.errors import BilateralError
from dagster_project.files import read_csv
from dagster_project.project import Project

REFERENCE = Project.find().reference
CALENDARS = read_calendars(REFERENCE)
DATES = CALENDARS.new_years
MONTHS = pd.period_range("2005-01", periods=180, freq="M")


def test_the_dates_are_those_of_the_calendars() -> None:
    """Public holidays as China, Korea and Viet Nam announced them; the calendars differ in 2007 and 2028."""
    assert [DATES["CHN"][year] for year in (2017, 2018, 2020)] == [
        date(2017, 1, 28),
        date(2018, 2, 16),
        date(2020, 1, 25),
    ]
    assert (DATES["CHN"][2028], DATES["KOR"][2028]) == (date(2028, 1, 26), date(2028, 1, 27))
    assert (DATES["CHN"][2007], DATES["VNM"][2007]) == (date(2007, 2, 18), date(2007, 2, 17))
    assert all(set(dates) == set(range(1960, 2041)) for dates in DATES.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("economy_code,year\nCHN,2017\n", "column new_year_date is missing", id="a column lacks"),
        pytest.param("economy_code,year,new_year_date\nCHN,2017,2017-02-30\n", "got '2017-02-30'", id="no day"),
        pytest.param("economy_code,year,new_year_date\nCHN,2017,2018-02-16\n", "in '2017'", id="another year's"),
        pytest.param("economy_code,year,new_year_date\nCHN,,2018-02-16\n", "in ''", id="no year"),
        # Its windows would reach into years that may not be there.
        pytest.param(
            "economy_code,year,new_year_date\nCHN,2017,2017-01-02\n",
            "expected the date of Lunar New Year",
            id="too early",
        ),
    ],
)
def test_dates_that_are_none_are_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "lunar_new_year.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BilateralError, match=said) as refused:
        read_dates(path, "new_year_date", "Lunar New Year", ("01-21", "02-21"))
    assert str(path) in str(refused.value)


def test_days_of_the_holiday_fall_into_their_months() -> None:
    """2017-01-28: four of seven days in January. 2018-02-16: all in February, and four of ten days after in March."""
    months = pd.PeriodIndex([f"{year}-{month:02}" for year in (2017, 2018) for month in (1, 2, 3)], freq="M")
    found = make_holiday_regressors(DATES["CHN"], months).to_numpy()
    # Centring takes the same from a month in every year.
    assert found[3:] - found[:3] == pytest.approx(
        np.array([[-1, -4 / 7, 0], [1, 1 - 3 / 7, 0.6 - 1], [0, 0, 0.4]]), abs=1e-12
    )


def test_a_holiday_without_a_date_is_refused() -> None:
    with pytest.raises(BilateralError, match="has no date in 1959") as refused:
        make_holiday_regressors(DATES["CHN"], pd.PeriodIndex(["1959-12"], freq="M"))
    assert "lunar_new_year.csv" in refused.value.message


def test_a_year_without_a_date_between_two_others_is_refused() -> None:
    dates = {year: day for year, day in DATES["CHN"].items() if year != 1987}
    with pytest.raises(BilateralError, match="has no date in 1987") as refused:
        make_holiday_regressors(dates, MONTHS)
    assert "lunar_new_year.csv" in refused.value.message


def test_chuseok_is_that_of_the_public_holidays() -> None:
    """2017: 4 October, all three days in that month. 2020: 1 October, whose eve is in September."""
    found = CALENDARS.chuseok["KOR"]
    assert [found[year] for year in (2017, 2020, 2025)] == [date(2017, 10, 4), date(2020, 10, 1), date(2025, 10, 6)]
    assert set(CALENDARS.chuseok) == {"KOR"}


def test_working_days_are_those_of_the_ministry() -> None:
    """Korea's ministry printed 24, 20.5 and 20 for January, February and September 2024, and 20 for January 2025."""
    days = {tuple(row[:2]): float(row[2]) for row in read_csv(REFERENCE / "working_days.csv")[1]}
    korea = [days["KOR", f"{month}-01"] for month in ("2024-01", "2024-02", "2024-09", "2025-01", "2025-10")]
    assert korea == [24, 20.5, 20, 20, 20]
    # China's National Day takes six weekdays of October 2025, and a Saturday is worked for one of them.
    assert days["CHN", "2025-10-01"] == 18


def test_a_pair_has_the_regressors_of_its_economies() -> None:
    names = {
        pair: [group for group, (first, *_) in GROUPS.items() if first in CALENDARS.make_regressors(*pair, MONTHS)]
        for pair in (("KOR", "CHN"), ("USA", "CHN"), ("DEU", "FRA"))
    }
    assert names == {
        ("KOR", "CHN"): list(GROUPS),
        ("USA", "CHN"): ["weekdays", "working_days", "partner_days", "new_year"],
        ("DEU", "FRA"): ["weekdays"],
    }
    found = CALENDARS.make_regressors("KOR", "CHN", pd.period_range("2024-01", "2024-03", freq="M"))
    # January 2024 had five Mondays and four Sundays; a leap year's February has 0.75 of a day more than usual.
    assert found[["monday", "saturday"]].to_numpy().tolist() == [[1, 0], [0, 0], [-1, 0]]
    assert found["leap_year"].tolist() == [0, 0.75, 0]
