"""Policy events in the report: the series around an event, its counterfactual, and the placebos it is tested by.

Here: which events are shown, the counterfactual month by month, and the charts. Not here: the design, the donors and
the test, which are those of the analysis (`analysis.estimates`, docs/methods.md): they are asked again of the published
series and have to come to what marts.policy_event_effects says.

That needs the packages of a build; where a file is only read, the events are told without charts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.analysis import stages
from dagster_project.analysis.stages import IN_EFFECT, Key, Stage
from dagster_project.questions import wording
from dagster_project.questions.wording import make_possessive
from dagster_project.report import charts
from dagster_project.report.elements import Column, Finding, Section, Table, make_finding
from dagster_project.report.pair import Pair
from dagster_project.report.pictures import Picture, draw_picture
from dagster_project.report.sections import list_events

if TYPE_CHECKING:
    from dagster_project.analysis.estimates import Sample
    from dagster_project.analysis.panels import Panels
    from dagster_project.questions.numbers import Sentence

# The most events with charts of their own, and the months that are drawn before the base and after the window.
MOST, BEFORE, AFTER = 3, 12, 6
METHOD = (
    "A counterfactual is what the series would have been if it had changed since the year before as comparable series "
    "did. A placebo is one of those, tested as if the event had happened to it. A month that is not held, or that a "
    "correction sets aside, is a gap. None of this proves a cause."
)
FINDING = Path(__file__).with_name("event.txt.j2")
LINES = {"value": "the series", "counterfactual": "counterfactual"}
UNITS = {"goods": "US$", "arrivals": "persons"}


@dataclass(frozen=True)
class Case:
    """An event and a series, as the analysis asks it.

    Args:
        effect: The row of marts.policy_event_effects.
        key: The series.
        months: For each month its number, the value, and from the event on what those like it would have given.
        placebos: Each placebo's effect, in units of what is usual for it.
        own: The series' own, in the same units.
        critical: Beyond how many units an effect is significant; None with too few placebos.
    """

    effect: dict[str, Any]
    key: Key
    months: list[dict[str, Any]]
    placebos: list[float]
    own: float
    critical: float | None


def write_events(pair: Pair) -> Section | None:
    """Write the section on events whose effect was estimated, without charts where the analysis cannot run."""
    answer = pair.ask_question("after_thaad")
    found = list(find_headlines(pair))
    if not found:
        return None
    pictures: list[Picture] = []
    tables: list[Table] = []
    notes = [METHOD]
    findings = [Finding("marts.policy_event_effects", _write_sentence(pair, effect)) for effect in found]
    try:
        asked = ask_cases(pair, found)
    except ModuleNotFoundError as error:
        notes.append(f"No charts: {error.name} is not installed where this page was made.")
        asked = []
    for case, one in zip(asked, findings, strict=False):
        unit = UNITS[case.key.domain]
        title = f"{case.effect['title']}: {_name_series(pair, case.key.domain)}"
        pictures += [
            draw_picture(title, one.sentence, charts.draw_event, case.months, LINES, unit),
            draw_picture(
                f"{title}: placebos", one.sentence, charts.draw_placebos, case.placebos, case.own, case.critical
            ),
        ]
        columns = (
            Column("month", "Month", "code"),
            Column("value", "As it was", unit),
            Column("counterfactual", "Counterfactual", unit),
        )
        metric = {"goods": f"{case.key.flow}s", "arrivals": "visitor_arrivals"}[case.key.domain]
        held = pair.get_figures(metric)
        months, figures = [], {}
        for number, month in enumerate(case.months):
            figure = held.get(month["month"])
            # Of months that are released together the analysis knows the sum alone: such a month is no figure.
            if figure and month["value"] is not None and math.isclose(figure.value, month["value"], rel_tol=1e-9):
                figures[number, "value"] = figure
                months.append(month | {"value": figure.value})
            else:
                months.append(month)
        tables.append(Table(f"event-{case.effect['event_id'].lower()}", f"{title}, by month", columns, months, figures))
    if answer.state != "missing" and answer.arises:
        findings.append(make_finding(answer))
    key = {
        "first": "the series",
        "second dashed": "counterfactual, from the event on",
        "placebo": "a placebo",
        "band": "not statistically significant",
    }
    return Section("events", "What policy events did", findings, pictures, key, tables, notes)


def find_headlines(pair: Pair) -> Iterator[dict[str, Any]]:
    """Find the pair's measures that restrict trade or travel, each with the one series that it is about.

    An event about one thing goes before one about all: what both would show is shown once.
    """
    found = pair.query_rows(
        """
        select effects.*, events.title, stages.stage_title, stages.implementing, stages.affected, stages.scope
        from marts.policy_event_effects as effects
        inner join core.policy_events as events on effects.event_id = events.event_id
        inner join core.policy_event_stages as stages
            on
                effects.event_id = stages.event_id and effects.stage = stages.stage
                and effects.event_date = stages.event_date
        where
            effects.status = 'estimated' and effects.frequency = 'M' and events.evaluation in ('red', 'amber')
            and effects.reporter_code = $reporter and effects.partner_code = $partner
            and list_contains($in_effect, effects.stage) and effects.product_code in ('TOTAL', 'SD')
        order by stages.scope = 'all', effects.event_date, effects.event_id, effects.flow
        """,
        in_effect=sorted(IN_EFFECT),
    )
    events: set[str] = set()
    series: set[tuple[str, Any]] = set()
    concerning = {event["event_id"] for event in list_events(pair)}
    # Of a measure on all trade the reporter's sales are what people ask about.
    for row in (row for row in found if row["event_id"] in concerning and row["flow"] == "export"):
        one = (row["series"], row["effect_from"])
        if row["event_id"] in events or one in series or len(events) == MOST:
            continue
        if row["scope"] == "all" and row["domain"] != "goods":
            continue
        events.add(row["event_id"])
        series.add(one)
        yield row


def _name_series(pair: Pair, domain: str) -> str:
    return {
        "goods": f"{make_possessive(pair.reporter_name)} exports of goods to {pair.partner_name}",
        "arrivals": f"arrivals from {pair.partner_name} in {pair.reporter_name}",
    }[domain]


def _write_sentence(pair: Pair, effect: dict[str, Any]) -> Sentence:
    """Write the finding of a row of marts.policy_event_effects."""
    row = effect | {"what": _name_series(pair, effect["domain"]), "is_answered": True}
    return wording.write_sentences(FINDING.read_text(encoding="utf-8"), [row], {}, {})


def ask_cases(pair: Pair, found: list[dict[str, Any]]) -> list[Case]:
    """Ask the analysis about events and their series again, by rows of marts.policy_event_effects."""
    from dagster_project.analysis.panels import Panels, read_panels

    events = stages.read_registered(pair.connection)
    known = {(stage.event_id, stage.stage, stage.day): stage for stage in events}
    asked = [known[row["event_id"], row["stage"], row["event_date"]] for row in found]
    # The series of those that are shown are enough, but every measure tells where nothing else happened.
    measures = [*events, *stages.read_agreements(pair.connection)]
    read = read_panels(pair.connection, asked)
    held = Panels(read.series, read.described, measures, read.caveats)
    return [_ask_case(effect, stage, held) for effect, stage in zip(found, asked, strict=True)]


def _ask_case(effect: dict[str, Any], stage: Stage, found: Panels) -> Case:
    from dagster_project.analysis import effects, estimates

    named = ("domain", "frequency", "reporter_code", "partner_code", "flow", "product_code")
    key = Key(*(str(effect[name]) for name in named))
    sample = estimates.prepare_sample(stage, key, found)
    assert isinstance(sample, estimates.Sample)
    design, bounds = estimates.PRIMARY["M"], effects.EARLIER["M"]
    placebos = effects.Placebos(
        effects.subtract_donors(sample.changed, sample.donors), sample.quiet, sample.place, design.window, bounds
    )
    usual = placebos.effects[sample.place] / placebos.compute_scales()
    test = placebos.run_test()
    assert test is not None
    return Case(
        effect,
        key,
        list(_list_months(sample, found, design.window, design.base)),
        sorted(float(value) for value in usual[1:] if not math.isnan(value)),
        float(usual[0]),
        test.critical if math.isfinite(test.critical) else None,
    )


def _list_months(sample: Sample, found: Panels, window: int, base: int) -> Iterator[dict[str, Any]]:
    """List the series by month, and in the window what it would have been had it moved as its donors did."""
    table = found.get_table(sample.key.kind)
    own, donors = table[sample.key.partner], table[list(sample.names)]
    for place in range(sample.place - base - BEFORE, min(sample.place + window + AFTER, len(table))):
        if place < 0:
            continue
        value, counterfactual = own.iloc[place], math.nan
        if sample.place <= place < sample.place + window:
            earlier = place - base
            moved = (donors.iloc[place] - donors.iloc[earlier]).mean()
            counterfactual = own.iloc[earlier] + moved
        yield {
            "month": str(table.index[place]),
            "value": None if math.isnan(value) else math.exp(value),
            "counterfactual": None if math.isnan(counterfactual) else math.exp(counterfactual),
            "is_after": place >= sample.place,
        }
