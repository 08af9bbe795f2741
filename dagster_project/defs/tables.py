"""Declare an asset for each model in `sql/`.

Here: the assets, and how Dagster shows a table. Not here: SQL and dependencies, which are read from the model, and the
step that makes tables (`warehouse`).
"""

from typing import Any

import dagster as dg
import duckdb

from dagster_project.defs import pictures
from dagster_project.defs.common import (
    build_column_schema,
    build_table_key,
    find_project,
    link_code,
    link_page,
    load_catalog,
    read_published_types,
)
from dagster_project.engines import Table
from dagster_project.models import Model
from dagster_project.models.lineage import trace_columns
from dagster_project.sources import list_datasets


def list_upstream(model: Model) -> list[dg.AssetKey]:
    """List the assets that a model reads; reference tables (files) and analyses (parts of a model) are no assets."""
    needed = {table for table in model.depends_on if not table.startswith(("reference.", "analysis."))}
    if "raw.quarantine" in needed:
        needed.remove("raw.quarantine")
        needed.update(f"raw.{dataset.table}" for dataset in list_datasets())
    return sorted(map(build_table_key, needed))


def describe_table(model: Model, table: Table | None, connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Build the metadata that Dagster shows for a table, or for a macro if `table` is None."""
    if table is None:
        return {"macro": f"{model.name}({', '.join(model.parameters)})"}
    return {
        "dagster/row_count": table.row_count,
        "dagster/column_schema": build_column_schema(model.columns, table.types),
        "content_hash": table.content_hash,
        "dagster/column_lineage": _describe_lineage(model),
        **pictures.describe_figures(connection, model.name),
    }


def _describe_lineage(model: Model) -> dg.TableColumnLineage:
    """Build the lineage of a table: for each column, the columns of other tables from which it is computed."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=build_table_key(read), column_name=name) for read, name in found]
            for column, found in trace_columns(model, load_catalog().models).items()
        }
    )


def build_code_version(model: Model) -> str:
    return model.fingerprint[:12]


def build_table_spec(model: Model) -> dg.AssetSpec:
    """Declare the table, or the table macro, of a model."""
    mart = pictures.load_shown_marts().get(model.name)
    metadata = {
        "dagster/column_schema": build_column_schema(model.columns, read_published_types().get(model.name, {})),
        "dagster/table_name": model.name,
    }
    if mart and mart.report:
        metadata["report"] = link_page(find_project(), find_project().report, mart.report)
    return dg.AssetSpec(
        key=build_table_key(model.name),
        deps=list_upstream(model),
        group_name=model.subject or model.schema,
        description=f"{model.what}\n\nOne row per {', '.join(model.grain)}.",
        kinds={"duckdb", "sql"},
        code_version=build_code_version(model),
        metadata={**metadata, **link_code(model.path)},
    )


def report_table(model: Model, table: Table | None, connection: duckdb.DuckDBPyConnection) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Report a table or macro, even an unchanged one, to Dagster in a run that makes only some tables."""
    return dg.MaterializeResult(
        asset_key=build_table_key(model.name),
        data_version=dg.DataVersion(model.fingerprint if table is None else table.content_hash),
        metadata=describe_table(model, table, connection),
    )
