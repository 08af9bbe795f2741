"""Write SQL literals, fetch rows as dictionaries, and set the time zone of a connection.

Here: what every room needs to query DuckDB. Not here: any particular query.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb


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
