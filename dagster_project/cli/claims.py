"""The commands about claims.

Here: `bilateral claims`, and how verdicts are shown. Not here: the form of the register, and judging (`claims`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from dagster_project.cli import console, formats
from dagster_project.cli.context import locations_of, project_of, with_file
from dagster_project.errors import BilateralError
from dagster_project.files import read_text
from dagster_project.project import Project

if TYPE_CHECKING:
    import duckdb

    from dagster_project.claims.evaluator import Evaluator
    from dagster_project.claims.verdicts import ClaimResult

app = typer.Typer(
    help="List, check and register claims: published statements about trade, and what the figures say to them."
)

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
    "not_held": "about what is not held",
    "not_checkable": "not checkable",
}
# The columns of a list as CSV or JSON.
LISTED = (
    *("article_id", "claim_id", "verdict", "verdict_then", "statement", "comparator", "claimed_value", "claimed_text"),
    *("unit", "observed_value", "observed_text", "alternate_reporter_code", "alternate_reporter_value"),
    *("alternate_unit", "alternate_reporter_text", "reason", "reason_then"),
)


@app.callback(invoke_without_command=True)
@with_file
def claims(
    context: typer.Context,
    form: formats.FormatOption = "table",
    verdict: Annotated[list[str] | None, typer.Option(help="Only claims with this verdict; may be repeated.")] = None,
    article_id: Annotated[str | None, typer.Option("--article", help="Only those of an article.")] = None,
) -> None:
    """List the registered claims with their verdicts, and count those that are supported."""
    if context.invoked_subcommand is not None:
        return
    from dagster_project import publication

    if unknown := set(verdict or ()) - set(COLOURS):
        raise BilateralError(
            f"There is no verdict {', '.join(sorted(unknown))}.", remedy=f"Use one of {', '.join(COLOURS)}."
        )
    with publication.reading(project_of(context)) as connection:
        found = _registered(connection)
    chosen = [
        row
        for row in found
        if (not verdict or row["verdict"] in verdict) and (article_id is None or row["article_id"] == article_id)
    ]
    if article_id is not None and not chosen and not verdict:
        known = ", ".join(sorted({row["article_id"] for row in found}))
        raise BilateralError(f"No claim of {article_id} is registered.", remedy=f"There are {known}.")
    _list(chosen, form)
    if form == "table":
        _cover([row["verdict"] for row in found], [row["verdict_then"] for row in found], "registered claims")


@app.command("show")
@with_file
def show_claim(
    context: typer.Context,
    claim_id: Annotated[str, typer.Argument(help="The claim, as `bilateral claims` lists it.")],
    form: formats.FormatOption = "table",
) -> None:
    """Show everything about a claim, with the SQL to paste."""
    from dagster_project import publication

    with publication.reading(project_of(context)) as connection:
        known = {row["claim_id"]: row for row in _registered(connection)}
    if claim_id not in known:
        remedy = console.did_you_mean(claim_id, list(known), "See `bilateral claims`.")
        raise BilateralError(f"There is no claim {claim_id}.", remedy=remedy)
    row = known[claim_id]
    if form != "table":
        console.records(list(row), [list(row.values())], form)
        return
    _show(row)


@app.command("check")
def check(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A file of claims, in the form of docs/claims.md.", exists=True, dir_okay=False)
    ],
    form: formats.FormatOption = "table",
) -> None:
    """Check a file of claims: list its faults, or show its verdicts by the published figures."""
    from dagster_project.claims import register

    project = locations_of(context).checkout()
    article = register.parse(read_text(file, remedy="Name a file with claims."), str(file))
    if file.resolve().parent == project.claims.resolve():
        # Of the register it has to be a part: with a name of its own, and no claim twice.
        register.read(project.claims)
    with evaluator_of(project) as evaluator:
        judged = evaluator.evaluate_all((article,))
    failing = [asked.error for asked in judged if asked.error is not None]
    answered = [row_of(asked) for asked in judged if asked.error is None]
    if answered or form != "table":
        _list(answered, form)
    if answered and form == "table":
        _cover([row["verdict"] for row in answered], [row["verdict_then"] for row in answered], "claims of this file")
    if failing:
        raise BilateralError("\n".join(f"{file}: {error}" for error in failing))


@app.command("new")
def new(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; a bare name is one of the warehouse's register.")],
) -> None:
    """Write a new file with three example claims, to be replaced by your own."""
    from dagster_project.claims import register

    project = locations_of(context).checkout()
    path = file.with_name(f"{file.name.removesuffix('.yml')}.yml")
    if path.parent == Path() and not file.suffix:
        path = project.claims / path
    text = register.template(path, schema=project.root / "docs" / register.SCHEMA_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as new_file:
            new_file.write(text)
    except FileExistsError as error:
        raise BilateralError(f"{path} is there already.", remedy="Name another file, or add to this one.") from error
    name = escape(str(path))
    console.done(f"{name} is written. Put your claims into it, then run `bilateral claims check {name}`.")


@contextmanager
def evaluator_of(project: Project, *, memory: str | None = None) -> Iterator[Evaluator]:
    """The published warehouse, open for judging: read-only, with no way out of it and no way to change that."""
    from dagster_project import publication
    from dagster_project.catalog import Catalog
    from dagster_project.claims.evaluator import Evaluator

    with publication.reading(project) as connection:
        if memory:
            connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set lock_configuration = true")
        yield Evaluator(connection, Catalog(project).models)


def _registered(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every registered claim with its verdict, by article."""
    found: dict[str, dict[str, Any]] = {}
    for table in ("core.claims", "marts.claim_verdicts"):
        names, rows = console.fetched(connection.execute(f"from {table} order by article_id, claim_id"))
        for row in (dict(zip(names, values, strict=True)) for values in rows):
            found[row["claim_id"]] = found.get(row["claim_id"], {}) | row
    return list(found.values())


