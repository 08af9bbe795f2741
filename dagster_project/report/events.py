"""Write the report's section on policy events: the series around an event, its counterfactual, and the placebo test.

Here: the choice of events, the counterfactual by month, and the charts. Not here: how effects are estimated and tested
(`analysis.estimates`, docs/methods.md). The analysis runs again on the published series and must give the same results
as marts.policy_event_effects.

The analysis needs the optional packages of a build; if they are not installed, the section has no charts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.analysis import stages
from dagster_project.analysis.stages import IN_EFFECT, Key, Stage
from dagster_project.languages import get_language, translate
from dagster_project.questions import wording
from dagster_project.questions.numbers import Sentence
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.charts.placebos import draw_placebos
from dagster_project.report.charts.texts import load_texts, write_text, write_title
from dagster_project.report.elements import Column, Finding, Section, Table, make_findings
from dagster_project.report.pair import Pair
from dagster_project.report.pictures import Picture, draw_picture

if TYPE_CHECKING:
    from dagster_project.analysis.estimates import Sample
    from dagster_project.analysis.panels import Panels

# The most events to draw, and the months to draw before the base and after the window.
MOST, BEFORE, AFTER = 3, 12, 6
# The highest q-value of an effect that is significant among all tests, as in `event.en.txt.j2`.
MOST_Q = 0.1
UNITS = {"goods": "US$", "arrivals": "persons"}
METRICS = {"goods": "exports", "arrivals": "visitor_arrivals"}


@dataclass(frozen=True)
class Case:
    """An event and a series, with the results of the analysis."""

    effect: dict[str, Any]  # the row of marts.policy_event_effects
    months: list[dict[str, Any]]  # for each month, the month as `year`, its `value`, and a `counterfactual` or None
    first: str  # the month in which the event begins
    # The effects on each placebo and on the series, as multiples of their usual size.
    placebos: list[float]
    own: float
    critical: float | None  # the multiple from which an effect is significant; None if there are too few placebos


def write_events(pair: Pair) -> Section | None:
    """Write the section on events with an estimated effect; leave out the charts if the analysis cannot run."""
    answer = pair.ask_question("after_thaad")
    found = list(choose_restrictions(pair))
    if not found:
        return None
    findings = [Finding("marts.policy_event_effects", _write_sentence(pair, effect)) for effect in found]
    notes = [
        translate(
            "The expected level is where the series would have been if it had changed from the year before as "
            "comparable series did. A gap in a line is a month without a figure, or with one that was found wrong and "
            "left out. These estimates do not prove a cause."
        )
    ]
    shown: list[tuple[list[Picture], Table]] = []
    try:
        cases = run_cases(pair, found)
        shown = [_draw_case(pair, case, one.sentence) for case, one in zip(cases, findings, strict=True)]
    except ModuleNotFoundError as error:
        notes.append(translate("No charts: {package} is not installed where this page was made.", package=error.name))
    if answer.state != "missing" and answer.arises:
        findings += make_findings([answer])
    pictures = [picture for both, _ in shown for picture in both]
    tables = [table for _, table in shown]
    return Section("events", translate("What policy events did"), findings, pictures, tables, notes)


def _draw_case(pair: Pair, case: Case, said: Sentence) -> tuple[list[Picture], Table]:
    """Draw the series around an event and its placebos; make the table of the months."""
    effect, domain = case.effect, case.effect["domain"]
    what, unit, held = _name_series(pair, domain), UNITS[domain], pair.get_figures(METRICS[domain])
    event = load_texts()["events_within"].get(effect["event_id"]) or translate(effect["title"])
    shown = [held[month["year"]] for month in case.months if month["year"] in held]
    source = pair.name_source(shown, [wording.CALCULATION])
    day, moved = effect["effect_from"], "reduced" if effect["estimate_pct"] < 0 else "raised"
    words = {"event": event, "what": what, "size": effect["estimate_pct"], "months": effect["window_months"]}
    words |= {"year": day.year, "month": day.month, "moved": moved}
    words["others"] = write_text(f"event_others_{domain}", **pair.words)
    expected = [month["counterfactual"] is not None for month in case.months]
    around = zip([False, *expected], expected, [*expected[1:], False], strict=False)
    is_alone = any(here and not (before or after) for before, here, after in around)
    words["estimate"] = write_text("event_line_and_dot" if is_alone else "event_line")
    held_months = sum(None not in (month["value"], month["counterfactual"]) for month in case.months)
    span = "event_span" if held_months == effect["window_months"] else "event_span_part"
    words["span"] = write_text(span, **words, held=held_months)
    found = write_title(f"event_{effect['conclusion']}", **words)
    measure = write_title(f"event_measure_{domain}", **words, amounts=[figure.value for figure in shown])
    labels = {"value": write_text("event_actual"), "counterfactual": write_text("event_counterfactual")}
    short = load_texts()["events"].get(effect["event_id"], event)
    rule = (case.first, write_title("event_from", **words | {"event": short}))
    notes = [f"{source}.", write_text("event_window", **words)]
    if effect["ci_low_pct"] is not None:
        notes.append(write_text("event_interval", **effect))
    lacking = []
    if gaps := [month["year"] for month in case.months if month["value"] is None]:
        lacking.append(write_text("event_gaps", months=wording.format_periods(gaps)))
    shown_months = [month["year"] for month in case.months]
    if len(shown_months) - shown_months.index(case.first) < effect["window_months"]:
        lacking.append(write_text("event_end", months=wording.format_periods(shown_months[-1:])))
    below = " ".join([*notes[:1], *lacking, *notes[1:]])
    options: dict[str, Any] = {"dashed": ["counterfactual"], "has_values": False, "rule": rule}
    lines = draw_picture(found, measure, below, said, draw_lines, case.months, labels, unit, **options)
    larger, count = effect["placebo_rank"] - 1, effect["placebo_count"]
    side = "below" if case.own < 0 else "above"
    words |= pair.words | {"side": side, "larger": larger, "count": count}
    is_usual = case.critical is not None and abs(case.own) < case.critical
    found = write_title(f"placebos_{'usual' if is_usual else 'ranked' if larger else 'first'}_title", **words)
    test = (case.placebos, case.own, case.critical, write_text(f"placebos_{side}", **words))
    notes = [f"{source}.", *lacking]
    if effect["conclusion"] in ("fall", "rise"):
        name = "placebos_of_all" if effect["q_value"] <= MOST_Q else "placebos_alone"
        notes.append(write_text(name, **words, tests=effect["hypothesis_count"]))
    below, measure = " ".join(notes), write_text(f"placebos_measure_{domain}", **words)
    measure += write_text("placebos_larger", **words) if is_usual and larger else ""
    dots = draw_picture(found, measure, below, said, draw_placebos, *test)
    months, figures = [], {}
    for number, month in enumerate(case.months):
        figure, value = held.get(month["year"]), month["value"]
        # The analysis only has the mean of two months released together, which is not a published figure.
        if figure is not None and value is not None and math.isclose(figure.value, value, rel_tol=1e-9):
            figures[number, "value"], value = figure, figure.value
        months.append({**month, "month": month["year"], "value": value})
    columns = (
        Column("month", translate("Month"), "code"),
        Column("value", translate("Actual"), unit),
        Column("counterfactual", translate("Expected level"), unit),
    )
    caption = translate("{event}: {what}, by month", event=event, what=what)
    return [lines, dots], Table(f"event-{effect['event_id'].lower()}", caption, columns, months, figures)


def choose_restrictions(pair: Pair) -> Iterator[dict[str, Any]]:
    """Choose the pair's measures that restrict trade or travel, each with the series that it affects most directly.

    Each event and each series is used once; an event with a narrow scope comes before one about all trade.
    """
    found = pair.query_rows(
        """
        select effects.*, events.title, stages.stage_title
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
            -- For a measure on all trade, show only the reporter's exports of goods.
            and effects.flow = 'export' and (stages.scope is distinct from 'all' or effects.domain = 'goods')
            and effects.event_id in (select event_id from marts.policy_events_between($reporter, $partner))
        order by stages.scope = 'all', effects.event_date, effects.event_id
        """,
        in_effect=sorted(IN_EFFECT),
    )
    shown: set[Any] = set()
    for row in found:
        event, series = row["event_id"], (row["series"], row["effect_from"])
        if not {event, series} & shown and len(shown) < 2 * MOST:
            shown |= {event, series}
            yield row


def _name_series(pair: Pair, domain: str) -> str:
    return write_text({"goods": "event_exports", "arrivals": "event_arrivals"}[domain], **pair.words)


def _write_sentence(pair: Pair, effect: dict[str, Any]) -> Sentence:
    """Write the sentence about a row of marts.policy_event_effects."""
    row = effect | {"what": _name_series(pair, effect["domain"]), "is_answered": True}
    template = Path(__file__).with_name(f"event.{get_language()}.txt.j2")
    return wording.write_sentences(template.read_text(encoding="utf-8"), [row], {}, {})


def run_cases(pair: Pair, found: list[dict[str, Any]]) -> list[Case]:
    """Repeat the analysis for the events and series in rows of marts.policy_event_effects."""
    from dagster_project.analysis.panels import Panels, read_panels

    events = stages.read_registered(pair.connection)
    known = {(stage.event_id, stage.stage, stage.day): stage for stage in events}
    asked = [known[row["event_id"], row["stage"], row["event_date"]] for row in found]
    # Only the series of these events are read, but all measures are needed, to find periods without any.
    measures = [*events, *stages.read_agreements(pair.connection)]
    read = read_panels(pair.connection, asked)
    held = Panels(read.series, read.described, measures, read.caveats)
    return [_run_case(effect, stage, held) for effect, stage in zip(found, asked, strict=True)]


def _run_case(effect: dict[str, Any], stage: Stage, found: Panels) -> Case:
    from dagster_project.analysis import effects, estimates

    named = ("domain", "frequency", "reporter_code", "partner_code", "flow", "product_code")
    sample = estimates.prepare_sample(stage, Key(*(str(effect[name]) for name in named)), found)
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
        list(_list_months(sample, found, design.window, design.base)),
        str(found.get_table(sample.key.kind).index[sample.place]),
        sorted(float(value) for value in usual[1:] if not math.isnan(value)),
        float(usual[0]),
        test.critical if math.isfinite(test.critical) else None,
    )


def _list_months(sample: Sample, found: Panels, window: int, base: int) -> Iterator[dict[str, Any]]:
    """Yield a series by month; after the event, also the counterfactual from the changes of similar series (donors)."""
    table = found.get_table(sample.key.kind)
    own, donors = table[sample.key.partner], table[list(sample.names)]
    for place in range(max(sample.place - base - BEFORE, 0), min(sample.place + window + AFTER, len(table))):
        value, counterfactual = own.iloc[place], math.nan
        if sample.place <= place < sample.place + window:
            earlier = place - base
            moved = (donors.iloc[place] - donors.iloc[earlier]).mean()
            counterfactual = own.iloc[earlier] + moved
        yield {
            "year": str(table.index[place]),
            "value": None if math.isnan(value) else math.exp(value),
            "counterfactual": None if math.isnan(counterfactual) else math.exp(counterfactual),
        }
