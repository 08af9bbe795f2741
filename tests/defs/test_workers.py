"""Two processes in one warehouse fetch and parse what one would: nothing is lost, nothing asked or kept twice."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
import yaml
from filelock import FileLock

from dagster_project import raw
from dagster_project.defs.common import EXECUTOR_VARIABLE, find_executor
from dagster_project.errors import BilateralError
from dagster_project.project import HOME_VARIABLE, SNAPSHOTS_VARIABLE, WAREHOUSE_VARIABLE, Project
from dagster_project.refresh import planning
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options
from dagster_project.refresh.run import run_refresh
from dagster_project.sources import find_dataset, list_datasets
from tests.defs.live import run_refresh_job
from tests.refresh import running
from tests.refresh.publishers import comtrade, worldbank
from tests.refresh.running import FakeTime
from tests.refresh.server import Reply, Server, serving

pytestmark = pytest.mark.long

# Not the project's: the processes of a test have one of their own.
PAGE = Path(__file__).parents[2] / "docs" / "workers.md"
NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)
ASKED = ("comtrade/goods", "worldbank/wdi")
# What each process asks for, in its order: both begin with the same.
YEARS = (("2021", "2022", "2020"), ("2021", "2022", "2023"))
JSON = {"Content-Type": "application/json"}


def in_two_processes(work: Callable[..., Any], *given: tuple[Any, ...]) -> list[Any]:
    """What a function returns in each of two processes, which begin in the same moment."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(given), context, _begin, (context.Barrier(len(given)),)) as pool:
        return [done.result(timeout=600) for done in [pool.submit(work, *one) for one in given]]


def _begin(barrier: Barrier) -> None:
    # In containers that share a folder it is often the same.
    os.getpid = lambda: 1
    barrier.wait(60)


def figures(year: str) -> dict[str, bytes]:
    """What the publishers answer about a year, by what they are asked."""
    (trade,), (growth,) = comtrade.PUBLISHERS, worldbank.PUBLISHERS
    flows = [comtrade.record(flow, value + int(year)) for flow, value in comtrade.VALUES.items()]
    records = [record | {"period": year, "refYear": int(year)} for record in flows]
    return {
        trade.url.replace("period=2024", f"period={year}"): comtrade.body(records),
        growth.url.replace("2022%3A2025", f"{year}%3A{year}"): worldbank.page(
            worldbank.figures({("CHN", year): int(year) / 300, ("KOR", year): int(year) / 900})
        ),
    }


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.route(
            {
                target: Reply(content, headers=JSON)
                for year in sorted({year for years in YEARS for year in years})
                for target, content in figures(year).items()
            },
            otherwise=Reply(comtrade.NOTHING, headers=JSON),
        )
        yield running


def ask_in_runs(warehouse: Path, years: tuple[str, ...]) -> int:
    """Runs of Dagster, one a year and a dataset; returns how many requests they sent."""
    time = FakeTime(NOW)
    planning.Clock = lambda: time.clock  # type: ignore[assignment, attr-defined, misc]
    sent = 0
    for year in years:
        for path in ASKED:
            with dg.DagsterInstance.ephemeral() as instance:
                result = run_refresh_job(instance, warehouse, path, since=int(year), until=int(year))
            (event,) = result.get_asset_observation_events()
            observation = event.asset_observation_data.asset_observation
            sent += int(str(observation.metadata["requests"].value))
    return sent


def held(where: Project, path: str) -> list[tuple[Any, ...]]:
    """The figures of a dataset, without the times at which they came."""
    files = [str(file) for file in raw.receive_dataset(where, find_dataset(path)).files]
    return duckdb.sql(f"select * exclude (snapshot_id, row_number) from read_parquet({files}) order by all").fetchall()


