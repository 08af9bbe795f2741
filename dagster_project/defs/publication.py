"""The publication: the one asset that readers see.

Here: its declaration. Not here: what may be published, which the build decides, and the rename.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg

from dagster_project.build import AuditFailed
from dagster_project.defs.checks import in_words
from dagster_project.defs.common import OWNERS, PUBLICATION, code, key, loaded_models, page, project
from dagster_project.defs.resources import Warehouse
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY, PAGE


def shown(where: Project, made: Mapping[str, Any]) -> dict[str, Any]:
    """What Dagster shows of a publication: the fields of `Publication`."""
    return {
        "publication_id": made["publication_id"],
        "file": dg.MetadataValue.path(str(where.published_file)),
        "audit": page(where, where.publications / made["publication_id"] / PAGE),
        "data_dictionary": page(where, where.publications / made["publication_id"] / DICTIONARY),
        "content_hash": made["content_hash"],
        "tables": made["table_count"],
        "expectations": made["check_count"],
        "warnings": made["warning_count"],
        "rows_set_aside": made["quarantined_row_count"],
    }


@dg.asset(
    key=PUBLICATION,
    deps=[key(name) for name in loaded_models()],
    group_name="publication",
    description=(
        "The audited warehouse, with the views of its schema main, put at warehouse/bilateral.duckdb by one rename. "
        "It is refused while a table is missing, older than its inputs or not audited as it stands, or while an "
        "expectation stops it; readers then keep the last one."
    ),
    kinds={"duckdb"},
    owners=OWNERS,
    # Every check that can run goes first: a publication needs them all.
    op_tags={"dagster/priority": "-1"},
    metadata=code(project().root / "dagster_project" / "publication" / "__init__.py"),
)
def published_warehouse(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
    build = warehouse.build
    try:
        made = build.publish(keep=warehouse.keep)
    except AuditFailed as error:
        raise dg.Failure(
            f"{error.message}\n\n{in_words(error.results)}",
            metadata={"audit": page(build.project, build.project.failed_audit)},
            allow_retries=False,
        ) from None
    return dg.MaterializeResult(
        data_version=dg.DataVersion(made.content_hash),
        metadata=shown(build.project, asdict(made)),
    )
