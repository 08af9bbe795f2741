"""Estimate an event's effect on a series, and test it with placebos.

Here: changes between the same seasons, three estimators, the placebo test and its power, and the correction for many
tests. A placebo is a series, or a period, without the event. A donor is a similar series, for comparison. Not here: the
choice of events and series, and the reasons to reject an estimate (`estimates`).

Values are logarithms; an effect is a difference of logarithms until it is published in per cent. An estimate and its
confidence interval assume that, without the event, the series would have moved like similar series.
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

# The significance level of every test: the highest chance of a significant result where nothing happened.
LEVEL = 0.10
# The number of months of a year that must have a value both before and after; a yearly series needs every year.
FEWEST_MONTHS = 10
# The smallest number of donors to compare a series with, also when one donor is left out.
FEWEST_DONORS = 3
# The fewest and the most earlier effects that measure the usual size of a series' effects, monthly and annual.
EARLIER = {"M": (24, 72), "A": (8, 20)}
# The falls for which the power of a test is stated. If the power to detect the largest is below `ENOUGH_POWER` (a
# convention), a result that is not significant is called uninformative.
PLANTED = (0.05, 0.10, 0.20)
ENOUGH_POWER = 0.80


@dataclass(frozen=True)
class Design:
    """An estimator that compares `window` periods after an event with `base` periods before, season by season."""

    method: Method
    window: int
    base: int


def count_seasons(frequency: str) -> int:
    """Return the number of periods in a year."""
    return 12 if frequency == "M" else 1


def compute_changes(logs: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Compute for each period the mean change from the base (the years before) to the window (from the period on).

    Each month is compared with the mean of the same month in the base years, which removes the season.

    Args:
        logs: One row per period, without a gap in the index, and one column per series; NaN for a missing figure.
        design: The design; its base is in whole years.

    Returns:
        The same rows and columns; NaN where too few months have figures in both base and window.
    """
    season = 12 if isinstance(logs.index, pd.PeriodIndex) and logs.index.freqstr == "M" else 1
    padded = logs.reindex(pd.period_range(logs.index[0], periods=len(logs) + design.window))
    count, parts = len(logs), []
    for year in range(math.ceil(design.window / season)):
        # Each period of this year after the event, less the mean of the same season in the base years.
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

    `changed` has a row per period and a column per series. Row n of `donors` marks the donors of series n.
    """
    held = ~np.isnan(changed)
    weights = donors.T.astype(float)
    count = held @ weights
    means = (np.where(held, changed, 0.0) @ weights) / np.maximum(count, 1)
    return np.where(count >= FEWEST_DONORS, changed - means, np.nan)


@dataclass(frozen=True)
class Test:
    """A placebo test of one estimate.

    Args:
        change: The estimate.
        scale: The usual estimate without an event: the root mean square of estimates for earlier periods of the series.
        rank: The rank of the estimate among the placebos (1: the farthest from zero), after the estimate of each series
            is divided by the scale of this series; ties count against the estimate.
        placebos: The number of placebos.
        critical: The multiple of `scale` from which an effect is significant; infinite with too few placebos.
    """

    change: float
    scale: float
    rank: int
    placebos: int
    critical: float

    @property
    def attainable(self) -> float:
        """Return the test's level: the highest possible p-value up to `LEVEL`, else the lowest possible p-value."""
        return max(get_last_significant_rank(self.placebos), 1) / (self.placebos + 1)

    @property
    def is_significant(self) -> bool:
        return self.rank <= get_last_significant_rank(self.placebos)

    @property
    def conclusion(self) -> str:
        if not get_last_significant_rank(self.placebos):
            return "untestable"
        return ("rise" if self.change > 0 else "fall") if self.is_significant else "none"


def get_last_significant_rank(placebos: int) -> int:
    """Return the largest rank that is significant with this number of placebos; 0 if none is."""
    return math.floor(LEVEL * (placebos + 1) + 1e-9)


