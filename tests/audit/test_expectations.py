"""Every expectation passes on clean rows and fails on dirty ones.

Each suite has a file in `rows/` of the same name: `clean` holds a SELECT for each table that the suite reads, `dirty`
for each of its checks one or several statements that break it. Statements that break a key, a set of words, a range or
the count of rows are derived from the rule (`breaks`). The tables come from the models themselves, run over inputs
without rows, so that columns and types are the real ones. A check that no statement breaks fails the test: a rule that
cannot fail checks nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from dagster_project.audit.auditor import Auditor
from dagster_project.audit.suites import Expectation, Suite, load_suites
from dagster_project.audit.translation import get_exception, import_great_expectations, make_expectation
from dagster_project.catalog import Catalog
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.empty import open_empty
from dagster_project.models import Model, find_upstream
from dagster_project.project import Project
from tests.sql.bench import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

ROWS = Path(__file__).parent / "rows"
SUITES = load_suites(Project.find())
# The count of rows is proved by deleting all of them, which other rules may notice too.
COUNT = "expect_table_row_count_to_be_between"
IN_SET, IN_RANGE = "expect_column_values_to_be_in_set", "expect_column_values_to_be_between"
# Tables whose rows nobody counts, since a table that is made of theirs would be empty with them, and may not be.
NOTICED_BY = {
    "core.claims": "marts.claim_verdicts",
    "core.entrepots": "marts.entrepot_balance_annual",
    "core.gdp_components_observations": "core.gdp_components",
    "core.goods_trade_annual_candidates": "core.goods_trade_annual",
    "core.goods_trade_national_currency": "marts.mirror_balance_monthly",
    "core.goods_trade_observations": "core.goods_trade_annual",
    "core.goods_trade_world_annual_candidates": "core.goods_trade_world_annual",
    "core.macro_indicators_observations": "core.macro_indicators",
    "core.policy_event_jurisdictions": "marts.policy_product_monthly",
    "core.policy_event_scopes": "marts.policy_product_monthly",
    "core.policy_event_sources": "marts.policy_timeline",
    "core.product_trade": "core.product_trade_annual",
    "core.product_trade_monthly": "marts.price_volume_monthly",
    "core.services_trade_observations": "core.services_trade",
    "core.source_precedence": "core.goods_trade_annual",
    "staging.bok__exchange_rates_monthly": "core.exchange_rates",
    "staging.pboc__central_parities": "core.customs_rates",
}
# Tables that have no rows until a refresh brings some, a person sets figures aside, or a copy is replaced, and
# forecasts, which an altered ledger withholds.
MAY_BE_EMPTY = {
    *("core.goods_trade_flash", "core.goods_trade_set_aside", "core.re_exports_annual"),
    *("staging.cnsd__re_exports_annual", "staging.comtrade__goods", "staging.gta__interventions", "staging.imf__imts"),
    *("staging.kcs__goods_flash", "staging.kcs__goods_monthly_end_use", "staging.oecd_wto__batis"),
    *("staging.us_census__trade", "staging.us_census__trade_for_consumption"),
    *("marts.nowcast_record", "marts.nowcasts_as_known", "marts.sealed_forecasts", "marts.year_nowcasts"),
}


@dataclass(frozen=True)
class Case:
    """The rows of a suite's file.

    Args:
        clean: A SELECT for each table.
        dirty: For each check, the statements that break it, each with the other checks that may fail, too; None for
            any.
    """

    clean: dict[str, str]
    dirty: dict[str, list[tuple[str, set[str] | None]]]


@cache
def models() -> dict[str, Model]:
    return Catalog(Project.find()).models


@cache
def written(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load((ROWS / f"{name}.yml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return content


def case(table: str) -> Case:
    content = written(table.replace(".", "/"))
    shared = written(content["like"]) if "like" in content else {}
    dirty: dict[str, Any] = {**shared.get("dirty", {}), **content.get("dirty", {})}
    rules = {rule.check: rule for rule in SUITES[table].expectations}
    found: dict[str, list[tuple[str, set[str] | None]]] = {
        check: [(statement, None) for statement in breaks(rule, table)]
        for check, rule in rules.items()
        if check not in dirty
    }
    for check, ways in dirty.items():
        if check in rules or check in content.get("dirty", {}):
            found[check] = [_mutation(one, table) for one in (ways if isinstance(ways, list) else [ways])]
    return Case(
        clean={name: select.replace("{table}", table) for name, select in content["clean"].items()}, dirty=found
    )


def breaks(rule: Expectation, table: str) -> list[str]:
    """Return statements that break a rule on any rows; none if such statements depend on the rows."""
    if rule.type == COUNT:
        return [f"delete from {table}"]
    if rule.key:
        return [f"insert into {table} select * from {table} limit 1"]
    if "row_condition" in rule.kwargs or rule.type not in (IN_SET, IN_RANGE):
        return []
    values = []
    if rule.type == IN_SET:
        # Codes that publishers use elsewhere: M of a missing value, * of all of a dimension.
        values = [f"'{code}'" for code in ("unheard_of", "M", "*") if code not in rule.kwargs["value_set"]]
    if "min_value" in rule.kwargs:
        least = rule.kwargs["min_value"]
        values.append(f"{least if rule.kwargs.get('strict_min') else least - _step(least)}")
    if "max_value" in rule.kwargs:
        most = rule.kwargs["max_value"]
        values.append(f"{most if rule.kwargs.get('strict_max') else most + _step(most)}")
        # Nothing is above NaN, and the range of a double has to refuse it.
        values += ["'nan'"] if isinstance(most, float) else []
    first = f"where rowid = (select min(rowid) from {table})"
    return [f"update {table} set {rule.kwargs['column']} = {value} {first}" for value in values]


def _step(bound: float) -> float:
    """Return the distance from a bound to the next value that a rule must reject."""
    return 1 if isinstance(bound, int) else max(abs(bound), 1) * 1e-6


def _mutation(written: str | dict[str, Any], table: str) -> tuple[str, set[str] | None]:
    if isinstance(written, str):
        return written.replace("{table}", table), set()
    return written["sql"].replace("{table}", table), set(written["also"])


class Warehouse:
    """A database with the tables of all models, which are empty until a case fills some."""

    def __init__(self, engine: DuckDB) -> None:
        self.connection: duckdb.DuckDBPyConnection = engine.connection

    @cached_property
    def auditor(self) -> Auditor:
        """Return the auditor with Great Expectations, which rules in SQL do not need."""
        return Auditor(self.connection)

    def fill(self, clean: dict[str, str]) -> None:
        for table, select in clean.items():
            self.connection.execute(f"delete from {table}")
            self.connection.execute(f"insert into {table} by name {select}")

    def empty(self, clean: dict[str, str]) -> None:
        for table in clean:
            self.connection.execute(f"delete from {table}")

    def prepare(self, suite: Suite) -> None:
        """Prepare the query for the suite's failing rules in SQL, which takes longer to plan than to run."""
        asked = [
            f"select '{rule.check}' where exists ({rule.query.format(batch=suite.table)}\n)"
            for rule in suite.expectations
            if rule.query
        ]
        self.connection.execute("prepare failing as " + "\nunion all\n".join(asked or ["select null limit 0"]))

    def list_failing(self, statement: str = "") -> set[str]:
        """List the rules in SQL that fail after a statement, and roll it back; Great Expectations is not used."""
        self.connection.execute(f"begin; {statement}")
        failing = {name for (name,) in self.connection.execute("execute failing").fetchall()}
        self.connection.execute("rollback")
        return failing

    def validate(self, suite: Suite, check: str) -> set[str]:
        """List the rules that fail; Great Expectations runs the rule `check`."""
        given = import_great_expectations().ExpectationSuite(
            suite.table, [make_expectation(rule) for rule in suite.expectations if rule.check == check]
        )
        batch = self.auditor.get_batch_definition(suite.table).get_batch()
        (found,) = batch.validate(given, result_format="BOOLEAN_ONLY").results
        assert get_exception(found.exception_info) is None
        return self.list_failing() - {check} | (set() if found.success else {check})

    def verdicts(self, suite: Suite) -> dict[str, str]:
        results = self.auditor.audit_suite(suite)
        crashes = {result.check: result.message for result in results if result.status == "crashed"}
        assert crashes == {}
        return {result.check: result.status for result in results}


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    with open_empty(Catalog(Project.find()), Engine()) as engine:
        opened = Warehouse(engine)
        yield opened
        if "auditor" in vars(opened):
            opened.auditor.close()


