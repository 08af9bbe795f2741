"""An answer is no more precise than the figures are, and null may be one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import lines
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import check_precision
from dagster_project.claims.limits import EvidenceError
from dagster_project.models import Model
from dagster_project.project import Project
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


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    made.execute(
        """
        create table core.stages as select * from (values
            ('deployment', date '2017-04-26', 'day'), ('curbs', date '2016-08-01', 'month'))
            as t (event_id, event_date, date_precision);
        """
    )
    yield made
    made.close()


def made() -> dict[str, Model]:
    events = Model.parse(EVENTS, schema="core", table="stages")
    return {**small(), events.name: events}


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
        check_precision(connection, sql, made())
        return
    with pytest.raises(EvidenceError, match="of which only the month is known as days"):
        check_precision(connection, sql, made())


def test_a_claim_of_days_from_a_month_has_no_verdict(connection: duckdb.DuckDBPyConnection) -> None:
    one = claim(
        comparator="before",
        claimed_value=0,
        evidence="select date_diff('day', max(event_date), date '2017-04-26') from core.stages where event_id < 'd'",
    )
    (asked,) = Evaluator(connection, made()).evaluate_all((published(one),))
    assert asked.error is not None
    assert "only the month is known" in asked.error.message


def test_the_rank_of_a_year_of_deficit_is_contradicted_then_as_now(built: Project) -> None:
    # Korea has a deficit with China in 2023, Korea Customs says, so that it is no surplus of any rank.
    with publication.reading(built) as connection:
        evaluator = Evaluator(connection, Catalog(built).models)
        found = []
        for day in (date(2026, 11, 30), date(2020, 12, 31)):
            row = {"claim": "surplus_rank KOR CHN 2023 = third"}
            one = lines.article(connection, row, where="x", published_on=day)
            found.append(evaluator.evaluate(one, one.claims[0]))
    for asked, verdict_then in zip(found, ("contradicted", "pending"), strict=True):
        assert asked.verdict is not None
        assert asked.verdict_then is not None
        assert "no surplus, and so no rank among the surpluses with partners" in asked.verdict.reason
        assert asked.found.denied is not None
        assert (asked.verdict.verdict, asked.verdict_then.verdict) == ("contradicted", verdict_then)
