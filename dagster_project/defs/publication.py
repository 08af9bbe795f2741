"""The publication: the one asset that readers see.

Here: its declaration. Not here: what may be published, which the build decides, and the rename.
"""

import dagster as dg

from dagster_project.defs.common import OWNERS, PUBLICATION, code, key, loaded_models, project
from dagster_project.defs.resources import Warehouse


@dg.asset(
    key=PUBLICATION,
    deps=[key(name) for name in loaded_models()],
    group_name="publication",
    description=(
        "The audited warehouse, put at warehouse/bilateral.duckdb by one rename. It is refused while a table is "
        "missing, older than its inputs or not audited as it stands, or while an expectation stops it; readers then "
        "keep the last one."
    ),
    kinds={"duckdb"},
    owners=OWNERS,
    metadata=code(project().root / "dagster_project" / "publication" / "__init__.py"),
)
def published_warehouse(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
    build = warehouse.build
    made = build.publish(keep=warehouse.keep)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(made.content_hash),
        metadata={
            "publication_id": made.publication_id,
            "file": dg.MetadataValue.path(str(build.project.published_file)),
            "audit": dg.MetadataValue.url(made.page(build.project).as_uri()),
            "content_hash": made.content_hash,
            "tables": made.table_count,
            "expectations": made.check_count,
            "warnings": made.warning_count,
            "rows_set_aside": made.quarantined_row_count,
        },
    )
