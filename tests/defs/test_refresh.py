"""Dagster refreshes what the command line refreshes, a year or a range of years in one run, and never in a build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project import publication, snapshots
from dagster_project.defs.common import PUBLICATION, build_refresh_key
from dagster_project.pipeline.records import Step
from dagster_project.pipeline.setting_aside import SetAsideSearch
from dagster_project.project import HOME_VARIABLE, WAREHOUSE_VARIABLE, Project
from dagster_project.refresh import planning, run
from dagster_project.refresh.result import Result
from dagster_project.snapshots.set_aside import SetAside
from dagster_project.sources import list_sources
from tests.defs.answering import answer
from tests.defs.live import run_refresh_job
from tests.refresh import running
from tests.refresh.publisher import publishers
from tests.refresh.publishers.comtrade import NOTHING
from tests.refresh.running import FakeTime
from tests.refresh.server import Reply, Server, serving

JOBS = ("build_warehouse", "refresh_sources", "update_warehouse")
COMTRADE = next(one for one in publishers() if one.dataset == "comtrade/goods")
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def where(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = running.project(tmp_path, COMTRADE.configuration)
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", server.address)
    time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    return made


def refreshed(where: Project, path: str = "comtrade/goods", **config: Any) -> dg.ExecuteInProcessResult:
    """Run the refresh job for one dataset, by default Comtrade's; return the result."""
    with dg.DagsterInstance.ephemeral() as instance:
        return run_refresh_job(instance, where.warehouse, path, **config)


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Return the metadata that a run recorded for the dataset's asset."""
    (event,) = result.get_asset_observation_events()
    observation = event.asset_observation_data.asset_observation
    assert observation.asset_key.path[0] == "refresh"
    return {name: value.value for name, value in observation.metadata.items()}


