"""Print prose, tables, failing rows, progress and errors to a terminal; `formats` writes output for programs."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import duckdb
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from dagster_project.cli import formats, signals
from dagster_project.errors import BilateralError
from dagster_project.languages import translate

if TYPE_CHECKING:
    from rich.progress import TaskID

    from dagster_project.audit.results import CheckResult


class JsonLines(io.StringIO):
    """A stream that writes each line as a JSON object with its time and level, for programs that collect logs."""

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


class SafeConsole(Console):
    """A console that replaces control characters, so that a publisher's text cannot move the cursor or set colours."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(formats.replace_controls(segment.text), segment.style)


def open_console(stream: TextIO, **where: Any) -> SafeConsole:
    """Open a console on a stream; on a file or a pipe it never wraps or cuts a line."""
    return SafeConsole(width=None if stream.isatty() else 100_000, emoji=False, highlight=False, **where)


# With BILATERAL_LOG=json, progress and messages go to standard error as JSON; results stay on standard output.
IS_JSON = os.environ.get("BILATERAL_LOG") == "json"
out = open_console(sys.stdout)
err = open_console(lines := JsonLines(sys.stderr), file=lines) if IS_JSON else open_console(sys.stderr, stderr=True)
work = err if IS_JSON else out

# The fewest characters of a line in a column of wrapped text, and the most lines of a cell.
NARROW, MOST_LINES = 24, 12
# The most characters of a line in a table whose last columns may be left out.
WIDEST = 100
Found = TypeVar("Found")
# The titles of the steps of a build, by name.
STEPS = {
    "read": "Reading snapshots",
    "build": "Building tables",
    "audit": "Auditing tables",
    "publish": "Publishing",
    "report": "Drawing the report",
}


def print_text(text: str, style: str = "", *, indent: int = 0, to: Console = out) -> None:
    """Print prose with Rich's markup (`[bold]…[/]`), wrapped between words."""
    prose = Text.from_markup(text, style=style, emoji=False)
    to.print(Padding(prose, (0, 0, 0, indent), expand=False) if indent else prose)


def print_line(text: str, to: Console = out) -> None:
    """Print text with Rich's markup, without wrapping it."""
    to.print(text, soft_wrap=True)


def print_done(text: str, to: Console = work) -> None:
    """Print a message of success after a green check mark."""
    print_line(f"[bold green]✓[/] {escape(text)}", to)


def print_path(path: object) -> None:
    """Print a path in grey, without wrapping it."""
    print_line(f"[dim]{escape(str(path))}[/]")


def print_section(title: str, *lines: str, bullet: str = "") -> None:
    """Print a heading, then lines of prose without markup."""
    print_text(f"\n[bold]{escape(title)}[/]")
    for line in lines:
        print_text(f"{bullet}{escape(line)}")


def print_code(title: str, text: str) -> None:
    """Print a heading, then text to paste."""
    print_section(title)
    print_line(f"[cyan]{escape(text)}[/]")


def print_error(error: BilateralError) -> None:
    """Print an error and its remedy on one line, or an error of several lines with its remedy below."""
    between = "\n" if "\n" in error.message else " "
    remedy = f"{between}[dim]{escape(translate(error.remedy))}[/]" if error.remedy else ""
    print_text(f"[bold red]✗[/] {escape(translate(error.message))}{remedy}", to=err)


