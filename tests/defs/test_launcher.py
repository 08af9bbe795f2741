"""The launcher reports a run as dead if the code server that started it is gone."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from dagster_project.defs import launcher
from dagster_project.defs.launcher import WatchedRunLauncher


@pytest.fixture
def instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    monkeypatch.setattr(launcher, "PATIENCE", 0.5)
    # The path of a socket has room for a hundred characters.
    monkeypatch.chdir(tmp_path)
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def health(instance: dg.DagsterInstance, tags: dict[str, str]) -> WorkerStatus:
    """Return the launcher's report on a started run with these tags."""
    asked = WatchedRunLauncher()
    asked.register_instance(instance)
    run = dg.DagsterRun(job_name="build_warehouse", status=dg.DagsterRunStatus.STARTED, tags=tags)
    instance.add_run(run)
    return asked.check_run_worker_health(run).status


SOCKET = "socket"
BEGAN_THERE = {GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": SOCKET})}


def test_a_run_of_a_shell_is_taken_to_be_running(instance: dg.DagsterInstance) -> None:
    assert health(instance, {}) == WorkerStatus.RUNNING


def test_a_run_whose_code_server_is_gone_is_dead(instance: dg.DagsterInstance) -> None:
    assert health(instance, BEGAN_THERE) == WorkerStatus.FAILED


def test_a_code_server_that_is_too_busy_to_answer_is_there(instance: dg.DagsterInstance) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(SOCKET)
        server.listen()
        assert health(instance, BEGAN_THERE) == WorkerStatus.RUNNING


def test_a_code_server_for_which_as_many_wait_as_may_is_there(instance: dg.DagsterInstance) -> None:
    """Linux then says EAGAIN at once: https://man7.org/linux/man-pages/man2/connect.2.html."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as waiting:
        server.bind(SOCKET)
        server.listen(0)
        waiting.connect(SOCKET)
        assert health(instance, BEGAN_THERE) == WorkerStatus.RUNNING