def test_two_processes_fetch_what_one_would(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    (trade,), (growth,) = comtrade.PUBLISHERS, worldbank.PUBLISHERS
    configuration = f"{trade.configuration}{growth.configuration.partition(chr(10))[2]}"
    for code in ("COMTRADE", "WORLDBANK"):
        monkeypatch.setenv(f"BILATERAL_{code}_URL", server.address)

    alone = running.project(tmp_path / "alone", configuration)
    time = FakeTime(NOW)
    for year in sorted({year for years in YEARS for year in years}):
        first, last = date(int(year), 1, 1), date(int(year), 12, 31)
        for path in ASKED:
            run_refresh(
                alone, [path.partition("/")[0]], Options(since=first, until=last, datasets={path}, clock=time.clock)
            )
    once = sorted(received.target for received in server.received)
    server.received.clear()

    where = running.project(tmp_path / "together", configuration)
    monkeypatch.setenv(HOME_VARIABLE, str(where.root))
    sent = in_two_processes(ask_in_runs, *((where.warehouse, years) for years in YEARS))

    assert sorted(received.target for received in server.received) == once
    assert all(sent)
    assert sum(sent) == len(once)
    with Log(where) as log:
        assert sum(log.count_requests(code, NOW) for code in ("comtrade", "worldbank")) == len(once)
    for path in ASKED:
        assert held(where, path) == held(alone, path)
        assert len(held(where, path)) == len(server._routes)
    assert not where.refused.exists()
    assert list((where.fetched / ".half").iterdir()) == []
    assert list(where.archive.rglob("*.tmp")) == []


def parse() -> dict[str, int]:
    """A run of the job that reads snapshots; returns the rows that it says of each dataset."""
    from dagster_project.definitions import defs

    with dg.DagsterInstance.ephemeral() as instance:
        chosen = [dg.AssetKey(["raw", offered.table]) for offered in list_datasets()]
        job = defs().resolve_job_def("read_snapshots")
        result = job.execute_in_process(instance=instance, asset_selection=chosen)
    rows: dict[str, Any] = {
        event.asset_key.path[1]: event.materialization.metadata["dagster/row_count"].value
        for event in result.get_asset_materialization_events()
    }
    return rows


def test_two_processes_parse_what_one_would_and_wait_for_no_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Project.find()
    alone, where = (
        Project.at(home.root, warehouse=tmp_path / name, snapshots=home.snapshots) for name in ("alone", "together")
    )
    monkeypatch.setenv(WAREHOUSE_VARIABLE, str(where.warehouse))
    monkeypatch.setenv(SNAPSHOTS_VARIABLE, str(home.snapshots))
    # Definitions read more of a warehouse than its snapshots.
    shutil.copytree(home.reference, where.reference)
    shutil.copytree(home.claims, where.claims)
    where.archive.mkdir()
    rows = {offered.table: raw.receive_dataset(alone, offered).row_count for offered in list_datasets()}
    with FileLock(where.lock_file):
        found = in_two_processes(parse, (), ())
    assert found == [rows, rows]
    made = {
        project: {file.relative_to(project.raw): file.read_bytes() for file in project.raw.rglob("*.*")}
        for project in (alone, where)
    }
    assert made[where] == made[alone]


def test_the_environment_names_the_executor_of_what_may_run_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "from dagster_project.definitions import defs\n"
        "for name in ('refresh_sources', 'read_snapshots', 'build_warehouse'):\n"
        "    print(defs().resolve_job_def(name).executor_def.name)"
    )
    monkeypatch.setenv(EXECUTOR_VARIABLE, "dagster:multiprocess_executor")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    # The steps of a build share one work file.
    assert done.stdout.split() == ["multiprocess", "multiprocess", "in_process"]


def test_an_executor_that_there_is_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(EXECUTOR_VARIABLE, raising=False)
    assert find_executor() is dg.in_process_executor
    for wrong in ("dagster:Definitions", "dagster:no_such_executor", "no_such_package:executor", "multiprocess", ":"):
        monkeypatch.setenv(EXECUTOR_VARIABLE, wrong)
        with pytest.raises(BilateralError, match=f"{EXECUTOR_VARIABLE} is '{wrong}'"):
            find_executor()


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(# \w+:.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
def test_the_configurations_in_the_page_are_what_their_executors_take(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, _, _ = text.removeprefix("# ").partition(",")
    pytest.importorskip(named.partition(":")[0], reason="its package is not installed")
    monkeypatch.setenv(EXECUTOR_VARIABLE, named)

    @dg.job(executor_def=find_executor())
    def any_job() -> None: ...

    assert dg.validate_run_config(any_job, yaml.safe_load(text))
