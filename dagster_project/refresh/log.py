"""Log refreshes in SQLite: when each request was sent and answered, and how much of a daily quota is used.

Here: the file `warehouse/archive/refresh.sqlite`. Not here: the responses, which are in the snapshots. If the file is
lost, some requests are sent again, and nothing else happens.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import date, datetime
from typing import Any, Self

from dagster_project.project import Project
from dagster_project.sources import Request

TABLES = """
create table if not exists requests (source text, day text, count integer, primary key (source, day));
create table if not exists sent (source text primary key, at text);
create table if not exists questions (
    question text primary key, source text, dataset text, subject text, answered_at text, outcome text
);
create table if not exists subjects (
    source text, subject text, since text, answered_at text, primary key (source, subject)
);
create table if not exists pauses (source text primary key, until text, reason text);
create table if not exists runs (dataset text primary key, finished_at text, result text);
"""


class Log:
    """The log of requests, open for one process.

    Args:
        project: The project with the warehouse.
        reading: Whether to open the log only for reading, so that no file is created.
    """

    def __init__(self, project: Project, *, reading: bool = False) -> None:
        if not reading:
            project.archive.mkdir(parents=True, exist_ok=True)
            # If the file is not writable, this error names it; SQLite's does not.
            project.refresh_log.touch()
        # Several processes refresh different publishers at once; one that writes makes the others wait.
        place = ":memory:" if reading else project.refresh_log
        self._connection = sqlite3.connect(place, timeout=60, isolation_level=None)
        if reading and project.refresh_log.exists():
            with closing(sqlite3.connect(f"{project.refresh_log.as_uri()}?mode=ro", uri=True, timeout=60)) as held:
                held.backup(self._connection)
        # After a power cut a few requests may be sent again; that is cheaper than an fsync for every request.
        self._connection.execute("pragma synchronous = off")
        self._connection.executescript(TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def count_requests(self, source: str, now: datetime) -> int:
        """Count the requests sent to a publisher on the day of `now`, in UTC."""
        row = self._fetch_row("select count from requests where source = ? and day = ?", source, f"{now:%Y-%m-%d}")
        return 0 if row is None else int(row[0])

    def record_request(self, source: str, now: datetime) -> None:
        """Count a request that is sent now."""
        self._connection.execute(
            "insert into requests values (?, ?, 1) on conflict do update set count = count + 1",
            (source, f"{now:%Y-%m-%d}"),
        )
        self._put_row("sent", source, now.isoformat())

    def find_last_sent(self, source: str) -> datetime | None:
        """Return when the last request was sent to a publisher, by any process."""
        return self._fetch_moment("select at from sent where source = ?", source)

    def find_answered(self, request: Request) -> datetime | None:
        """Return when a request was last answered, or None."""
        return self._fetch_moment("select answered_at from questions where question = ?", _hash_request(request))

    def find_answered_about(self, request: Request) -> datetime | None:
        """Return when a request with the same subject, for any span, was last answered."""
        query = "select max(answered_at) from questions where dataset = ? and subject = ?"
        return self._fetch_moment(query, request.dataset, request.subject)

    def find_last_answer(self) -> datetime | None:
        """Return when a response of any publisher was last accepted, or None."""
        return self._fetch_moment("select max(answered_at) from questions")

    def record_answer(self, source: str, request: Request, now: datetime, outcome: str) -> None:
        """Record that a request was answered, and the outcome (`archived`, `confirmed`, `nothing`)."""
        question = _hash_request(request)
        self._put_row("questions", question, source, request.dataset, request.subject, now.isoformat(), outcome)

    def find_whole_span(self, source: str, subject: str) -> tuple[date, datetime] | None:
        """Return the first day of the subject's span that was answered as a whole, and when; None if there was none."""
        row = self._fetch_row(
            "select since, answered_at from subjects where source = ? and subject = ?", source, subject
        )
        return None if row is None else (date.fromisoformat(row[0]), datetime.fromisoformat(row[1]))

    def record_whole_span(self, source: str, subject: str, since: date, now: datetime) -> None:
        """Record that the whole span of a subject was answered."""
        self._put_row("subjects", source, subject, str(since), now.isoformat())

    def find_pause(self, source: str, now: datetime) -> tuple[datetime, str] | None:
        """Return the end and the reason of a publisher's pause, or None if it is not paused."""
        row = self._fetch_row("select until, reason from pauses where source = ?", source)
        if row is None or (until := datetime.fromisoformat(row[0])) <= now:
            return None
        return until, row[1]

    def record_pause(self, source: str, until: datetime, reason: str) -> None:
        """Record that a publisher must not be asked until a time."""
        self._put_row("pauses", source, until.isoformat(), reason)

    def record_result(self, dataset: str, now: datetime, result: dict[str, object]) -> None:
        """Record the result of a dataset's last refresh."""
        self._put_row("runs", dataset, now.isoformat(), json.dumps(result))

    def find_last_result(self, dataset: str) -> tuple[datetime, dict[str, Any]] | None:
        """Return when a dataset was last refreshed, and the result."""
        row = self._fetch_row("select finished_at, result from runs where dataset = ?", dataset)
        return None if row is None else (datetime.fromisoformat(row[0]), json.loads(row[1]))

    def _put_row(self, table: str, *values: str) -> None:
        """Put a row into a table, replacing an earlier row with the same key."""
        self._connection.execute(f"insert or replace into {table} values ({', '.join('?' * len(values))})", values)

    def _fetch_row(self, query: str, *values: str) -> tuple[str, ...] | None:
        row: tuple[str, ...] | None = self._connection.execute(query, values).fetchone()
        return row

    def _fetch_moment(self, query: str, *values: str) -> datetime | None:
        row = self._fetch_row(query, *values)
        return None if row is None or row[0] is None else datetime.fromisoformat(row[0])


def _hash_request(request: Request) -> str:
    asked = (request.dataset, request.path, request.query, request.body)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:24]
