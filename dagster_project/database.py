"""Write SQL literals, fetch rows as dictionaries, set the time zone of a connection, open databases in memory.

Here: what every room needs to query DuckDB. Not here: any particular query.
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
    """Write a text as an SQL literal."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def format_parquet(files: Iterable[Path]) -> str:
    """Write the SQL that reads Parquet files as one table."""
    return f"read_parquet([{', '.join(map(quote_literal, files))}])"


def fetch_records(connection: duckdb.DuckDBPyConnection, query: str, given: object = None) -> list[dict[str, Any]]:
    """Run a query and return its rows as dictionaries."""
    found = connection.execute(query, given)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def set_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the time zone to UTC.

    All connections of a process to a file share its settings; if one has locked them, they are UTC already.
    """
    if connection.execute("select current_setting('TimeZone')").fetchone() != ("UTC",):
        connection.execute("set global TimeZone = 'UTC'")


@contextmanager
def open_scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory for one caller, and drop it at the end.

    It is a catalog of an instance of DuckDB that the process shares, because an instance takes 30 ms to start and stop.
    So no caller may change settings.
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