def test_every_check_has_rows_that_break_it() -> None:
    for table, suite in SUITES.items():
        dirty = case(table).dirty
        assert set(dirty) == {rule.check for rule in suite.expectations}, table
        assert [check for check, ways in dirty.items() if not ways] == [], table


@pytest.mark.parametrize("table", sorted(SUITES))
def test_every_rule_in_sql_passes_on_clean_rows_and_fails_on_dirty_ones(warehouse: Warehouse, table: str) -> None:
    """A rule is broken by its first statement, and run as it is; the long test has Great Expectations ask them all."""
    fails(warehouse, table, whole=False)


@pytest.mark.long
@pytest.mark.usefixtures("great_expectations")
@pytest.mark.parametrize("table", sorted(SUITES))
def test_every_check_fails_in_every_way(warehouse: Warehouse, table: str) -> None:
    fails(warehouse, table, whole=True)


def fails(warehouse: Warehouse, table: str, *, whole: bool) -> None:
    """Break each check in every way and validate it; without `whole`, break each rule in SQL once and run its SQL."""
    suite, rows = SUITES[table], case(table)
    rules = {rule.check: rule for rule in suite.expectations}
    try:
        warehouse.fill(rows.clean)
        warehouse.prepare(suite)
        assert warehouse.list_failing() == set()
        if whole:
            assert [check for check, verdict in warehouse.verdicts(suite).items() if verdict != "passed"] == []
        for check, ways in rows.dirty.items():
            if not whole and not rules[check].query:
                continue
            for statement, also in ways if whole else ways[:1]:
                if whole:
                    warehouse.connection.execute(statement)
                    failed = warehouse.validate(suite, check)
                    # What the statement did not touch is clean still.
                    warehouse.fill({table: select for table, select in rows.clean.items() if table in statement})
                else:
                    failed = warehouse.list_failing(statement)
                assert check in failed, f"{check} passes after: {statement}"
                assert rules[check].type == COUNT or also is None or failed <= {check} | also, f"after: {statement}"
    finally:
        warehouse.empty(rows.clean)


