"""Values as SQL, rows as Python has them, and the time zone of a connection.

Here: what every room that asks DuckDB something needs for that. Not here: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb


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
