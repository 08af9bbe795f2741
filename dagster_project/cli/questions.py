"""List and answer questions about two economies: the commands `questions`, `ask` and `brief`.

The questions are SQL files in `sql/questions`, which the package `questions` runs; this module shows the answers.
`report.brief` writes a brief.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from rich.markup import escape
from rich.text import Text
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats, options
from dagster_project.errors import BilateralError
from dagster_project.languages import translate
from dagster_project.project import Project

if TYPE_CHECKING:
    from rich.console import Console

    from dagster_project.questions import Answer, Vintage

COLOURS = {"answered": "green", "partly": "yellow", "missing": "dim"}
WORDS = {"answered": "answered", "partly": "in part", "missing": "without the figures for an answer"}
# The most lines about missing figures below an answer.
SHOWN_GAPS = 4
# The endings of a brief's file.
BRIEFS = (".html", ".txt", ".md", ".json")
# The number of columns at the beginning of an answer that its table always shows.
LEAST_COLUMNS = 3


def questions(
    project: Project,
    reporter: options.ReporterOption = None,
    partner: options.PartnerOption = None,
    form: options.FormatOption = "table",
) -> None:
    """List the questions, and whether the published warehouse can answer each for two economies."""
    from dagster_project.questions import answer_questions

    with publication.open_published(project) as connection:
        answers, faults = answer_questions(project, connection, {"reporter": reporter, "partner": partner})
    listed = [(answer.question, answer.state, answer.sentence) for answer in answers]
    if form != "table":
        names = ["number", "name", "question", "state", "answer", "has_chart"]
        rows = [[q.number, q.name, q.question, state, sentence, bool(q.series)] for q, state, sentence in listed]
        console.print_records(names, rows, form)
    elif answers:
        shown = [
            [
                one.question.number,
                Text(translate(one.state), style=COLOURS[one.state]),
                Text.assemble(
                    f"{one.title} ", (one.question.name, "dim"), (" chart" if one.question.series else "", "cyan")
                ),
            ]
            for one in answers
        ]
        console.print_records(["", "state", "question"], shown)
        counts = [f"{sum(one.state == state for one in answers)} {translate(words)}" for state, words in WORDS.items()]
        # Some questions are about other economies, such as the United States, if none is named.
        told = translate("{counts}, each for its own default economies. Ask one:", counts=", ".join(counts))
        if reporter or partner:
            names = [str(answers[0].values[side]) for side in ("reporter", "partner")]
            told = translate("{counts}, for {a} with {b}. Ask one:", counts=", ".join(counts), a=names[0], b=names[1])
        console.print_text(f"\n{told} [cyan]bilateral ask balance[/]")
    if faults:
        raise BilateralError("\n".join(map(str, faults)))


def ask(
    project: Project,
    question: str = Argument(help="The question's number or name, from `bilateral questions`."),
    reporter_and_partner: list[str] | None = Argument(
        None, metavar="[REPORTER [PARTNER]]", help="The two economies, by names or codes: Korea China, KOR CHN."
    ),
    reporter: options.ReporterOption = None,
    partner: options.PartnerOption = None,
    year: str | None = Option(None, help="The year, for a question about one year."),
    from_year: str | None = Option(None, help="The first year, for a question about several years."),
    to_year: str | None = Option(None, help="The last year, for a question about several years."),
    event: str | None = Option(None, help="The ID of a policy event in core.policy_events."),
    product: str | None = Option(None, help="The product's code in the Harmonized System."),
    form: options.FileFormatOption = "table",
    output: options.OutputOption = None,
    cite: bool = Option(False, "--cite", help="Show how to cite each source, and its terms."),
    chart: Path | None = Option(None, dir_okay=False, help="Also draw the answer as a chart, to a .svg or .png file."),
    sql: bool = Option(False, "--sql", help="Print only the SQL, ready to paste."),
    wide: bool = Option(False, "--wide", help="Show every column. Default: as many as fit into 100 characters."),
    as_of: options.AsOfOption = None,
) -> None:
    """Answer a question in sentences and rows; add notes on reading the answer, and the snapshots behind it."""
    from dagster_project import questions as room
    from dagster_project.metrics import list_shown_figures

    if sql and (output is not None or chart is not None):
        raise BilateralError(
            "--sql prints only the SQL, so it cannot be combined with --output or --chart.",
            remedy="Leave one out; `bilateral ask … --sql > question.sql` saves the SQL.",
        )
    files = room.locate_questions(project)
    file = console.find_named(files, question.strip(), "question", "See `bilateral questions`.")
    asked = room.Question.read_file(file)
    form = formats.choose_format(form, output)
    sides = _choose_pair(reporter_and_partner or [], {"reporter": reporter, "partner": partner})
    values = sides | {"year": year, "from_year": from_year, "to_year": to_year, "event": event, "product": product}
    with publication.open_published(project) as connection:
        given = room.check_parameters(connection, asked, values)
        if sql:
            sys.stdout.write(f"{room.write_script(asked, given)}\n")
            return
        with options.open_as_of(project, connection, as_of, asked.select) as then:
            answer = room.ask_question(connection, asked, given, then=then if as_of else None)
        pair = {side: str(answer.values.get(side)) for side in ("reporter", "partner")}
        figures = [] if as_of else list_shown_figures(connection, asked.name, answer.rows, **pair)
    if chart is not None:
        from dagster_project.report.pictures import draw_answer

        draw_answer(answer).write_file(chart)
    if form == "table":
        if as_of:
            console.print_text(translate(f"As known at the end of {as_of.date()}:"), "dim")
        _print_answer(answer, figures, cite=cite, wide=wide)
    else:
        _write_answer(answer, figures, form, output, as_of)
    # Keep messages away from CSV and JSON on standard output.
    messages = console.err if form != "table" and output is None else console.out
    for path in filter(None, (output, chart)):
        console.print_done(str(path), messages)
    if cite and form == "csv":
        _print_sources(answer, console.err)


def _write_answer(
    answer: Answer,
    figures: Sequence[Mapping[str, Any]],
    form: formats.FileFormat,
    output: Path | None,
    as_of: datetime | None,
) -> None:
    if form == "csv":
        formats.write_rows(list(answer.rows[0]), [list(row.values()) for row in answer.rows], form, output)
    elif form == "json":
        formats.write_json(_build_record(answer) | {"figures": figures, "as_of": as_of and as_of.date()}, output)
    elif output is not None:
        formats.write_workbook(output, _list_sheets(answer, figures))


def brief(
    project: Project,
    reporter: str | None = Argument(None, help="The economy whose statistics to use. Default: the first pair's."),
    partner: str | None = Argument(None, help="Its trading partner."),
    form: Annotated[Literal["text", "json"], Option("--format", "-f", help="The format of the output.")] = "text",
    output: Path | None = Option(None, "--output", "-o", dir_okay=False, help="A file: .html, .txt, .md or .json."),
) -> None:
    """Describe the newest month of a pair in sentences to paste, each with its source."""
    from dagster_project.report.brief import compile_brief, render_brief
    from dagster_project.report.page import choose_pair
    from dagster_project.report.pair import Pair

    ending = output.suffix.lower() if output else f".{form}"
    if output is not None:
        formats.require_folder(output)
        if ending not in BRIEFS:
            raise BilateralError(f"{output} has an unknown ending.", remedy=f"Use {', '.join(BRIEFS)}.")
    with publication.open_published(project) as connection:
        pair = Pair(project, connection, *choose_pair(project, connection, reporter, partner))
        found = compile_brief(pair)
        page = render_brief(pair, found) if ending == ".html" else found["text"]
    if ending == ".json":
        formats.write_json(found, output)
    else:
        with formats.open_output(output) as file:
            file.write(page)
    if output is not None:
        console.print_done(str(output))


def _choose_pair(names: list[str], given: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the reporter and the partner, which are given as arguments (`names`) or as options (`given`)."""
    if len(names) > 2:
        raise BilateralError(
            f"Expected at most two economies, got {len(names)}: {' '.join(names)}.",
            remedy='Quote a name of several words, such as "South Korea".',
        )
    found = dict(zip(given, names, strict=False))
    if twice := [side for side in found if given[side] is not None]:
        raise BilateralError(
            f"Given twice, as argument and as option: the {' and the '.join(twice)}.", remedy="Give each once."
        )
    return {**given, **found}


