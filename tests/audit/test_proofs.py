"""Few questions prove what many would, and where one of them finds something nothing is said otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest

from dagster_project.audit.auditor import Auditor
from dagster_project.audit.proofs import Asked, prove
from dagster_project.audit.results import CheckResult, Severity
from dagster_project.audit.suites import ROWS_TYPE, Expectation, Suite

TABLE = "marts.trade"


def rows(check: str, query: str, severity: Severity = "critical") -> Expectation:
    return Expectation(check, ROWS_TYPE, severity, {"unexpected_rows_query": query}, f"Why {check}.")


POSITIVE = rows("positive", "select * from {batch} where value_usd < 0", "warning")
DATED = rows("dated", "select * from {batch} where year is null")
SHORT = rows("short", "select * from {batch} where not regexp_matches(reporter_code, '^[A-Z]{{3}}$')")
COLUMN = Expectation("known", "expect_column_values_to_not_be_null", "critical", {"column": "value_usd"}, "Why known.")
SUITE = Suite(TABLE, (POSITIVE, COLUMN, DATED, SHORT))
EVERY = frozenset({"positive", "dated", "short"})


class Watched(Auditor):
    """Remembers what it was asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self.asked: list[tuple[str, ...]] = []

    def audit(self, suite: Suite) -> list[CheckResult]:
        self.asked.append(tuple(rule.check for rule in suite.expectations))
        return super().audit(suite)


@pytest.fixture
def auditor() -> Iterator[Watched]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table {TABLE} as select 'KOR' as reporter_code, 2000 + i as year, i * 1.5 as value_usd "
            "from range(20) as numbers(i)"
        )
        with Watched(connection) as watched:
            yield watched


def change(auditor: Watched, statement: str) -> None:
    auditor._own_cursor.execute(statement)


def by_themselves(auditor: Watched, suite: Suite = SUITE) -> list[CheckResult]:
    """What the rules come to if each is asked by itself."""
    found = auditor.audit(suite)
    auditor.asked.clear()
    return found


def test_rules_that_hold_are_proved_together_and_each_has_its_own_verdict(auditor: Watched) -> None:
    expected = by_themselves(auditor)
    assert prove(auditor, Asked(SUITE, {}, EVERY)) == expected
    assert auditor.asked == [("all together", "known")]
    assert [(r.check, r.severity, r.notes, r.unexpected_count) for r in expected][:1] == [
        ("positive", "warning", "Why positive.", 0)
    ]


def test_one_that_is_broken_says_what_it_would_say_by_itself(auditor: Watched) -> None:
    change(auditor, f"insert into {TABLE} values ('KOR', 2020, -1), ('Kor', 2021, 1), ('Kor', 2022, null)")
    expected = by_themselves(auditor)
    assert [r.status for r in expected] == ["failed", "failed", "passed", "failed"]
    assert prove(auditor, Asked(SUITE, {}, EVERY)) == expected
    assert auditor.asked == [("all together", "known"), ("positive", "dated", "short")]


@pytest.mark.parametrize("broken", ["where nothing", "-- which ends the statement", "where year = 'KOR'"])
def test_one_that_crashes_takes_none_of_the_others_with_it(auditor: Watched, broken: str) -> None:
    suite = replace(SUITE, expectations=(*SUITE.expectations, rows("broken", f"select * from {{batch}} {broken}")))
    expected = by_themselves(auditor, suite)
    assert [r.status for r in expected] == ["passed", "passed", "passed", "passed", "crashed"]
    found = prove(auditor, Asked(suite, {}, EVERY | {"broken"}))
    # The message quotes a line of the statement that Great Expectations made of it, which need not be the same.
    assert [replace(r, message=None) for r in found] == [replace(r, message=None) for r in expected]
    assert found[-1].message


def test_a_rule_alone_is_asked_as_it_is(auditor: Watched) -> None:
    expected = by_themselves(auditor)
    assert prove(auditor, Asked(SUITE, {}, frozenset({"dated"}))) == expected
    assert prove(auditor, Asked(replace(SUITE, expectations=()), {}, frozenset())) == []
    assert auditor.asked == [("positive", "known", "dated", "short")]


def test_a_rule_in_parts_holds_if_each_part_does(auditor: Watched) -> None:
    halves = [f"select * from {TABLE} where value_usd < 0 and year {half}" for half in ("< 2010", ">= 2010")]
    asked = Asked(SUITE, {"positive": halves}, EVERY)
    assert prove(auditor, asked) == by_themselves(auditor)
    change(auditor, f"insert into {TABLE} values ('KOR', 2020, -1)")
    expected = by_themselves(auditor)
    assert prove(auditor, asked) == expected
    assert auditor.asked == [("positive, part 0", "positive, part 1", "all together", "known"), ("positive",)]
    assert expected[0].unexpected_count == 1
