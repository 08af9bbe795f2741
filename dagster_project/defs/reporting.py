"""Report published assets and checks to Dagster, so that its record matches the published file.

Here: the events for that record. A run that publishes yields them. The command line yields none, because importing
Dagster takes long; `make ui` (before it starts Dagster) or a sensor (while Dagster runs) reports what was published.
Not here: how Dagster shows an asset, which is in the module that declares it.

An asset is reported if its content, its code or the content of its inputs differs from Dagster's record; a check is
reported if its result differs, or if its asset is reported. Unchanged assets need no event. After a run that made only
some tables, or whose audit failed, the record differs from the published file; the next report corrects the record
(docs/decisions/0009-a-run-reports-changes.md).
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

# Private names, because no public ones build the event of an asset or a check outside its step (see also `launcher`).
from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluationTargetMaterializationData
from dagster._core.definitions.data_version import (
    CODE_VERSION_TAG,
    DATA_VERSION_IS_USER_PROVIDED_TAG,
    DATA_VERSION_TAG,
    INPUT_DATA_VERSION_TAG_PREFIX,
    get_input_data_version_tag,
    get_input_event_pointer_tag,
)

from dagster_project import publication, raw, snapshots
from dagster_project.audit.results import read_checks
from dagster_project.database import fetch_records
from dagster_project.defs import checks, claims, freshness, tables
from dagster_project.defs import publication as publication_asset
from dagster_project.defs import report as report_asset
from dagster_project.defs import snapshots as snapshot_asset
from dagster_project.defs.common import (
    BUILD_JOBS,
    PUBLICATION,
    REPORT,
    UNFINISHED,
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
from dagster_project.sources import Dataset, list_datasets

if TYPE_CHECKING:
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord
    from dagster._core.storage.event_log.base import AssetEntry

Describe = Callable[[], dict[str, Any]]
Event = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation

Result = dg.MaterializeResult | dg.AssetCheckResult  # type: ignore[type-arg]

# Dagster's data version of an asset that it only observes, until an observation gives another.
OBSERVED = "INITIAL"
# The fields of a check's result that are reported and compared.
SHOWN = ("passed", "severity", "description", "metadata")


@dataclass(frozen=True)
class Published:
    """The state of an asset in the published file."""

    key: dg.AssetKey
    version: str  # a hash of its content
    reads: Mapping[dg.AssetKey, str]  # the version of each asset that this asset reads
    describe: Describe  # builds the metadata that Dagster shows for it
    code: str | None = None  # a hash of its code, if it declares one

    def build_event(self) -> dg.AssetMaterialization:
        """Build the asset's materialization, with the versions of its inputs as Dagster writes them."""
        pointers = {get_input_event_pointer_tag(key): "NULL" for key in self.reads}
        tags = {CODE_VERSION_TAG: "none", DATA_VERSION_IS_USER_PROVIDED_TAG: "true", **pointers, **self._tags}
        return dg.AssetMaterialization(asset_key=self.key, metadata=self.describe(), tags=tags)

    def is_known(self, event: dg.AssetMaterialization | None) -> bool:
        """Return whether Dagster's last materialization has the same content and inputs as this state."""
        if event is None or event.tags is None:
            return False
        read = {name for name in event.tags if name.startswith(f"{INPUT_DATA_VERSION_TAG_PREFIX}/")}
        return read <= self._tags.keys() and self._tags.items() <= event.tags.items()

    @property
    def _tags(self) -> dict[str, str]:
        tags = {DATA_VERSION_TAG: self.version} | ({CODE_VERSION_TAG: self.code} if self.code else {})
        return tags | {get_input_data_version_tag(key): version for key, version in self.reads.items()}


def report_publication(instance: dg.DagsterInstance, project: Project, *, compare_all: bool = False) -> str | None:
    """Report the current publication to Dagster as if a run had made it; return its ID, or None if nothing is new.

    The event of the publication comes last, so the next report completes an interrupted report. With `compare_all`
    every asset and check is compared even if Dagster knows the publication, because a run may have made single tables.
    """
    current = publication.get_current_id(project)
    if current is None or (current == _find_last_reported(instance) and not compare_all):
        return None
    reported = False
    with publication.open_published(project) as connection:
        for event in list_events(instance, project, connection):
            instance.report_runless_asset_event(event)
            reported = True
    return current if reported else None


