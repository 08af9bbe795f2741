"""Recall the rows that a SELECT had in an earlier publication, if no table that it reads has changed since.

Not here: who asks again after each build (`report`, `notify.left_out`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, cast

import duckdb

from dagster_project.files import atomic_write, read_stored_json
from dagster_project.project import Project
from dagster_project.publication import open_published
from dagster_project.publication.causes import CODE

_TABLE = re.compile(r'\b(staging|core|marts|meta)"?\s*\.\s*"?(\w+)')
_VARIABLE = re.compile(r"(re)?set variable (\w+)")
# Functions whose result depends on more than tables.
_VOLATILE = re.compile(r"\b(?:now|today|random|uuid|current_\w+|duckdb_\w+|read_\w+|pragma_\w+)\b")
# A table depends on its rows and its model, a macro (without rows) on its inputs.
_HASHES = f"""
    select table_name, concat(content_hash, string_agg(input_hash, ' ' order by input_name))
    from meta.table_hashes inner join meta.inputs using (table_name)
    where input_name = '{CODE}' or row_count = 0 group by table_name, content_hash
"""


class _Result(NamedTuple):
    """The columns and the rows of a SELECT, with the methods of a connection that has run it."""

    description: list[list[str]]
    rows: list[tuple[Any, ...]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows

    def fetchone(self) -> tuple[Any, ...] | None:
        return self.rows[0] if self.rows else None


class _RecallingConnection:
    """A connection to a published file that recalls rows from a JSON file, which `write_file` renews."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection, self._path = connection, path
        self._earlier: dict[str, Any] = read_stored_json(path) or {}
        self._now: dict[str, Any] = {}
        self._variables: dict[str, str] = {}
        self._hashes: dict[str, str] = dict(connection.execute(_HASHES).fetchall())
        views = connection.execute("select view_name, lower(sql) from duckdb_views() where not internal")
        self._views: dict[str, str] = dict(views.fetchall())

    def execute(self, sql: str, given: object = None) -> Any:
        if match := _VARIABLE.match(sql):
            self._variables.pop(match[2], None)
            self._variables |= {} if match[1] else {match[2]: sql}
        tables = self._hash_tables(sql)
        if tables is None:
            return self._connection.execute(sql, given)
        asked = repr((duckdb.__version__, sql, given, sorted(self._variables.values())))
        key = hashlib.sha256(asked.encode()).hexdigest()
        known = self._now.get(key) or self._earlier.get(key)
        if known is None or known["tables"] != tables:
            found = self._connection.execute(sql, given)
            names, rows = [[column[0]] for column in found.description or ()], found.fetchall()
            try:
                known = {"tables": tables, "names": names, "rows": json.dumps(rows, default=_encode_date)}
            except TypeError:  # JSON has no form for a value.
                return _Result(names, rows)
        self._now[key] = known
        return _Result(known["names"], list(map(tuple, json.loads(known["rows"], object_hook=_decode_date))))

    def _hash_tables(self, sql: str) -> dict[str, str] | None:
        """Return the hash of each table that a SELECT may read; None if its rows depend on anything else."""
        names, texts, views = set[str](), [sql.lower()], set[str]()
        for text in texts:
            names |= {".".join(parts) for parts in _TABLE.findall(text)}
            # A word may be the name of a view; whether it is one here does not matter.
            found = (set(re.findall(r"\w+", text)) & self._views.keys()) - views
            views |= found
            texts += [self._views[name] for name in found]
        if not names or not names <= self._hashes.keys() or any(map(_VOLATILE.search, texts)):
            return None
        return {name: self._hashes[name] for name in sorted(names)}

    def write_file(self) -> None:
        """Write the rows that were used, and so drop all others."""
        with suppress(OSError), atomic_write(self._path) as half:
            half.write_text(json.dumps(self._now), encoding="utf-8")


@contextmanager
def open_recalling(project: Project, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file as `open_published` does, with the rows that were read under the same `name` before."""
    with open_published(project) as connection:
        recalling = _RecallingConnection(connection, project.archive / "recalled" / f"{name}.json")
        yield cast("duckdb.DuckDBPyConnection", recalling)
        recalling.write_file()


def _encode_date(value: object) -> dict[str, str]:
    if type(value) is date:
        return {"date": value.isoformat()}
    raise TypeError(type(value).__name__)


def _decode_date(found: Mapping[str, Any]) -> Any:
    return date.fromisoformat(found["date"]) if found.keys() == {"date"} else found
