"""Seasonal adjustment of monthly trade: what a month is without the season and without Lunar New Year.

Here: the adjustment of one series, and the analysis that adjusts every pair. Not here: what changed and why (`breaks`,
`effects`).

The method is STL (Cleveland, Cleveland, McRae and Terpenning, "STL: a seasonal-trend decomposition procedure based on
loess", Journal of Official Statistics 6, 1990), robust, on logarithms, so that a season is a percentage. Before it, a
regression takes out Lunar New Year where an economy of the pair keeps it (`lunar_new_year`), if the corrected criterion
of Akaike says that the figures show it, as X-13ARIMA-SEATS decides. A series with gaps is adjusted over its longest
stretch without one; a month that is missing is not made up.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.analysis import Analysis
from dagster_project.analysis.lunar_new_year import regressors
from dagster_project.analysis.series import (
    each,
    fingerprint,
    first_day,
    longest_stretch,
    month_number,
    percent,
    rounded,
)
from dagster_project.project import Project

if TYPE_CHECKING:
    import duckdb

    from dagster_project.analysis.series import Floats, Integers
    from dagster_project.models import Model

PERIOD = 12
# Years that a season is smoothed over, so that it may change slowly; odd, as STL asks.
SEASONAL = 13
# Cleveland and others: one pass inside, ten outside for outliers, are enough.
INNER, OUTER = 1, 10
# A season that was seen fewer times is a guess.
FEWEST_YEARS = 5
# Of a warehouse with all pairs of economies the largest series are adjusted, some four milliseconds each; what is left
# is small, and mostly full of gaps.
MOST_SERIES = 5_000
METHOD = "STL"
PARAMETERS = (
    f"robust, on logarithms, period {PERIOD}, seasonal {SEASONAL}, inner {INNER}, outer {OUTER}; "
    "Lunar New Year 10, 7 and 10 days before, in and after"
)

COLUMNS = {
    "reporter_code": "varchar",
    "partner_code": "varchar",
    "flow": "varchar",
    "period_start": "date",
    "value_usd": "double",
    "adjusted_usd": "double",
    "trend_usd": "double",
    "seasonal_pct": "double",
    "holiday_pct": "double",
    "holiday": "varchar",
    "status": "varchar",
    "span_start": "date",
    "span_end": "date",
    "is_joint_month": "boolean",
    "method": "varchar",
    "parameters": "varchar",
}

_SERIES = """
    with series as (
        select reporter_code, partner_code, flow,
            row_number() over (order by sum(value_usd) desc, reporter_code, partner_code, flow) as place,
            bool_or(is_joint_month) as is_joint
        from core.goods_trade_monthly
        group by reporter_code, partner_code, flow
    )
    select reporter_code, partner_code, flow, list(figures.period_start order by figures.period_start),
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


@dataclass(frozen=True)
class Adjusted:
    """A series without season and holiday.

    Args:
        log_adjusted: The logarithm of the adjusted series.
        log_trend: The logarithm of its trend.
        log_seasonal: What the season adds to the logarithm.
        log_holiday: What the moving holiday adds to it; zeros if it was not taken out.
        has_holiday: Whether it was.
    """

    log_adjusted: Floats
    log_trend: Floats
    log_seasonal: Floats
    log_holiday: Floats
    has_holiday: bool


def adjust(logs: Floats, months: Integers, holiday: Floats | None = None) -> Adjusted:
    """Takes the season, and a moving holiday, out of a series without gaps.

    Args:
        logs: Logarithms of the values, a month each.
        months: The months, numbered, one after the other.
        holiday: Regressors of the holiday, a row a month; None if there is none to look for.
    """
    import numpy as np
    from statsmodels.tsa.seasonal import STL

    effect = np.zeros(len(logs)) if holiday is None else holiday_effect(logs, months, holiday)
    fit = STL(logs - effect, period=PERIOD, seasonal=SEASONAL, robust=True).fit(inner_iter=INNER, outer_iter=OUTER)
    return Adjusted(
        log_adjusted=logs - effect - fit.seasonal,
        log_trend=fit.trend,
        log_seasonal=fit.seasonal,
        log_holiday=effect,
        has_holiday=bool(effect.any()),
    )


def holiday_effect(logs: Floats, months: Integers, holiday: Floats) -> Floats:
    """What a moving holiday adds to each month's logarithm; zeros if the figures do not show it.

    Deviations from the centred twelve-month mean are regressed on calendar months and the holiday, without the months
    that a first such regression leaves far out (more than four times the median residual), so that one odd spring is
    not read as a habit.
    """
    import numpy as np

    weights = np.r_[0.5, np.ones(PERIOD - 1), 0.5] / PERIOD
    half = PERIOD // 2
    deviation = logs[half:-half] - np.convolve(logs, weights, mode="valid")
    seasons = np.eye(PERIOD)[months[half:-half] % PERIOD]
    seasons = seasons[:, seasons.any(axis=0)]
    both = np.hstack([seasons, holiday[half:-half]])
    residual = deviation - both @ np.linalg.lstsq(both, deviation, rcond=None)[0]
    kept = np.abs(residual) <= 4 * np.median(np.abs(residual)) + 1e-12
    coefficients = np.linalg.lstsq(both[kept], deviation[kept], rcond=None)[0]
    if _aicc(both[kept], deviation[kept]) >= _aicc(seasons[kept], deviation[kept]):
        return np.zeros(len(logs))
    effect: Floats = holiday @ coefficients[-holiday.shape[1] :]
    return effect


