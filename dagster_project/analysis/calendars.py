"""Make regressors that describe the calendar of each month: weekdays, working days, leap years, moving holidays.

Here: reading the dates and the working days (`warehouse/reference`), and the regressors of a pair's months. Not here:
the regressions (`seasonal`, `x13`).

The windows of Lunar New Year follow Lin and Liu (2003) and the US Census Bureau's program `genhol` for X-13ARIMA-SEATS:
a regressor is the share of a window's days that lie in a month, less the mean share in the same month of all years. So
effects that are the same every year stay in the seasonal pattern.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from dagster_project.analysis.periods import get_month_ordinal
from dagster_project.analysis.series import subtract_month_means
from dagster_project.errors import BilateralError
from dagster_project.files import read_csv

Dates = Mapping[int, date]

# The first and last day of each window, counted from New Year's Day; all lie between 11 January and 9 March.
WINDOWS = ((-10, -1), (0, 6), (7, 16))
# The day before, the day itself and the day after it, which are Korea's public holidays at New Year and Chuseok.
HOLIDAY = ((-1, 1),)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
# The regressors of each group; a model has all of a group or none.
GROUPS = {
    "weekdays": (*WEEKDAYS, "leap_year"),
    "working_days": ("working_days",),
    "partner_days": ("partner_days",),
    "new_year": ("new_year_before", "new_year", "new_year_after"),
    "chuseok": ("chuseok",),
}


@dataclass(frozen=True)
class Calendars:
    """The dates of Lunar New Year and Chuseok, and a month's working days less the mean of that calendar month."""

    new_years: Mapping[str, Dates]
    chuseok: Mapping[str, Dates]
    working_days: Mapping[str, pd.Series]

    def make_regressors(self, reporter: str, partner: str, months: pd.PeriodIndex) -> pd.DataFrame:
        """Make the regressors of a pair's months; use a holiday of the partner if the reporter does not have it.

        The column `new_year_days` is in none of the `GROUPS`; it only tests whether adjusted months show New Year.
        """
        found = _make_weekdays().loc[months]
        for name, economy in (("working_days", reporter), ("partner_days", partner)):
            if economy in self.working_days:
                found[name] = self.working_days[economy].reindex(months)
        new_years = self.new_years.get(reporter) or self.new_years.get(partner)
        chuseok = self.chuseok.get(reporter) or self.chuseok.get(partner)
        if new_years:
            found[list(GROUPS["new_year"])] = make_holiday_regressors(new_years, months)
            found["new_year_days"] = make_holiday_regressors(new_years, months, HOLIDAY)
        if chuseok:
            found[list(GROUPS["chuseok"])] = make_holiday_regressors(chuseok, months, HOLIDAY)
        return found


def read_calendars(reference: Path) -> Calendars:
    """Read the calendars from `warehouse/reference`; raise the errors of `read_dates`."""
    days: dict[str, dict[pd.Period, float]] = defaultdict(dict)
    for economy, month, count, _ in read_csv(reference / "working_days.csv")[1]:
        days[economy][pd.Period(month, "M")] = float(count)
    return Calendars(
        read_dates(reference / "lunar_new_year.csv", "new_year_date", "Lunar New Year", ("01-21", "02-21")),
        read_dates(reference / "chuseok.csv", "chuseok_date", "Chuseok", ("09-07", "10-08")),
        {economy: subtract_month_means(pd.Series(held)) for economy, held in days.items()},
    )


def read_dates(path: Path, column: str, holiday: str, span: tuple[str, str]) -> dict[str, Dates]:
    """Read the dates of a holiday by economy and year; `span` is the earliest and the latest possible date (MM-DD).

    Raises:
        BilateralError: `read_csv` rejects the file, or a date is invalid or outside of `span`.
    """
    columns = ("economy_code", "year", column)
    header, rows = read_csv(path, columns)
    places = [header.index(name) for name in columns]
    found: dict[str, dict[int, date]] = defaultdict(dict)
    for number, row in enumerate(rows, start=2):
        economy, year, day = (row[place] for place in places)
        try:
            held = date.fromisoformat(day)
        except ValueError:
            held = date.min
        if not f"{year}-{span[0]}" <= str(held) <= f"{year}-{span[1]}":
            raise BilateralError(
                f"{path}, row {number}: expected the date of {holiday} in {year!r}, got {day!r}.",
                remedy=f"Write a date as YYYY-MM-DD, from {span[0]} to {span[1]} (MM-DD) of the year.",
            )
        found[economy][held.year] = held
    return dict(found)


def make_holiday_regressors(
    days: Dates, months: pd.PeriodIndex, windows: tuple[tuple[int, int], ...] = WINDOWS
) -> pd.DataFrame:
    """Make a table with one row per month and one column per window around a holiday.

    A value is the share of the window's days that lie in the month, less the mean share of the same calendar month. A
    window is given by its first and last day, counted from the holiday.

    Raises:
        BilateralError: `days` has a gap, or no date for a year of `months`.
    """
    years = {*days, *months.year}
    lacking = set(range(min(years), max(years) + 1)) - set(days)
    if lacking:
        raise BilateralError(
            f"warehouse/reference/lunar_new_year.csv or chuseok.csv: a holiday has no date in {min(lacking)}.",
            remedy="Add a row for each missing year.",
        )
    return _make_all_regressors(tuple(sorted(days.items())), windows).loc[months].copy()


# Hundreds of series share the dates of a few economies.
@lru_cache
def _make_all_regressors(days: tuple[tuple[int, date], ...], windows: tuple[tuple[int, int], ...]) -> pd.DataFrame:
    """Make the regressors of a holiday for every month, from the first year of `days` to the last."""
    start = get_month_ordinal(date(days[0][0], 1, 1))
    parts = np.zeros((len(days) * 12, len(windows)))
    for _, day_one in days:
        for window, (first, last) in enumerate(windows):
            for day in range(first, last + 1):
                month = get_month_ordinal(day_one + timedelta(days=day)) - start
                parts[month, window] += 1 / (last - first + 1)
    return subtract_month_means(
        pd.DataFrame(parts, index=pd.period_range(f"{days[0][0]}-01", periods=len(parts), freq="M"))
    )


@cache
def _make_weekdays() -> pd.DataFrame:
    """Count each weekday (Monday to Saturday) of a month less the Sundays; for a February, also leap days less 1/4."""
    months = pd.period_range("1960-01", "2040-12", freq="M")
    days = pd.date_range(months[0].start_time, months[-1].end_time.normalize())
    counts = pd.crosstab(days.to_period("M"), days.day_of_week)
    found = counts.iloc[:, :6].sub(counts[6], axis=0).astype(float).set_axis(WEEKDAYS, axis=1)
    found["leap_year"] = np.where(months.month == 2, (months.days_in_month == 29) - 0.25, 0.0)
    return found.set_axis(months)
