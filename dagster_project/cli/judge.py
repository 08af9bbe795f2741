"""The commands `judge` and `metrics`.

Here: what is taken from the command line, files and standard input, and how an answer is shown. Not here: what a line
means (`claims.lines`), and judging (`claims`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import console, formats, options
from dagster_project.cli.claims import COLOURS, format_values, make_row, open_evaluator, print_sql
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.claims.reader import Reading
    from dagster_project.claims.verdicts import ClaimResult

FILE_ENDINGS = {".csv", ".yml", ".yaml", ".json", ".txt"}


def metrics(
    name: Annotated[str | None, typer.Argument(help="A metric, for all about it.")] = None,
    form: options.FormatOption = "table",
) -> None:
    """List the metrics that claims, citations and the report know, or show one."""
    from dagster_project.metrics import catalogue

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
            for m in catalogue.load_metrics().values()
        ]
        console.print_records(["metric", "in English", "in Korean", "unit", "by", "what"], rows, form)
        return
    described = describe_metric(name)
    if form == "table":
        console.print_fields(described)
    else:
        console.print_records(list(described), [list(described.values())], form)


def describe_metric(name: str) -> dict[str, str]:
    """Describe a metric: what it counts and is confused with, and what values and comparators a claim takes."""
    from dagster_project.claims import statements
    from dagster_project.metrics import catalogue

    metric = catalogue.find_metric(name)
    if metric is None:
        near = ", ".join(catalogue.find_similar(name))
        remedy = f"Did you mean {near}?" if near else "See `bilateral metrics`."
        raise BilateralError(f"There is no metric {name}.", remedy=remedy)
    return catalogue.describe_metric(metric) | statements.describe_slots(metric)


def judge(
    project: Project,
    claim: Annotated[
        list[str] | None,
        typer.Argument(
            help="The claim: balance KOR CHN 2023 = -18bn, or a sentence. Or files of many: CSV, YAML, JSON or text, a "
            "claim a line; - reads standard input. A CSV has a column claim, or metric, reporter, partner, period, "
            "comparator and says; and, if you like, claim_id, published_on, publisher, url and names_reporter."
        ),
    ] = None,
    published: options.PublishedOption = None,
    as_json: options.JsonOption = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL of each side, also in JSON.")] = False,
    register: Annotated[
        str | None, typer.Option(help="Put the claims into the register, under this article.", metavar="ARTICLE")
    ] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published them.")] = None,
) -> None:
    """Judge claims without SQL: by the figures of now and of their day, with both sides' statistics.

    A sentence that was not read for certain has no verdict: it is compared, with the figure and what was not read.
    Exits with 0 if every claim is judged or compared, whatever the verdict, and with 1 if one cannot be read.
    """
    from dagster_project.claims import lines
    from dagster_project.claims import register as claims

    today = options.parse_published_day(published)
    rows, is_typed = _read_claims(list(claim or []))
    given = {"publisher": publisher, "published_on": published}
    rows = [{**{name: value for name, value in given.items() if value}, **row} for row in rows]
    if others := lines.list_unknown_columns(rows):
        console.print_text(escape(f"Left out: {', '.join(others)}. A claim has no such column."), "dim", to=console.err)
    if register is not None:
        project = options.require_checkout(project)
    head: dict[str, str] = {}
    with open_evaluator(project) as evaluator:
        if register is not None:
            # They are judged as the register will: by its day, and with whose statistics it names.
            head = claims.head_of(project.claims, register, lines.find_head(evaluator.connection, rows), today=today)
            rows = [{**head, **row} for row in rows]
        records, entries, faults = _judge_all(evaluator, rows, today, is_typed=is_typed)
    if register is not None:
        unsure = [one["statement"] for one in records if one.get("verdict") in {"compared", "refused"}]
        if unsure:
            faults.append(f"{unsure[0]!r} was not read for certain: register it as lines, or by its parts.")
        if not faults:
            path = claims.add(project.claims, register, entries, head)
            count = console.format_count(len(entries), "claim")
            console.print_done(f"{count} added to {path}. The next build publishes them.", console.err)
    if as_json:
        if not sql:
            records = [{name: one[name] for name in one if not name.endswith("_sql")} for one in records]
        formats.write_json(records, indent=2)
    else:
        _print_all([one for one in records if lines.FAULT not in one], sql=sql, several=len(records) > 1)
    if faults:
        nothing = "" if register is None else " Nothing is added to the register."
        remedy = f"The others are judged.{nothing}" if len(records) > len(faults) else None
        raise BilateralError("\n".join(faults), remedy=remedy)


def _read_claims(words: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """Read the claims, and whether they were typed: a shell has read them then."""
    from dagster_project.claims import lines

    remedy = "Name a CSV, YAML, JSON or text file of claims, or write a claim."
    if not words and sys.stdin is not None and not sys.stdin.isatty():
        words = ["-"]
    if not words:
        raise BilateralError("There is no claim.", remedy=f"Write one: bilateral judge {lines.EXAMPLE}")
    if words == ["-"] or all(Path(word).suffix in FILE_ENDINGS for word in words):
        return [row for word in words for row in lines.read_rows(options.read_input(word, remedy))], False
    return [{"claim": words if len(words) > 1 else words[0]}], True


def _judge_all(
    evaluator: Evaluator, rows: list[dict[str, Any]], today: date, *, is_typed: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Return a record of each claim, its entry for the register, and what cannot be read."""
    from dagster_project.claims import lines

    records: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    faults: list[str] = []
    for where, row in lines.number_rows(rows):
        try:
            for record, part in judge_row(evaluator, row, where, today):
                records.append(record | {"unmarked": record["unmarked"] if is_typed else None})
                entries.append(lines.make_entry(evaluator.connection, part))
        except BilateralError as error:
            if len(rows) == 1:
                raise
            fault = str(error).removeprefix(f"{where}: ")
            faults.append(f"{where}: {fault}")
            records.append(
                {"claim_id": where, "statement": lines.write_line(row.get("claim") or ""), lines.FAULT: fault}
            )
    return records, entries, faults


