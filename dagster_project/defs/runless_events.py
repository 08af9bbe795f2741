"""Runless events: the current publication reported to Dagster, as if a run of Dagster had made it.

Here: the events of a publication, and a sensor that reports them where Dagster lacks them. `make ui` does so before it
starts, and the sensor while it runs, so a build by the command line never waits for Dagster, or imports it. Not here:
how anything looks in Dagster, which stands beside what it shows.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import duckdb
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

from dagster_project import publication, raw, snapshots
from dagster_project.audit.records import read_checks
from dagster_project.database import fetch_records
from dagster_project.defs import checks, claims, freshness, tables
from dagster_project.defs import publication as publication_asset
from dagster_project.defs import report as report_asset
from dagster_project.defs import snapshots as snapshot_asset
from dagster_project.defs.common import (
    BUILD_JOBS,
    PUBLICATION,
    REPORT,
    build_refresh_key,
    build_snapshot_key,
    build_table_key,
    find_project,
    load_catalog,
)
from dagster_project.defs.refresh import list_live
from dagster_project.engines import Table
from dagster_project.engines.work_file import read_all_types
from dagster_project.project import Project
from dagster_project.refresh.state import list_states
from dagster_project.report.page import find_first_pair, is_report_of
from dagster_project.sources import list_datasets


def report_publication(instance: dg.DagsterInstance, project: Project, *, after_failure: bool = False) -> str | None:
    """Report the current publication: a materialization of each asset, and an evaluation of each check.

    Dagster's own record says whether it knows a publication, so a second call reports nothing, and one that was cut
    short is made up for: the publication comes last.

    Args:
        instance: Where it is reported.
        project: Whose publication.
        after_failure: Whether to report what Dagster knows again, if a run of its own has failed to publish since.

    Returns:
        The publication that was reported; None if there is none, or Dagster knows it.
    """
    current = publication.get_current_id(project)
    if current is None or (
        current == _find_last_reported(instance) and not (after_failure and _has_failed_since(instance))
    ):
        return None
    with publication.open_published(project) as connection:
        # The name may mean another file by now.
        (made,) = fetch_records(connection, "from meta.publication")
        *materializations, last = _list_materializations(connection, project, made)
        for observation in _list_observations(project):
            instance.report_runless_asset_event(observation)
        for materialization in materializations:
            instance.report_runless_asset_event(materialization)
        for evaluation in _list_evaluations(connection, project, instance):
            instance.report_runless_asset_event(evaluation)
        instance.report_runless_asset_event(last)
        # After what it is drawn from; a build that could not draw it has left the one before.
        if is_report_of(project.report, str(made["publication_id"]), find_first_pair(project)):
            shown = report_asset.describe_report(project)
            instance.report_runless_asset_event(dg.AssetMaterialization(asset_key=REPORT, metadata=shown))
    return str(made["publication_id"])


def _find_last_reported(instance: dg.DagsterInstance) -> str | None:
    """Find the last publication that Dagster made, or that was reported to it."""
    event = instance.get_latest_materialization_event(PUBLICATION)
    materialization = event.asset_materialization if event is not None else None
    value = materialization.metadata.get("publication_id") if materialization is not None else None
    return None if value is None else str(value.value)


def _has_failed_since(instance: dg.DagsterInstance) -> bool:
    """Return whether a run has tried and failed to publish since Dagster last learned of a publication."""
    (entry,) = (record.asset_entry for record in instance.get_asset_records([PUBLICATION]))
    run = instance.get_run_record_by_id(entry.last_run_id) if entry.last_run_id else None
    known = entry.last_materialization_record
    if run is None or known is None:
        return False
    return run.dagster_run.is_failure_or_canceled and run.create_timestamp.timestamp() > known.timestamp


def _list_materializations(
    connection: duckdb.DuckDBPyConnection, project: Project, made: dict[str, Any]
) -> Iterator[dg.AssetMaterialization]:
    """List a materialization for each asset, upstream first: Dagster takes the older of two for stale."""
    held = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    found = {
        path: [snapshot for snapshot in every if snapshot.id in held]
        for path, every in snapshots.find_all_snapshots(project).items()
    }
    for path, of_dataset in found.items():
        yield _build_materialization(
            build_snapshot_key(path),
            snapshot_asset.build_data_version(of_dataset),
            snapshot_asset.describe_snapshots(of_dataset),
        )
    for dataset in list_datasets():
        read = raw.receive_dataset(project, dataset, found[dataset.path])
        yield _build_materialization(
            build_table_key(f"raw.{dataset.table}"), read.fingerprint[:16], snapshot_asset.describe_raw(read)
        )
    types = read_all_types(connection)
    hashes = {
        row[0]: row[1:]
        for row in connection.execute("select table_name, row_count, content_hash from meta.table_hashes").fetchall()
    }
    for name, model in load_catalog().models.items():
        # What the checkout has since added is not in the publication.
        if name in hashes:
            rows, content_hash = hashes[name]
            table = None if model.is_macro else Table(name, rows, content_hash, types[name])
            yield _build_materialization(
                build_table_key(name), content_hash, tables.describe_table(model, table, connection)
            )
    yield _build_materialization(
        PUBLICATION, made["content_hash"], publication_asset.describe_publication(project, made)
    )


def _build_materialization(asset: dg.AssetKey, version: str, metadata: dict[str, Any]) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(asset_key=asset, metadata=metadata, tags={DATA_VERSION_TAG: version})


def _list_observations(project: Project) -> Iterator[dg.AssetObservation]:
    """List an observation for each dataset at its publisher: what is held of it."""
    for source, dataset in list_live():
        found = snapshots.find_snapshots(project, dataset.path)
        nothing = {"held": f"Nothing yet: `bilateral refresh {source.code}` asks."}
        held = snapshot_asset.describe_snapshots(found) if found else nothing
        yield dg.AssetObservation(asset_key=build_refresh_key(dataset.path), metadata=held)


def _list_evaluations(
    connection: duckdb.DuckDBPyConnection, project: Project, instance: dg.DagsterInstance
) -> Iterator[dg.AssetCheckEvaluation]:
    """List an evaluation for each check of what is published, of the table as it was just reported."""
    declared = {(name, rule.check) for name, suite in load_catalog().suites.items() for rule in suite.expectations}
    results = [
        checks.describe_result(result)
        for result, _ in read_checks(connection, load_catalog().suites)
        if (result.table, result.check) in declared
    ]
    judged = claims.read_verdicts(connection)
    for claim in (claim for article in load_catalog().claims for claim in article.claims):
        if claim.claim_id in judged:
            results.append(claims.describe_verdict(claim.claim_id, judged[claim.claim_id]))
    results += [freshness.describe_freshness(state) for state in list_states(project, os.environ, datetime.now(UTC))]
    assets = {result.asset_key for result in results if result.asset_key is not None}
    records = {record.asset_entry.asset_key: record.asset_entry for record in instance.get_asset_records([*assets])}
    for result in results:
        assert result.asset_key is not None
        assert result.check_name is not None
        record = records[result.asset_key].last_materialization_record
        yield dg.AssetCheckEvaluation(
            asset_key=result.asset_key,
            check_name=result.check_name,
            passed=result.passed,
            severity=result.severity,
            description=result.description,
            metadata=result.metadata,
            target_materialization_data=None
            if record is None
            else AssetCheckEvaluationTargetMaterializationData(
                storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
            ),
        )


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def built_elsewhere(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Report to Dagster what the command line has published; start nothing."""
    runs = context.instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))
    if any(run.job_name in BUILD_JOBS for run in runs):
        return dg.SkipReason("A build is running here: what it makes is newer than what is published.")
    reported = report_publication(context.instance, find_project())
    return dg.SkipReason(f"Reported {reported}." if reported else "Dagster knows what is published.")
