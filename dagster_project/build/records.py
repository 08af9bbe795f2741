"""What a build records in its work file: the content and the inputs of each table, the verdict of each rule.

Here: reading, writing and forgetting these. Not here: what follows from them (`tables`, `audit`), or their columns
(`publication.meta`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import duckdb

from dagster_project.audit.results import CheckResult
from dagster_project.audit.suites import Suite
from dagster_project.engines import Table
from dagster_project.engines.work_file import WorkFile, all_types
from dagster_project.publication import meta


class Recorded(NamedTuple):
    """What is recorded of a table: its rows, a hash of what it holds, a hash of what it was made from."""

    row_count: int
    content_hash: str
    input_hash: str


class Records:
    """The records of a work file; nobody else writes it meanwhile.

    Args:
        file: The work file.
        suites: The suites of its tables, by name.
    """

    def __init__(self, file: WorkFile, suites: Mapping[str, Suite]) -> None:
        self._file = file
        self._suites = suites
        for table in (meta.TABLE_HASHES, meta.CHECKS, meta.PUBLICATION):
            file.prepare(f"meta.{table.name}", table.types)

    @cached_property
    def tables(self) -> dict[str, Recorded]:
        """What is recorded of each table, by name."""
        found = self._file.connection.execute(
            "select table_name, row_count, content_hash, input_hash from meta.table_hashes"
        )
        return {name: Recorded(*rest) for name, *rest in found.fetchall()}

    def record(self, table: Table, input_hash: str) -> None:
        """Records a table that was made."""
        self.no_longer_published()
        self._file.connection.execute("delete from meta.table_hashes where table_name = $1", [table.name])
        row = Recorded(table.row_count, table.content_hash, input_hash)
        self._file.connection.execute("insert into meta.table_hashes values (?, ?, ?, ?)", [table.name, *row])
        self.tables[table.name] = row

    def checks(self, name: str | None = None) -> list[tuple[CheckResult, str]]:
        """The results that are recorded, of one table or of all, each with the hash of what was audited."""
        return audited(self._file.connection, self._suites, name)

    def record_checks(self, results: Iterable[tuple[CheckResult, str]]) -> None:
        """Records results, each with the hash of what was audited, in place of those of the same rules."""
        rows = [[*_check_row(result), audit_hash] for result, audit_hash in results]
        with self._file.transaction():
            self._forget_checks((row[0], row[1]) for row in rows)
            self._file.append("meta.checks", meta.CHECKS.rows(rows))

    def forget_others(self, models: Iterable[str]) -> None:
        """Drops the tables that none of these models makes, and the results of rules that no suite has."""
        connection = self._file.connection
        with self._file.transaction():
            for name in self.tables.keys() - set(models):
                self.no_longer_published()
                connection.execute(f"drop table if exists {name}")
                connection.execute(f"drop macro table if exists {name}")
                connection.execute("delete from meta.table_hashes where table_name = $1", [name])
                del self.tables[name]
            rules = {(name, rule.check) for name, suite in self._suites.items() for rule in suite.expectations}
            known = connection.execute("select table_name, check_name from meta.checks").fetchall()
            self._forget_checks(check for check in known if check not in rules)

    def published_as(self) -> str | None:
        """The publication that was made of the work file as it is; None if it has changed since, or lacks a table."""
        there = all_types(self._file.connection)
        if any(f"meta.{table.name}" not in there for table in meta.WRITTEN):
            return None
        row = self._file.connection.execute("select publication_id from meta.publication").fetchone()
        return None if row is None else str(row[0])

    def no_longer_published(self) -> None:
        """Records that the work file is no longer what was last published from it."""
        self._file.connection.execute("delete from meta.publication")

    def _forget_checks(self, checks: Iterable[tuple[str, str]]) -> None:
        by_table: dict[str, list[str]] = {}
        for table, check in checks:
            by_table.setdefault(table, []).append(check)
        for table, names in by_table.items():
            self.no_longer_published()
            self._file.connection.execute(
                "delete from meta.checks where table_name = $1 and list_contains($2, check_name)", [table, names]
            )


def audited(
    connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Suite], name: str | None = None
) -> list[tuple[CheckResult, str]]:
    """The results that a work file or a publication holds, of one table or of all, each with its audit hash."""
    found = connection.execute(
        "select * from meta.checks where table_name = $name or $name is null order by table_name, check_name",
        {"name": name},
    )
    return [(_check_result(row[:-1], suites), row[-1]) for row in found.fetchall()]


def _check_row(result: CheckResult) -> list[Any]:
    return [
        result.table,
        result.check,
        result.expectation_type,
        result.severity,
        result.status,
        result.message if result.status == "crashed" else result.observed,
        result.unexpected_count,
        json.dumps(result.sample, default=str, ensure_ascii=False),
        result.notes,
        result.cause,
    ]


def _check_result(row: tuple[Any, ...], suites: Mapping[str, Suite]) -> CheckResult:
    table, check, kind, severity, status, observed, unexpected, sample, notes, cause = row
    suite = suites.get(table) if status != "passed" else None
    rules = (rule for rule in suite.expectations if rule.check == check) if suite is not None else ()
    query = next((rule.finds(table) for rule in rules), None)
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
