"""How the command line shows things.

Here: tables, failing rows, progress, complaints. Not here: what is shown.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from dagster_project.cli import stopping
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.audit.results import CheckResult

# Not on a terminal there is no width to keep to: nothing that goes to a file or a pipe is folded or cut.
PIPED_WIDTH = 100_000
# A text is shown as it is: `:key:` in it is no picture, and what is not ours is a `Text`, or escaped.
console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, emoji=False)
errors = Console(stderr=True, emoji=False)

# A text longer than this may be folded; what is shorter, a name or a number, stands on one line.
PROSE = 48
Format = Literal["table", "csv", "json"]
STAGES = {
    "read": "Reading snapshots",
    "build": "Building tables",
    "audit": "Auditing them",
    "publish": "Publishing",
}


def complain(error: BilateralError) -> None:
    """One line: what is wrong, and what to do."""
    remedy = f" [dim]{escape(error.remedy)}[/]" if error.remedy else ""
    errors.print(f"[bold red]✗[/] {escape(error.message)}{remedy}", soft_wrap=True, highlight=False)


def records(names: Sequence[str], rows: Iterable[Sequence[Any]], form: Format, *, limit: int | None = None) -> None:
    """Rows as a table for a person, or as CSV or JSON for a program; only a table is cut at `limit`."""
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_listed(value) for value in row] for row in rows)
        return
    if form == "json":
        found = [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in rows]
        json.dump(found, sys.stdout, default=str, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
        return
    every = list(rows)
    cells = [[_cell(value, name) for value, name in zip(row, names, strict=True)] for row in every[:limit]]
    if _fits(names, cells):
        console.print(_table(names, every, cells))
    else:
        # A cut number is a wrong one: what does not fit side by side is shown one below the other.
        _blocks(names, cells)
    if limit is not None and len(every) > limit:
        console.print(f"[dim]The first {limit:,} rows; --limit 0 shows all, and so do --format csv and json.[/]")


def _fits(names: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Whether every name and every short value has room on one line, and the prose some."""
    widths = [
        max(len(name), *(min(len(row[position]), PROSE) for row in cells)) if cells else len(name)
        for position, name in enumerate(names)
    ]
    return sum(widths) + 2 * (len(widths) - 1) <= console.width


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]], cells: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for position, name in enumerate(names):
        values = [row[position] for row in rows]
        numeric = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        prose = any(len(row[position]) > PROSE for row in cells)
        table.add_column(Text(name), justify="right" if numeric else "left", no_wrap=not prose, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _blocks(names: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    widest = max(len(name) for name in names)
    for row in cells:
        for name, cell in zip(names, row, strict=True):
            console.print(Text.assemble((f"{name:<{widest}}", "bold"), "  ", cell), highlight=False, soft_wrap=True)
        console.print()


def first_sentence(text: str | None) -> str:
    """Enough of a description for a list."""
    return (text or "").split(". ")[0].removesuffix(".") + "."


def counted(number: int, what: str) -> str:
    """A number of things, in words that agree."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def size(count: int) -> str:
    """Bytes, for a person."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def reason(error: Exception) -> str:
    """What DuckDB complains of, with its suggestion and without the picture of the place."""
    lines = str(error).partition("\nLINE ")[0].splitlines()
    return " ".join(line.strip() for line in lines if line.strip())


def findings(results: Iterable[CheckResult]) -> None:
    """Expectations that did not hold, each with its failing rows."""
    for result in results:
        colour = "red" if result.blocks else "yellow"
        count = f", {counted(result.unexpected_count, 'row')}" if result.unexpected_count else ""
        errors.print(
            f"[bold {colour}]{result.status}[/] {escape(result.table)}: [bold]{escape(result.check)}[/] "
            f"({result.severity}{count})",
            highlight=False,
            soft_wrap=True,
        )
        errors.print(f"  {escape(result.notes)}", style="dim", highlight=False, soft_wrap=True)
        if result.message:
            errors.print(f"  {escape(result.message)}", highlight=False, soft_wrap=True)
        elif result.observed:
            errors.print(f"  observed: {escape(str(result.observed))}", highlight=False, soft_wrap=True)
        for row in result.sample[:5]:
            line = "  ".join(f"[dim]{escape(str(name))}[/] {escape(_cell(value, name))}" for name, value in row.items())
            errors.print(f"  • {line}", highlight=False, soft_wrap=True)


@contextmanager
def progress() -> Iterator[Callable[[str, str, int], None]]:
    """A display of how far work is; yields what to call with a stage, the thing it is at, and of how many."""
    if not console.is_terminal:
        begun: set[str] = set()

        def say(stage: str, _detail: str, total: int) -> None:
            stopping.check()
            if stage not in begun:
                begun.add(stage)
                named = STAGES.get(stage, stage)
                console.print(f"{named} ({total})" if total > 1 else named, highlight=False)

        yield say
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim", markup=False),
        console=console,
    ) as display:
        tasks: dict[str, TaskID] = {}

        def step(stage: str, detail: str, total: int) -> None:
            stopping.check()
            if stage not in tasks:
                for earlier in tasks.values():
                    display.update(earlier, completed=display.tasks[earlier].total, detail="")
                    display.stop_task(earlier)
                tasks[stage] = display.add_task(STAGES.get(stage, stage), total=total, detail=detail)
            else:
                display.advance(tasks[stage])
            display.update(tasks[stage], detail=detail)

        yield step
        for task in tasks.values():
            display.update(task, completed=display.tasks[task].total, detail="")


def plain(value: Any) -> Any:
    """As JSON can hold it: a number stays one, and what is no number is null."""
    if isinstance(value, Decimal):
        return float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cell(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 or value.is_integer() else f"{value:,.4g}"
    if isinstance(value, int) and "year" not in name and "since" not in name:
        return f"{value:,}"
    return str(_listed(value))


def _listed(value: Any) -> Any:
    """A list as text with commas, which a cell of a table or of CSV is."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value
