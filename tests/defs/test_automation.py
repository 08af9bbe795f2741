"""Automation: schedules by the publishers' calendars, and the sensor that repeats requests without an answer."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import (
    create_run_for_test,
    create_test_daemon_workspace_context,
    freeze_time,
    instance_for_test,
    load_remote_repo,
)
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._scheduler.scheduler import launch_scheduled_runs
from dagster._utils.schedules import schedule_execution_time_iterator

from dagster_project import raw
from dagster_project.defs import automation
from dagster_project.defs.common import PUBLICATION, REFRESH_TAGS, REPORT
from dagster_project.project import HOME_VARIABLE, Project
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, StopReason, plan_refresh
from dagster_project.refresh.result import Result
from dagster_project.refresh.run import run_refresh
from dagster_project.sources import find_dataset, find_source, list_sources
from dagster_project.sources.calendar import Releases
from tests.refresh import running
from tests.refresh.publishers import kcs
from tests.refresh.server import Reply, Server, serving

SEOUL = ZoneInfo("Asia/Seoul")
LIVE = [one.code for one in list_sources() if one.live]


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = running.project(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, str(made.root))
    monkeypatch.setattr(automation, "find_project", lambda: made)
    for code in LIVE:
        monkeypatch.setenv(find_source(code).key_variable, "open-sesame")
    return made


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


def asked_by(request: dg.RunRequest | str) -> set[str]:
    """List the publishers that a run request asks."""
    assert isinstance(request, dg.RunRequest)
    return {key.path[1].partition("__")[0] for key in request.asset_selection or [] if key.path[0] == "refresh"}


def built_by(request: dg.RunRequest) -> set[dg.AssetKey]:
    return {key for key in request.asset_selection or [] if key.path[0] != "refresh"}


# --- schedules ---


def tick(defs: dg.Definitions, instance: dg.DagsterInstance, code: str) -> dg.RunRequest | str:
    """Evaluate a schedule; return its run requests, or the reason to skip."""
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2026, 12, 15, 18, tzinfo=SEOUL),
        repository_def=defs.get_repository_def(),
    )
    found = defs.resolve_schedule_def(f"update_{code}").evaluate_tick(context)
    return found.run_requests[0] if found.run_requests else str(found.skip_message)


def test_each_publisher_has_a_schedule_which_is_off(defs: dg.Definitions) -> None:
    schedules = {one.name: one for one in defs.get_repository_def().schedule_defs}
    assert set(schedules) == {f"update_{code}" for code in LIVE}
    for schedule in schedules.values():
        assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
        assert schedule.execution_timezone == "Asia/Seoul"
        assert schedule.job_name == "update_warehouse"
    sensors = {one.name: one.default_status for one in defs.get_repository_def().sensor_defs}
    for name in ("retry_refresh", "changed_snapshots"):
        assert sensors[name] == dg.DefaultSensorStatus.STOPPED


@pytest.mark.parametrize(
    ("code", "days"),
    [
        # Customs: totals on the 1st, the whole month about the 15th; then what a weekend held up.
        ("kcs", ["12-01", "12-04", "12-15", "12-18", "01-01", "01-04"]),
        # Three days after a 28th it is the 3rd at the latest.
        ("imf", ["12-03", "12-28", "01-03", "01-28", "02-03", "02-28"]),
        ("worldbank", ["01-01", "01-04", "04-01", "04-04"]),
        ("oecd_wto", ["12-15", "12-18", "12-15"]),
    ],
)
def test_the_days_are_those_of_the_publisher_s_calendar(defs: dg.Definitions, code: str, days: list[str]) -> None:
    crons = defs.resolve_schedule_def(f"update_{code}").cron_schedule
    ticks = schedule_execution_time_iterator(datetime(2026, 11, 29, tzinfo=SEOUL).timestamp(), crons, "Asia/Seoul")
    found = [next(ticks) for _ in days]
    assert [f"{at:%m-%d}" for at in found] == days
    assert {at.hour for at in found} == {18}


def test_what_a_holiday_held_up_in_december_is_asked_for_in_january(monkeypatch: pytest.MonkeyPatch) -> None:
    late = replace(find_source("oecd_wto"), releases=Releases({"A": 12}, day=26, months=(6, 12)))
    assert automation.list_crons(late) == ["0 18 26 6,12 *", "0 18 1 7,1 *"]


def test_the_environment_puts_another_time_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILATERAL_KCS_CRON", "30 7 * * 1")
    assert automation.list_crons(find_source("kcs")) == ["30 7 * * 1"]
    assert automation.list_crons(find_source("imf")) == ["0 18 28 * *", "0 18 3 * *"]


def test_a_tick_asks_its_publisher_alone_and_builds_everything(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    request = tick(defs, instance, "kcs")
    assert isinstance(request, dg.RunRequest)
    assert asked_by(request) == {"kcs"}
    assert built_by(request) == {PUBLICATION, REPORT}


def test_a_tick_says_why_it_asks_nobody(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BILATERAL_KCS_KEY")
    assert "set BILATERAL_KCS_KEY" in str(tick(defs, instance, "kcs"))
    assert "turned off in bilateral.toml" in str(tick(defs, instance, "oecd_wto"))
    with Log(where) as log:
        log.record_pause("imf", datetime.now(UTC) + timedelta(hours=1), "busy")
    assert "demanded a pause" in str(tick(defs, instance, "imf"))


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.filterwarnings("ignore:.*is deprecated and will be removed:Warning")  # Dagster, of what it calls itself
def test_after_downtime_only_the_last_missed_tick_runs(where: Project) -> None:
    """The scheduler itself, over a clock that stands still for three months."""
    began = datetime(2026, 9, 10, tzinfo=SEOUL)
    here = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(executable_path=sys.executable, module_name="dagster_project.definitions"),
        location_name="bilateral",
    )
    queue = {"run_coordinator": {"module": "dagster._core.run_coordinator", "class": "QueuedRunCoordinator"}}
    with (
        instance_for_test(overrides=queue) as instance,
        create_test_daemon_workspace_context(InProcessWorkspaceLoadTarget(here), instance) as workspace,
    ):
        schedule = load_remote_repo(workspace, "__repository__").get_schedule("update_kcs")

        def scheduler(at: datetime) -> list[datetime]:
            with freeze_time(at):
                futures: dict[str, Future[Any]] = {}
                list(
                    launch_scheduled_runs(
                        workspace, logging.getLogger("test"), at.astimezone(UTC), {}, scheduler_run_futures=futures
                    )
                )
            ticks = instance.get_ticks(schedule.get_remote_origin_id(), schedule.selector_id)
            return [datetime.fromtimestamp(one.timestamp, SEOUL) for one in ticks]

        with freeze_time(began):
            instance.start_schedule(schedule)
        assert scheduler(began) == []
        assert scheduler(datetime(2026, 9, 15, 18, 1, tzinfo=SEOUL)) == [datetime(2026, 9, 15, 18, tzinfo=SEOUL)]
        # Down from then on: eleven ticks are missed, the last of them on 18 December.
        missed = scheduler(datetime(2026, 12, 20, 3, tzinfo=SEOUL))
        assert missed[0] == datetime(2026, 12, 18, 18, tzinfo=SEOUL)
        assert len(missed) == 2
        assert instance.get_runs_count() == 2
        assert scheduler(datetime(2026, 12, 20, 4, tzinfo=SEOUL)) == missed


def customs(where: Project, server: Server, at: datetime) -> dict[str, int]:
    """Refresh from Korea's customs, which have changed a quarter of a year; return the changed values by month."""
    time = running.FakeTime(at)
    environment = {"BILATERAL_KCS_URL": server.address, "BILATERAL_KCS_KEY": "open-sesame"}
    options = Options(environment=environment, clock=time.clock)
    today = at.year * 12 + at.month - 1
    shown = {f"{month // 12}-{month % 12 + 1:02}": 10**10 + min(today - month, 3) for month in range(2023 * 12, today)}
    (planned,) = plan_refresh(where, ["kcs"], options)
    routes = {}
    for one in planned.requests:
        assert one.request.periods is not None
        first, last = one.request.periods
        items = [
            {**kcs.COUNTRY[0], "year": month.replace("-", "."), "expDlr": str(value)}
            for month, value in shown.items()
            if first <= month <= last
        ]
        target = one.address.removeprefix(server.address)
        routes[f"{target}&serviceKey=open-sesame"] = Reply(kcs.body(items), headers={"Content-Type": kcs.XML})
    server.route(routes, otherwise=Reply(status=404))
    results = run_refresh(where, ["kcs"], options)
    assert not any(one.failed for one in results), results
    return shown


