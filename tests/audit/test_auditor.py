"""Great Expectations inside DuckDB: results, counts, failing rows, and crashes."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from dagster_project.audit import auditor as rooms
from dagster_project.audit.auditor import Auditor, Parts, warm_up
from dagster_project.audit.results import SAMPLE_SIZE, CheckResult, select_blocking
from dagster_project.audit.suites import ROWS_TYPE, Expectation, Suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("great_expectations")

TABLE = "marts.trade"


def rule(check: str, kind: str, severity: Any = "critical", **kwargs: Any) -> Expectation:
    return Expectation(check, kind, severity, kwargs, "It must.")


def rows(check: str, query: str, severity: Any = "critical") -> Expectation:
    return rule(check, ROWS_TYPE, severity, unexpected_rows_query=query)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute("create schema marts")
        opened.execute(
            f"""
            create table {TABLE} as
            select 'KOR' as reporter_code, 2000 + i as year, date '2000-01-01' + i::integer as day,
                (i * 1.5)::decimal(12, 2) as price, i * 1e9 as value_usd, i as "order", '국' as "국가",
                'kosis/goods_annual/0123456789ab' as snapshot_id
            from range(20) as numbers(i)
            """
        )
        yield opened


def audit(connection: duckdb.DuckDBPyConnection, *rules: Expectation, table: str = TABLE) -> list[CheckResult]:
    with Auditor(connection) as auditor:
        return auditor.audit_suite(Suite(table, rules))


def one(connection: duckdb.DuckDBPyConnection, expectation: Expectation) -> CheckResult:
    (result,) = audit(connection, expectation)
    return result


@pytest.mark.parametrize(
    ("column", "minimum", "maximum"),
    [
        ("year", 2000, 2019),
        ("order", 0, 19),
        ("price", 0, 28.5),
        ("value_usd", 0, 19e9),
    ],
)
def test_numbers_of_every_type_are_compared(
    connection: duckdb.DuckDBPyConnection, column: str, minimum: float, maximum: float
) -> None:
    kind = "expect_column_values_to_be_between"

    assert one(connection, rule("range", kind, column=column, min_value=minimum, max_value=maximum)).status == "passed"
    failed = one(connection, rule("range", kind, column=column, min_value=minimum, max_value=maximum - 0.1))
    assert (failed.status, failed.unexpected_count) == ("failed", 1)


def test_text_dates_and_a_korean_column_are_read(connection: duckdb.DuckDBPyConnection) -> None:
    results = audit(
        connection,
        rule("text", "expect_column_values_to_be_in_set", column="reporter_code", value_set=["KOR"]),
        rule("hangul", "expect_column_values_to_be_in_set", column="국가", value_set=["국"]),
        rule("date", "expect_column_values_to_not_be_null", column="day"),
        rule("type", "expect_column_values_to_be_of_type", column="day", type_="DATE"),
        rule("decimal", "expect_column_values_to_be_of_type", column="price", type_="DECIMAL"),
        rows("rows", "select day from {batch} where day < date '2000-01-01'"),
    )

    assert [(r.check, r.status, r.message) for r in results if not r.passed] == []


def test_results_keep_the_order_of_the_suite_and_say_what_was_seen(connection: duckdb.DuckDBPyConnection) -> None:
    results = audit(
        connection,
        rows("nothing_is_negative", "select year from {batch} where value_usd < 0"),
        rule("there_are_rows", "expect_table_row_count_to_be_between", min_value=1),
        rule("key", "expect_compound_columns_to_be_unique", column_list=["reporter_code", "year"]),
    )

    assert [(r.check, r.observed, r.unexpected_count) for r in results] == [
        ("nothing_is_negative", "0 unexpected rows among 20", 0),
        ("there_are_rows", "20", None),
        ("key", "0 unexpected rows among 20", 0),
    ]
    assert not select_blocking(results)


def test_failing_rows_are_counted_exactly_and_sampled(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select year, day, price, snapshot_id from {batch} where year >= 2005 order by year"
    result = one(connection, rows("early", query))

    assert (result.status, result.unexpected_count, result.observed) == ("failed", 15, "15 unexpected rows among 20")
    assert len(result.sample) == SAMPLE_SIZE
    assert result.sample[0] == {
        "year": 2005,
        "day": "2000-01-06",
        "price": 7.5,
        "snapshot_id": "kosis/goods_annual/0123456789ab",
    }
    assert {row["snapshot_id"] for row in result.sample} == {"kosis/goods_annual/0123456789ab"}
    assert result.query is not None
    assert "{batch}" not in result.query
    assert connection.execute(f"select count(*) from ({result.query})").fetchone() == (15,)
    json.dumps(result.sample)


@pytest.mark.parametrize(
    ("expectation", "count"),
    [
        (rule("null", "expect_column_values_to_not_be_null", column="value_usd"), 2),
        (rule("set", "expect_column_values_to_be_in_set", column="reporter_code", value_set=["KOR"]), 1),
        (rule("range", "expect_column_values_to_be_between", column="year", max_value=2017), 2),
        (rule("unique", "expect_column_values_to_be_unique", column="day"), 2),
        (rule("key", "expect_compound_columns_to_be_unique", column_list=["day", "snapshot_id"]), 2),
        (rule("pair", "expect_column_pair_values_a_to_be_greater_than_b", column_A="year", column_B="order"), 1),
    ],
)
def test_rules_on_columns_show_whole_rows(
    connection: duckdb.DuckDBPyConnection, expectation: Expectation, count: int
) -> None:
    connection.execute(f"update {TABLE} set value_usd = null where year in (2000, 2003)")
    connection.execute(f"update {TABLE} set reporter_code = 'KR' where year = 2001")
    connection.execute(f"update {TABLE} set day = date '2000-01-09' where year = 2007")
    connection.execute(f'update {TABLE} set "order" = 9999 where year = 2010')

    result = one(connection, expectation)

    assert (result.status, result.unexpected_count) == ("failed", count)
    assert len(result.sample) == count
    assert {"reporter_code", "year", "snapshot_id"} <= set(result.sample[0])
    # Only the SQL of our own rules runs without Great Expectations.
    assert result.query == expectation.write_query(TABLE)


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        (rows("sql", "selec year from {batch}"), "syntax error"),
        (rows("column", "select yaer from {batch}"), "yaer"),
        (rows("table", "select year from {batch} join marts.nowhere using (year)"), "nowhere"),
        (rows("value", "select year from {batch} where cast(reporter_code as integer) > 1"), "KOR"),
        (rule("gone", "expect_column_values_to_not_be_null", column="yaer"), "yaer"),
        (rule("type", "expect_nothing_of_it"), "expect_nothing_of_it"),
        (rule("argument", "expect_column_values_to_not_be_null", colum="year"), "colum"),
    ],
)
def test_a_rule_that_cannot_be_run_crashed_and_blocks_whatever_its_severity(
    connection: duckdb.DuckDBPyConnection, expectation: Expectation, said: str
) -> None:
    mild = replace(expectation, check="mild", severity="warning")
    sound = rule("there_are_rows", "expect_table_row_count_to_be_between", min_value=1)

    *crashed, passed = audit(connection, expectation, mild, sound)

    assert [(result.status, result.blocks) for result in crashed] == [("crashed", True)] * 2
    assert all(said in (result.message or "") for result in crashed)
    assert passed.status == "passed"


def test_a_table_that_is_not_there_crashes_every_rule(connection: duckdb.DuckDBPyConnection) -> None:
    results = audit(
        connection, rows("a", "select 1 from {batch}"), rows("b", "select 2 from {batch}"), table="marts.no"
    )

    assert [(r.status, r.message) for r in results] == [("crashed", "There is no table marts.no.")] * 2


def test_only_a_critical_failure_blocks(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select year from {batch}"
    results = audit(connection, *(rows(severity, query, severity) for severity in ("critical", "warning")))

    assert [r.status for r in results] == ["failed"] * 2
    assert [r.check for r in select_blocking(results)] == ["critical"]


def test_an_irregularity_is_known_as_long_as_no_more_rows_break_the_rule(connection: duckdb.DuckDBPyConnection) -> None:
    query = "select year from {batch} where year < 2003"
    three, two, none = (
        replace(rows(f"known_{count}", query, "warning"), known_rows=count, cause="They were read so.")
        for count in (3, 2, 0)
    )
    passes = replace(rows("passes", "select year from {batch} where year < 0", "warning"), known_rows=3, cause="So.")
    results = audit(connection, three, two, none, passes)
    assert [(r.check, r.status, r.cause) for r in results] == [
        ("known_3", "failed", "They were read so."),
        ("known_2", "failed", ""),
        ("known_0", "failed", ""),
        ("passes", "passed", ""),
    ]


def test_failing_rows_stay_in_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create table marts.big as select i % 7 as code, i as year, -1.0 as value_usd, repeat('x', 100) as label "
        "from range(300_000) as numbers(i)"
    )
    rules = (
        rows("rows", "select * from {batch} where value_usd < 0"),
        rule("set", "expect_column_values_to_be_in_set", column="label", value_set=["y"]),
        rule("range", "expect_column_values_to_be_between", column="value_usd", min_value=0),
    )
    with Auditor(connection) as auditor:
        auditor.audit_suite(Suite("marts.big", rules[:1]))
        tracemalloc.start()
        results = auditor.audit_suite(Suite("marts.big", rules))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert [r.unexpected_count for r in results] == [300_000] * 3
    assert [len(r.sample) for r in results] == [SAMPLE_SIZE] * 3
    # The labels alone are thirty megabytes.
    assert peak < 20_000_000


def test_an_audit_leaves_nothing_behind(connection: duckdb.DuckDBPyConnection) -> None:
    def objects() -> Any:
        return connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables() "
            "union all select database_name, schema_name, view_name from duckdb_views() where not internal order by all"
        ).fetchall()

    before = objects()
    audit(
        connection,
        rule("key", "expect_compound_columns_to_be_unique", column_list=["day", "snapshot_id"]),
        rule("null", "expect_column_values_to_not_be_null", column="value_usd"),
        rows("rows", "select year from {batch}"),
    )

    assert objects() == before


def test_a_closed_auditor_lets_go_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create table marts.trade as select 1 as year")
        audit(connection, rows("rows", "select year from {batch}"))

    with duckdb.connect(str(path), read_only=True) as reader:
        assert reader.execute("select year from marts.trade").fetchall() == [(1,)]
        assert one(reader, rows("rows", "select year from {batch} where year > 1")).passed


def test_tables_made_after_the_first_audit_are_audited(connection: duckdb.DuckDBPyConnection) -> None:
    expectation = rows("rows", "select year from {batch} where year is null")
    with Auditor(connection) as auditor:
        auditor.audit_suite(Suite(TABLE, (expectation,)))
        connection.execute("create table marts.later as select 1 as year")

        assert [r.status for r in auditor.audit_suite(Suite("marts.later", (expectation,)))] == ["passed"]


def test_a_table_that_changes_between_audits_is_seen_as_it_is(connection: duckdb.DuckDBPyConnection) -> None:
    suite = Suite(TABLE, (rows("nothing_is_negative", "select year from {batch} where value_usd < 0"),))
    with Auditor(connection) as auditor:
        assert [r.status for r in auditor.audit_suite(suite)] == ["passed"]
        connection.execute(f"update {TABLE} set value_usd = -1 where year = 2003")
        assert [(r.status, r.unexpected_count) for r in auditor.audit_suite(suite)] == [("failed", 1)]
        connection.execute(f"update {TABLE} set value_usd = 1 where year = 2003")
        assert [r.status for r in auditor.audit_suite(suite)] == ["passed"]


def test_the_rules_on_columns_are_one_question_and_only_what_failed_is_asked_again(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb_engine

    run: list[str] = []
    execute = duckdb_engine.CursorWrapper.execute

    def spy(self: Any, statement: str, *args: Any) -> None:
        run.append(statement)
        execute(self, statement, *args)

    monkeypatch.setattr(duckdb_engine.CursorWrapper, "execute", spy)
    kind = "expect_column_values_to_be_between"
    results = audit(
        connection,
        rule("none", kind, column="year", min_value=1066),
        rule("set", "expect_column_values_to_be_in_set", column="reporter_code", value_set=["KOR"]),
        rows("rows", "select year from {batch} where year = 1067"),
        rule("all", kind, column="price", max_value=-1),
    )

    assert [(r.status, r.unexpected_count) for r in results] == [
        ("passed", 0),
        ("passed", 0),
        ("passed", 0),
        ("failed", 20),
    ]
    counted = [statement for statement in run if "unexpected_count" in statement and "year" in statement]
    assert len(counted) == 1
    assert "price" in counted[0]
    assert "reporter_code" in counted[0]
    assert len([statement for statement in run if "= 1067" in statement]) == 1
    assert len([statement for statement in run if "price" in statement]) > 1


SHOWN = ("reporter_code", "year", "snapshot_id")


@pytest.mark.parametrize(
    "expectation",
    [
        rule("range", "expect_column_values_to_be_between", column="value_usd", max_value=18.5e9),
        rule("set", "expect_column_values_to_not_be_in_set", column="year", value_set=[2019]),
        rule("pair", "expect_column_pair_values_a_to_be_greater_than_b", column_A="limit_usd", column_B="value_usd"),
        rule("key", "expect_column_values_to_be_unique", column="twice"),
    ],
)
def test_a_row_that_breaks_a_rule_is_shown_with_its_key_and_snapshot(
    connection: duckdb.DuckDBPyConnection, expectation: Expectation
) -> None:
    connection.execute(
        f"create or replace table {TABLE} as select *, 18.5e9 as limit_usd, greatest(year, 2001) as twice from {TABLE}"
    )
    with Auditor(connection, {TABLE: SHOWN}) as auditor:
        (result,) = auditor.audit_suite(Suite(TABLE, (expectation,)))

    assert result.status == "failed"
    assert (result.observed or "").endswith(" among 20")
    assert [set(SHOWN) <= set(row) for row in result.sample] == [True] * (result.unexpected_count or 0)
    assert {row["snapshot_id"] for row in result.sample} == {"kosis/goods_annual/0123456789ab"}


PARTS = Parts(
    [{TABLE: "year < 2010", "marts.other": "year < 2010"}, {TABLE: "year >= 2010", "marts.other": "year >= 2010"}],
    {"positive", "reads_another", "key"},
)
IN_PARTS = Suite(
    TABLE,
    (
        rule("positive", "expect_column_values_to_be_between", column="value_usd", min_value=0),
        rows("reads_another", "select year from {batch} anti join marts.other using (year)"),
        rule("key", "expect_compound_columns_to_be_unique", column_list=["reporter_code", "year"]),
        rows("not_in_parts", "select max(year) as year from {batch} having max(year) < 2019"),
    ),
)


def test_a_rule_in_parts_holds_if_it_does_in_each(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create table marts.other as select year from {TABLE}")
    with Auditor(connection) as auditor:
        whole = auditor.audit_suite(IN_PARTS)
        assert [r.status for r in whole] == ["passed"] * 4
        assert auditor.audit_suite(IN_PARTS, [PARTS]) == whole
        # What holds in each part is not asked of the whole: outside the parts nothing is looked at.
        connection.execute(f"update {TABLE} set value_usd = -1 where year = 2019")
        early = Parts(PARTS.parts[:1], PARTS.checks)
        assert [r.status for r in auditor.audit_suite(IN_PARTS, [early])] == ["passed"] * 4
        assert auditor.audit_suite(IN_PARTS, [PARTS])[0].status == "failed"


def test_what_a_part_shows_is_said_of_the_whole(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create table marts.other as select year from {TABLE} where year != 2012")
    connection.execute(f"update {TABLE} set value_usd = -1 where year in (2003, 2015)")
    connection.execute(f"insert into {TABLE} from {TABLE} where year = 2011")
    with Auditor(connection) as auditor:
        whole = auditor.audit_suite(IN_PARTS)
        assert [(r.status, r.unexpected_count) for r in whole] == [
            ("failed", 2),
            ("failed", 1),
            ("failed", 2),
            ("passed", 0),
        ]
        assert auditor.audit_suite(IN_PARTS, [PARTS]) == whole


def test_a_part_that_cannot_be_shown_hides_no_rows_from_later_rules(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create table marts.other as select year from {TABLE}")
    some = rows("none_is_late", "select year from {batch} where year > 2010")
    refused = Parts([{TABLE: "year < 2005", "marts.other": "no_such_column = 1"}], {some.check})
    with Auditor(connection) as auditor:
        (crashed,) = auditor.audit_suite(Suite(TABLE, (some,)), [refused])
        (found,) = auditor.audit_suite(Suite(TABLE, (some,)))
    assert crashed.status == "crashed"
    assert (found.status, found.unexpected_count) == ("failed", 9)


def test_without_rules_great_expectations_is_not_imported(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rooms, "import_great_expectations", lambda: pytest.fail("seconds, for nothing"))

    assert audit(connection) == []


def test_warming_up_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    monkeypatch.setattr(rooms, "_audit_one_row", lambda: called.append(True))

    warm_up().join(timeout=5)

    assert called == [True]


MEANWHILE = """
import sys
import sqlalchemy as sa
from dagster_project.audit.auditor import warm_up

