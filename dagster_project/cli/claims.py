"""List, show, check and write registered claims: the commands `bilateral claims`.

The package `claims` reads the register and judges the claims; this module prints their verdicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.text import Text
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.cli.options import FormatOption, declare_command
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.files import read_text
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.claims.evaluator import Evaluator

Row = Mapping[str, Any]

app = typer.Typer(help="List, check and register claims: published statements about trade, judged by the figures.")

COLOURS = {
    "supported": "green",
    "supported_rounded": "green",
    "differs_in_last_digit": "yellow",
    "contradicted": "red",
    "reporter_dependent": "yellow",
    "pending": "cyan",
    "not_held": "cyan",
    "not_checkable": "dim",
}
WORDS = {
    "differs_in_last_digit": "different in the last digit",
    "contradicted": "contradicted",
    "reporter_dependent": "dependent on the reporter",
    "pending": "pending",
    "not_held": "without the figures to judge them",
    "not_checkable": "not checkable",
}
# The columns of the list in CSV and JSON.
LIST_COLUMNS = (
    *("article_id", "claim_id", "verdict", "verdict_then", "statement", "comparator", "claimed_value", "claimed_text"),
    *("unit", "observed_value", "observed_text", "alternate_reporter_code", "alternate_reporter_value"),
    *("alternate_unit", "alternate_reporter_text", "reason", "reason_then"),
)


@declare_command(app.callback(invoke_without_command=True), needs="file")
def list_claims(
    project: Project,
    form: FormatOption = "table",
    verdict: list[str] | None = Option(None, help="List only claims with this verdict; can be repeated."),
    article_id: str | None = Option(None, "--article", help="List only claims of this article."),
) -> None:
    """List the registered claims with their verdicts, and count the supported ones."""
    if unknown := set(verdict or ()) - set(COLOURS):
        raise BilateralError(
            f"There is no verdict {', '.join(sorted(unknown))}.", remedy=f"Use one of {', '.join(COLOURS)}."
        )
    found = _read_register(project)
    chosen = [row for row in found if article_id in {None, row["article_id"]}]
    if not chosen and article_id is not None:
        known = ", ".join(sorted({row["article_id"] for row in found}))
        raise BilateralError(f"No claim of {article_id} is registered.", remedy=f"The articles are {known}.")
    chosen = [row for row in chosen if not verdict or row["verdict"] in verdict]
    _print_list(chosen, form, counted=found, noun="registered claims")


@declare_command(app.command("show"), needs="file")
def show_claim(
    project: Project,
    claim_id: str = Argument(help="The claim's ID, from `bilateral claims`."),
    form: FormatOption = "table",
) -> None:
    """Show a claim with its verdicts, its sources and its SQL."""
    known = {row["claim_id"]: row for row in _read_register(project)}
    row = console.find_named(known, claim_id, "claim", "See `bilateral claims`.")
    _print_claim(row) if form == "table" else console.print_rows([row], form)


@declare_command(app.command("check"), needs="checkout")
def check_claims(
    project: Project,
    file: Path = Argument(help="A file of claims, as docs/claims.md describes.", exists=True, dir_okay=False),
    form: FormatOption = "table",
) -> None:
    """Check a file of claims: show the verdict of each claim, and list the faults."""
    from dagster_project.claims import judging, register

    article = register.parse_article(read_text(file, remedy="Name a file with claims."), str(file))
    with open_evaluator(project) as evaluator:
        judged = evaluator.evaluate_all((article,))
    rows = [judging.build_result_record(result) for result in judged if result.error is None]
    if rows or form != "table":
        _print_list(rows, form, counted=rows, noun="claims of this file")
    if faults := [f"{file}: {result.error}" for result in judged if result.error is not None]:
        raise BilateralError("\n".join(faults))
    if file.resolve().parent == project.claims.resolve():
        # Check the file together with the register, in which another file may have the same claim or name.
        register.check_file(project.claims, project.claims / file.name)


@declare_command(app.command("new"))
def write_example(
    project: Project,
    file: Path = Argument(help="The file to write; a bare name means a file in the warehouse's register."),
) -> None:
    """Write a new file with three example claims to replace."""
    from dagster_project.claims import register

    path = file.with_name(f"{file.name.removesuffix('.yml')}.yml")
    if path.parent == Path() and not file.suffix:
        path = project.claims / path
    text = register.fill_template(path, schema=project.root / "docs" / register.SCHEMA_FILE)
    if path.exists():
        raise BilateralError(f"{path} already exists.", remedy="Name another file, or add to this one.")
    register.write_file(path, text)
    console.print_done(f"{path} is written. Replace its examples, then run `bilateral claims check {path}`.")


@contextmanager
def open_evaluator(project: Project, *, memory: str | None = None) -> Iterator[Evaluator]:
    """Open the published file read-only, with locked settings and at most `memory` (such as `1GB`), to judge claims."""
    from dagster_project.catalog import Catalog
    from dagster_project.claims.evaluator import Evaluator

    with publication.open_published(project) as connection:
        if memory:
            connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set lock_configuration = true")
        yield Evaluator(connection, Catalog(project).models)


def _read_register(project: Project) -> list[dict[str, Any]]:
    """Read every registered claim with its verdict, ordered by article."""
    with publication.open_published(project) as connection:
        return fetch_records(
            connection,
            "from core.claims join marts.claim_verdicts using (article_id, claim_id) order by article_id, claim_id",
        )


def _print_list(rows: Sequence[Row], form: formats.Format, *, counted: Sequence[Row], noun: str) -> None:
    """Print the claims `rows`; below a table, print how many claims in `counted` have each verdict."""
    from dagster_project.claims.verdicts import SUPPORTED

    if form != "table":
        console.print_records(LIST_COLUMNS, [[row[name] for name in LIST_COLUMNS] for row in rows], form)
        return
    names = ["verdict", "claim", "statement", "claimed", "figures", "other reporter", "reason"]
    cells = [
        [style_verdict(row["verdict"]), row["claim_id"], row["statement"], *format_values(row), row["reason"]]
        for row in rows
    ]
    console.print_records(names, cells)
    now, then = (Counter(row[name] for row in counted) for name in ("verdict", "verdict_then"))
    rounded = f" ({now['supported_rounded']} of them as rounded)" if now["supported_rounded"] else ""
    rest = ", ".join(f"{now[verdict]} {words}" for verdict, words in WORDS.items() if now[verdict])
    console.print_text(
        f"\n[bold]{sum(now[verdict] for verdict in SUPPORTED)} of {len(counted)} {noun} supported[/]"
        f"{rounded}{'; ' if rest else ''}{rest}.\n"
        f"By the figures known on the day of publication: {sum(then[verdict] for verdict in SUPPORTED)} supported, "
        f"{then['contradicted']} contradicted, {then['pending'] + then['not_held']} not known yet"
        f"{f', {checked} not checkable' if (checked := then['not_checkable']) else ''}."
    )


def style_verdict(verdict: str, reason: str = "") -> Text:
    """Return a verdict in its colour, or in bold if only a newer version of Bilateral knows it."""
    from dagster_project.claims.judging import name_verdict

    return Text(name_verdict(verdict, reason), style=COLOURS.get(verdict, "bold"))


def format_values(row: Row) -> tuple[str, str, str]:
    """Format three values of a claim: as claimed, by the reporter's figures, and by the other economy's figures."""
    other = _format_value(row, "alternate_reporter", unit="alternate_unit")
    whose = row["alternate_reporter_code"]
    return (
        _format_value(row, "claimed", decimals=row["printed_decimals"]),
        _format_value(row, "observed"),
        f"{whose} {other}" if other and whose else other,
    )


def _format_value(row: Row, which: str, *, decimals: int | None = None, unit: str = "unit") -> str:
    from dagster_project.claims.notation import SCALES, choose_decimals, format_amount

    value, text, scale = row[f"{which}_value"], row.get(f"{which}_text"), row["printed_scale"]
    if value is None or row[unit] is None:
        return text or ""
    scaled = value / (SCALES[scale][0] if scale else 1)
    shown = choose_decimals(scaled, row["printed_decimals"] or 0) if decimals is None else decimals
    return format_amount(scaled, row[unit], scale, shown)


def print_sql(row: Row, evidence: str = "Evidence") -> None:
    """Print the SELECTs of a claim: for its evidence, for another reporter, for a second source, and for remarks."""
    for name, column in (
        (evidence, "evidence_sql"),
        (f"By the statistics of {row.get('alternate_reporter_code') or 'another reporter'}", "alternate_sql"),
        (f"By {row.get('second_reading_source')}", "second_reading_sql"),
        ("Remarks", "remark_sql"),
    ):
        if row.get(column):
            console.print_code(name, f"{row[column]};")


def _print_claim(row: Row) -> None:
    claimed, observed, other = format_values(row)
    day = str(row["published_on"])[: {"year": 4, "month": 7}.get(row["published_on_precision"], 10)]
    verdict = style_verdict(row["verdict"]).markup
    console.print_text(f"{verdict}  [bold]{escape(row['claim_id'])}[/]\n{escape(row['statement'])}\n")
    console.print_fields(
        {
            "published": f"{row['publisher']}, {day}: {row['title']}",
            "address": row["url"],
            "metric": row["metric"],
            "economies": " with ".join(code for code in (row["reporter_code"], row["partner_code"]) if code),
            "period": f"{row['period_start']} to {row['period_end']} ({row['period_type']})",
            "claimed": claimed and f"{row['comparator']} {claimed}",
            "figures now": row["observed_text"] and f"{observed or 'none'} ({row['observed_text']})",
            "other reporter": other,
            "second reading": None
            if row["second_reading_value"] is None
            else f"{row['second_reading_source']}: {_format_value(row, 'second_reading')}",
            "verdict now": f"{row['verdict']}: {row['reason']}",
            "figures then": row["evidence_sql"] and f"{row['observed_text_then'] or 'none'}, by {row['as_of']}",
            "verdict then": f"{row['verdict_then']}: {row['reason_then']}",
            "look again on": row["look_again_on"],
            "note": row["note"],
            "snapshots": row["snapshot_ids"],
        }
    )
    print_sql(row)
    if row["evidence_sql"]:
        console.print_text(
            f"\nFor the figures known then, run the SQL with: bilateral query --as-of {row['as_of']}", "dim"
        )