def list_events(
    instance: dg.DagsterInstance,
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    wanted: Collection[dg.AssetKey | dg.AssetCheckKey] = (),
) -> Iterator[Event]:
    """Yield the events that bring Dagster's record up to date; each must be stored before the next is made.

    The assets and checks in `wanted` have an event in any case.
    """
    # Read from the open file, because another file may have its name by now.
    (made,) = fetch_records(connection, "from meta.publication")
    published = list(_list_published(project, connection, made))
    entries = _read_entries(instance, [asset.key for asset in published])
    changed = _find_unknown(instance, published, entries) | {asset.key for asset in published if asset.key in wanted}
    if _find_last_reported(instance) != made["publication_id"]:
        changed.add(PUBLICATION)
    last = PUBLICATION, REPORT
    yield from (asset.build_event() for asset in published if asset.key in changed and asset.key not in last)
    yield from _list_observations(project, changed)
    entries |= _read_entries(instance, list(changed))
    yield from _list_evaluations(project, connection, instance, entries, {*changed, *wanted})
    yield from (asset.build_event() for asset in published if asset.key in changed and asset.key in last)


def _find_last_reported(instance: dg.DagsterInstance) -> str | None:
    """Return the ID of the last publication in Dagster's record, from a run or a report."""
    event = instance.get_latest_materialization_event(PUBLICATION)
    materialization = event.asset_materialization if event is not None else None
    value = materialization.metadata.get("publication_id") if materialization is not None else None
    return None if value is None else str(value.value)


def _read_entries(instance: dg.DagsterInstance, keys: list[dg.AssetKey]) -> "dict[dg.AssetKey, AssetEntry]":
    """Read Dagster's record of each asset, by key."""
    return {one.asset_entry.asset_key: one.asset_entry for one in instance.get_asset_records(keys)}


def _find_unknown(
    instance: dg.DagsterInstance, published: list[Published], entries: "Mapping[dg.AssetKey, AssetEntry]"
) -> set[dg.AssetKey]:
    """Find the assets whose published state differs from Dagster's record, or that a later run failed to make."""

    @cache
    def is_over(run_id: str) -> bool:
        run = instance.get_run_by_id(run_id)
        return run is not None and run.is_finished

    def is_known(asset: Published) -> bool:
        entry = entries.get(asset.key)
        known = entry.last_materialization_record if entry is not None else None
        if entry is None or known is None or not asset.is_known(known.asset_materialization):
            return False
        return not entry.last_run_id or entry.last_run_id == known.run_id or not is_over(entry.last_run_id)

    return {asset.key for asset in published if not is_known(asset)}


def _list_published(
    project: Project, connection: duckdb.DuckDBPyConnection, made: dict[str, Any]
) -> Iterator[Published]:
    """List the assets of a publication, upstream first."""
    versions: dict[dg.AssetKey, str] = {build_refresh_key(dataset.path): OBSERVED for _, dataset in list_live()}

    def add_asset(
        key: dg.AssetKey, version: str, reads: Iterable[dg.AssetKey], describe: Describe, code: str | None = None
    ) -> Published:
        versions[key] = version
        return Published(key, version, {read: versions[read] for read in reads if read in versions}, describe, code)

    held = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    inputs = dict(connection.execute("select input_name, input_hash from meta.inputs").fetchall())
    for dataset in list_datasets():
        found = [one for one in snapshots.find_snapshots(project, dataset.path) if one.id in held]
        snapshot, parquet = build_snapshot_key(dataset.path), build_table_key(f"raw.{dataset.table}")
        version = snapshot_asset.build_data_version(found)
        describe = partial(snapshot_asset.describe_snapshots, found)
        yield add_asset(snapshot, version, [build_refresh_key(dataset.path)], describe)
        describe = partial(_describe_raw, project, dataset, found)
        yield add_asset(parquet, inputs.get(f"raw.{dataset.table}", version)[:16], [snapshot], describe)
    types = read_all_types(connection)
    hashes = {
        row[0]: row[1:]
        for row in connection.execute("select table_name, row_count, content_hash from meta.table_hashes").fetchall()
    }
    for name, model in load_catalog().models.items():
        # The checkout may have newer models than the publication.
        if name in hashes:
            rows, content_hash = hashes[name]
            table = None if model.is_macro else Table(name, rows, content_hash, types[name])
            describe = partial(tables.describe_table, model, table, connection)
            reads, code = tables.list_upstream(model), tables.build_code_version(model)
            yield add_asset(build_table_key(name), content_hash, reads, describe, code)
    describe = partial(publication_asset.describe_publication, project, made)
    yield add_asset(PUBLICATION, made["content_hash"], map(build_table_key, load_catalog().models), describe)
    # If the report could not be drawn, the file is that of an earlier publication.
    if report_asset.is_report_of(project, made["publication_id"]):
        describe = partial(report_asset.describe_report, project)
        yield add_asset(REPORT, made["publication_id"], [PUBLICATION], describe)


