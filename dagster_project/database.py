"""Help to query DuckDB: SQL literals, rows as dictionaries, the time zone of a connection, databases in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

_SCRATCH_NUMBERS = count()
# The errors of a machine that lacks memory or disk space; figures do not cause them.
MACHINE_ERRORS = (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)


def quote_literal(value: str | Path | None) -> str:
    """Write a text as an SQL literal, for example `O'Neill` as `'O''Neill'`, and None as `null`."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def quote_names(names: Iterable[str]) -> str:
    """Write the names of columns as SQL, quoted and separated by commas."""
    return ", ".join(f'"{name}"' for name in names)


def match_columns(names: Iterable[str], one: str, other: str) -> str:
    """Write the SQL condition that rows of the tables `one` and `other` are equal in columns; two nulls are equal."""
    return " and ".join(f'{one}."{name}" is not distinct from {other}."{name}"' for name in names) or "true"


def format_parquet(files: Iterable[Path]) -> str:
    """Write the call of `read_parquet` with which SQL reads several files as one table."""
    return f"read_parquet([{', '.join(map(quote_literal, files))}])"


def fetch_records(connection: duckdb.DuckDBPyConnection, query: str, given: object = None) -> list[dict[str, Any]]:
    """Run a query with the parameters `given`, and return each row as a dictionary by column."""
    found = connection.execute(query, given)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def set_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Set the time zone of a connection to UTC, unless it is UTC already.

    All connections of a process to a file share one time zone. Another connection may have set UTC and locked the
    settings; setting the time zone again would then fail.
    """
    if connection.execute("select current_setting('TimeZone')").fetchone() != ("UTC",):
        connection.execute("set global TimeZone = 'UTC'")


@contextmanager
def open_scratch() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database in memory for one caller, and drop it at the end.

    All these databases are catalogs of one instance of DuckDB, because an instance takes 30 ms to start and stop. A
    caller must not change settings, because they hold for every catalog of the instance.
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
                # The instance is broken, or a statement still runs in it: the next call starts another instance.
                _start_instance.cache_clear()


@cache
def _start_instance() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