def judge_row(
    evaluator: Evaluator, row: Mapping[str, Any], where: str, today: date
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Judge the claims of a row: a record of each beside its own row, the worst of a sentence first."""
    from dagster_project.claims import article, lines

    parts = lines.read_claims(evaluator.connection, row, today)
    found = [(_judge_claim(evaluator, part, where, today, reading), part) for part, reading in parts]
    return sorted(found, key=lambda one: article.rank_verdict(one[0]["verdict"])) if len(found) > 1 else found


def _judge_claim(
    evaluator: Evaluator, row: Mapping[str, Any], where: str, today: date, reading: Reading | None
) -> dict[str, Any]:
    """Make the record of a claim; a sentence that was not read for certain has no verdict."""
    from dagster_project.claims import article, lines

    name = row.get("claim_id") or where
    if reading is None:
        one = lines.make_article(evaluator.connection, row, where=where, published_on=today)
        result = evaluator.evaluate(one, one.claims[0])
        if result.error is not None:
            raise BilateralError(result.error.message.removeprefix("claim claim: "), remedy=result.error.remedy)
        record = _make_record(evaluator, row, name, result)
        return record | {"read_as": None, "unmarked": article.describe_assumption(result.claim)}
    answer = article.answer_reading(evaluator, reading, row["statement"], row, today)
    told = {"claim_id": name, "statement": row["statement"], "verdict": answer.verdict, "unmarked": None}
    if answer.result is None:
        return told | {
            "reason": answer.reason, "metric": reading.slots.get("metric"), "printed": reading.text,
            "observed_text": answer.figure, "unread": list(reading.unread), "read_as": None,
        }  # fmt: skip
    record = _make_record(evaluator, row, name, answer.result)
    if answer.verdict == "reporter_dependent" and record["verdict_then"] == "contradicted":
        record["verdict_then"] = answer.verdict
    return record | told | {"read_as": article.describe_reading(reading.slots)}


def _make_record(evaluator: Evaluator, row: Mapping[str, Any], name: str, result: ClaimResult) -> dict[str, Any]:
    from dagster_project.claims import lines

    found = make_row(result)
    return found | {
        "claim_id": name,
        "statement": row.get("statement") or lines.write_line(row.get("claim") or found["statement"]),
        "diagnosis": result.diagnosis and result.diagnosis.code,
        "held": evaluator.held(result.claim),
    }


def _print_all(records: list[dict[str, Any]], *, sql: bool, several: bool) -> None:
    """Print each record; before those of a sentence, what came of it as a whole."""
    from dagster_project.claims import article

    for before, one in zip([None, *records], records, strict=False):
        if before is None or before["claim_id"] != one["claim_id"]:
            verdicts = [each["verdict"] for each in records if each["claim_id"] == one["claim_id"]]
            if len(verdicts) > 1 and ("unread" in one or one["read_as"]):
                console.print_text(f"[bold]{article.count_verdicts(verdicts)}[/]  {escape(one['statement'])}")
        _print_record(one, sql=sql)
        if several or sql:
            console.print_text("")


def _print_record(row: dict[str, Any], *, sql: bool) -> None:
    if row["read_as"]:
        console.print_text(escape(row["read_as"]), "dim")
    colour = COLOURS.get(row["verdict"], "bold")
    console.print_text(f"[{colour}]{escape(row['verdict'])}[/]  [bold]{escape(row['statement'])}[/]")
    console.print_text(escape(row["reason"]))
    if row["unmarked"]:
        # In `$18bn` a shell reads $1 as a parameter, and passes on 8bn: a number that the figures do not bear out.
        is_off = row["unit"] == "USD" and row["verdict"] in {"contradicted", "reporter_dependent"}
        lost = " Quote a $ in a shell: '$18bn'." if is_off else ""
        console.print_text(escape(f"Read as {row['unmarked']}.{lost}"), "dim")
    if row.get("verdict_then") not in {row["verdict"], None}:
        console.print_text(escape(f"As known on {row['as_of']}: {row['verdict_then']}. {row['reason_then']}"), "dim")
    if row.get("held") and "Held:" not in row["reason"]:
        console.print_text(escape(f"Held: {row['held']}."), "dim")
    if sql and "unit" in row:
        print_sql(row, f"Evidence ({format_values(row)[1] or 'no figure'})")
