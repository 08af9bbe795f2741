"""Dagster refreshes what the command line refreshes, a year or a range of years in one run, and never in a build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from dagster_project import snapshots
from dagster_project.definitions import defs as load_defs
from dagster_project.project import HOME_VARIABLE, Project
from dagster_project.refresh import planning
from dagster_project.sources import dataset, sources
from tests.refresh import running
from tests.refresh.publisher import publishers
from tests.refresh.publishers.comtrade import NOTHING
from tests.refresh.running import FakeTime
from tests.refresh.server import Reply, Server, serving

COMTRADE = next(one for one in publishers() if one.dataset == "comtrade/goods")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return load_defs()


@pytest.fixture
def where(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = running.project(tmp_path, COMTRADE.configuration)
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    monkeypatch.setenv("BILATERAL_COMTRADE_URL", server.address)
    time = FakeTime(datetime(2026, 11, 25, 6, tzinfo=UTC))
    monkeypatch.setattr(planning, "Clock", lambda: time.clock)
    return made


def refreshed(where: Project, path: str = "comtrade/goods", **config: Any) -> dg.ExecuteInProcessResult:
    """A run of the job for one dataset, Comtrade's unless another is named."""
    with dg.DagsterInstance.ephemeral() as instance:
        return (
            load_defs()
            .resolve_job_def("refresh_sources")
            .execute_in_process(
                instance=instance,
                op_selection=[dataset(path).table],
                run_config={
                    "resources": {"warehouse": {"config": {"warehouse": str(where.warehouse)}}},
                    "ops": {dataset(path).table: {"config": config}},
                },
                raise_on_error=False,
            )
        )


def told(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """What the run has recorded on the asset of the dataset."""
    (event,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.ASSET_MATERIALIZATION]
    assert event.asset_key is not None
    assert event.asset_key.path[0] == "refresh"
    return {name: value.value for name, value in event.materialization.metadata.items()}


def test_there_is_an_asset_for_each_live_dataset_upstream_of_its_snapshots(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for publisher in sources():
        for offered in publisher.datasets:
            key = dg.AssetKey(["refresh", offered.table])
            parents = graph.get(dg.AssetKey(["snapshots", offered.table])).parent_keys
            assert (key in parents) == (offered.name in publisher.live)


def test_nothing_that_dagster_can_materialize_asks_a_publisher(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    assert not [key for key in graph.materializable_asset_keys if key.path[0] == "refresh"]
    # One run can so materialize everything: no asset has partitions, which the others lack.
    assert not [key for key in graph.get_all_asset_keys() if graph.get(key).is_partitioned]
    chosen = defs.resolve_job_def("build_warehouse").asset_layer.selected_asset_keys
    assert chosen == graph.materializable_asset_keys
    asked = {node.name for node in defs.resolve_job_def("refresh_sources").nodes}
    assert asked == {key.path[1] for key in graph.get_all_asset_keys() if key.path[0] == "refresh"}
    assert len(asked) == sum(len(publisher.live) for publisher in sources())


def test_the_schedule_asks_for_what_is_new_and_is_off(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("monthly_refresh")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    tick = datetime(2026, 12, 16, 6, 0, tzinfo=ZoneInfo("Asia/Seoul"))
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=tick, repository_def=defs.get_repository_def()
        )
        (request,) = schedule.evaluate_tick(context).run_requests or ()
    assert request.run_config == {}


def test_a_year_is_asked_for_and_shown(where: Project, server: Server) -> None:
    server.route({COMTRADE.url: Reply(COMTRADE.right, headers=JSON)}, otherwise=Reply(NOTHING, headers=JSON))
    result = refreshed(where, since=2024, until=2024)
    assert result.success
    metadata = told(result)
    assert (metadata["new"], metadata["changed"], metadata["refused"]) == (2, 0, 0)
    assert metadata["requests"] == metadata["planned"] == len(server.received)
    assert all("period=2024" in received.target for received in server.received)
    (archived,) = snapshots.find(where, "comtrade/goods")
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
    assert "1 responses were refused" in str(data.description)
    assert "reporter_code" in str(data.metadata["refusals"].value)
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    assert snapshots.find(where, "comtrade/goods") == []


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
