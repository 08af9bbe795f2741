"""The commands about questions.

Here: `bilateral questions` and `bilateral ask`, their options, and how an answer is shown. Not here: the questions
(`sql/questions`) and asking them (`questions`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dagster_project.cli import console, formats
from dagster_project.cli.context import as_known, project_of
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    import duckdb
    from rich.console import Console

    from dagster_project.questions import Answer, Question, Vintage

COLOURS = {"answered": "green", "partly": "yellow", "missing": "dim"}
WORDS = {"answered": "answered", "partly": "in part", "missing": "without the figures for an answer"}
# Of what is not held so many lines are enough for a person.
LISTED = 4
# What a narrow table keeps of an answer: its first columns tell the most.
LEAST = 3

FormatOption = Annotated[console.Format, typer.Option("--format", "-f", help="How to print the answers.")]
ReporterOption = Annotated[str | None, typer.Option(help="Whose statistics, by name or code; South Korea by default.")]
PartnerOption = Annotated[str | None, typer.Option(help="The economy it trades with; China by default.")]


def questions(
    context: typer.Context,
    reporter: ReporterOption = None,
    partner: PartnerOption = None,
    form: FormatOption = "table",
) -> None:
    """List the questions, and which of them the published warehouse answers for a pair of economies."""
    from dagster_project import publication
    from dagster_project import questions as room

    project = project_of(context)
    known = room.load(project)
    answers = []
    with publication.reading(project) as connection:
        for question in known:
            given = room.checked(connection, question, _taken(question, {"reporter": reporter, "partner": partner}))
            answers.append(room.ask(connection, question, given))
    if form != "table":
        names = ["number", "name", "question", "state", "answer", "has_chart"]
        rows = [
            [a.question.number, a.question.name, a.question.question, a.state, a.sentence, bool(a.question.series)]
            for a in answers
        ]
        console.records(names, rows, form)
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column()
    for answer in answers:
        question = answer.question
        chart = " [cyan]chart[/]" if question.series else ""
        grid.add_row(
            str(question.number),
            f"[{COLOURS[answer.state]}]{answer.state}[/]",
            f"{escape(question.question)} [dim]{question.name}[/]{chart}",
        )
    console.out.print(grid, highlight=False)
    counts = [f"{sum(answer.state == state for answer in answers)} {words}" for state, words in WORDS.items()]
    asked = answers[0].values
    console.echo(
        f"\n{', '.join(counts)}, for {asked['reporter']} with {asked['partner']}. "
        "Ask one: [cyan]bilateral ask balance[/]"
    )


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="The number or the name, as `bilateral questions` lists them.")],
    reporter_and_partner: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REPORTER [PARTNER]]", help="The pair, by names or codes: Korea China, KOR CHN."),
    ] = None,
    reporter: ReporterOption = None,
    partner: PartnerOption = None,
    year: Annotated[str | None, typer.Option(help="The year.")] = None,
    from_year: Annotated[str | None, typer.Option(help="The first year.")] = None,
    to_year: Annotated[str | None, typer.Option(help="The last year.")] = None,
    event: Annotated[str | None, typer.Option(help="The policy event, as core.policy_events numbers it.")] = None,
    product: Annotated[str | None, typer.Option(help="The product.")] = None,
    form: Annotated[formats.FileFormat, typer.Option("--format", "-f", help="How to give the answer.")] = "table",
    output: formats.OutputOption = None,
    cite: Annotated[bool, typer.Option("--cite", help="Show how to cite each source, and its terms.")] = False,
    chart: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Draw the series, too, into a file in .svg or .png.")
    ] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL, ready to paste, and no answer.")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="Show every column, also where a table has no room.")] = False,
    as_of: formats.AsOfOption = None,
) -> None:
    """Answer a question: in a sentence and in rows, with how to read them and the vintages that they rest on."""
    from dagster_project import publication
    from dagster_project import questions as room

    if sql and (output is not None or chart is not None):
        raise BilateralError(
            "--sql prints the SQL and no answer, so that there is none for --output or --chart.",
            remedy="Leave one out; `bilateral ask … --sql > question.sql` keeps the SQL.",
        )
    project = project_of(context)
    chosen = _find(room.load(project), question)
    form = formats.chosen(form, output)
    options = {
        "reporter": reporter,
        "partner": partner,
        "year": year,
        "from_year": from_year,
        "to_year": to_year,
        "event": event,
        "product": product,
    }
    options |= _pair(reporter_and_partner or [], options)
    with publication.reading(project) as connection:
        given = room.checked(connection, chosen, options)
        if sql:
            sys.stdout.write(f"{room.script(chosen, given)}\n")
            return
        with as_known(context, connection, as_of, chosen.select) as then:
            answer = room.ask(connection, chosen, given, then=then if as_of else None)
        figures = [] if as_of else _figures(connection, answer)
    if chart is not None:
        from dagster_project.report.pictures import draw_answer

        draw_answer(answer).write(chart)
    if form == "csv":
        formats.write_csv(list(answer.rows[0]), (list(row.values()) for row in answer.rows), output)
    elif form == "json":
        formats.write_json(_whole(answer) | {"figures": figures, "as_of": as_of and as_of.date()}, output)
    elif output is not None:
        formats.write_workbook(output, _sheets(answer, figures))
    else:
        if as_of:
            console.echo(f"As known at the end of {as_of.date()}:", "dim")
        _show(answer, figures, cite=cite, wide=wide)
    # Beside rows on standard output nothing else is printed there.
    messages = console.err if form != "table" and output is None else console.out
    for path in (output, chart):
        if path is not None:
            console.done(escape(str(path)), to=messages)
    if cite and form == "csv":
        _cite(answer, console.err)


def _pair(named: list[str], options: Mapping[str, str | None]) -> dict[str, str]:
    """The reporter and the partner that stand after the question."""
    if len(named) > 2:
        raise BilateralError(
            f"{' '.join(named)} are {len(named)} names, and a pair has two.",
            remedy='Quote a name of several words, such as "South Korea".',
        )
    found = dict(zip(("reporter", "partner"), named, strict=False))
    if twice := [name for name in found if options[name] is not None]:
        raise BilateralError(
            f"The {' and the '.join(twice)} stands after the question and in an option.", remedy="Give it once."
        )
    return found


def write(
    connection: duckdb.DuckDBPyConnection,
    names: list[str],
    rows: list[tuple[Any, ...]],
    form: formats.FileFormat,
    output: Path,
) -> None:
    """Rows of a query to a file; a workbook has a sheet of the sources, too, where the rows name their snapshots."""
    from dagster_project import questions as room

    if form == "xlsx":
        found = room.vintages(connection, [dict(zip(names, row, strict=True)) for row in rows])
        sheets = {"answer": (names, rows)} | ({"sources": _sources(found)} if found else {})
        formats.write_workbook(output, sheets)
    elif form == "json":
        formats.write_json([dict(zip(names, row, strict=True)) for row in rows], output)
    else:
        formats.write_csv(names, rows, output)
    console.done(escape(str(output)))


def _find(known: list[Question], wanted: str) -> Question:
    for question in known:
        if wanted.strip() in {str(question.number), question.name}:
            return question
    remedy = console.did_you_mean(wanted, [question.name for question in known], "See `bilateral questions`.")
    raise BilateralError(f"There is no question {wanted}.", remedy=remedy)


def _taken(question: Question, options: Mapping[str, str | None]) -> dict[str, str | None]:
    """Of options for all questions those that this one takes."""
    names = {parameter.name for parameter in question.parameters}
    return {name: value for name, value in options.items() if name in names}


def _figures(connection: duckdb.DuckDBPyConnection, answer: Answer) -> list[dict[str, Any]]:
    """The identities of the figures that an answer's rows are, by year and column; most answers are of other kinds."""
    from dagster_project import metrics

    found = []
    for column, metric in metrics.shown(answer.question.name, list(answer.rows[0])).items():
        pair = [str(answer.values[side]) for side in ("reporter", "partner")]
        known = {figure.identity.period: figure for figure in metrics.figures(connection, metric, *pair)}
        for row in answer.rows:
            period = str(row["year"]) + (
                f"-{row['to_month']:02}" if row.get("to_month") and "to_date" in column else ""
            )
            figure = known.get(period)
            if figure is not None and figure.is_value(row[column]):
                found.append({"year": row["year"], "column": column, "id": figure.id})
    return found


