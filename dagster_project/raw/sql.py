"""Values as SQL, and rows as Python has them.

Here: what every room that asks DuckDB something needs for that. Not here: what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb


def literal(value: str | Path | None) -> str:
    """A text as an SQL literal."""
    return "null" if value is None else "'" + str(value).replace("'", "''") + "'"


def parquet(files: Iterable[Path]) -> str:
    """Parquet files as one table, in SQL."""
    return f"read_parquet([{', '.join(map(literal, files))}])"


def records(connection: duckdb.DuckDBPyConnection, query: str, given: object = None) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    found = connection.execute(query, given)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
