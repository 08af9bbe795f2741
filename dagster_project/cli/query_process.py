"""Run the SELECTs of the command `mcp` in a second process, and kill the process when a SELECT takes too long.

DuckDB can interrupt a query between batches of rows, but not while it computes a single value. For example, a text of
two gigabytes takes a minute. `claims.evidence` checks each SELECT before this module runs it.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

from dagster_project import publication
from dagster_project.claims.evidence import fetch_rows
from dagster_project.claims.query_limits import EvidenceTimeoutError
from dagster_project.errors import BilateralError
from dagster_project.project import Project

# The seconds after the limit in which DuckDB may still interrupt the query itself, before the process is killed.
GRACE = 1.0


class QueryProcess:
    """A process with the published file open, which runs one SELECT at a time, for at most `seconds`."""

    def __init__(self, project: Project, *, seconds: float) -> None:
        self._project = project
        self._seconds = seconds
        self._process: Any = None
        self._pipe: Connection | None = None

    def fetch_rows(self, sql: str, *, at_most: int) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Run a checked SELECT, and return its columns and its first `at_most` rows.

        Raises:
            BilateralError: The SELECT fails, or takes too much time or memory.
        """
        try:
            if self._pipe is None:
                self._pipe = self._start_process()
            self._pipe.send((sql, at_most, self._seconds))
            if not self._pipe.poll(self._seconds + GRACE):
                self.kill_process()
                raise EvidenceTimeoutError(
                    f"the SELECT took more than {self._seconds:g} seconds.", remedy="Select fewer rows, or simplify it."
                )
            found, message, remedy = self._pipe.recv()
        except (EOFError, OSError):
            # The process has ended, perhaps already after the query before.
            self.kill_process()
            message = "The process that ran the query ended, probably because the query took too much memory."
            raise BilateralError(message, remedy="Select fewer rows.") from None
        if found is None:
            raise BilateralError(message, remedy=remedy)
        answer: tuple[list[str], list[tuple[Any, ...]]] = found
        return answer

    def kill_process(self) -> None:
        """Kill the process, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._pipe = None

    def _start_process(self) -> Connection:
        # A forked process would have copies of DuckDB's locks, but not the threads that release them.
        spawned = multiprocessing.get_context("spawn")
        ours, theirs = spawned.Pipe()
        self._process = spawned.Process(target=_run_queries, args=(theirs, self._project), daemon=True)
        self._process.start()
        theirs.close()
        ours.recv()
        return ours


def _run_queries(pipe: Connection, project: Project) -> None:
    with publication.open_published(project) as connection:
        pipe.send("ready")
        while True:
            sql, at_most, seconds = pipe.recv()
            try:
                pipe.send((fetch_rows(connection, sql, at_most=at_most, seconds=seconds), "", ""))
            except BilateralError as error:
                pipe.send((None, error.message, error.remedy))
