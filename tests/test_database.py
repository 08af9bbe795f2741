"""A database in memory is private and leaves nothing behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from dagster_project import database
from dagster_project.database import match_columns, open_scratch, quote_names


def test_what_is_made_in_one_is_in_no_other_and_is_gone_at_the_end() -> None:
    with open_scratch() as one, open_scratch() as other:
        one.execute("create table figures as select 1 as value")
        other.execute("create table figures as select 2 as value")
        assert one.execute("from figures").fetchall() == [(1,)]
        assert other.execute("from figures").fetchall() == [(2,)]
    with open_scratch() as later:
        names = later.execute("select database_name from duckdb_databases() where not internal").fetchall()
        assert len([name for (name,) in names if name.startswith("scratch_")]) == 1
        with pytest.raises(duckdb.CatalogException):
            later.execute("from figures")


def test_threads_have_one_each() -> None:
    def ask(number: int) -> int:
        with open_scratch() as connection:
            connection.execute("create table figures as select $1 as value", [number])
            ((value,),) = connection.execute("from figures").fetchall()
            return int(value)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(40))) == list(range(40))


def test_after_an_instance_is_lost_the_next_has_another() -> None:
    with open_scratch():
        database._start_instance().close()
    with open_scratch() as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_columns_are_compared_by_names_of_any_form_and_two_nulls_are_equal() -> None:
    names = ["order", "a b"]
    with open_scratch() as connection:
        for table in ("one", "other"):
            connection.execute(f'create table {table} as select 1 as "order", null::integer as "a b"')
        joined = f"one inner join other on {match_columns(names, 'one', 'other')}"
        assert connection.execute(f"select count(*) from {joined}").fetchall() == [(1,)]
        assert connection.execute(f"select {quote_names(names)} from one").fetchall() == [(1, None)]
