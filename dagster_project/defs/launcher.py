"""The launcher of runs: Dagster's default launcher, which also reports dead runs.

Here: the launcher that `.dagster/dagster.yaml` names. Not here: marking a dead run as failed, which Dagster's run
monitoring does. Without a report from the launcher, a run would stay STARTED for ever after a power cut.
"""

import json
import socket

import dagster as dg

from dagster_project.defs.internals import (
    GRPC_INFO_TAG,
    CanCancelExecutionRequest,
    CanCancelExecutionResult,
    CheckRunHealthResult,
    DagsterUserCodeUnreachableError,
    DefaultRunLauncher,
    WorkerStatus,
    deserialize_value,
)

# Seconds within which a code server that is there takes a connection, or answers.
PATIENCE = 10


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, which also checks whether the process of a run exists."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Return whether the code server that started a run still runs it."""
        if GRPC_INFO_TAG not in run.tags:
            # Of a shell (`dg launch`), which runs it itself: after `max_runtime_seconds` it counts as dead.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        began = json.loads(run.tags[GRPC_INFO_TAG])
        if not _is_listening(began):
            return CheckRunHealthResult(WorkerStatus.FAILED, "The code server that began it is gone.")
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        try:
            asked = CanCancelExecutionRequest(run_id=run.run_id)
            answer = client.can_cancel_execution(asked, timeout=PATIENCE)
        except DagsterUserCodeUnreachableError:
            # It listens, and is too busy to answer.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "The code server has no process of it.")


def _is_listening(began: dict[str, str | int]) -> bool:
    """Return whether a code server listens at its address."""
    try:
        if began.get("socket"):
            with socket.socket(socket.AF_UNIX) as tried:
                tried.settimeout(PATIENCE)
                tried.connect(str(began["socket"]))
        else:
            socket.create_connection((str(began["host"]), int(began["port"])), PATIENCE).close()
    except (TimeoutError, BlockingIOError):
        # It took no connection in time, or its queue is full: it is there, and busy.
        return True
    except OSError:
        return False
    return True
