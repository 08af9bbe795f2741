"""The commands `bilateral snapshots`, and `bilateral set-aside`: figures known to be wrong, taken out with a reason.

Here: their options, and how snapshots and decisions are shown. Not here: what a snapshot is and the form of decisions
(`snapshots`), which snapshots may go (`refresh`), and what becomes of rows that are set aside (`raw.set_aside`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from typer import Argument, Option

from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare_command
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.snapshots.set_aside import SetAside

app = typer.Typer(help="List, verify and prune the snapshots: files as the publishers sent them.", no_args_is_help=True)
decisions = typer.Typer(
    help="Set figures of any dataset aside, with a reason, and take them in again.", no_args_is_help=True
)

NameArgument = Annotated[str, typer.Argument(help="The decision, as `list` names it.")]
# Rows that are shown.
SHOWN = 20


@declare_command(app.command("list"))
def list_snapshots(
    project: Project,
    source: str | None = Argument(None, help="Only this publisher's, or this dataset's."),
    form: FormatOption = "table",
) -> None:
    """List every snapshot, with its vintage and its terms."""
    from dagster_project.snapshots import find_all_snapshots

    rows = [
        [
            snapshot.id,
            str(snapshot.manifest.known_from),
            "fetched" if snapshot.manifest.is_fetched else "committed",
            snapshot.manifest.row_count,
            console.format_size(snapshot.manifest.bytes),
            snapshot.manifest.licence.name,
        ]
        for path, found in find_all_snapshots(project).items()
        for snapshot in found
        if source is None or path == source or path.startswith(f"{source}/")
    ]
    if not rows and source is not None:
        raise BilateralError(f"There is no snapshot of {source}.", remedy="See `bilateral snapshots list`.")
    console.print_records(["snapshot", "known from", "how", "rows", "size", "licence"], rows, form)


@declare_command(app.command("show"))
def show_snapshot(
    project: Project,
    snapshot_id: str = Argument(metavar="ID", help="The snapshot's id, or enough of it to know it by."),
) -> None:
    """Show a snapshot: its manifest, its rows and where its bytes are."""
    from dagster_project import raw, sources
    from dagster_project.snapshots import find_all_snapshots

    found = [one for every in find_all_snapshots(project).values() for one in every]
    matching = [one for one in found if one.id == snapshot_id] or [one for one in found if snapshot_id in one.id]
    if len(matching) != 1:
        raise BilateralError(
            f"{len(matching) or 'No'} snapshots have {snapshot_id} in their id.",
            remedy="Write more of it." if matching else "See `bilateral snapshots list`.",
        )
    snapshot = matching[0]
    manifest = snapshot.manifest
    read = raw.receive_dataset(project, sources.find_dataset(f"{manifest.source}/{manifest.dataset}"), [snapshot])
    console.print_text(f"[bold]{escape(snapshot.id)}[/]  {escape(manifest.title)}")
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


@declare_command(app.command("verify"))
def verify_snapshots(project: Project) -> None:
    """Check the hash of every snapshot."""
    from dagster_project import snapshots

    found = [one for every in snapshots.find_all_snapshots(project).values() for one in every]
    for snapshot in found:
        snapshots.verify_snapshot(snapshot)
    console.print_done(f"{len(found)} snapshots hold the bytes that were received.", console.out)


@declare_command(app.command("prune"))
def prune_snapshots(
    project: Project,
    yes: bool = Option(False, "--yes", help="Remove them, and do not only list them."),
) -> None:
    """List fetched snapshots that no publication names and no current figure rests on; --yes removes them."""
    from dagster_project.refresh import pruning

    found = pruning.prune_snapshots(project) if yes else pruning.find_unused(project)
    rows = [[one.id, str(one.manifest.known_from), console.format_size(one.manifest.bytes)] for one in found.unused]
    if rows:
        console.print_records(["snapshot", "known from", "size"], rows)
    what = "removed" if yes else "can be removed (`--yes` does)"
    console.print_text(
        f"{console.format_count(len(rows), 'fetched snapshot')} {what}; {found.named} stay because a publication "
        f"names them, {found.standing} because figures rest on them. Committed ones always stay."
    )


@app.command("seal")
def seal_snapshot(
    folder: Path = Argument(help="The folder of an edited copy of a snapshot.", exists=True),
    known_from: datetime | None = Option(None, formats=["%Y-%m-%d"], help="Since when its figures are known."),
) -> None:
    """Give an edited copy of a snapshot the manifest and the place that its bytes ask for."""
    from dagster_project.snapshots import seal_snapshot

    sealed = seal_snapshot(folder.resolve(), known_from=known_from.date() if known_from else None)
    console.print_done(f"{sealed.id} is in {sealed.folder}")


@declare_command(decisions.command("add"))
def add_decision(
    project: Project,
    name: str = Argument(help="What the decision is called: the name of its file."),
    dataset: str = Argument(help="The dataset, such as worldbank/wdi, as `bilateral snapshots list` names it."),
    where: list[str] = Option(
        ...,
        "--where",
        "-w",
        metavar="COLUMN=VALUE",
        help="A value that the row has in the publisher's file, in its words (CN, 2024); one -w for each "
        "column. With --dry-run and the few that you know it shows the rows with all their columns.",
    ),
    reason: str = Option(help="Why it is wrong, and what that was found from."),
    snapshot: list[str] | None = Option(
        None, help="Only in this snapshot, by its id in `bilateral snapshots list`. Default: in all."
    ),
    dry_run: bool = Option(False, "--dry-run", help="Show what it would hide, and write nothing."),
) -> None:
    """Set figures aside: show the rows that it hides, and write the decision. The next build leaves them out.

    What is named is a row of the publisher's files, not of a table here, whose `snapshot_ids` say of which files.
    Name the wrong value too (--where value=6.7): then the decision ends when the publisher mends it.
    """
    from dagster_project.snapshots import find_snapshots, set_aside

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise BilateralError(f"{name!r} is no name for a file.", remedy="Use small letters, digits, _ and -.")
    path = set_aside.get_persons_folder(project) / f"{name}.yml"
    if path.exists():
        raise BilateralError(f"There is a decision called {name}.", remedy="Give this one another name.")
    values = [text.partition("=") for text in where]
    if malformed := [text for text, (_, equals, _) in zip(where, values, strict=True) if not equals]:
        raise BilateralError(f"{malformed[0]!r} is not COLUMN=VALUE.")
    decision = set_aside.check_decision(
        set_aside.SetAside(
            dataset=dataset,
            reason=" ".join(reason.split()),
            by="person",
            decided_on=datetime.now(UTC).date(),
            snapshots=tuple(snapshot or ()),
            rows=({column: value or None for column, _, value in values},),
            path=path,
        )
    )
    ids = {one.id: one for one in find_snapshots(project, dataset)}
    for named in decision.snapshots:
        console.find_named(ids, named, f"snapshot of {dataset}", "See `bilateral snapshots list`.")
    names, rows = _find_rows(project, decision)
    if not rows:
        raise BilateralError(
            f"No row of {dataset} is so: {' '.join(where)}.",
            remedy="Write values as the publisher writes them; "
            f"`bilateral set-aside add … --dry-run -w {names[1]}=…` shows what there is.",
        )
    console.print_records(names, rows, limit=SHOWN, hint="one --where more shows fewer")
    count = console.format_count(len(rows), "row")
    if dry_run:
        console.print_text(f"{count} would be set aside; nothing was written.")
        return
    decision.write_file(path)
    console.print_done(f"{count} of {dataset} set aside; run `bilateral build`.")
    console.print_path(f"  {path}")


@declare_command(decisions.command("list"))
def list_decisions(project: Project, form: FormatOption = "table") -> None:
    """List what is set aside, by persons and by builds, and how many rows of the snapshots that hides."""
    from dagster_project.snapshots.set_aside import find_all_decisions

    every = find_all_decisions(project)
    if not every and form == "table":
        console.print_text("Nothing is set aside.")
        return
    rows = [
        [one.name, one.dataset, one.by, len(_find_rows(project, one)[1]), str(one.decided_on), one.rule, one.reason]
        for one in every
    ]
    console.print_records(["name", "dataset", "decided by", "rows", "decided on", "rule", "reason"], rows, form)


@declare_command(decisions.command("show"))
def show_decision(project: Project, name: NameArgument) -> None:
    """Show a decision and the rows that it hides."""
    one = _find_decision(project, name)
    decided = f"{one.decided_on} by a {one.by}"
    console.print_fields({"dataset": one.dataset, "decided": decided, "rule": one.rule, "reason": one.reason})
    console.print_path(one.path)
    console.print_records(*_find_rows(project, one), limit=SHOWN, hint="the snapshots have all")


@declare_command(decisions.command("lift"))
def lift_decision(project: Project, name: NameArgument) -> None:
    """Take figures in again. What a build had set aside, the next build tries again."""
    _find_decision(project, name).path.unlink()
    console.print_done(f"{name} is lifted; run `bilateral build`.")


def print_decision(decision: SetAside) -> None:
    """Print on the way that a build has set a snapshot aside, and what to do about it."""
    console.print_text(
        f"[yellow]Set aside[/] {escape(decision.name)}: {escape(decision.rule or '')}. Its series stay as they were. "
        f"`bilateral set-aside show {escape(decision.name)}` names the rows; set those aside (`bilateral set-aside "
        "add`), and the next build takes in the rest.",
        to=console.err,
    )


def _find_decision(project: Project, name: str) -> SetAside:
    from dagster_project.snapshots.set_aside import find_all_decisions

    found = {one.name: one for one in find_all_decisions(project)}
    return console.find_named(found, name, "decision", "See `bilateral set-aside list`.")


def _find_rows(project: Project, decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """Find the rows that a decision hides, whatever else is set aside."""
    from dagster_project import raw, sources
    from dagster_project.raw.set_aside import find_rows

    dataset = sources.find_dataset(decision.dataset)
    return find_rows(dataset, raw.receive_dataset(project, dataset, decisions=[]).files, decision)
