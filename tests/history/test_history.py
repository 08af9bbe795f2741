"""As of a day, SQL sees the figures known at its end; a table that cannot be rebuilt for that day raises an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims.evidence import ask_value
from dagster_project.history import FILTERED_DAYS, WAYS, History, NotRebuiltError, TradeFilter
from dagster_project.project import Project
from tests import making
from tests.claims.making_claims import BALANCE, small, warehouse

EARLY, LATE = date(2023, 12, 31), date(2024, 12, 31)
HANGING = """/*
what: What hangs on what a program works out.
grain: [event_id]
columns:
  event_id: code | The event.
  estimate_pct: percent | Its effect.
*/
select event_id, estimate_pct from marts.effects
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    yield made
    made.close()


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection


@pytest.fixture(scope="module")
def history(built: Project, published: duckdb.DuckDBPyConnection) -> History:
    catalog = Catalog(built)
    return History(published, catalog.models | catalog.views)


def told(history: History, sql: str, moment: date) -> object:
    return ask_value(history.open_day(moment, history.list_tables(sql)), sql, may_be_empty=True)


@pytest.mark.parametrize(
    ("sql", "early", "late"),
    [
        # 162.1 less 106.5 until June 2024, and 162.4 less 106.5 since.
        (BALANCE, 55.6e9, 55.9e9),
        (BALANCE.replace("2018", "2023"), None, -18.0e9),
        (BALANCE.replace("KOR", "CHN"), -95.8e9, -95.8e9),
        ("with b as (from marts.balances) select max(balance_usd) from b where reporter_code = 'KOR'", 55.6e9, 55.9e9),
        ("with recursive n as (select 2018 as y) select max(balance_usd) from marts.balances, n where year = y",
         55.6e9, 55.9e9),
        ("select max(marts.balances.balance_usd) from marts.balances where balances.reporter_code = 'KOR'",
         55.6e9, 55.9e9),
        ("select max(exports_usd) from core.trade_observations where reporter_code = 'KOR' and known_to is null",
         162.1e9, 162.4e9),
        # What was replaced by then is history by then.
        ("select count(*) from core.trade_observations where known_to is not null", 0, 1),
        ("select count(*) from marts.balances join core.economies on economy_code = reporter_code", 2, 3),
        ("select count(*) from core.economies", 2, 2),
        # A macro is asked of its own moment, or of the day if that is earlier.
        ("select max(exports_usd) from core.trade_as_of(date '2030-01-01') where reporter_code = 'KOR'",
         162.1e9, 162.4e9),
        ("select max(exports_usd) from core.trade_as_of(date '2020-01-01') where reporter_code = 'KOR'",
         162.1e9, 162.1e9),
        ("select max(exports_usd) from core.trade_as_of(moment := date '2030-01-01') where reporter_code = 'KOR'",
         162.1e9, 162.4e9),
        ("((with b as (from marts.balances) select max(balance_usd) from b where reporter_code = 'KOR'))",
         55.6e9, 55.9e9),
        # Printed figures count from the day they were printed; an undated one on no day.
        ("select string_agg(figure_id, ' ' order by figure_id) from core.published_figures", "early", "early late"),
        ("select max(snapshot_ids) from marts.balances where reporter_code = 'KOR'", "a/first/1", "a/second/2"),
        # These make rows of their arguments.
        ("select max(balance_usd) from marts.balances, range(2018, 2019) as n (y) where year = y", 55.6e9, 55.9e9),
        ("select count(*) from generate_series(1, 2), unnest([1, 2]), (values (1)) as v", 4, 4),
    ],
)  # fmt: skip
def test_the_same_sql_sees_what_was_known(
    connection: duckdb.DuckDBPyConnection, sql: str, early: object, late: object
) -> None:
    then = History(connection, small())
    for moment, value in ((EARLY, early), (LATE, late)):
        assert told(then, sql, moment) == pytest.approx(value)
    then.close()
    assert connection.execute(BALANCE).fetchone() == (pytest.approx(55.9e9),)


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("select max(estimate_pct) from marts.effects", r"marts\.effects is computed by a program"),
        ("from marts.hanging", r"marts\.hanging depends on marts\.effects, which is computed by a program"),
        # Today's table has another catalog's name before it, or stands in a text, or in a schema that is no figure's.
        ("select max(balance_usd) from memory.marts.balances", r"memory\.marts\.balances cannot be read as of a day"),
        ("from query('from memory.marts.balances')", "query cannot be read as of a day"),
        # Today's catalog, whatever it is asked by, and the file of today.
        ("from duckdb_tables()", "duckdb_tables cannot be read as of a day"),
        ("from duckdb_tables", "duckdb_tables cannot be read as of a day"),
        ("from sqlite_master", "sqlite_master cannot be read as of a day"),
        ("from pragma_table_info('marts.balances')", "pragma_table_info cannot be read as of a day"),
        ("from information_schema.tables", r"information_schema\.tables cannot be read as of a day"),
        ("from (show all tables)", "show cannot be read as of a day"),
        ("from (summarize marts.balances)", "show cannot be read as of a day"),
        ("from read_csv('figures.csv')", "read_csv cannot be read as of a day"),
        ("from 'figures.parquet'", r"figures\.parquet cannot be read as of a day"),
        ("from meta.changes", r"meta\.changes cannot be read as of a day"),
        ("from raw.figures", r"raw\.figures cannot be read as of a day"),
        ("select 1; select 2", "one SELECT"),
        ("create table t as select 1", "one SELECT"),
    ],
)
def test_what_is_not_rebuilt_is_an_error(connection: duckdb.DuckDBPyConnection, sql: str, complaint: str) -> None:
    hanging = making.parse_model(HANGING, schema="marts", table="hanging")
    with pytest.raises(NotRebuiltError, match=complaint) as refused:
        told(History(connection, {**small(), hanging.name: hanging}), sql, EARLY)
    assert refused.value.remedy


