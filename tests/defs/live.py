"""Run Dagster as a user does (`make ui`) over a test's warehouse, and call its API.

Here: starting it, launching and ending runs, waiting for their results. Not here: a browser (`test_browser`).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg

from dagster_project.definitions import defs
from dagster_project.defs.common import build_refresh_key
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.sources import find_dataset

SELECTOR = {"repositoryName": "__repository__", "repositoryLocationName": "bilateral"}


def home_in(folder: Path) -> Path:
    """Make an unused home folder for Dagster, with the committed configuration."""
    folder.mkdir()
    shutil.copy(Project.find().root / ".dagster" / "dagster.yaml", folder)
    return folder


def instance_of(home: Path) -> dg.DagsterInstance:
    """Open Dagster's records in a home folder."""
    with mock.patch.dict(os.environ, DAGSTER_HOME=str(home)):
        return dg.DagsterInstance.get()


def run_refresh_job(
    instance: dg.DagsterInstance, warehouse: Path, path: str, **config: object
) -> dg.ExecuteInProcessResult:
    """Run the refresh job in this process, for one dataset."""
    resources = {"warehouse": {"config": {"warehouse": str(warehouse)}}}
    ops = {find_dataset(path).table: {"config": config}}
    job = defs().resolve_job_def("refresh_sources")
    return job.execute_in_process(
        instance=instance,
        asset_selection=[build_refresh_key(path)],
        run_config={"resources": resources, "ops": ops},
        raise_on_error=False,
    )


class Live:
    """A running Dagster."""

    def __init__(
        self, process: subprocess.Popen[bytes], address: str, home: Path, log: Path, instance: dg.DagsterInstance
    ) -> None:
        self.process = process
        self.address = address
        self.home = home
        self.log = log
        self.instance = instance

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the answer of Dagster's API to a query."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        asked = urllib.request.Request(  # noqa: S310 - this machine
            f"{self.address}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=60) as response:  # noqa: S310
            answer = json.load(response)
        assert "errors" not in answer, answer
        (value,) = answer["data"].values()
        return value

    def launch(self, job: str, *assets: str, config: Mapping[str, Any] | None = None) -> str:
        """Launch a job, for some assets only if they are named; return the run's ID."""
        selector: dict[str, Any] = {**SELECTOR, "pipelineName": job}
        if assets:
            selector["assetSelection"] = [{"path": asset.split("/")} for asset in assets]
        launched = self.ask(
            "mutation ($what: ExecutionParams!) { launchPipelineExecution(executionParams: $what) { __typename "
            "... on LaunchRunSuccess { run { id } } ... on PythonError { message } "
            "... on RunConfigValidationInvalid { errors { message } } } }",
            what={"selector": selector, "runConfigData": dict(config or {}), "mode": "default"},
        )
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["id"])

    def terminate(self, run: str) -> None:
        """Terminate a run, as the button *Terminate* does."""
        ended = self.ask(
            "mutation ($run: String!) { terminateRun(runId: $run, terminatePolicy: SAFE_TERMINATE) { __typename } }",
            run=run,
        )
        assert ended["__typename"] == "TerminateRunSuccess", ended

    def status(self, run: str) -> dg.DagsterRunStatus:
        found = self.instance.get_run_by_id(run)
        assert found is not None
        return found.status

    def becomes(self, run: str, *statuses: dg.DagsterRunStatus, within: float = 180) -> float:
        """Wait until a run has one of the statuses; return the seconds that this took."""
        return self.until(lambda: self.status(run) in statuses, f"{run} to become {statuses}", within)

    def succeeds(self, run: str, within: float = 180) -> None:
        """Wait until a run has ended; assert that it succeeded, with its failures as the message."""
        ended = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED
        self.becomes(run, *ended, within=within)
        told = self.failures(run) + self.log.read_text()[-5000:]
        assert self.status(run) == dg.DagsterRunStatus.SUCCESS, told

    def failures(self, run: str) -> str:
        """Describe the failures of a run with their reasons."""
        failures = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.RUN_FAILURE}
        return "\n".join(str(event.get_dagster_event()) for event in self.instance.all_logs(run, of_type=failures))

    def until(self, happens: Callable[[], bool], what: str, within: float = 180) -> float:
        """Wait until a condition holds; return the seconds that this took."""
        began = time.monotonic()
        while not happens():
            waited = time.monotonic() - began
            assert waited < within, f"waited {waited:.0f} s for {what}\n{self.log.read_text()[-5000:]}"
            time.sleep(0.1)
        return time.monotonic() - began

    def worker(self, run: str) -> int:
        """Return the process of a run."""
        for event in self.instance.all_logs(run, of_type=dg.DagsterEventType.ENGINE_EVENT):
            metadata = event.get_dagster_event().engine_event_data.metadata
            if "pid" in metadata:
                return int(str(metadata["pid"].value))
        raise AssertionError(f"{run} has no process")

    def processes(self) -> set[int]:
        """List every process of this Dagster, including orphans."""
        mark = f"DAGSTER_HOME={self.home}".encode()
        found = set()
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    environment = (folder / "environ").read_bytes()
                    state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                except OSError:
                    continue
                if mark in environment.split(b"\0") and state != "Z":
                    found.add(int(folder.name))
        return found


@contextmanager
def interface(project: Project, home: Path, log: Path, **environment: str) -> Iterator[Live]:
    """Start the user interface over a warehouse, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Two processes that make its files at once would be in each other's way.
    instance = instance_of(home)
    with log.open("ab") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.defs.ui", str(port)],
            cwd=project.root,
            env=os.environ | environment | {"DAGSTER_HOME": str(home), WAREHOUSE_VARIABLE: str(project.warehouse)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    live = Live(started, f"http://127.0.0.1:{port}", home, log, instance)
    try:

        def is_up() -> bool:
            assert started.poll() is None, log.read_text()
            with socket.socket() as tried:
                return tried.connect_ex(("127.0.0.1", port)) == 0

        live.until(is_up, "the user interface")
        yield live
    finally:
        stop(live)


def stop(live: Live) -> None:
    """Stop Dagster as Ctrl-C in its terminal does."""
    if live.process.poll() is None:
        os.killpg(live.process.pid, signal.SIGINT)
        try:
            live.process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(live.process.pid, signal.SIGKILL)
    live.instance.dispose()
