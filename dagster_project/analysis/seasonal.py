"""Adjust monthly trade for the season and for Lunar New Year.

Here: the adjustment of one series, and the analysis that adjusts every pair. Not here: changes and their causes
(`breaks`, `effects`).

The method is STL (Cleveland, Cleveland, McRae and Terpenning, "STL: a seasonal-trend decomposition procedure based on
loess", Journal of Official Statistics 6, 1990), robust, on logarithms, so that a season is a percentage. If an economy
of the pair celebrates Lunar New Year (`lunar_new_year`), a regression removes it first, provided that the corrected
Akaike criterion (AICc) favours this, as in X-13ARIMA-SEATS. A series with gaps is adjusted over its longest stretch
without a gap; missing months are not filled in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd

from dagster_project.analysis import read_columns
from dagster_project.analysis.lunar_new_year import make_regressors
from dagster_project.analysis.periods import MONTH, get_first_day
from dagster_project.analysis.series import (
    Floats,
    fetch_series,
    find_longest_stretch,
    get_periods,
    make_series,
    round_digits,
)
from dagster_project.errors import BilateralError
from dagster_project.files import read_csv
from dagster_project.project import Project

Monthly = TypeVar("Monthly", pd.Series, pd.DataFrame)

PERIOD = 12
# The number of years over which STL smooths the season, so that it can change slowly; STL needs an odd number.
SEASONAL = 13
# One inner and ten outer (robustness) iterations are enough (Cleveland and others).
INNER, OUTER = 1, 10
# Shorter series are not adjusted: their season would be a guess.
FEWEST_YEARS = 5
# Only the largest series are adjusted (about four milliseconds each) if a warehouse has all pairs of economies. The
# rest are small and mostly have gaps.
MOST_SERIES = 5_000
METHOD = "STL"
PARAMETERS = (
    f"robust, on logarithms, period {PERIOD}, seasonal {SEASONAL}, inner {INNER}, outer {OUTER}; "
    "Lunar New Year 10, 7 and 10 days before, in and after"
)

COLUMNS = read_columns("seasonally_adjusted")

_SERIES = f"""
    with series as (
        select reporter_code, partner_code, flow,
            row_number() over (order by sum(value_usd) desc, reporter_code, partner_code, flow) as place,
            bool_or(is_joint_month) as is_joint
        from core.goods_trade_monthly
        group by reporter_code, partner_code, flow
    )
    select reporter_code, partner_code, flow, list({MONTH} order by figures.period_start),
        list(figures.value_usd order by figures.period_start), any_value(series.is_joint)
    from series
    inner join core.goods_trade_monthly as figures using (reporter_code, partner_code, flow)
    where place <= $most
    group by reporter_code, partner_code, flow
    union all
    select reporter_code, partner_code, flow, null, null, is_joint
    from series
    where place > $most
    order by 1, 2, 3
"""


def adjust_series(logs: pd.Series, holiday: pd.DataFrame | None = None) -> pd.DataFrame:
    """Remove the season and a moving holiday from a series without gaps.

    Args:
        logs: Logarithms of the values, by month.
        holiday: Regressors of the holiday, one row per month; None to remove no holiday.

    Returns:
        For each month the logarithms of the `adjusted` series and of its `trend`, and the effects of the `seasonal`
        pattern and of the `holiday`. The effect of the holiday is zero in every month if the figures do not show it.
    """
    # Imported here because the import takes seconds.
    from statsmodels.tsa.seasonal import STL

    effect = np.zeros(len(logs)) if holiday is None else estimate_holiday_effect(logs, holiday).to_numpy()
    left = logs.to_numpy() - effect
    fit = STL(left, period=PERIOD, seasonal=SEASONAL, robust=True).fit(inner_iter=INNER, outer_iter=OUTER)
    return pd.DataFrame(
        {
            "adjusted": left - fit.seasonal,
            "trend": fit.trend,
            "seasonal": fit.seasonal,
            "holiday": effect,
        },
        index=logs.index,
    )


def estimate_holiday_effect(logs: pd.Series, holiday: pd.DataFrame) -> pd.Series:
    """Estimate a moving holiday's effect on each month's logarithm; return zeros if the figures do not show it.

    Deviations from the centred twelve-month mean are regressed on calendar months and the holiday. A first regression
    finds outliers (residuals of more than four times the median); the second leaves them out, so that one odd spring
    does not count as a pattern.
    """
    weights = np.r_[0.5, np.ones(PERIOD - 1), 0.5] / PERIOD
    half = PERIOD // 2
    deviation = logs.to_numpy()[half:-half] - np.convolve(logs, weights, mode="valid")
    seasons = np.eye(PERIOD)[get_periods(logs).month[half:-half] - 1]
    seasons = seasons[:, seasons.any(axis=0)]
    both = np.hstack([seasons, holiday[half:-half]])
    residual = deviation - both @ np.linalg.lstsq(both, deviation, rcond=None)[0]
    kept = np.abs(residual) <= 4 * np.median(np.abs(residual)) + 1e-12
    coefficients = np.linalg.lstsq(both[kept], deviation[kept], rcond=None)[0]
    seen = _compute_aicc(both[kept], deviation[kept]) < _compute_aicc(seasons[kept], deviation[kept])
    effect = holiday.to_numpy() @ coefficients[-holiday.shape[1] :] if seen else 0.0
    return pd.Series(effect, index=logs.index)


def _compute_aicc(regressors: Floats, values: Floats) -> float:
    """Compute Akaike's criterion for a regression, corrected for few observations (Hurvich and Tsai 1989)."""
    count, parameters = len(values), int(np.linalg.matrix_rank(regressors)) + 1
    residual = values - regressors @ np.linalg.lstsq(regressors, values, rcond=None)[0]
    fit = count * np.log(max(float(residual @ residual) / count, 1e-300))
    return float(fit + 2 * parameters + 2 * parameters * (parameters + 1) / max(count - parameters - 1, 1))