def _aicc(regressors: Floats, values: Floats) -> float:
    """The criterion of Akaike for a regression, corrected for few observations (Hurvich and Tsai 1989)."""
    import numpy as np

    count, parameters = len(values), int(np.linalg.matrix_rank(regressors)) + 1
    residual = values - regressors @ np.linalg.lstsq(regressors, values, rcond=None)[0]
    fit = count * np.log(max(float(residual @ residual) / count, 1e-300))
    return float(fit + 2 * parameters + 2 * parameters * (parameters + 1) / max(count - parameters - 1, 1))


def joined(values: Floats, months: Integers) -> tuple[Floats, Integers]:
    """Each January and February as half of both; a lone one at an end is left away.

    Args:
        values: The values of a stretch.
        months: Its months, numbered.
    """
    first = 1 if len(months) and months[0] % 12 == 1 else 0
    last = len(months) - (1 if len(months) and months[-1] % 12 == 0 else 0)
    values, months = values[first:last].copy(), months[first:last]
    for place in range(len(months) - 1):
        if months[place] % 12 == 0:
            values[place : place + 2] = values[place : place + 2].mean()
    return values, months


def adjusted_rows(
    reporter: str,
    partner: str,
    flow: str,
    values: Floats,
    months: Integers,
    new_years: Mapping[int, date] | None,
    *,
    joint: bool,
) -> Iterator[list[Any]]:
    """The rows of one series, in the order of `COLUMNS`: each month, adjusted or with the reason why not.

    A series that is too short to be adjusted has one row, without a month, that says so.

    Args:
        reporter: The reporter.
        partner: The partner.
        flow: The flow.
        values: US$, a month each.
        months: The months, numbered, ascending; there may be gaps.
        new_years: Lunar New Year by year, if an economy of the pair keeps it.
        joint: Whether January and February of some year were released together (`core.joint_months`); they are taken
            together in all years then, so that none differs.
    """
    import numpy as np

    positive = values > 0
    stretch = np.flatnonzero(positive)[longest_stretch(months[positive])]
    taken, span = values[stretch], months[stretch]
    if joint:
        taken, span = joined(taken, span)
    if len(span) < FEWEST_YEARS * PERIOD:
        yield unadjusted(reporter, partner, flow, "too_few_years", joint=joint)
        return
    holiday = regressors(new_years, span) if new_years else None
    if holiday is not None and joint:
        first = np.flatnonzero(span % 12 == 0)
        holiday[first] = holiday[first + 1] = (holiday[first] + holiday[first + 1]) / 2
    found = adjust(np.log(taken), span, holiday)
    seen = "removed" if found.has_holiday else "not_kept" if new_years is None else "not_seen"
    places = {int(month): place for place, month in enumerate(span)}
    for month, value in zip(months.tolist(), values.tolist(), strict=True):
        place = places.get(month)
        row = [reporter, partner, flow, first_day(month), value]
        if place is None:
            row += [None] * 4 + [None, "outside_span" if value > 0 else "not_positive"]
            row += [first_day(int(span[0])), first_day(int(span[-1]))]
        else:
            row += [
                rounded(float(np.exp(found.log_adjusted[place]))),
                rounded(float(np.exp(found.log_trend[place]))),
                rounded(percent(float(found.log_seasonal[place]))),
                rounded(percent(float(found.log_holiday[place]))),
                seen,
                "adjusted",
                first_day(int(span[0])),
                first_day(int(span[-1])),
            ]
        yield [*row, joint and place is not None and month % 12 < 2, METHOD, PARAMETERS]


def unadjusted(reporter: str, partner: str, flow: str, status: str, *, joint: bool) -> list[Any]:
    """The one row of a series that is not adjusted, and why."""
    told = {"reporter_code": reporter, "partner_code": partner, "flow": flow, "status": status}
    told |= {"method": METHOD, "parameters": PARAMETERS}
    return [joint if name == "is_joint_month" else told.get(name) for name in COLUMNS]


def _compute(dates: Path, connection: duckdb.DuckDBPyConnection, _models: Mapping[str, Model]) -> Iterator[list[Any]]:
    import numpy as np

    kept = new_year_dates(dates)
    for reporter, partner, flow, days, values, joint in each(connection, _SERIES, most=MOST_SERIES):
        if days is None:
            yield unadjusted(reporter, partner, flow, "not_among_largest", joint=joint)
            continue
        months = np.array([month_number(day) for day in days])
        new_years = kept.get(reporter) or kept.get(partner)
        yield from adjusted_rows(reporter, partner, flow, np.array(values), months, new_years, joint=joint)


def new_year_dates(path: Path) -> dict[str, dict[int, date]]:
    """Lunar New Year by economy and year, from `warehouse/reference/lunar_new_year.csv`."""
    found: dict[str, dict[int, date]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["economy_code"]][int(row["year"])] = date.fromisoformat(row["new_year_date"])
    return dict(found)


def declare(project: Project) -> Analysis:
    """The analysis `seasonally_adjusted`: every month of every pair and flow."""
    dates = project.reference / "lunar_new_year.csv"
    return Analysis(
        name="seasonally_adjusted",
        columns=COLUMNS,
        reads=frozenset({"core.goods_trade_monthly"}),
        compute=partial(_compute, dates),
        fingerprint=fingerprint(("series", "lunar_new_year", "seasonal"), ("numpy", "statsmodels"), dates),
    )
