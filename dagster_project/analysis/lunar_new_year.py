"""Lunar New Year: the holiday that moves between January and February, as regressors of a monthly series.

Here: what part of the days before, in and after the holiday falls into each month. Not here: the dates
(`warehouse/reference/lunar_new_year.csv`) and what is done with the regressors (`seasonal`).

The three windows follow Lin and Liu, "Modeling and seasonal adjustment of moving holiday: Lunar New Year in Taiwan"
(2003), and the program `genhol` of the US Census Bureau that goes with X-13ARIMA-SEATS: a window counts in a month by
the part of its days that fall there, less the long-run mean of that calendar month. What is the same every year is left
to the seasonal pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from dagster_project.analysis.periods import get_month_ordinal
from dagster_project.errors import BilateralError

# Days from New Year's Day on, the first and the last of each window: from 11 January to 9 March at most.
WINDOWS = ((-10, -1), (0, 6), (7, 16))


def make_regressors(new_years: Mapping[int, date], months: pd.PeriodIndex) -> pd.DataFrame:
    """Make the three regressors of some months: before, in and after the holiday.

    Args:
        new_years: New Year's Day by year.
        months: The months.

    Returns:
        A row a month and a column a window: parts of a window's days, centred by calendar month.

    Raises:
        BilateralError: A year of the months has no date, or one between two years that have.
    """
    years = {*new_years, *months.year}
    lacking = set(range(min(years), max(years) + 1)) - set(new_years)
    if lacking:
        raise BilateralError(
            f"There is no date of Lunar New Year for {min(lacking)}.",
            remedy="Complete warehouse/reference/lunar_new_year.csv.",
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
