"""The commands about what is published: `bilateral status`, `mcp`, `diff`, `publications` and `rollback`.

Here: their options, and how a publication, its age and its changes are shown. Not here: the comparison and its causes
(`publication.changes`), or when figures are due (`publication.freshness`, `refresh.state`).
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import typer
from rich.markup import escape
from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, reporting
from dagster_project.cli.options import FormatOption
from dagster_project.errors import BilateralError
from dagster_project.project import Project

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
    from dagster_project.pipeline.records import read_checks
    from dagster_project.snapshots import find_all_snapshots

    with publication.open_published(project) as connection:
        names, (values,) = console.fetch_rows(connection.execute("select * from meta.publication"))
        built_from = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        results = [result for result, _ in read_checks(connection, {}) if not result.passed]
    row = dict(zip(names, values, strict=True))
    published_at = row["published_at"].replace(tzinfo=UTC)
    console.print_fields(row | {"published_at": f"{published_at:%Y-%m-%d %H:%M:%S} UTC"})
    # Of a file that lies elsewhere nobody knows here which snapshots and publications are newer.
    here = (
        set() if project.file else {snapshot.id for found in find_all_snapshots(project).values() for snapshot in found}
    )
    if here and here != built_from:
        console.print_text(
            f"[yellow]Snapshots have changed since: {len(here - built_from)} new, {len(built_from - here)} gone. "
            "Run `bilateral build`.[/]"
        )
    kept = [made.publication_id for made in publication.list_publications(project)]
    if row["publication_id"] in kept[1:]:
        console.print_text(f"[yellow]A newer publication is kept: {kept[0]}.[/]")
    _print_freshness(project)
    for title, is_known in (("Warnings of no known cause", False), ("Known irregularities", True)):
        if found := [result for result in results if bool(result.cause) == is_known]:
            console.print_text(f"\n[bold]{title}[/] ({len(found)})")
            console.print_failures(found, to=console.out)
            if any(result.table == "meta.quarantine" for result in found):
                with publication.open_published(project) as connection:
                    _print_quarantine(connection)
    if max_age is not None:
        _check_age(project, published_at, max_age)


def _print_freshness(project: Project) -> None:
    """Print how far live datasets reach and what is due, and how many others nobody refreshes."""
    from dagster_project.publication import freshness
    from dagster_project.refresh.state import list_states

    now = datetime.now(UTC)
    with publication.open_published(project) as connection:
        held = freshness.read_freshness(connection)
    # Of a file that lies elsewhere nobody knows here who is asked.
    rows: list[tuple[str, freshness.Held | None, str]] = (
        [(one.path, one, one.get_status(now.date())) for one in held if one.is_live]
        if project.file is not None
        else [(one.dataset, one.newest, one.in_words) for one in list_states(project, os.environ, now)]
    )
    if not held:
        return
    console.print_text("\n[bold]How fresh the figures are[/]")
    console.print_records(
        ["dataset", "newest", "next due", "freshness"],
        [[path, one and one.newest_period, one and one.due_on, words] for path, one, words in rows],
    )
    count = console.format_count(len({one.path for one in held if not one.is_live}), "dataset")
    console.print_text(f"{count} more came by hand and are not live: nobody refreshes them.", "dim")


def _print_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Print under the warning of `meta.quarantine` which snapshots it is about, and why."""
    found = connection.execute(
        "select snapshot_id, reason from meta.quarantine where set_aside_by != 'person' and is_current "
        "group by all order by all"
    ).fetchall()
    for snapshot_id, reason in found:
        console.print_text(f"{escape(snapshot_id)}: {escape(reason)}", "dim", indent=2)


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
    if project.file is None:
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
        [
            "→" if made.publication_id == current else "",
            made.publication_id,
            f"{made.published_at:%Y-%m-%d %H:%M:%S} UTC",
            made.check_count,
            made.warning_count,
        ]
        for made in publication.list_publications(project)
    ]
    if not rows:
        raise BilateralError("No publication is kept yet.", remedy="Run `bilateral build` first.")
    console.print_records(["", "publication", "published", "expectations", "warnings"], rows, form)
    if form == "table":
        console.print_path(f"The audit of each: {project.publications}/<publication>/audit.html")


def rollback(
    project: Project,
    publication_id: str | None = Argument(None, help="Which publication; by default the one before the current."),
) -> None:
    """Publish an earlier publication again."""
    made = publication.roll_back(project, publication_id)
    console.print_done(f"{made.publication_id} is published again.")
    reporting.draw_reports(project, made.publication_id)