def answered(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    """Return the result of the check that the publisher answered."""
    (evaluation,) = result.get_asset_check_evaluations()
    assert evaluation.check_name == "answered"
    return evaluation


def test_there_is_an_asset_for_each_live_dataset_upstream_of_its_snapshots(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for publisher in list_sources():
        for offered in publisher.datasets:
            key = dg.AssetKey(["refresh", offered.table])
            parents = graph.get(dg.AssetKey(["snapshots", offered.table])).parent_keys
            assert (key in parents) == (offered.name in publisher.live)


def test_nothing_that_dagster_can_materialize_asks_a_publisher(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert not [key for key in graph.materializable_asset_keys if key.path[0] == "refresh"]
    # One run can so materialize everything: no asset has partitions, which the others lack.
    assert not [key for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned]
    chosen = {name: defs.resolve_job_def(name).asset_layer.selected_asset_keys for name in JOBS}
    assert chosen["build_warehouse"] == {dg.AssetKey(["publication"]), dg.AssetKey(["report"])}
    assert chosen["refresh_sources"] == {key for key in graph.get_all_asset_keys() if key.path[0] == "refresh"}
    assert len(chosen["refresh_sources"]) == sum(len(publisher.live) for publisher in list_sources())
    assert chosen["update_warehouse"] == chosen["build_warehouse"] | chosen["refresh_sources"]


def test_a_year_is_asked_for_and_shown(where: Project, server: Server) -> None:
    server.route({COMTRADE.url: Reply(COMTRADE.right, headers=JSON)}, otherwise=Reply(NOTHING, headers=JSON))
    result = refreshed(where, since=2024, until=2024)
    assert result.success
    metadata = told(result)
    assert (metadata["new"], metadata["changed"], metadata["refused"]) == (2, 0, 0)
    assert metadata["requests"] == metadata["planned"] == len(server.received)
    assert all("period=2024" in received.target for received in server.received)
    assert answered(result).passed
    (archived,) = snapshots.find_snapshots(where, "comtrade/goods")
    assert archived.id in metadata["archived"]


def test_a_range_of_years_is_one_run(where: Project, server: Server) -> None:
    server.reply(Reply(NOTHING, headers=JSON))
    result = refreshed(where, since=2022, until=2024)
    assert result.success
    asked = {received.target.partition("period=")[2][:4] for received in server.received}
    assert asked == {"2022", "2023", "2024"}


def test_a_refused_response_fails_the_run_and_is_not_tried_again(where: Project, server: Server) -> None:
    wrong = Reply(COMTRADE.scenarios["wrong_economy"].content, headers=JSON)
    server.route({COMTRADE.url: wrong}, otherwise=Reply(NOTHING, headers=JSON))
    result = refreshed(where, since=2024, until=2024)
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert "1 response was refused" in str(data.description)
    assert "reporter_code" in str(data.metadata["refusals"].value)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert not answered(result).passed
    assert snapshots.find_snapshots(where, "comtrade/goods") == []


def test_a_key_that_is_not_accepted_fails_the_run_and_says_so(
    where: Project, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILATERAL_COMTRADE_KEY", "open-sesame")
    server.reply(Reply(b'{"statusCode":401,"message":"Access denied"}', 401, JSON))
    result = refreshed(where, since=2024, until=2024)
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert str(data.description).startswith("the key is not accepted (HTTP 401: Access denied)")


def test_a_missing_key_is_a_warning(where: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILATERAL_BOK_KEY", raising=False)
    result = refreshed(where, "bok/services_annual", since=2024, until=2024)
    assert result.success
    assert "set BILATERAL_BOK_KEY" in told(result)["skipped"]


def test_silence_ends_the_run_at_once(where: Project, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    server.reply(Reply(b"busy", 503))
    result = refreshed(where, since=2024, until=2024)
    assert not result.success
    assert sum(time.waits) < 60
    # It asks for more time than a run waits.
    server.reply(Reply(b"busy", 503, {"Retry-After": "60"}))
    waited = len(time.waits)
    result = refreshed(where, since=2024, until=2024)
    assert "the publisher demands a pause of 60 seconds" in told(result)["skipped"]
    assert len(server.received) == 1
    assert sum(time.waits[waited:]) < 10


def test_a_setting_that_is_wrong_is_the_check_s_to_say(where: Project) -> None:
    where.configuration.write_text("pairs = 3\n", encoding="utf-8")
    result = refreshed(where)
    assert not result.success
    assert "bilateral.toml" in str(answered(result).description)


@pytest.mark.long
def test_an_update_that_no_publisher_answers_builds_and_fails(
    warehouse: Project, defs: dg.Definitions, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply(Reply(b"busy", 503))
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", server.address)
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    with dg.DagsterInstance.ephemeral() as instance:
        built = defs.resolve_job_def("build_warehouse").asset_layer.selected_asset_keys
        result = defs.resolve_job_def("update_warehouse").execute_in_process(
            instance=instance, asset_selection=[build_refresh_key("comtrade/goods"), *built], raise_on_error=False
        )
        record = instance.get_latest_materialization_event(PUBLICATION)
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert failure.step_key == "report"
    assert "No publisher answered" in str(failure.step_failure_data.user_failure_data)
    # What is published is shown.
    assert record is not None


@pytest.mark.long
def test_a_run_that_set_a_response_aside_says_so_in_the_list_of_runs(
    warehouse: Project, defs: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = SetAside("imf/imts", "It jumps.", "build", date(2026, 11, 29), snapshots=("imf/imts/0123456789ab",))
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
    steps = SetAsideSearch.run_steps

    def decide(self: SetAsideSearch) -> Iterator[Step]:
        self._on_decision(decision)
        yield from steps(self)

    monkeypatch.setattr(SetAsideSearch, "run_steps", decide)
    with dg.DagsterInstance.ephemeral() as instance:
        result = defs.resolve_job_def("build_warehouse").execute_in_process(instance=instance)
        run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags["bilateral/set_aside"] == decision.name


@pytest.mark.long
@pytest.mark.parametrize("how", ["is silent", pytest.param("crashes the step that asks it", marks=pytest.mark.longest)])
def test_an_update_builds_with_what_came_where_another_publisher_fails(
    warehouse: Project, defs: dg.Definitions, server: Server, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    before, crashes = publication.get_current_id(warehouse), how != "is silent"
    ask = run.run_refresh

    def crash(where: Project, codes: list[str], *given: Any, **named: Any) -> list[Result]:
        if codes == ["comtrade"]:
            raise ZeroDivisionError
        return ask(where, codes, *given, **named)

    if crashes:
        monkeypatch.setattr(run, "run_refresh", crash)
    with serving() as silent:
        silent.reply(Reply(b"busy", 503))
        answer(server, warehouse, {("NE.IMP.GNFS.ZS", "DEU", "2024"): 37.7})
        monkeypatch.setenv("BILATERAL_WORLDBANK_URL", server.address)
        monkeypatch.setenv("BILATERAL_COMTRADE_URL", silent.address)
        monkeypatch.setenv(WAREHOUSE_VARIABLE, str(warehouse.warehouse))
        time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
        monkeypatch.setattr(planning, "Clock", lambda: time.clock)
        with dg.DagsterInstance.ephemeral() as instance:
            asked = [build_refresh_key("worldbank/wdi"), build_refresh_key("comtrade/goods")]
            built = defs.resolve_job_def("build_warehouse").asset_layer.selected_asset_keys
            result = defs.resolve_job_def("update_warehouse").execute_in_process(
                instance=instance, asset_selection=[*asked, *built], raise_on_error=False
            )
            verdicts = {
                one.asset_key: one.passed
                for one in result.get_asset_check_evaluations()
                if one.check_name == "answered"
            }
        assert bool(silent.received) != crashes
    # A crash fails the run, so that somebody looks, after the build.
    assert result.success != crashes
    failed = {} if crashes else {build_refresh_key("comtrade/goods"): False}
    assert verdicts == {build_refresh_key("worldbank/wdi"): True, **failed}
    assert publication.get_current_id(warehouse) != before
    with publication.open_published(warehouse) as connection:
        shown = connection.execute(
            "select value from core.macro_indicators "
            "where (indicator_code, economy_code, year) = ('NE.IMP.GNFS.ZS', 'DEU', 2024)"
        ).fetchall()
    assert shown == [(37.7,)]
