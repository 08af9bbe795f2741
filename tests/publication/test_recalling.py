"""A SELECT on a published file runs again only if what it reads has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.publication.recalling import _RecallingConnection

HELD = """
    create schema core; create schema meta;
    create table core.trade as select 'KOR' as reporter, 2023 as year, -18.04::double as balance, ['a/1', null] as ids,
        date '2025-06-19' as day, true as is_final;
    create table core.rates as select 1300.5::double as rate;
    create macro core.of(code) as table select balance from core.trade where reporter = code;
    create view products as select year from core.trade;
    create table meta.table_hashes (table_name varchar, row_count integer, content_hash varchar);
    create table meta.inputs (table_name varchar, input_name varchar, input_hash varchar);
    create table meta.publication as select 'p1' as publication_id;
    insert into meta.table_hashes values ('core.trade', 1, 'h1'), ('core.rates', 1, 'r1'), ('core.of', 0, 'm1');
    insert into meta.inputs values ('core.trade', 'sql', 's1'), ('core.trade', 'raw.a', 'a1'),
        ('core.rates', 'sql', 's2'), ('core.of', 'sql', 's3'), ('core.of', 'core.trade', 'h1');
"""
BALANCE = "select balance from core.trade"


@pytest.fixture
def published() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(HELD)
        yield connection


def ask(connection: duckdb.DuckDBPyConnection, path: Path, *statements: str, **given: object) -> object:
    """Run statements as a build does; return the rows of the last."""
    recalling = _RecallingConnection(connection, path)
    for statement in statements:
        rows = recalling.execute(statement, given if "$" in statement else None).fetchall()
    recalling.write_file()
    return rows


def revise(connection: duckdb.DuckDBPyConnection, **hashes: str) -> None:
    connection.execute("update core.trade set balance = balance - 1, year = year + 1")
    for table, content in hashes.items():
        where = f"where table_name = 'core.{table}'"
        connection.execute(f"update meta.table_hashes set content_hash = '{content}' {where}")


def test_rows_are_recalled_as_they_were_read(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    first = ask(published, path, "from core.trade")
    assert first == [("KOR", 2023, -18.04, ["a/1", None], date(2025, 6, 19), True)]
    # The hash says that nothing changed, so the SELECT does not run again.
    revise(published)
    assert ask(published, path, "from core.trade") == first
    found = _RecallingConnection(published, path).execute("from core.trade")
    assert [column[0] for column in found.description] == ["reporter", "year", "balance", "ids", "day", "is_final"]
    assert found.fetchone() == first[0]


@pytest.mark.parametrize(
    "select",
    [
        BALANCE,
        'select balance from "core" . "trade"',
        "from core.rates cross join Products",
        "select year, rate from main.products cross join core.rates",
    ],
)
def test_a_select_runs_again_if_a_table_that_it_reads_has_changed(
    published: duckdb.DuckDBPyConnection, tmp_path: Path, select: str
) -> None:
    first = ask(published, tmp_path / "rows.json", select)
    revise(published)
    assert ask(published, tmp_path / "rows.json", select) == first
    revise(published, trade="h2")
    assert ask(published, tmp_path / "rows.json", select) == published.execute(select).fetchall() != first


def test_a_macro_depends_on_what_it_reads(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    select = "from core.of('KOR')"
    first = ask(published, tmp_path / "rows.json", select)
    revise(published)
    assert ask(published, tmp_path / "rows.json", select) == first
    published.execute("update meta.inputs set input_hash = 'h2' where table_name = 'core.of' and input_name != 'sql'")
    assert ask(published, tmp_path / "rows.json", select) == [(pytest.approx(-19.04),)]


def test_another_model_of_a_table_may_name_its_columns_otherwise(
    published: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    ask(published, tmp_path / "rows.json", "from core.rates")
    published.execute("alter table core.rates rename rate to won")
    published.execute("update meta.inputs set input_hash = 's9' where table_name = 'core.rates'")
    found = _RecallingConnection(published, tmp_path / "rows.json").execute("from core.rates")
    assert [column[0] for column in found.description] == ["won"]


def test_variables_and_parameters_are_part_of_a_select(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path, select = tmp_path / "rows.json", "select getvariable('a'), $b from core.rates"
    assert ask(published, path, "set variable a = 1", select, b=1) == [(1, 1)]
    assert ask(published, path, "set variable a = 2", select, b=1) == [(2, 1)]
    assert ask(published, path, "set variable a = 2", select, b=3) == [(2, 3)]
    assert ask(published, path, "set variable a = 2", "reset variable a", select, b=1) == [(None, 1)]


@pytest.mark.parametrize(
    "select",
    [
        "from meta.publication",
        "select publication_id, rate from meta.publication cross join core.rates",
        "select count(*) from duckdb_tables() cross join core.rates where table_name = 'more'",
        "select now() from core.rates",
    ],
)
def test_what_depends_on_more_than_tables_runs_each_time(
    published: duckdb.DuckDBPyConnection, tmp_path: Path, select: str
) -> None:
    first = ask(published, tmp_path / "rows.json", select)
    published.execute("update meta.publication set publication_id = 'p2'; create table more (a integer)")
    assert ask(published, tmp_path / "rows.json", select) != first


def test_a_value_that_the_file_cannot_hold_is_read_each_time(
    published: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    select = "select cast(day as timestamp) from core.trade"
    assert ask(published, tmp_path / "rows.json", select) == [(datetime(2025, 6, 19),)]  # noqa: DTZ001 - as in the file
    assert json.loads((tmp_path / "rows.json").read_text()) == {}


def test_rows_that_are_not_used_again_are_dropped(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    ask(published, path, "from core.rates", BALANCE)
    assert len(json.loads(path.read_text())) == 2
    ask(published, path, BALANCE)
    assert len(json.loads(path.read_text())) == 1
    path.write_text("{")  # after a power cut
    assert ask(published, path, BALANCE) == [(pytest.approx(-18.04),)]
