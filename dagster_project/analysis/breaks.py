"""Breaks in trade: when a series left the line it was on.

Here: the search in one series, and the analysis that searches every pair, months of goods trade and years of the
balance. Not here: events beside a break, which the model in `sql/` lists and nobody calls a cause.

A series is cut where straight lines (months) or levels (years) fit it best, at a price for each cut: optimal
partitioning (Jackson and others, "An algorithm for optimal partitioning of data on an interval", IEEE Signal Processing
Letters 12, 2005), the optimum that PELT also looks for (Killick, Fearnhead and Eckley, "Optimal detection of
changepoints with a linear computational cost", JASA 107, 2012). A month resembles the month before, which a search for
breaks mistakes for many of them; so the search looks at what the month before does not say, as AR1Seg does (Chakar,
Lebarbier, Lévy-Leduc and Robin, "A robust approach for estimating change-points in the mean of an AR(1) process",
Bernoulli 23, 2017). The price is twice that of the criterion of Schwarz (BIC), since trade wanders more than AR(1)
allows.
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

# Of BIC's price of a cut: parameters of a new piece, and the place of the cut, each times the logarithm of the length.
PRICE = 2.0
METHOD = "optimal_partitioning"
# Months on either side that tell the slope of a line.
AROUND = 12
# The shortest piece: a year of months, three years of balances.
SHORTEST_MONTHS, SHORTEST_YEARS = 12, 3
# Shorter series are not searched.
FEWEST_MONTHS, FEWEST_YEARS = 60, 15

COLUMNS = read_columns("trade_breaks")


@dataclass(frozen=True)
class Break:
    """A place where a series left its line.

    Args:
        place: The first period after it.
        before: Where the line before leads at that period.
        after: Where the line after it starts.
        slope_before: Change in a period on the line before.
        slope_after: Change in a period on the line after.
        gain: How much worse the fit is without this cut, in multiples of its price; at least 1.
    """

    place: int
    before: float
    after: float
    slope_before: float
    slope_after: float
    gain: float


def find_breaks(series: pd.Series, *, shortest: int, lines: bool) -> list[Break]:
    """Find the cuts of a series that are worth their price.

    Args:
        series: The series, without gaps.
        shortest: Periods of the shortest piece.
        lines: Whether a piece is a straight line, and not a level.
    """
    values = series.to_numpy()
    memory = estimate_persistence(values, lines=lines)
    # What the period before does not say; the first one has none before it.
    news = values[1:] - memory * values[:-1]
    costs = _compute_costs(news, lines=lines)
    price = PRICE * (3 if lines else 2) * math.log(len(news)) * _estimate_variance(news, lines=lines)
    if price <= 0:
        return []
    cuts = [0, *_find_cuts(costs, price, shortest)]
    found = []
    for start, cut, end in zip(cuts, cuts[1:], cuts[2:], strict=False):
        worse = costs[start, end] - costs[start, cut] - costs[cut, end]
        # A period of the news is one later in the series.
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
    """Estimate what part of a deviation the next period keeps, from 0 to 0.95.

    By medians of differences over one and two periods (Chakar and others 2017), which breaks hardly touch.
    """
    one = float(np.median(np.abs(_difference_values(values, 1, lines=lines))))
    two = float(np.median(np.abs(_difference_values(values, 2, lines=lines))))
    return min(max(two**2 / one**2 - 1, 0.0), 0.95) if one > 0 else 0.0


def _estimate_variance(news: Floats, *, lines: bool) -> float:
    """Estimate the variance around an unknown line, by the median deviation of differences."""
    steps = _difference_values(news, 1, lines=lines)
    return float((1.4826 * np.median(np.abs(steps - np.median(steps)))) ** 2 / 2)


def _difference_values(values: Floats, lag: int, *, lines: bool) -> Floats:
    """Return differences over `lag` periods, less the slope of their line, as a year on either side has it.

    Growth is no memory: on a rising line every value resembles the one before.
    """
    steps: Floats = values[lag:] - values[:-lag]
    if not lines:
        return steps
    places = np.arange(len(steps))
    first, last = np.maximum(places - AROUND, 0), np.minimum(places + lag + AROUND, len(values) - 1)
    around: Floats = steps - lag * (values[last] - values[first]) / (last - first)
    return around


def _compute_costs(values: Floats, *, lines: bool) -> Floats:
    """Compute the squared deviations of each piece [start, end) from its line or level, by cumulative sums."""
    time = np.arange(len(values)) - len(values) / 2

    def between(terms: Floats) -> Floats:
        sums = np.concatenate([[0.0], np.cumsum(terms)])
        pieces: Floats = sums[None, :] - sums[:, None]
        return pieces

    centred = values - values.mean()
    count = between(np.ones(len(values)))
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = between(centred**2) - between(centred) ** 2 / count
        if lines:
            across = between(time**2) - between(time) ** 2 / count
            along = between(time * centred) - between(time) * between(centred) / count
            cost = cost - along**2 / across
    costs: Floats = np.where(count > (2 if lines else 1), np.maximum(cost, 0.0), 0.0)
    return costs


def _find_cuts(costs: Floats, price: float, shortest: int) -> list[int]:
    """Return the ends of the cheapest pieces; the last is the end of the series.

    Every earlier cut is tried for every later one. PELT leaves out those that cannot win, but `ruptures` 1.1 also
    leaves out some that could where pieces have a shortest length; with all costs at hand there is no need to.
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
    """Return the value at which the line of a piece starts, and its change in a period."""
    if not lines or len(values) < 2:
        return float(values.mean()), 0.0
    slope, start = np.polyfit(np.arange(len(values)), values, 1)
    return float(start), float(slope)


def _get_first_day(values: pd.Series, place: int) -> date:
    """Return the first day of a period of a series."""
    return get_periods(values)[place].start_time.date()


def _make_rows(key: tuple[str, str, str], frequency: str, values: pd.Series, fewest: int) -> Iterator[list[Any]]:
    """Yield the rows of a series, in the order of `COLUMNS`; a series without a break has one row that says so."""
    monthly = frequency == "M"
    shortest = SHORTEST_MONTHS if monthly else SHORTEST_YEARS
    closing = [
        *([_get_first_day(values, 0), _get_first_day(values, -1)] if len(values) else [None, None]),
        METHOD,
        f"{'lines' if monthly else 'levels'}, price {PRICE:g} times BIC, pieces of {shortest} or more, AR(1) taken out",
    ]
    if len(values) < fewest:
        unit = "months" if monthly else "years"
        reason = f"{len(values)} {unit} without a gap; {fewest} are needed."
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
    """Yield the rows of `trade_breaks`: every break of every series, and a row for a series without one."""
    for flow in ("exports", "imports"):
        for reporter, partner, months, values in fetch_series(
            connection,
            f"select reporter_code, partner_code, list({MONTH} order by period_start) "
            f"filter (where {flow}_adjusted_usd is not null), "
            f"list({flow}_adjusted_usd order by period_start) filter (where {flow}_adjusted_usd is not null) "
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
