"""The estimate of one event's effect on one series, by the declared design and all others, or why there is none.

Here: the declared design of each kind of series, the others beside it, the donors, the reasons for no estimate. Not
here: the arithmetic (`effects`), the series (`panels`), what an event could move (`stages`), rows (`events`).

Nothing here calls an estimate a cause. One design is declared for each kind of series before any event is looked at;
every other is shown beside it and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.analysis import effects, stages
from dagster_project.analysis.effects import Design, Finding, Method, Placebos, Test
from dagster_project.analysis.panels import Panels
from dagster_project.analysis.series import Floats, get_periods, to_percent
from dagster_project.analysis.stages import EVERYONE, Key, Stage

# The declared designs: months a year before and after, years three before and after.
PRIMARY = {
    "M": Design("difference_in_differences", 12, 12),
    "A": Design("difference_in_differences", 3, 3),
}
# All others, by window and base in periods.
WINDOWS = {"M": (6, 12, 24), "A": (1, 3, 5)}
BASES = {"M": (12, 24, 36), "A": (1, 3, 5)}
# Periods before an event that weights are fitted to, at least and at most, and the part of them that must be held.
FITTED = {"M": (24, 60), "A": (8, 20)}
ENOUGH, ENOUGH_AFTER = 0.95, 10 / 12
WEIGHTED: dict[Method, effects.Weighted] = {
    "synthetic_control": effects.estimate_synthetic_control,
    "synthetic_did": effects.estimate_synthetic_did,
}
# One more than an effect needs, so that each can be left out; and as many as the nearest in size add something.
FEWEST_DONORS = effects.FEWEST_DONORS + 1
MOST_DONORS = 20
MOST_PLACEBOS = 49
# A series whose earlier effects, when nothing happened, are usually larger is not followed by the others.
WORST_FIT = 0.25


@dataclass(frozen=True)
class NoEstimate:
    """Why there is no estimate."""

    status: str
    reason: str


@dataclass(frozen=True)
class Alternative:
    """What another design says, or the declared one without a donor."""

    design: Design
    change: float
    left_out: str | None = None
    test: Test | None = None


@dataclass(frozen=True)
class Estimate:
    """What is said of a series around a stage.

    Args:
        refusal: Why there is no estimate.
        finding: What was found; also where it hangs on one donor.
        note: What a reader of an estimate must know.
        own: The change of the series itself.
        donors: The partners that it was compared with.
        others: What the other designs say.
        events: Events beside this one that fall into the window.
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
    """A series and those that it is compared with.

    Args:
        key: The series.
        units: The partners, its own first.
        donors: A row a partner, a column a donor of it.
        place: The row of the first period after the event.
        changed: The declared design's changes, a column a partner.
        quiet: Where no measure takes effect in the design's windows, like `changed`.
    """

    key: Key
    units: list[str]
    donors: NDArray[np.bool_]
    place: int
    changed: Floats
    quiet: NDArray[np.bool_]

    @property
    def names(self) -> tuple[str, ...]:
        """The partners that it is compared with."""
        return tuple(unit for unit, is_donor in zip(self.units, self.donors[0], strict=True) if is_donor)

    def find_effect(self, planted: float = 0.0) -> Finding | None:
        """Find the effect by the declared design, with an effect planted for a trial beside what is there."""
        changed = self.changed
        if planted:
            changed = changed.copy()
            changed[self.place, 0] += planted
        frequency = self.key.frequency
        window, bounds = PRIMARY[frequency].window, effects.EARLIER[frequency]
        return effects.find_effect(changed, self.donors, self.quiet, self.place, window, bounds)


