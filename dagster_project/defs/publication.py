"""Declare the publication, the asset that readers see.

Here: the asset, and how Dagster shows it and its changes. Not here: the conditions of a publication, and the causes
of changes (`publication.causes`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

from dagster_project import publication
from dagster_project.database import fetch_records
from dagster_project.defs.checks import describe_failures
from dagster_project.defs.common import (
    PUBLICATION,
    build_table_key,
    describe_rows,
    find_project,
    link_code,
    link_page,
    load_catalog,
)
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY, PAGE, changes

if TYPE_CHECKING:
    from dagster_project.pipeline import AuditFailed


def describe_publication(where: Project, made: Mapping[str, Any]) -> dict[str, Any]:
    """Build the metadata that Dagster shows for a publication, from the fields of `Publication`."""
    return {
        "publication_id": made["publication_id"],
        "file": dg.MetadataValue.path(str(where.published_file)),
        "audit": link_page(where, where.publications / made["publication_id"] / PAGE),
        "data_dictionary": link_page(where, where.publications / made["publication_id"] / DICTIONARY),
        "content_hash": made["content_hash"],
        "tables": made["table_count"],
        "expectations": made["check_count"],
        "warnings": made["warning_count"],
        "rows_set_aside": made["quarantined_row_count"],
        **describe_changes(where),
    }


def describe_changes(where: Project) -> dict[str, Any]:
    """Count the figures, verdicts and rules that differ from the last publication, by cause."""
    try:
        with publication.open_published(where) as connection:
            rows = fetch_records(connection, changes.query_counts("meta.changes"))
    except (BilateralError, duckdb.Error):
        # An earlier version published it.
        return {}
    return {
        "figures_changed": sum(row["figures"] for row in rows if row["change"] != "not_compared"),
        "flips": sum(row["flips"] for row in rows),
        "changes": describe_rows(rows),
    }


def build_publication_spec() -> dg.AssetSpec:
    """Declare the asset of the publication, which depends on every table."""
    return dg.AssetSpec(
        key=PUBLICATION,
        deps=[build_table_key(name) for name in load_catalog().models],
        group_name="publication",
        description=(
            "The audited warehouse, published as warehouse/bilateral.duckdb by one rename, with the views of its "
            "schema main. Tables that are missing, outdated or not audited are made and audited first. If a blocking "
            "expectation fails, nothing is published, and readers keep the last publication."
        ),
        kinds={"duckdb"},
        # Korea's customs are asked the evening before.
        freshness_policy=dg.FreshnessPolicy.cron("0 12 16 * *", timedelta(days=2), "Asia/Seoul"),
        metadata=link_code(find_project().root / "dagster_project" / "publication" / "__init__.py"),
    )


def describe_refusal(where: Project, error: "AuditFailed") -> dg.Failure:
    """Build the failure that Dagster shows for a run whose audit stops the publication."""
    return dg.Failure(
        f"{error.message}\n\n{describe_failures(error.results)}",
        metadata={"audit": link_page(where, where.failed_audit)},
        allow_retries=False,
    )
