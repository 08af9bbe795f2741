"""An answer of evidence must come from the figures, be no more precise than they are, and may be null."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import NULL_IF_FALSE, check_answer, check_select
from dagster_project.claims.query_limits import EvidenceError
from dagster_project.models import Model
from dagster_project.project import Project
from tests import making
from tests.claims.making_claims import article as published
from tests.claims.making_claims import claim, small, warehouse

EVENTS = """/*
what: Stages of events.
grain: [event_id]
columns:
  event_id: code | The event.
  event_date: date | The day; the first of the month where only that is known.
  date_precision: code | day or month.
*/
select event_id, event_date, date_precision from raw.events
"""
YEARS = """/*
what: Balances by year.
grain: [year]
columns:
  year: year | The year.
  balance_sign: code | surplus or deficit; null where it is not told.
  sign_flipped: true/false | The sign differs from the year before.
  first_deficit_since: year | The deficit before.
  surplus_rank: rank | 1 is the largest.
*/
select year, balance_sign, sign_flipped, first_deficit_since, surplus_rank from raw.years
"""
RANK = "select max(surplus_rank) from marts.trade_balance_annual where year = {}"
SINCE = "select max(first_deficit_since) from marts.trade_balance_annual where year = {}"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    made.execute(
        """
        create table core.stages as select * from (values
            ('deployment', date '2017-04-26', 'day'), ('curbs', date '2016-08-01', 'month'))
            as t (event_id, event_date, date_precision);
        create table marts.trade_balance_annual as select * from (values
            (2018, 'surplus', false, null, 1), (2022, 'surplus', false, null, 2), (2023, 'deficit', true, 1992, null),
            (2024, 'deficit', false, null, null), (2025, null, null, null, null))
            as t (year, balance_sign, sign_flipped, first_deficit_since, surplus_rank);
        """
    )
    yield made
    made.close()


def made() -> dict[str, Model]:
    more = [
        making.parse_model(EVENTS, schema="core", table="stages"),
        making.parse_model(YEARS, schema="marts", table="trade_balance_annual"),
    ]
    return {**small(), **{model.name: model for model in more}}


@pytest.mark.parametrize(
    "sql",
    [
        # 55,636,463,000 is Korea's surplus of 2018, whatever any table holds.
        "select 55636463000 from marts.balances order by 1 limit 1",
        "select max(55636463000) from marts.balances where year = 2018",
        "select -(5 + 1) from marts.balances order by 1 limit 1",
        "select (select max(5) from marts.balances) / 2",
        "select 5 where (select 1 from marts.balances) > 0",
        # A column that only says between which written numbers to choose is no figure.
        "select max(case when year = 2018 then 5 else 0 end) from marts.balances",
    ],
)
def test_an_answer_that_names_no_column_is_refused(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    check_select(connection, sql, made())
    with pytest.raises(EvidenceError, match="does not depend on any figure") as refused:
        check_answer(connection, sql, made())
    assert refused.value.remedy


@pytest.mark.parametrize(
    "sql",
    [
        "select max(balance_usd) from marts.balances",
        "select count(*) from marts.balances",
        "select sum(1) from marts.balances",
        "select count(*) from (select 5 as b from marts.balances)",
        "select exists (select 1 from marts.balances where balance_usd < 0)",
        "select max(exports_usd) from core.trade_as_of(date '2020-01-01')",
        "from marts.balances select max(balance_usd)",
    ],
)
def test_an_answer_that_may_be_another_is_let_through(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    check_answer(connection, sql, made())


CUT = "substr(cast(event_date as varchar), 1, case date_precision when 'month' then 7 else 10 end)"


@pytest.mark.parametrize(
    ("sql", "is_refused"),
    [
        ("select min(event_date) from core.stages where event_id = 'curbs'", True),
        ("select date_diff('day', max(event_date), date '2017-04-26') from core.stages where event_id < 'd'", True),
        (
            (
                "select date_diff('day', a.event_date, b.event_date) from core.stages as a, core.stages as b "
                "where a.event_id = 'curbs' and b.event_id = 'deployment'"
            ),
            True,
        ),
        ("with a as (from core.stages) select min(event_date) from a where event_id = 'deployment'", True),
        ("select min(event_date) from core.stages where event_id = 'deployment'", False),
        (f"select min({CUT}) from core.stages where event_id = 'curbs'", False),
        # Only the rows are counted.
        ("select count(*) from core.stages where event_date < date '2017-01-01'", False),
        ("select max(balance_usd) from marts.balances", False),
    ],
)
def test_the_first_of_a_month_is_no_day(connection: duckdb.DuckDBPyConnection, sql: str, is_refused: bool) -> None:
    if not is_refused:
        check_answer(connection, sql, made())
        return
    with pytest.raises(EvidenceError, match="but only the month of some is known"):
        check_answer(connection, sql, made())


@pytest.mark.parametrize(
    ("sql", "verdict", "reason"),
    [
        (RANK.format(2018), "supported", "By the figures it ranks first."),
        (RANK.format(2023), "contradicted", "The figures show no surplus, and so no rank among the surpluses."),
        # A year of which the sign is not told, and one that is not held.
        (RANK.format(2025), "pending", "No figures for 2018-01-01 to 2018-12-31 are available yet."),
        (RANK.format(1900), "pending", "No figures for 2018-01-01 to 2018-12-31 are available yet."),
        (f"with a as ({RANK.format(2023)}) select * from a", "contradicted", None),
        (SINCE.format(2024), "contradicted", "The figures show no deficit that ends a run of surpluses."),
        (SINCE.format(2018), "contradicted", None),
        (SINCE.format(2025), "pending", None),
    ],
)
def test_null_because_the_claim_is_false_is_no_missing_figure(
    connection: duckdb.DuckDBPyConnection, sql: str, verdict: str, reason: str | None
) -> None:
    one = claim(comparator="record", claimed_value=1, evidence=sql)
    (asked,) = Evaluator(connection, made()).evaluate_all((published(one),))
    assert asked.verdict is not None
    assert asked.verdict.verdict == verdict
    assert reason in (None, asked.verdict.reason)
    assert (asked.values.denied is not None) == (verdict == "contradicted")


def test_null_of_rows_that_cannot_be_asked_alone_is_a_missing_figure(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "with y as (select 1900 as year) select max(surplus_rank) from marts.trade_balance_annual join y using (year)"
    one = claim(comparator="record", claimed_value=1, evidence=sql)
    (asked,) = Evaluator(connection, made()).evaluate_all((published(one),))
    assert asked.verdict is not None
    assert asked.verdict.verdict == "pending"


def test_a_deficit_that_ends_surpluses_nobody_knows_since_when_is_pending(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("update marts.trade_balance_annual set first_deficit_since = null where year = 2023")
    one = claim(comparator="first_since", claimed_value=1992, evidence=SINCE.format(2023))
    (asked,) = Evaluator(connection, made()).evaluate_all((published(one),))
    assert asked.verdict is not None
    assert asked.verdict.verdict == "pending"


def test_the_columns_that_are_null_if_false_are_so_in_the_warehouse(built: Project) -> None:
    with publication.open_published(built) as connection:
        held = Catalog(built).models
        for known in NULL_IF_FALSE:
            table, column, condition = known["table"], known["column"], known["when"]
            assert column in {one.name for one in held[table].columns}
            both = connection.execute(
                f"select count(*), count({column}) from {table} where coalesce({condition}, false)"
            ).fetchone()
            assert both is not None
            assert both[0] > 0
            assert both[1] == 0


def test_the_rank_of_a_year_of_deficit_is_contradicted_then_as_now(built: Project) -> None:
    # Korea has a deficit with China in 2023, Korea Customs says, so that it is no surplus of any rank.
    one = claim(
        comparator="record",
        claimed_value=3,
        evidence="select max(surplus_rank) from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2023",
        period={"start": date(2023, 1, 1), "end": date(2023, 12, 31)},
    )
    with publication.open_published(built) as connection:
        evaluator = Evaluator(connection, Catalog(built).models)
        (late,) = evaluator.evaluate_all((published(one, published_on="2026-11"),))
        (early,) = evaluator.evaluate_all((published(one, published_on="2020"),))
    for asked, verdict_then in ((late, "contradicted"), (early, "pending")):
        assert asked.verdict is not None
        assert asked.verdict_then is not None
        assert (asked.verdict.verdict, asked.verdict_then.verdict) == ("contradicted", verdict_then)
