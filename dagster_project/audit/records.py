"""Read the results of checks from a work file or a publication.

Here: reading `meta.checks`. Not here: writing them (`pipeline.records`), and its columns
(`publication.meta`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dagster_project.audit.results import CheckResult

if TYPE_CHECKING:
    import duckdb

    from dagster_project.audit.suites import Suite


def read_checks(
    connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Suite], name: str | None = None
) -> list[tuple[CheckResult, str]]:
    """Return the results of one table or of all, each with its audit hash, from a work file or a publication."""
    found = connection.execute(
        "select * from meta.checks where table_name = $name or $name is null order by table_name, check_name",
        {"name": name},
    )
    return [(_check_result(row[:-1], suites), row[-1]) for row in found.fetchall()]


def _check_result(row: tuple[Any, ...], suites: Mapping[str, Suite]) -> CheckResult:
    table, check, kind, severity, status, observed, unexpected, sample, notes, cause = row
    suite = suites.get(table) if status != "passed" else None
    rules = (rule for rule in suite.expectations if rule.check == check) if suite is not None else ()
    query = next((rule.write_query(table) for rule in rules), None)
    return CheckResult(
        table=table,
        check=check,
        expectation_type=kind,
        severity=severity,
        status=status,
        observed=None if status == "crashed" else observed,
        unexpected_count=unexpected,
        sample=json.loads(sample),
        query=query,
        message=observed if status == "crashed" else None,
        notes=notes,
        cause=cause,
    )