def test_a_table_that_nobody_asked_for_does_not_stand_there(connection: duckdb.DuckDBPyConnection) -> None:
    then = History(connection, small()).open_day(EARLY, ["core.economies"])
    with pytest.raises(duckdb.CatalogException, match=r"marts\.balances"):
        then.execute(BALANCE)


def test_between_two_changes_a_day_is_made_once_and_few_are_kept(connection: duckdb.DuckDBPyConnection) -> None:
    then = History(connection, small())
    first = then.open_day(EARLY, ["marts.balances"])
    assert then.open_day(date(2024, 1, 1), ["marts.balances"]) is first
    for reporter in range(2 * FILTERED_DAYS):
        then.open_day(EARLY, ["marts.balances"], TradeFilter((str(reporter),)))
    assert then.open_day(EARLY, ["marts.balances"]) is first
    catalogs = "select count(*) from duckdb_databases() where database_name like 'as_of%'"
    assert connection.execute(catalogs).fetchone() == (FILTERED_DAYS + 1,)
    then.close()
    assert connection.execute(catalogs).fetchone() == (0,)


def test_nothing_differs_after_the_last_change(connection: duckdb.DuckDBPyConnection) -> None:
    then = History(connection, small())
    assert then.find_newest_day() == date(2024, 6, 1)
    assert then.is_changed_since(["marts.balances"], date(2024, 5, 31))
    assert not then.is_changed_since(["marts.balances"], date(2024, 6, 1))
    assert then.is_changed_since(["core.trade_as_of"], EARLY)
    assert not then.is_changed_since(["core.economies"], EARLY)
    assert then.is_changed_since(["core.published_figures"], LATE)


def test_the_first_day_is_that_of_what_is_asked(connection: duckdb.DuckDBPyConnection) -> None:
    then = History(connection, small())
    ((first,),) = connection.execute("select min(known_from) from core.trade_observations").fetchall()
    assert then.find_first_day(["marts.balances"]) == first
    assert then.find_first_day(["core.economies"]) is None


def test_every_table_is_told_or_says_why_it_is_not(history: History) -> None:
    lost = {name for name, way in history._ways.items() if way not in WAYS and name.startswith(("core.", "marts."))}
    assert lost == {
        *("marts.agreement_effects", "marts.policy_event_effects", "marts.policy_event_sensitivity"),
        *("marts.trade_balance_monthly_adjusted", "marts.trade_breaks", "marts.claim_verdicts"),
        *("marts.seasonal_diagnostics", "marts.year_nowcasts", "marts.nowcast_record", "marts.sealed_forecasts"),
        *("marts.tariff_doses", "marts.tariff_dose_effects"),
    }
    assert history._ways["core.exchange_rates"] == history._ways["marts.trade_balance_annual"] == "rebuilt"
    assert history._ways["core.goods_trade_observations"] == "filtered"
    assert history._ways["core.policy_events"] == "unchanged"


@pytest.mark.parametrize(
    "table", ["core.macro_indicators_observations", "core.services_trade_observations", "core.gdp_components"]
)
def test_what_is_filtered_is_what_was_known(history: History, published: duckdb.DuckDBPyConnection, table: str) -> None:
    """The macros of the published file tell the same by the vintages."""
    day = date(2026, 5, 15)
    macro = {"core.gdp_components": "core.gdp_components_as_of"}.get(table, table.replace("observations", "as_of"))
    names = [column for (column, *_) in published.execute(f"describe from {macro}(date '{day}')").fetchall()]
    keys = ", ".join(one for one in names if one not in {"shown_until", "precedence_reason"})
    current = f"select {keys} from {table}" + (" where known_to is null" if "observations" in table else "")
    rebuilt = history.open_day(day, [table]).execute(f"from ({current}) order by all").fetchall()
    asked = f"select {keys} from {macro}(date '{day}') semi join ({current}) as held using (economy_code, year)"
    if "services" in table:
        asked = f"select {keys} from {macro}(date '{day}')"
    told = history.open_day(day, [table, macro]).execute(f"from ({asked}) order by all").fetchall()
    assert rebuilt
    assert told == rebuilt


def test_rates_are_known_from_the_day_their_snapshot_is(history: History, published: duckdb.DuckDBPyConnection) -> None:
    ((first, rates),) = published.execute("select min(known_from), count(*) from core.exchange_rates").fetchall()
    count = "select count(*) from core.exchange_rates"
    assert told(history, count, first.replace(year=first.year - 1)) == 0
    assert told(history, count, date(2026, 10, 1)) == rates


@pytest.mark.long
def test_a_view_shows_the_day_too(history: History, published: duckdb.DuckDBPyConnection) -> None:
    # Korea Customs revised its exports of 2018 to China after March 2023.
    where = "where reporter_code = 'KOR' and partner_code = 'CHN' and year = 2018"
    view, mart = (f"select balance_usd from {name} {where}" for name in ("trade_balance", "marts.trade_balance_annual"))
    ((now,),) = published.execute(view).fetchall()
    assert told(history, view, date(2023, 3, 28)) == told(history, mart, date(2023, 3, 28)) != now