def estimate_effect(stage: Stage, key: Key, panels: Panels, among: Sequence[Stage]) -> Estimate:
    """Apply the declared design to one series around one stage, and every other design beside it.

    Args:
        stage: The stage.
        key: The series; it is held.
        panels: All series.
        among: All stages, for those that overlap.
    """
    since, until = _get_window(stage, key)
    refusing, events = stages.find_overlaps(stage, key, since, until, among)
    question = prepare_sample(stage, key, panels, refusing)
    if isinstance(question, NoEstimate):
        return Estimate(question, events=tuple(events))
    found = question.find_effect()
    refusal = find_refusal(found, question)
    if found is None or (refusal is not None and refusal.status == "poor_fit"):
        return Estimate(refusal, donors=question.names, events=tuple(events))
    design, own = PRIMARY[key.frequency], panels.get_table(key.kind)[key.partner]
    return Estimate(
        refusal=refusal,
        finding=found,
        note=_note_months_held(own, question.place, design),
        own=float(question.changed[question.place, 0]),
        donors=question.names,
        others=tuple(_try_other_designs(question, panels, found)),
        events=tuple(events),
    )


def _get_window(stage: Stage, key: Key) -> tuple[int, int]:
    """Return the first month of the declared base, and the first after the declared window."""
    design, year, cut = (
        PRIMARY[key.frequency],
        12 // effects.count_seasons(key.frequency),
        stage.get_first_period(key.frequency),
    )
    return (cut - design.base) * year, (cut + design.window) * year


def prepare_sample(stage: Stage, key: Key, panels: Panels, refusing: Sequence[Stage] = ()) -> Sample | NoEstimate:
    """Return the sample of the declared design, or why there is none.

    Args:
        stage: The stage.
        key: The series; it is held.
        panels: All series.
        refusing: Measures that take effect in the window.
    """
    if stage.precision == "year":
        return NoEstimate("date_too_vague", "Only the year is known in which it took effect.")
    design = PRIMARY[key.frequency]
    changed = panels.get_changes(key.kind, design)
    place = panels.find_row(key.kind, stage.get_first_period(key.frequency))
    lacking = _find_gap(panels.series[key], changed[key.partner], place, design)
    if lacking is not None:
        return lacking
    if refusing:
        told = ", ".join(sorted({f"{other.event_id} ({other.stage} {other.day})" for other in refusing}))
        return NoEstimate("overlaps", f"In the window takes effect: {told}.")
    units = _list_comparable(stage, key, panels, place, _get_window(stage, key))
    donors = _choose_donors(key, units, panels, place)
    if donors[0].sum() < FEWEST_DONORS:
        why = "; the event touches all" if EVERYONE in stage.affected else ""
        reason = (
            f"{donors[0].sum()} partners of {key.reporter} are like {key.partner}, held in the window and not touched "
            f"by a measure in it{why}; {FEWEST_DONORS} are needed."
        )
        return NoEstimate("too_few_donors", reason)
    quiet = np.column_stack([panels.find_quiet(_with_partner(key, unit), design) for unit in units])
    return Sample(key, units, donors, place, changed[units].to_numpy(), quiet)


def find_refusal(found: Finding | None, question: Sample) -> NoEstimate | None:
    """Return why a finding is no estimate; None if it is one."""
    if found is None:
        fewest, _ = effects.EARLIER[question.key.frequency]
        reason = f"Fewer than {fewest} earlier windows without a measure tell what is usual for {question.key.partner}."
        return NoEstimate("too_few_before", reason)
    return find_poor_fit(found) or _find_decisive_donor(found, question.units)


def _with_partner(key: Key, partner: str) -> Key:
    return Key(key.domain, key.frequency, key.reporter, partner, key.flow, key.product)


def _find_gap(series: pd.Series, changed: pd.Series, place: int, design: Design) -> NoEstimate | None:
    """Return what the series lacks in the window; None if it lacks nothing."""
    if 0 <= place < len(changed) and changed.notna().iloc[place]:
        return None
    first, last = series.index.min(), series.index.max()
    since, until = changed.index[0] + place - design.base, changed.index[0] + place + design.window - 1
    held = f"Held from {first} to {last}; needed from {since} to {until}."
    if last < until:
        return NoEstimate("series_ends", held)
    if first > since:
        return NoEstimate("too_few_before", held)
    return NoEstimate("gap", f"Too few periods from {since} to {until} can be held against the same season before.")


