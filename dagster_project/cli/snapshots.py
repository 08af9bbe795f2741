"""The commands about snapshots.

Here: `bilateral snapshots`. Not here: what a snapshot is (`snapshots`), or which may go (`refresh`).
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from dagster_project import raw, snapshots, sources
from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare
from dagster_project.errors import BilateralError
from dagster_project.project import Project

app = typer.Typer(help="List, verify and prune the snapshots: files as the publishers sent them.", no_args_is_help=True)


@declare(app.command("list"))
def list_snapshots(
    project: Project,
    source: Annotated[str | None, typer.Argument(help="Only this publisher's, or this dataset's.")] = None,
    form: FormatOption = "table",
) -> None:
    """List every snapshot, with its vintage and its terms."""
    rows = [
        [
            snapshot.id,
            str(snapshot.manifest.known_from),
            "fetched" if snapshot.manifest.is_fetched else "committed",
            snapshot.manifest.row_count,
            console.format_size(snapshot.manifest.bytes),
            snapshot.manifest.licence.name,
        ]
        for path, found in snapshots.find_all_snapshots(project).items()
        for snapshot in found
        if source is None or path == source or path.startswith(f"{source}/")
    ]
    if not rows and source is not None:
        raise BilateralError(f"There is no snapshot of {source}.", remedy="See `bilateral snapshots list`.")
    console.print_records(["snapshot", "known from", "how", "rows", "size", "licence"], rows, form)


@declare(app.command("show"))
def show_snapshot(
    project: Project,
    snapshot_id: Annotated[str, typer.Argument(metavar="ID", help="The snapshot's id, or enough of it to know it by.")],
) -> None:
    """Show a snapshot: its manifest, its rows and where its bytes are."""
    found = [one for every in snapshots.find_all_snapshots(project).values() for one in every]
    matching = [one for one in found if one.id == snapshot_id] or [one for one in found if snapshot_id in one.id]
    if len(matching) != 1:
        raise BilateralError(
            f"{len(matching) or 'No'} snapshots have {snapshot_id} in their id.",
            remedy="Write more of it." if matching else "See `bilateral snapshots list`.",
        )
    snapshot = matching[0]
    manifest = snapshot.manifest
    read = raw.receive_dataset(project, sources.find_dataset(f"{manifest.source}/{manifest.dataset}"), [snapshot])
    console.echo(f"[bold]{escape(snapshot.id)}[/]  {escape(manifest.title)}")
    console.print_path(snapshot.data)
    retrieved = manifest.retrieved_at
    console.print_fields(
        {
            "url": manifest.url,
            "retrieved": f"{retrieved:%Y-%m-%d %H:%M:%S} UTC" if isinstance(retrieved, datetime) else retrieved,
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
    )


@declare(app.command("verify"))
def verify_snapshots(project: Project) -> None:
    """Check the hash of every snapshot."""
    found = [one for every in snapshots.find_all_snapshots(project).values() for one in every]
    for snapshot in found:
        snapshots.verify_snapshot(snapshot)
    console.print_done(f"{len(found)} snapshots hold the bytes that were received.", console.out)


@declare(app.command("prune"))
def prune_snapshots(
    project: Project,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them, and do not only list them.")] = False,
) -> None:
    """List fetched snapshots that no publication names and no current figure rests on; --yes removes them."""
    from dagster_project.refresh import pruning

    found = pruning.prune_snapshots(project) if yes else pruning.find_unused(project)
    rows = [[one.id, str(one.manifest.known_from), console.format_size(one.manifest.bytes)] for one in found.unused]
    if rows:
        console.print_records(["snapshot", "known from", "size"], rows)
    what = "removed" if yes else "can be removed (`--yes` does)"
    console.echo(
        f"{console.format_count(len(rows), 'fetched snapshot')} {what}; {found.named} stay because a publication "
        f"names them, {found.standing} because figures rest on them. Committed ones always stay."
    )


@app.command("seal")
def seal_snapshot(
    folder: Annotated[Path, typer.Argument(help="The folder of an edited copy of a snapshot.", exists=True)],
    known_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Since when its figures are known.")
    ] = None,
) -> None:
    """Give an edited copy of a snapshot the manifest and the place that its bytes ask for."""
    sealed = snapshots.seal_snapshot(folder.resolve(), known_from=known_from.date() if known_from else None)
    console.print_done(f"{sealed.id} is in {sealed.folder}")