def held(where: Project) -> dict[str, int]:
    """Read Korea's exports to China by month from the newest snapshots."""
    received = raw.receive_dataset(where, find_dataset("kcs/goods_monthly"))
    since = {one.id: one.manifest.known_from for one in received.snapshots}
    files = [str(file) for file in received.files]
    rows = duckdb.sql(f"select snapshot_id, month, exports_usd from read_parquet({files})").fetchall()
    return {month: int(value) for _, month, value in sorted(rows, key=lambda row: since[row[0]])}


@pytest.mark.long
def test_ticks_that_were_missed_lose_no_figure(tmp_path: Path) -> None:
    settings = 'pairs = ["KOR-CHN"]\n[kcs]\nfirst_year = 2023\nproducts = []\nend_use = false\n'
    always, away = (running.project(tmp_path / name, settings) for name in ("always", "away"))
    ticks = [datetime(2025, 9, 15, 9, tzinfo=UTC), *(datetime(2026, month, 15, 9, tzinfo=UTC) for month in range(1, 8))]
    with serving() as server:
        for at in ticks:
            shown = customs(always, server, at)
        for at in (ticks[0], ticks[-1]):
            assert customs(away, server, at)
    assert max(shown) == "2026-06"
    assert held(always) == held(away) == shown


# --- the sensor that asks again ---


