"""Open the engine that makes the tables: DuckDB on one machine (`duckdb`), or Spark on several (`spark`).

Both engines run the models in `sql/`, and store the tables in the work file (`engines.work_file`), which a build then
audits and publishes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    from dagster_project.engines.duckdb import DuckDB
    from dagster_project.project import Project

ENGINES = ("duckdb", "spark")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*([kmgt]i?b|%)", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """The choice of an engine, and its settings.

    Args:
        engine: One of `ENGINES`.
        memory: The memory beyond which DuckDB writes data to the disk, such as `4GiB`. Default: DuckDB's own limit.
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
    """The name (`schema.table`), the size and the columns' types of a table that an engine made.

    `content_hash` is a hash of the rows that does not depend on their order.
    """

    name: str
    row_count: int
    content_hash: str
    types: dict[str, str]


def open_engine(project: Project, settings: Settings) -> DuckDB:
    """Open the engine that the settings name, on the project's work file.

    Raises:
        BilateralError: The engine does not exist or is not installed, or a setting belongs to another engine.
    """
    if settings.engine not in ENGINES:
        raise BilateralError(f"There is no engine {settings.engine!r}.", remedy=f"Choose {' or '.join(ENGINES)}.")
    if settings.engine != "spark" and (settings.master or settings.options):
        raise BilateralError(
            f"--master and --option are only for Spark, but the engine is {settings.engine}.",
            remedy="Add --engine spark, or leave them out.",
        )
    if settings.engine == "spark":
        from dagster_project.engines.spark import Spark

        return Spark(project.work_file, project.archive / "spark", settings)
    from dagster_project.engines.duckdb import DuckDB

    return DuckDB(project.work_file, memory=settings.memory)
