"""Models on DuckDB.

Here: the connection to the work file, the inputs attached to it, one statement a model. The inputs are catalogs in
memory, so that no view over a local path can ever reach the published file. Not here: SQL that says what a table
means; that is in `sql/`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from dagster_project.engines import Table
from dagster_project.errors import BilateralError
from dagster_project.models import SCHEMAS, ColumnDoc, Model
from dagster_project.raw import RawTable
from dagster_project.rows import Rows

# The catalog that the file is, beside the two that are in memory only.
CATALOG = "warehouse"
# The storage version that DuckDB 1.5 clients, the packaged command line among them, can open.
STORAGE_VERSION = "v1.5.0"


class DuckDB:
    """A DuckDB file with its inputs.

    Args:
        path: The file; it is made if it is not there. None is a database in memory.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.connection = duckdb.connect()
        if path is None:
            self.connection.execute(f"attach ':memory:' as {CATALOG}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Without a write-ahead log: the half that a killed build leaves is of no use to anyone, and what a run
            # that ended leaves is written when the file is closed.
            self.connection.execute(
                f"attach {_quoted(str(path))} as {CATALOG} "
                f"(storage_version {_quoted(STORAGE_VERSION)}, recovery_mode 'no_wal_writes')"
            )
        self.connection.execute(f"use {CATALOG}")
        self.connection.execute("attach ':memory:' as raw")
        self.connection.execute("attach ':memory:' as reference")
        self.connection.execute("attach ':memory:' as analysis")
        for schema in SCHEMAS:
            self.connection.execute(f"create schema if not exists {schema}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file and lets go of its lock."""
        self.connection.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A second connection to the file, for another thread."""
        cursor = self.connection.cursor()
        cursor.execute(f"use {CATALOG}")
        return cursor

    def prepare(self, name: str, types: Mapping[str, str]) -> None:
        """Makes an empty table, unless it is there."""
        self.connection.execute(f"create table if not exists {name} ({_columns(types)})")

    def attach_raw(self, raw: RawTable) -> None:
        """Makes a dataset readable as `raw.<source>__<dataset>`."""
        self.connection.execute(f'create or replace view raw."{raw.dataset.table}" as {_parquet(raw.files)}')

    def attach_quarantine(self, raws: Iterable[RawTable]) -> None:
        """Makes what was set aside readable as `raw.quarantine`."""
        files = [file for raw in raws for file in raw.quarantine]
        self.connection.execute(f"create or replace view raw.quarantine as {_parquet(files)}")

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        """Makes the reference tables readable as `reference.<name>`."""
        for table in tables:
            self.write(f"reference.{table.name}", table)

    def run(self, model: Model) -> Table | None:
        """Makes the model's table, in place of an earlier one, with its documentation as comments.

        Raises:
            BilateralError: DuckDB refuses the SELECT; the message names the model.
        """
        if model.is_macro:
            self._execute(
                model, f"create or replace macro {model.name}({', '.join(model.parameters)}) as table {model.select}"
            )
            self.connection.execute(f"comment on macro table {model.name} is {_quoted(model.what)}")
            return None
        order = f" order by {', '.join(model.grain)}" if model.schema == "marts" and model.grain else ""
        self._execute(model, f"create or replace table {model.name} as select * from ({model.select}\n){order}")
        self.document(model.name, model.what, model.columns)
        return describe(self.connection, model.name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing, and one write to the disk instead of one a statement."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def document(self, name: str, what: str, columns: Iterable[ColumnDoc]) -> None:
        """Puts a table's documentation into the file, where clients show it."""
        comments = [f"comment on table {name} is {_quoted(what)}"]
        for column in columns:
            text = _quoted(f"{column.meaning} [{column.unit}]")
            comments.append(f'comment on column {name}."{column.name}" is {text}')
        self.connection.execute("; ".join(comments))

    def write(self, name: str, table: Rows) -> None:
        """Writes rows that Python holds as the table `name`, in place of an earlier one."""
        self.connection.execute(f"create or replace table {name} ({_columns(table.columns)})")
        self.append(name, table)

    def append(self, name: str, table: Rows) -> None:
        """Adds rows that Python holds to the table `name`."""
        if table.rows:
            # One bound list a column: a statement a row would cost more than the models do.
            lists = ", ".join(f"unnest(?::{kind}[])" for kind in table.columns.values())
            values = [list(column) for column in zip(*table.rows, strict=True)]
            self.connection.execute(f"insert into {name} select {lists}", values)

    def keep(self, name: str, target: Path) -> None:
        """Writes the table `name` as Parquet, whole or not at all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(f".{os.getpid()}.tmp")
        self.connection.execute(f"copy (from {name}) to {_quoted(str(half))} (format parquet, compression zstd)")
        half.replace(target)

    def restore(self, name: str, kept: Path) -> None:
        """Reads a kept Parquet file back as the table `name`."""
        self.connection.execute(f"create or replace table {name} as {_parquet([kept])}")

    def _execute(self, model: Model, statement: str) -> None:
        try:
            self.connection.execute(statement)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise BilateralError(
                f"{model.name} cannot be built: {reason}",
                remedy=f"The model is sql/{model.schema}/{model.table}.sql.",
            ) from error


def describe(connection: duckdb.DuckDBPyConnection, name: str) -> Table:
    """A table's rows, hash and types, as they are now."""
    types = {row[0]: row[1] for row in connection.execute(f"describe {name}").fetchall()}
    columns = ", ".join(f'"{column}"' for column in types)
    # A sum of row hashes: the same for any order of rows, and two equal rows do not cancel out.
    ((rows, content),) = connection.execute(
        f"select count(*), coalesce(sum(hash({columns})::hugeint), 0) from {name}"
    ).fetchall()
    return Table(name=name, row_count=int(rows), content_hash=f"{int(content):032x}", types=types)


def _columns(types: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in types.items())


def _parquet(files: Iterable[Path]) -> str:
    names = ", ".join(_quoted(str(file)) for file in files)
    return f"select * from read_parquet([{names}])"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
