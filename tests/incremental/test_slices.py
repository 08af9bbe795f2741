"""A declaration becomes the SELECT for some slices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import duckdb
import pytest

from dagster_project.audit.suites import ROWS_TYPE, Expectation
from dagster_project.incremental.slices import (
    Slicing,
    convert_value,
    get_model_slicing,
    get_rule_slicing,
    parse_value,
    write_condition,
)
from dagster_project.models import Model, Slices
from tests import making

FIGURES, YEARS, NAMES = "core.figures", "core.years", "core.names"


def model(name: str, select: str, *columns: str, slices: str = "") -> Model:
    header = "".join(f"  {column}: code | A column.\n" for column in columns)
    text = f"/*\nwhat: A table.\ngrain: [{columns[0]}]\n{slices}columns:\n{header}*/\n{select}"
    schema, _, table = name.partition(".")
    return making.parse_model(text, schema=schema, table=table)


MODELS = {
    one.name: one
    for one in (
        model(FIGURES, "select period_start, flow, value from raw.figures", "period_start", "flow", "value"),
        model(YEARS, "select year, total from raw.years", "year", "total"),
        model(NAMES, "select flow, name from reference.names", "flow", "name"),
    )
}
SELECT = (
    "with months as (select * from core.figures where value > 0) "
    "select months.period_start, months.value, before.value as earlier, years.total, figures.flow, names.name "
    "from months inner join core.figures on months.flow = figures.flow and months.period_start = figures.period_start "
    "left join core.figures as before on months.flow = before.flow "
    "and months.period_start = before.period_start + interval 2 months "
    "inner join core.years as years on year(months.period_start) = years.year "
    "inner join core.names as names on months.flow = names.flow"
)
COLUMNS = ("period_start", "value", "earlier", "total", "flow", "name")


def made(slices: str, select: str = SELECT) -> Slicing:
    found = get_model_slicing(model("marts.made", select, *COLUMNS, slices=slices), MODELS)
    assert found is not None
    return found


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema core")
    connection.execute(
        f"create table {FIGURES} as select make_date(2020 + m // 12, m % 12 + 1, 1)::date as period_start, f as flow, "
        "(m * 7 + f) % 11 - 1 as value from range(30) as months(m), range(3) as flows(f) "
        "union all select null, 0, 3"
    )
    connection.execute(
        f"create table {YEARS} as select (2020 + y)::integer as year, y * 3 as total from range(3) as y(y)"
    )
    connection.execute(f"create table {NAMES} as select f as flow, 'n' || f as name from range(3) as f(f)")
    return connection


@pytest.mark.parametrize(
    ("slices", "values"),
    [
        ("sliced_by: period_start\nlookback: 2 months\n", [date(2020, 1, 1), date(2021, 3, 1)]),
        ("sliced_by: period_start\nlookback: 2 months\n", []),
        ("sliced_by: year\nlookback: 1 year\n", [2021]),
        ("sliced_by: year\nlookback: 1 year\n", [2020, 2022, None]),
    ],
)
def test_a_part_has_the_rows_of_its_slices_and_no_others(
    connection: duckdb.DuckDBPyConnection, slices: str, values: list[date | int | None]
) -> None:
    slicing = made(slices)
    held = f"select * from ({SELECT}) where {write_condition(slicing.result, values)}"
    part = slicing.write_select(values)
    assert bool(connection.execute(part).fetchall()) == bool(values)
    for one, other in ((part, held), (held, part)):
        assert connection.execute(f"({one}) except all ({other})").fetchall() == []


def test_what_tells_the_slice_of_a_row_is_found_by_its_name() -> None:
    by_month, by_year = made("sliced_by: period_start\n"), made("sliced_by: year\n")
    assert by_month.keys == {FIGURES: "period_start", YEARS: "make_date(year, 1, 1)"}
    assert by_year.keys == {FIGURES: "year(period_start)", YEARS: "year"}
    assert (by_month.result, by_year.result) == ("period_start", "year(period_start)")


def test_of_a_raw_table_the_header_tells_it() -> None:
    header = "sliced_by: period_start = try_cast(month || '-01' as date)\n"
    select = "select month as period_start, value from raw.months"
    found = get_model_slicing(model("staging.made", select, "period_start", "value", slices=header), MODELS)
    assert found is not None
    assert found.keys == {"raw.months": "try_cast(month || '-01' as date)"}
    where = "((try_cast(month || '-01' as date) in (date '2020-01-01'))) and snapshot_id in ('a')"
    part = found.write_select([date(2020, 1, 1)], {"raw.months": "snapshot_id in ('a')"})
    assert "(select * from raw.months where" in part
    assert "as months" in part
    assert where.replace("((", "(").replace(")))", "))") in part


def test_lookback_goes_both_ways() -> None:
    months, years = made("sliced_by: period_start\nlookback: 2 months\n"), made("sliced_by: year\nlookback: 1 year\n")
    assert months.list_earlier(date(2021, 1, 1)) == {date(2020, 12, 1), date(2020, 11, 1)}
    assert months.list_later(date(2020, 11, 1)) == {date(2020, 12, 1), date(2021, 1, 1)}
    assert (years.list_earlier(2021), years.list_later(2021), years.list_later(None)) == ({2020}, {2022}, {None})


def test_what_declares_nothing_is_not_sliced() -> None:
    assert get_model_slicing(MODELS[FIGURES], MODELS) is None
    rule = Expectation("rule", ROWS_TYPE, "critical", {"unexpected_rows_query": "select * from {batch}"}, "Why.")
    assert get_rule_slicing(rule, FIGURES, MODELS) is None
    sliced = get_rule_slicing(replace(rule, sliced_by="year"), FIGURES, MODELS)
    assert sliced is not None
    assert sliced.write_conditions([2020]) == {FIGURES: "(year(period_start) in (2020))"}


def test_a_rule_that_looks_at_one_row_is_sliced_by_what_its_table_has() -> None:
    kwargs = {"column": "value_usd", "min_value": 0}
    rule = Expectation("rule", "expect_column_values_to_be_between", "critical", kwargs, "Why.")
    sliced = get_rule_slicing(rule, FIGURES, MODELS)
    assert sliced is not None
    assert sliced.write_conditions([date(2020, 1, 1)]) == {FIGURES: "(period_start in (date '2020-01-01'))"}
    unique = replace(rule, type="expect_column_values_to_be_unique", kwargs={"column": "value_usd"})
    assert get_rule_slicing(unique, FIGURES, MODELS) is None


def test_a_table_that_an_analysis_reads_may_change_any_slice() -> None:
    """What Python works out of a table is not told apart by months."""
    one = replace(MODELS[FIGURES], slices=Slices("period_start"), depends_on=frozenset({"analysis.x", FIGURES}))
    assert get_model_slicing(one, MODELS) is None


def test_a_slice_is_a_day_a_year_or_none() -> None:
    assert parse_value(datetime(2020, 1, 1)) == date(2020, 1, 1)  # noqa: DTZ001 - as DuckDB gives it
    assert (parse_value(2020), parse_value(None)) == (2020, None)
    assert convert_value(date(2020, 5, 1), "year") == 2020
    assert convert_value(2020, "period_start") == date(2020, 1, 1)
    assert convert_value(None, "year") is None
