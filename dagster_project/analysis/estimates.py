"""Estimate the effect of one event on one series by several designs, or give the reason to reject an estimate.

Here: the designs for each kind of series, the choice of donors, and the reasons to reject an estimate. Not here: the
arithmetic (`effects`), the series (`panels`), the series that an event could move (`stages`), and rows (`events`).

No estimate is called a cause. A design is an estimator with the lengths of its base and window (`effects.Design`). One
design for monthly and one for annual series are declared in advance, whatever the event. The results of all other
designs are shown, but decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.analysis import effects, stages
from dagster_project.analysis.effects import Design, Finding, Method, Placebos, Test
from dagster_project.analysis.panels import Panels
from dagster_project.analysis.series import Floats, get_periods, to_percent
from dagster_project.analysis.stages import EVERYONE, Key, Stage

# The declared designs: for months, a year before and a year after; for years, three before and three after.
PRIMARY = {
    "M": Design("difference_in_differences", 12, 12),
    "A": Design("difference_in_differences", 3, 3),
}
# The windows and bases of all other designs, in periods.
WINDOWS = {"M": (6, 12, 24), "A": (1, 3, 5)}
BASES = {"M": (12, 24, 36), "A": (1, 3, 5)}
# Weights are fitted to at least the first and at most the second number of periods before an event. `ENOUGH` of these
# periods must have figures, and `ENOUGH_AFTER` of those after the event.
FITTED = {"M": (24, 60), "A": (8, 20)}
ENOUGH, ENOUGH_AFTER = 0.95, 10 / 12
WEIGHTED: dict[Method, effects.Weighted] = {
    "synthetic_control": effects.estimate_synthetic_control,
    "synthetic_did": effects.estimate_synthetic_did,
}
# One donor more than an effect needs, so that each can be left out.
FEWEST_DONORS = effects.FEWEST_DONORS + 1
MOST_DONORS = 20
MOST_PLACEBOS = 49
# The largest usual effect without an event, in logarithms; above it the donors do not fit the series.
WORST_FIT = 0.25


@dataclass(frozen=True)
class NoEstimate:
    """The status and the reason of a series whose effect is not estimated."""

    status: str
    reason: str


@dataclass(frozen=True)
class Alternative:
    """The result of a design other than the declared one, or of the declared design without one donor."""

    design: Design
    change: float
    left_out: str | None = None
    test: Test | None = None


@dataclass(frozen=True)
class Estimate:
    """The result for one series around one stage of an event: an estimate, or the reason to reject it.

    Args:
        refusal: The reason to reject the estimate, or None.
        finding: The tests; kept even if the estimate is rejected because it depends on one donor.
        note: A caveat about the estimate.
        own: The change of the series itself.
        donors: The partners that the series was compared with.
        others: The results of the other designs.
        events: The other events in the window.
    """

    refusal: NoEstimate | None = None
    finding: Finding | None = None
    note: str | None = None
    own: float | None = None
    donors: tuple[str, ...] = ()
    others: tuple[Alternative, ...] = ()
    events: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        return self.refusal.status if self.refusal else "estimated"


@dataclass(frozen=True)
class Sample:
    """A series, and similar series to compare it with.

    Args:
        key: The series.
        units: The partners; the first is the partner of the series.
        donors: A square matrix; row n marks the donors of partner n (the similar partners it is compared with).
        place: The row of `changed` for the first period after the event.
        changed: The changes, as the design computes them: one row per period, one column per partner.
        quiet: For each cell of `changed`, true if no measure takes effect in the periods that the cell compares.
    """

    key: Key
    units: list[str]
    donors: NDArray[np.bool_]
    place: int
    changed: Floats
    quiet: NDArray[np.bool_]

    @property
    def names(self) -> tuple[str, ...]:
        """Return the partners with which the series is compared."""
        return tuple(unit for unit, is_donor in zip(self.units, self.donors[0], strict=True) if is_donor)

    def find_effect(self, planted: float = 0.0) -> Finding | None:
        """Estimate the effect by the declared design; first add `planted`, an artificial effect to be found."""
        changed = self.changed
        if planted:
            changed = changed.copy()
            changed[self.place, 0] += planted
        frequency = self.key.frequency
        window, bounds = PRIMARY[frequency].window, effects.EARLIER[frequency]
        return effects.find_effect(changed, self.donors, self.quiet, self.place, window, bounds)


def estimate_effect(stage: Stage, key: Key, panels: Panels, among: Sequence[Stage]) -> Estimate:
    """Estimate the effect of one stage of a policy event on one series of `panels`, by every design.

    Stages of `among` that overlap with `stage` are a reason to reject the estimate.
    """
    since, until = _get_window(stage, key)
    refusing, events = stages.find_overlaps(stage, key, since, until, among)
    sample = prepare_sample(stage, key, panels, refusing)
    if isinstance(sample, NoEstimate):
        return Estimate(sample, events=tuple(events))
    found = sample.find_effect()
    refusal = find_refusal(found, sample)
    if found is None or (refusal is not None and refusal.status == "poor_fit"):
        return Estimate(refusal, donors=sample.names, events=tuple(events))
    design, own = PRIMARY[key.frequency], panels.get_table(key.kind)[key.partner]
    return Estimate(
        refusal=refusal,
        finding=found,
        note=_note_missing_months(own, sample.place, design),
        own=float(sample.changed[sample.place, 0]),
        donors=sample.names,
        others=tuple(_try_other_designs(sample, panels, found)),
        events=tuple(events),
    )


def _get_window(stage: Stage, key: Key) -> tuple[int, int]:
    """Return the first month of the declared base, and the first month after the declared window."""
    design, cut = PRIMARY[key.frequency], stage.get_first_period(key.frequency)
    year = 12 // effects.count_seasons(key.frequency)
    return (cut - design.base) * year, (cut + design.window) * year


def prepare_sample(stage: Stage, key: Key, panels: Panels, refusing: Sequence[Stage] = ()) -> Sample | NoEstimate:
    """Choose the donors and placebos of a series of `panels`, or return the reason to reject an estimate.

    If `refusing` has stages, the estimate is rejected: they take effect in the same window as `stage`.
    """
    if stage.precision == "year":
        return NoEstimate("date_too_vague", "Only the year in which it took effect is known.")
    design = PRIMARY[key.frequency]
    changed = panels.get_changes(key.kind, design)
    place = panels.find_row(key.kind, stage.get_first_period(key.frequency))
    lacking = _find_gap(panels.series[key], changed[key.partner], place, design)
    if lacking is not None:
        return lacking
    if refusing:
        others = sorted({f"{other.event_id} ({other.stage} {other.day})" for other in refusing})
        subject = "Other measures" if others[1:] else "Another measure"
        return NoEstimate("overlaps", f"{subject} took effect in the same period: {', '.join(others)}.")
    units = _list_comparable(stage, key, panels, place, _get_window(stage, key))
    donors = _choose_donors(key, units, panels, place)
    if donors[0].sum() < FEWEST_DONORS:
        few = f"Only {donors[0].sum()}" if donors[0].any() else "None"
        reason = (
            f"{few} of the partners of {key.reporter} can be compared with {key.partner}: similar economies with "
            f"figures for the period that no measure affected in it; {FEWEST_DONORS} are needed."
        )
        return NoEstimate("too_few_donors", reason)
    quiet = np.column_stack([panels.find_quiet(replace(key, partner=unit), design) for unit in units])
    return Sample(key, units, donors, place, changed[units].to_numpy(), quiet)


def find_refusal(found: Finding | None, sample: Sample) -> NoEstimate | None:
    """Return the reason to reject a finding, or None if the finding is valid."""
    if found is None:
        fewest, _ = effects.EARLIER[sample.key.frequency]
        reason = (
            f"The figures of {sample.key.partner} have fewer than {fewest} earlier periods without a measure, too few "
            "to test the estimate."
        )
        return NoEstimate("too_few_before", reason)
    return find_poor_fit(found) or _find_decisive_donor(found, sample.units)


def _find_gap(series: pd.Series, changed: pd.Series, place: int, design: Design) -> NoEstimate | None:
    """Return the reason to reject an estimate if the series lacks figures in the window, else None."""
    if 0 <= place < len(changed) and changed.notna().iloc[place]:
        return None
    first, last = series.index.min(), series.index.max()
    since, until = changed.index[0] + place - design.base, changed.index[0] + place + design.window - 1
    held = f"Figures are available from {first} to {last}, but needed from {since} to {until}."
    if last < until:
        return NoEstimate("series_ends", held)
    if first > since:
        return NoEstimate("too_few_before", held)
    return NoEstimate("gap", f"Too few periods from {since} to {until} can be compared with the year before.")


def _note_missing_months(series: pd.Series, place: int, design: Design) -> str | None:
    """Write a note on the number of months behind an estimate; return None if no month is missing."""
    changed = (series - series.shift(design.window)).iloc[place : place + design.window]
    held = int(changed.notna().sum())
    if held == design.window:
        return None
    is_one = design.window - held == 1
    others = "month cannot be compared with that" if is_one else "months cannot be compared with those"
    return f"The estimate covers {held} of the {design.window} months; the other {others} of a year earlier."


def _list_comparable(stage: Stage, key: Key, panels: Panels, place: int, window: tuple[int, int]) -> list[str]:
    """List the partner of a series, and then the unaffected partners that are nearest in size."""
    table, changed = panels.get_table(key.kind), panels.get_changes(key.kind, PRIMARY[key.frequency])
    if EVERYONE in stage.affected:
        return [key.partner]
    sizes = table.iloc[max(place - PRIMARY[key.frequency].base, 0) : place].mean()
    held = changed.columns[changed.iloc[place].notna()]
    nearest = (sizes[held] - sizes[key.partner]).abs().sort_values(kind="stable").index
    named = stage.implementing | stage.affected | {key.partner}
    own = panels.list_measures(key)
    found = [key.partner]
    for partner in nearest:
        if partner in named or panels.get_likeness(key.domain, partner) is None:
            continue
        if not any(
            window[0] < one.start < window[1] for one in panels.list_measures(replace(key, partner=partner)) - own
        ):
            found.append(partner)
        if len(found) > MOST_PLACEBOS:
            break
    return found


def _choose_donors(key: Key, units: list[str], panels: Panels, place: int) -> NDArray[np.bool_]:
    """Return a matrix; row n marks the donors of series n, which are the similar series that are nearest in size.

    The first series, the treated one, is no donor. A placebo series with too few similar series gets all others as
    donors, so the effects on this placebo vary more.
    """
    labels = np.array([panels.get_likeness(key.domain, unit) or f"like none: {unit}" for unit in units])
    sizes = panels.get_table(key.kind)[units].iloc[max(place - PRIMARY[key.frequency].base, 0) : place].mean()
    apart = np.abs(sizes.to_numpy()[:, None] - sizes.to_numpy()[None, :])
    alike = labels[:, None] == labels[None, :]
    np.fill_diagonal(alike, val=False)
    alike[:, 0] = False
    alone = alike.sum(axis=1) < FEWEST_DONORS
    alone[0] = False
    alike |= alone[:, None] & ~np.eye(len(units), dtype=bool)
    alike[:, 0] = False
    apart[~alike] = np.inf
    order = np.argsort(np.argsort(apart, axis=1, kind="stable"), axis=1)
    nearest: NDArray[np.bool_] = alike & (order < MOST_DONORS)
    return nearest


def find_poor_fit(found: Finding) -> NoEstimate | None:
    if found.test.scale > WORST_FIT:
        reason = (
            "In earlier periods without an event, the level expected from the comparison usually missed the actual one "
            f"by {100 * found.test.scale:.1f}%; the limit is {100 * WORST_FIT:.0f}%."
        )
        return NoEstimate("poor_fit", reason)
    if found.before is not None and found.before.is_significant:
        change = to_percent(found.before.change)
        reason = f"Trade had departed from the expected level before the event: by {change:+.1f}% in the period before."
        return NoEstimate("poor_fit", reason)
    return None


def _find_decisive_donor(found: Finding, units: Sequence[str]) -> NoEstimate | None:
    """Return the reason to reject an estimate that depends on one donor; name the donor that changes it most."""
    full = found.test
    decisive = [
        (abs(other.change - full.change), column)
        for column, other in found.without.items()
        if (other.change > 0) != (full.change > 0) or other.conclusion != full.conclusion
    ]
    if not decisive:
        return None
    _, column = max(decisive)
    other = found.without[column]
    if other.conclusion == full.conclusion:
        then = "the opposite sign"
    else:
        then = "significant" if other.is_significant else "not significant"
    reason = (
        f"The estimate depends on {units[column]}, one of the {len(found.without)} economies in the comparison: "
        f"{to_percent(full.change):+.1f}% with it, but {to_percent(other.change):+.1f}% without it ({then})."
    )
    return NoEstimate("unstable", reason)


def _try_other_designs(sample: Sample, panels: Panels, found: Finding) -> Iterator[Alternative]:
    """Yield the results of the declared design without each donor in turn, and the results of all other designs."""
    key, units, donors, place = sample.key, sample.units, sample.donors, sample.place
    primary, bounds = PRIMARY[key.frequency], effects.EARLIER[key.frequency]
    for column, test in found.without.items():
        yield Alternative(primary, test.change, units[column], test)
    columns = panels.get_table(key.kind).columns.get_indexer(pd.Index(units))
    for window in WINDOWS[key.frequency]:
        for base in BASES[key.frequency]:
            design = Design("difference_in_differences", window, base)
            if design == primary:
                continue
            changed = panels.get_changes(key.kind, design).to_numpy()[:, columns]
            quiet = np.column_stack([panels.find_quiet(replace(key, partner=unit), design) for unit in units])
            placebos = Placebos(effects.subtract_donors(changed, donors), quiet, place, window, bounds)
            change = float(placebos.effects[place, 0])
            if not np.isnan(change):
                yield Alternative(design, change, test=placebos.run_test())
    table = panels.get_table(key.kind)[[key.partner, *sample.names]]
    fitted = _select_fitted(table, place, key.frequency)
    if fitted is None:
        return
    before = _remove_season(fitted, fitted, key.frequency)
    for window in WINDOWS[key.frequency]:
        rows = table[fitted.columns].iloc[place : place + window].dropna()
        if len(rows) >= ENOUGH_AFTER * window:
            after = _remove_season(rows, fitted, key.frequency)
            for method, estimate in WEIGHTED.items():
                yield Alternative(Design(method, window, len(fitted)), estimate(before, after))


def _select_fitted(table: pd.DataFrame, place: int, frequency: str) -> pd.DataFrame | None:
    """Select as many whole years before an event as possible, to fit weights to them; None if there are too few."""
    (fewest, most), season = FITTED[frequency], effects.count_seasons(frequency)
    for length in range(most, fewest - 1, -season):
        rows = table.iloc[place - length : place] if length <= place else table.iloc[:0]
        if len(rows) and rows.iloc[:, 0].notna().mean() >= ENOUGH:
            held = rows.columns[rows.notna().mean() >= ENOUGH]
            # With many donors and few periods, weights fit anything.
            kept = rows[held[: length // 2 + 1]].dropna()
            return kept if kept.shape[1] > FEWEST_DONORS else None
    return None


def _remove_season(rows: pd.DataFrame, fitted: pd.DataFrame, frequency: str) -> Floats:
    """Remove the season from rows: subtract from each month the mean of that calendar month in `fitted`."""
    if frequency == "A":
        return rows.to_numpy()
    usual = fitted.groupby(get_periods(fitted).month).mean().reindex(get_periods(rows).month)
    unusual: Floats = rows.to_numpy() - usual.to_numpy()
    return unusual
