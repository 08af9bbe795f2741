"""Engines make the tables: DuckDB on one machine (`engines.duckdb`), Spark on several (`engines.spark`).

Here: what a build needs of an engine, the choice of one, and what an engine says about a table that it made. Not here:
what a model says (`models`), whether its table is right (`audit`), who may see it (`publication`).

Both run the same `sql/`, and both leave their tables in the work file (`engines.work_file`), which is published.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.engines.work_file import WorkFile
    from dagster_project.incremental.slices import Slicing, Value
    from dagster_project.models import Model
    from dagster_project.project import Project
    from dagster_project.raw import RawTable
    from dagster_project.reference.rows import Rows

ENGINES = ("duckdb", "spark")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*([kmgt]i?b|%)", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """Which engine makes the tables, and with what.

    Args:
        engine: One of `ENGINES`.
        memory: The most memory that DuckDB takes before it spills to disk, such as `4GiB`; None leaves it to DuckDB.
        master: Where Spark's master is, such as `spark://host:7077` or `local[2]`; DuckDB has none.
        options: Spark's own settings, by name.
    """

    engine: str = "duckdb"
    memory: str | None = None
    master: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.memory is not None and not _MEMORY.fullmatch(self.memory.strip()):
            raise BilateralError(
                f"{self.memory!r} is no amount of memory.", remedy="Write a number and its unit, such as 4GiB or 50%."
            )


@dataclass(frozen=True)
class Table:
    """A table that was made.

    Args:
        name: `schema.table`.
        row_count: Its rows.
        content_hash: A hash of its rows that does not depend on their order.
        types: The type of each column, by name, in order.
    """

    name: str
    row_count: int
    content_hash: str
    types: dict[str, str]


class Engine(Protocol):
    """Makes tables of models, and attaches the inputs that models read under their names."""

    @property
    def version(self) -> str:
        """The engine with its version: another version may make other last digits."""

    @property
    def file(self) -> WorkFile:
        """Where its tables end up."""

    def attach_raw(self, raw: RawTable) -> None:
        """Makes a dataset readable as `raw.<source>__<dataset>`."""

    def attach_quarantine(self, raws: Iterable[RawTable]) -> None:
        """Makes what was set aside readable as `raw.quarantine`."""

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        """Makes the reference tables readable as `reference.<name>`."""

    def attach_analysis(self, name: str, rows: Path) -> None:
        """Makes what Python worked out, kept as Parquet, readable as `analysis.<name>`."""

    def run(self, model: Model, slicing: Slicing | None = None) -> Table | None:
        """Makes the model's table in the work file, in place of an earlier one; of a macro it returns None.

        Args:
            model: The model.
            slicing: How it may be made a part at a time, if it may.

        Raises:
            BilateralError: The engine refuses the SELECT; the message names the model.
        """

    def renew(self, model: Model, known: Table, slicing: Slicing, values: Collection[Value]) -> Table | None:
        """Makes some slices of the model's table again; None if it has to be made as a whole.

        Args:
            model: The model.
            known: Its table as it is.
            slicing: How it is sliced.
            values: Which slices.

        Raises:
            BilateralError: As `run` does.
        """

    def packs(self, slicing: Slicing) -> list[list[Value]]:
        """All slices of the tables that are read, put together in as many rows as suit the engine.

        One pack, if there had better be no parts.
        """

    def holds(self, name: str, content_hash: str) -> bool:
        """Whether later models can read the table as it was recorded."""

    def close(self) -> None:
        """Closes the work file and lets go of all that the engine holds."""


def open_engine(project: Project, settings: Settings) -> Engine:
    """The engine that the settings name, on the project's work file.

    Raises:
        BilateralError: There is no such engine, it is not installed, or the settings are another's.
    """
    if settings.engine not in ENGINES:
        raise BilateralError(f"There is no engine {settings.engine!r}.", remedy=f"Name one of {', '.join(ENGINES)}.")
    if settings.engine != "spark" and (settings.master or settings.options):
        raise BilateralError(
            f"A master and options are Spark's, and the engine is {settings.engine}.",
            remedy="Name the engine spark, too, or leave them out.",
        )
    opened: Engine = import_module(f"dagster_project.engines.{settings.engine}").open_engine(project, settings)
    return opened