def _show(answer: Answer, figures: Sequence[Mapping[str, Any]], *, cite: bool, wide: bool) -> None:
    from dagster_project import questions as room

    question, say = answer.question, console.echo
    say(f"[bold]{question.number}. {escape(question.question)}[/]")
    say(escape(", ".join(f"{name} {value}" for name, value in answer.values.items())), "dim")
    say(f"\n{escape(answer.sentence)}\n")
    names = [column.name for column in question.columns if column.name not in room.CLOSING]
    rows = [[row[name] for name in names] for row in answer.rows]
    console.records(names, rows, "table", least=None if wide else LEAST)
    if answer.gaps:
        say("\n[bold]Not held[/]")
        brought: dict[str, list[str]] = {}
        for lacking, remedy in answer.gaps[:LISTED]:
            brought.setdefault(remedy, []).append(lacking)
        for remedy, every in brought.items():
            for lacking in every:
                say(f"• {escape(lacking)}")
            if remedy:
                say(escape(remedy), indent=2)
        if len(answer.gaps) > LISTED:
            say(
                f"and {console.plural(len(answer.gaps) - LISTED, 'line')} more: --format json has them", "dim", indent=2
            )
    say(f"\n[bold]How to read it[/]\n{escape(question.read)}")
    say(f"\n[bold]Its limits[/]\n{escape(question.limits)}")
    if cite:
        _cite(answer, console.out)
    else:
        say("\n[bold]The vintages it rests on[/]")
        for vintage in answer.vintages:
            edition = f", {escape(vintage.edition)}" if vintage.edition else ""
            say(f"• {escape(vintage.snapshot_id)} (known from {vintage.known_from}{edition})")
        if not answer.vintages:
            say("• none")
        say("--cite says how to cite them.", "dim")
    if figures:
        last = max(figure["year"] for figure in figures)
        newest = ", ".join(figure["id"] for figure in figures if figure["year"] == last)
        say(f"\n[bold]The figures of {last}[/] (`bilateral cite ID`; --format json has all)\n{escape(newest)}")
    say(f"\n[dim]The SQL: bilateral ask {question.number} --sql[/]")


