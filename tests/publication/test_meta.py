"""The tables of `meta` that Python writes are declared with their types, units and meanings."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.publication import meta
from dagster_project.publication.meta import MetaTable


@pytest.mark.parametrize("table", meta.WRITTEN, ids=lambda table: table.name)
def test_a_table_is_published_as_it_is_declared(published: duckdb.DuckDBPyConnection, table: MetaTable) -> None:
    columns = published.execute(
        "select column_name, lower(data_type) from duckdb_columns() "
        "where schema_name = 'meta' and table_name = $name order by column_index",
        {"name": table.name},
    ).fetchall()
    assert dict(columns) == table.types
    assert set(table.grain) <= table.types.keys()
    assert all(column.unit and column.meaning for column in table.docs)
