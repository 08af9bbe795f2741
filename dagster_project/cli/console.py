"""Output of the command line: prose, tables, failing rows, progress and errors.

Here: how each is shown. Not here: what is shown, and rows for programs (`formats`).
"""

from __future__ import annotations

import io
import json
import os
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
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
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from dagster_project.cli import formats, signals
from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    import duckdb

    from dagster_project.audit.results import CheckResult


class JsonLines(io.StringIO):
    """What is written, as a JSON object a line, for whoever collects logs."""

    def __init__(self, to: TextIO) -> None:
        super().__init__()
        self._to = to

    def write(self, text: str) -> int:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        for line in filter(str.strip, text.splitlines()):
            level = "ERROR" if line.startswith("✗") else "INFO"
            record = {"time": now, "level": level, "logger": "bilateral", "message": line.strip(" ✗✓•")}
            self._to.write(json.dumps(record, ensure_ascii=False) + "\n")
        return len(text)

    def flush(self) -> None:
        self._to.flush()


# With `json` in it, what is said about the work goes to standard error as JSON; answers stay on standard output.
IS_JSON = os.environ.get("BILATERAL_LOG") == "json"
# Not on a terminal there is no width to keep to: nothing that goes to a file or a pipe is folded or cut.
PIPED_WIDTH = 100_000


class _Console(Console):
    """A console on which texts of others move no cursor and colour nothing: what would is shown as a sign."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(formats.shown(segment.text), segment.style)


# A text is shown as it is: `:key:` in it is no picture, and what is not ours is a `Text`, or escaped.
out = _Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, emoji=False)
err = (
    _Console(file=JsonLines(sys.stderr), width=PIPED_WIDTH, emoji=False)
    if IS_JSON
    else _Console(stderr=True, width=None if sys.stderr.isatty() else PIPED_WIDTH, emoji=False)
)
work = err if IS_JSON else out

Format = formats.Format
# A text of several words in a table takes no more lines than the first, or than the last if it is this wide.
LINES, MANY_LINES, WIDE = 3, 12, 28
STAGES = {
    "read": "Reading snapshots",
    "build": "Building tables",
    "audit": "Auditing them",
    "publish": "Publishing",
    "report": "Drawing the report",
}


def echo(text: str, style: str = "", *, indent: int = 0, to: Console = out) -> None:
    """Prose with markup, which breaks between words where the terminal ends."""
    prose = Text.from_markup(text, style=style)
    to.print(Padding(prose, (0, 0, 0, indent), expand=False) if indent else prose, highlight=False)


def done(text: str, to: Console = work) -> None:
    """What was done, on one line however long a path in it is."""
    to.print(f"[bold green]✓[/] {text}", highlight=False, soft_wrap=True)


def path(text: str) -> None:
    """Paths, which are not broken."""
    out.print(escape(text), style="dim", highlight=False, soft_wrap=True)


def did_you_mean(word: str, known: Mapping[str, str] | Iterable[str], otherwise: str) -> str:
    """A remedy that names what a word is close to.

    Args:
        word: What was given.
        known: What there is; of a mapping the values are shown.
        otherwise: The remedy if nothing is close.
    """
    from difflib import get_close_matches

    names = known if isinstance(known, Mapping) else {name: name for name in known}
    near = [names[name] for name in get_close_matches(word, names, n=3, cutoff=0.5)]
    return f"Did you mean {', '.join(near)}?" if near else otherwise


def fetched(found: duckdb.DuckDBPyConnection, limit: int | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and rows of what was executed."""
    names = [column[0] for column in found.description or []]
    return names, found.fetchall() if limit is None else found.fetchmany(limit)


def error(error: BilateralError) -> None:
    """What is wrong and what to do, on one line; several faults are a line each."""
    between = "\n" if "\n" in error.message else " "
    remedy = f"{between}[dim]{escape(error.remedy)}[/]" if error.remedy else ""
    echo(f"[bold red]✗[/] {escape(error.message)}{remedy}", to=err)


