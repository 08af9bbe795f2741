"""Dagster's records do not wait for the disk but for one another, and a process that is killed loses none of them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.storage import PromptEventLogStorage
from tests.defs.live import home_in, instance_of

REPORT_AND_DIE = """
import os, signal
import dagster as dg
with dg.DagsterInstance.get() as instance:
    for number in range(20):
        instance.report_runless_asset_event(dg.AssetMaterialization("one", metadata={"number": number}))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.long
def test_what_was_reported_outlives_a_process_that_is_killed(tmp_path: Path) -> None:
    home = home_in(tmp_path / "home")
    where = os.environ | {"DAGSTER_HOME": str(home)}
    done = subprocess.run([sys.executable, "-c", REPORT_AND_DIE], check=False, env=where)
    assert done.returncode < 0
    with instance_of(home) as instance:
        newest = instance.get_latest_materialization_event(dg.AssetKey("one"))
        assert newest is not None
        assert newest.asset_materialization is not None
        assert newest.asset_materialization.metadata["number"].value == 19


def test_no_event_waits_for_the_disk(tmp_path: Path) -> None:
    with instance_of(home_in(tmp_path / "home")) as instance:
        events = instance.event_log_storage
        assert isinstance(events, PromptEventLogStorage)
        instance.report_runless_asset_event(dg.AssetMaterialization("one"))
        log = Path(events.path_for_shard("index") + "-wal")
        before = log.stat().st_size
        with events.index_connection() as connection:
            # At `normal` it waits when the log is written into the database alone, as the last to leave would do.
            assert connection.exec_driver_sql("pragma synchronous").scalar() == 1
        instance.report_runless_asset_event(dg.AssetMaterialization("one"))
        assert log.stat().st_size > before > 0


def add_a_run(instance: dg.DagsterInstance) -> None:
    instance.run_storage.add_run(dg.DagsterRun(job_name="one"))


def wipe_schedules(instance: dg.DagsterInstance) -> None:
    instance.schedule_storage.wipe()


@pytest.mark.long
@pytest.mark.parametrize(("database", "write"), [("runs", add_a_run), ("schedules", wipe_schedules)])
def test_a_database_that_another_holds_longer_than_sqlite_waits_fails_nothing(
    tmp_path: Path, database: str, write: Callable[[dg.DagsterInstance], None]
) -> None:
    home = home_in(tmp_path / "home")
    with instance_of(home) as instance:
        (place,) = home.rglob(f"{database}.db")
        with closing(sqlite3.connect(place, check_same_thread=False)) as other:
            other.execute("begin immediate")
            # SQLite's connection in Python waits for five seconds.
            held = threading.Timer(6, other.rollback)
            held.start()
            began = time.monotonic()
            write(instance)
            assert time.monotonic() - began > 5
            held.join()