def print_fields(values: Mapping[str, object], to: Console = out) -> None:
    """Print each name with its value beside it; leave out names without a value."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    cells = {name: format_value(value, name) for name, value in values.items()}
    for name, cell in ({name: cell for name, cell in cells.items() if cell.plain} or cells).items():
        grid.add_row(Text(translate(name)), cell)
    _print_table(grid, to, to.width)


def print_records(
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    form: formats.FileFormat = "table",
    *,
    output: Path | None = None,
    limit: int | None = None,
    least: int | None = None,
    hint: str = "--limit 0 shows all, and so do --format csv and json",
    to: Console = out,
) -> None:
    """Print rows as a table, or write them as CSV or JSON to `output`, by default standard output.

    A table has at most `limit` rows; `hint` names the option that shows the others, as the end of a sentence. A table
    too wide for the terminal is printed as a block of lines for each row. With `least`, a table wider than the terminal
    or `WIDEST` loses its last columns instead, until it fits or has only these.
    """
    every = list(rows)
    if form != "table":
        formats.write_rows(names, every, form, output)
        return
    shown = every[:limit]
    width = to.width if least is None else min(to.width, WIDEST)
    for count in range(len(names), min(least or len(names), len(names)) - 1, -1):
        table = lay_out_table(names[:count], [row[:count] for row in shown], width)
        if table is not None:
            _print_table(table, to, width)
            if count < len(names):
                left_out = ", ".join(map(translate, names[count:]))
                print_text(translate("Columns left out to fit: {columns}; --wide shows them.", columns=left_out), "dim")
            break
    else:
        # Rich would cut numbers, which changes them, so a table that is too wide is printed as a block for each row.
        for place, row in enumerate(shown):
            if place:
                to.print()
            print_fields(dict(zip(names, row, strict=True)), to)
    if limit is not None and len(every) > limit:
        print_text(f"The first {limit:,} rows; {hint}.", "dim")


def print_rows(rows: Sequence[Mapping[str, Any]], form: formats.FileFormat = "table") -> None:
    """Print one or more dictionaries as rows; their keys, which must be the same in all, are the columns."""
    print_records(list(rows[0]), [list(row.values()) for row in rows], form)


def _print_table(table: Table, to: Console, width: int) -> None:
    """Print a table of at most `width` characters, without the spaces that pad its lines."""
    found: list[Segment] = []
    for line in to.render_lines(table, to.options.update(width=width), pad=False):
        while line and not line[-1].text.strip():
            line.pop()
        if line:
            line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
        found += [*line, Segment.line()]
    to.print(Segments(found), end="", crop=False)


def lay_out_table(names: Sequence[str], rows: Sequence[Sequence[Any]], width: int) -> Table | None:
    """Build a table in which only columns of prose wrap; return None if its numbers do not fit into `width` characters.

    The last column of prose gets the remaining width, and every other column of prose about `NARROW` characters.
    """
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    cells = [[format_value(value, name) for value in column] for name, column in zip(names, columns, strict=True)]
    names = [*map(translate, names)]
    sizes = [max(map(cell_len, [name, *map(str, column)])) for name, column in zip(names, cells, strict=True)]
    wrapped = [place for place, column in enumerate(cells) if any(" " in text.plain for text in column)]
    between = 2 * (len(names) - 1)
    if sum(sizes) + between > width:
        for place in wrapped:
            words = [word for text in cells[place] for word in text.plain.split()] if place != wrapped[-1] else []
            least = max([NARROW, sizes[place] // MOST_LINES, *map(cell_len, [names[place], *words])])
            sizes[place] = min(sizes[place], least)
        if sum(sizes) + between > width:
            return None
    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, (name, column, size) in enumerate(zip(names, columns, sizes, strict=True)):
        is_number = any(isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in column)
        table.add_column(
            Text(name),
            justify="right" if is_number else "left",
            width=None if place in wrapped[-1:] else size,
            no_wrap=place not in wrapped,
            overflow="fold",
        )
    for row in zip(*cells, strict=True):
        table.add_row(*row)
    return table


def format_value(value: Any, name: str) -> Text:
    """Format a value of the column `name` for a person, for example 1234567 as 1,234,567, but a year as 2023."""
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text(translate("yes") if value else translate("no"))
    if isinstance(value, float | Decimal):
        return Text(f"{value:z,.0f}" if not -1000 < value < 1000 or value % 1 == 0 else f"{value:,.4g}")
    if isinstance(value, int) and "year" not in name and "since" not in name:
        return Text(f"{value:,}")
    return Text(formats.replace_controls(formats.format_text(value)))


def format_count(number: int, noun: str) -> str:
    """Format a count with its noun, for example `1 row` or `1,234 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def find_named(known: Mapping[str, Found], name: str, kind: str, otherwise: str) -> Found:
    """Return the value of `known` under a name.

    Raises:
        BilateralError: No value has this name; the remedy suggests similar names, or is `otherwise` if there are none.
    """
    from difflib import get_close_matches

    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3, cutoff=0.7)
    remedy = f"Did you mean {', '.join(near)}?" if near else otherwise
    raise BilateralError(f"There is no {kind} {name}.", remedy=remedy)


def fetch_rows(found: duckdb.DuckDBPyConnection, limit: int | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return the column names of an executed query, and all its rows or the first `limit` rows."""
    names = [column[0] for column in found.description or []]
    return names, found.fetchall() if limit is None else found.fetchmany(limit)


def print_failures(results: Iterable[CheckResult], to: Console = err, *, with_rows: bool = True) -> None:
    """Print each failed rule with its known cause or else its notes, and with a few of the rows that fail it."""
    for result in results:
        colour = "red" if result.blocks else "yellow"
        count = f", {format_count(result.unexpected_count, 'row')}" if result.unexpected_count else ""
        status = "known" if result.cause else result.status
        head = f"[bold {colour}]{status}[/] {escape(result.table)}: [bold]{escape(result.check)}[/]"
        print_text(f"{head} ({result.severity}{count})", to=to)
        print_text(escape(result.cause or result.notes), "dim", indent=2, to=to)
        if result.message:
            print_text(escape(result.message), indent=2, to=to)
        elif result.observed and not result.unexpected_count:
            print_text(f"observed: {escape(str(result.observed))}", indent=2, to=to)
        names = list(dict.fromkeys(name for row in result.sample for name in row))
        rows = [[row.get(name) for name in names] for row in result.sample] if with_rows else []
        if len(rows) < (result.unexpected_count or 0) and rows:
            print_text(f"{len(rows)} of {result.unexpected_count:,} rows:", "dim", indent=2, to=to)
        if rows:
            print_records(names, rows, to=to)


@contextmanager
def show_progress() -> Iterator[Callable[[str, str, int], None]]:
    """Show the progress of several steps: on a terminal a bar for each step, in a file or a pipe a line for each.

    Yields:
        A function to call for each item of a step: with the step's name, the item's name, and the number of items.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), "{task.description:<18}", BarColumn(28), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, "[dim]{task.fields[detail]}", console=work, disable=not work.is_terminal) as display:
        tasks: dict[str, TaskID] = {}

        def finish_steps() -> None:
            for task in display.tasks:
                display.update(task.id, completed=task.total, detail="")

        def advance_step(step: str, item: str, total: int) -> None:
            signals.raise_if_stopped()
            if step in tasks:
                display.update(tasks[step], advance=1, detail=escape(item))
                return
            finish_steps()
            title = STEPS.get(step, step)
            tasks[step] = display.add_task(title, total=total, detail=escape(item))
            if not work.is_terminal:
                work.print(f"{title} ({total})" if total > 1 else title)

        yield advance_step
        finish_steps()
