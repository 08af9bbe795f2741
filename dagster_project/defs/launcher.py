"""Launch runs as Dagster does by default, and report the runs whose process has died.

Here: the launcher that `.dagster/dagster.yaml` names. Not here: marking a dead run as failed, which Dagster's run
monitoring does. Without a report from the launcher, a run would stay STARTED for ever after a power cut.
"""

import json
import socket

import dagster as dg

# Private names, because no public one tells whether a run's process exists. Check them in each new version of Dagster,
# also those in `reporting`, before you raise the limit in `pyproject.toml`.
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

# The seconds to wait for a code server to take a connection or to answer.
PATIENCE = 10


class WatchedRunLauncher(DefaultRunLauncher):
    """A launcher that also checks whether the process of a run exists."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Return whether the code server that started a run still runs it."""
        if GRPC_INFO_TAG not in run.tags:
            # The run is in a shell (`dg launch`); Dagster counts it as dead after `max_runtime_seconds`.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        began = json.loads(run.tags[GRPC_INFO_TAG])
        if not _is_listening(began):
            return CheckRunHealthResult(WorkerStatus.FAILED, "The code server that started the run is gone.")
        client = self._get_grpc_client_for_termination(run.run_id)  # type: ignore[no-untyped-call]
        try:
            asked = CanCancelExecutionRequest(run_id=run.run_id)
            answer = client.can_cancel_execution(asked, timeout=PATIENCE)
        except DagsterUserCodeUnreachableError:
            # The code server is too busy to answer.
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "The code server has no process for the run.")


def _is_listening(began: dict[str, str | int]) -> bool:
    """Return whether the code server that started a run listens at its address."""
    try:
        if began.get("socket"):
            with socket.socket(socket.AF_UNIX) as tried:
                tried.settimeout(PATIENCE)
                tried.connect(str(began["socket"]))
        else:
            socket.create_connection((str(began["host"]), int(began["port"])), PATIENCE).close()
    except (TimeoutError, BlockingIOError):
        # The code server exists, but is too busy to take a connection, or its queue is full.
        return True
    except OSError:
        return False
    return True
