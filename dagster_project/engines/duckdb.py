"""Models on DuckDB, in the work file itself.

Here: the inputs attached to it, one statement a model. Not here: what else the file records (`engines.work_file`), and
SQL that says what a table means; that is in `sql/`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb

from dagster_project.engines import Settings, Table
from dagster_project.engines.work_file import WorkFile, parquet
from dagster_project.models import Model
from dagster_project.raw import RawTable
from dagster_project.rows import Rows

if TYPE_CHECKING:
    from dagster_project.audit.auditor import Auditor
    from dagster_project.project import Project

# Raised when the same SELECT is made into a table otherwise, so that a kept table is not taken for a new one.
MAKING = 1


class DuckDB(WorkFile):
    """The engine that is its own work file."""

    @property
    def version(self) -> str:
        return f"duckdb {duckdb.__version__} {MAKING}"

    @property
    def file(self) -> Self:
        return self

    def attach_raw(self, raw: RawTable) -> None:
        self.connection.execute(f'create or replace view raw."{raw.dataset.table}" as {parquet(raw.files)}')

    def attach_quarantine(self, raws: Iterable[RawTable]) -> None:
        files = [file for raw in raws for file in raw.quarantine]
        self.connection.execute(f"create or replace view raw.quarantine as {parquet(files)}")

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        for table in tables:
            self.write(f"reference.{table.name}", table)

    def attach_analysis(self, name: str, rows: Path) -> None:
        self.connection.execute(f'create or replace view analysis."{name}" as {parquet([rows])}')

    def run(self, model: Model) -> Table | None:
        if model.is_macro:
            self.define(model)
            return None
        return self.fill(model, model.select)

    def holds(self, name: str, content_hash: str) -> bool:
        # What is recorded was written in one transaction with its record.
        return True

    def auditor(self) -> Auditor:
        from dagster_project.audit.auditor import Auditor

        # A cursor of its own, so that it may audit in another thread while this one goes on building.
        return Auditor(self.cursor())


def open_engine(project: Project, settings: Settings) -> DuckDB:
    """DuckDB on the project's work file."""
    return DuckDB(project.work_file, memory=settings.memory)
