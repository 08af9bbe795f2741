"""Adjust monthly trade for the season, working days and moving holidays.

Here: the adjustment of one series, the tests of the result, and the analysis that adjusts every pair. Not here: running
X-13ARIMA-SEATS (`x13`), the calendar (`calendars`), changes and their causes (`breaks`, `effects`).

A series with a stored model (`seasonal_models.csv`) is adjusted by X-13ARIMA-SEATS. All other series, and those that
X-13 refuses, are adjusted by robust STL (Cleveland, Cleveland, McRae and Terpenning, "STL: a seasonal-trend
decomposition procedure based on loess", Journal of Official Statistics 6, 1990). STL adjusts logarithms, so a seasonal
effect is a percentage. Before STL, a regression removes the effect of Lunar New Year, if an economy of the pair
celebrates it and the corrected Akaike criterion (AICc) favours the removal. A series with gaps is adjusted over its
longest stretch without a gap; missing months are not filled in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import islice
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from dagster_project.analysis import load_analyses, read_columns, read_kept_rows
from dagster_project.analysis.calendars import GROUPS, WEEKDAYS, Calendars, read_calendars
from dagster_project.analysis.periods import MONTH, get_first_day
from dagster_project.analysis.series import (
    PERIOD,
    SERIES_AT_ONCE,
    Floats,
    fetch_series,
    find_longest_stretch,
    get_periods,
    join_new_year_months,
    make_series,
    round_digits,
)
from dagster_project.analysis.x13 import MONTHS_AHEAD, SMALLEST, Model, X13RefusedError, read_models, run_x13
from dagster_project.project import Project

# The number of years over which STL smooths the season, so that it can change slowly; STL needs an odd number.
SEASONAL = 13
# One inner and ten outer (robustness) iterations are enough (Cleveland and others).
INNER, OUTER = 1, 10
# Shorter series are not adjusted: their season would be a guess.
FEWEST_YEARS = 5
# A warehouse with all pairs of economies adjusts only its largest series (about four milliseconds each); the others are
# small and mostly have gaps.
MOST_SERIES = 5_000
PARAMETERS = (
    f"robust, on logarithms, period {PERIOD}, seasonal {SEASONAL}, inner {INNER}, outer {OUTER}; "
    "Lunar New Year 10, 7 and 10 days before, in and after"
)
# A season with a larger M7 cannot be told from noise (Lothian and Morry 1978), and the adjusted series is withheld.
LARGEST_M7 = 1.0
# `largest_revision_pct` looks at this many months before the last one.
REVISED_MONTHS = 36
FIGURES = ("adjusted", "trend", "seasonal", "holiday", "working_days", "stl")
# The regressors tested for a remaining effect in adjusted months, each with the column of its t value.
TESTED = {"working_days": "working_days_t", "new_year_days": "new_year_t", "chuseok": "chuseok_t"}
TESTS = ("m7", "q", "trading_days_p", "working_days_t", "new_year_t", "chuseok_t", "largest_revision_pct")

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


def adjust_by_stl(logs: pd.Series, holiday: pd.DataFrame | None = None) -> pd.DataFrame:
    """Remove by STL the season, and a moving holiday given by its regressors, from the logarithms of a series.

    The series must have no gaps. The columns of the result are the logarithms of the `adjusted` series and of its
    `trend`, and the effects of the `seasonal` pattern and of the `holiday` (zero if the figures do not show it).
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

    Deviations from the centred twelve-month mean are regressed on calendar months and the holiday, twice: the second
    time without the outliers of the first (residuals of more than four times their median size).
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


def adjust_by_x13(values: pd.Series, regressors: pd.DataFrame, model: Model) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Adjust a series by X-13; return logarithms, quality measures (m7, q), and the largest revision by a new month."""
    months, found = run_x13(values, regressors, model)
    # Months released together are added together.
    added = 2 if values.iloc[-1] == values.iloc[-2] else 1
    before, _ = run_x13(values[:-added], regressors[:-added], model)
    revised = (before["adjusted"] / months["adjusted"][:-added] - 1).abs()[-REVISED_MONTHS:]
    facts = {name: float(found[fact]) for name, fact in (("m7", "f3.m07"), ("q", "f3.q"))}
    return months.transform(np.log), facts | {"largest_revision_pct": 100 * float(revised.max())}


def check_calendar(logs: pd.Series, regressors: pd.DataFrame) -> dict[str, float | None]:
    """Test whether effects of weekdays, working days and holidays remain in adjusted months.

    One regression explains monthly changes by changes in the numbers of six weekdays; the result has the p-value of its
    joint F test. Another explains them by changes in working days and holidays; the result has the t value of each.
    """
    from scipy.special import fdtrc

    changes, days = logs.diff()[1:].to_numpy(), regressors.loc[logs.index].diff()[1:]
    count, one = len(changes), np.ones((len(changes), 1))

    def sum_squared_residuals(columns: Floats) -> float:
        return float(np.sum((changes - columns @ np.linalg.lstsq(columns, changes, rcond=None)[0]) ** 2))

    free = count - len(WEEKDAYS) - 1
    rest = sum_squared_residuals(np.hstack([one, days[list(WEEKDAYS)]]))
    found: dict[str, float | None] = {}
    found["trading_days_p"] = float(
        fdtrc(len(WEEKDAYS), free, (sum_squared_residuals(one) - rest) / len(WEEKDAYS) / rest * free)
    )
    names = [name for name in TESTED if name in days and days[name].abs().max() > SMALLEST]
    columns = np.hstack([one, days[names]])
    if names and np.isfinite(columns).all():
        inverse = np.linalg.pinv(columns.T @ columns)
        spread = np.sqrt(np.diag(inverse) * sum_squared_residuals(columns) / (count - len(names) - 1))
        ratios = (inverse @ columns.T @ changes / spread)[1:]
        found |= {TESTED[name]: float(ratio) for name, ratio in zip(names, ratios, strict=True)}
    return found


def prepare_series(
    reporter: str, partner: str, values: pd.Series, calendars: Calendars, *, joint: bool
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the part of a series that can be adjusted, and the calendar's regressors up to a year beyond it.

    Both are empty if the series is too short. With `joint`, each January and February are replaced by their mean.
    """
    taken = find_longest_stretch(values[values > 0])
    if joint:
        taken = join_new_year_months(taken)
    if len(taken) < FEWEST_YEARS * PERIOD:
        return taken[:0], pd.DataFrame()
    months = get_periods(taken)
    regressors = calendars.make_regressors(reporter, partner, pd.period_range(months[0], months[-1] + MONTHS_AHEAD))
    return taken, join_new_year_months(regressors) if joint else regressors


