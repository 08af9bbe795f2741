"""Declare commands: open the project that a command works on, and define the options that several commands have."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
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
from dagster_project.languages import LANGUAGES, VARIABLE, choose_language
from dagster_project.project import Project

Command = TypeVar("Command", bound=Callable[..., None])
# A command needs only a published file; a published file and a checkout; or a warehouse that it can build or change.
Need = Literal["file", "checkout", "warehouse"]

FormatOption = Annotated[formats.Format, typer.Option("--format", "-f", help="The format of the output.")]
FileFormatOption = Annotated[formats.FileFormat, typer.Option("--format", "-f", help="The format of the output.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="Write to this file; .csv, .json or .xlsx sets the format."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DAY", help="Use only figures known by the end of this day."),
]
ReporterOption = Annotated[
    str | None, typer.Option(help="The economy whose statistics to use, by name or code. Default: South Korea.")
]
PartnerOption = Annotated[str | None, typer.Option(help="Its trading partner. Default: China.")]
LanguageOption = Annotated[
    str | None,
    typer.Option("--lang", envvar=VARIABLE, help=f"The language: {' or '.join(LANGUAGES)}."),
]
PublishedOption = Annotated[
    str | None, typer.Option(help="The day of publication, which dates words such as `last year`. Default: today.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
FileOption = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="The published file. Default: bilateral.duckdb of the warehouse."),
]


@dataclass(frozen=True)
class Locations:
    """The folders and the published file that the command line or the environment names."""

    warehouse: Path | None
    snapshots: Path | None
    file: Path | None
    # Whether the file comes from the option `--file`, and not from the environment.
    is_file_typed: bool = False

    def open_project(self, needs: Need) -> Project:
        """Find the project for a command; raise an error if the command needs a warehouse but got `--file`."""
        if needs == "file":
            return Project.reader(self.file, warehouse=self.warehouse, snapshots=self.snapshots)
        if needs == "warehouse" and self.is_file_typed:
            raise BilateralError(
                "This command works on a warehouse and takes no --file.",
                remedy="Name the warehouse's folder with --warehouse.",
            )
        project = Project.find(warehouse=self.warehouse, snapshots=self.snapshots)
        return replace(project, file=self.file) if needs == "checkout" else project


def declare_command(
    register: Callable[[Callable[..., None]], object], *, needs: Need = "warehouse", speaks: bool = False
) -> Callable[[Command], Command]:
    """Register a command with Typer. When the command runs, the project that it `needs` is opened and passed first.

    `register` is Typer's decorator, such as `app.command("list")`. A command that reads a file also gets the option
    `--file`, and one that `speaks` several languages gets `--lang`.
    """

    def register_command(command: Command) -> Command:
        @wraps(command)
        def run_command(
            context: typer.Context, published_file: Path | None = None, lang: str | None = None, **options: Any
        ) -> None:
            choose_language(lang if speaks else "en")
            if published_file is not None:
                context.obj = replace(context.obj, file=published_file)
            # Typer runs the command of a group (`bilateral claims`) also before a subcommand (`bilateral claims show`).
            if context.invoked_subcommand is None:
                command(context.obj.open_project(needs), **options)

        def make_parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
            return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)

        _, *own = inspect.signature(command, eval_str=True).parameters.values()
        parameters = [make_parameter("context", typer.Context), *(item.replace(kind=item.KEYWORD_ONLY) for item in own)]
        if needs != "warehouse":
            parameters.append(make_parameter("published_file", FileOption, None))
        if speaks:
            parameters.append(make_parameter("lang", LanguageOption, None))
        run_command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        register(run_command)
        return command

    return register_command


def parse_assignments(texts: Sequence[str], form: str) -> dict[str, str]:
    """Parse texts such as `name=value` into a dictionary; the error for a text without `=` asks to write `form`."""
    if malformed := [text for text in texts if "=" not in text]:
        raise BilateralError(f"{malformed[0]!r} has no equals sign.", remedy=f"Write {form}.")
    return dict(text.split("=", 1) for text in texts)


def read_input(place: str | Path, remedy: str) -> str:
    """Read a UTF-8 text from a file, or from standard input if `place` is `-`."""
    if str(place) == "-":
        if sys.stdin is None:
            raise BilateralError("Standard input is closed.", remedy=remedy)
        with require_utf_8("Standard input"):
            return sys.stdin.buffer.read().decode("utf-8-sig")
    if not Path(place).is_file():
        raise BilateralError(f"There is no file {place}.", remedy=remedy)
    with require_utf_8(place):
        return Path(place).read_text("utf-8-sig")


def parse_published_day(text: str | None) -> date:
    """Parse the day of a claim's publication: a month or a year means its last day; None or "" means today."""
    from dagster_project.claims.notation import parse_day

    known = parse_day(text) if text else None
    if text and known is None:
        raise BilateralError(f"{text!r} is not a date.", remedy="Write it as 2025-12-15.")
    return known.end if known else datetime.now(UTC).date()


@contextmanager
def open_as_of(
    project: Project, connection: duckdb.DuckDBPyConnection, day: datetime | None, sql: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the tables that a SELECT reads, as known at the end of `day`; without a day, open the published file."""
    if day is None:
        yield connection
        return
    from dagster_project.catalog import Catalog
    from dagster_project.history import History
    from dagster_project.report.citing import require_known

    require_known(connection, day.date())
    catalog = Catalog(project)
    with closing(History(connection, catalog.models | catalog.views)) as history:
        tables = history.list_tables(sql)
        first = history.find_first_day(tables)
        if first is not None and day.date() < first:
            text = f"On {day.date()} no figure of these tables was known; the first became known on {first}."
            console.print_text(text, to=console.err)
        yield history.open_day(day.date(), tables)
