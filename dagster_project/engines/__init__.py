"""Engines, which make the tables: DuckDB on one machine (`engines.duckdb`) or Spark on several (`engines.spark`).

Here: the choice of an engine, and the description of a table that it made. Not here: the content of a model (`models`),
whether its table is right (`audit`), or publishing it (`publication`).

Both engines run the same `sql/`, and both store their tables in the work file (`engines.work_file`), which is
published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.engines.duckdb import DuckDB
    from dagster_project.project import Project

ENGINES = ("duckdb", "spark")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*([kmgt]i?b|%)", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """The engine that makes the tables, and its settings.

    Args:
        engine: One of `ENGINES`.
        memory: The most memory that DuckDB uses before it spills to disk, such as `4GiB`; None is DuckDB's default.
        master: The address of Spark's master, such as `spark://host:7077` or `local[2]`; only for Spark.
        options: Spark's own settings, by name.
    """

    engine: str = "duckdb"
    memory: str | None = None
    master: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.memory is not None and not _MEMORY.fullmatch(self.memory.strip()):
            raise BilateralError(
                f"Invalid amount of memory: {self.memory!r}.",
                remedy="Write a number and its unit, such as 4GiB or 50%.",
            )


@dataclass(frozen=True)
class Table:
    """The name, size, hash and types of a table that an engine made.

    Args:
        name: `schema.table`.
        row_count: The number of rows.
        content_hash: A hash of its rows that does not depend on their order.
        types: The type of each column, by name, in order.
    """

    name: str
    row_count: int
    content_hash: str
    types: dict[str, str]


def open_engine(project: Project, settings: Settings) -> DuckDB:
    """Open the engine that the settings name, on the project's work file.

    Raises:
        BilateralError: There is no such engine, it is not installed, or a setting belongs to another engine.
    """
    if settings.engine not in ENGINES:
        raise BilateralError(f"There is no engine {settings.engine!r}.", remedy=f"Choose {' or '.join(ENGINES)}.")
    if settings.engine != "spark" and (settings.master or settings.options):
        raise BilateralError(
            f"A master and options can be set only for Spark, but the engine is {settings.engine}.",
            remedy="Choose the engine spark, or leave them out.",
        )
    opened: DuckDB = import_module(f"dagster_project.engines.{settings.engine}").open_engine(project, settings)
    return opened
