"""Define an SQLAlchemy dialect of DuckDB for Great Expectations.

Here: the dialect `duckdb+gx`. Not here: Great Expectations.

Great Expectations fetches a result after the `with` block of the connection. The end of the block would roll back the
transaction, and DuckDB would discard the result. Therefore this dialect leaves transactions to DuckDB, which commits
each statement by itself. The dialect also lists a table's columns with one `describe`. The parent dialect would query
PostgreSQL's catalog, which DuckDB only imitates; that takes ten times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb_engine
from sqlalchemy import exc, types
from sqlalchemy.dialects import registry

if TYPE_CHECKING:
    import duckdb

NAME = "duckdb.gx"
URL = "duckdb+gx://"


class Dialect(duckdb_engine.Dialect):
    """SQLAlchemy's dialect for the connections of an audit, under the name `duckdb+gx`."""

    supports_statement_cache = False

    def do_begin(self, dbapi_connection: Any) -> None:
        """Do nothing: DuckDB begins transactions by itself."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Do nothing, so that DuckDB keeps the pending result."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Do nothing: DuckDB commits each statement by itself."""

    def get_columns(self, connection: Any, table_name: str, schema: str | None = None, **_: Any) -> list[Any]:
        """Return the table's columns, in order."""
        name = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table_name) if part)
        try:
            rows = connection.exec_driver_sql(f"describe {name}").fetchall()
        except exc.DBAPIError as error:
            raise exc.NoSuchTableError(name) from error
        return [
            {"name": row[0], "type": _get_type(row[1]), "nullable": row[2] == "YES", "default": None} for row in rows
        ]

    def get_pk_constraint(self, *_: Any, **__: Any) -> Any:
        """Return no key, because suites check the keys that models declare."""
        return {"constrained_columns": [], "name": None}


def wrap_cursor(cursor: duckdb.DuckDBPyConnection) -> Any:
    """Wrap an open DuckDB cursor as a connection for SQLAlchemy."""
    return duckdb_engine.ConnectionWrapper(cursor)


def register_dialect() -> None:
    """Register `duckdb+gx` with SQLAlchemy, for a bare checkout without the package's entry points."""
    registry.register(NAME, __name__, "Dialect")


def _get_type(name: str) -> types.TypeEngine[Any]:
    base, _, arguments = name.partition("(")
    # SQLAlchemy has most of DuckDB's types under the same names.
    kind = getattr(types, base, types.NullType)
    if base == "DECIMAL" and arguments:
        precision, scale = (int(part) for part in arguments.rstrip(")").split(","))
        return types.DECIMAL(precision, scale)
    return kind() if not name.endswith("[]") else types.NullType()
