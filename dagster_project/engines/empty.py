"""Make every table of the warehouse without rows, in memory, to find column types and to check that a query runs."""

from __future__ import annotations

from dagster_project.catalog import Catalog
from dagster_project.engines.duckdb import DuckDB
from dagster_project.raw.parsed import QUARANTINE_COLUMNS
from dagster_project.reference.rows import Rows
from dagster_project.sources import list_datasets


def open_empty(catalog: Catalog, engine: DuckDB | None = None) -> DuckDB:
    """Make all models' tables from empty inputs in `engine`, which has no tables yet. Default: DuckDB in memory.

    Raises:
        BilateralError: A model cannot be made.
    """
    engine = engine or DuckDB()
    for dataset in list_datasets():
        columns = dict.fromkeys(dataset.column_names, "varchar")
        engine.create_empty(f"raw.{dataset.table}", columns | {"snapshot_id": "varchar", "row_number": "bigint"})
    engine.create_empty("raw.quarantine", QUARANTINE_COLUMNS)
    for analysis in catalog.analyses.values():
        engine.create_empty(f"analysis.{analysis.name}", analysis.columns)
    engine.attach_reference(Rows(table.name, table.columns, []) for table in catalog.reference_tables())
    for model in catalog.models.values():
        engine.make_table(model)
    return engine
