"""A live Dagster: a terminated run ends, whatever it waits for, and leaves no process behind."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import MagicMock

import dagster as dg
import pytest
from dagster._core.test_utils import create_run_for_test, freeze_time
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration

from tests import making
from tests.defs.live import Live, home_in, instance_of, interface, stop
from tests.refresh.server import Reply, Server, serving

STARTED, FAILURE, CANCELED = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED
WORLDBANK = "refresh/worldbank__wdi"
# Seconds in which a run ends, on a machine that does other things, too.
AT_ONCE = 20

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_a_run_of_a_shell_that_died_is_marked_after_the_longest_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of such a run (`dg launch`) nobody knows whether its process is there."""
    home = str(home_in(tmp_path / "home"))
    monkeypatch.setenv("DAGSTER_HOME", home)
    with dg.DagsterInstance.from_config(home) as instance:
        workspace = MagicMock(instance=instance)
        most = instance.run_monitoring_max_runtime_seconds
        now = datetime.now(UTC)

        def looked_at(ago: float) -> dg.DagsterRunStatus:
            with freeze_time(now - timedelta(seconds=ago)):
                run = create_run_for_test(instance, "build_warehouse")
                instance.report_dagster_event(dg.DagsterEvent("PIPELINE_START", "build_warehouse"), run.run_id)
            assert list(execute_run_monitoring_iteration(workspace, logging.getLogger("test"))) == [None]
            (record,) = instance.get_run_records(dg.RunsFilter(run_ids=[run.run_id]))
            return record.dagster_run.status

        assert looked_at(most + 60) == FAILURE
        assert looked_at(most - 60) == STARTED


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


def waits(live: Live, server: Server, reply: Reply) -> str:
    """Launch a run that waits for its publisher's reply."""
    server.reply(reply)
    run = live.launch("refresh_sources", WORLDBANK)
    live.until(lambda: bool(server.received), "a request")
    live.becomes(run, STARTED)
    return run


@pytest.mark.longest
def test_what_is_ended_ends_and_what_is_killed_begins_again(tmp_path: Path, server: Server) -> None:
    where, home = making.checkout(tmp_path / "warehouse"), home_in(tmp_path / "home")
    at = {"BILATERAL_WORLDBANK_URL": server.address}
    # The publisher says nothing; or the run waits until it may send a request again.
    silence, pause = Reply(delivery="hang"), Reply(b"busy", 503, {"Retry-After": "9"})
    with interface(where, home, tmp_path / "first.log", **at) as live:
        for reply in (silence, pause):
            run = waits(live, server, reply)
            worker = live.worker(run)
            live.terminate(run)
            live.becomes(run, CANCELED, within=AT_ONCE)
            live.until(lambda: worker not in live.processes(), "the worker to end", AT_ONCE)  # noqa: B023

        # Whose process is killed is marked, and begins again by itself.
        run = waits(live, server, silence)
        os.kill(live.worker(run), signal.SIGKILL)
        live.becomes(run, FAILURE, within=60)
        again = dg.RunsFilter(tags={"dagster/parent_run_id": run}, statuses=[STARTED])
        live.until(lambda: live.instance.get_runs_count(again) == 1, "it to begin again", 60)
        (abandoned,) = (one.run_id for one in live.instance.get_runs(again))

        # The machine loses power.
        os.killpg(live.process.pid, signal.SIGKILL)
        for process in live.processes():
            os.kill(process, signal.SIGKILL)
        live.until(lambda: not live.processes(), "everything to end", AT_ONCE)
        assert live.status(abandoned) == STARTED

    with interface(where, home, tmp_path / "second.log", **at) as live:
        live.becomes(abandoned, FAILURE, within=60)
        run = waits(live, server, silence)
        stop(live)
        assert live.processes() == set()
        with instance_of(home) as instance:
            assert all(one.is_finished for one in instance.get_runs())
