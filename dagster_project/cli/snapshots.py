"""The commands about snapshots.

Here: `bilateral snapshots`. Not here: what a snapshot is (`snapshots`), or which may go (`refresh`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError

app = typer.Typer(help="List, verify and prune the snapshots: files as the publishers sent them.", no_args_is_help=True)


@app.command("list")
def list_(
    context: typer.Context,
    source: Annotated[str | None, typer.Argument(help="Only this publisher's, or this dataset's.")] = None,
    form: formats.FormatOption = "table",
) -> None:
    """List every snapshot, with its vintage and its terms."""
    from dagster_project import snapshots

    rows = [
        [
            snapshot.id,
            str(snapshot.manifest.known_from),
            "fetched" if snapshot.manifest.is_fetched else "committed",
            snapshot.manifest.row_count,
            console.size(snapshot.manifest.bytes),
            snapshot.manifest.licence.name,
        ]
        for path, found in snapshots.find_all(project_of(context)).items()
        for snapshot in found
        if source is None or path == source or path.startswith(f"{source}/")
    ]
    if not rows and source is not None:
        raise BilateralError(f"There is no snapshot of {source}.", remedy="See `bilateral snapshots list`.")
    console.records(["snapshot", "known from", "how", "rows", "size", "licence"], rows, form)


@app.command("show")
def show_(
    context: typer.Context,
    snapshot_id: Annotated[str, typer.Argument(metavar="ID", help="The snapshot's id, or enough of it to know it by.")],
) -> None:
    """Show a snapshot: its manifest, its rows and where its bytes are."""
    from dagster_project import raw, snapshots
    from dagster_project.sources import dataset

    project = project_of(context)
    found = [one for every in snapshots.find_all(project).values() for one in every]
    matching = [one for one in found if one.id == snapshot_id] or [one for one in found if snapshot_id in one.id]
    if len(matching) != 1:
        raise BilateralError(
            f"{len(matching) or 'No'} snapshots have {snapshot_id} in their id.",
            remedy="Write more of it." if matching else "See `bilateral snapshots list`.",
        )
    snapshot = matching[0]
    manifest = snapshot.manifest
    read = raw.receive(project, dataset(f"{manifest.source}/{manifest.dataset}"), [snapshot])
    console.echo(f"[bold]{escape(snapshot.id)}[/]  {escape(manifest.title)}")
    console.path(str(snapshot.data))
    told = {
        "url": manifest.url,
        "retrieved": _moment(manifest.retrieved_at),
        "published": manifest.published_at,
        "edition": manifest.edition,
        "known from": manifest.known_from,
        "obtained": manifest.obtained,
        "form": f"{manifest.form}, {manifest.media_type}",
        "size": f"{manifest.bytes:,} bytes, sha256 {manifest.sha256}",
        "rows": f"{read.row_count:,} in raw, {read.quarantined_count:,} set aside",
        "licence": f"{manifest.licence.name} ({manifest.licence.url})",
        "citation": manifest.citation,
        "parameters": "  ".join(f"{name}={value}" for name, value in manifest.parameters.items() if value),
        "notes": "\n".join(manifest.notes),
    }
    console.fields({name: value for name, value in told.items() if value})


@app.command()
def verify(context: typer.Context) -> None:
    """Check the hash of every snapshot."""
    from dagster_project import snapshots

    found = [one for every in snapshots.find_all(project_of(context)).values() for one in every]
    for snapshot in found:
        snapshots.verify(snapshot)
    console.out.print(f"[bold green]✓[/] {len(found)} snapshots hold the bytes that were received.", highlight=False)


@app.command()
def prune(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them, and do not only list them.")] = False,
) -> None:
    """List fetched snapshots that no publication names and no current figure rests on; --yes removes them."""
    from dagster_project.refresh import pruning

    project = project_of(context)
    found = pruning.prune(project) if yes else pruning.look(project)
    if found.unused:
        console.records(
            ["snapshot", "known from", "size"],
            [[s.id, str(s.manifest.known_from), console.size(s.manifest.bytes)] for s in found.unused],
            "table",
        )
    what = "removed" if yes else "can be removed (`--yes` does)"
    console.echo(
        f"{console.plural(len(found.unused), 'fetched snapshot')} {what}; {found.named} stay because a publication "
        f"names them, {found.standing} because figures rest on them. Committed ones always stay."
    )


@app.command()
def seal(
    folder: Annotated[Path, typer.Argument(help="The folder of an edited copy of a snapshot.", exists=True)],
    known_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Since when its figures are known."),
    ] = None,
) -> None:
    """Give an edited copy of a snapshot the manifest and the place that its bytes ask for."""
    from dagster_project import snapshots

    sealed = snapshots.seal(folder.resolve(), known_from=known_from.date() if known_from else None)
    console.done(f"{sealed.id} is in {escape(str(sealed.folder))}")


def _moment(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else str(value)
