"""Every table of the warehouse, without a row: enough to know the types of columns and whether a query runs.

Here: the making of it, in memory. Not here: tables that hold anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dagster_project import inputs
from dagster_project.analysis import Analysis
from dagster_project.engines.duckdb import DuckDB
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.raw import QUARANTINE_COLUMNS
from dagster_project.rows import Rows
from dagster_project.sources import datasets


def open_empty(project: Project, models: Iterable[Model], analyses: Mapping[str, Analysis]) -> DuckDB:
    """An engine in memory in which all models were made of inputs that hold nothing.

    Args:
        project: The project.
        models: Its tables and macros, in an order in which they can run.
        analyses: What Python works out for them.

    Raises:
        BilateralError: A model cannot be made.
    """
    engine = DuckDB()
    for dataset in datasets():
        columns = dict.fromkeys((column.name for column in dataset.columns), "varchar")
        engine.prepare(f"raw.{dataset.table}", columns | {"snapshot_id": "varchar", "row_number": "bigint"})
    engine.prepare("raw.quarantine", QUARANTINE_COLUMNS)
    for analysis in analyses.values():
        engine.prepare(f"analysis.{analysis.name}", analysis.columns)
    engine.attach_reference(Rows(table.name, table.columns, []) for table in inputs.load(project))
    for model in models:
        engine.run(model)
    return engine
