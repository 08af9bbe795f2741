"""The form in which commands are declared: the project that each is given, and the options that several share.

Here: `declare_command`, what `--file` means to a command, and the shared options. Not here: the finding of a project
(`project`), and what commands do.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import duckdb
import typer

from dagster_project.cli import console, formats
from dagster_project.errors import BilateralError
from dagster_project.files import require_utf_8
from dagster_project.project import PACKAGE, Project

Command = TypeVar("Command", bound=Callable[..., None])
# What a command works on: a published file, such a file by the rules of a checkout, or a warehouse.
Need = Literal["file", "checkout", "warehouse"]

FormatOption = Annotated[formats.Format, typer.Option("--format", "-f", help="How to print the rows.")]
FileFormatOption = Annotated[formats.FileFormat, typer.Option("--format", "-f", help="How to give the rows.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="A file for it: .csv, .json or .xlsx says the format."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DAY", help="Answer by what was known at the end of a day."),
]
ReporterOption = Annotated[str | None, typer.Option(help="Whose statistics, by name or code; South Korea by default.")]
PartnerOption = Annotated[str | None, typer.Option(help="The economy it trades with; China by default.")]
PublishedOption = Annotated[
    str | None, typer.Option(help="The day of publication, from which `last year` is read. Default: today.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="The published file to read. Default: that of the warehouse."),
]


@dataclass(frozen=True)
class Locations:
    """Locations named by the command line or the environment.

    Args:
        warehouse: The warehouse's folder.
        snapshots: The snapshots' folder.
        file: A published file.
        is_file_typed: Whether the file was named in this call, and not only in the environment.
    """

    warehouse: Path | None
    snapshots: Path | None
    file: Path | None
    is_file_typed: bool = False

    def open_project(self, needs: Need) -> Project:
        """Return the project of a command.

        Raises:
            BilateralError: It does not exist, or a file is named to a command that has no use for it.
        """
        if needs == "file":
            return Project.reader(self.file, warehouse=self.warehouse, snapshots=self.snapshots)
        if needs == "warehouse" and self.is_file_typed:
            raise BilateralError(
                "--file is for commands that only read, and this one works on a warehouse.",
                remedy="Name the warehouse's folder with --warehouse.",
            )
        project = Project.find(warehouse=self.warehouse, snapshots=self.snapshots)
        return replace(project, file=self.file) if needs == "checkout" else project


def declare_command(
    register: Callable[[Callable[..., None]], object], *, needs: Need = "warehouse"
) -> Callable[[Command], Command]:
    """Declare a command whose parameter `project` is opened for it; one that reads a file takes `--file`.

    Args:
        register: What Typer registers it by, such as `app.command("list")`.
        needs: What the command works on.
    """

    def register_command(command: Command) -> Command:
        @wraps(command)
        def run_command(context: typer.Context, published_file: Path | None = None, **options: Any) -> None:
            if published_file is not None:
                context.obj = replace(context.obj, file=published_file)
            # A group runs before the command that was called in it.
            if context.invoked_subcommand is None:
                command(context.obj.open_project(needs), **options)

        def make_parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
            return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [make_parameter("context", typer.Context), *(one.replace(kind=one.KEYWORD_ONLY) for one in own)]
        if needs != "warehouse":
            parameters.append(make_parameter("published_file", FileOption, None))
        run_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        register(run_command)
        return command

    return register_command


def read_input(place: str | Path, remedy: str) -> str:
    """Read a file, or standard input for `-`.

    Args:
        place: The file.
        remedy: What to name instead where it cannot be read.

    Raises:
        BilateralError: It does not exist, is closed, or is not text in UTF-8.
    """
    is_input = str(place) == "-"
    if is_input and sys.stdin is None:
        raise BilateralError("Standard input is closed.", remedy=remedy)
    if not is_input and not Path(place).is_file():
        raise BilateralError(f"There is no file {place}.", remedy=remedy)
    with require_utf_8("Standard input" if is_input else place):
        return (sys.stdin.buffer.read() if is_input else Path(place).read_bytes()).decode("utf-8-sig")


def require_checkout(project: Project) -> Project:
    """Return the project of a checkout.

    Raises:
        BilateralError: Only a published file was found.
    """
    return Project.find() if project.root == PACKAGE else project


def parse_published_day(text: str | None) -> date:
    """Return the last day that a publication's day may mean; without one, today.

    Raises:
        BilateralError: It is not a day.
    """
    from dagster_project.claims.notation import parse_day

    known = parse_day(text) if text else None
    if text and known is None:
        raise BilateralError(f"{text} is no day.", remedy="Write it as 2025-12-15.")
    return known.end if known else datetime.now(UTC).date()


@contextmanager
def open_as_of(
    project: Project, connection: duckdb.DuckDBPyConnection, day: datetime | None, sql: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file as it was known at the end of a day, for a SELECT; without a day as it is.

    Raises:
        BilateralError: The file was published before that day, or the SELECT reads what is not rebuilt for it.
    """
    if day is None:
        yield connection
        return
    from dagster_project.catalog import Catalog
    from dagster_project.history import History
    from dagster_project.report.citing import require_known

    require_known(connection, day.date())
    catalog = Catalog(require_checkout(project))
    with closing(History(connection, catalog.models | catalog.views)) as history:
        tables = history.list_tables(sql)
        first = history.find_first_day(tables)
        if first is not None and day.date() < first:
            console.print_text(f"Nothing of this was held on {day.date()}; it is held from {first} on.", to=console.err)
        yield history.open_day(day.date(), tables)