def join_new_year_months(found: Monthly) -> Monthly:
    """Replace each January and February by their mean; drop a February at the start or a January at the end."""
    months = get_periods(found).month
    if len(months):
        found = found.iloc[int(months[0] == 2) : len(months) - int(months[-1] == 1)]
    months = get_periods(found).month
    return found.groupby(get_periods(found).year * PERIOD + months.where(months > 2, 1)).transform("mean")


def make_adjusted_rows(
    reporter: str, partner: str, flow: str, values: pd.Series, new_years: Mapping[int, date] | None, *, joint: bool
) -> Iterator[list[Any]]:
    """Yield the rows of a series, in the order of `COLUMNS`: one per month, with a status if it is not adjusted.

    A series that is too short to be adjusted has one row without a month, with the status `too_few_years`.

    Args:
        reporter: The reporter.
        partner: The partner.
        flow: The flow.
        values: US$ by month, ascending; there may be gaps.
        new_years: Lunar New Year by year, if an economy of the pair celebrates it.
        joint: Whether January and February of some year were released together (`core.joint_months`); if so, they are
            joined in all years, to treat all years alike.
    """
    taken = find_longest_stretch(values[values > 0])
    if joint:
        taken = join_new_year_months(taken)
    if len(taken) < FEWEST_YEARS * PERIOD:
        yield make_unadjusted_row(reporter, partner, flow, "too_few_years", joint=joint)
        return
    holiday = make_regressors(new_years, get_periods(taken)) if new_years else None
    if holiday is not None and joint:
        holiday = join_new_year_months(holiday)
    found = adjust_series(np.log(taken), holiday)
    seen = "removed" if found["holiday"].any() else "not_kept" if new_years is None else "not_seen"
    logs, months = found.to_numpy(), get_periods(taken).asi8.tolist()
    figures = np.hstack([np.exp(logs[:, :2]), 100 * np.expm1(logs[:, 2:])]).tolist()
    adjusted = {month: [*map(round_digits, row), seen] for month, row in zip(months, figures, strict=True)}
    span = [get_first_day(months[0]), get_first_day(months[-1])]
    for month, value in zip(get_periods(values).asi8.tolist(), values.tolist(), strict=True):
        status = "adjusted" if month in adjusted else "outside_span" if value > 0 else "not_positive"
        row = [reporter, partner, flow, get_first_day(month), value, *adjusted.get(month, [None] * 5), status, *span]
        yield [*row, joint and month in adjusted and month % PERIOD < 2, METHOD, PARAMETERS]


def make_unadjusted_row(reporter: str, partner: str, flow: str, status: str, *, joint: bool) -> list[Any]:
    """Build the only row of a series that is not adjusted, with the status."""
    return [reporter, partner, flow, *[None] * 7, status, None, None, joint, METHOD, PARAMETERS]


def compute_rows(connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `seasonally_adjusted` for every month of every pair and flow."""
    kept = read_new_year_dates(project.reference / "lunar_new_year.csv")
    for reporter, partner, flow, months, values, joint in fetch_series(connection, _SERIES, most=MOST_SERIES):
        if months is None:
            yield make_unadjusted_row(reporter, partner, flow, "not_among_largest", joint=joint)
            continue
        new_years = kept.get(reporter) or kept.get(partner)
        yield from make_adjusted_rows(reporter, partner, flow, make_series(months, values, "M"), new_years, joint=joint)


def read_new_year_dates(path: Path) -> dict[str, dict[int, date]]:
    """Read the dates of Lunar New Year by economy and year, from `warehouse/reference/lunar_new_year.csv`.

    Raises:
        BilateralError: `read_csv` rejects the file, or a date is invalid or not from 21 January to 21 February.
    """
    columns = ("economy_code", "year", "new_year_date")
    header, rows = read_csv(path, columns)
    places = [header.index(name) for name in columns]
    found: dict[str, dict[int, date]] = defaultdict(dict)
    for number, row in enumerate(rows, start=2):
        economy, year, day = (row[place] for place in places)
        try:
            new_year = date.fromisoformat(day)
        except ValueError:
            new_year = date.min
        if not f"{year}-01-21" <= str(new_year) <= f"{year}-02-21":
            raise BilateralError(
                f"{path}, row {number}: {day!r} cannot be Lunar New Year of {year!r}.",
                remedy="Write a date as YYYY-MM-DD, from 21 January to 21 February of the year.",
            )
        found[economy][new_year.year] = new_year
    return dict(found)
