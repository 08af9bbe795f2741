"""Define the two Parquet files of a parsed snapshot: its rows, and the rows set aside (the quarantine)."""

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
    """A snapshot as Parquet: the file of its rows, the file of the rows set aside, and the number of rows in each.

    An invalid snapshot that is set aside as a whole has no rows; its `quarantine` has one row with the reason.
    """

    file: Path
    quarantine: Path | None
    rows: int
    quarantined: int


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write the rows of a query as a Parquet file, atomically."""
    with atomic_write(target) as half:
        connection.execute(f"copy ({query}) to {quote_literal(half)} (format parquet, compression zstd)")
