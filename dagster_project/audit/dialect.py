"""DuckDB for SQLAlchemy, in the form that Great Expectations can use.

Here: the dialect `duckdb+gx`. Not here: Great Expectations.

Great Expectations leaves the block of a connection, and so rolls back, before it fetches; DuckDB drops a result that
is pending when its transaction ends. This dialect therefore leaves transactions to DuckDB, which commits each
statement by itself. It also answers questions about a table's columns with one `describe`: what it inherits asks the
catalog of PostgreSQL, which DuckDB only imitates, and takes ten times as long. And since Great Expectations asks each
question for unexpected rows twice, once for the rows and once for their number, it is answered once where there are
none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb_engine
from sqlalchemy import exc, types
from sqlalchemy.dialects import registry

if TYPE_CHECKING:
    import duckdb

NAME = "duckdb.gx"
URL = "duckdb+gx://"

# How Great Expectations counts the rows of a query.
_COUNT = re.compile(
    r"SELECT COUNT\(\*\) as unexpected_row_count FROM \((.*)\) AS substituted_batch_subquery", re.DOTALL
)

_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "BIGINT": types.BIGINT,
    "BLOB": types.BLOB,
    "BOOLEAN": types.BOOLEAN,
    "DATE": types.DATE,
    "DECIMAL": types.DECIMAL,
    "DOUBLE": types.DOUBLE,
    "FLOAT": types.FLOAT,
    "HUGEINT": types.NUMERIC,
    "INTEGER": types.INTEGER,
    "SMALLINT": types.SMALLINT,
    "TIME": types.TIME,
    "TIMESTAMP": types.TIMESTAMP,
    "TINYINT": types.SMALLINT,
    "VARCHAR": types.VARCHAR,
}


class Cursor(duckdb_engine.CursorWrapper):
    """A cursor that does not run a query again which was just seen to have no rows.

    Args:
        cursor: DuckDB's own.
        connection: The connection it belongs to.
        empty: The queries without rows; the cursors of a connection share it.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, connection: Connection, empty: set[str]) -> None:
        super().__init__(cursor, connection)
        self._duckdb = cursor
        self._empty = empty
        # The query whose first row is still to come, and whether it is asked for by its count.
        self._query: str | None = None
        self._counts = False

    def execute(self, statement: str, parameters: Any = None, context: Any = None) -> None:
        count = _COUNT.fullmatch(statement)
        query = count[1] if count else statement
        if not parameters and query in self._empty:
            statement = "select 0" if count else "select 0 where false"
        self._query = None if parameters else query
        self._counts = count is not None
        super().execute(statement, parameters, context)

    def fetchone(self) -> Any:
        row = self._duckdb.fetchone()
        self._remember(empty=self._counts and row == (0,))
        return row

    def fetchmany(self, size: int | None = None) -> list[Any]:
        rows: list[Any] = super().fetchmany(size)
        self._remember(empty=not rows)
        return rows

    def _remember(self, *, empty: bool) -> None:
        if empty and self._query is not None:
            self._empty.add(self._query)
        # Once rows have been fetched, coming to their end says nothing.
        self._query = None


class Connection(duckdb_engine.ConnectionWrapper):
    """A connection on a DuckDB cursor that is already open.

    Args:
        cursor: The DuckDB cursor.
        empty: What its cursors remember; whoever changes tables clears it.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, empty: set[str]) -> None:
        super().__init__(cursor)
        self._duckdb = cursor
        self._empty = empty

    def cursor(self) -> Cursor:
        return Cursor(self._duckdb, self, self._empty)


class Dialect(duckdb_engine.Dialect):
    """The dialect `duckdb+gx`."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Leaves it to DuckDB."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Keeps the pending result alive."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Leaves it to DuckDB."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """The table's columns, in order."""
        name = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table_name) if part)
        try:
            rows = connection.exec_driver_sql(f"describe {name}").fetchall()
        except exc.DBAPIError as error:
            raise exc.NoSuchTableError(name) from error
        return [{"name": row[0], "type": _type(row[1]), "nullable": row[2] == "YES", "default": None} for row in rows]

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        """None: the warehouse states keys in its models and proves them in its suites."""
        return {"constrained_columns": [], "name": None}


def register() -> None:
    """Makes `duckdb+gx` known to SQLAlchemy where the package's entry points are not, as in a bare checkout."""
    registry.register(NAME, __name__, "Dialect")


def _type(name: str) -> types.TypeEngine[Any]:
    base, _, arguments = name.partition("(")
    kind = _TYPES.get(base, types.NullType)
    if base == "DECIMAL" and arguments:
        precision, scale = (int(part) for part in arguments.rstrip(")").split(","))
        return types.DECIMAL(precision, scale)
    return kind() if not name.endswith("[]") else types.NullType()
