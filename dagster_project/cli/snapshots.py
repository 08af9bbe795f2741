"""List, verify and seal snapshots, and set aside wrong figures: the commands `snapshots` and `set-aside`.

A decision is a file that names the rows of a dataset to leave out of builds, and the reason (`snapshots.set_aside`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.filesize import decimal
from rich.markup import escape
from typer import Argument, Option

from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare_command, parse_assignments
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.snapshots import Snapshot
    from dagster_project.snapshots.set_aside import SetAside

app = typer.Typer(help="List, verify and seal the snapshots: files as the publishers sent them.", no_args_is_help=True)
decisions = typer.Typer(help="Take figures known to be wrong out of the warehouse, and back in.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The decision's name, from `bilateral set-aside list`.")]
# The most rows shown of a decision.
SHOWN_ROWS = 20


def _list_all(project: Project) -> Iterator[Snapshot]:
    from dagster_project.snapshots import find_all_snapshots

    for found in find_all_snapshots(project).values():
        yield from found


@declare_command(app.command("list"))
def list_snapshots(
    project: Project,
    source: str | None = Argument(None, help="List only snapshots of this publisher or dataset."),
    form: FormatOption = "table",
) -> None:
    """List every snapshot with the day from which it is known, its size and its licence."""
    rows = [
        [
            snapshot.id,
            str(snapshot.manifest.known_from),
            "fetched" if snapshot.manifest.is_fetched else "committed",
            snapshot.manifest.row_count,
            decimal(snapshot.manifest.bytes),
            snapshot.manifest.licence.name,
        ]
        for snapshot in _list_all(project)
        if source is None or snapshot.id.startswith(f"{source}/")
    ]
    if not rows and source is not None:
        raise BilateralError(f"There is no snapshot of {source}.", remedy="See `bilateral snapshots list`.")
    console.print_records(["snapshot", "known from", "how", "rows", "size", "licence"], rows, form)


@declare_command(app.command("show"))
def show_snapshot(
    project: Project,
    snapshot_id: str = Argument(metavar="ID", help="The snapshot's ID, or a part that no other ID has."),
) -> None:
    """Show a snapshot's manifest, its number of rows, and the path of its file."""
    from dagster_project import raw, sources

    found = [snapshot for snapshot in _list_all(project) if snapshot_id in snapshot.id]
    matching = [snapshot for snapshot in found if snapshot.id == snapshot_id] or found
    if len(matching) != 1:
        raise BilateralError(
            f"{len(matching) or 'No'} snapshots have {snapshot_id} in their ID.",
            remedy="Give a longer part of the ID." if matching else "See `bilateral snapshots list`.",
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
    """Recompute the hash of every snapshot and compare it with the manifest."""
    from dagster_project.snapshots import verify_snapshot

    found = list(_list_all(project))
    for snapshot in found:
        verify_snapshot(snapshot)
    console.print_done(f"{len(found)} snapshots have the bytes that were received.", console.out)


@app.command("seal")
def seal_snapshot(
    folder: Path = Argument(help="A folder with a table and its manifest, new or an edited copy.", exists=True),
    known_from: datetime | None = Option(None, formats=["%Y-%m-%d"], help="The day from which its figures are known."),
) -> None:
    """Sort a new snapshot by its key, complete the manifest (hash, rows, columns), and name the folder by the hash."""
    from dagster_project.snapshots import seal_snapshot

    sealed = seal_snapshot(folder.resolve(), known_from=known_from.date() if known_from else None)
    console.print_done(f"{sealed.id} is in {sealed.folder}")


@declare_command(decisions.command("add"))
def add_decision(
    project: Project,
    name: str = Argument(help="A name for the decision, which becomes the name of its file."),
    dataset: str = Argument(help="The dataset, such as worldbank/wdi, from `bilateral snapshots list`."),
    where: list[str] = Option(
        ...,
        "--where",
        "-w",
        metavar="COLUMN=VALUE",
        help="A column of the publisher's file and its value as printed there (CN, 2024); repeat for more columns. "
        "With --dry-run a few are enough to see the rows with all their columns.",
    ),
    reason: str = Option(help="Why the figures are wrong, and how that was found."),
    snapshot: list[str] | None = Option(
        None, help="Only in this snapshot, by its ID from `bilateral snapshots list`; can be repeated. Default: in all."
    ),
    dry_run: bool = Option(False, "--dry-run", help="Show the rows without writing the decision."),
) -> None:
    """Set figures aside: show the rows, and write the decision. The next build leaves the rows out.

    `--where` selects rows of the publisher's files; the column `snapshot_ids` of a table names these files. Give the
    wrong value, too, for example --where value=6.7: then the decision ends when the publisher corrects the figure.
    """
    from dagster_project.snapshots import find_snapshots, set_aside

    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise BilateralError(f"{name!r} is not a valid name.", remedy="Use small letters, digits, _ and -.")
    path = set_aside.get_persons_folder(project) / f"{name}.yml"
    if path.exists():
        raise BilateralError(f"The decision {name} already exists.", remedy="Choose another name.")
    values = parse_assignments(where, "COLUMN=VALUE")
    decision = set_aside.check_decision(
        set_aside.SetAside(
            dataset=dataset,
            reason=" ".join(reason.split()),
            by="person",
            decided_on=datetime.now(UTC).date(),
            snapshots=tuple(snapshot or ()),
            rows=({column: value or None for column, value in values.items()},),
            path=path,
        )
    )
    ids = {found.id: found for found in find_snapshots(project, dataset)}
    for named in decision.snapshots:
        console.find_named(ids, named, f"snapshot of {dataset}", "See `bilateral snapshots list`.")
    names, rows = _find_rows(project, decision)
    if not rows:
        raise BilateralError(
            f"No row of {dataset} has {' '.join(where)}.",
            remedy="Write each value as the publisher's file has it; "
            f"`bilateral set-aside add … --dry-run -w {names[1]}=…` shows the values of a row.",
        )
    console.print_records(names, rows, limit=SHOWN_ROWS, hint="add --where to select fewer rows")
    count = console.format_count(len(rows), "row")
    if dry_run:
        console.print_text(f"{count} would be set aside; nothing was written.")
        return
    decision.write_file(path)
    console.print_done(f"{count} of {dataset} set aside; run `bilateral build`.")
    console.print_path(f"  {path}")


@declare_command(decisions.command("list"))
def list_decisions(project: Project, form: FormatOption = "table") -> None:
    """List the decisions of persons and builds to set figures aside, with the number of rows of each."""
    from dagster_project.snapshots.set_aside import find_all_decisions

    every = find_all_decisions(project)
    if not every and form == "table":
        console.print_text("Nothing is set aside.")
        return
    rows = [
        [d.name, d.dataset, d.by, len(_find_rows(project, d)[1]), str(d.decided_on), d.rule, d.reason] for d in every
    ]
    console.print_records(["name", "dataset", "decided by", "rows", "decided on", "rule", "reason"], rows, form)


@declare_command(decisions.command("show"))
def show_decision(project: Project, name: NameArgument) -> None:
    """Show a decision and the rows that the decision leaves out of builds."""
    found = _find_decision(project, name)
    decided = f"{found.decided_on} by a {found.by}"
    console.print_fields({"dataset": found.dataset, "decided": decided, "rule": found.rule, "reason": found.reason})
    console.print_path(found.path)
    console.print_records(*_find_rows(project, found), limit=SHOWN_ROWS, hint="the snapshots' files have all rows")


@declare_command(decisions.command("lift"))
def lift_decision(project: Project, name: NameArgument) -> None:
    """Remove a decision, so that the next build uses the rows again.

    If a build made the decision, the next build makes it again when the audit still fails because of the rows.
    """
    _find_decision(project, name).path.unlink()
    console.print_done(f"{name} is lifted; run `bilateral build`.")


def print_decision(decision: SetAside) -> None:
    """Print that a build has set a snapshot aside, and how to keep its correct figures."""
    console.print_text(
        f"[yellow]Set aside[/] {escape(decision.name)}: {escape(decision.rule or '')}. Its series keep their earlier "
        f"figures. `bilateral set-aside show {escape(decision.name)}` lists the rows; set the wrong rows aside "
        "(`bilateral set-aside add`), and the next build uses the others.",
        to=console.err,
    )


def _find_decision(project: Project, name: str) -> SetAside:
    from dagster_project.snapshots.set_aside import find_all_decisions

    found = {decision.name: decision for decision in find_all_decisions(project)}
    return console.find_named(found, name, "decision", "See `bilateral set-aside list`.")


def _find_rows(project: Project, decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """Find the rows that a decision matches, including rows that another decision also sets aside."""
    from dagster_project import raw, sources
    from dagster_project.raw.set_aside import find_rows

    dataset = sources.find_dataset(decision.dataset)
    return find_rows(dataset, raw.receive_dataset(project, dataset, decisions=[]).files, decision)