@pytest.mark.long
@pytest.mark.usefixtures("great_expectations")
@pytest.mark.parametrize("table", sorted(SUITES))
def test_no_suite_passes_without_rows(warehouse: Warehouse, table: str) -> None:
    if table.startswith("meta.") or table in MAY_BE_EMPTY:
        pytest.skip("A warehouse may have nothing set aside, nothing to correct, and no answer of a publisher yet.")

    noticed_by = NOTICED_BY.get(table, table)
    assert noticed_by == table or table in find_upstream(models(), noticed_by)
    assert "failed" in warehouse.verdicts(SUITES[noticed_by]).values()


def test_a_suite_reads_no_table_that_is_made_of_its_own() -> None:
    for table, suite in SUITES.items():
        assert suite.reads <= set(models())
        later = {other for other in suite.reads if table in find_upstream(models(), other)}
        assert not later, f"{later} are made of {table}, and cannot be there to audit it"


def test_tables_are_named_with_their_schema() -> None:
    for table, rule in ((table, rule) for table, suite in SUITES.items() for rule in suite.expectations if rule.query):
        tree = sqlglot.parse_one(str(rule.query).format(batch=table), dialect="duckdb")
        inner = {cte.alias for cte in tree.find_all(exp.CTE)}
        bare = {found.name for found in tree.find_all(exp.Table) if not found.db and found.name} - inner
        assert not bare, f"{table}: {rule.check} reads {bare} without a schema"
