"""Which policy event is asked about which series, and when there is no answer.

Here: stages of events, the series that each could move, the windows, and the refusals; the analysis that asks all of
them. Not here: the arithmetic of an answer (`effects`).

Nothing here calls an estimate a cause. A stage is asked about each series of goods or services between the two sides
that its scope covers, by three methods side by side, and a question that the figures cannot answer gets a row that says
why. Refused are: a series that is not held, ends, begins too late or has a gap in the window; another measure of the
same sides in the same direction that takes effect inside the window; too few other partners that no side of the event
is among; a synthetic control that did not follow the series before the event; an estimate that hangs on one partner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project.analysis import Analysis, effects
from dagster_project.analysis.effects import Estimate, Method
from dagster_project.analysis.seasonal import FEWEST_YEARS, adjust, joined
from dagster_project.analysis.series import (
    fingerprint,
    first_day,
    longest_stretch,
    month_number,
    percent,
    rounded,
)

if TYPE_CHECKING:
    import duckdb

    from dagster_project.analysis.series import Floats, Integers
    from dagster_project.models import Model

METHODS: tuple[Method, ...] = ("before_after", "difference_in_differences", "synthetic_control")
# Months on either side of the event that are compared.
WINDOWS = {"M": (6, 12), "A": (12, 36)}
# What an agreement is asked by: a year on either side, beside other partners.
COMPARED: tuple[Method, ...] = ("difference_in_differences", "synthetic_control")
YEAR = {"M": (12,), "A": (12,)}
# Periods before the event that a synthetic control is fitted to, at least and at most.
FITTED = {"M": (24, 60), "A": (8, 20)}
# Fewer others give an interval without meaning; of many, as many of the largest as a level of 95% needs. Weights of
# many donors fit few periods whatever these are, so a synthetic control has one donor for two periods at most.
FEWEST_DONORS = {"difference_in_differences": 3, "synthetic_control": 4}
MOST_DONORS = 20
PERIODS_A_DONOR = 2
# A synthetic control is refused if it misses the series by more before the event.
WORST_FIT = 0.15
EVERYONE = "WLD"
# Talks and visits move trade through the measures that follow; so do announcements. They are named, not counted.
IN_EFFECT = frozenset({"implemented", "in_force", "partial", "amended", "suspended", "removed"})
TALKS = frozenset({"diplomatic"})
# Which way the goods or travellers go that a measure hits: to those who act, from those who act, or both.
TO_THOSE_WHO_ACT = frozenset({"import_ban", "safeguard", "informal_restriction"})
FROM_THOSE_WHO_ACT = frozenset({"export_control", "border_measure"})
# Controls on goods that hold technology of those who act bind the trade of those affected with each other, too.
REACHES_FURTHER = frozenset({"export_control"})

COLUMNS = {
    "event_id": "varchar",
    "stage": "varchar",
    "event_date": "date",
    "series": "varchar",
    "domain": "varchar",
    "frequency": "varchar",
    "reporter_code": "varchar",
    "partner_code": "varchar",
    "flow": "varchar",
    "product_code": "varchar",
    "method": "varchar",
    "window_months": "integer",
    "effect_from": "date",
    "estimate_pct": "double",
    "ci_low_pct": "double",
    "ci_high_pct": "double",
    "ci_level_pct": "double",
    "placebo_rank": "integer",
    "placebo_count": "integer",
    "placebo_p_value": "double",
    "rmspe_ratio": "double",
    "n_donors": "integer",
    "donors": "varchar",
    "pre_period_count": "integer",
    "pre_period_fit_pct": "double",
    "pre_period_explained_pct": "double",
    "leave_one_out_low_pct": "double",
    "leave_one_out_high_pct": "double",
    "leave_one_out_count": "integer",
    "leave_one_out_beyond_zero_count": "integer",
    "most_influential_donor_code": "varchar",
    "estimate_without_it_pct": "double",
    "status": "varchar",
    "reason": "varchar",
    "other_event_ids": "varchar",
}


@dataclass(frozen=True)
class Stage:
    """A dated stage of a policy event.

    Args:
        event_id: The event.
        stage: How far it has come.
        day: When.
        precision: day, month or year.
        event_class: The kind of measure.
        evaluation: red, amber or green.
        implementing: Who acts.
        affected: Whom it touches.
        scope: What it covers: `HS` and a code, `EBOPS:` and an item, or a word.
    """

    event_id: str
    stage: str
    day: date
    precision: str
    event_class: str
    evaluation: str
    implementing: frozenset[str]
    affected: frozenset[str]
    scope: tuple[str, ...]

    @property
    def start(self) -> int:
        """The month from which it counts: its own, or the next one if it falls in the second half of a month."""
        return month_number(self.day) + (1 if self.precision == "day" and self.day.day > 15 else 0)

    @property
    def is_in_effect(self) -> bool:
        return self.stage in IN_EFFECT and self.event_class not in TALKS

    def acts(self, implementing: str, affected: str) -> bool:
        """Whether the one acts on the other."""
        return implementing in self.implementing and (affected in self.affected or EVERYONE in self.affected)

    def moves(self, exporter: str, importer: str) -> bool:
        """Whether it could move what the one sells to the other."""
        if self.event_class in REACHES_FURTHER and {exporter, importer} <= self.affected - self.implementing:
            return True
        inward = self.event_class not in FROM_THOSE_WHO_ACT and self.acts(importer, exporter)
        outward = self.event_class not in TO_THOSE_WHO_ACT and self.acts(exporter, importer)
        return inward or outward

    def covers(self, domain: str, product: str) -> bool:
        """Whether its scope covers a series: all of it, or its product."""
        for word in self.scope:
            if word == "all" or word == domain:
                return True
            code = word.removeprefix("EBOPS:")
            # A measure on some goods is no measure on all goods, but one on a heading is one on its products.
            if product != "TOTAL" and word.startswith(("HS", "EBOPS:")) and product.startswith(code):
                return True
        return False

    def routes(self) -> list[tuple[str, str]]:
        """Who sells to whom in the trade that it could move, between economies that it names."""
        named = (self.implementing | self.affected) - {EVERYONE}
        return sorted((one, other) for one in named for other in named if one != other and self.moves(one, other))


@dataclass(frozen=True, order=True)
class Key:
    """A series that is held.

    Args:
        domain: goods or services.
        frequency: M or A.
        reporter: Whose statistics.
        partner: With whom.
        flow: export or import.
        product: TOTAL, `HS` and a code, or an item of services.
    """

    domain: str
    frequency: str
    reporter: str
    partner: str
    flow: str
    product: str

    @property
    def route(self) -> tuple[str, str]:
        """The seller and the buyer."""
        return (self.reporter, self.partner) if self.flow == "export" else (self.partner, self.reporter)

    @property
    def name(self) -> str:
        return f"{self.domain}/{self.frequency}/{self.reporter}/{self.flow}/{self.partner}/{self.product}"


@dataclass
class Held:
    """The series that there are, as logarithms by period: a month's number, or a year.

    Args:
        raw: As reported.
        adjusted: Without season and holiday; yearly series have none.
        caveats: What a reader must know of an estimate from a series.
    """

    raw: dict[Key, dict[int, float]]
    adjusted: dict[Key, dict[int, float]] = field(default_factory=dict)
    caveats: dict[Key, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._alike: dict[tuple[str, ...], list[Key]] = defaultdict(list)
        for key in sorted(self.raw):
            self._alike[_kind(key)].append(key)

    def others(self, key: Key) -> list[Key]:
        """The same reporter's series with other partners."""
        return [other for other in self._alike[_kind(key)] if other.partner != key.partner]

    def smooth(self, key: Key) -> dict[int, float]:
        """The series to compare with others: without season if it has one."""
        if key.frequency == "A":
            return self.raw[key]
        if key not in self.adjusted:
            self.adjusted[key] = _without_season(self.raw[key])
        return self.adjusted[key]


