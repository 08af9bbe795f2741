"""As of a day an evidence sees what was known on it, and the text that says so can be pasted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import register
from dagster_project.claims.as_of import AsOf, NoVintagesError
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import ask, check
from dagster_project.project import Project
from tests.claims.making_claims import BALANCE, small, warehouse

EARLY, LATE = date(2023, 12, 31), date(2024, 12, 31)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    made = warehouse()
    yield made
    made.close()


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
    ],
)  # fmt: skip
def test_an_evidence_sees_what_was_known(
    connection: duckdb.DuckDBPyConnection, sql: str, early: object, late: object
) -> None:
    then = AsOf(small(), connection)
    for moment, value in ((EARLY, early), (LATE, late)):
        text = then.text(sql, moment)
        assert ask(connection, text, may_be_empty=True) == pytest.approx(value)
        # The text stands on published tables alone.
        check(connection, text, small())


def test_what_is_worked_out_anew_reads_published_tables_alone() -> None:
    # A reader of the published file has neither reference nor staging tables: what rests on vintages may not need them.
    project = Project.find()
    found = Catalog(project).models
    with duckdb.connect() as unused:
        steps = [name for name, holds_vintages in AsOf(found, unused)._resting.items() if not holds_vintages]
    assert len(steps) > 20
    reads = {(name, need) for name in steps for need in found[name].depends_on}
    assert {pair for pair in reads if pair[1].startswith(("reference.", "staging.", "raw."))} == set()


def test_nothing_differs_after_the_last_change(connection: duckdb.DuckDBPyConnection) -> None:
    then = AsOf(small(), connection)
    assert then.newest() == date(2024, 6, 1)
    assert then.differs(frozenset({"marts.balances"}), date(2024, 5, 31))
    assert not then.differs(frozenset({"marts.balances"}), date(2024, 6, 1))
    assert then.differs(frozenset({"core.trade_as_of"}), EARLY)
    assert not then.differs(frozenset({"core.economies"}), EARLY)
    assert then.differs(frozenset({"core.published_figures"}), LATE)


def test_what_a_program_works_out_is_not_told_for_another_day(connection: duckdb.DuckDBPyConnection) -> None:
    then = AsOf(small(), connection)
    with pytest.raises(NoVintagesError, match=r"marts\.effects is worked out by a program"):
        then.text("select max(estimate_pct) from marts.effects", EARLY)


def test_a_text_for_another_day_is_read_as_one_select_with_its_steps(connection: duckdb.DuckDBPyConnection) -> None:
    text = AsOf(small(), connection).text(BALANCE, EARLY)
    assert text.startswith("with then__core__trade_observations as (")
    assert "where known_from <= date '2023-12-31'" in text
    assert "case when known_to <= date '2023-12-31' then known_to end as known_to" in text
    assert "then__marts__balances as (" in text


@pytest.mark.long
def test_of_the_register_the_text_and_the_quick_question_give_the_same(built: Project) -> None:
    found = Catalog(built).models
    asked = 0
    with publication.reading(built) as connection:
        evaluator = Evaluator(connection, found)
        for published, claim in register.claims(register.read(built.claims)):
            among = evaluator.among(claim)
            for sql in (claim.evidence, claim.alternate.evidence if claim.alternate else None):
                tables = check(connection, sql, found) if sql and among else frozenset()
                if sql is None or among is None or not evaluator.as_of.differs(tables, published.moment):
                    continue
                text = ask(connection, evaluator.as_of.text(sql, published.moment), may_be_empty=True)
                quick = ask(connection, evaluator.as_of.of_few(sql, published.moment, among), may_be_empty=True)
                assert quick == text, claim.claim_id
                asked += 1
    assert asked