def _describe_raw(project: Project, dataset: Dataset, found: list[snapshots.Snapshot]) -> dict[str, Any]:
    return snapshot_asset.describe_raw(raw.receive_dataset(project, dataset, found))


def _list_observations(project: Project, changed: Collection[dg.AssetKey]) -> Iterator[dg.AssetObservation]:
    """Yield an observation of the archived figures for each dataset with changed snapshots."""
    for source, dataset in list_live():
        if build_snapshot_key(dataset.path) in changed:
            found = snapshots.find_snapshots(project, dataset.path)
            nothing = {"held": f"Nothing yet: run `bilateral refresh {source.code}`."}
            held = snapshot_asset.describe_snapshots(found) if found else nothing
            yield dg.AssetObservation(asset_key=build_refresh_key(dataset.path), metadata=held)


def _list_evaluations(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    instance: dg.DagsterInstance,
    entries: "Mapping[dg.AssetKey, AssetEntry]",
    wanted: Collection[dg.AssetKey | dg.AssetCheckKey],
) -> Iterator[dg.AssetCheckEvaluation]:
    """Yield an evaluation for each wanted check, and for each check whose result Dagster does not have."""
    declared = {key for suite in load_catalog().suites.values() for key in checks.list_check_keys(suite)}
    read = [result for result, _ in read_checks(connection, load_catalog().suites)]
    results = [checks.describe_result(result) for result in read if checks.build_check_key(result) in declared]
    judged = claims.read_verdicts(connection)
    for claim in (claim for article in load_catalog().claims for claim in article.claims):
        if claim.claim_id in judged:
            results.append(claims.describe_verdict(claim.claim_id, judged[claim.claim_id]))
    results += [freshness.describe_freshness(state) for state in list_states(project, os.environ, datetime.now(UTC))]
    by_key = {
        dg.AssetCheckKey(one.asset_key, one.check_name): one for one in results if one.asset_key and one.check_name
    }
    known = instance.event_log_storage.get_latest_asset_check_execution_by_key([*by_key])
    for key, result in by_key.items():
        entry = entries.get(key.asset_key)
        of = entry.last_materialization_record if entry is not None else None
        if key in wanted or key.asset_key in wanted or not _is_known(result, known.get(key), of):
            yield build_evaluation(key, result, of)


def _is_known(
    result: dg.AssetCheckResult, execution: "AssetCheckExecutionRecord | None", of: dg.EventLogRecord | None
) -> bool:
    """Return whether Dagster has this result for the asset's last materialization."""
    known = execution.evaluation if execution is not None else None
    if execution is None or not isinstance(known, dg.AssetCheckEvaluation):
        # The check has never run, or its run ended before it.
        return False
    target = known.target_materialization_data
    is_of = of is None or execution.run_id == of.run_id or (target is not None and target.storage_id == of.storage_id)
    return is_of and all(getattr(known, name) == getattr(result, name) for name in SHOWN)


def build_evaluation(
    key: dg.AssetCheckKey, result: dg.AssetCheckResult, of: dg.EventLogRecord | None = None
) -> dg.AssetCheckEvaluation:
    """Build the event for the result of a check; `of` is the audited materialization, if it is known."""
    target = of and AssetCheckEvaluationTargetMaterializationData(
        storage_id=of.storage_id, run_id=of.run_id, timestamp=of.timestamp
    )
    shown = {name: getattr(result, name) for name in SHOWN}
    return dg.AssetCheckEvaluation(
        asset_key=key.asset_key, check_name=key.name, target_materialization_data=target, **shown
    )


def build_result(event: Event) -> Result:
    """Convert an event into the result that a step yields for a planned asset or check."""
    if isinstance(event, dg.AssetCheckEvaluation):
        shown = {name: getattr(event, name) for name in SHOWN}
        return dg.AssetCheckResult(asset_key=event.asset_key, check_name=event.check_name, **shown)
    return dg.MaterializeResult(asset_key=event.asset_key, metadata=event.metadata, tags=event.tags)


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def built_elsewhere(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Report publications of the command line to Dagster; start no run."""
    runs = context.instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
    if any(run.job_name in BUILD_JOBS for run in runs):
        return dg.SkipReason("A build is running, which will report its own publication.")
    reported = report_publication(context.instance, find_project())
    return dg.SkipReason(f"Reported {reported}." if reported else "Dagster knows the current publication.")
