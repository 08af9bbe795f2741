"""How the command line shows things.

Here: tables, failing rows, progress, complaints. Not here: what is shown.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
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

from dagster_project.cli import files, stopping
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.audit.results import CheckResult

# Not on a terminal there is no width to keep to: nothing that goes to a file or a pipe is folded or cut.
PIPED_WIDTH = 100_000
# A text is shown as it is: `:key:` in it is no picture, and what is not ours is a `Text`, or escaped.
console = Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, emoji=False)
errors = Console(stderr=True, width=None if sys.stderr.isatty() else PIPED_WIDTH, emoji=False)

Format = files.Format
# A text of several words in a table takes no more lines than the first, or than the last if it is this wide.
LINES, MANY_LINES, WIDE = 3, 8, 28
STAGES = {
    "read": "Reading snapshots",
    "build": "Building tables",
    "audit": "Auditing them",
    "publish": "Publishing",
    "report": "Drawing the report",
}


def say(text: str, style: str = "", *, indent: int = 0, to: Console = console) -> None:
    """Prose with markup, which breaks between words where the terminal ends."""
    prose = Text.from_markup(text, style=style)
    to.print(Padding(prose, (0, 0, 0, indent), expand=False) if indent else prose, highlight=False)


def complain(error: BilateralError) -> None:
    """One line, as long as it has to be: what is wrong, and what to do."""
    remedy = f" [dim]{escape(error.remedy)}[/]" if error.remedy else ""
    say(f"[bold red]✗[/] {escape(error.message)}{remedy}", to=errors)


def fields(values: Mapping[str, object]) -> None:
    """Names on the left, and what there is of each on the right."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in values.items():
        grid.add_row(Text(name), value if isinstance(value, Text) else Text(_cell(value, name)))
    console.print(grid, highlight=False)


def records(
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: Format,
    *,
    limit: int | None = None,
    spare: Sequence[str] = (),
) -> None:
    """Rows as a table for a person, or as CSV or JSON for a program.

    Args:
        names: The columns.
        rows: The rows.
        form: What for.
        limit: How many rows a table shows; the others show all.
        spare: Columns that a table leaves out, the last first, where there is no room for all.
    """
    if form == "csv":
        files.write_csv(names, rows)
        return
    if form == "json":
        files.write_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    every = list(rows)
    for left_out in range(len(spare) + 1):
        gone = spare[len(spare) - left_out :]
        kept = [place for place, name in enumerate(names) if name not in gone]
        table = _table([names[place] for place in kept], [[row[place] for place in kept] for row in every[:limit]])
        if table is not None:
            console.print(table)
            if gone:
                say(f"No room here for {', '.join(gone)}; --format csv has them.", "dim")
            break
    else:
        # A cut number is a wrong one: what does not fit side by side is shown one below the other.
        for place, row in enumerate(every[:limit]):
            if place:
                console.print()
            card = dict(zip(names, row, strict=True))
            fields({name: value for name, value in card.items() if value not in (None, "")} or card)
    if limit is not None and len(every) > limit:
        say(f"The first {limit:,} rows; --limit 0 shows all, and so do --format csv and json.", "dim")


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table | None:
    """A table, if every name and number has room on one line, and every text on a few."""
    cells = [[_cell(value, name) for value, name in zip(row, names, strict=True)] for row in rows]
    texts = [[row[place] for row in cells] for place in range(len(names))]
    needs = [max((_need(text) for text in column), default=0) for column in texts]
    for heads in (list(names), [_broken(name, need) for name, need in zip(names, needs, strict=True)]):
        widths = [max(need, *map(cell_len, head.split("\n"))) for head, need in zip(heads, needs, strict=True)]
        if sum(widths) + 2 * (len(widths) - 1) > console.width:
            continue
        table = Table(box=None, header_style="bold", pad_edge=False)
        for place, (head, width) in enumerate(zip(heads, widths, strict=True)):
            values = [row[place] for row in rows]
            numeric = any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values)
            prose = any(cell_len(text) > width for text in texts[place])
            table.add_column(
                Text(head), justify="right" if numeric else "left", no_wrap=not prose, min_width=width, overflow="fold"
            )
        for row in cells:
            table.add_row(*map(Text, row))
        return table
    return None


def _need(text: str) -> int:
    """The least width that shows a text without breaking a word, and on not too many lines."""
    words, size = text.split(), cell_len(text)
    folded = max(min(-(-size // LINES), WIDE), -(-size // MANY_LINES)) if len(words) > 1 else 0
    return max(folded, *map(cell_len, words), 0)


def _broken(name: str, width: int) -> str:
    """A column's name on as many lines as keep it about as narrow as what stands below it."""
    parts = name.split("_")
    wrapped = textwrap.wrap(name.replace("_", "_ "), max(width, *(len(part) + 1 for part in parts)))
    return "\n".join(line.replace("_ ", "_") for line in wrapped)


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
        head = f"[bold {colour}]{result.status}[/] {escape(result.table)}: [bold]{escape(result.check)}[/]"
        say(f"{head} ({result.severity}{count})", to=errors)
        say(escape(result.notes), "dim", indent=2, to=errors)
        if result.message:
            say(escape(result.message), indent=2, to=errors)
        elif result.observed:
            say(f"observed: {escape(str(result.observed))}", indent=2, to=errors)
        for row in result.sample[:5]:
            line = "  ".join(f"[dim]{escape(str(name))}[/] {escape(_cell(value, name))}" for name, value in row.items())
            say(f"• {line}", indent=2, to=errors)


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


def _cell(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return f"{value:,.0f}" if not -1000 < value < 1000 or value % 1 == 0 else f"{value:,.4g}"
    if isinstance(value, int) and "year" not in name and "since" not in name:
        return f"{value:,}"
    return files.text(value) if isinstance(value, list | tuple | dict) else str(value)