def _note_months_held(series: pd.Series, place: int, design: Design) -> str | None:
    """Say on how many months an estimate rests, unless it is all of them."""
    changed = (series - series.shift(design.window)).iloc[place : place + design.window]
    held = int(changed.notna().sum())
    if held == design.window:
        return None
    return (
        f"The estimate rests on {held} of the {design.window} months; the others cannot be compared with a year before."
    )


def _list_comparable(stage: Stage, key: Key, panels: Panels, place: int, window: tuple[int, int]) -> list[str]:
    """List the series' partner, then those nearest in size that no side and no measure of the window touches."""
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
            window[0] < one.start < window[1] for one in panels.list_measures(_with_partner(key, partner)) - own
        ):
            found.append(partner)
        if len(found) > MOST_PLACEBOS:
            break
    return found


def _choose_donors(key: Key, units: list[str], panels: Panels, place: int) -> NDArray[np.bool_]:
    """Return a row a series with its donors: those alike, of many the nearest in size, never the first series.

    A placebo that too few are like is compared with all others: what is usual for it then is wider.
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
            f"When nothing happened the others usually missed it by {100 * found.test.scale:.1f}%; "
            f"{100 * WORST_FIT:.0f}% are allowed."
        )
        return NoEstimate("poor_fit", reason)
    if found.before is not None and found.before.is_significant:
        reason = f"It left the others before the event: by {to_percent(found.before.change):+.1f}% one window earlier."
        return NoEstimate("poor_fit", reason)
    return None


def _find_decisive_donor(found: Finding, units: Sequence[str]) -> NoEstimate | None:
    """Refuse an estimate that one donor decides; of several such donors name the one that moves it most."""
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
        then = "its sign is the other"
    else:
        move = "fall" if other.change < 0 else "rise"
        then = f"the {move} is {'significant' if other.is_significant else 'not significant'}"
    reason = (
        f"It hangs on {units[column]}: {to_percent(full.change):+.1f}% with all {len(found.without)} donors, "
        f"{to_percent(other.change):+.1f}% without, and then {then}."
    )
    return NoEstimate("unstable", reason)


def _try_other_designs(question: Sample, panels: Panels, found: Finding) -> Iterator[Alternative]:
    """Yield what the other windows, bases and estimators say, and the declared design without each donor."""
    key, units, donors, place = question.key, question.units, question.donors, question.place
    primary, bounds = PRIMARY[key.frequency], effects.EARLIER[key.frequency]
    for column, test in found.without.items():
        yield Alternative(primary, test.change, units[column], test)
    for window in WINDOWS[key.frequency]:
        for base in BASES[key.frequency]:
            design = Design("difference_in_differences", window, base)
            if design == primary:
                continue
            changed = panels.get_changes(key.kind, design)[units].to_numpy()
            quiet = np.column_stack([panels.find_quiet(_with_partner(key, unit), design) for unit in units])
            placebos = Placebos(effects.subtract_donors(changed, donors), quiet, place, window, bounds)
            change = float(placebos.effects[place, 0])
            if not np.isnan(change):
                yield Alternative(design, change, test=placebos.run_test())
    table = panels.get_table(key.kind)[[key.partner, *question.names]]
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
    """Return the longest whole years before an event of the series and the donors that have them, or None."""
    (fewest, most), season = FITTED[frequency], effects.count_seasons(frequency)
    for length in range(most, fewest - 1, -season):
        rows = table.iloc[place - length : place] if length <= place else table.iloc[:0]
        if len(rows) and rows.iloc[:, 0].notna().mean() >= ENOUGH:
            held = rows.columns[rows.notna().mean() >= ENOUGH]
            # Weights of many donors fit few periods whatever these are.
            kept = rows[held[: length // 2 + 1]].dropna()
            return kept if kept.shape[1] > FEWEST_DONORS else None
    return None


def _remove_season(rows: pd.DataFrame, fitted: pd.DataFrame, frequency: str) -> Floats:
    """Subtract from each period the mean of its season before the event."""
    if frequency == "A":
        return rows.to_numpy()
    unusual: Floats = (
        rows.to_numpy() - fitted.groupby(get_periods(fitted).month).mean().reindex(get_periods(rows).month).to_numpy()
    )
    return unusual
