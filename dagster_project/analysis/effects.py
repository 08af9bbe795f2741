"""Estimators of an event's effect on a series, with tests by placebos.

Here: changes between the same seasons, three estimators, the test by placebos and its power, many tests at once. Not
here: which event is asked about which series, and when no answer is given (`estimates`).

Values are logarithms; an effect is a difference of logarithms until it is published in per cent. An estimate is an
effect only if the series would have moved as those like it did, which no interval speaks of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.analysis.series import Floats

Weighted = Callable[[Floats, Floats], float]
Method = Literal["difference_in_differences", "synthetic_control", "synthetic_did"]

# How often a test is wrong where nothing happened, at most: one level for all.
LEVEL = 0.10
# Of a season's months, so many must have both ends; of the years of a yearly series all must.
FEWEST_MONTHS = 10
# An effect is a difference from the mean of so many others at least, also when one is left out.
FEWEST_DONORS = 3
# Earlier effects that tell what is usual for a series, at least and at most: of overlapping months, and of years.
EARLIER = {"M": (24, 72), "A": (8, 20)}
# Falls whose chance to be found is stated; the chance of the last from which finding none tells something, by custom.
PLANTED = (0.05, 0.10, 0.20)
ENOUGH_POWER = 0.80


@dataclass(frozen=True)
class Design:
    """What is compared with what.

    Args:
        method: The estimator.
        window: Periods after the event.
        base: Periods before it whose seasons they are held against.
    """

    method: Method
    window: int
    base: int


def count_seasons(frequency: str) -> int:
    """Return the periods in a year."""
    return 12 if frequency == "M" else 1


def compute_changes(logs: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Compute the mean change of a design's window from its base, for each period as the first after an event.

    A month is held against the mean of the same month in the base years, so no season is left in a change.

    Args:
        logs: A row a period without a gap in the index, a column a series; NaN where a figure is missing.
        design: Its window and base, which is whole years.

    Returns:
        The same rows and columns; NaN where too few months have both ends.
    """
    season = 12 if isinstance(logs.index, pd.PeriodIndex) and logs.index.freqstr == "M" else 1
    padded = logs.reindex(pd.period_range(logs.index[0], periods=len(logs) + design.window))
    count, parts = len(logs), []
    for year in range(math.ceil(design.window / season)):
        # Period p of this year after the event, less the mean of the base years' same season.
        earlier = [padded.shift(season * (year + back)) for back in range(1, design.base // season + 1)]
        differences = padded.to_numpy() - np.mean(earlier, axis=0)
        length = min(design.window, season)
        fewest = length - (season - FEWEST_MONTHS) * length // season if season > 1 else 1
        views = np.lib.stride_tricks.sliding_window_view(differences, length, axis=0)
        held = (~np.isnan(views)).sum(axis=2)
        means = np.nansum(views, axis=2) / np.maximum(held, 1)
        means[held < fewest] = np.nan
        start = season * year
        kept = means[start : start + count]
        parts.append(np.vstack([kept, np.full((count - len(kept), kept.shape[1]), np.nan)]))
    return pd.DataFrame(np.mean(parts, axis=0), index=logs.index, columns=logs.columns)


def subtract_donors(changed: Floats, donors: NDArray[np.bool_]) -> Floats:
    """Subtract from each change the mean of its donors' changes: difference in differences with equal weights.

    Args:
        changed: A row a period, a column a series.
        donors: A row a series, a column a donor of it.
    """
    held = ~np.isnan(changed)
    weights = donors.T.astype(float)
    count = held @ weights
    means = (np.where(held, changed, 0.0) @ weights) / np.maximum(count, 1)
    return np.where(count >= FEWEST_DONORS, changed - means, np.nan)


@dataclass(frozen=True)
class Test:
    """One estimate among its placebos.

    Args:
        change: The estimate.
        scale: What is usual for the series: the root mean square of its earlier effects, when nothing happened.
        rank: The series' place among itself and its placebos, each in units of what is usual for it, 1 the farthest
            from zero; what is equal counts against it.
        placebos: How many others there are.
        critical: How many times the usual an effect must be to be significant; infinite with too few placebos.
    """

    change: float
    scale: float
    rank: int
    placebos: int
    critical: float

    @property
    def attainable(self) -> float:
        """The level that the test has: the largest up to `LEVEL` that so many placebos allow, or the least there is."""
        return max(get_last_significant_rank(self.placebos), 1) / (self.placebos + 1)

    @property
    def is_significant(self) -> bool:
        """Return whether it is significant."""
        return self.rank <= get_last_significant_rank(self.placebos)

    @property
    def conclusion(self) -> str:
        if not get_last_significant_rank(self.placebos):
            return "untestable"
        return ("rise" if self.change > 0 else "fall") if self.is_significant else "none"


def get_last_significant_rank(placebos: int) -> int:
    """Return the last rank that is significant among so many placebos."""
    return math.floor(LEVEL * (placebos + 1) + 1e-9)


@dataclass(frozen=True)
class Placebos:
    """The effects of all series in all periods, of which the first series in one period is asked about.

    Args:
        effects: A row a period, a column a series, the treated one first.
        quiet: Where no event was known to be.
        place: The row that is asked about.
        window: Periods of a window.
        bounds: Earlier effects that a series needs, and the most that count.
    """

    effects: Floats
    quiet: NDArray[np.bool_]
    place: int
    window: int
    bounds: tuple[int, int]

    def select_earlier(self) -> Floats:
        """Return the effects of quiet periods whose windows were over; NaN elsewhere."""
        over = max(self.place - self.window + 1, 0)
        usable = np.where(self.quiet[:over], self.effects[:over], np.nan)
        usable[: max(over - self.bounds[1], 0)] = np.nan
        return usable

    def compute_scales(self) -> Floats:
        """Compute the usual size of each series' effects; NaN without enough earlier effects."""
        earlier = self.select_earlier()
        count = (~np.isnan(earlier)).sum(axis=0)
        squares = np.nansum(earlier**2, axis=0) / np.maximum(count, 1)
        return np.where((count >= self.bounds[0]) & (squares > 0), np.sqrt(squares), np.nan)

    def run_test(self, place: int | None = None, scales: Floats | None = None) -> Test | None:
        """Test the effect at a period; return None if the series has no effect or no scale there."""
        scales = self.compute_scales() if scales is None else scales
        row = self.effects[self.place if place is None else place]
        usual = np.abs(row / scales)
        if np.isnan(usual[0]):
            return None
        others = np.sort(usual[1:][~np.isnan(usual[1:])])[::-1]
        last = get_last_significant_rank(len(others))
        return Test(
            change=float(row[0]),
            scale=float(scales[0]),
            rank=1 + int((others >= usual[0]).sum()),
            placebos=len(others),
            critical=float(others[last - 1]) if last else math.inf,
        )

    def rank_in_time(self) -> tuple[int, int]:
        """Return the effect's rank among those one, two and more windows before it, and the count of these."""
        own = self.select_earlier()[:, 0]
        before = np.abs(own[self.place % self.window :: self.window])
        before = before[~np.isnan(before)]
        return 1 + int((before >= abs(self.effects[self.place, 0])).sum()), len(before)


@dataclass(frozen=True)
class Finding:
    """The test with all donors, and what becomes of it.

    Args:
        test: With all donors.
        before: The same test one window earlier, which should tell nothing from zero; None if it is not held.
        without: The tests without each donor, by its column.
        in_time: The rank among its own earlier effects, and how many.
        earlier: How many earlier effects tell what is usual.
        power: The chance that falls of `PLANTED` would be estimated and found significant.
    """

    test: Test
    before: Test | None
    without: dict[int, Test]
    in_time: tuple[int, int]
    earlier: int
    power: tuple[float, ...] = field(default=())

    @property
    def conclusion(self) -> str | None:
        """Return what every version of the test concludes, or None; of little power it is uninformative."""
        conclusions = {self.test.conclusion, *(test.conclusion for test in self.without.values())}
        if conclusions == {"none"} and not self.power[-1] >= ENOUGH_POWER:
            return "uninformative"
        return conclusions.pop() if len(conclusions) == 1 else None


def find_effect(
    changed: Floats,
    donors: NDArray[np.bool_],
    quiet: NDArray[np.bool_],
    place: int,
    window: int,
    bounds: tuple[int, int],
) -> Finding | None:
    """Find the effect on the first series at a period, with everything that it is judged by.

    Args:
        changed: Changes, a row a period and a column a series, the treated one first.
        donors: A row a series, a column a donor of it; the treated one is no donor.
        quiet: Where no event was known to be, like `changed`.
        place: The period's row.
        window: Periods of a window.
        bounds: Earlier effects that a series needs, and the most that count.
    """
    left_out = np.flatnonzero(donors[0]).tolist()
    cases = [Placebos(subtract_donors(changed, donors), quiet, place, window, bounds)]
    for column in left_out:
        kept = donors.copy()
        kept[:, column] = False
        cases.append(Placebos(subtract_donors(changed, kept), quiet, place, window, bounds))
    scales = [case.compute_scales() for case in cases]
    tests = [
        test for case, scale in zip(cases, scales, strict=True) if (test := case.run_test(None, scale)) is not None
    ]
    if len(tests) < len(cases):
        return None
    full = cases[0]
    return Finding(
        test=tests[0],
        before=full.run_test(place - window, scales[0]) if place >= window else None,
        without=dict(zip(left_out, tests[1:], strict=True)),
        in_time=full.rank_in_time(),
        earlier=int((~np.isnan(full.select_earlier()[:, 0])).sum()),
        power=tuple(_compute_power(cases, scales, math.log1p(-fall)) for fall in PLANTED),
    )


def _compute_power(cases: Sequence[Placebos], scales: Sequence[Floats], planted: float) -> float:
    """Compute how often an effect would be significant with its sign, whichever donor is left out.

    What moves the series beside it is drawn from what moved each placebo, in units of what is usual for it, with
    either sign.
    """
    found: NDArray[np.bool_] | None = None
    for case, scale in zip(cases, scales, strict=True):
        usual = (case.effects[case.place] / scale)[1:]
        drawn = np.concatenate([usual, -usual]) + planted / scale[0]
        others = np.abs(np.where(np.isnan(usual), 0.0, usual))
        beside = np.broadcast_to(others, (len(usual), len(usual))).copy()
        np.fill_diagonal(beside, -1.0)
        rank = 1 + (np.vstack([beside, beside]) >= np.abs(drawn)[:, None]).sum(axis=1)
        told = (rank <= get_last_significant_rank(int((~np.isnan(usual)).sum()))) & (np.sign(drawn) == np.sign(planted))
        found = told if found is None else found & told
        held = ~np.isnan(drawn)
    return math.nan if found is None or not held.any() else float(found[held].mean())


def fit_weights(donors: Floats, series: Floats, ridge: float = 0.0) -> Floats:
    """Fit weights of donors to a series; none is negative, and they sum to one.

    Least squares with non-negative coefficients (Lawson and Hanson 1974), a heavily weighted row for the sum and, for
    a ridge, a row a donor. It ends at the optimum itself after a few steps, where a general optimiser stops near it.

    Args:
        donors: A row a period, a column a donor.
        series: The series, a period each.
        ridge: The price of squared weights, in units of the sum of squared errors.
    """
    # Libraries that take seconds to import are imported where they are used.
    from scipy.optimize import nnls

    count = donors.shape[1]
    heavy = 1e4 * max(float(np.abs(donors).max()), float(np.abs(series).max()), 1e-12)
    left, right = [donors, np.full(count, heavy)], [series, [heavy]]
    if ridge:
        left.insert(1, math.sqrt(ridge) * np.eye(count))
        right.insert(1, np.zeros(count))
    found, _ = nnls(np.vstack(left), np.concatenate(right), maxiter=100 * count)
    shares: Floats = found / found.sum()
    return shares


def estimate_synthetic_control(before: Floats, after: Floats) -> float:
    """Subtract from the first series a weighted mean of the others that moved as it did; average the periods after.

    Abadie, Diamond and Hainmueller (JASA 105, 2010), with every period before as a predictor and on deviations from
    each series' mean before (Ferman and Pinto, Quantitative Economics 12, 2021).

    Args:
        before: A row a period, a column a series, the treated one first.
        after: The same after the event.
    """
    means = before.mean(axis=0)
    apart, later = before - means, after - means
    return float(np.mean(later[:, 0] - later[:, 1:] @ fit_weights(apart[:, 1:], apart[:, 0])))


def estimate_synthetic_did(before: Floats, after: Floats) -> float:
    """Estimate a difference in differences with weights of series and of periods.

    Arkhangelsky, Athey, Hirshberg, Imbens and Wager ("Synthetic difference-in-differences", AER 111, 2021): weights of
    series fit the periods before up to a constant, with a ridge; weights of periods make the others' past look like
    their time after, up to a constant.

    Args:
        before: A row a period, a column a series, the treated one first.
        after: The same after the event.
    """
    others = before[:, 1:]
    noise = float(np.std(np.diff(others, axis=0), ddof=1))
    ridge = len(before) * math.sqrt(len(after)) * noise**2
    apart = before - before.mean(axis=0)
    of_series = fit_weights(apart[:, 1:], apart[:, 0], ridge)
    past, then = others.T, after[:, 1:].mean(axis=0)
    of_periods = fit_weights(
        past - past.mean(axis=0), then - then.mean(), ridge=max(others.shape[1] * (1e-6 * noise) ** 2, 1e-20)
    )
    gaps_before = before[:, 0] - others @ of_series
    gaps_after = after[:, 0] - after[:, 1:] @ of_series
    return float(gaps_after.mean() - of_periods @ gaps_before)


def compute_q_values(p_values: Sequence[float]) -> list[float]:
    """Compute the least share of false findings at which each counts as one (Benjamini and Hochberg 1995)."""
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values).tolist() if len(p_values) else []