def _print_answer(answer: Answer, figures: Sequence[Mapping[str, Any]], *, cite: bool, wide: bool) -> None:
    from dagster_project import questions as room

    question, say = answer.question, console.print_text
    say(f"[bold]{question.number}. {escape(answer.title)}[/]")
    say(escape(", ".join(f"{translate(name)} {translate(str(value))}" for name, value in answer.values.items())), "dim")
    say(f"\n{escape(answer.sentence)}\n")
    names = [column.name for column in question.columns if column.name not in room.CLOSING]
    rows = [
        [translate(value) if isinstance(value := row[name], str) else value for name in names] for row in answer.rows
    ]
    console.print_records(names, rows, least=None if wide else LEAST_COLUMNS)
    if answer.gaps:
        console.print_section(translate("Missing figures"))
        for remedy, gaps in groupby(sorted(answer.gaps[:SHOWN_GAPS], key=itemgetter(1)), itemgetter(1)):
            for gap, _ in gaps:
                say(f"• {escape(gap)}")
            if remedy:
                say(escape(remedy), indent=2)
        if (more := len(answer.gaps) - SHOWN_GAPS) > 0:
            told = translate(f"and {console.format_count(more, 'line')} more: --format json has them")
            say(told, "dim", indent=2)
    console.print_section(translate("How to read it"), question.read)
    console.print_section(translate("Its limits"), question.limits)
    if cite:
        _print_sources(answer, console.out)
    else:
        lines = [
            f"{v.snapshot_id} ({', '.join(map(translate, filter(None, (f'known from {v.known_from}', v.edition))))})"
            for v in answer.vintages
        ]
        console.print_section(translate("The snapshots behind it"), *lines or [translate("none")], bullet="• ")
        say(translate("--cite shows how to cite them."), "dim")
    if figures:
        last = max(figure["year"] for figure in figures)
        newest = ", ".join(figure["id"] for figure in figures if figure["year"] == last)
        heading = translate("IDs of the figures of {year}", year=last)
        say(f"\n[bold]{heading}[/] {translate('(cite one with `bilateral cite ID`; --format json lists all)')}")
        say(escape(newest))
    say(f"\n[dim]{translate(f'The SQL: bilateral ask {question.number} --sql')}[/]")