def _cite(answer: Answer, to: Console) -> None:
    """Each source once: how it asks to be cited, on what terms it is, and the snapshots of it with their days."""
    console.echo("\n[bold]Sources[/]", to=to)
    terms = dict.fromkeys((v.citation, v.licence_name, v.licence_url) for v in answer.vintages)
    for citation, licence, url in terms:
        console.echo(f"• {escape(citation)}", to=to)
        console.echo(f"Terms: {escape(licence)}, {escape(url)}", indent=2, to=to)
        for v in answer.vintages:
            if (v.citation, v.licence_name, v.licence_url) == (citation, licence, url):
                console.echo(f"Known from {v.known_from}: {v.snapshot_id}", indent=2, to=to)
    if not terms:
        console.echo("• none", to=to)


def _sheets(answer: Answer, figures: Sequence[Mapping[str, Any]]) -> dict[str, formats.Sheet]:
    """The answer, its sources, and all that belongs to reading it, a sheet each."""
    question = answer.question
    about: list[list[Any]] = [
        ["question", question.question],
        *[[name, value] for name, value in answer.values.items()],
        ["answer", answer.sentence],
        *[["not held", text] for text in answer.missing],
        ["how to read it", question.read],
        ["its limits", question.limits],
        *[[column.name, f"{column.unit}: {column.meaning}"] for column in question.columns],
    ]
    return {
        "answer": (list(answer.rows[0]), [list(row.values()) for row in answer.rows]),
        "sources": _sources(answer.vintages),
        "about": (["what", "says"], about),
        **({"figures": (list(figures[0]), [list(figure.values()) for figure in figures])} if figures else {}),
    }


def _sources(vintages: Sequence[Vintage]) -> formats.Sheet:
    """The snapshots that rows rest on, as a sheet of a workbook."""
    names = ["citation", "known_from", "edition", "licence", "licence_url", "title", "snapshot_id"]
    return names, [
        [v.citation, date.fromisoformat(v.known_from), v.edition, v.licence_name, v.licence_url, v.title, v.snapshot_id]
        for v in vintages
    ]


def _whole(answer: Answer) -> dict[str, Any]:
    """The answer with all that belongs to it, as one object."""
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
