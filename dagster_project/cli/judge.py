"""The commands `judge` and `metrics`.

Here: what is taken from the command line, files and standard input, and how an answer is shown. Not here: what a line
means (`claims.lines`), and judging (`claims`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.claims import COLOURS, evaluator_of, printed_of, row_of
from dagster_project.cli.context import locations_of, project_of
from dagster_project.errors import BilateralError
from dagster_project.files import in_utf_8

if TYPE_CHECKING:
    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.claims.reader import Reading
    from dagster_project.claims.verdicts import ClaimResult


def metrics(
    name: Annotated[str | None, typer.Argument(help="A metric, for all about it.")] = None,
    form: formats.FormatOption = "table",
) -> None:
    """List the metrics that claims, citations and the report know, or show one."""
    from dagster_project.claims import statements
    from dagster_project.metrics import catalogue

    every = catalogue.load()
    if name is None:
        rows = [
            [
                m.name,
                ", ".join(m.names["en"][:2]),
                ", ".join(m.names["ko"][:2]),
                m.unit,
                " ".join(m.frequencies),
                m.what,
            ]
            for m in every.values()
        ]
        console.records(["metric", "in English", "in Korean", "unit", "by", "what"], rows, form)
        return
    metric = catalogue.find(name)
    if metric is None:
        raise BilateralError(
            f"There is no metric {name}.", remedy=console.did_you_mean(name, list(every), "See `bilateral metrics`.")
        )
    told = catalogue.described(metric) | statements.described(metric)
    if form != "table":
        console.records(list(told), [list(told.values())], form)
        return
    console.fields({key: value for key, value in told.items() if value})


def judge(
    context: typer.Context,
    claim: Annotated[
        list[str] | None,
        typer.Argument(
            help="The claim: balance KOR CHN 2023 = -18bn, or a sentence. Or files of many: CSV, YAML, JSON or text, a "
            "claim a line; - reads standard input. A CSV has a column claim, or metric, reporter, partner, period, "
            "comparator and says; and, if you like, claim_id, published_on, publisher, url and names_reporter."
        ),
    ] = None,
    published: Annotated[
        str | None, typer.Option(help="The day of the publication, from which `last year` is read. Default: today.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON; the SQL with --sql.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL of each side and as of the publication.")] = False,
    register: Annotated[
        str | None, typer.Option(help="Put the claims into the register, under this article.", metavar="ARTICLE")
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published them.")] = None,
) -> None:
    """Judge claims without SQL: by the figures of now and of their day, with both sides' statistics.

    A sentence that was not read for certain has no verdict: it is compared, with the figure and what was not read.
    Exits with 0 if every claim is judged or compared, whatever the verdict, and with 1 if one cannot be read.
    """
    from dagster_project.claims import article, lines
    from dagster_project.claims import register as claims
    from dagster_project.claims.printed import day

    known = day(published) if published else None
    if published and known is None:
        raise BilateralError(f"{published} is no day.", remedy="Write --published 2025-12-15.")
    today = known.end if known else datetime.now(UTC).date()
    rows, is_typed = _rows(list(claim or []))
    given = {"publisher": publisher, "published_on": published}
    rows = [{**{name: value for name, value in given.items() if value}, **row} for row in rows]
    if others := lines.unknown(rows):
        console.echo(escape(f"Left out: {', '.join(others)}. A claim has no such column."), "dim", to=console.err)
    project = project_of(context) if register is None else locations_of(context).checkout()
    head: dict[str, str] = {}
    with evaluator_of(project) as evaluator:
        if register is not None:
            # They are judged as the register will: by its day, and with whose statistics it names.
            said = lines.of_one_article(evaluator.connection, rows)
            head = claims.head_of(project.claims, register, said, today=today)
            rows = [{**head, **row} for row in rows]
        told, entries, faults = _all_judged(evaluator, rows, today, is_typed=is_typed)
        unsure = [one["statement"] for one in told if one.get("verdict") in {"compared", "refused"}]
        if register is not None and unsure:
            faults.append(f"{unsure[0]!r} was not read for certain: register it as lines, or by its parts.")
        if register is not None and not faults:
            path = claims.add(project.claims, register, entries, head)
            console.done(
                f"{len(entries)} claim{'s' if len(entries) > 1 else ''} added to {escape(str(path))}. "
                "The next build publishes them.",
                console.err,
            )
    if as_json:
        if not sql:
            told = [{name: value for name, value in one.items() if not name.endswith("_sql")} for one in told]
        console.out.out(json.dumps(told, ensure_ascii=False, indent=2, default=str), highlight=False)
    else:
        readable = [one for one in told if lines.FAULT not in one]
        for before, one in zip([None, *readable], readable, strict=False):
            if before is None or before["claim_id"] != one["claim_id"]:
                same = [each["verdict"] for each in readable if each["claim_id"] == one["claim_id"]]
                if len(same) > 1 and one["read_as" if "unread" not in one else "statement"]:
                    console.echo(f"[bold]{article.count_verdicts(same)}[/]  {escape(one['statement'])}")
            _show(one, sql=sql, several=len(told) > 1)
    if faults:
        nothing = "" if register is None else " Nothing is added to the register."
        remedy = f"The others are judged.{nothing}" if len(told) > len(faults) else None
        raise BilateralError("\n".join(faults), remedy=remedy)


def _all_judged(
    evaluator: Evaluator, rows: list[dict[str, Any]], today: date, *, is_typed: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """What came of each claim, what the register would have of it, and what cannot be read."""
    from dagster_project.claims import lines

    told: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    faults: list[str] = []
    for where, row in lines.numbered(rows):
        try:
            for one, part in sorted_parts(evaluator, row, where, today):
                told.append(one | {"unmarked": one["unmarked"] if is_typed else None})
                entries.append(lines.for_register(evaluator.connection, part))
        except BilateralError as error:
            if len(rows) == 1:
                raise
            said = str(error).removeprefix(f"{where}: ")
            faults.append(f"{where}: {said}")
            told.append({"claim_id": where, "statement": lines.text_of(row.get("claim") or ""), lines.FAULT: said})
    return told, entries, faults


def _rows(words: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """The claims, and whether they were typed: a shell has read them then."""
    from dagster_project.claims import lines

    is_piped = sys.stdin is not None and not sys.stdin.isatty()
    if words == ["-"] and sys.stdin is None:
        raise BilateralError("Standard input is closed.", remedy="Name a file of claims, or write one.")
    if words == ["-"] or (not words and is_piped):
        with in_utf_8("Standard input"):
            return lines.read(sys.stdin.buffer.read().decode("utf-8-sig")), False
    if not words:
        raise BilateralError("There is no claim.", remedy=f"Write one: bilateral judge {lines.EXAMPLE}")
    files = [Path(word) for word in words if Path(word).suffix in {".csv", ".yml", ".yaml", ".json", ".txt"}]
    if len(files) == len(words):
        if absent := [file for file in files if not file.is_file()]:
            raise BilateralError(
                f"There is no file {absent[0]}.", remedy="Name a CSV, YAML, JSON or text file of claims."
            )
        rows = []
        for file in files:
            with in_utf_8(file):
                rows += lines.read(file.read_text(encoding="utf-8-sig"))
        return rows, False
    return [{"claim": words if len(words) > 1 else words[0]}], True


def sorted_parts(
    evaluator: Evaluator, row: Mapping[str, Any], where: str, today: date
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """A row's claims with what came of each, the worst of a sentence first, beside the row of each."""
    from dagster_project.claims import article, lines

    parts = lines.claims(evaluator.connection, row, today)
    found = [(judged(evaluator, one, where, today, reading), one) for one, reading in parts]
    return sorted(found, key=lambda one: article.rank_verdict(one[0]["verdict"])) if len(found) > 1 else found


