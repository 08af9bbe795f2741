"""Where Dagster keeps its records: in SQLite, as by default, without a wait for the disk at each event.

Here: the storage that `.dagster/dagster.yaml` names. Not here: PostgreSQL, which docs/deploy.md puts in its place.

A build has nine hundred events before it starts, one for each table and check that it is going to make. Dagster opens
the database for each, and SQLite then waits for the disk three times and more. It need not while another connection is
open, with a write-ahead log and `synchronous = normal`: a power failure may take the last events, and leaves the
database whole (https://www.sqlite.org/pragma.html#pragma_synchronous).

Whoever finds a database locked waits for half a minute, once it is open. Dagster does so for events alone: of runs and
schedules, five seconds of a slow disk under another's lock are an error.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection

# As many databases, the index and those of runs, are held open.
HELD = 8
# Seconds that a transaction waits for another's, as Dagster's own of events does.
PATIENCE = 30


class PromptEventLogStorage(SqliteEventLogStorage):
    """Dagster's SQLite storage of events."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._held: dict[str, sqlite3.Connection] = {}
        super().__init__(base_dir, inst_data)

    def _hold_open(self, shard: str) -> None:
        """Keep a connection open that has looked into a database, so that no other is the last to leave it."""
        if shard in self._held:
            return
        connection = sqlite3.connect(self.path_for_shard(shard), timeout=PATIENCE, check_same_thread=False)
        connection.execute("select count(*) from sqlite_master").fetchall()
        self._held[shard] = connection
        if len(self._held) > HELD:
            self._held.pop(next(iter(self._held))).close()

    def dispose(self) -> None:
        while self._held:
            self._held.popitem()[1].close()
        super().dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with super()._connect(shard) as connection:
            self._hold_open(shard)
            connection.exec_driver_sql("pragma synchronous = normal")
            yield connection


class PromptSqliteStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage, with those events, and with patience for runs and schedules."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        # What it has made is there, and what it keeps of it is ours: this class is one of it.
        patience = f"?timeout={PATIENCE}"
        self._run_storage = SqliteRunStorage(self._run_storage._conn_string + patience)  # noqa: SLF001
        self._event_log_storage = PromptEventLogStorage(self._event_log_storage._base_dir)  # noqa: SLF001
        self._schedule_storage = SqliteScheduleStorage(self._schedule_storage._conn_string + patience)  # noqa: SLF001

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Any) -> Self:
        return cls.from_local(inst_data=inst_data, **config_value)
