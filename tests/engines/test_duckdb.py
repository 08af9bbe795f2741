"""The DuckDB engine makes tables that older clients open, and leaks no local path."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project import raw
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import describe_table
from dagster_project.incremental.slices import get_model_slicing
from dagster_project.reference.rows import Rows
from tests import making
from tests.engines.trade import HEADER, model


def test_a_model_reads_raw_and_reference_and_is_documented_in_the_file(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    making.snapshot(project)
    file = tmp_path / "w.duckdb"
    with DuckDB(file) as engine:
        engine.attach_raw(raw.receive_dataset(project, making.TRADE))
        engine.attach_reference([Rows("factors", {"flow": "varchar", "factor": "double"}, [["export", 2.0]])])
        table = engine.make_table(
            model(
                "select t.partner_code, cast(t.value_usd as double) * f.factor as value_usd "
                "from raw.example__trade_annual as t inner join reference.factors as f on t.flow = f.flow"
            )
        )
    assert table is not None
    assert table.row_count == 2
    assert table.types == {"partner_code": "VARCHAR", "value_usd": "DOUBLE"}
    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.execute("select * from marts.trade").fetchall() == [("CHN", 2401.0), ("JPN", 0.0)]
        comments = connection.execute("select comment from duckdb_columns() where table_name = 'trade'").fetchall()
        assert ("The partner's code. [code]",) in comments
        tags = connection.execute("select tags['storage_version'] from duckdb_databases() where path is not null")
        assert tags.fetchone() == ("v1.2.0+",)
        catalogs = connection.execute("select count(*) from duckdb_views() where not internal").fetchone()
        assert catalogs == (0,)


def test_statements_share_threads_only_if_a_dataset_has_many_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = making.project(tmp_path)
    making.snapshot(project)
    received = raw.receive_dataset(project, making.TRADE)
    for few, is_shared in ((received.row_count, False), (received.row_count - 1, True)):
        monkeypatch.setattr("dagster_project.engines.duckdb.FEW_ROWS", few)
        with DuckDB() as engine:
            ((own,),) = duckdb.execute("select current_setting('threads')").fetchall()
            engine.attach_raw(received)
            threads = engine.connection.execute("select current_setting('threads')").fetchone()
            assert threads == (own if is_shared else 1,)


def test_a_macro_answers_as_of_a_moment() -> None:
    with DuckDB() as engine:
        engine.make_table(
            model("select partner_code, value_usd from (values ('A', 1.0), ('B', 2.0)) as t(partner_code, value_usd)")
        )
        made = engine.make_table(
            model(
                "select partner_code, value_usd from marts.trade where value_usd < most",
                table="below",
                parameters="parameters: [most]\n",
            )
        )
        assert made is None
        assert engine.connection.execute("from marts.below(1.5)").fetchall() == [("A", 1.0)]


@pytest.mark.parametrize("month", [date(2020, 1, 1), date(2021, 3, 1), None])
def test_a_month_of_a_raw_table_is_found_however_its_texts_say_it(month: date | None) -> None:
    """A month may stand as several texts, and a text that is no month, a quote in it or none at all is a slice, too."""
    slices = "sliced_by: period_start = cast(try_strptime(rpad(period, 6, '01'), '%Y%m') as date)\n"
    header = HEADER.format(parameters=slices).replace("columns:\n", "columns:\n  period_start: date | The month.\n")
    whole = making.parse_model(
        f"{header}select {slices.partition('=')[2].strip()} as period_start, partner_code, value_usd\nfrom raw.figures",
        schema="staging",
        table="figures",
    )
    slicing = get_model_slicing(whole, {whole.name: whole})
    assert slicing is not None
    texts = ["202001", "2020", "202103", "202104", "O'Brien", "x", None]
    with DuckDB() as engine:
        engine.connection.execute(
            "create table raw.figures as select period, 'CHN' as partner_code, 2.0 as value_usd, "
            "'snapshot of ' || coalesce(period, 'nothing') as snapshot_id from unnest($1) as texts(period)",
            [texts],
        )
        known = engine.make_table(whole)
        assert known is not None
        engine.connection.execute("update raw.figures set value_usd = 3")
        renewed = engine.renew_slices(whole, known, slicing, [month])
        assert renewed == describe_table(engine.connection, whole.name)
        rows = engine.connection.execute("select period_start, value_usd from staging.figures").fetchall()
    months = [date(2020, 1, 1), date(2020, 1, 1), date(2021, 3, 1), date(2021, 4, 1), None, None, None]
    assert sorted(rows, key=str) == sorted(((one, 3 if one == month else 2) for one in months), key=str)
