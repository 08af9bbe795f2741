"""The commands about what is published: how it stands, what changed in it, and what readers are given of it.

Here: their options, and how a publication, its age, its changes and a citation are shown; the reports that a build
leaves. Not here: the comparison and its causes (`publication.changes`), when figures are due (`publication.freshness`,
`refresh.state`), and what reports, citations and packages say (`report`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.cli.options import FormatOption, read_input
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.publication.freshness import Held

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_age(text: str) -> timedelta:
    """Parse an age such as 40d."""
    match = re.fullmatch(r"([0-9]+)([hdw])", text)
    if match is None:
        raise typer.BadParameter("write a number and h, d or w: 40d is forty days")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def status(
    project: Project,
    max_age: timedelta | None = Option(
        None,
        metavar="AGE",
        parser=parse_age,
        help="Fail if the publication, or the last response that a refresh accepted, is older (40d, 36h, 6w), or "
        "if there is none.",
    ),
) -> None:
    """Show what is published, how its audit went, how fresh its figures are, and whether snapshots have changed."""
    from dagster_project.audit.records import read_checks
    from dagster_project.publication.freshness import read_freshness
    from dagster_project.snapshots import find_all_snapshots

    with publication.open_published(project) as connection:
        (row,) = fetch_records(connection, "from meta.publication")
        built_from = {name for (name,) in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        results = [result for result, _ in read_checks(connection, {}) if not result.passed]
        set_aside = connection.execute(
            "select snapshot_id, reason from meta.quarantine where set_aside_by != 'person' and is_current "
            "group by all order by all"
        ).fetchall()
        held = read_freshness(connection)
    published_at = row["published_at"].replace(tzinfo=UTC)
    console.print_fields(row | {"published_at": f"{published_at:%Y-%m-%d %H:%M:%S} UTC"})
    # Of a file that lies elsewhere nobody knows here which snapshots are newer.
    every = () if project.file else find_all_snapshots(project).values()
    here = {snapshot.id for found in every for snapshot in found}
    if here and here != built_from:
        console.print_text(
            f"[yellow]Snapshots have changed since: {len(here - built_from)} new, {len(built_from - here)} gone. "
            "Run `bilateral build`.[/]"
        )
    kept = [made.publication_id for made in publication.list_publications(project)]
    if row["publication_id"] in kept[1:]:
        console.print_text(f"[yellow]A newer publication is kept: {kept[0]}.[/]")
    if held:
        _print_freshness(project, held, built_from)
    for title, is_known in (("Warnings of no known cause", False), ("Known irregularities", True)):
        if found := [result for result in results if bool(result.cause) == is_known]:
            console.print_text(f"\n[bold]{title}[/] ({len(found)})")
            console.print_failures(found, to=console.out)
            for snapshot_id, reason in set_aside if any(one.table == "meta.quarantine" for one in found) else ():
                console.print_text(f"{escape(snapshot_id)}: {escape(reason)}", "dim", indent=2)
    if max_age is not None:
        _check_age(project, published_at, max_age)


def _print_freshness(project: Project, held: Sequence[Held], built_from: Collection[str]) -> None:
    """Print how far live datasets reach and what is due, and how many others nobody refreshes."""
    from dagster_project.refresh.state import list_states

    now = datetime.now(UTC)
    # Of a file that lies elsewhere nobody knows here who is asked.
    rows: list[tuple[str, Held | None, str]] = (
        [(one.path, one, one.get_status(now.date())) for one in held if one.is_live]
        if project.file is not None
        else [
            (one.dataset, one.newest, one.in_words) for one in list_states(project, os.environ, now, (held, built_from))
        ]
    )
    names = ["dataset", "newest", "next due", "freshness"]
    cells = [[path, one and one.newest_period, one and one.due_on, words] for path, one, words in rows]
    console.print_text("\n[bold]How fresh the figures are[/]")
    console.print_records(names, cells)
    count = console.format_count(len({one.path for one in held if not one.is_live}), "dataset")
    console.print_text(f"{count} more came by hand and are not live: nobody refreshes them.", "dim")


def _check_age(project: Project, published_at: datetime, most: timedelta) -> None:
    """Fail if nothing was published, or no response accepted, for longer than that.

    Raises:
        BilateralError: It is so.
    """
    from dagster_project.refresh.log import Log

    def format_age(moment: datetime) -> str:
        return console.format_count((datetime.now(UTC) - moment).days, "day")

    oldest = datetime.now(UTC) - most
    if published_at < oldest:
        raise BilateralError(
            f"The publication is {format_age(published_at)} old.",
            remedy="Look at what `bilateral refresh` and `bilateral build` say, and whether their schedule runs.",
        )
    if project.file is not None:
        return
    with Log(project, reading=True) as log:
        accepted = log.find_last_answer()
    if accepted is None:
        raise BilateralError(
            "No refresh has had a response accepted yet.",
            remedy="Run `bilateral refresh`; `bilateral sources` says who is asked.",
        )
    if accepted < oldest:
        raise BilateralError(
            f"The last response was accepted {format_age(accepted)} ago.",
            remedy="`bilateral sources` says what the last refresh came to.",
        )


def mcp(project: Project) -> None:
    """Serve the published warehouse to programs that speak the Model Context Protocol, on standard input and output."""
    try:
        from dagster_project.cli.mcp import serve_tools
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "mcp":
            raise
        raise BilateralError(
            "The package mcp is not installed.", remedy="Install the extra: pip install 'bilateral[mcp]'."
        ) from error
    serve_tools(project)


def diff(
    project: Project,
    earlier: str | None = Argument(None, metavar="[A]", help="A publication; by default the one before the other."),
    later: str | None = Argument(None, metavar="[B]", help="A later one; by default the published one."),
    limit: int = Option(40, min=0, help="Changes to show, those that weigh most first; 0 shows all."),
    form: FormatOption = "table",
) -> None:
    """Show what changed between two publications: figures, signs, verdicts and rules, each with its cause.

    `bilateral publications` lists their names. The changes against the publication before are also in meta.changes.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.publication import changes

    before, now = changes.find_pair(project, earlier, later)
    with changes.compare_files(
        now.get_file(project), before.get_file(project), Catalog(project).models.values()
    ) as connection:

        def fetch_query(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
            return console.fetch_rows(connection.execute(query))

        if form != "table":
            console.print_records(*fetch_query(f"from {changes.TABLE} order by all"), form)
            return
        console.print_text(f"From [bold]{before.publication_id}[/] to [bold]{now.publication_id}[/]")
        names, counts = fetch_query(changes.query_counts(changes.TABLE))
        for table, *_, why in (row for row in counts if row[-1] is not None):
            console.print_text(f"[yellow]![/] {table} is not compared: {why}")
        counted = [row[:-1] for row in counts if row[-1] is None]
        if not counted:
            console.print_done("No figure, verdict or rule that is compared is another.")
            return
        console.print_records(names[:-1], counted)
        console.print_text("")
        console.print_records(*fetch_query(changes.query_heaviest(changes.TABLE, None)), limit=limit or None)


def publications(project: Project, form: FormatOption = "table") -> None:
    """List the publications that are kept, newest first."""
    current = publication.get_current_id(project)
    rows = [
        {
            "": "→" if made.publication_id == current else "",
            "publication": made.publication_id,
            "published": f"{made.published_at:%Y-%m-%d %H:%M:%S} UTC",
            "expectations": made.check_count,
            "warnings": made.warning_count,
        }
        for made in publication.list_publications(project)
    ]
    if not rows:
        raise BilateralError("No publication is kept yet.", remedy="Run `bilateral build` first.")
    console.print_rows(rows, form)
    if form == "table":
        console.print_path(f"The audit of each: {project.publications}/<publication>/audit.html")


def rollback(
    project: Project,
    publication_id: str | None = Argument(None, help="Which publication; by default the one before the current."),
) -> None:
    """Publish an earlier publication again."""
    made = publication.roll_back(project, publication_id)
    console.print_done(f"{made.publication_id} is published again.")
    draw_reports(project, made.publication_id)


def report(
    project: Project,
    reporter: str | None = Option(None, help="Whose statistics, by name or code; by default the first pair's."),
    partner: str | None = Option(None, help="The economy it trades with."),
    output: Path | None = Option(
        None, "--output", "-o", dir_okay=False, help="The file; by default beside the warehouse's."
    ),
) -> None:
    """Write a page about a pair: charts, findings, claims, what is not held. It loads nothing from a network."""
    from dagster_project.reference.economies import find_code
    from dagster_project.report import page

    first = page.find_first_pair(project)
    with publication.open_published(project) as connection:
        whose = find_code(connection, reporter or first[0])
        pair = (whose, find_code(connection, partner or first[whose != first[1]]))
    if pair[0] == pair[1]:
        raise BilateralError(
            f"The reporter and the partner are both {pair[0]}.", remedy="Give two different economies."
        )
    if output is not None:
        if output.suffix.lower() not in {".html", ".htm"}:
            raise BilateralError(f"{output} is no name of a page.", remedy="End it in .html.")
        formats.require_folder(output)
    console.print_done(str(page.write_report(project, *pair, output)))


def cite(
    project: Project,
    identities: list[str] = Argument(
        metavar="ID...",
        help="The figures: metric/reporter/partner/period@day, as tables print them; - reads them from standard input.",
    ),
    form: FormatOption = "table",
) -> None:
    """Say what figures were on their days, what they rest on, how to cite them, and what they are now."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import citing

    remedy = "Write one, or a line each to standard input."
    asked = [text for word in identities for text in (read_input(word, remedy).split() if word == "-" else [word])]
    if not asked:
        raise BilateralError("No identity was given.", remedy=remedy)
    with publication.open_published(project) as connection:
        records = citing.cite_figures(connection, Catalog(project).models, asked)
    if form == "json":
        formats.write_json(records[0] if identities == asked and len(records) == 1 else records)
    elif form == "csv":
        rows = [
            {name: value for name, value in record.items() if not isinstance(value, list | dict)}
            | {"now_value": (record["now"] or {}).get("value")}
            | {"snapshot_ids": [one["snapshot_id"] for one in record["snapshots"]]}
            for record in records
        ]
        console.print_rows(rows, form)
    else:
        for number, record in enumerate(records):
            if number:
                console.print_text("\n")
            _print_citation(record)


def _print_citation(record: Mapping[str, Any]) -> None:
    from dagster_project.report.citing import format_value

    value, now = format_value(record["value"], record["unit"]), record["now"]
    changed = f"{format_value(now['value'], record['unit'])}, as {now['id']}" if now else None
    console.print_text(f"[bold]{escape(record['title'])}[/]: {escape(value)}\n")
    console.print_fields(
        {
            "identity": record["id"],
            "value": value,
            "status": record["observation_status"],
            "now": "the same" if record["is_same"] else changed or "withdrawn since, so that there is none now",
            "conversion": record["conversion"],
            "coverage": record["coverage"] and record["coverage"].partition(": ")[2],
            "what": record["what"],
        }
    )
    for row in record["snapshots"]:
        console.print_text(f"\n[bold]{escape(row['snapshot_id'])}[/]")
        licence = f"{row['licence_name']} ({row['licence_url']})"
        named = {"known from": row["known_from"], "publisher": row["publisher"], "sha256": row["sha256"]}
        console.print_fields({**named, "licence": licence, "address": row["url"]})
    console.print_text(f"\n[bold]Citation[/]\n{escape(record['citation'])}")
    console.print_code("BibTeX", record["bibtex"])


def draw_reports(project: Project, publication_id: str) -> Path | None:
    """Draw the reports of a publication that are not drawn already; what goes wrong is said and ends nothing.

    Returns:
        The page of the first pair; None if it could not be drawn.
    """
    from dagster_project.report import page

    for pair in page.list_standing_pairs(project):
        target = page.locate_report(project, *pair)
        if page.is_report_of(target, publication_id, pair):
            continue
        try:
            page.write_report(project, *pair)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is published stands
            # Better no page than one of another publication.
            target.unlink(missing_ok=True)
            reason = error.message if isinstance(error, BilateralError) else f"{type(error).__name__}: {error}"
            console.print_line(
                f"[yellow]The report {target.name} could not be drawn: {escape(reason)}[/] What is published stands; "
                "`bilateral report` tries again.",
                console.err,
            )
    return project.report if project.report.exists() else None


def export(
    project: Project,
    folder: Path = Argument(help="Where to write it: an empty or a new folder, or an earlier package."),
) -> None:
    """Write core and marts as a Data Package, Parquet and CSV, without what the terms do not let pass on."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import package

    content = package.write_package(project, Catalog(project).models, folder)
    rows = sum(resource["rows"] for resource in content["resources"])
    console.print_done(f"{folder.resolve()}: {len(content['resources'])} tables, {rows:,} rows", console.out)
    if content["left_out"]:
        console.print_text("\n[bold]Left out[/]")
        reasons: dict[str, list[str]] = {}
        for one in content["left_out"]:
            reasons.setdefault(one["why"], []).append(one.get("dataset") or one["table"])
        for why, names in reasons.items():
            console.print_text(f"• {escape(', '.join(names))}: {escape(why)}")
        console.print_text("datapackage.json says of each how to fetch it.", "dim")
