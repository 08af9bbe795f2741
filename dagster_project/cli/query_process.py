"""Run the SELECTs of other programs in a process that can be killed.

Here: that process, and the wait for it. Not here: what may be asked (`claims.evidence`).

DuckDB interrupts a query between its vectors, and does not interrupt work on a single value: a text of two gigabytes
takes a minute. So `mcp` asks another process, and kills it when the time is over.
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

# Seconds that DuckDB has to stop by itself after the limit.
GRACE = 1.0


class QueryProcess:
    """A process with the published file open, which runs one SELECT at a time.

    Args:
        project: The project with the published file.
        seconds: The longest time for a SELECT.
    """

    def __init__(self, project: Project, *, seconds: float) -> None:
        self._project = project
        self._seconds = seconds
        self._process: Any = None
        self._pipe: Connection | None = None

    def fetch_rows(self, sql: str, *, at_most: int) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Return the columns and the first rows of a checked SELECT.

        Raises:
            BilateralError: It fails, takes too long or takes too much memory.
        """
        try:
            if self._pipe is None:
                self._pipe = self._start_process()
            self._pipe.send((sql, at_most, self._seconds))
            if not self._pipe.poll(self._seconds + GRACE):
                self.kill_process()
                raise EvidenceTimeoutError(
                    f"it took more than {self._seconds:g} seconds.", remedy="Ask for less, or in another way."
                )
            found, message, remedy = self._pipe.recv()
        except (EOFError, OSError):
            # The process is gone, perhaps since the query before.
            self.kill_process()
            what = "The process of the query ended, probably because it took too much memory."
            raise BilateralError(what, remedy="Ask for less.") from None
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
        # A fork would copy the threads of DuckDB in an unknown state.
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