engine = sa.create_engine("sqlite://")
table = sa.Table("events", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String))
with engine.begin() as connection:
    table.create(connection)
assert "sqlalchemy.orm" not in sys.modules
# Threads take turns as often as they can.
sys.setswitchinterval(1e-5)
warming = warm_up()
while warming.is_alive():
    with engine.begin() as connection:
        connection.execute(table.insert().values(name="a"))
        connection.execute(sa.select(table).where(table.c.name.in_([]))).all()
        connection.execute(table.delete())
print("whole" if "great_expectations" in sys.modules else "nothing was imported")
"""


@pytest.mark.long
def test_warming_up_disturbs_nobody_who_uses_sqlalchemy_meanwhile() -> None:
    told = subprocess.run([sys.executable, "-c", MEANWHILE], capture_output=True, text=True, check=False, timeout=200)

    assert told.stdout == "whole\n", told.stderr


def test_warming_up_begins_the_mapper_of_sqlalchemy_before_its_thread() -> None:
    """Whoever asks SQLAlchemy about a value while another thread imports the mapper gets an error."""
    code = (
        "import sys, threading\n"
        "from dagster_project.audit import auditor\n"
        "assert 'sqlalchemy.orm' not in sys.modules\n"
        "threading.Thread.start = lambda self: print('sqlalchemy.orm' in sys.modules)\n"
        "auditor.warm_up()\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=200)

    assert told.stdout == "True\n", told.stderr


def test_warming_up_is_one_small_audit() -> None:
    rooms._audit_one_row()
