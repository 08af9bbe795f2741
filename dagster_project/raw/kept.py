"""A snapshot as it is kept: a Parquet file of its rows, and one of the rows that were set aside.

Here: the two files, their columns, the writing of them, and how DuckDB is told a value and its rows are read. Not here:
which rows go where (`raw`, `raw.set_aside`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.files import atomic_write

QUARANTINE_COLUMNS = {
    "snapshot_id": "varchar",
    "source": "varchar",
    "dataset": "varchar",
    "row_number": "bigint",
    "column_name": "varchar",
    "value": "varchar",
    "reason": "varchar",
    "set_aside_by": "varchar",
    "is_current": "boolean",
    "row_text": "varchar",
}


@dataclass(frozen=True)
class Kept:
    """A snapshot as Parquet: where its rows and those that were set aside are, and how many.

    What cannot be read has no rows, and was set aside as a whole: the other file has one row, which says why.
    """

    file: Path
    quarantine: Path | None
    rows: int
    quarantined: int


def write(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Writes the rows of a query, whole or not at all."""
    with atomic_write(target) as half:
        connection.execute(f"copy ({query}) to {literal(half)} (format parquet, compression zstd)")


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