def make_adjusted_rows(
    key: tuple[str, str, str], values: pd.Series, calendars: Calendars, model: Model | None, *, joint: bool
) -> Iterator[list[Any]]:
    """Yield the rows of a series, except `input_hash`: one per month, with the reason if the month is not adjusted.

    A series that is too short to be adjusted has one row without a month, with the status `too_few_years`.

    Args:
        key: The reporter, the partner and the flow.
        values: US$ by month, ascending; there may be gaps.
        calendars: Holidays and working days by economy.
        model: The stored model for X-13; None to adjust by STL.
        joint: Whether to join January and February in all years, because some were released together.
    """
    taken, regressors = prepare_series(*key[:2], values, calendars, joint=joint)
    if taken.empty:
        yield make_unadjusted_row(key, "too_few_years", joint=joint)
        return
    stretch = get_periods(taken)
    new_year = [name for name in GROUPS["new_year"] if name in regressors]
    found = adjust_by_stl(np.log(taken), regressors.loc[stretch, new_year] if new_year else None)
    found["stl"], found["working_days"] = found["adjusted"], 0.0
    method, parameters, tests, status = "STL", PARAMETERS, dict[str, Any](), "adjusted"
    if model is not None:
        try:
            adjusted_by_x13, tests = adjust_by_x13(taken, regressors, model)
        except X13RefusedError as refused:
            parameters = f"{PARAMETERS}; X-13 did not adjust it: {refused}"
        else:
            found, method, parameters = adjusted_by_x13.assign(stl=found["stl"]), "X-13", str(model)
            status = "adjusted" if tests["m7"] <= LARGEST_M7 else "weak_season"
    tests |= check_calendar(found["adjusted"], regressors)
    seen = "removed" if found["holiday"].any() else "not_seen" if new_year else "not_kept"
    found = found[list(FIGURES)]
    if status != "adjusted":
        found.loc[:, list(FIGURES[:-1])] = np.nan
    logs, months = found.to_numpy(), stretch.asi8.tolist()
    figures = np.hstack([np.exp(logs[:, :2]), 100 * np.expm1(logs[:, 2:5]), np.exp(logs[:, 5:])]).tolist()
    adjusted = {month: [*map(round_digits, row), seen] for month, row in zip(months, figures, strict=True)}
    span = [get_first_day(months[0]), get_first_day(months[-1])]
    results = [method, parameters, *(round_digits(tests.get(name), 4) for name in TESTS)]
    for month, value in zip(get_periods(values).asi8.tolist(), values.tolist(), strict=True):
        state = status if month in adjusted else "outside_span" if value > 0 else "not_positive"
        row = [*key, get_first_day(month), value, *adjusted.get(month, [None] * 7), state, *span]
        yield [*row, joint and month in adjusted and month % PERIOD < 2, *results]


def make_unadjusted_row(key: tuple[str, str, str], status: str, *, joint: bool) -> list[Any]:
    """Build the only row of a series that is not adjusted; the row has the status, but not `input_hash`."""
    return [*key, *[None] * 9, status, None, None, joint, "STL", PARAMETERS, *[None] * len(TESTS)]


def compute_rows(connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `seasonally_adjusted` for every month of every pair and flow.

    Series that have not changed since an earlier build are not adjusted again.
    """
    calendars, models = read_calendars(project.reference), read_models(project.reference / "seasonal_models.csv")
    code = load_analyses(project)["seasonally_adjusted"].fingerprint
    every = fetch_series(connection, _SERIES, most=MOST_SERIES)
    while some := list(islice(every, SERIES_AT_ONCE)):
        hashes = [hashlib.sha256(repr((code, *series)).encode()).hexdigest()[:16] for series in some]
        kept = read_kept_rows(connection, project, "seasonally_adjusted", hashes)
        for (*names, months, values, joint), held in zip(some, hashes, strict=True):
            key = (*names,)
            if held in kept:
                yield from kept[held]
            elif months is None:
                yield [*make_unadjusted_row(key, "not_among_largest", joint=joint), held]
            else:
                series = make_series(months, values, "M")
                rows = make_adjusted_rows(key, series, calendars, models.get(key), joint=joint)
                yield from ([*row, held] for row in rows)