@dataclass(frozen=True)
class Placebos:
    """The effects on all series in all periods. The effect on the first series in one period is compared with the rest.

    Args:
        effects: One row per period, one column per series; the first column is the treated series.
        quiet: For each cell of `effects`, true if no event is known near the period of the cell.
        place: The row of the tested period.
        window: The number of periods of a window.
        bounds: The fewest earlier effects that a scale needs, and the most earlier periods that a scale uses.
    """

    effects: Floats
    quiet: NDArray[np.bool_]
    place: int
    window: int
    bounds: tuple[int, int]

    def select_earlier(self) -> Floats:
        """Return the effects of quiet periods whose windows ended before the tested period; NaN elsewhere."""
        over = max(self.place - self.window + 1, 0)
        usable = np.where(self.quiet[:over], self.effects[:over], np.nan)
        usable[: max(over - self.bounds[1], 0)] = np.nan
        return usable

    def compute_scales(self) -> Floats:
        """Compute each series' scale: the root mean square of its earlier effects; NaN if these are too few."""
        earlier = self.select_earlier()
        count = (~np.isnan(earlier)).sum(axis=0)
        squares = np.nansum(earlier**2, axis=0) / np.maximum(count, 1)
        return np.where((count >= self.bounds[0]) & (squares > 0), np.sqrt(squares), np.nan)

    def run_test(self, place: int | None = None, scales: Floats | None = None) -> Test | None:
        """Test the effect in a row, by default in `self.place`; return None if that effect or its scale is missing."""
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
        """Return the rank of the effect among earlier effects of its series (in separate windows), and their number."""
        own = self.select_earlier()[:, 0]
        before = np.abs(own[self.place % self.window :: self.window])
        before = before[~np.isnan(before)]
        return 1 + int((before >= abs(self.effects[self.place, 0])).sum()), len(before)


@dataclass(frozen=True)
class Finding:
    """The test of an effect with all donors, and the checks of its robustness.

    Args:
        test: The test with all donors.
        before: The same test one window earlier, which should not be significant; None if figures are missing.
        without: The tests that leave out one donor, by the column of this donor.
        in_time: The rank of the effect among the earlier effects on the same series, and the number of these.
        earlier: The number of earlier effects that the scale uses.
        power: For each fall in `PLANTED`, the power of the test: the chance that such a fall is significant.
    """

    test: Test
    before: Test | None
    without: dict[int, Test]
    in_time: tuple[int, int]
    earlier: int
    power: tuple[float, ...] = field(default=())

    @property
    def conclusion(self) -> str | None:
        """Return the conclusion that all tests share, or None; "none" (no effect) at low power is "uninformative"."""
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
    """Estimate an event's effect on the first column of `changed`; return None if a test cannot be run.

    See `subtract_donors` for `changed` and `donors`, and `Placebos` for the rest. The first column is no donor.
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
    """Compute the power: the chance that an artificial effect `planted` (in logarithms) is significant with its sign.

    The effect must be significant with all donors, and also whenever one donor is left out. Without the effect, the
    series is assumed to change like a placebo, in multiples of the scale, up or down.
    """
    found: NDArray[np.bool_] | None = None
    for case, scale in zip(cases, scales, strict=True):
        usual = (case.effects[case.place] / scale)[1:]
        drawn = np.concatenate([usual, -usual]) + planted / scale[0]
        others = np.abs(np.where(np.isnan(usual), 0.0, usual))
        beside = np.broadcast_to(others, (len(usual), len(usual))).copy()
        np.fill_diagonal(beside, -1.0)
        rank = 1 + (np.vstack([beside, beside]) >= np.abs(drawn)[:, None]).sum(axis=1)
        last = get_last_significant_rank(int((~np.isnan(usual)).sum()))
        detected = (rank <= last) & (np.sign(drawn) == np.sign(planted))
        found = detected if found is None else found & detected
        held = ~np.isnan(drawn)
    return math.nan if found is None or not held.any() else float(found[held].mean())


def fit_weights(donors: Floats, series: Floats, ridge: float = 0.0) -> Floats:
    """Fit a series by its donors (one column each): return weights that are not negative and sum to one.

    The method is non-negative least squares (Lawson and Hanson 1974), exact after a few steps. One heavily weighted row
    makes the weights sum to one. A `ridge` (a penalty on squared weights) adds one row per donor.
    """
    # Imported here because the import takes seconds.
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
    """Estimate an effect with a synthetic control: a weighted mean of the donors that fits the series before the event.

    The method is by Abadie, Diamond and Hainmueller (JASA 105, 2010); every period before the event is a predictor.
    The mean before the event is subtracted from each series (Ferman and Pinto, Quantitative Economics 12, 2021).
    `before` and `after` have one row per period and one column per series; the first column is the treated series.
    """
    means = before.mean(axis=0)
    apart, later = before - means, after - means
    return float(np.mean(later[:, 0] - later[:, 1:] @ fit_weights(apart[:, 1:], apart[:, 0])))


def estimate_synthetic_did(before: Floats, after: Floats) -> float:
    """Estimate an effect with synthetic difference-in-differences: weights of donors and weights of periods.

    Arkhangelsky, Athey, Hirshberg, Imbens and Wager ("Synthetic difference-in-differences", AER 111, 2021). The weights
    of donors, with a ridge, fit the treated series before the event, up to a constant. The weights of periods make each
    donor's mean before the event equal its mean after the event, up to a constant that all donors share. The arguments
    are those of `estimate_synthetic_control`.
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
    """Compute q-values: the lowest false discovery rate at which each test is significant (Benjamini-Hochberg 1995)."""
    from scipy.stats import false_discovery_control

    return false_discovery_control(p_values).tolist() if len(p_values) else []
