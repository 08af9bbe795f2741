"""Dagster receives one event for every asset and check that the command line has published."""

from __future__ import annotations

import asyncio
import shutil
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from dagster_project import publication
from dagster_project.audit.results import read_checks
from dagster_project.defs import reporting
from dagster_project.defs.common import PAGES_VARIABLE, PUBLICATION, REPORT
from dagster_project.defs.refresh import ANSWERED
from dagster_project.defs.reporting import report_publication
from dagster_project.defs.ui import serve_pages
from dagster_project.engines.work_file import WorkFile
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from tests import making
from tests.defs.live import home_in, instance_of

BALANCE = dg.AssetKey(["marts", "trade_balance_annual"])


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    with instance_of(home_in(tmp_path / "home")) as made:
        yield made


@pytest.fixture(scope="module")
def told_home(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home of Dagster in which the built warehouse is reported, with links to pages that this process serves."""
    home = home_in(tmp_path_factory.mktemp("told") / "home")
    served = serve_pages(built.warehouse, 0)
    assert served is not None
    with pytest.MonkeyPatch.context() as patch, instance_of(home) as made:
        patch.setenv(PAGES_VARIABLE, served)
        assert report_publication(made, built) == publication.get_current_id(built)
    return home


@pytest.fixture
def told(told_home: Path, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """Open a copy of that home."""
    home = tmp_path / "told"
    shutil.copytree(told_home, home)
    with instance_of(home) as made:
        yield made


def metadata(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, Any]:
    event = instance.get_latest_materialization_event(key)
    assert event is not None
    assert event.asset_materialization is not None
    return {name: value.value for name, value in event.asset_materialization.metadata.items()}


def evaluations(instance: dg.DagsterInstance, defs: dg.Definitions) -> dict[dg.AssetCheckKey, dg.AssetCheckEvaluation]:
    keys = list(defs.resolve_asset_graph().asset_check_keys)
    found = {}
    for key, record in instance.event_log_storage.get_latest_asset_check_execution_by_key(keys).items():
        assert record.event is not None
        assert record.event.dagster_event is not None
        found[key] = record.event.dagster_event.asset_check_evaluation_data
    return found


def publish_another(project: Project) -> None:
    """Publish the current file again as publication `another`, with a different hash for one table."""
    (made,) = publication.list_publications(project)
    file = project.archive / "another.duckdb"
    shutil.copy2(project.published_file, file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update meta.publication set publication_id = 'another'")
        connection.execute(
            "update meta.table_hashes set content_hash = '0f' where table_name = $1", [".".join(BALANCE.path)]
        )
    publication.publish_file(
        project, replace(made, publication_id="another", content_hash="0f"), file, {publication.PAGE: "page"}
    )


@pytest.mark.long
def test_after_a_build_of_the_shell_every_asset_and_check_is_known(
    built: Project, defs: dg.Definitions, told: dg.DagsterInstance
) -> None:
    graph = defs.resolve_asset_graph()
    entries = {record.asset_entry.asset_key: record.asset_entry for record in told.get_asset_records()}
    assert graph.materializable_asset_keys == {
        key for key, entry in entries.items() if entry.last_materialization is not None
    }
    for key in graph.external_asset_keys:
        assert told.fetch_observations(key, limit=1).records, key
    assert metadata(told, PUBLICATION)["publication_id"] == publication.get_current_id(built)
    with publication.open_published(built) as connection:
        hashes = connection.execute("select table_name, row_count, content_hash from meta.table_hashes").fetchall()
    for name, rows, content_hash in hashes:
        shown = metadata(told, dg.AssetKey(name.split(".")))
        if "macro" not in shown:
            assert (shown["dagster/row_count"], shown["content_hash"]) == (rows, content_hash)
    types = {column.name: column.type for column in metadata(told, BALANCE)["dagster/column_schema"].columns}
    assert (types["reporter_code"], types["year"], types["balance_usd"]) == ("VARCHAR", "INTEGER", "DOUBLE")

    known = evaluations(told, defs)
    # What is published says nothing of whether the publishers answered.
    assert set(known) == {check for check in graph.asset_check_keys if check.name != ANSWERED}
    for check, evaluation in known.items():
        target = evaluation.target_materialization_data
        assert target is not None, check
        assert target.storage_id == entries[check.asset_key].last_materialization_storage_id
    assert known[dg.AssetCheckKey(BALANCE, "korea_fell_into_deficit_with_china_in_2023")].passed
    # Warnings are few and yellow, with the rows that they found.
    failed = [evaluation for evaluation in known.values() if not evaluation.passed]
    assert {evaluation.severity for evaluation in failed} == {dg.AssetCheckSeverity.WARN}
    warned = known[dg.AssetCheckKey(dg.AssetKey(["marts", "source_disagreements"]), "sources_agree")]
    assert warned.metadata["failing_rows"].value
    assert int(str(warned.metadata["unexpected_count"].value)) > 0


@pytest.mark.long
def test_what_is_told_is_not_stale(defs: dg.Definitions, told: dg.DagsterInstance) -> None:
    graph = defs.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(told, graph, LoadingContextForTest(told))
    for key in graph.materializable_asset_keys:
        assert resolver.get_status(key).value == "FRESH", (key, resolver.get_stale_causes(key))


@pytest.mark.long
def test_it_is_told_once_and_of_each_publication(warehouse: Project, told: dg.DagsterInstance) -> None:
    first = publication.get_current_id(warehouse)
    assert report_publication(told, warehouse) is None
    before = metadata(told, BALANCE)["content_hash"]

    publish_another(warehouse)
    second = report_publication(told, warehouse)
    assert second == "another"
    assert metadata(told, BALANCE)["content_hash"] == "0f"
    publication.roll_back(warehouse)
    assert report_publication(told, warehouse) == first
    assert metadata(told, BALANCE)["content_hash"] == before


def test_without_a_publication_there_is_nothing_to_tell(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    assert report_publication(instance, making.project(tmp_path)) is None
    assert instance.get_asset_keys() == []


@pytest.mark.long
def test_what_was_cut_short_is_told_again(
    warehouse: Project, told: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    publish_another(warehouse)
    with monkeypatch.context() as broken:
        broken.setattr(reporting, "_list_evaluations", fail)
        with pytest.raises(KeyboardInterrupt):
            report_publication(told, warehouse)
    assert metadata(told, BALANCE)["content_hash"] == "0f"
    assert metadata(told, PUBLICATION)["publication_id"] != "another"
    assert report_publication(told, warehouse) == "another"
    assert metadata(told, PUBLICATION)["publication_id"] == "another"


@pytest.mark.long
def test_while_the_interface_runs_a_sensor_tells(
    warehouse: Project, defs: dg.Definitions, told: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "find_project", lambda: warehouse)
    sensor = defs.resolve_sensor_def("built_elsewhere")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING

    def tick() -> str | None:
        context = dg.build_sensor_context(instance=told, repository_def=defs.get_repository_def())
        ticked = sensor.evaluate_tick(context)
        assert not ticked.run_requests
        return ticked.skip_message

    publish_another(warehouse)
    run = told.create_run_for_job(defs.resolve_job_def("build_warehouse"))
    told.report_run_canceling(run)
    assert tick() == "A build is running, which will report its own publication."
    told.report_run_canceled(run)
    assert tick() == "Reported another."
    assert tick() == "Dagster knows the current publication."

    # A run that fails stays to be seen, until the interface is opened anew.
    failed = told.create_run_for_job(defs.resolve_job_def("build_warehouse"))
    told.report_run_failed(failed)
    assert tick() == "Dagster knows the current publication."
    assert report_publication(told, warehouse, compare_all=True) == "another"
    assert report_publication(told, warehouse, compare_all=True) is None


@pytest.mark.long
def test_the_report_and_the_page_about_an_audit_open_in_a_browser(built: Project, told: dg.DagsterInstance) -> None:
    for link in (metadata(told, PUBLICATION)["audit"], metadata(told, REPORT)["report"]):
        with urllib.request.urlopen(link, timeout=10) as answer:  # noqa: S310 - http
            assert str(publication.get_current_id(built)) in answer.read().decode()


def assert_told(
    instance: dg.DagsterInstance, defs: dg.Definitions, project: Project, failing: frozenset[dg.AssetCheckKey]
) -> None:
    """Assert that Dagster's record equals the published file, plus the checks `failing` that stopped a publication."""
    graph, known = defs.resolve_asset_graph(), evaluations(instance, defs)
    assert set(known) == {check for check in graph.asset_check_keys if check.name != ANSWERED}
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key([*known])

    async def list_grey() -> list[dg.AssetCheckKey]:
        """List the checks whose last result is of an earlier materialization."""
        loading = LoadingContextForTest(instance)
        return [key for key, one in records.items() if not await one.targets_latest_materialization(loading)]

    assert asyncio.run(list_grey()) == []
    stopping = [one for one in known.items() if not one[1].passed and one[1].severity == dg.AssetCheckSeverity.ERROR]
    assert {check for check, _ in stopping} == failing
    # A rule about the number of rows has none to show.
    counted = [one.metadata for _, one in stopping if "unexpected_count" in one.metadata]
    assert all(one["failing_rows"].value for one in counted)
    assert metadata(instance, PUBLICATION)["publication_id"] == publication.get_current_id(project)
    with publication.open_published(project) as connection:
        hashes = connection.execute("select table_name, content_hash from meta.table_hashes").fetchall()
    for name, content_hash in hashes:
        shown = metadata(instance, dg.AssetKey(name.split(".")))
        assert "macro" in shown or shown["content_hash"] == content_hash, name
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    for key in graph.materializable_asset_keys:
        assert resolver.get_status(key).value == "FRESH", (key, resolver.get_stale_causes(key))


@pytest.mark.longest
@pytest.mark.long
def test_the_record_is_what_readers_have_after_every_kind_of_run(
    warehouse: Project, defs: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    staging = dg.AssetKey(["staging", "kosis__goods_annual"])
    some = dg.AssetSelection.assets(staging).downstream() & dg.AssetSelection.assets(BALANCE).upstream()
    alone = dg.define_asset_job("alone", some)
    every = dg.Definitions.merge(defs, dg.Definitions(jobs=[alone]))

    def run(job: str) -> bool:
        return every.resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False).success

    # The first run of a checkout, in which nothing has run.
    assert run("build_warehouse")
    assert_told(instance, defs, warehouse, frozenset())
    before = publication.get_current_id(warehouse)

    dataset = warehouse.snapshots / "kosis" / "goods_annual"
    kept = shutil.copytree(dataset, warehouse.warehouse.parent / "kept")
    making.edit(warehouse, "kosis/goods_annual", making.turn_positive)
    run("alone")
    assert not run("build_warehouse")
    assert publication.get_current_id(warehouse) == before
    flip = dg.AssetCheckKey(BALANCE, "korea_fell_into_deficit_with_china_in_2023")
    with WorkFile(warehouse.work_file) as file:
        found = [one for one, _ in read_checks(file.connection, {}) if one.blocks]
    failing = frozenset(dg.AssetCheckKey(dg.AssetKey(one.table.split(".")), one.check) for one in found)
    assert flip in failing
    assert_told(instance, defs, warehouse, failing)

    shutil.rmtree(dataset)
    shutil.copytree(kept, dataset)
    assert run("build_warehouse")
    assert_told(instance, defs, warehouse, frozenset())
    assert report_publication(instance, warehouse, compare_all=True) is None
