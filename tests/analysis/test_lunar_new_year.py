"""Days of Lunar New Year fall into months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dagster_project.analysis.lunar_new_year import make_regressors
from dagster_project.errors import BilateralError
from tests.analysis.test_seasonal import DATES, MONTHS


def test_days_of_the_holiday_fall_into_their_months() -> None:
    """2017-01-28: four of seven days in January. 2018-02-16: all in February, and four of ten days after in March."""
    months = pd.PeriodIndex([f"{year}-{month:02}" for year in (2017, 2018) for month in (1, 2, 3)], freq="M")
    found = make_regressors(DATES["CHN"], months).to_numpy()
    # Centring takes the same from a month in every year.
    assert found[3:] - found[:3] == pytest.approx(
        np.array([[-1, -4 / 7, 0], [1, 1 - 3 / 7, 0.6 - 1], [0, 0, 0.4]]), abs=1e-12
    )


def test_a_holiday_without_a_date_is_refused() -> None:
    with pytest.raises(BilateralError, match="has no date for 1959") as refused:
        make_regressors(DATES["CHN"], pd.PeriodIndex(["1959-12"], freq="M"))
    assert "lunar_new_year.csv" in refused.value.message


def test_a_year_without_a_date_between_two_others_is_refused() -> None:
    dates = {year: day for year, day in DATES["CHN"].items() if year != 1987}
    with pytest.raises(BilateralError, match="has no date for 1987") as refused:
        make_regressors(dates, MONTHS)
    assert "lunar_new_year.csv" in refused.value.message