@dataclass(frozen=True)
class Refusal:
    """Why a question has no answer."""

    status: str
    reason: str


@dataclass(frozen=True)
class Answer:
    """What a method says of a series around a stage.

    Args:
        estimate: The estimate; None if it is refused for another reason than that it hangs on one donor.
        refusal: Why it is refused.
        donors: The partners that it was compared with.
        without: The estimates without each of them, in their order.
        periods: Periods before the event that were used.
        others: Events beside this one that fall into the window.
    """

    estimate: Estimate | None = None
    refusal: Refusal | None = None
    donors: tuple[str, ...] = ()
    without: tuple[Estimate, ...] = ()
    periods: int | None = None
    others: tuple[str, ...] = ()


def ask(stage: Stage, key: Key, method: Method, window: int, held: Held, stages: Sequence[Stage]) -> Answer:
    """Asks one method about one series around one stage.

    Args:
        stage: The stage.
        key: The series; it is held.
        method: The method.
        window: Months that are compared on either side.
        held: All series.
        stages: All stages, for those that overlap.
    """
    yearly = key.frequency == "A"
    length = window // 12 if yearly else window
    cut = cut_of(stage, key.frequency)
    same_season = method == "before_after" and not yearly
    base = cut - max(length, 12) if same_season else cut - length
    series = held.raw[key] if method == "before_after" else held.smooth(key)
    lacking = _lacking(series, range(base, cut), range(cut, cut + length), key.frequency)
    in_months = 12 if yearly else 1
    overlapping, others = _events_between(stage, key, base * in_months, (cut + length) * in_months, stages)
    if lacking is not None:
        return Answer(refusal=lacking, others=others)
    if overlapping:
        told = ", ".join(sorted({f"{other.event_id} ({other.stage} {other.day})" for other in overlapping}))
        return Answer(refusal=Refusal("overlaps", f"In the window takes effect: {told}."), others=others)
    if method == "before_after":
        return _before_after(series, cut, length, yearly=yearly, others=others)
    return _compared(stage, key, method, cut, length, held, stages, others)