def fields(values: Mapping[str, object]) -> None:
    """Names on the left, and what there is of each on the right."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in values.items():
        grid.add_row(Text(name), _text(value, name))
    out.print(grid, highlight=False)


def records(
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: Format,
    *,
    limit: int | None = None,
    least: int | None = None,
    hint: str = "--limit 0 shows all, and so do --format csv and json",
) -> None:
    """Rows as a table for a person, or as CSV or JSON for a program.

    Args:
        names: The columns.
        rows: The rows.
        form: What for.
        limit: How many rows a table shows; the others show all.
        least: How many columns a table keeps where there is no room for all; without it none is left out.
        hint: What to do where a limit leaves rows out.
    """
    if form == "csv":
        formats.write_csv(names, rows)
        return
    if form == "json":
        formats.write_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    every = list(rows)
    shown = every[:limit]
    for count in range(len(names), min(least or len(names), len(names)) - 1, -1):
        table = _table(names[:count], [row[:count] for row in shown])
        if table is not None:
            out.print(table)
            if count < len(names):
                echo(f"No room here for {', '.join(names[count:])}; --wide shows them.", "dim")
            break
    else:
        # A cut number is a wrong one: what does not fit side by side is shown one below the other.
        for place, row in enumerate(shown):
            if place:
                out.print()
            card = dict(zip(names, row, strict=True))
            fields({name: value for name, value in card.items() if value not in (None, "")} or card)
    if limit is not None and len(every) > limit:
        echo(f"The first {limit:,} rows; {hint}.", "dim")


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]], room: int | None = None) -> Table | None:
    """A table, if every name and number has room on one line, and every text on a few."""
    cells = [[_cell(value, name) for value, name in zip(row, names, strict=True)] for row in rows]
    texts = [[row[place] for row in cells] for place in range(len(names))]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    needs = [max((_need(text) for text in column), default=0) for column in texts]
    for heads in (list(names), [_broken(name, need) for name, need in zip(names, needs, strict=True)]):
        widths = [max(need, *map(cell_len, head.split("\n"))) for head, need in zip(heads, needs, strict=True)]
        spare = (room or out.width) - sum(widths) - 2 * (len(widths) - 1)
        if spare < 0:
            continue
        table = Table(box=None, header_style="bold", pad_edge=False)
        # The last of the texts gets the room that is left.
        for place in range(len(names) - 1, -1, -1):
            more = min(spare, max(map(cell_len, texts[place]), default=0) - widths[place])
            if more > 0:
                widths[place], spare = widths[place] + more, spare - more
        for head, width, column in zip(heads, widths, columns, strict=True):
            numeric = any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in column)
            table.add_column(Text(head), justify="right" if numeric else "left", width=width, overflow="fold")
        for row in rows:
            table.add_row(*(_text(value, name) for value, name in zip(row, names, strict=True)))
        return table
    return None


def _need(text: str) -> int:
    """The least width that shows a text on not too many lines; only a text of several words has long ones broken."""
    words, size = text.split(), cell_len(text)
    if len(words) < 2:
        return size
    return max(min(-(-size // LINES), WIDE), -(-size // MANY_LINES), *(min(cell_len(word), WIDE) for word in words))


def _broken(name: str, width: int) -> str:
    """A column's name on as many lines as keep it about as narrow as what stands below it."""
    parts = name.split("_")
    wrapped = textwrap.wrap(name.replace("_", "_ "), max(width, *(len(part) + 1 for part in parts)))
    return "\n".join(line.replace("_ ", "_") for line in wrapped)


def first_sentence(text: str | None) -> str:
    """Enough of a description for a list."""
    return (text or "").split(". ")[0].removesuffix(".") + "."


def plural(number: int, what: str) -> str:
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


def failures(results: Iterable[CheckResult], to: Console = err) -> None:
    """Show rules that did not hold, each with its cause or reason and its failing rows."""
    for result in results:
        colour = "red" if result.blocks else "yellow"
        count = f", {plural(result.unexpected_count, 'row')}" if result.unexpected_count else ""
        status = "known" if result.cause else result.status
        head = f"[bold {colour}]{status}[/] {escape(result.table)}: [bold]{escape(result.check)}[/]"
        echo(f"{head} ({result.severity}{count})", to=to)
        echo(escape(result.cause or result.notes), "dim", indent=2, to=to)
        if result.message:
            echo(escape(result.message), indent=2, to=to)
        elif result.observed and not result.unexpected_count:
            echo(f"observed: {escape(str(result.observed))}", indent=2, to=to)
        names = list(dict.fromkeys(name for row in result.sample for name in row))
        rows = [[row.get(name) for name in names] for row in result.sample]
        if rows and len(rows) < (every := result.unexpected_count or 0):
            echo(f"{len(rows)} of {every:,} rows:", "dim", indent=2, to=to)
        table = _table(names, rows, to.width - 2) if rows else None
        if table is not None:
            to.print(Padding(table, (0, 0, 0, 2), expand=False))
            continue
        for row in result.sample:
            line = "  ".join(f"[dim]{escape(str(name))}[/] {escape(_cell(value, name))}" for name, value in row.items())
            echo(f"• {line}", indent=2, to=to)


@contextmanager
def progress() -> Iterator[Callable[[str, str, int], None]]:
    """A display of how far work is; yields what to call with a stage, the thing it is at, and of how many."""
    if not work.is_terminal:
        begun: set[str] = set()

        def say(stage: str, _detail: str, total: int) -> None:
            signals.check()
            if stage not in begun:
                begun.add(stage)
                named = STAGES.get(stage, stage)
                work.print(f"{named} ({total})" if total > 1 else named, highlight=False)

        yield say
        return
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description:<18}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim", markup=False),
        console=out,
    ) as display:
        tasks: dict[str, TaskID] = {}

        def step(stage: str, detail: str, total: int) -> None:
            signals.check()
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


def _text(value: Any, name: str) -> Text:
    return value if isinstance(value, Text) else Text(_cell(value, name))


def _cell(value: Any, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Text):
        return value.plain
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | Decimal):
        return f"{value:,.0f}" if not -1000 < value < 1000 or value % 1 == 0 else f"{value:,.4g}"
    if isinstance(value, int) and "year" not in name and "since" not in name:
        return f"{value:,}"
    # Shown before it is measured.
    return formats.shown(formats.text(value) if isinstance(value, list | tuple | dict) else str(value))
