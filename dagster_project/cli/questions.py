"""The commands about questions.

Here: `bilateral questions` and `bilateral ask`, their options, and how an answer is shown. Not here: the questions
(`sql/questions`) and asking them (`questions`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import show
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from dagster_project.questions import Answer, Question

COLOURS = {"answered": "green", "partly": "yellow", "missing": "dim"}
WORDS = {"answered": "answered", "partly": "in part", "missing": "not to be answered from what is held"}
# Of what is not held so many lines are enough for a person.
LISTED = 4

FormatOption = Annotated[show.Format, typer.Option("--format", "-f", help="How to print the answer.")]
ReporterOption = Annotated[str | None, typer.Option(help="Whose statistics (ISO 3166 alpha-3); KOR by default.")]
PartnerOption = Annotated[str | None, typer.Option(help="The economy it trades with; CHN by default.")]


def questions(
    context: typer.Context,
    reporter: ReporterOption = None,
    partner: PartnerOption = None,
    form: FormatOption = "table",
) -> None:
    """List the questions, and whether the published warehouse answers each for a pair of economies."""
    from dagster_project import questions as room

    project = _project(context)
    known = room.load(project)
    answers = []
    with _reading(project) as connection:
        for question in known:
            given = room.checked(connection, question, _taken(question, {"reporter": reporter, "partner": partner}))
            answers.append(room.ask(connection, question, given))
    if form != "table":
        names = ["number", "name", "question", "state", "answer"]
        rows = [[a.question.number, a.question.name, a.question.question, a.state, a.sentence] for a in answers]
        show.records(names, rows, form)
        return
    for answer in answers:
        show.console.print(
            f"{answer.question.number:>2}  [{COLOURS[answer.state]}]{answer.state:<8}[/]  "
            f"{escape(answer.question.question)} [dim]{answer.question.name}[/]",
            highlight=False,
            soft_wrap=True,
        )
    counts = [f"{sum(answer.state == state for answer in answers)} {words}" for state, words in WORDS.items()]
    show.console.print(
        f"\n{', '.join(counts)}, for {reporter or 'KOR'} with {partner or 'CHN'}. Ask one: [cyan]bilateral ask 3[/]",
        highlight=False,
        soft_wrap=True,
    )


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(help="The number or the name, as `bilateral questions` lists them.")],
    reporter: ReporterOption = None,
    partner: PartnerOption = None,
    via: Annotated[str | None, typer.Option(help="The place that trade goes through.")] = None,
    year: Annotated[str | None, typer.Option(help="The year.")] = None,
    from_year: Annotated[str | None, typer.Option(help="The first year.")] = None,
    to_year: Annotated[str | None, typer.Option(help="The last year.")] = None,
    event: Annotated[str | None, typer.Option(help="The policy event, as core.policy_events numbers it.")] = None,
    product: Annotated[str | None, typer.Option(help="The product.")] = None,
    form: FormatOption = "table",
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL, ready to paste, and no answer.")] = False,
) -> None:
    """Answer a question: in a sentence, in rows, how to read them, and the vintages that they rest on."""
    from dagster_project import questions as room

    project = _project(context)
    chosen = _find(room.load(project), question)
    options = {
        "reporter": reporter,
        "partner": partner,
        "via": via,
        "year": year,
        "from_year": from_year,
        "to_year": to_year,
        "event": event,
        "product": product,
    }
    with _reading(project) as connection:
        given = room.checked(connection, chosen, options)
        if sql:
            sys.stdout.write(f"{room.script(chosen, given)}\n")
            return
        answer = room.ask(connection, chosen, given)
    if form == "csv":
        show.records(list(answer.rows[0]), [list(row.values()) for row in answer.rows], form)
    elif form == "json":
        _json(answer)
    else:
        _show(answer)


def _find(known: list[Question], wanted: str) -> Question:
    for question in known:
        if wanted.strip() in {str(question.number), question.name}:
            return question
    from difflib import get_close_matches

    near = get_close_matches(wanted, [question.name for question in known], n=3, cutoff=0.5)
    raise BilateralError(
        f"There is no question {wanted}.",
        remedy=f"Did you mean {', '.join(near)}?" if near else "See `bilateral questions`.",
    )


def _taken(question: Question, options: Mapping[str, str | None]) -> dict[str, str | None]:
    """Of options for all questions those that this one takes."""
    names = {parameter.name for parameter in question.parameters}
    return {name: value for name, value in options.items() if name in names}


def _show(answer: Answer) -> None:
    from dagster_project import questions as room

    question = answer.question

    def say(text: str, style: str | None = None) -> None:
        show.console.print(text, highlight=False, soft_wrap=True, style=style)

    values = {p.name: answer.given.get(p.name, p.default) for p in question.parameters}
    say(f"[bold]{question.number}. {escape(question.question)}[/]")
    say(escape(", ".join(f"{name} {value}" for name, value in values.items())), "dim")
    say(f"\n{escape(answer.sentence)}\n")
    names = [column.name for column in question.columns if column.name not in room.CLOSING]
    show.records(names, [[row[name] for name in names] for row in answer.rows], "table")
    if answer.missing:
        say("\n[bold]Not held[/]")
        for text in answer.missing[:LISTED]:
            say(f"• {escape(text)}")
        if len(answer.missing) > LISTED:
            say(f"  and {show.counted(len(answer.missing) - LISTED, 'line')} more: --format json has them", "dim")
    say(f"\n[bold]How to read it[/]\n{escape(question.read)}")
    say(f"\n[bold]Its limits[/]\n{escape(question.limits)}")
    say("\n[bold]The vintages it rests on[/]")
    for vintage in answer.vintages:
        edition = f", {escape(vintage.edition)}" if vintage.edition else ""
        say(f"• {escape(vintage.snapshot_id)} (known from {vintage.known_from}{edition})")
    if not answer.vintages:
        say("• none")
    say(f"\n[dim]The SQL: bilateral ask {question.number} --sql[/]")


def _json(answer: Answer) -> None:
    """The answer with all that belongs to it, as one object."""
    question = answer.question
    found: dict[str, Any] = {
        "number": question.number,
        "name": question.name,
        "question": question.question,
        "parameters": {p.name: answer.given.get(p.name, p.default) for p in question.parameters},
        "state": answer.state,
        "answer": answer.sentence,
        "rows": [{name: show.plain(value) for name, value in row.items()} for row in answer.rows],
        "columns": {c.name: {"unit": c.unit, "meaning": c.meaning} for c in question.columns},
        "missing": answer.missing,
        "read": question.read,
        "limits": question.limits,
        "vintages": [vars(vintage) for vintage in answer.vintages],
    }
    json.dump(found, sys.stdout, default=str, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")


@contextmanager
def _reading(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    from dagster_project import publication

    with publication.reading(project) as connection:
        yield connection


def _project(context: typer.Context) -> Project:
    found = context.obj()
    assert isinstance(found, Project)
    return found