def ended(where: Project, path: str, at: datetime, stopped: StopReason | None, **of_result: Any) -> None:
    """Log that a refresh ended at a time, for the reason `stopped`."""
    skipped = None if stopped is None else f"it stopped for {stopped}"
    with Log(where) as log:
        log.record_result(
            path,
            at,
            Result(path.partition("/")[0], path, stopped=stopped, skipped=skipped, **of_result).record,
        )


def look(defs: dg.Definitions, instance: dg.DagsterInstance) -> dg.RunRequest | str:
    """Evaluate the sensor; return its run requests, or the reason to skip."""
    context = dg.build_sensor_context(instance=instance, repository_def=defs.get_repository_def())
    found = defs.resolve_sensor_def("retry_refresh").evaluate_tick(context)
    return found.run_requests[0] if found.run_requests else str(found.skip_message)


def launched(instance: dg.DagsterInstance, request: dg.RunRequest, status: dg.DagsterRunStatus) -> None:
    create_run_for_test(instance, "update_warehouse", status=status, tags={**REFRESH_TAGS, **request.tags})


def test_who_gave_no_answer_is_asked_again_when_the_wait_is_over(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    assert look(defs, instance) == "Every publisher answered when it was last asked."
    now = datetime.now(UTC)
    ended(where, "imf/imts", now - timedelta(minutes=4), "silence")
    ended(where, "worldbank/wdi", now - timedelta(minutes=4), None, new=3)
    said = str(look(defs, instance))
    assert f"imf: again at {now + timedelta(minutes=1):%Y-%m-%d %H:%M}" in said
    assert "it stopped for silence" in said
    ended(where, "imf/imts", now - timedelta(minutes=6), "silence")
    request = look(defs, instance)
    assert isinstance(request, dg.RunRequest)
    assert asked_by(request) == {"imf"}
    assert built_by(request) == {PUBLICATION, REPORT}
    # One request without an answer is no silence, and has to be sent again all the same.
    ended(where, "imf/imts", now, None)
    ended(where, "comtrade/goods", now - timedelta(minutes=6), None, unanswered=["KOR: nothing came"])
    assert asked_by(look(defs, instance)) == {"comtrade"}


def test_nobody_is_asked_before_its_pause_is_over(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    now = datetime.now(UTC)
    ended(where, "comtrade/goods", now - timedelta(hours=2), "quota")
    with Log(where) as log:
        log.record_pause("comtrade", now + timedelta(hours=5), "busy")
    assert f"comtrade: again at {now + timedelta(hours=5):%Y-%m-%d %H:%M}" in str(look(defs, instance))
    with Log(where) as log:
        log.record_pause("comtrade", now - timedelta(seconds=1), "busy")
    assert asked_by(look(defs, instance)) == {"comtrade"}


def test_a_quota_of_the_day_is_over_the_next_day(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    now = datetime.now(UTC)
    ended(where, "comtrade/goods", now - timedelta(hours=2), "quota")
    api = find_source("comtrade").api
    assert api is not None
    assert api.per_day is not None
    with Log(where) as log:
        for _ in range(api.per_day):
            log.record_request("comtrade", now)
    assert f"again at {now + timedelta(days=1):%Y-%m-%d} 00:00" in str(look(defs, instance))


@pytest.mark.parametrize("stopped", ["key", "moved", "no key", "off"])
def test_what_does_not_pass_is_not_asked_again(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance, stopped: StopReason
) -> None:
    ended(where, "comtrade/goods", datetime.now(UTC) - timedelta(days=1), stopped)
    assert isinstance(look(defs, instance), str)


def test_who_is_turned_off_or_has_no_key_is_not_asked_again(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("kcs/goods_monthly", "oecd_wto/batis"):
        ended(where, path, datetime.now(UTC) - timedelta(days=1), "silence")
    assert asked_by(look(defs, instance)) == {"kcs"}
    monkeypatch.delenv("BILATERAL_KCS_KEY")
    assert isinstance(look(defs, instance), str)


def test_what_is_no_longer_asked_for_is_not_asked_again(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    ended(where, "comtrade/goods", datetime.now(UTC) - timedelta(days=1), "silence")
    assert asked_by(look(defs, instance)) == {"comtrade"}
    where.configuration.write_text('pairs = ["KOR-CHN"]\n[comtrade]\nfrequencies = []\nproducts = []\n', "utf-8")
    assert isinstance(look(defs, instance), str)


def test_it_waits_longer_each_time_and_gives_up_for_the_day(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance
) -> None:
    now = datetime.now(UTC)
    for minutes in automation.WAITS:
        ended(where, "imf/imts", now - timedelta(minutes=minutes - 1), "silence")
        assert isinstance(look(defs, instance), str)
        ended(where, "imf/imts", now - timedelta(minutes=minutes + 1), "silence")
        request = look(defs, instance)
        assert isinstance(request, dg.RunRequest)
        launched(instance, request, dg.DagsterRunStatus.FAILURE)
    ended(where, "imf/imts", now - timedelta(hours=20), "silence")
    assert "imf: asked again 4 times within a day" in str(look(defs, instance))
    # Another publisher has a count of its own.
    ended(where, "kosis/goods_monthly", now - timedelta(minutes=6), "silence")
    assert asked_by(look(defs, instance)) == {"kosis"}


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_it_lets_a_refresh_end_first(
    where: Project, defs: dg.Definitions, instance: dg.DagsterInstance, status: dg.DagsterRunStatus
) -> None:
    ended(where, "imf/imts", datetime.now(UTC) - timedelta(hours=1), "silence")
    request = look(defs, instance)
    assert isinstance(request, dg.RunRequest)
    launched(instance, request, status)
    assert look(defs, instance) == "A refresh is running."
