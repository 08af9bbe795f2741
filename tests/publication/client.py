"""Read a published file with one version of DuckDB: every table, view and macro, and every question as pasted SQL.

Here: reading and summarizing. Not here: the versions (`clients`). It needs no package but duckdb, because it runs in an
environment of each version: `python client.py FILE FOLDER` prints the summary as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

# What a macro is asked about, by the names of its parameters.
ARGUMENTS = {
    "one": "'KOR'",
    "other": "'CHN'",
    "moment": "date '2026-05-15'",
    "reporter": "'KOR'",
    "partner": "'CHN'",
    "direction": "'export'",
    "since_year": "2018",
    "until_year": "2023",
    "last_year_held": "2025",
    "years_back": "10",
    "product": "'8542'",
    # A year whose balance has no sign, so that there is a row.
    "balance_year": "1975",
}


def read(file: Path, questions: Path) -> dict[str, Any]:
    """Read everything in a file, and summarize its rows so that two clients can be compared.

    Args:
        file: The published file.
        questions: The folder of the questions.
    """
    found: dict[str, Any] = {}
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables() where not internal union all "
            "select schema_name || '.' || view_name, comment from duckdb_views() where not internal order by all"
        ).fetchall()
        macros = connection.execute(
            "select schema_name || '.' || function_name, parameters, comment from duckdb_functions() "
            "where function_type = 'table_macro' and not internal order by all"
        ).fetchall()
        for name, comment in tables:
            found[name] = [bool(comment), *_summed(connection, name)]
        for name, parameters, comment in macros:
            call = f"{name}({', '.join(ARGUMENTS[parameter] for parameter in parameters)})"
            found[call] = [bool(comment), *_summed(connection, call)]
        for path in sorted(questions.glob("*.sql")):
            found[path.name] = _plain(connection.execute(path.read_text(encoding="utf-8")).fetchall())
    return found


def _summed(connection: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    """Summarize a table: its number of rows, each column's number of values, least and greatest, and one row."""
    row = connection.execute(f"select * from {name} limit 1").fetchone()
    sums = connection.execute(
        f"select count(*), count(columns(*)), min(columns(*)), max(columns(*)) from {name}"
    ).fetchone()
    return [len(row or ()), *_plain(sums)]


def _plain(value: Any) -> Any:
    """Convert a value for JSON; a number keeps the digits that do not depend on the order of addition."""
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return f"{value:.9g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    json.dump(read(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout)