def _print_sources(answer: Answer, to: Console) -> None:
    """Print each source of an answer once: its citation, its terms, and since when each of its snapshots is known."""
    console.print_text(f"\n[bold]{translate('Sources')}[/]", to=to)
    by_source: dict[tuple[str, str, str], list[str]] = {}
    for v in answer.vintages:
        known = by_source.setdefault((v.citation, v.licence_name, v.licence_url), [])
        known.append(translate(f"Known from {v.known_from}: {v.snapshot_id}"))
    for (citation, licence, url), known in by_source.items():
        console.print_text(f"• {escape(citation)}", to=to)
        for line in (f"{translate('Terms')}: {translate(licence)}, {url}", *known):
            console.print_text(escape(line), indent=2, to=to)
    if not by_source:
        console.print_text(f"• {translate('none')}", to=to)


def _list_sheets(answer: Answer, figures: Sequence[Mapping[str, Any]]) -> dict[str, formats.Sheet]:
    """List the sheets of a workbook: the rows of an answer, their sources, explanations, and IDs of the figures."""
    from dagster_project.questions import CLOSING, wording

    question = answer.question
    columns = [column for column in question.columns if column.name not in CLOSING]
    headings = {column.name: wording.write_heading(column.name, column.unit) for column in columns}
    cited = zip(answer.rows, answer.notes, strict=True)
    texts = {column.name for column in columns if column.unit == translate("text")}
    rows = [
        [
            *(translate(row[name]) if name in texts and row[name] else row[name] for name in headings),
            answer.cite_row(row),
            note,
        ]
        for row, note in cited
    ]
    about: list[list[Any]] = [
        ["question", question.question],
        *map(list, answer.values.items()),
        ["answer", answer.sentence],
        ["source", wording.cite_publishers(vintage.publisher for vintage in answer.vintages)],
        *(["missing figures", text] for text in answer.missing),
        ["how to read it", question.read],
        ["its limits", question.limits],
        *([headings[column.name], f"{column.meaning} ({column.name}, {column.unit})"] for column in columns),
    ]
    sheets: dict[str, formats.Sheet] = {
        "answer": ([*headings.values(), "Citation", "Note"], rows),
        "sources": list_sources(answer.vintages),
        "about": (["Subject", "Text"], about),
    }
    if figures:
        named = [[one["year"], headings[one["column"]], one["id"]] for one in figures]
        sheets["figures"] = (["Year", "Column", "Figure ID"], named)
    return sheets


def list_sources(vintages: Sequence[Vintage]) -> formats.Sheet:
    """Make the sheet of a workbook that lists the snapshots behind the rows of an answer."""
    names = ["Citation", "Known from", "Edition", "Licence", "Licence address", "Title", "Snapshot"]
    return names, [
        [v.citation, date.fromisoformat(v.known_from), v.edition, v.licence_name, v.licence_url, v.title, v.snapshot_id]
        for v in vintages
    ]


def _build_record(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "number": question.number,
        "name": question.name,
        "question": question.question,
        "parameters": answer.values,
        "state": answer.state,
        "answer": answer.sentence,
        "rows": answer.rows,
        "columns": {c.name: {"unit": c.unit, "meaning": c.meaning} for c in question.columns},
        "missing": answer.missing,
        "read": question.read,
        "limits": question.limits,
        "vintages": [vars(vintage) for vintage in answer.vintages],
    }
