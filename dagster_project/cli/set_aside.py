"""`bilateral set-aside`: figures that are known to be wrong, of any dataset, taken out with a reason.

Here: options, and how decisions are shown. Not here: their form (`snapshots.set_aside`), and what becomes of the rows
(`raw.set_aside`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

import duckdb
import typer
from rich.markup import escape

from dagster_project import raw, snapshots, sources
from dagster_project.cli import console
from dagster_project.cli.options import FormatOption, declare
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.raw.set_aside import find_rows
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside

app = typer.Typer(help="Set figures of any dataset aside, with a reason, and take them in again.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="The decision, as `list` names it.")]
# Rows that are shown.
SHOWN = 20


@declare(app.command("add"))
def add_decision(
    project: Project,
    name: Annotated[str, typer.Argument(help="What the decision is called: the name of its file.")],
    dataset: Annotated[
        str, typer.Argument(help="The dataset, such as worldbank/wdi, as `bilateral snapshots list` names it.")
    ],
    where: Annotated[
        list[str],
        typer.Option(
            "--where",
            "-w",
            metavar="COLUMN=VALUE",
            help="A value that the row has in the publisher's file, in its words (CN, 2024); one -w for each "
            "column. With --dry-run and the few that you know it shows the rows with all their columns.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why it is wrong, and what that was found from.")],
    snapshot: Annotated[
        list[str] | None,
        typer.Option(help="Only in this snapshot, by its id in `bilateral snapshots list`. Default: in all."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would hide, and write nothing.")] = False,
) -> None:
    """Set figures aside: show the rows that it hides, and write the decision. The next build leaves them out.

    What is named is a row of the publisher's files, not of a table here, whose `snapshot_ids` say of which files.
    Name the wrong value too (--where value=6.7): then the decision ends when the publisher mends it.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise BilateralError(f"{name!r} is no name for a file.", remedy="Use small letters, digits, _ and -.")
    path = set_aside.get_persons_folder(project) / f"{name}.yml"
    if path.exists():
        raise BilateralError(f"There is a decision called {name}.", remedy="Give this one another name.")
    values = [text.partition("=") for text in where]
    if malformed := [text for text, (_, equals, _) in zip(where, values, strict=True) if not equals]:
        raise BilateralError(f"{malformed[0]!r} is not COLUMN=VALUE.")
    decision = set_aside.check_decision(
        SetAside(
            dataset=dataset,
            reason=" ".join(reason.split()),
            by="person",
            decided_on=datetime.now(UTC).date(),
            snapshots=tuple(snapshot or ()),
            rows=({column: value or None for column, _, value in values},),
            path=path,
        )
    )
    ids = {one.id: one for one in snapshots.find_snapshots(project, dataset)}
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
        console.echo(f"{count} would be set aside; nothing was written.")
        return
    decision.write_file(path)
    console.print_done(f"{count} of {dataset} set aside; run `bilateral build`.")
    console.print_path(f"  {path}")


@declare(app.command("list"))
def list_decisions(project: Project, form: FormatOption = "table") -> None:
    """List what is set aside, by persons and by builds, and how many rows of the snapshots that hides."""
    every = set_aside.find_all_decisions(project)
    if not every and form == "table":
        console.echo("Nothing is set aside.")
        return
    rows = [
        [one.name, one.dataset, one.by, len(_find_rows(project, one)[1]), str(one.decided_on), one.rule, one.reason]
        for one in every
    ]
    console.print_records(["name", "dataset", "decided by", "rows", "decided on", "rule", "reason"], rows, form)


@declare(app.command("show"))
def show_decision(project: Project, name: NameArgument) -> None:
    """Show a decision and the rows that it hides."""
    one = _find_decision(project, name)
    decided = f"{one.decided_on} by a {one.by}"
    console.print_fields({"dataset": one.dataset, "decided": decided, "rule": one.rule, "reason": one.reason})
    console.print_path(one.path)
    console.print_records(*_find_rows(project, one), limit=SHOWN, hint="the snapshots have all")


@declare(app.command("lift"))
def lift_decision(project: Project, name: NameArgument) -> None:
    """Take figures in again. What a build had set aside, the next build tries again."""
    _find_decision(project, name).path.unlink()
    console.print_done(f"{name} is lifted; run `bilateral build`.")


def print_decision(decision: SetAside) -> None:
    """Print on the way that a build has set a snapshot aside, and what to do about it."""
    console.echo(
        f"[yellow]Set aside[/] {escape(decision.name)}: {escape(decision.rule or '')}. Its series stay as they were. "
        f"`bilateral set-aside show {escape(decision.name)}` names the rows; set those aside (`bilateral set-aside "
        "add`), and the next build takes in the rest.",
        to=console.err,
    )


def print_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Print under the warning of `meta.quarantine` which snapshots it is about, and why."""
    found = connection.execute(
        "select snapshot_id, reason from meta.quarantine where set_aside_by != 'person' and is_current "
        "group by all order by all"
    ).fetchall()
    for snapshot_id, reason in found:
        console.echo(f"{escape(snapshot_id)}: {escape(reason)}", "dim", indent=2)


def _find_decision(project: Project, name: str) -> SetAside:
    found = {one.name: one for one in set_aside.find_all_decisions(project)}
    return console.find_named(found, name, "decision", "See `bilateral set-aside list`.")


def _find_rows(project: Project, decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """Find the rows that a decision hides, whatever else is set aside."""
    dataset = sources.find_dataset(decision.dataset)
    return find_rows(dataset, raw.receive_dataset(project, dataset, decisions=[]).files, decision)
