"""The work file describes its tables, names the model that fails, and gives back the room that changes leave."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.reference.rows import Rows
from tests.engines.trade import model


def test_the_hash_does_not_depend_on_order_and_sees_every_row() -> None:
    with DuckDB() as engine:
        one = engine.make_table(
            model("select partner_code, value_usd from (values ('A', 1.0), ('B', 2.0)) as t(partner_code, value_usd)")
        )
        two = engine.make_table(
            model("select partner_code, value_usd from (values ('B', 2.0), ('A', 1.0)) as t(partner_code, value_usd)")
        )
        other = engine.make_table(
            model("select partner_code, value_usd from (values ('B', 2.0), ('A', 1.5)) as t(partner_code, value_usd)")
        )
        doubled = engine.make_table(
            model("select partner_code, value_usd from (values ('A', 1.0), ('A', 1.0)) as t(partner_code, value_usd)")
        )
        nothing = engine.make_table(
            model("select partner_code, value_usd from (values ('A', 1.0)) as t(partner_code, value_usd) where false")
        )
    assert one is not None
    assert two is not None
    assert one.content_hash == two.content_hash
    assert len({t.content_hash for t in (one, other, doubled, nothing) if t is not None}) == 4


def test_an_error_names_the_model_and_its_file() -> None:
    with DuckDB() as engine, pytest.raises(BilateralError, match=r"marts\.trade cannot be built") as caught:
        engine.make_table(model("select partner_code, value_usd from raw.absent"))
    assert "sql/marts/trade.sql" in str(caught.value)


def test_a_file_that_changes_have_left_half_empty_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    shown = "select table_name, column_name, is_nullable, comment from duckdb_columns() where not internal"
    with DuckDB(file) as engine:
        engine.make_table(model("select range::varchar as partner_code, random() as value_usd from range(50_000)"))
        engine.define_macro(
            model(
                "select partner_code, value_usd from marts.trade where value_usd < most",
                "small",
                "parameters: [most]\n",
            ),
        )
        engine.compact_and_close()
    whole = file.stat().st_size
    with duckdb.connect(str(file), read_only=True) as before:
        rows, columns = (before.execute(sql).fetchall() for sql in ("from marts.trade", shown))
    for number in range(3):
        with DuckDB(file) as engine:
            engine.connection.execute("create table marts.gone as from marts.trade")
            engine.connection.execute("checkpoint")
            engine.connection.execute(f"create table core.last_{number} as select 1 as one")
            engine.connection.execute("drop table marts.gone")
            engine.compact_and_close()
        assert file.stat().st_size <= 1.3 * whole
    with duckdb.connect(str(file), read_only=True) as after:
        assert after.execute("from marts.trade").fetchall() == rows
        assert [row for row in after.execute(shown).fetchall() if row[0] == "trade"] == columns
        assert after.execute("select count(*) from marts.small(2)").fetchall() == [(50_000,)]
    assert [path.name for path in tmp_path.iterdir()] == ["w.duckdb"]


def test_many_rows_are_appended_as_they_are() -> None:
    """A whole number, or none, in thousands of rows does not decide on the type of a value below them."""
    types = {"value_usd": "double", "status": "varchar", "day": "date", "snapshot_ids": "varchar[]"}
    # With DuckDB's own sample, each fourth row would count, and not the last.
    rows = [*[(1, None, None, ["a", "b"])] * 3999, (1.5, "A", date(2020, 1, 1), ["c", "d"])]
    with DuckDB() as engine:
        engine.write_rows("marts.trade", Rows("trade", types, []))
        engine.append_many_rows("marts.trade", Rows("trade", types, rows))
        assert engine.connection.execute("from marts.trade").fetchall() == rows