def row_of(result: ClaimResult) -> dict[str, Any]:
    """A verdict in the columns of the list."""
    from dagster_project.claims.tables import CLAIMS, VERDICTS, claim_row, verdict_row

    claim = dict(zip(CLAIMS, claim_row(result.article, result.claim), strict=True))
    return claim | dict(zip(VERDICTS, verdict_row(result), strict=True))


def _list(rows: Sequence[dict[str, Any]], form: console.Format) -> None:
    if form != "table":
        console.records(LISTED, [[row[name] for name in LISTED] for row in rows], form)
        return
    names = ["verdict", "claim", "statement", "claimed", "figures", "other reporter", "reason"]
    cells = [[_word(row["verdict"]), row["claim_id"], row["statement"], *_values(row), row["reason"]] for row in rows]
    console.records(names, cells, form)


def printed_of(row: dict[str, Any]) -> str:
    """What the figures give, as it is printed."""
    return _printed(row, "observed", None)


def _values(row: dict[str, Any]) -> tuple[str, str, str]:
    """What was claimed, what the figures give and what another reporter's give, as they are printed."""
    other = _printed(row, "alternate_reporter", None, "alternate_unit")
    whose = row["alternate_reporter_code"]
    return (
        _printed(row, "claimed", row["printed_decimals"]),
        printed_of(row),
        f"{whose} {other}" if other and whose else other,
    )


def _printed(row: dict[str, Any], which: str, decimals: int | None, in_unit: str = "unit") -> str:
    from dagster_project.claims.printed import SCALES, amount, enough_decimals

    value, text, unit, scale = row[f"{which}_value"], row.get(f"{which}_text"), row[in_unit], row["printed_scale"]
    if value is None or unit is None:
        return text or ""
    scaled = value / (SCALES[scale][0] if scale else 1)
    locations = enough_decimals(scaled, row["printed_decimals"] or 0) if decimals is None else decimals
    return amount(scaled, unit, scale, locations)


def _word(verdict: str) -> Text:
    # A file may be newer than this command and know another verdict.
    return Text(verdict, style=COLOURS.get(verdict, "bold"))


def _cover(verdicts: Sequence[str], then: Sequence[str], what: str) -> None:
    """How many of how many: a share of supported claims means nothing without what was left out."""
    from dagster_project.claims.verdicts import SUPPORTED

    supported = sum(verdict in SUPPORTED for verdict in verdicts)
    rounded = verdicts.count("supported_rounded")
    rest = [f"{number} {words}" for word, words in WORDS.items() if (number := verdicts.count(word))]
    console.echo(
        f"\n[bold]{supported} of {len(verdicts)} {what} supported[/]"
        f"{f' ({rounded} of them as rounded)' if rounded else ''}{'; ' if rest else ''}{', '.join(rest)}.\n"
        f"By what was held on the day of publication: {sum(verdict in SUPPORTED for verdict in then)} supported, "
        f"{then.count('contradicted')} contradicted, {then.count('pending') + then.count('not_held')} not known yet."
    )


def _show(row: dict[str, Any]) -> None:
    console.echo(
        f"[{COLOURS.get(row['verdict'], 'bold')}]{escape(row['verdict'])}[/]  [bold]{escape(row['claim_id'])}[/]"
    )
    console.echo(f"{escape(row['statement'])}\n")
    claimed, observed, other = _values(row)
    precise = row["published_on_precision"]
    day = str(row["published_on"])[: {"year": 4, "month": 7}.get(precise, 10)]
    told = {
        "published": f"{row['publisher']}, {day}: {row['title']}",
        "address": row["url"],
        "metric": row["metric"],
        "whose": " with ".join(code for code in (row["reporter_code"], row["partner_code"]) if code),
        "period": f"{row['period_start']} to {row['period_end']} ({row['period_type']})",
        "claimed": claimed and f"{row['comparator']} {claimed}",
        "figures now": row["observed_text"] and f"{observed or 'none'} ({row['observed_text']})",
        "other reporter": other,
        "second reading": None
        if row["second_reading_value"] is None
        else f"{row['second_reading_source']}: {_printed(row, 'second_reading', None)}",
        "verdict now": f"{row['verdict']}: {row['reason']}",
        "held then": row["evidence_sql"] and f"{row['observed_text_then'] or 'none'}, by {row['as_of']}",
        "verdict then": f"{row['verdict_then']}: {row['reason_then']}",
        "look again on": row["look_again_on"],
        "note": row["note"],
        "snapshots": row["snapshot_ids"],
    }
    console.fields({name: value for name, value in told.items() if value})
    for name, text in (
        ("Evidence", row["evidence_sql"]),
        (f"By the statistics of {row['alternate_reporter_code'] or 'another reporter'}", row["alternate_sql"]),
        (f"By {row['second_reading_source']}", row["second_reading_sql"]),
        ("Remarks", row["remark_sql"]),
    ):
        if text:
            # As it is pasted: no line is broken.
            console.out.print(f"\n[bold]{name}[/]", highlight=False)
            console.out.print(f"{escape(text)};", highlight=False, soft_wrap=True, style="cyan")
    if row["evidence_sql"]:
        console.echo(f"\nWhat was known then: bilateral query --as-of {row['as_of']}, with the evidence.", "dim")
