"""The result of a check.

Here: the result of one expectation, as plain data that a terminal, Dagster or a page can show. Not here: computing it
(`auditor`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["critical", "warning"]
Status = Literal["passed", "failed", "crashed"]

# The most failing rows that a result shows; more would not help a reader, and would fill Dagster's event log.
SAMPLE_SIZE = 10


@dataclass(frozen=True)
class CheckResult:
    """The result of one expectation.

    Args:
        table: The table that was audited, `schema.table`.
        check: The expectation's name in its suite.
        expectation_type: The type of Great Expectations.
        severity: Whether a failure blocks a publication: only `critical` does.
        status: `passed`, `failed` (the data break the rule) or `crashed` (the rule could not run).
        observed: The observed value, in words or as a number.
        unexpected_count: The exact number of rows that break the rule; None for a rule that counts no rows.
        sample: At most `SAMPLE_SIZE` of those rows, with values that JSON can store.
        query: The SQL that finds those rows.
        message: Why the rule crashed.
        notes: Why the rule must hold.
        cause: For a known irregularity, why its rows break the rule; otherwise empty.
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


def summarize_results(results: Iterable[tuple[str, str, str]]) -> str:
    """Summarize an audit in a line, from the severity, status and known cause of each result."""
    every = list(results)
    blocking_count = sum(severity == "critical" for severity, _, _ in every)
    stopped = sum(status == "crashed" or (status, severity) == ("failed", "critical") for severity, status, _ in every)
    failed = [cause for severity, status, cause in every if status == "failed" and severity != "critical"]
    known, new = sum(map(bool, failed)), sum(not cause for cause in failed)
    parts = [
        f"{stopped} rules stop a publication" if stopped else f"all {blocking_count} blocking rules hold",
        f"{known} known irregularit{'y' if known == 1 else 'ies'}",
        f"{new} new warning{'' if new == 1 else 's'}" if new else "",
    ]
    return "; ".join(filter(None, parts))


def select_blocking(results: Iterable[CheckResult]) -> list[CheckResult]:
    """Select the results that block a publication, in order."""
    return [result for result in results if result.blocks]
