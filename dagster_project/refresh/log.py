"""Log refreshes in SQLite: the times of requests and accepted responses, the use of daily quotas, pauses, results.

The file is `warehouse/archive/refresh.sqlite`. If it is lost, some requests are sent again, with no other effect. The
responses themselves are in the snapshots.
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
    """The open log of refreshes; with `read_only` a copy in memory, so that no file is created or locked."""

    def __init__(self, project: Project, *, read_only: bool = False) -> None:
        if not read_only:
            project.archive.mkdir(parents=True, exist_ok=True)
            # If the file cannot be written, this error names the file; SQLite's error does not.
            project.refresh_log.touch()
        # Several processes refresh different publishers at once, and wait up to a minute while another one writes.
        place = ":memory:" if read_only else project.refresh_log
        self._connection = sqlite3.connect(place, timeout=60, isolation_level=None)
        if read_only and project.refresh_log.exists():
            with closing(sqlite3.connect(f"{project.refresh_log.as_uri()}?mode=ro", uri=True, timeout=60)) as held:
                held.backup(self._connection)
        # No fsync for every request: after a power cut a few requests are sent again.
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
        self._connection.execute(
            "insert into requests values (?, ?, 1) on conflict do update set count = count + 1",
            (source, f"{now:%Y-%m-%d}"),
        )
        self._put_row("sent", source, now.isoformat())

    def find_last_sent(self, source: str) -> datetime | None:
        """Return the time of the last request that any process sent to a publisher."""
        return self._fetch_moment("select at from sent where source = ?", source)

    def find_last_response(self, request: Request) -> datetime | None:
        """Return the time of the last accepted response to a request, or None."""
        return self._fetch_moment("select answered_at from questions where question = ?", _hash_request(request))

    def find_last_response_about(self, request: Request) -> datetime | None:
        """Return the time of the last accepted response about the series of a request, for any periods, or None."""
        query = "select max(answered_at) from questions where dataset = ? and subject = ?"
        return self._fetch_moment(query, request.dataset, request.subject)

    def find_last_accepted(self) -> datetime | None:
        """Return the time of the last accepted response of any publisher, or None."""
        return self._fetch_moment("select max(answered_at) from questions")

    def record_response(self, source: str, request: Request, now: datetime, outcome: str) -> None:
        """Record an accepted response as `archived` (new figures), `confirmed` (no new ones) or `nothing` (no rows)."""
        question = _hash_request(request)
        self._put_row("questions", question, source, request.dataset, request.subject, now.isoformat(), outcome)

    def find_whole_span(self, source: str, subject: str) -> tuple[date, datetime] | None:
        """Return the `since` and `now` that `record_whole_span` last stored for a series, or None."""
        row = self._fetch_row(
            "select since, answered_at from subjects where source = ? and subject = ?", source, subject
        )
        return None if row is None else (date.fromisoformat(row[0]), datetime.fromisoformat(row[1]))

    def record_whole_span(self, source: str, subject: str, since: date, now: datetime) -> None:
        """Record that responses about a series (`subject`) for all days from `since` to `now` have been accepted."""
        self._put_row("subjects", source, subject, str(since), now.isoformat())

    def find_pause(self, source: str, now: datetime) -> tuple[datetime, str] | None:
        """Return the end and the reason of a publisher's pause, or None if it is not paused."""
        row = self._fetch_row("select until, reason from pauses where source = ?", source)
        if row is None or (until := datetime.fromisoformat(row[0])) <= now:
            return None
        return until, row[1]

    def record_pause(self, source: str, until: datetime, reason: str) -> None:
        self._put_row("pauses", source, until.isoformat(), reason)

    def record_result(self, dataset: str, now: datetime, result: dict[str, object]) -> None:
        self._put_row("runs", dataset, now.isoformat(), json.dumps(result))

    def find_last_result(self, dataset: str) -> tuple[datetime, dict[str, Any]] | None:
        row = self._fetch_row("select finished_at, result from runs where dataset = ?", dataset)
        return None if row is None else (datetime.fromisoformat(row[0]), json.loads(row[1]))

    def _put_row(self, table: str, *values: str) -> None:
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
