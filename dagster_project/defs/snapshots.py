"""Declare two assets for each dataset (its snapshots and its raw Parquet), and a job that makes them before a build."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from dagster_project import snapshots as archive
from dagster_project.defs.common import (
    JSON_LOGS,
    build_refresh_key,
    build_snapshot_key,
    find_declaration,
    find_executor,
    link_code,
)
from dagster_project.defs.resources import Warehouse
from dagster_project.raw import RawTable, receive_dataset
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Dataset, Source, list_sources


def _build_schema(dataset: Dataset) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type="VARCHAR",
                description=f"{column.description} [{column.kind}]",
                constraints=dg.TableColumnConstraints(nullable=not column.required),
            )
            for column in dataset.columns
        ]
    )


def build_data_version(found: Sequence[Snapshot]) -> str:
    return archive.hash_snapshots(found)[:16]


def describe_snapshots(found: Sequence[Snapshot]) -> dict[str, Any]:
    """Build the metadata that Dagster shows for a dataset's snapshots."""
    metadata: dict[str, dg.RawMetadataValue] = {
        "dagster/row_count": sum(snapshot.manifest.row_count for snapshot in found),
        "snapshots": dg.MetadataValue.md("\n".join(f"- `{snapshot.id}`" for snapshot in found) or "none yet"),
        "bytes": sum(snapshot.manifest.bytes for snapshot in found),
    }
    if found:
        newest = found[-1].manifest
        metadata |= {
            "known_from": str(newest.known_from),
            "licence": dg.MetadataValue.url(newest.licence.url),
            "citation": newest.citation,
        }
    return metadata


def describe_raw(received: RawTable) -> dict[str, Any]:
    """Build the metadata that Dagster shows for a dataset's raw Parquet."""
    return {
        "dagster/row_count": received.row_count,
        "dagster/column_schema": _build_schema(received.dataset),
        "rows_set_aside": received.quarantined_count,
        "snapshots": len(received.snapshots),
    }


def build_snapshot_asset(source: Source, dataset: Dataset) -> dg.AssetsDefinition:
    """Declare the asset of a dataset's snapshots; materializing it recomputes their hashes."""

    @dg.asset(
        key=build_snapshot_key(dataset.path),
        deps=[build_refresh_key(dataset.path)] if dataset.name in source.live else [],
        group_name="snapshots",
        description=f"{dataset.title}. As received from {source.title}; the bytes never change.",
        kinds={"csv"},
        tags={"source": source.code},
        metadata={
            "publisher": dg.MetadataValue.url(source.homepage),
            **link_code(find_declaration(source.code)),
        },
    )
    def asset(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
        found = archive.find_snapshots(warehouse.project, dataset.path)
        for snapshot in found:
            archive.verify_snapshot(snapshot)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(build_data_version(found)), metadata=describe_snapshots(found)
        )

    return asset


def build_raw_asset(dataset: Dataset) -> dg.AssetsDefinition:
    """Declare a dataset's raw Parquet: every column as text, without rows that break the dataset's contract."""

    @dg.asset(
        key=["raw", dataset.table],
        deps=[build_snapshot_key(dataset.path)],
        group_name="raw",
        description=f"{dataset.title}. Every column as received; rows that break the contract are in meta.quarantine.",
        kinds={"parquet"},
        tags={"source": dataset.source},
        metadata={
            "dagster/column_schema": _build_schema(dataset),
            "dagster/table_name": f"raw.{dataset.table}",
            **link_code(find_declaration(dataset.source)),
        },
    )
    def asset(warehouse: Warehouse) -> dg.MaterializeResult:  # type: ignore[type-arg]
        received = receive_dataset(warehouse.project, dataset)
        return dg.MaterializeResult(
            data_version=dg.DataVersion(received.fingerprint[:16]), metadata=describe_raw(received)
        )

    return asset


read_snapshots = dg.define_asset_job(
    "read_snapshots",
    selection=dg.AssetSelection.groups("snapshots", "raw"),
    config=JSON_LOGS,
    executor_def=find_executor(),
    description="Verifies every snapshot and converts it into raw Parquet, for the next build.",
)


@dg.definitions
def snapshots() -> dg.Definitions:
    offered = [(source, dataset) for source in list_sources() for dataset in source.datasets]
    return dg.Definitions(
        assets=[build_snapshot_asset(source, dataset) for source, dataset in offered]
        + [build_raw_asset(dataset) for _, dataset in offered],
        jobs=[read_snapshots],
    )
