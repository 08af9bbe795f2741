"""Read, select and summarize the results of expectations.

Here: a result as plain data that a terminal, Dagster or a page can show, and reading results from `meta.checks`. Not
here: computing results (`auditor`), and writing them (`pipeline.records`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from dagster_project.audit.suites import Severity, Suite

Status = Literal["passed", "failed", "crashed"]

# The most failing rows in a result, which Dagster's event log and readers can take.
SAMPLE_SIZE = 10


@dataclass(frozen=True)
class CheckResult:
    """The result of one expectation.

    Args:
        table: The table that was audited, `schema.table`.
        check: The expectation's name in its suite.
        expectation_type: The type of Great Expectations.
        severity: `critical` (a failure blocks a publication) or `warning`.
        status: `passed`, `failed` (the data break the rule) or `crashed` (the rule could not run).
        observed: The observed value, in words or as a number.
        unexpected_count: The exact number of rows that break the rule; None for a rule that counts no rows.
        sample: At most `SAMPLE_SIZE` of those rows, with values that JSON can store.
        query: The SQL that finds those rows.
        message: The error of a rule that crashed.
        notes: The reason why the rule must hold.
        cause: If some rows are known to break the rule, the reason why they do; else empty.
    """

    table: str
    check: str
    expectation_type: str
    severity: Severity
    status: Status
    observed: str | None = None
    unexpected_count: int | None = None
    sample: list[dict[str, Any]] = field(default_factory=list)
    query: str | None = None
    message: str | None = None
    notes: str = ""
    cause: str = ""

    @property
    def passed(self) -> bool:
        return self.status == "passed"

    @property
    def blocks(self) -> bool:
        """Return whether the result blocks the publication: a critical rule failed, or any rule crashed."""
        return self.status == "crashed" or (self.status == "failed" and self.severity == "critical")


def read_checks(connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Suite]) -> list[tuple[CheckResult, str]]:
    """Read the results for all tables, each with its `audit_hash`."""
    found = connection.execute("from meta.checks order by table_name, check_name")
    return [(_build_result(row[:-1], suites), row[-1]) for row in found.fetchall()]


def _build_result(row: tuple[Any, ...], suites: Mapping[str, Suite]) -> CheckResult:
    table, check, kind, severity, status, observed, count, sample, notes, cause = row
    query, message = None, None
    if status != "passed" and (suite := suites.get(table)) is not None:
        query = next((rule.write_query(table) for rule in suite.expectations if rule.check == check), None)
    if status == "crashed":
        observed, message = None, observed
    found = observed, count, json.loads(sample), query, message, notes, cause
    return CheckResult(table, check, kind, severity, status, *found)


def summarize_results(results: Iterable[tuple[str, str, str]]) -> str:
    """Summarize an audit in a line, from the severity, status and known cause of each result."""
    every = list(results)
    blocking_count = sum(severity == "critical" for severity, _, _ in every)
    stopped = sum(status == "crashed" or (status, severity) == ("failed", "critical") for severity, status, _ in every)
    failed = [cause for severity, status, cause in every if status == "failed" and severity != "critical"]
    known, new = sum(map(bool, failed)), sum(not cause for cause in failed)
    passed = f"all {blocking_count} critical checks passed"
    parts = [
        f"{stopped} checks stop a publication" if stopped else passed,
        f"{known} other{'' if known == 1 else 's'} found known irregularities" if known else "",
        f"{new} new warning{'' if new == 1 else 's'}" if new else "",
    ]
    return "; ".join(filter(None, parts))


def select_blocking(results: Iterable[CheckResult]) -> list[CheckResult]:
    """Select the results that block a publication, in order."""
    return [result for result in results if result.blocks]
