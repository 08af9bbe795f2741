"""Make regressors of a monthly series for Lunar New Year, which moves between January and February.

Here: the share of the days before, during and after the holiday that falls into each month. Not here: the dates
(`warehouse/reference/lunar_new_year.csv`) and the regression (`seasonal`).

The three windows follow Lin and Liu, "Modeling and seasonal adjustment of moving holiday: Lunar New Year in Taiwan"
(2003), and the US Census Bureau's program `genhol` for X-13ARIMA-SEATS: a regressor is the share of a window's days in
the month, less the long-run mean of that calendar month. So effects that are the same every year stay in the seasonal
pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from dagster_project.analysis.periods import get_month_ordinal
from dagster_project.errors import BilateralError

# The first and last day of each window, counted from New Year's Day; all lie between 11 January and 9 March.
WINDOWS = ((-10, -1), (0, 6), (7, 16))


def make_regressors(new_years: Mapping[int, date], months: pd.PeriodIndex) -> pd.DataFrame:
    """Make the three regressors for the given months: before, during and after the holiday.

    Args:
        new_years: New Year's Day by year.
        months: The months.

    Returns:
        One row per month and one column per window: the share of the window's days, centred by calendar month.

    Raises:
        BilateralError: A year of the months, or a year between two years with a date, has no date.
    """
    years = {*new_years, *months.year}
    lacking = set(range(min(years), max(years) + 1)) - set(new_years)
    if lacking:
        raise BilateralError(
            f"warehouse/reference/lunar_new_year.csv has no date for {min(lacking)}.",
            remedy="Add a row for each missing year.",
        )
    return _make_all_regressors(tuple(sorted(new_years.items()))).loc[months]


# Hundreds of series share the dates of a few economies.
@lru_cache
def _make_all_regressors(new_years: tuple[tuple[int, date], ...]) -> pd.DataFrame:
    """Make the regressors of every month from the first year to the last."""
    start = get_month_ordinal(date(new_years[0][0], 1, 1))
    parts = np.zeros((len(new_years) * 12, len(WINDOWS)))
    for _, day_one in new_years:
        for window, (first, last) in enumerate(WINDOWS):
            for day in range(first, last + 1):
                month = get_month_ordinal(day_one + timedelta(days=day)) - start
                parts[month, window] += 1 / (last - first + 1)
    by_year = parts.reshape(len(new_years), 12, len(WINDOWS))
    index = pd.period_range(f"{new_years[0][0]}-01", periods=len(parts), freq="M")
    return pd.DataFrame((by_year - by_year.mean(axis=0)).reshape(parts.shape), index=index)
