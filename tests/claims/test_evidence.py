"""Evidence may read one value from the figures and do nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project.claims.evidence import FORBIDDEN, ask_value, check_select, list_named_tables
from dagster_project.claims.query_limits import EvidenceError
from tests.claims.making_claims import BALANCE, small, warehouse


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        (BALANCE, {"marts.balances"}),
        (f"{BALANCE};", {"marts.balances"}),
        ("SELECT max(Balance_USD) FROM Marts.Balances", {"marts.balances"}),
        ("with a as (select * from core.economies) select count(*) from a", {"core.economies"}),
        ("with a as (from core.economies), b as (from a) select (select count(*) from b) / 2", {"core.economies"}),
        (
            (
                "with recursive n as (select 1 as y union all select y + 1 from n where y < 3) "
                "select max(year) from n join marts.balances on year = y"
            ),
            {"marts.balances"},
        ),
        ("select count(*) from (from core.economies) as inside", {"core.economies"}),
        ("select (select count(*) from core.economies) / 2", {"core.economies"}),
        (
            "select count(*) from range(3), unnest([1, 2]), generate_series(1, 2), (values (1)), core.economies",
            {"core.economies"},
        ),
        ("select sum(exports_usd) from core.trade_as_of(date '2020-01-01')", {"core.trade_as_of"}),
        ("select count(*) from core.economies semi join marts.balances on true", {"core.economies", "marts.balances"}),
        ("select name || 'from read_csv(''x'')' from core.economies -- from meta.snapshots", {"core.economies"}),
    ],
)
def test_a_select_over_core_and_marts_is_let_through(
    connection: duckdb.DuckDBPyConnection, sql: str, reads: set[str]
) -> None:
    assert check_select(connection, sql, small()) == reads


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "got 0"),
        ("select 1; select 2", "got 2"),
        ("selec 1", "invalid SQL"),
        ("insert into core.economies values ('XXX')", "expected a SELECT"),
        ("create table core.t as select 1", "expected a SELECT"),
        ("drop table core.economies", "expected a SELECT"),
        ("copy core.economies to 'x.csv'", "expected a SELECT"),
        ("attach 'x.duckdb'", "expected a SELECT"),
        ("pragma database_size", "expected a SELECT"),
        ("set threads = 1", "expected a SELECT"),
        ("install httpfs", "expected a SELECT"),
        ("call pragma_version()", "expected a SELECT"),
        ("explain select 1", "expected a SELECT"),
        ("with gone as (delete from core.economies returning *) select count(*) from gone", "does more than select"),
        # What reads no figure says nothing about one, however true it sounds.
        ("select 55636463000", "the SELECT reads no table of core or marts"),
        ("select count(*) from range(3), (values (1))", "the SELECT reads no table of core or marts"),
        ("with a as (select 1 as b) select max(b) from a", "the SELECT reads no table of core or marts"),
        ("select count(*) from meta.snapshots", "meta.snapshots"),
        ("select count(*) from raw.figures", "raw.figures"),
        ("select count(*) from information_schema.tables", "information_schema.tables"),
        ("select count(*) from other.core.economies", "other.core.economies"),
        ("select count(*) from economies", "'economies', which is not a table"),
        ("select count(*) from 'x.csv'", "'x.csv', which is not a table"),
        ("select count(*) from 'https://example.org/x.parquet'", "which is not a table"),
        ("select count(*) from core.absent", "no table core.absent"),
        ('select count(*) from core."x.csv"', "no table core.x.csv"),
        ("select count(*) from core.trade_as_of", "no table core.trade_as_of"),
        ("select count(*) from marts.claim_verdicts", "the SELECT reads claims"),
        ("select max(claimed_value) from core.claims", "the SELECT reads claims"),
        ("select reservoir_quantile(year, 0.5) from marts.balances", "reservoir_quantile"),
        ('with "x.csv" as (select 1) select count(*) from (select * from "x.csv")', "has the name 'x.csv'"),
        ('with "core.claims" as (select 1) select count(*) from core.claims', "has the name 'core.claims'"),
        ("with claims as (select 1) select count(*) from core.claims", "the SELECT reads claims"),
        ("select count(*) from core./**/economies", "names the table core.economies in another form than schema.table"),
        ("select count(*) from read_csv('x.csv')", "read_csv"),
        ("select count(*) from read_text('/etc/passwd')", "read_text"),
        ("select count(*) from glob('*')", "glob"),
        ("select count(*) from query('select 1')", "query"),
        ("select count(*) from query_table('core.economies')", "query_table"),
        ("select count(*) from duckdb_secrets()", "duckdb_secrets"),
        ("select count(*) from core.absent_as_of(date '2020-01-01')", "core.absent_as_of"),
        ("select count(*) from (show tables)", "not a table"),
        ("select count(*) from (summarize core.economies)", "not a table"),
        ("select getenv('HOME')", "getenv"),
        ("select current_setting('threads')", "current_setting"),
        ("select max(a) from (select getvariable('x') as a)", "getvariable"),
        ("select current_date", "current_date"),
        ("select now()", "now"),
        ("select today() > date '2020-01-01'", "today"),
        ("select random()", "random"),
        ("select count(*) filter (where uuid() is not null) from core.economies", "uuid"),
        ("select nextval('s')", "nextval"),
        ("select sleep_ms(1000)", "sleep_ms"),
        ("select count(*) from core.economies using sample 1", "a random sample"),
        ("select count(*) from core.economies tablesample 50%", "a random sample"),
        ("select count(*) from core.economies at (version => 1)", "an earlier state"),
    ],
)
def test_what_writes_or_reaches_outside_is_refused_with_its_remedy(
    connection: duckdb.DuckDBPyConnection, sql: str, said: str
) -> None:
    with pytest.raises(EvidenceError) as refused:
        check_select(connection, sql, small())
    assert said in refused.value.message
    assert refused.value.remedy


def test_every_volatile_function_of_this_duckdb_is_forbidden(connection: duckdb.DuckDBPyConnection) -> None:
    volatile = connection.execute(
        "select distinct function_name from duckdb_functions() where stability = 'VOLATILE'"
    ).fetchall()
    assert len(volatile) > 5
    assert [name for (name,) in volatile if not FORBIDDEN.fullmatch(name)] == []


def test_ordinary_functions_are_not_forbidden() -> None:
    names = "max sum sign round year date_diff regr_slope rank coalesce list_value abs"
    assert [name for name in names.split() if FORBIDDEN.fullmatch(name)] == []


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("select 55.5", 55.5),
        ("select 3", 3),
        # Whole numbers in full; of others the digits that do not depend on the order of a sum.
        ("select 5563646300012345.0::double", 5563646300012345.0),
        ("select -0.42840319310014047::double", -0.4284031931),
        ("select 10::hugeint", 10),
        ("select 1.50::decimal(9, 2)", 1.5),
        ("select 'signed'", "signed"),
        ("select true", True),
        ("select date '2015-12-20'", date(2015, 12, 20)),
        ("select timestamp '2015-12-20 10:00:00'", date(2015, 12, 20)),
        ("select null", None),
        ("select max(balance_usd) from marts.balances where year = 1900", None),
    ],
)
def test_an_evidence_gives_one_value(connection: duckdb.DuckDBPyConnection, sql: str, value: object) -> None:
    found = ask_value(connection, sql)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select 1, 2", "the SELECT gives 2 columns"),
        ("select year from marts.balances", "more than one row"),
        ("select year from marts.balances where year = 1900", "no row"),
        ("select 1 / 0.0", "the SELECT gives inf"),
        ("select [1, 2]", "the SELECT gives a list ([1, 2])"),
        ("select absent from marts.balances", "the SELECT fails: Binder Error"),
        ("select cast('x' as integer)", "the SELECT fails: Conversion Error"),
    ],
)
def test_other_than_one_value_is_refused(connection: duckdb.DuckDBPyConnection, sql: str, said: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        ask_value(connection, sql)
    assert said in refused.value.message
    assert refused.value.remedy
    # And the connection is as good as before.
    assert ask_value(connection, "select 1") == 1


def test_no_row_is_no_figure_where_that_is_allowed(connection: duckdb.DuckDBPyConnection) -> None:
    assert ask_value(connection, "select year from marts.balances where year = 1900", may_be_empty=True) is None


def test_even_an_unchecked_evidence_cannot_write(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "w.duckdb") as connection:
        connection.execute("create table t as select 1 as a")
        with pytest.raises(EvidenceError, match="read-only"):
            ask_value(connection, "insert into t values (2)")
        assert ask_value(connection, "select count(*) from t") == 1


def test_tables_are_found_in_a_text_without_parsing_it() -> None:
    found = list_named_tables('select 1 from marts.a, CORE."B" where x in (select y from core . c)')
    assert found == {"marts.a", "core.b", "core.c"}
