"""`bilateral set-aside`: figures that are known to be wrong, of any dataset, taken out with a reason.

Here: options, and how decisions are shown. Not here: their form (`snapshots.set_aside`), and what becomes of the rows
(`raw.set_aside`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.snapshots.set_aside import SetAside

if TYPE_CHECKING:
    import duckdb

app = typer.Typer(help="Set figures of any dataset aside, with a reason, and take them in again.", no_args_is_help=True)

SHOWN = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@app.command()
def add(
    context: typer.Context,
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
    from dagster_project import snapshots
    from dagster_project.snapshots import set_aside

    project = project_of(context)
    if not _NAME.fullmatch(name):
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
    ids = [one.id for one in snapshots.find(project, dataset)]
    for unknown in set(decision.snapshots) - set(ids):
        raise BilateralError(
            f"{dataset} has no snapshot {unknown}.",
            remedy=console.did_you_mean(unknown, ids, "See `bilateral snapshots list`."),
        )
    names, rows = _hidden(project, decision)
    if not rows:
        raise BilateralError(
            f"No row of {dataset} is so: {' '.join(where)}.",
            remedy="Write values as the publisher writes them; "
            f"`bilateral set-aside add … --dry-run -w {names[1]}=…` shows what there is.",
        )
    _show(names, rows, "one --where more shows fewer")
    if dry_run:
        console.echo(f"{console.plural(len(rows), 'row')} would be set aside; nothing was written.")
        return
    decision.write(path)
    console.done(f"{console.plural(len(rows), 'row')} of {escape(dataset)} set aside; run `bilateral build`.")
    console.path(f"  {path}")


@app.command("list")
def list_(context: typer.Context, form: formats.FormatOption = "table") -> None:
    """List what is set aside, by persons and by builds, and how many rows of the snapshots that hides."""
    from dagster_project.snapshots import set_aside

    project = project_of(context)
    every = set_aside.find_all_decisions(project)
    if not every and form == "table":
        console.echo("Nothing is set aside.")
        return
    rows = [
        [
            one.name,
            one.dataset,
            one.by,
            len(_hidden(project, one)[1]),
            str(one.decided_on),
            one.rule,
            one.reason,
        ]
        for one in every
    ]
    console.records(["name", "dataset", "decided by", "rows", "decided on", "rule", "reason"], rows, form)


@app.command()
def show(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The decision, as `list` names it.")]
) -> None:
    """Show a decision and the rows that it hides."""
    project = project_of(context)
    one = _called(project, name)
    told = {
        "dataset": one.dataset,
        "decided": f"{one.decided_on} by a {one.by}",
        "rule": one.rule,
        "reason": one.reason,
    }
    console.fields({label: value for label, value in told.items() if value})
    console.path(str(one.path))
    _show(*_hidden(project, one), "the snapshots have all")


@app.command()
def lift(
    context: typer.Context, name: Annotated[str, typer.Argument(help="The decision, as `list` names it.")]
) -> None:
    """Take figures in again. What a build had set aside, the next build tries again."""
    _called(project_of(context), name).path.unlink()
    console.done(f"{escape(name)} is lifted; run `bilateral build`.")


def report_decision(decision: SetAside) -> None:
    """Say on the way that a build has set a snapshot aside, and what to do about it."""
    console.echo(
        f"[yellow]Set aside[/] {escape(decision.name)}: {escape(decision.rule or '')}. Its series stay as they were. "
        f"`bilateral set-aside show {escape(decision.name)}` names the rows; set those aside (`bilateral set-aside "
        "add`), and the next build takes in the rest.",
        to=console.err,
    )


def report_quarantine(connection: duckdb.DuckDBPyConnection) -> None:
    """Say under the warning of `meta.quarantine` which snapshots it is about, and why."""
    found = connection.execute(
        "select snapshot_id, reason from meta.quarantine where set_aside_by != 'person' and is_current "
        "group by all order by all"
    ).fetchall()
    for snapshot_id, reason in found:
        console.echo(f"{escape(snapshot_id)}: {escape(reason)}", "dim", indent=2)


def _called(project: Project, name: str) -> SetAside:
    from dagster_project.snapshots import set_aside

    found = {one.name: one for one in set_aside.find_all_decisions(project)}
    if name not in found:
        raise BilateralError(
            f"Nothing is set aside under the name {name}.",
            remedy=console.did_you_mean(name, found, "See `bilateral set-aside list`."),
        )
    return found[name]


def _hidden(project: Project, decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """The rows that a decision hides, whatever else is set aside."""
    from dagster_project import raw, sources
    from dagster_project.raw.set_aside import find_rows

    dataset = sources.dataset(decision.dataset)
    return find_rows(dataset, raw.receive(project, dataset, decisions=[]).files, decision)


def _show(names: Sequence[str], rows: Iterable[Sequence[str]], hint: str) -> None:
    console.records(names, rows, "table", limit=SHOWN, hint=hint)
