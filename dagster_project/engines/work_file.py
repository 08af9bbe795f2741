"""Write the work file: the DuckDB file of a build, which nobody reads until `publication` copies it.

Inputs of models, such as views of local files, are made in memory. So the published file contains no local path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb

from dagster_project.database import quote_literal, quote_names
from dagster_project.engines import Table
from dagster_project.errors import BilateralError
from dagster_project.files import remove_at_end
from dagster_project.models import INPUT_SCHEMAS, SCHEMAS, ColumnDoc, Model
from dagster_project.reference.rows import Rows

# The name of the file's catalog; all other catalogs are in memory.
CATALOG = "warehouse"
# DuckDB 1.2 and later can open the file, and its blocks have a quarter of the usual size. The reasons are in
# docs/decisions/0007-storage-of-the-published-file.md. No write-ahead log is kept: nobody uses the unfinished file of a
# killed build, and closing the file writes all.
STORAGE = "(storage_version 'v1.2.0', block_size 65536, recovery_mode 'no_wal_writes')"
# The share of free space above which the file is rewritten, because DuckDB reuses only a part of the free space.
EMPTY = 0.15

# The most rejected rows in the text of an error, and in its field `rows`, from which their cause is found.
_SHOWN_ROWS, _KEPT_ROWS = 3, 1000


class Refused(BilateralError):
    """An error in making a model's table; `rows` has the rejected rows, if rows are the cause."""

    def __init__(self, message: str, *, remedy: str, table: str, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.table = table
        self.rows = rows


class WorkFile:
    """The open work file, and the inputs of models.

    Args:
        path: The file, which is created if it does not exist. Default: a database in memory.
        memory: The memory beyond which DuckDB writes data to a folder beside the file. Default: DuckDB's own limit.
    """

    def __init__(self, path: Path | None = None, *, memory: str | None = None) -> None:
        self.connection = duckdb.connect()
        # FSST and ZSTD cost time and save no space (docs/decisions/0007-storage-of-the-published-file.md).
        self.connection.execute("set disabled_compression_methods = 'fsst,zstd'")
        self._path = path
        self._held = ExitStack()
        if memory is not None:
            self.connection.execute(f"set memory_limit = {quote_literal(memory)}")
        if path is None:
            self.connection.execute(f"attach ':memory:' as {CATALOG}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            spill = self._held.enter_context(remove_at_end(path.with_name("spill")))
            self.connection.execute(f"set temp_directory = {quote_literal(spill)}")
            self.connection.execute(f"attach {quote_literal(path)} as {CATALOG} {STORAGE}")
        self.connection.execute(f"use {CATALOG}")
        for schema in INPUT_SCHEMAS:
            self.connection.execute(f"attach ':memory:' as {schema}")
        for schema in SCHEMAS:
            self.connection.execute(f"create schema if not exists {schema}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and release its lock."""
        self.connection.close()
        self._held.close()

    def compact_and_close(self) -> None:
        """Write all changes, rewrite the file if its share of free space exceeds `EMPTY`, and close it."""
        self.connection.execute("checkpoint")
        ((total, free),) = self.connection.execute(
            f"select total_blocks, free_blocks from pragma_database_size() where database_name = '{CATALOG}'"
        ).fetchall()
        if self._path is None or free <= EMPTY * total:
            self.close()
            return
        half = self._path.with_name("shrunk.duckdb")
        half.unlink(missing_ok=True)
        with remove_at_end(half):
            self.connection.execute(f"attach {quote_literal(half)} as shrunk {STORAGE}")
            self.connection.execute(f"copy from database {CATALOG} to shrunk")
            self.connection.execute("detach shrunk")
            self.close()
            half.replace(self._path)

    def open_cursor(self) -> duckdb.DuckDBPyConnection:
        """Open a second connection to the file, for another thread."""
        cursor = self.connection.cursor()
        cursor.execute(f"use {CATALOG}")
        return cursor

    def copy_tables(self, names: Iterable[str], target: Path) -> None:
        """Copy tables to a new DuckDB file, which another process can read with `attach_copy`."""
        self.connection.execute(f"attach {quote_literal(target)} as copied")
        try:
            for name in names:
                self.connection.execute(f"create schema if not exists copied.{name.partition('.')[0]}")
                self.connection.execute(f"create table copied.{name} as from {name}")
        finally:
            self.connection.execute("detach copied")

    def attach_copy(self, copy: Path) -> None:
        """Show the tables of a file that `copy_tables` wrote, under their own names."""
        self.connection.execute(f"attach {quote_literal(copy)} as copied (read_only)")
        for name in read_all_types(self.connection, "copied"):
            self.connection.execute(f"create view {name} as from copied.{name}")

    @contextmanager
    def begin_transaction(self) -> Iterator[None]:
        """Run the statements of the `with` block in one transaction, which writes to the disk only once."""
        self.connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    def create_empty(self, name: str, types: Mapping[str, str]) -> None:
        """Create the empty table `name`; if the table exists, keep it if it has the same columns, else replace it."""
        self.connection.execute(f"create table if not exists {name} ({_write_columns(types)})")
        if list(read_types(self.connection, name)) != list(types):
            self.connection.execute(f"create or replace table {name} ({_write_columns(types)})")

    def write_rows(self, name: str, table: Rows) -> None:
        """Write rows as the table `name`, replacing an earlier one."""
        self.connection.execute(f"create or replace table {name} ({_write_columns(table.columns)})")
        self.append_rows(name, table)

    def append_rows(self, name: str, table: Rows) -> None:
        if table.rows:
            # One list for each column, because one statement for each row would take longer than running the models.
            lists = ", ".join(f"unnest(?::{kind}[])" for kind in table.columns.values())
            values = [list(column) for column in zip(*table.rows, strict=True)]
            self.connection.execute(f"insert into {name} select {lists}", values)

    def append_many_rows(self, name: str, table: Rows) -> None:
        """Append thousands of rows to the table `name`, as arrays, which DuckDB reads faster than lists."""
        import numpy as np

        columns = zip(*table.rows, strict=True)
        # The type of an array is found from all its values, not only from some.
        self.connection.execute(f"set pandas_analyze_sample = {len(table.rows)}")
        self.connection.register("batch", {str(at): np.fromiter(each, object) for at, each in enumerate(columns)})
        self.connection.execute(f"insert into {name} from batch")
        self.connection.unregister("batch")

    def fill_table(self, model: Model, *selects: str) -> Table:
        """Create or replace a model's table from the rows of the SELECTs, and add its documentation."""
        first, *others = selects
        self.run_statement(model, f"create or replace table {model.name} as {_add_order(model, first)}")
        for select in others:
            self.run_statement(model, f"insert into {model.name} {_add_order(model, select)}")
        self._refuse_nulls(model, model.name)
        self.write_comments(model.name, model.what, model.columns)
        return describe_table(self.connection, model.name)

    def replace_part(self, model: Model, known: Table, condition: str, select: str) -> Table:
        """Replace, in a model's table, the rows that match `condition`; the rows of `select` must match it, too."""
        old = describe_table(self.connection, model.name, where=condition)
        self.run_statement(model, f"create or replace temp table made as {_add_order(model, select)}")
        self._refuse_nulls(model, "made")
        self.run_statement(model, f"delete from {model.name} where {condition}")
        self.run_statement(model, f"insert into {model.name} from made")
        self.connection.execute("drop table made")
        new = describe_table(self.connection, model.name, where=condition)
        # The hash of a table is the sum of its rows' hashes, so the hashes of some rows can be subtracted and added.
        content = int(known.content_hash, 16) - int(old.content_hash, 16) + int(new.content_hash, 16)
        return Table(known.name, known.row_count - old.row_count + new.row_count, f"{content:032x}", new.types)

    def _refuse_nulls(self, model: Model, made: str) -> None:
        """Check that the rows of the table `made` have no null in a column that the model requires.

        Raises:
            BilateralError: A row has a null; the message has the columns, and some of the rows with their snapshots.
        """
        if not model.required:
            return
        counts = ", ".join(f'count(*) - count("{column}")' for column in model.required)
        (found,) = self.connection.execute(f"select {counts} from {made}").fetchall()
        nulls = [column for column, count in zip(model.required, found, strict=True) if count]
        if not nulls:
            return
        shown = list(dict.fromkeys((*model.shown, *nulls)))
        where = " or ".join(f'"{column}" is null' for column in nulls)
        listed = self.connection.execute(
            f"select {', '.join(shown)}, count(*) over () from {made} where {where} order by all limit {_KEPT_ROWS}"
        ).fetchall()
        rows = [dict(zip(shown, row[:-1], strict=True)) for row in listed]
        each = (
            ", ".join(f"{name}={'null' if value is None else value}" for name, value in row.items())
            for row in rows[:_SHOWN_ROWS]
        )
        total = listed[0][-1]
        raise Refused(
            f"{model.name} has {total:,} {'row' if total == 1 else 'rows'} without {' or '.join(nulls)}: "
            f"{'; '.join(each)}.",
            remedy="Look up these rows in the snapshots: perhaps a code is not mapped. The required columns are listed "
            f"in the header of sql/{model.schema}/{model.table}.sql, under grain or required.",
            table=model.name,
            rows=rows,
        )

    def define_macro(self, model: Model) -> None:
        """Create or replace a model's table macro."""
        parameters = ", ".join(model.parameters)
        self.run_statement(model, f"create or replace macro {model.name}({parameters}) as table {model.select}")
        self.connection.execute(f"comment on macro table {model.name} is {quote_literal(model.what)}")

    def create_views(self, views: Iterable[Model]) -> None:
        """Drop all views, and create `views` with their documentation."""
        earlier = self.connection.execute(
            "select schema_name || '.' || view_name from duckdb_views() "
            "where database_name = current_database() and not internal"
        )
        for (name,) in earlier.fetchall():
            self.connection.execute(f"drop view {name}")
        for view in views:
            self.run_statement(view, f"create view {view.name} as {view.select}")
            self.write_comments(view.name, view.what, view.columns, kind="view")

    def write_comments(self, name: str, what: str, columns: Iterable[ColumnDoc], *, kind: str = "table") -> None:
        """Write the documentation of a table or a view as comments in the file, which clients show."""
        comments = [f"comment on {kind} {name} is {quote_literal(what)}"]
        for column in columns:
            text = quote_literal(f"{column.meaning} [{column.unit}]")
            comments.append(f'comment on column {name}."{column.name}" is {text}')
        self.connection.execute("; ".join(comments))

    def set_not_null(self, models: Iterable[Model]) -> None:
        """Declare `NOT NULL` for each column that a model requires.

        Raises:
            BilateralError: A required column has a null.
        """
        nullable = set(
            self.connection.execute(
                "select schema_name || '.' || table_name, column_name from duckdb_columns() "
                "where database_name = current_database() and is_nullable"
            ).fetchall()
        )
        with self.begin_transaction():
            for model in models:
                for column in model.required:
                    if (model.name, column) in nullable:
                        self.run_statement(model, f'alter table {model.name} alter column "{column}" set not null')

    def run_statement(self, model: Model, statement: str) -> None:
        """Run a statement that makes a model's table.

        Raises:
            BilateralError: DuckDB rejects the statement; the message names the model.
        """
        try:
            self.connection.execute(statement)
        except duckdb.Error as error:
            raise make_refusal(model, str(error)) from error


def make_refusal(model: Model, reason: str) -> Refused:
    return Refused(
        f"{model.name} cannot be built: {reason.strip().splitlines()[0]}",
        remedy=f"The model is sql/{model.schema}/{model.table}.sql.",
        table=model.name,
    )


def describe_table(connection: duckdb.DuckDBPyConnection, name: str, *, where: str = "true") -> Table:
    """Count and hash the rows of a table that match the condition `where`, and read the types of all its columns."""
    types = read_types(connection, name)
    # The sum of row hashes does not depend on the order of rows; an XOR would not count two equal rows.
    ((rows, content),) = connection.execute(
        f"select count(*), coalesce(sum(hash({quote_names(types)})::hugeint), 0) from {name} where {where}"
    ).fetchall()
    return Table(name=name, row_count=int(rows), content_hash=f"{int(content):032x}", types=types)


def read_types(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """Return the type of each column of a table, by name, in the order of the columns."""
    return {row[0]: row[1] for row in connection.execute(f"describe {name}").fetchall()}


def read_all_types(connection: duckdb.DuckDBPyConnection, database: str | None = None) -> dict[str, dict[str, str]]:
    """Return the column types of each table and view of a catalog, by `schema.name`. Default: the current catalog."""
    found: dict[str, dict[str, str]] = {}
    for name, column, kind in connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = coalesce($1, current_database())",
        [database],
    ).fetchall():
        found.setdefault(name, {})[column] = kind
    return found


def _add_order(model: Model, select: str) -> str:
    order = f" order by {', '.join(model.grain)}" if model.schema == "marts" and model.grain else ""
    return f"select * from ({select}\n){order}"


def _write_columns(types: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}" {kind}' for name, kind in types.items())
