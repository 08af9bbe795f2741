"""What is proved of a SELECT, and what is not taken for proved."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest

from dagster_project.models import Model
from dagster_project.models import slices as sliced
from dagster_project.models.slices import Read, among, looked_up, of_model, of_query, whole

FIGURES = "core.figures"
OTHERS = "core.others"


def model(select: str, *columns: str) -> Model:
    names = columns or ("period_start", "value")
    header = "".join(f"  {name}: code | A column.\n" for name in names)
    return Model.parse(
        f"/*\nwhat: A table.\ngrain: [{names[0]}]\ncolumns:\n{header}*/\n{select}", schema="marts", table="made"
    )


def keys(select: str, *columns: str, tables: tuple[str, ...] = (FIGURES,)) -> list[tuple[str, ...]] | None:
    found = of_model(model(select, *columns), frozenset(tables))
    return None if found is None else [read.keys for read in found.reads]


FOLLOWED = [
    ("select period_start, value from core.figures where value > 0", [("period_start",)]),
    ("select period_start, sum(value) as value from core.figures group by period_start", [("period_start",)]),
    (
        (
            "with a as (select * from core.figures) select a.period_start, a.value from a union all "
            "select date '2020-01-01' as period_start, 1 as value from core.others"
        ),
        [("period_start",)],
    ),
    (
        (
            "select period_start, value from core.figures qualify "
            "row_number() over (partition by period_start, flow order by value) = 1"
        ),
        [("period_start",)],
    ),
    (
        (
            "select period_start, sum(value) over w as value from core.figures "
            "window w as (partition by flow, period_start)"
        ),
        [("period_start",)],
    ),
    (
        "select make_date(cast(substr(period, 1, 4) as integer), 1, 1) as period_start, value from core.figures",
        [("MAKE_DATE(CAST(SUBSTRING(period, 1, 4) AS INT), 1, 1)",)],
    ),
    # A year earlier: a figure matters to its own month, and to the same month a year later.
    (
        (
            "select now.period_start, now.value from core.figures as now left join core.figures as before "
            "on now.period_start = before.period_start + interval 1 year and now.flow = before.flow"
        ),
        [("period_start",), ("period_start + INTERVAL '1' YEAR",)],
    ),
    (
        (
            "select a.period_start, a.value from core.figures as a anti join core.figures as b "
            "on a.flow = b.flow and a.period_start = b.period_start"
        ),
        [("period_start",), ("period_start",)],
    ),
    (
        "select a.period_start, b.value from core.figures as a inner join core.figures as b using (period_start)",
        [("period_start",), ("period_start",)],
    ),
    (
        "select a.period_start, n.value from core.figures as a cross join (values (1), (2)) as n (value)",
        [("period_start",)],
    ),
]


@pytest.mark.parametrize(("select", "expected"), FOLLOWED)
def test_a_month_is_followed_to_what_it_is_made_of(select: str, expected: list[tuple[str, ...]]) -> None:
    assert keys(select) == expected


@pytest.mark.parametrize("select", [select for select, _ in FOLLOWED])
def test_what_is_followed_comes_to_the_same(select: str) -> None:
    slicing = of_model(model(select), frozenset({FIGURES}))
    assert slicing is not None
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        for table in (FIGURES, OTHERS):
            connection.execute(
                f"create table {table} as select make_date(2018 + y::integer, 1, 1) as period_start, f as flow, "
                "cast(2018 + y as varchar) || '01' as period, (y * 7 + f * 3) % 11 - 2 as value "
                "from range(5) as years(y), range(3) as flows(f), range(2) as twice(t)"
            )
        for values in ([date(2019, 1, 1)], [date(2018, 1, 1), date(2020, 1, 1)], []):
            condition = among(values)
            part, all_of_it = slicing.part(condition), f"select * from ({select}) where {condition('period_start')}"
            # Among equals a row number chooses any.
            columns = "period_start" if "row_number" in select else "*"
            for one, other in ((part, all_of_it), (all_of_it, part)):
                difference = f"(select {columns} from ({one})) except all (select {columns} from ({other}))"
                assert connection.execute(difference).fetchall() == []


def test_a_year_is_followed_into_its_months() -> None:
    select = (
        "with counts as (select year(period_start) as year, count(*) as n from core.figures "
        "group by year(period_start)) "
        "select cast(year(figures.period_start) as integer) as year, sum(counts.n) as value "
        "from core.figures as figures "
        "inner join counts on year(figures.period_start) = counts.year group by year(figures.period_start)"
    )
    assert keys(select, "year", "value") == [("CAST(YEAR(period_start) AS INT)",)] * 2


@pytest.mark.parametrize(
    "select",
    [
        # Another month has a part in the row.
        "select period_start, sum(value) over (order by period_start) as value from core.figures",
        "select period_start, lag(value) over (partition by flow order by period_start) as value from core.figures",
        "select max(period_start) as period_start, sum(value) as value from core.figures group by flow",
        "select period_start, value from core.figures order by value limit 10",
        "select distinct on (flow) period_start, value from core.figures",
        "select period_start, value from core.figures qualify row_number() over () = 1",
        "select a.period_start, b.value from core.figures as a inner join core.figures as b on a.flow = b.flow",
        (
            "select a.period_start, b.value from core.figures as a left join core.figures as b "
            "on a.period_start > b.period_start"
        ),
        "select period_start, value from core.figures where value > (select avg(value) from core.figures)",
        "select period_start, value from core.figures where flow in (select flow from core.figures)",
        (
            "with a as (select flow from core.figures) select period_start, value from core.figures "
            "where flow in (select flow from a)"
        ),
        # What is missing has no month.
        (
            "select b.period_start, a.value from core.figures as a left join core.figures as b "
            "on a.period_start = b.period_start"
        ),
        (
            "select a.period_start, b.value from core.figures as a full join core.figures as b "
            "on a.period_start = b.period_start"
        ),
        # The join holds only where there is a match.
        (
            "select a.period_start, b.value from core.others as a left join core.figures as b on a.flow = b.flow "
            "and b.period_start = b.period_start"
        ),
        "select period_start, value from core.figures except select period_start, value from core.others",
        (
            "with recursive a as (select period_start, value from core.figures union all select * from a) "
            "select period_start, value from a"
        ),
        "select a.period_start, b.value from core.figures(1) as a inner join core.others as b on a.flow = b.flow",
        # A query in parentheses has a limit of its own.
        (
            "with top as ((select period_start, value from core.figures order by value desc) limit 3) "
            "select period_start, value from top"
        ),
        "select top.period_start, top.value from (select period_start, value from core.figures limit 3) as top",
        "select period_start, value from core.figures tablesample 10 rows",
        # By the column that is read, and not by what it is called in the result.
        ("select month_start as period_start, sum(value) over (partition by period_start) as value from core.figures"),
        "select flow as period_start, sum(value) as value from core.figures group by period_start, flow_code",
        # Letters of a text count.
        (
            "select case flow when 'X' then period_start else month_start end as period_start, "
            "sum(value) over (partition by case flow when 'x' then period_start else month_start end) as value "
            "from core.figures"
        ),
        # By their names, and not by their places.
        ("select period_start, value from core.figures union all by name select value, period_start from core.figures"),
    ],
)
def test_what_mixes_months_is_made_as_a_whole(select: str) -> None:
    assert keys(select) is None


def test_every_table_that_is_sliced_has_to_be_told_apart() -> None:
    select = (
        "select a.period_start, b.value from core.figures as a inner join core.others as b on a.flow = b.flow "
        "and a.product = b.product"
    )
    assert keys(select) == [("period_start",)]
    assert keys(select, tables=(FIGURES, OTHERS)) is None


def test_a_part_has_the_rows_of_the_whole_and_no_others() -> None:
    select = (
        "with months as (select * from core.figures where value > 0) "
        "select now.period_start, now.value, before.value as earlier from months as now left join months as before "
        "on now.flow = before.flow and now.period_start = make_date(year(before.period_start) + 1, 1, 1)"
    )
    slicing = of_model(model(select, "period_start", "value", "earlier"), frozenset({FIGURES}))
    assert slicing is not None
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.figures as select make_date(2000 + y::integer, 1, 1) as period_start, f as flow, "
            "(y * 7 + f) % 11 - 1 as value from range(20) as years(y), range(3) as flows(f)"
        )
        for values in ([date(2003, 1, 1)], [date(2000, 1, 1), date(2019, 1, 1)], []):
            condition = among(values)
            part, all_of_it = slicing.part(condition), f"select * from ({select}) where {condition('period_start')}"
            assert connection.execute(f"({part}) except all ({all_of_it})").fetchall() == []
            assert connection.execute(f"({all_of_it}) except all ({part})").fetchall() == []


def test_a_table_keeps_the_name_that_its_columns_are_qualified_by() -> None:
    slicing = of_model(model("select figures.period_start, figures.value from core.figures"), frozenset({FIGURES}))
    assert slicing is not None
    assert "as figures" in slicing.part(among([date(2020, 1, 1)]))


def test_a_rule_looks_where_its_rows_are() -> None:
    figures = model("select period_start, value from raw.x")
    tables = {FIGURES: figures, OTHERS: figures}
    lost = (
        "select a.value from core.figures as a inner join core.names as n on a.code = n.code "
        "anti join core.others as b on a.period_start = b.period_start and a.code = b.code"
    )
    found = of_query(lost, tables)
    assert found is not None
    assert [(read.table, read.keys) for read in found.reads] == [
        (FIGURES, ("period_start",)),
        (OTHERS, ("period_start",)),
    ]
    twice = "select code, period_start from core.figures group by code, period_start having count(*) > 1"
    assert of_query(f"{twice} union all {twice}", {FIGURES: figures}) is not None
    assert of_query("select code from core.figures group by code having count(*) > 1", {FIGURES: figures}) is None
    assert of_query("select count(*) as n from core.figures having count(*) < 1", {FIGURES: figures}) is None


def test_a_lookup_is_by_the_key_and_nothing_else() -> None:
    def of(select: str) -> tuple[Read, ...] | None:
        return looked_up(model(select), "reference.snapshots", "snapshot_id", frozenset({FIGURES}))

    by_key = (
        "select f.period_start, s.known_from as value from core.figures as f "
        "inner join reference.snapshots as s on f.snapshot_id = s.snapshot_id"
    )
    found = of(by_key)
    assert found is not None
    (read,) = found
    assert (read.table, read.keys) == (FIGURES, ("snapshot_id",))
    assert of(by_key.replace("f.snapshot_id = s.snapshot_id", "f.source = s.source")) is None
    assert (
        of("select f.period_start, (select count(*) from reference.snapshots) as value from core.figures as f") is None
    )
    beside = "(select * from core.figures union all select date '2020-01-01' as period_start, snapshot_id from core.b)"
    assert of(by_key.replace("core.figures", beside)) is None
    counted = "(select snapshot_id, count(*) over (partition by source) as n from reference.snapshots)"
    assert of(by_key.replace("reference.snapshots", counted).replace("s.known_from", "s.n")) is None


def test_a_value_is_a_day_or_a_whole_number() -> None:
    assert whole(datetime(2020, 1, 1)) == date(2020, 1, 1)  # noqa: DTZ001 - as DuckDB gives it
    assert whole(2020) == 2020
    assert whole(datetime(2020, 1, 1, 12)) is None  # noqa: DTZ001 - as DuckDB gives it
    assert whole("2020") is None
    assert sliced.literal(date(2020, 1, 1)) == "date '2020-01-01'"
