"""Tables: an asset a model in `sql/`.

Here: one factory. Not here: SQL, or what a table depends on; both are read from the model.
"""

import dagster as dg

from dagster_project.defs.common import OWNERS, code, column_schema, key, loaded_models
from dagster_project.defs.resources import Warehouse
from dagster_project.models import Model
from dagster_project.models.lineage import lineage
from dagster_project.sources import datasets


def _upstream(model: Model) -> list[dg.AssetKey]:
    """The assets a model reads; reference tables are files of the repository, an analysis is part of its model."""
    needed = {key(table) for table in model.depends_on if not table.startswith(("reference.", "analysis."))}
    if "raw.quarantine" in model.depends_on:
        needed = needed - {key("raw.quarantine")} | {key(f"raw.{dataset.table}") for dataset in datasets()}
    return sorted(needed)


def table_asset(model: Model) -> dg.AssetsDefinition:
    """The table, or the table macro, of a model."""

    @dg.asset(
        key=key(model.name),
        deps=_upstream(model),
        group_name=model.schema,
        description=f"{model.what}\n\nOne row per {', '.join(model.grain)}.",
        kinds={"duckdb", "sql"},
        owners=OWNERS,
        code_version=model.fingerprint[:12],
        metadata={
            "dagster/column_schema": column_schema(model.columns),
            "dagster/table_name": model.name,
            **code(model.path),
        },
    )
    def asset(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table = warehouse.make(model.name)
        if table is None:
            return dg.MaterializeResult(metadata={"macro": f"{model.name}({', '.join(model.parameters)})"})
        sources = lineage(model)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(table.content_hash),
            metadata={
                "dagster/row_count": table.row_count,
                "dagster/column_schema": column_schema(model.columns, table.types),
                "dagster/column_lineage": dg.TableColumnLineage(
                    {
                        column: [dg.TableColumnDep(asset_key=key(table), column_name=name) for table, name in found]
                        for column, found in sources.items()
                    }
                ),
                "content_hash": table.content_hash,
            },
        )

    return asset


@dg.definitions
def tables() -> dg.Definitions:
    return dg.Definitions(assets=[table_asset(model) for model in loaded_models().values()])
