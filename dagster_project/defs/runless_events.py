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
from dagster_project.build.records import audited
from dagster_project.database import records
from dagster_project.defs import checks, claims, freshness, tables
from dagster_project.defs import publication as publication_asset
from dagster_project.defs import report as report_asset
from dagster_project.defs import snapshots as snapshot_asset
from dagster_project.defs.common import (
    BUILD_JOBS,
    PUBLICATION,
    REPORT,
    catalog,
    key,
    refresh_key,
    snapshot_key,
)
from dagster_project.defs.common import project as checkout
from dagster_project.defs.refresh import live
from dagster_project.engines import Table
from dagster_project.engines.work_file import all_types
from dagster_project.project import Project
from dagster_project.refresh.state import states
from dagster_project.report.page import find_first_pair, is_report_of
from dagster_project.sources import datasets


def report_publication(instance: dg.DagsterInstance, project: Project, *, after_failure: bool = False) -> str | None:
    """Reports the current publication: a materialization of each asset, and an evaluation of each check.

    Dagster's own record says whether it knows a publication, so a second call reports nothing, and one that was cut
    short is made up for: the publication comes last.

    Args:
        instance: Where it is reported.
        project: Whose publication.
        after_failure: Whether to report what Dagster knows again, if a run of its own has failed to publish since.

    Returns:
        The publication that was reported; None if there is none, or Dagster knows it.
    """
    current = publication.current_id(project)
    if current is None or (current == _last_reported(instance) and not (after_failure and _failed_since(instance))):
        return None
    with publication.reading(project) as connection:
        # The name may mean another file by now.
        (made,) = records(connection, "from meta.publication")
        *materializations, last = _materializations(connection, project, made)
        for observation in _observations(project):
            instance.report_runless_asset_event(observation)
        for materialization in materializations:
            instance.report_runless_asset_event(materialization)
        for evaluation in _evaluations(connection, project, instance):
            instance.report_runless_asset_event(evaluation)
        instance.report_runless_asset_event(last)
        # After what it is drawn from; a build that could not draw it has left the one before.
        if is_report_of(project.report, str(made["publication_id"]), find_first_pair(project)):
            shown = report_asset.shown(project)
            instance.report_runless_asset_event(dg.AssetMaterialization(asset_key=REPORT, metadata=shown))
    return str(made["publication_id"])


def _last_reported(instance: dg.DagsterInstance) -> str | None:
    """The last publication that Dagster made, or that was reported to it."""
    event = instance.get_latest_materialization_event(PUBLICATION)
    materialization = event.asset_materialization if event is not None else None
    value = materialization.metadata.get("publication_id") if materialization is not None else None
    return None if value is None else str(value.value)


def _failed_since(instance: dg.DagsterInstance) -> bool:
    """Whether a run has set out to publish since Dagster last knew of a publication, and did not get there."""
    (entry,) = (record.asset_entry for record in instance.get_asset_records([PUBLICATION]))
    run = instance.get_run_record_by_id(entry.last_run_id) if entry.last_run_id else None
    known = entry.last_materialization_record
    if run is None or known is None:
        return False
    return run.dagster_run.is_failure_or_canceled and run.create_timestamp.timestamp() > known.timestamp


def _materializations(
    connection: duckdb.DuckDBPyConnection, project: Project, made: dict[str, Any]
) -> Iterator[dg.AssetMaterialization]:
    """One for each asset of the publication, what is upstream first: Dagster takes the older of two for stale."""
    held = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    found = {
        path: [snapshot for snapshot in every if snapshot.id in held]
        for path, every in snapshots.find_all(project).items()
    }
    for path, of_dataset in found.items():
        yield _materialization(snapshot_key(path), snapshot_asset.version(of_dataset), snapshot_asset.shown(of_dataset))
    for dataset in datasets():
        read = raw.receive(project, dataset, found[dataset.path])
        yield _materialization(key(f"raw.{dataset.table}"), read.fingerprint[:16], snapshot_asset.shown_raw(read))
    types = all_types(connection)
    hashes = {
        row[0]: row[1:]
        for row in connection.execute("select table_name, row_count, content_hash from meta.table_hashes").fetchall()
    }
    for name, model in catalog().models.items():
        # What the checkout has since added is not in the publication.
        if name in hashes:
            rows, content_hash = hashes[name]
            table = None if model.is_macro else Table(name, rows, content_hash, types[name])
            yield _materialization(key(name), content_hash, tables.shown(model, table, connection))
    yield _materialization(PUBLICATION, made["content_hash"], publication_asset.shown(project, made))


def _materialization(asset: dg.AssetKey, version: str, metadata: dict[str, Any]) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(asset_key=asset, metadata=metadata, tags={DATA_VERSION_TAG: version})


def _observations(project: Project) -> Iterator[dg.AssetObservation]:
    """One for each dataset at its publisher: what is held of it."""
    for source, dataset in live():
        found = snapshots.find(project, dataset.path)
        nothing = {"held": f"Nothing yet: `bilateral refresh {source.code}` asks."}
        held = snapshot_asset.shown(found) if found else nothing
        yield dg.AssetObservation(asset_key=refresh_key(dataset.path), metadata=held)


def _evaluations(
    connection: duckdb.DuckDBPyConnection, project: Project, instance: dg.DagsterInstance
) -> Iterator[dg.AssetCheckEvaluation]:
    """One for each check of what is published, of the table as it was just reported."""
    declared = {(name, rule.check) for name, suite in catalog().suites.items() for rule in suite.expectations}
    results = [
        checks.shown(result)
        for result, _ in audited(connection, catalog().suites)
        if (result.table, result.check) in declared
    ]
    judged = claims.verdicts(connection)
    for claim in (claim for article in catalog().claims for claim in article.claims):
        if claim.claim_id in judged:
            results.append(claims.shown(claim.claim_id, judged[claim.claim_id]))
    results += [freshness.shown(state) for state in states(project, os.environ, datetime.now(UTC))]
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
    """Reports to Dagster what the command line has published; it starts nothing."""
    runs = context.instance.get_runs(dg.RunsFilter(statuses=IN_PROGRESS_RUN_STATUSES))
    if any(run.job_name in BUILD_JOBS for run in runs):
        return dg.SkipReason("A build is running here: what it makes is newer than what is published.")
    reported = report_publication(context.instance, checkout())
    return dg.SkipReason(f"Reported {reported}." if reported else "Dagster knows what is published.")
