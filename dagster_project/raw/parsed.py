"""A parsed snapshot: a Parquet file of its rows, and one of the rows that were set aside.

Here: the two files, their columns and the writing of them. Not here: which rows go where (`raw`, `raw.set_aside`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.database import quote_literal
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
class ParsedSnapshot:
    """A snapshot as Parquet: where its rows and those that were set aside are, and how many.

    What cannot be read has no rows, and was set aside as a whole: the other file has one row, which says why.
    """

    file: Path
    quarantine: Path | None
    rows: int
    quarantined: int


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write the rows of a query, whole or not at all."""
    with atomic_write(target) as half:
        connection.execute(f"copy ({query}) to {quote_literal(half)} (format parquet, compression zstd)")
