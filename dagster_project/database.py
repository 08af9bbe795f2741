"""Values as SQL, rows as Python has them, the time zone of a connection, and databases for a moment.

Here: what every room that asks DuckDB something needs for that. Not here: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

_SCRATCH_NUMBERS = count()


def quote_literal(value: str | Path | None) -> str:
    """Return a text as an SQL literal."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def format_parquet(files: Iterable[Path]) -> str:
    """Return Parquet files as one table, in SQL."""
    return f"read_parquet([{', '.join(map(quote_literal, files))}])"


def fetch_records(connection: duckdb.DuckDBPyConnection, query: str, given: object = None) -> list[dict[str, Any]]:
    """Return the rows of a query, each by the names of its columns."""
    found = connection.execute(query, given)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def set_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the time zone to UTC.

    Connections of a process to one file share its settings, and one of them may have locked these: they are UTC then.
    """
    if connection.execute("select current_setting('TimeZone')").fetchone() != ("UTC",):
        connection.execute("set global TimeZone = 'UTC'")


@contextmanager
def open_scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory that nobody else sees, and drop it at the end.

    All of a process are catalogs of one instance of DuckDB: an instance takes 30 ms to start and to stop, which is more
    than is asked of most of them. So nothing is to be set in one.
    """
    name = f"scratch_{next(_SCRATCH_NUMBERS)}"
    with _start_instance().cursor() as connection:
        try:
            connection.execute(f"attach ':memory:' as {name}; use {name}")
            yield connection
        finally:
            try:
                connection.execute(f"use memory; detach {name}")
            except duckdb.Error:
                # The instance is lost, or a statement still runs in it: the next has another one.
                _start_instance.cache_clear()


@cache
def _start_instance() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
