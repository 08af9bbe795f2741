"""The commands for readers: a report to look at, a figure to cite, a package to pass on.

Here: `bilateral report`, `bilateral cite`, `bilateral export`, and the report that a build leaves. Not here: what they
make (`report`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.context import locations_of, project_of
from dagster_project.errors import BilateralError
from dagster_project.project import Project


def report(
    context: typer.Context,
    reporter: Annotated[
        str | None, typer.Option(help="Whose statistics, by name or code; by default the first pair's.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="The economy it trades with.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", dir_okay=False, help="The file; by default beside the warehouse's.")
    ] = None,
) -> None:
    """Write a page about a pair: charts, findings, claims, what is not held. It loads nothing from a network."""
    from dagster_project import publication
    from dagster_project.reference.economies import code_of
    from dagster_project.report import page

    project = project_of(context)
    first = page.first_pair(project)
    with publication.reading(project) as connection:
        pair = (code_of(connection, reporter or first[0]), code_of(connection, partner or first[1]))
    if pair[0] == pair[1]:
        raise BilateralError(
            f"{pair[0]} does not trade with itself here.", remedy="Give a reporter and another partner."
        )
    if output is not None and output.suffix.lower() not in {".html", ".htm"}:
        raise BilateralError(f"{output} is no name of a page.", remedy="End it in .html.")
    if output is not None and not output.parent.is_dir():
        raise BilateralError(f"There is no folder {output.parent}.", remedy="Make it, or name another.")
    written = page.write(project, *pair, output)
    console.done(escape(str(written)))


def cite(
    context: typer.Context,
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="The figure: metric/reporter/partner/period@day, as tables print it.")
    ],
    form: Annotated[formats.Format, typer.Option("--format", "-f", help="How to print it.")] = "table",
) -> None:
    """Say what a figure was on its day, what it rests on, how to cite it, and what it is now."""
    from dagster_project import publication
    from dagster_project.catalog import Catalog
    from dagster_project.report import citing

    project = locations_of(context).checkout()
    with publication.reading(project) as connection:
        found = citing.cite(connection, Catalog(project).models, identity)
    record = found.record()
    if form == "json":
        formats.write_json(record)
        return
    if form == "csv":
        flat = {name: value for name, value in record.items() if not isinstance(value, list | dict)}
        flat["snapshot_ids"] = list(found.figure.snapshot_ids)
        formats.write_csv(list(flat), [list(flat.values())])
        return
    console.echo(f"[bold]{escape(found.title)}[/]: {escape(found.printed)}\n")
    now = found.now
    if now is None:
        since = "withdrawn since, so that there is none now"
    elif found.is_same:
        since = "the same"
    else:
        since = f"{formats.text(now.value)} {found.metric.unit}, as {now.id}"
    console.fields(
        {
            "identity": found.figure.id,
            "value": f"{formats.text(found.figure.value)} {found.metric.unit}",
            "status": found.figure.observation_status,
            "now": since,
            "what": found.metric.what,
        }
    )
    for row in found.snapshots:
        console.echo(f"\n[bold]{escape(str(row['snapshot_id']))}[/]")
        console.fields(
            {
                "known from": row["known_from"],
                "publisher": row["publisher"],
                "sha256": row["sha256"],
                "licence": f"{row['licence_name']} ({row['licence_url']})",
                "address": row["url"],
            }
        )
    console.echo("\n[bold]Citation[/]")
    console.echo(escape(found.text))
    console.echo("\n[bold]BibTeX[/]")
    # As it is pasted: no line is broken.
    console.out.print(escape(found.bibtex), highlight=False, soft_wrap=True)


def after(project: Project, publication_id: str) -> Path | None:
    """Draws the reports of a publication that are not drawn already; what goes wrong is said and ends nothing.

    Args:
        project: Where.
        publication_id: What was published.

    Returns:
        The page of the first pair; None if it could not be drawn.
    """
    from dagster_project.report import page

    for pair in page.standing(project):
        target = page.place(project, *pair)
        if page.is_of(target, publication_id, pair):
            continue
        try:
            page.write(project, *pair)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is published stands
            # Better no page than one of another publication.
            target.unlink(missing_ok=True)
            reason = error.message if isinstance(error, BilateralError) else f"{type(error).__name__}: {error}"
            console.err.print(
                f"[yellow]The report {target.name} could not be drawn: {escape(reason)}[/] What is published stands; "
                "`bilateral report` tries again.",
                highlight=False,
                soft_wrap=True,
            )
    return project.report if project.report.exists() else None


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write it: an empty or a new folder, or an earlier package.")],
) -> None:
    """Write core and marts as a Data Package, Parquet and CSV, without what the terms do not let pass on."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import package

    project = locations_of(context).checkout()
    written = package.write(project, Catalog(project).models, folder)
    rows = sum(resource["rows"] for resource in written.resources)
    console.out.print(
        f"[bold green]✓[/] {escape(str(written.folder))}: {len(written.resources)} tables, {rows:,} rows",
        highlight=False,
        soft_wrap=True,
    )
    if written.left_out:
        console.echo("\n[bold]Left out[/]")
        for one in written.left_out:
            console.echo(f"• {escape(one.get('dataset') or one['table'])}: {escape(one['why'])}")
        console.echo("datapackage.json says of each how to fetch it.", "dim")
