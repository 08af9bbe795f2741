"""`bilateral set-aside`: figures that are known to be wrong, of any dataset, taken out with a reason.

Here: options, and how decisions are shown. Not here: their form (`snapshots.set_aside`), and what becomes of the rows
(`raw.set_aside`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from dagster_project.cli import console, formats
from dagster_project.cli.context import project_of
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.snapshots.set_aside import SetAside

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
    field: Annotated[
        list[str] | None,
        typer.Option(help="The column to set aside, where a row has figures of several series. Default: the row."),
    ] = None,
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
    path = set_aside.folder_of_persons(project) / f"{name}.yml"
    if path.exists():
        raise BilateralError(f"There is a decision called {name}.", remedy="Give this one another name.")
    values = [text.partition("=") for text in where]
    if malformed := [text for text, (_, equals, _) in zip(where, values, strict=True) if not equals]:
        raise BilateralError(f"{malformed[0]!r} is not COLUMN=VALUE.")
    decision = set_aside.checked(
        SetAside(
            dataset=dataset,
            reason=" ".join(reason.split()),
            by="person",
            decided_on=datetime.now(UTC).date(),
            snapshots=tuple(snapshot or ()),
            rows=({column: value or None for column, _, value in values},),
            fields=tuple(field or ()),
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
    every = set_aside.find_all(project)
    if not every and form == "table":
        console.echo("Nothing is set aside.")
        return
    rows = [
        [
            one.name,
            one.dataset,
            "overruled" if one.overruled is not None else one.by,
            0 if one.overruled is not None else len(_hidden(project, one)[1]),
            str(one.decided_on),
            one.rule,
            one.overruled or one.reason,
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
        "columns": ", ".join(one.fields),
        "overruled": one.overruled,
    }
    console.fields({label: value for label, value in told.items() if value})
    console.path(str(one.path))
    _show(*_hidden(project, one), "the snapshots have all")


@app.command()
def lift(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The decision, as `list` names it.")],
    keep: Annotated[
        str | None,
        typer.Option(
            metavar="REASON",
            help="Why the figures are right: a build then never sets them aside again, and stops where a rule fails.",
        ),
    ] = None,
) -> None:
    """Take figures in again. Without --keep the next build decides anew about what a build had set aside."""
    from dataclasses import replace

    one = _called(project_of(context), name)
    if keep is not None and not keep.strip():
        raise BilateralError("--keep takes a reason.", remedy="Say why the figures are right, or lift without --keep.")
    if keep is None:
        one.path.unlink()
    elif one.by == "person":
        raise BilateralError(f"{name} is a person's decision.", remedy="Lift it without --keep.")
    else:
        replace(one, overruled=keep).write(one.path)
    console.done(f"{escape(name)} is lifted; run `bilateral build`.")


def told(decision: SetAside) -> None:
    """Says on the way that a build has set something aside, and what to do about it."""
    what = f"{console.plural(len(decision.rows), 'row')} of " if decision.rows else ""
    console.echo(
        f"[yellow]Set aside[/] {what}{escape(decision.name)}: {escape(decision.rule or '')}. The series stays as it "
        f"was; a snapshot that mends it is taken in (`bilateral set-aside show {escape(decision.name)}`).",
        to=console.err,
    )


def standing(rows: Iterable[Mapping[str, Any]]) -> None:
    """Says under the warning of `meta.quarantine` which snapshots it is about, from its sample of rows."""
    for snapshot_id, reason in dict.fromkeys((row.get("snapshot_id"), row.get("reason")) for row in rows):
        console.echo(f"{escape(str(snapshot_id))}: {escape(str(reason))}", "dim", indent=2)


def _called(project: Project, name: str) -> SetAside:
    from dagster_project.snapshots import set_aside

    found = {one.name: one for one in set_aside.find_all(project)}
    if name not in found:
        raise BilateralError(
            f"Nothing is set aside under the name {name}.",
            remedy=console.did_you_mean(name, found, "See `bilateral set-aside list`."),
        )
    return found[name]


def _hidden(project: Project, decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """The rows that a decision hides, whatever else is set aside."""
    from dagster_project import raw, sources
    from dagster_project.raw.set_aside import matching

    dataset = sources.dataset(decision.dataset)
    return matching(dataset, raw.receive(project, dataset, decisions=[]).files, decision)


def _show(names: Sequence[str], rows: Iterable[Sequence[str]], hint: str) -> None:
    console.records(names, rows, "table", limit=SHOWN, hint=hint)
