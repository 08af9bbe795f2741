"""The rows of a query become a Parquet file, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.raw.parsed import write_parquet


def test_rows_stand_in_a_file_of_any_name(tmp_path: Path) -> None:
    target = tmp_path / "it's.parquet"
    with duckdb.connect() as connection:
        write_parquet(connection, "select 1::bigint as row_number, null::varchar as value", target)
        found = connection.execute("from read_parquet($path)", {"path": str(target)})
        assert [(name, str(kind)) for name, kind, *_ in found.description] == [
            ("row_number", "BIGINT"),
            ("value", "VARCHAR"),
        ]
        assert found.fetchall() == [(1, None)]


def test_a_query_that_fails_leaves_the_file_before(tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    with duckdb.connect() as connection:
        write_parquet(connection, "select 1 as row_number", target)
        before = target.read_bytes()
        with pytest.raises(duckdb.Error):
            write_parquet(connection, "select error('cut') as row_number", target)
    assert target.read_bytes() == before
    assert list(tmp_path.iterdir()) == [target]
