"""Mistakes in the expectations, and whether the rows of each tell.

Here: each rule with the opposite condition, and without a bound, over the rows that keep it
and the rows that break it (`tests/audit/rows`). Not here: mistakes in models (`mutants`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
from sqlglot import exp, parse_one

from dagster_project.audit.auditor import warm_up
from dagster_project.audit.suites import ROWS_KWARG, Expectation, Suite
from dagster_project.catalog import Catalog
from dagster_project.engines.empty import open_empty
from dagster_project.models import DIALECT
from dagster_project.project import Project
from tests.audit.test_expectations import SUITES, Warehouse, case
from tests.faults.kind import Kind, Tally
from tests.sql.bench import Engine


def round_of(seed: int, cases: int, _folder: Path, tally: Tally) -> None:
    warm_up().join()
    chance = random.Random(seed)
    every = [(table, rule) for table, suite in sorted(SUITES.items()) for rule in suite.expectations]
    with open_empty(Catalog(Project.find()), Engine()) as engine:
        warehouse = Warehouse(engine)
        for table, rule in chance.sample(every, min(cases, len(every))):
            for kind, what, mutant in _mistaken(table, rule):
                with tally.case():
                    noticed = _noticed(warehouse, table, mutant)
                if noticed is None:
                    tally.cases -= 1
                    continue
                tally.outcomes[f"{kind}: {'noticed' if noticed else 'nobody notices'}"] += 1
                if not noticed:
                    tally.fail(seed, f"{kind}: nobody notices", (table, rule.check, what))
        warehouse.auditor.close()


def _mistaken(table: str, rule: Expectation) -> Iterator[tuple[str, str, Expectation]]:
    """A rule that holds of whatever there is, and what else it may be by mistake."""
    if rule.query is None:
        for bound in ("min_value", "max_value"):
            if rule.kwargs.get(bound) is not None:
                yield "bound", f"without {bound}", replace(rule, kwargs={**rule.kwargs, bound: None})
        return
    query = rule.query.format(batch=table)

    def asking(sql: str) -> Expectation:
        return replace(rule, kwargs={ROWS_KWARG: sql.replace("{", "{{").replace("}", "}}") + " -- {batch}"})

    tree = parse_one(query, dialect=DIALECT)
    if (condition := tree.find(exp.Where, exp.Having, exp.Qualify)) is not None:
        condition.set("this", exp.not_(exp.paren(condition.this)))
        yield "negated", "the opposite", asking(tree.sql(dialect=DIALECT))


def _noticed(warehouse: Warehouse, table: str, mutant: Expectation) -> bool | None:
    """Whether rows that keep the rule break it, or rows that break it keep it; None if it cannot be asked at all."""
    rows = case(table)
    try:
        warehouse.fill(rows.clean)
        before = _status(warehouse, table, mutant)
        if before != "passed":
            return None if before == "crashed" else True
        for statement, _ in rows.dirty[mutant.check]:
            warehouse.fill(rows.clean)
            warehouse.connection.execute(statement)
            if _status(warehouse, table, mutant) == "passed":
                return True
        return False
    finally:
        warehouse.empty(rows.clean)


def _status(warehouse: Warehouse, table: str, rule: Expectation) -> str:
    if rule.query is None:
        (result,) = warehouse.auditor.audit_suite(Suite(table, (rule,)))
        return result.status
    try:
        found = warehouse.connection.execute(f"select * from ({rule.query.format(batch=table)}\n) limit 1").fetchone()
    except duckdb.Error:
        return "crashed"
    return "passed" if found is None else "failed"


KIND = Kind(
    name="rules",
    what="Mistakes in the expectations: the opposite condition, a missing bound.",
    goal="With the mistake, test rows that keep the rule break it, or rows that break it keep it (`tests/audit/rows`).",
    round=round_of,
    cases=1000,
)
