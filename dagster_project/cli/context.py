"""The project of a command: a checkout, or only a published file.

Here: the option `--file` and what it means to a command. Not here: the finding (`project`), and what is read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    import duckdb

FileOption = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="The published file to read. Default: that of the warehouse."),
]


@dataclass(frozen=True)
class Locations:
    """The locations that the command line names; calling it gives a command its project.

    Args:
        warehouse: The warehouse's folder.
        snapshots: The snapshots' folder.
        file: A published file.
        is_asked_for: Whether the file was named in this call, and not only in the environment.
        reads: Whether the command reads a published file and needs nothing else.
    """

    warehouse: Path | None
    snapshots: Path | None
    file: Path | None
    is_asked_for: bool = False
    reads: bool = False

    def __call__(self) -> Project:
        """The project.

        Raises:
            BilateralError: It is not there, or a file is named to a command that has no use for it.
        """
        if self.reads:
            return Project.reader(self.file, warehouse=self.warehouse, snapshots=self.snapshots)
        if self.is_asked_for:
            raise BilateralError(
                "--file is for commands that only read, and this one works on a warehouse.",
                remedy="Name the warehouse's folder with --warehouse.",
            )
        return Project.find(warehouse=self.warehouse, snapshots=self.snapshots)

    def checkout(self) -> Project:
        """The checkout, for a command that needs one even to read a published file from elsewhere."""
        return replace(Project.find(warehouse=self.warehouse, snapshots=self.snapshots), file=self.file)


def locations_of(context: typer.Context) -> Locations:
    """The places that a command was given."""
    locations = context.obj
    assert isinstance(locations, Locations)
    return locations


def project_of(context: typer.Context) -> Project:
    """The project of a command."""
    return locations_of(context)()


@contextmanager
def as_known(
    context: typer.Context, connection: duckdb.DuckDBPyConnection, day: datetime | None, sql: str
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
    catalog = Catalog(locations_of(context).checkout())
    with closing(History(connection, catalog.models | catalog.views)) as history:
        yield history.at(day.date(), history.tables(sql))


def with_file(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command that needs only a published file the option that names one."""

    @wraps(command)
    def reading(context: typer.Context, *given: Any, file: Path | None = None, **named: Any) -> None:
        locations = locations_of(context)
        context.obj = replace(locations, file=file or locations.file, reads=True)
        command(context, *given, **named)

    signature = inspect.signature(command, eval_str=True)
    option = inspect.Parameter("file", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=FileOption)
    reading.__signature__ = signature.replace(parameters=[*signature.parameters.values(), option])  # type: ignore[attr-defined]
    return reading