def judged(
    evaluator: Evaluator, row: Mapping[str, Any], where: str, today: date, reading: Reading | None = None
) -> dict[str, Any]:
    """A claim with all that came of it; of a sentence that was not read for certain no verdict."""
    from dagster_project.claims import article, lines

    name = row.get("claim_id") or where
    if reading is None:
        one = lines.article(evaluator.connection, row, where=where, published_on=today)
        result = evaluator.evaluate(one, one.claims[0])
        if result.error is not None:
            raise BilateralError(result.error.message.removeprefix("claim claim: "), remedy=result.error.remedy)
        return _told(evaluator, row, name, result) | {"read_as": None, "unmarked": lines.unmarked(result.claim)}
    answer = article.answer_reading(evaluator, reading, row["statement"], row, today)
    told = {"claim_id": name, "statement": row["statement"], "verdict": answer.verdict, "unmarked": None}
    if answer.result is not None:
        found = _told(evaluator, row, name, answer.result)
        if answer.verdict == "reporter_dependent" and found["verdict_then"] == "contradicted":
            found["verdict_then"] = answer.verdict
        return found | told | {"read_as": article.describe_reading(reading.slots)}
    return told | {
        "reason": answer.reason, "metric": reading.slots.get("metric"), "printed": reading.text,
        "observed_text": answer.figure, "unread": list(reading.unread), "read_as": None,
    }  # fmt: skip


def _told(evaluator: Evaluator, row: Mapping[str, Any], name: str, result: ClaimResult) -> dict[str, Any]:
    """All that came of a claim that was judged."""
    from dagster_project.claims import lines

    found = row_of(result)
    return found | {
        "claim_id": name,
        "statement": row.get("statement") or lines.text_of(row.get("claim") or found["statement"]),
        "diagnosis": result.diagnosis and result.diagnosis.code,
        "held": evaluator.held(result.claim),
    }


def _show(row: dict[str, Any], *, sql: bool, several: bool) -> None:
    if row["read_as"]:
        console.echo(escape(row["read_as"]), "dim")
    colour = COLOURS.get(row["verdict"], "bold")
    console.echo(f"[{colour}]{escape(row['verdict'])}[/]  [bold]{escape(row['statement'])}[/]")
    console.echo(escape(row["reason"]))
    if row["unmarked"]:
        # In `$18bn` a shell reads $1 as a parameter, and passes on 8bn: a number that the figures do not bear out.
        lost = " Quote a $ in a shell: '$18bn'." if row["verdict"] in {"contradicted", "reporter_dependent"} else ""
        console.echo(escape(f"Read as {row['unmarked']}.{lost}"), "dim")
    if row.get("verdict_then") not in {row["verdict"], None}:
        console.echo(escape(f"As known on {row['as_of']}: {row['verdict_then']}. {row['reason_then']}"), "dim")
    if row.get("held") and "Held:" not in row["reason"]:
        console.echo(escape(f"Held: {row['held']}."), "dim")
    for name, text in _texts(row) if sql and "unit" in row else ():
        console.out.print(f"\n[bold]{name}[/]", highlight=False)
        console.out.print(f"{escape(text)};", highlight=False, soft_wrap=True, style="cyan")
    if several or sql:
        console.echo("")


def _texts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, column in (
        (f"Evidence ({printed_of(dict(row)) or 'no figure'})", "evidence_sql"),
        (f"By the statistics of {row.get('alternate_reporter_code') or 'another reporter'}", "alternate_sql"),
    ):
        if row.get(column):
            yield name, row[column]
