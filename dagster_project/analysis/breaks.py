"""Find breaks in trade: the periods from which a series follows another straight line or level.

Here: the search in one series, and in the monthly goods trade and annual balance of every pair. Not here: the events
near a break, which the model in `sql/` lists without calling them causes.

Monthly series are cut into straight lines, annual ones into levels. Every cut has a price, and the cuts with the lowest
sum of misfit and price are chosen: optimal partitioning (Jackson and others, "An algorithm for optimal partitioning of
data on an interval", IEEE Signal Processing Letters 12, 2005). PELT looks for the same optimum (Killick, Fearnhead and
Eckley, "Optimal detection of changepoints with a linear computational cost", JASA 107, 2012). Each month resembles the
month before (autocorrelation), which would look like many breaks. So the search uses the AR(1) residuals, as AR1Seg
does (Chakar, Lebarbier, Lévy-Leduc and Robin, "A robust approach for estimating change-points in the mean of an AR(1)
process", Bernoulli 23, 2017). The price of a cut is twice the price in Schwarz's criterion (BIC), because trade wanders
more than an AR(1) process.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from dagster_project.analysis import read_columns
from dagster_project.analysis.periods import MONTH, YEAR
from dagster_project.analysis.series import (
    Floats,
    fetch_series,
    find_longest_stretch,
    get_periods,
    make_series,
    round_digits,
    to_percent,
)
from dagster_project.project import Project

# A multiple of BIC's price of a cut: (parameters of a new piece + 1 for the place of the cut) × log of the length.
PRICE = 2.0
METHOD = "optimal_partitioning"
# The slope of a line at a month is estimated from this many months on either side.
AROUND = 12
# The shortest piece: 12 months, or three years of annual balances.
SHORTEST_MONTHS, SHORTEST_YEARS = 12, 3
# Shorter series are not searched.
FEWEST_MONTHS, FEWEST_YEARS = 60, 15

COLUMNS = read_columns("trade_breaks")


@dataclass(frozen=True)
class Break:
    """A period from which a series follows another line or level.

    Args:
        place: The index of the first period after the break.
        before: The value of the earlier line, extended to the period `place`.
        after: The value of the later line in the period `place`.
        slope_before: The change per period on the earlier line.
        slope_after: The change per period on the later line.
        gain: The loss of fit without this cut, in multiples of the price of a cut; at least 1.
    """

    place: int
    before: float
    after: float
    slope_before: float
    slope_after: float
    gain: float


def find_breaks(series: pd.Series, *, shortest: int, lines: bool) -> list[Break]:
    """Find the breaks of a series without gaps: the cuts whose gain in fit exceeds their price.

    The pieces between breaks are straight lines, or levels if `lines` is false, of at least `shortest` periods.
    """
    values = series.to_numpy()
    memory = estimate_persistence(values, lines=lines)
    # The AR(1) residuals: the part of each value that the period before does not predict. The first period has none.
    news = values[1:] - memory * values[:-1]
    costs = _compute_costs(news, lines=lines)
    price = PRICE * (3 if lines else 2) * math.log(len(news)) * _estimate_variance(news, lines=lines)
    if price <= 0:
        return []
    cuts = [0, *_find_cuts(costs, price, shortest)]
    found = []
    for start, cut, end in zip(cuts, cuts[1:], cuts[2:], strict=False):
        worse = costs[start, end] - costs[start, cut] - costs[cut, end]
        # The residuals start one period later than the series.
        place, first = cut + 1, start + 1 if start else 0
        before, slope_before = _fit_line(values[first:place], lines=lines)
        after, slope_after = _fit_line(values[place : end + 1], lines=lines)
        found.append(
            Break(
                place=place,
                before=before + slope_before * (place - first),
                after=after,
                slope_before=slope_before,
                slope_after=slope_after,
                gain=float(worse / price),
            )
        )
    return found


def estimate_persistence(values: Floats, *, lines: bool) -> float:
    """Estimate the share of a deviation that persists into the next period, from 0 to 0.95 (the AR(1) coefficient).

    The method (Chakar and others 2017) uses medians of differences, because breaks hardly affect them.
    """
    one = float(np.median(np.abs(_difference_values(values, 1, lines=lines))))
    two = float(np.median(np.abs(_difference_values(values, 2, lines=lines))))
    return min(max(two**2 / one**2 - 1, 0.0), 0.95) if one > 0 else 0.0


def _estimate_variance(news: Floats, *, lines: bool) -> float:
    """Estimate the variance of `news` (residuals) around a line, by the median absolute deviation of differences."""
    steps = _difference_values(news, 1, lines=lines)
    return float((1.4826 * np.median(np.abs(steps - np.median(steps)))) ** 2 / 2)


def _difference_values(values: Floats, lag: int, *, lines: bool) -> Floats:
    """Return the differences between values that are `lag` periods apart.

    With `lines`, subtract the mean change of nearby periods (`AROUND`); else steady growth would look like persistence.
    """
    steps: Floats = values[lag:] - values[:-lag]
    if not lines:
        return steps
    places = np.arange(len(steps))
    first, last = np.maximum(places - AROUND, 0), np.minimum(places + lag + AROUND, len(values) - 1)
    around: Floats = steps - lag * (values[last] - values[first]) / (last - first)
    return around


def _compute_costs(values: Floats, *, lines: bool) -> Floats:
    """Compute for each piece [start, end) the sum of squared deviations from its line or level, by cumulative sums."""
    time = np.arange(len(values)) - len(values) / 2

    def sum_between(terms: Floats) -> Floats:
        sums = np.concatenate([[0.0], np.cumsum(terms)])
        pieces: Floats = sums[None, :] - sums[:, None]
        return pieces

    centred = values - values.mean()
    count = sum_between(np.ones(len(values)))
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = sum_between(centred**2) - sum_between(centred) ** 2 / count
        if lines:
            across = sum_between(time**2) - sum_between(time) ** 2 / count
            along = sum_between(time * centred) - sum_between(time) * sum_between(centred) / count
            cost = cost - along**2 / across
    costs: Floats = np.where(count > (2 if lines else 1), np.maximum(cost, 0.0), 0.0)
    return costs


def _find_cuts(costs: Floats, price: float, shortest: int) -> list[int]:
    """Return the ends of the pieces with the lowest total cost; the last piece ends with the series.

    For each end, every possible start is tried. PELT skips some starts, but its implementation in `ruptures` 1.1 skips
    too many if pieces have a minimum length. Skipping would save little, because all costs are already computed.
    """
    count = len(costs) - 1
    cheapest, came_from = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=int)
    cheapest[0] = -price
    for end in range(shortest, count + 1):
        totals = cheapest[: end - shortest + 1] + costs[: end - shortest + 1, end] + price
        came_from[end] = int(np.argmin(totals))
        cheapest[end] = totals[came_from[end]]
    ends, end = [], count
    while end > 0:
        ends.append(end)
        end = int(came_from[end])
    return ends[::-1]


def _fit_line(values: Floats, *, lines: bool) -> tuple[float, float]:
    """Fit the line of a piece; return its first value and its change per period."""
    if not lines or len(values) < 2:
        return float(values.mean()), 0.0
    slope, start = np.polyfit(np.arange(len(values)), values, 1)
    return float(start), float(slope)


def _get_first_day(values: pd.Series, place: int) -> date:
    """Return the first day of a period of a series."""
    return get_periods(values)[place].start_time.date()


def _make_rows(key: tuple[str, str, str], frequency: str, values: pd.Series, fewest: int) -> Iterator[list[Any]]:
    """Yield the rows of a series, with the columns `COLUMNS`: one row per break, or one row that reports no break."""
    monthly = frequency == "M"
    shortest = SHORTEST_MONTHS if monthly else SHORTEST_YEARS
    closing = [
        *([_get_first_day(values, 0), _get_first_day(values, -1)] if len(values) else [None, None]),
        METHOD,
        f"{'lines' if monthly else 'levels'}, price {PRICE:g} times BIC, pieces of {shortest} or more, AR(1) taken out",
    ]
    if len(values) < fewest:
        unit = "months" if monthly else "years"
        reason = f"The longest stretch without a gap has {len(values)} {unit}; {fewest} are needed."
        yield [*key, frequency, 0, *[None] * 9, "too_short", reason, *closing]
        return
    found = find_breaks(values, shortest=shortest, lines=monthly)
    if not found:
        yield [*key, frequency, 0, *[None] * 8, 0, "none_found", None, *closing]
    for number, cut in enumerate(found, start=1):
        level = math.exp if monthly else float
        figures: list[float | None] = [level(cut.before), level(cut.after), level(cut.after) - level(cut.before)]
        growth = (cut.after - cut.before, 12 * cut.slope_before, 12 * cut.slope_after)
        figures += map(to_percent, growth) if monthly else [None] * 3
        gain = round_digits(cut.gain, 3)
        yield [
            *key,
            frequency,
            number,
            _get_first_day(values, cut.place),
            *map(round_digits, figures),
            gain,
            len(found),
            "found",
            None,
            *closing,
        ]


def compute_rows(connection: duckdb.DuckDBPyConnection, _project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `trade_breaks` for the flows and the annual balance of every pair."""
    for flow in ("exports", "imports"):
        for reporter, partner, months, values in fetch_series(
            connection,
            f"select reporter_code, partner_code, list({MONTH} order by period_start) "
            f"filter (where {flow}_stl_usd is not null), "
            f"list({flow}_stl_usd order by period_start) filter (where {flow}_stl_usd is not null) "
            f"from marts.trade_balance_monthly_adjusted where {flow}_usd is not null "
            "group by reporter_code, partner_code order by reporter_code, partner_code",
        ):
            yield from _make_rows(
                (reporter, partner, flow), "M", np.log(make_series(months, values, "M")), FEWEST_MONTHS
            )
    for reporter, partner, years, shares in fetch_series(
        connection,
        f"select reporter_code, partner_code, list({YEAR} order by year), "
        "list(100 * balance_usd / (exports_usd + imports_usd) order by year) "
        "from marts.trade_balance_annual where is_complete and exports_usd + imports_usd > 0 "
        "group by reporter_code, partner_code order by reporter_code, partner_code",
    ):
        share = find_longest_stretch(make_series(years, shares, "A"))
        yield from _make_rows((reporter, partner, "balance_share"), "A", share, FEWEST_YEARS)