def _before_after(
    series: Mapping[int, float], cut: int, length: int, *, yearly: bool, others: tuple[str, ...]
) -> Answer:
    after = _array(series, range(cut, cut + length))
    if not yearly:
        # The last time that each of these months came before the event.
        years_back = 12 * -(-length // 12)
        before = _array(series, range(cut - years_back, cut - years_back + length))
        return Answer(effects.before_after(before, after), periods=length, others=others)
    start = cut
    while start - 1 in series:
        start -= 1
    earlier = _array(series, range(start, cut))
    found = effects.before_after_yearly(earlier, after)
    if found is None:
        reason = f"{len(earlier)} years before the event; {5 * length} are needed to know what is usual."
        return Answer(refusal=Refusal("too_few_before", reason), others=others)
    return Answer(found, periods=len(earlier), others=others)


def _compared(
    stage: Stage,
    key: Key,
    method: Method,
    cut: int,
    length: int,
    held: Held,
    stages: Sequence[Stage],
    others: tuple[str, ...],
) -> Answer:
    """Difference in differences or synthetic control, with the partners that can be compared."""
    series = held.smooth(key)
    start = cut - length
    if method == "synthetic_control":
        fewest, most = FITTED[key.frequency]
        start = cut
        while start - 1 in series and cut - start < most:
            start -= 1
        if cut - start < fewest:
            unit = "months" if key.frequency == "M" else "years"
            reason = f"{cut - start} {unit} before the event; {fewest} are needed."
            return Answer(refusal=Refusal("too_few_before", reason), others=others)
    most = (cut - start) // PERIODS_A_DONOR if method == "synthetic_control" else MOST_DONORS
    donors = _donors(stage, key, range(start, cut + length), cut - length, held, stages)[: min(most, MOST_DONORS)]
    needed = FEWEST_DONORS[method]
    if len(donors) < needed:
        why = "the event touches all" if EVERYONE in stage.affected else "that it does not touch"
        reason = f"{len(donors)} other partners of {key.reporter} with every period, {why}; {needed} are needed."
        return Answer(refusal=Refusal("too_few_donors", reason), others=others)
    import numpy as np

    panel = [series, *(held.smooth(donor) for donor in donors)]
    before = np.column_stack([_array(one, range(start, cut)) for one in panel])
    after = np.column_stack([_array(one, range(cut, cut + length)) for one in panel])
    partners = tuple(donor.partner for donor in donors)
    if method == "difference_in_differences":
        found = effects.difference_in_differences(before, after)
    else:
        found = effects.synthetic_control(before, after)
        refusal = _poor_fit(found)
        if refusal is not None:
            return Answer(None, refusal, partners, periods=cut - start, others=others)
    without = effects.without_each(method, before, after)
    return Answer(found, _hanging(found, without, partners), partners, without, cut - start, others)


def _poor_fit(found: Estimate) -> Refusal | None:
    if found.fit is not None and found.fit > WORST_FIT:
        reason = f"The others miss it by {100 * found.fit:.1f}% before the event; {100 * WORST_FIT:.0f}% are allowed."
        return Refusal("poor_fit", reason)
    if found.explained is None or found.explained <= 0:
        return Refusal("poor_fit", "Before the event the others follow it no better than its own mean does.")
    return None


def _hanging(found: Estimate, without: Sequence[Estimate], donors: Sequence[str]) -> Refusal | None:
    """An estimate that one donor decides is none; of several such donors the one that moves it most is named."""
    decisive = [
        (abs(other.change - found.change), place, told)
        for place, other in enumerate(without)
        if (told := _otherwise(found, other)) is not None
    ]
    if not decisive:
        return None
    _, place, told = max(decisive, key=lambda one: one[0])
    weight = ""
    if found.weights:
        share = 100 * found.weights[place]
        weight = f", which has {share:.0f}% of the weight" if share >= 1 else ", a placebo of no weight"
    reason = (
        f"It hangs on {donors[place]}{weight}: {percent(found.change):+.1f}% with all {len(donors)} donors, "
        f"{percent(without[place].change):+.1f}% without, and then {told}."
    )
    return Refusal("unstable", reason)


def _otherwise(found: Estimate, other: Estimate) -> str | None:
    """What another estimate says that this one does not."""
    if (other.change > 0) != (found.change > 0):
        return "its sign is the other"
    if other.leaves_out_zero != found.leaves_out_zero:
        return "zero lies outside its interval" if other.leaves_out_zero else "zero lies in its interval"
    if other.weights and _poor_fit(other) is not None:
        return "the others do not follow the series before the event"
    return None


def _donors(
    stage: Stage, key: Key, periods: range, window_start: int, held: Held, stages: Sequence[Stage]
) -> list[Key]:
    """The largest other partners with every period that neither this event nor another measure touches."""
    if EVERYONE in stage.affected:
        return []
    named = stage.implementing | stage.affected
    in_months = 12 if key.frequency == "A" else 1
    measures = [
        measure
        for measure in stages
        if measure.is_in_effect
        and window_start * in_months < measure.start < periods.stop * in_months
        and measure.covers(key.domain, key.product)
        and not measure.moves(*key.route)
    ]
    found = []
    for other in held.others(key):
        series = held.smooth(other)
        if other.partner in named or any(period not in series for period in periods):
            continue
        if not any(measure.moves(*other.route) for measure in measures):
            found.append((-sum(series[period] for period in periods), other))
    return [other for _, other in sorted(found)]


def cut_of(stage: Stage, frequency: str) -> int:
    """The first period after a stage: its month, or the year that begins nearest to it."""
    return stage.start if frequency == "M" else (stage.start + 6) // 12


def _events_between(
    stage: Stage, key: Key, start: int, end: int, stages: Sequence[Stage]
) -> tuple[list[Stage], tuple[str, ...]]:
    """What else happened in a window: measures that refuse an estimate, and all other events.

    A measure refuses it if it takes effect there, covers the series, and the same side acts on the same one. What the
    other side does in answer is part of the story and is only named, as is all talk. Of the event itself only an
    earlier stage in the opposite sense refuses: its lifting cannot be told from its beginning.
    """
    refusing, others = [], set()
    pair = (key.route, key.route[::-1])
    alone = not any(stage.acts(*sides) for sides in pair)
    for other in stages:
        if not start < other.start < end or not other.covers(key.domain, key.product) or not other.moves(*key.route):
            continue
        if other.event_id == stage.event_id:
            if other.day < stage.day and {other.evaluation, stage.evaluation} == {"red", "green"}:
                refusing.append(other)
            continue
        others.add(other.event_id)
        same_way = alone or any(stage.acts(*sides) and other.acts(*sides) for sides in pair)
        if other.is_in_effect and same_way:
            refusing.append(other)
    return refusing, tuple(sorted(others))


def _lacking(series: Mapping[int, float], before: range, after: range, frequency: str) -> Refusal | None:
    """What a window lacks of a series."""
    missing = [period for period in (*before, *after) if period not in series]
    if not missing:
        return None
    if not series:
        return Refusal("too_few_before", "No month is adjusted: no five years are without a gap, or it is too small.")
    first, last = _name(min(series), frequency), _name(max(series), frequency)
    held = f"Held from {first} to {last}; needed from {_name(before[0], frequency)} to {_name(after[-1], frequency)}."
    if max(series) < after[-1]:
        return Refusal("series_ends", held)
    if min(series) > before[0]:
        return Refusal("too_few_before", held)
    return Refusal("gap", f"{_name(missing[0], frequency)} is missing.")


def _name(period: int, frequency: str) -> str:
    return str(period) if frequency == "A" else f"{first_day(period):%Y-%m}"


def agreed(held: Held, agreements: Sequence[Stage], stages: Sequence[Stage]) -> Iterator[list[Any]]:
    """What goods trade did beside that of others when an agreement came into force, over a year on either side.

    Args:
        held: All series.
        agreements: The stages in which agreements come into force that are no events of the register.
        stages: Those of the register. Agreements with other partners count as measures beside them.
    """
    among = [*stages, *agreements]
    for stage in agreements:
        head = [stage.event_id, stage.stage, stage.day]
        for name, refusal in _not_asked(stage, held):
            yield _row(head, name, None, None, None, None, Answer(refusal=refusal))
        for key in _keys(stage, held):
            if stage.precision == "year":
                refusal = Refusal("date_too_vague", "Only the year is known in which it came into force.")
                yield _row(head, key.name, key, None, None, None, Answer(refusal=refusal))
            else:
                yield from _asked(stage, key, held, among, head, COMPARED, YEAR)


def rows(held: Held, stages: Sequence[Stage]) -> Iterator[list[Any]]:
    """A row for each stage, series, method and window, in the order of `COLUMNS`; see `ask`."""
    for stage in stages:
        head = [stage.event_id, stage.stage, stage.day]
        for name, refusal in _not_asked(stage, held):
            yield _row(head, name, None, None, None, None, Answer(refusal=refusal))
        for key in _keys(stage, held):
            yield from _asked(stage, key, held, stages, head)


def _asked(
    stage: Stage,
    key: Key,
    held: Held,
    stages: Sequence[Stage],
    head: list[Any],
    methods: Sequence[Method] = METHODS,
    windows: Mapping[str, Sequence[int]] = WINDOWS,
) -> Iterator[list[Any]]:
    series, cut = held.raw[key], cut_of(stage, key.frequency)
    refusal = None
    if max(series) < cut:
        refusal = Refusal("series_ends", f"Held until {_name(max(series), key.frequency)}.")
    elif min(series) >= cut:
        refusal = Refusal("too_few_before", f"Held from {_name(min(series), key.frequency)} only.")
    elif stage.precision == "year" and key.frequency == "M":
        refusal = Refusal("date_too_vague", "Only the year of the event is known.")
    if refusal is not None:
        yield _row(head, key.name, key, None, None, cut, Answer(refusal=refusal))
        return
    for method in methods:
        for window in windows[key.frequency]:
            answer = ask(stage, key, method, window, held, stages)
            yield _row(head, key.name, key, method, window, cut, answer, held.caveats.get(key))


def _targets(word: str) -> list[tuple[str, str]]:
    """What can be measured of a scope: domain and product."""
    if word == "all":
        return [("goods", "TOTAL"), ("services", "S")]
    if word == "goods":
        return [("goods", "TOTAL")]
    if word == "services":
        return [("services", "S")]
    if word.startswith("EBOPS:"):
        return [("services", word.removeprefix("EBOPS:"))]
    return [("goods", word)] if word.startswith("HS") else []


def _keys(stage: Stage, held: Held) -> list[Key]:
    """The series that are held of what a stage could move, each side's own statistics."""
    targets = {target for word in stage.scope for target in _targets(word)}
    found = [
        Key(domain, frequency, *sides, product)
        for exporter, importer in stage.routes()
        for sides in ((exporter, importer, "export"), (importer, exporter, "import"))
        for domain, product in sorted(targets)
        for frequency in ("M", "A")
    ]
    return [key for key in found if key in held.raw]


def _not_asked(stage: Stage, held: Held) -> Iterator[tuple[str, Refusal]]:
    """What a stage covers and nobody can ask about."""
    routes = stage.routes()
    for word in stage.scope:
        if not _targets(word):
            yield f"scope/{word}", Refusal("scope_not_measurable", f"No series measures {word}.")
    if not routes:
        reason = "It touches every partner alike, so no pair stands out."
        yield "pair/none", Refusal("no_series", reason)
    keys = {(key.route, key.domain, key.product) for key in _keys(stage, held)}
    for exporter, importer in routes:
        for domain, product in sorted({target for word in stage.scope for target in _targets(word)}):
            if ((exporter, importer), domain, product) not in keys:
                reason = f"No series of {domain} {product} from {exporter} to {importer} is held."
                yield f"{domain}/{exporter}/{importer}/{product}", Refusal("no_series", reason)


def _row(
    head: list[Any],
    name: str,
    key: Key | None,
    method: Method | None,
    window: int | None,
    cut: int | None,
    answer: Answer,
    caveat: str | None = None,
) -> list[Any]:
    described = [key.domain, key.frequency, key.reporter, key.partner, key.flow, key.product] if key else [None] * 6
    start = None
    if key is not None and cut is not None:
        start = first_day(cut if key.frequency == "M" else cut * 12)
    found = answer.estimate if answer.refusal is None else None
    numbers: list[Any] = [None] * 8
    fit = explained = None
    if found is not None:
        numbers = [
            *(rounded(percent(value)) for value in (found.change, found.low, found.high)),
            rounded(100 * found.level, 3),
            found.rank,
            found.placebos,
            None if found.rank is None or found.placebos is None else rounded(found.rank / (found.placebos + 1), 4),
            rounded(found.ratio),
        ]
        fit = rounded(None if found.fit is None else 100 * found.fit)
        explained = rounded(None if found.explained is None else 100 * found.explained)
    return [
        *head,
        name,
        *described,
        method or "none",
        window or 0,
        start,
        *numbers,
        len(answer.donors) if answer.donors else None,
        _told(answer),
        answer.periods,
        fit,
        explained,
        *_without(answer),
        answer.refusal.status if answer.refusal else "estimated",
        answer.refusal.reason if answer.refusal else caveat,
        ", ".join(answer.others) or None,
    ]


def _without(answer: Answer) -> list[Any]:
    """What leaving out each donor comes to, in the order of `COLUMNS`."""
    if answer.estimate is None or not answer.without:
        return [None] * 6
    changes = [other.change for other in answer.without]
    moved = [abs(change - answer.estimate.change) for change in changes]
    most = moved.index(max(moved))
    return [
        rounded(percent(min(changes))),
        rounded(percent(max(changes))),
        len(changes),
        sum(other.leaves_out_zero for other in answer.without),
        answer.donors[most],
        rounded(percent(changes[most])),
    ]


def _told(answer: Answer) -> str | None:
    """The donors, with their weights where they have some."""
    if not answer.donors:
        return None
    if answer.estimate is None or not answer.estimate.weights:
        return ", ".join(answer.donors)
    weighed = zip(answer.donors, answer.estimate.weights, strict=True)
    return ", ".join(f"{donor} {weight:.3f}" for donor, weight in weighed if weight >= 0.0005)


def _kind(key: Key) -> tuple[str, ...]:
    return (key.domain, key.frequency, key.reporter, key.flow, key.product)


def _array(series: Mapping[int, float], periods: range) -> Floats:
    import numpy as np

    return np.array([series[period] for period in periods])


def _without_season(series: Mapping[int, float]) -> dict[int, float]:
    """The longest stretch of a monthly series, adjusted; nothing if it is too short for that."""
    import numpy as np

    months: Integers = np.array(sorted(series))
    months = months[longest_stretch(months)]
    if len(months) < FEWEST_YEARS * 12:
        return {}
    logs = np.array([series[int(month)] for month in months])
    return dict(zip(months.tolist(), adjust(logs, months).log_adjusted.tolist(), strict=True))


def _compute(connection: duckdb.DuckDBPyConnection, _models: Mapping[str, Model]) -> Iterator[list[Any]]:
    stages, agreements = _stages(connection), _agreements(connection)
    held = _held(connection, [*stages, *agreements])
    yield from rows(held, stages)
    yield from agreed(held, agreements, stages)


def _stages(connection: duckdb.DuckDBPyConnection) -> list[Stage]:
    """The stages of the register; those of Global Trade Alert come by the thousand and repeat some of them."""
    found = connection.execute(
        "select event_id, stage, event_date, date_precision, event_class, evaluation, implementing, affected, scope "
        "from core.policy_event_stages where source = 'register' order by event_id, event_date, stage"
    ).fetchall()
    return [
        Stage(
            event_id=event_id,
            stage=stage,
            day=day,
            precision=precision,
            event_class=event_class,
            evaluation=evaluation,
            implementing=frozenset(acting.split(", ")),
            affected=frozenset(touched.split(", ")),
            scope=tuple(scope.split(", ")),
        )
        for event_id, stage, day, precision, event_class, evaluation, acting, touched, scope in found
    ]


def _agreements(connection: duckdb.DuckDBPyConnection) -> list[Stage]:
    """The agreements that the register does not have, as they come into force."""
    found = connection.execute(
        "select agreement_id, in_force_on, date_precision, side_codes, other_side_codes from core.agreements "
        "where event_id is null order by agreement_id"
    ).fetchall()
    return [
        Stage(
            event_id=agreement_id,
            stage="in_force",
            day=day,
            precision=precision,
            event_class="trade_agreement",
            evaluation="green",
            implementing=frozenset(side.split(", ")),
            affected=frozenset(other.split(", ")),
            scope=("goods",),
        )
        for agreement_id, day, precision, side, other in found
    ]


# Only what a stage could ask about is read: a warehouse may hold every product and every service of all economies.
_SERIES = """
    select 'goods' as domain, 'M' as frequency, reporter_code, partner_code, flow, 'TOTAL' as product,
        list(year(period_start) * 12 + month(period_start) - 1 order by period_start) as periods,
        list(value_usd order by period_start) as figures, null as classifications,
        bool_or(is_joint_month) as is_joint
    from core.goods_trade_monthly
    where value_usd > 0 and list_contains($reporters, reporter_code)
    group by reporter_code, partner_code, flow
    union all
    select 'goods', 'A', reporter_code, partner_code, flow, 'TOTAL',
        list(year(period_start) order by period_start), list(value_usd order by period_start), null, false
    from core.goods_trade_annual
    where value_usd > 0 and list_contains($reporters, reporter_code)
    group by reporter_code, partner_code, flow
    union all
    select 'goods', 'M', figures.reporter_code, partner_code, flow, 'HS' || product_code,
        list(year(period_start) * 12 + month(period_start) - 1 order by period_start),
        list(value_usd order by period_start), string_agg(distinct classification, ', ' order by classification),
        bool_or(joint_months.first_month is not null)
    from core.product_trade_monthly as figures
    left join core.joint_months as joint_months
        on
            figures.reporter_code = joint_months.reporter_code and figures.source = joint_months.source
            and year(period_start) between joint_months.valid_from_year and joint_months.valid_to_year
            and month(period_start) between joint_months.first_month and joint_months.last_month
    where
        value_usd > 0 and starts_with(classification, 'HS')
        and list_contains($reporters, figures.reporter_code) and list_contains($products, 'HS' || product_code)
    group by figures.reporter_code, partner_code, flow, product_code
    union all
    select 'goods', 'A', reporter_code, partner_code, flow, 'HS' || product_code,
        list(year(period_start) order by period_start), list(value_usd order by period_start),
        string_agg(distinct classification, ', ' order by classification), false
    from core.product_trade_annual
    where
        value_usd > 0 and starts_with(classification, 'HS')
        and list_contains($reporters, reporter_code) and list_contains($products, 'HS' || product_code)
    group by reporter_code, partner_code, flow, product_code
    union all
    -- Only balanced figures have several partners and years on one basis.
    select 'services', 'A', reporter_code, partner_code, flow, service_item_code,
        list(year order by year), list(value_usd order by year), null, false
    from core.services_trade
    where
        value_usd > 0 and value_basis = 'balanced'
        and list_contains($reporters, reporter_code) and list_contains($products, service_item_code)
    group by reporter_code, partner_code, flow, service_item_code
"""

_ADJUSTED = """
    select reporter_code, partner_code,
        list(year(period_start) * 12 + month(period_start) - 1 order by period_start) as periods,
        list(exports_adjusted_usd order by period_start) as exports,
        list(imports_adjusted_usd order by period_start) as imports
    from marts.trade_balance_monthly_adjusted
    where list_contains($reporters, reporter_code)
    group by reporter_code, partner_code
"""


def _held(connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage]) -> Held:
    import numpy as np

    reporters = sorted({economy for stage in stages for economy in stage.implementing | stage.affected})
    products = sorted({product for stage in stages for word in stage.scope for _, product in _targets(word)})

    raw: dict[Key, dict[int, float]] = {}
    caveats: dict[Key, str] = {}
    for *described, periods, figures, classifications, is_joint in connection.execute(
        _SERIES, {"reporters": reporters, "products": products}
    ).fetchall():
        key = Key(*described)
        months, values = np.array(periods), np.array(figures)
        if is_joint:
            values, months = joined(values, months)
        raw[key] = dict(zip(months.tolist(), np.log(values).tolist(), strict=True))
        if classifications and ", " in classifications:
            caveats[key] = f"Across {classifications.replace(', ', ' and ')}, without a concordance."
    adjusted: dict[Key, dict[int, float]] = {}
    for reporter, partner, periods, exports, imports in connection.execute(
        _ADJUSTED, {"reporters": reporters}
    ).fetchall():
        for flow, figures in (("export", exports), ("import", imports)):
            known = [(period, figure) for period, figure in zip(periods, figures, strict=True) if figure is not None]
            logs = np.log(np.array([figure for _, figure in known])).tolist()
            key = Key("goods", "M", reporter, partner, flow, "TOTAL")
            adjusted[key] = dict(zip([period for period, _ in known], logs, strict=True))
    return Held(raw, adjusted, caveats)


def declare() -> Analysis:
    """The analysis `policy_event_effects`: every stage, series, method and window, and agreements beside them."""
    return Analysis(
        name="policy_event_effects",
        columns=COLUMNS,
        reads=frozenset(
            {
                "core.agreements",
                "core.goods_trade_annual",
                "core.goods_trade_monthly",
                "core.joint_months",
                "core.policy_event_stages",
                "core.product_trade_annual",
                "core.product_trade_monthly",
                "core.services_trade",
                "marts.trade_balance_monthly_adjusted",
            }
        ),
        compute=_compute,
        fingerprint=fingerprint(
            ("series", "lunar_new_year", "seasonal", "effects", "events"), ("numpy", "scipy", "statsmodels")
        ),
    )
