"""The dialect repairs the faults of the plain one; a test fails if the plain one no longer has them."""

from __future__ import annotations

from typing import Any

import duckdb
import duckdb_engine
import pytest
import sqlalchemy as sa

from dagster_project.audit import dialect


def engine(url: str, connection: duckdb.DuckDBPyConnection) -> sa.Engine:
    dialect.register_dialect()
    return sa.create_engine(url, creator=lambda: duckdb_engine.ConnectionWrapper(connection.cursor()))


def fetched_after_leaving(source: sa.Engine) -> list[Any]:
    """Fetch the rows of a query after its connection's block has ended, as Great Expectations does."""
    with source.connect() as connection:
        result = connection.execute(sa.text("select range from range(3)"))
        connection.rollback()
        return list(result.fetchall())


def test_a_result_outlives_the_rollback() -> None:
    with duckdb.connect() as connection:
        assert fetched_after_leaving(engine(dialect.URL, connection)) == [(0,), (1,), (2,)]


def test_without_the_dialect_the_result_is_lost() -> None:
    """Should this fail after an upgrade, DuckDB keeps the result and the dialect may have become needless."""
    with duckdb.connect() as connection, pytest.raises((sa.exc.SQLAlchemyError, duckdb.Error, AssertionError)):
        assert fetched_after_leaving(engine("duckdb://", connection)) == [(0,), (1,), (2,)]


def test_columns_keep_their_order_and_types() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            'create schema marts; create table marts.t (k varchar, "Value (USD)" double, d decimal(18, 2), day date,'
            " seen timestamp, n bigint, ids varchar[], sum hugeint)"
        )
        columns = sa.inspect(engine(dialect.URL, connection)).get_columns("t", schema="marts")
        assert [(column["name"], str(column["type"])) for column in columns] == [
            ("k", "VARCHAR"),
            ("Value (USD)", "DOUBLE"),
            ("d", "DECIMAL(18, 2)"),
            ("day", "DATE"),
            ("seen", "TIMESTAMP"),
            ("n", "BIGINT"),
            ("ids", "NULL"),
            ("sum", "NULL"),
        ]


def test_an_absent_table_is_named() -> None:
    with duckdb.connect() as connection, pytest.raises(sa.exc.NoSuchTableError, match="absent"):
        sa.inspect(engine(dialect.URL, connection)).get_columns("absent", schema="marts")
