"""The commands about what is published: `bilateral status` and `bilateral diff`.

Here: their options, and how a publication, its age and its changes are shown. Not here: the comparison and its causes
(`publication.changes`), or when figures are due (`publication.freshness`, `refresh.state`).
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from dagster_project import publication
from dagster_project.cli import console, formats, set_aside
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError
from dagster_project.project import Project

_AGE = re.compile(r"(?P<number>[0-9]+)(?P<unit>[hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise typer.BadParameter("write a number and h, d or w: 40d is forty days")
    return timedelta(**{_UNITS[match["unit"]]: int(match["number"])})


def status(
    context: typer.Context,
    max_age: Annotated[
        timedelta | None,
        typer.Option(
            metavar="AGE",
            parser=_age,
            help="Fail if the publication, or the last response that a refresh accepted, is older (40d, 36h, 6w).",
        ),
    ] = None,
) -> None:
    """Show what is published, how its audit went, how fresh its figures are, and whether snapshots have changed."""
    from dagster_project.build.records import audited
    from dagster_project.snapshots import find_all

    project = project_of(context)
    with publication.reading(project) as connection:
        names, (values,) = console.fetched(connection.execute("select * from meta.publication"))
        built_from = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        results = [result for result, _ in audited(connection, {}) if not result.passed]
    row = dict(zip(names, values, strict=True))
    published_at = row["published_at"].replace(tzinfo=UTC)
    row["published_at"] = f"{row['published_at']:%Y-%m-%d %H:%M:%S} UTC"
    console.fields(row)
    # Of a file that lies elsewhere nobody knows here which snapshots and publications are newer.
    snapshots_here = {} if project.file is not None else find_all(project)
    here = {snapshot.id for found_ones in snapshots_here.values() for snapshot in found_ones}
    if here and here != built_from:
        console.echo(
            f"[yellow]Snapshots have changed since: {len(here - built_from)} new, {len(built_from - here)} gone. "
            "Run `bilateral build`.[/]"
        )
    kept = [made.publication_id for made in publication.publications(project)]
    if row["publication_id"] in kept[1:]:
        console.echo(f"[yellow]A newer publication is kept: {kept[0]}.[/]")
    _show_freshness(project)
    for title, is_known in (("Warnings of no known cause", False), ("Known irregularities", True)):
        if found := [result for result in results if bool(result.cause) == is_known]:
            console.echo(f"\n[bold]{title}[/] ({len(found)})")
            console.failures(found, to=console.out)
            for result in found:
                if result.table == "meta.quarantine":
                    with publication.reading(project) as connection:
                        set_aside.report_quarantine(connection)
    if max_age is not None:
        _refuse_age(project, published_at, max_age)


def _show_freshness(project: Project) -> None:
    """How far live datasets reach and what is due, and how many others nobody refreshes."""
    from dagster_project.publication import freshness
    from dagster_project.refresh.state import states

    now = datetime.now(UTC)
    with publication.reading(project) as connection:
        held = freshness.read(connection)
    if not held:
        return
    rows: list[list[Any]]
    # Of a file that lies elsewhere nobody knows here who is asked.
    if project.file is None:
        rows = [
            [
                one.dataset,
                *((one.newest.newest_period, one.newest.due_on) if one.newest else (None, None)),
                one.in_words,
            ]
            for one in states(project, os.environ, now)
        ]
    else:
        rows = [[one.path, one.newest_period, one.due_on, one.on(now.date())] for one in held if one.is_live]
    console.echo("\n[bold]How fresh the figures are[/]")
    console.records(["dataset", "newest", "next due", "freshness"], rows, "table")
    others = {one.path for one in held if not one.is_live}
    console.echo(
        f"{console.plural(len(others), 'dataset')} more came by hand and are not live: nobody refreshes them.", "dim"
    )


def _refuse_age(project: Project, published_at: datetime, most: timedelta) -> None:
    """Fails if nothing was published, or nothing accepted of what was asked, for longer than that.

    Raises:
        BilateralError: It is so.
    """
    from dagster_project.refresh.log import Log

    now = datetime.now(UTC)
    if now - published_at > most:
        raise BilateralError(
            f"The publication is {console.plural((now - published_at).days, 'day')} old.",
            remedy="Look at what `bilateral refresh` and `bilateral build` say, and whether their schedule runs.",
        )
    accepted = None
    if project.file is None:
        with Log(project, reading=True) as log:
            accepted = log.last_answer()
    if accepted is not None and now - accepted > most:
        raise BilateralError(
            f"The last response was accepted {console.plural((now - accepted).days, 'day')} ago.",
            remedy="`bilateral sources` says what the last refresh came to.",
        )


def diff(
    context: typer.Context,
    earlier: Annotated[
        str | None, typer.Argument(metavar="[A]", help="A publication; by default the one before the other.")
    ] = None,
    later: Annotated[
        str | None, typer.Argument(metavar="[B]", help="A later one; by default the published one.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Changes to show, those that weigh most first; 0 shows all.")] = 40,
    form: formats.FormatOption = "table",
) -> None:
    """Show what changed between two publications: figures, signs, verdicts and rules, each with its cause.

    `bilateral publications` lists their names. The changes against the publication before are also in meta.changes.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.publication import changes

    project = project_of(context)
    before, now = changes.pair(project, earlier, later)
    with changes.compared(now.file(project), before.file(project), Catalog(project).models.values()) as connection:

        def found(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
            return console.fetched(connection.execute(query))

        if form != "table":
            console.records(*found(f"from {changes.TABLE} order by all"), form)
            return
        console.echo(f"From [bold]{before.publication_id}[/] to [bold]{now.publication_id}[/]")
        names, counts = found(changes.counts(changes.TABLE))
        for table, *_, why in (row for row in counts if row[-1] is not None):
            console.echo(f"[yellow]![/] {table} is not compared: {why}")
        counted = [row[:-1] for row in counts if row[-1] is None]
        if not counted:
            console.done("No figure, verdict or rule that is compared is another.")
            return
        console.records(names[:-1], counted, "table")
        console.echo("")
        console.records(*found(changes.heaviest(changes.TABLE, None)), "table", limit=limit or None)
