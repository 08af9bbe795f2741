"""The command about what is new: `bilateral diff`.

Here: its options, and how changes are shown. Not here: the comparison and its causes (`publication.changes`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from dagster_project.cli import console, formats
from dagster_project.cli.context import project_of


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
    names, rows = changes.between(now.file(project), before.file(project), Catalog(project).models.values())
    if form != "table":
        console.records(names, rows, form)
        return
    found: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in rows]
    console.echo(f"From [bold]{before.publication_id}[/] to [bold]{now.publication_id}[/]")
    for one in found:
        if one["change"] == "not_compared":
            console.echo(f"[yellow]![/] {one['table_name']} is not compared: {one['reason']}")
    changed = [one for one in found if one["change"] != "not_compared"]
    if not changed:
        console.done("No figure, verdict or rule that is compared is another.")
        return
    console.records(*summary(changed), "table")
    listed = sorted((one for one in changed if one["change"] != "not_listed"), key=changes.weight)
    console.echo("")
    shown = [
        [
            one["table_name"],
            " ".join(str(value) for value in json.loads(one["key"]).values()),
            one["column_name"],
            _value(one, "previous_"),
            _value(one, ""),
            None if one["difference_pct"] is None else f"{one['difference_pct']:+.2f}%",
            "flips" if one["is_flip"] else None,
            one["cause"],
            one["reason"],
        ]
        for one in listed
    ]
    heads = ["table", "row", "column", "before", "now", "by", "", "cause", "reason"]
    console.records(heads, shown, "table", limit=limit or None)


def summary(changed: Sequence[dict[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    """How many changes of each kind there are, in each column of each table, by cause."""
    counts: dict[tuple[Any, ...], list[int]] = {}
    for one in changed:
        count = counts.setdefault(
            tuple(one[name] or "" for name in ("table_name", "column_name", "change", "cause")), [0, 0]
        )
        count[0] += int(one["value"]) if one["change"] == "not_listed" else 1
        count[1] += one["is_flip"]
    rows = [[*key, number, flips or None] for key, (number, flips) in sorted(counts.items())]
    return ["table", "column", "change", "cause", "figures", "flips"], rows


def _value(one: dict[str, Any], which: str) -> str | None:
    text = one[f"{which}text"] if which else one["value_text"]
    value = one[f"{which}value"]
    return text if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
