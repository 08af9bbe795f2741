"""Record in the work file the content and inputs of each table, and the result of each rule.

Here: reading, writing and deleting records. Not here: decisions based on them (`tables`, `audit`), and their columns
(`publication.meta`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from dagster_project.audit.results import CheckResult, read_checks
from dagster_project.audit.suites import Suite
from dagster_project.engines import Table
from dagster_project.engines.work_file import WorkFile, read_all_types
from dagster_project.publication import meta


@dataclass(frozen=True)
class Step:
    """A step of a build: a table that was made or was current (None for a macro), or the results of a table's audit."""

    name: str
    table: Table | None = None
    results: list[CheckResult] | None = None


class Recorded(NamedTuple):
    """The record of a table or macro, with a hash of its content and of each input by name."""

    row_count: int
    content_hash: str
    inputs: Mapping[str, str]


class Records:
    """The records of a work file, which no other process may write at the same time."""

    def __init__(self, file: WorkFile, suites: Mapping[str, Suite]) -> None:
        self._file = file
        self._suites = suites
        self._are_checks_written = True
        for table in (meta.TABLE_HASHES, meta.INPUTS, meta.CHECKS, meta.PUBLICATION):
            file.create_empty(f"meta.{table.name}", table.types)

    @cached_property
    def tables(self) -> dict[str, Recorded]:
        """The record of each table, by name."""
        inputs: dict[str, dict[str, str]] = {}
        for table, name, given in self._file.connection.execute("from meta.inputs").fetchall():
            inputs.setdefault(table, {})[name] = given
        found = self._file.connection.execute("select table_name, row_count, content_hash from meta.table_hashes")
        return {
            name: Recorded(rows, content_hash, inputs.get(name, {})) for name, rows, content_hash in found.fetchall()
        }

    def record_table(self, table: Table, inputs: Mapping[str, str]) -> None:
        """Record a table that was made, with the hashes of its inputs."""
        self._forget_table(table.name)
        row = (table.name, table.row_count, table.content_hash)
        self._file.append_rows("meta.table_hashes", meta.TABLE_HASHES.make_rows([row]))
        self._file.append_rows("meta.inputs", meta.INPUTS.make_rows((table.name, *one) for one in inputs.items()))
        self.tables[table.name] = Recorded(table.row_count, table.content_hash, inputs)

    @cached_property
    def _checks(self) -> dict[str, dict[str, tuple[CheckResult, str]]]:
        """The results of each table's rules, by table and rule."""
        found: dict[str, dict[str, tuple[CheckResult, str]]] = {}
        for result, audit_hash in read_checks(self._file.connection, self._suites):
            found.setdefault(result.table, {})[result.check] = result, audit_hash
        return found

    def list_checks(self, name: str | None = None) -> list[tuple[CheckResult, str]]:
        """List the results of one table or of all, each with its audit hash (of the rule and the tables it reads)."""
        tables = sorted(self._checks) if name is None else [name]
        return [check for table in tables for _, check in sorted(self._checks.get(table, {}).items())]

    def record_checks(self, results: Iterable[tuple[CheckResult, str]]) -> None:
        """Record results, each with its audit hash (`list_checks`); replace earlier results of the same rules.

        `write_checks` writes them. If the build ends before, their rules run again.
        """
        for result, audit_hash in results:
            self._checks.setdefault(result.table, {})[result.check] = result, audit_hash
            self._are_checks_written = False

    def write_checks(self) -> None:
        """Write the recorded results into the work file, in one transaction, because each takes milliseconds."""
        if not self._are_checks_written:
            rows = [[*_check_row(result), audit_hash] for result, audit_hash in self.list_checks()]
            with self._file.begin_transaction():
                self.forget_publication()
                self._file.connection.execute("delete from meta.checks")
                self._file.append_rows("meta.checks", meta.CHECKS.make_rows(rows))
            self._are_checks_written = True

    def forget_others(self, models: Iterable[str]) -> None:
        """Drop each table and macro that is not one of `models`, and delete the results of rules that no suite has."""
        connection = self._file.connection
        with self._file.begin_transaction():
            for name in self.tables.keys() - set(models):
                self._forget_table(name)
                connection.execute(f"drop table if exists {name}")
                connection.execute(f"drop macro table if exists {name}")
                del self.tables[name]
        for name in list(self._checks):
            rules = {rule.check for rule in self._suites[name].expectations} if name in self._suites else set()
            for check in self._checks[name].keys() - rules:
                del self._checks[name][check]
                self._are_checks_written = False

    def get_publication_id(self) -> str | None:
        """Return the ID under which the work file was published; None if it has changed since or lacks a table."""
        there = read_all_types(self._file.connection)
        if any(f"meta.{table.name}" not in there for table in meta.WRITTEN):
            return None
        row = self._file.connection.execute("select publication_id from meta.publication").fetchone()
        return None if row is None else str(row[0])

    def forget_publication(self) -> None:
        """Record that the work file has changed since it was published."""
        self._file.connection.execute("delete from meta.publication")

    def _forget_table(self, name: str) -> None:
        self.forget_publication()
        if name not in self.tables:
            return
        for table in (meta.TABLE_HASHES, meta.INPUTS):
            self._file.connection.execute(f"delete from meta.{table.name} where table_name = $1", [name])


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
