"""Audit a build: find the rules that must run on the current tables, and record their results.

Here: whether an earlier result is still valid, and the rows on which a rule must run. Not here: running rules (the
package `audit`), and stopping a publication (`Build.publish_build`).
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from threading import Thread

from dagster_project.audit.auditor import Auditor, Parts, warm_up
from dagster_project.audit.results import CheckResult
from dagster_project.audit.suites import Expectation, Suite
from dagster_project.catalog import Catalog
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.incremental.slices import get_rule_slicing
from dagster_project.pipeline.records import Records
from dagster_project.pipeline.tables import Tables

# The version of the audit. Raise it when rules are evaluated differently, so that all rules run again.
AUDITING = 3


class Audit:
    """The audit of a build's tables, which runs only rules without a valid result."""

    def __init__(self, catalog: Catalog, engine: DuckDB, records: Records, tables: Tables) -> None:
        self._models = catalog.models
        self._suites = catalog.suites
        self._engine = engine
        self._records = records
        self._tables = tables
        self._warming: Thread | None = None
        # Reading the version takes milliseconds, and each rule is hashed several times.
        self._library = version("great-expectations")

    @cached_property
    def auditor(self) -> Auditor:
        # With a cursor of its own, the audit can run in another thread during the build.
        return Auditor(self._engine.open_cursor(), {name: model.shown for name, model in self._models.items()})

    def warm_up(self) -> None:
        """Import the audit's libraries, which takes seconds, in a background thread."""
        if self._warming is None:
            self._warming = warm_up()

    def get_results(self, name: str | None = None) -> list[CheckResult]:
        return [result for result, _ in self._records.list_checks(name)]

    def record_results(self, name: str, results: list[CheckResult]) -> None:
        """Record the results of the audit of a table in its current state; replace earlier results of these rules."""
        suite = self._suites[name]
        rules = {rule.check: rule for rule in suite.expectations}
        self._records.record_checks((result, self._hash_rule(suite, rules[result.check])) for result in results)

    def select_rules(self, name: str) -> tuple[Suite, list[Parts]]:
        """Select the rules of a table that must run; for rules that can run on parts of the table, list the parts."""
        suite = self._suites[name]
        audited = self._records.list_checks(name)
        # Run crashed rules again, because memory or disk space may have been short.
        known = {result.check: audit_hash for result, audit_hash in audited if result.status != "crashed"}
        passed = {result.check: audit_hash for result, audit_hash in audited if result.passed}
        rules = tuple(rule for rule in suite.expectations if known.get(rule.check) != self._hash_rule(suite, rule))
        # Group the rules that run on the same rows.
        found: dict[str, Parts] = {}
        for rule in rules:
            if parts := self._find_parts(suite, rule, passed.get(rule.check)):
                found.setdefault(repr(parts), Parts(parts)).checks.add(rule.check)
        return replace(suite, expectations=rules), list(found.values())

    def require_audited(self) -> None:
        """Raise `BilateralError` unless every rule has a result for the current tables."""
        audited = {(result.table, result.check): audit_hash for result, audit_hash in self._records.list_checks()}
        for name, suite in self._suites.items():
            for rule in suite.expectations:
                if audited.get((name, rule.check)) != self._hash_rule(suite, rule):
                    raise BilateralError(
                        f"{name} was not audited since it was last made: {rule.check} has no result.",
                        remedy="Run its checks, or the whole build, before you publish.",
                    )

    def close(self) -> None:
        """Close the auditor, whose cursors keep the work file open."""
        if self._warming is not None:
            # Python aborts if it exits while DuckDB runs in another thread.
            self._warming.join()
        if "auditor" in self.__dict__:
            self.auditor.close()
            del self.auditor

    def _hash_rule(self, suite: Suite, rule: Expectation, *, before: bool = False) -> str:
        """Hash a rule and the tables that it reads: as they are now, or (`before`) as they were before this build."""
        looked_at = sorted({suite.table, *rule.reads})
        # A missing table crashes the rule; its hash (None) differs from that of any later content.
        tables = {table: self._tables.hash_content(table) for table in looked_at}
        if before:
            changes = self._tables.changes
            tables |= {table: changes.get_hash_before(table) for table in looked_at if table in changes}
        said = (rule.severity, rule.notes, rule.known_rows, rule.cause)
        asked = (AUDITING, self._library, rule.type, rule.kwargs, *said)
        return hashlib.sha256(repr((asked, tables)).encode()).hexdigest()

    def _find_parts(self, suite: Suite, rule: Expectation, passed: str | None) -> list[dict[str, str]]:
        """Split a table into parts on which a rule can run one after another; [] if it should run on the whole table.

        If the rule passed just before this build (`passed`: its hash then), the changed slices are the only part.
        """
        slicing, changes = get_rule_slicing(rule, suite.table, self._models), self._tables.changes
        if slicing is None or not changes.is_large(*slicing.keys):
            return []
        if passed is not None and passed == self._hash_rule(suite, rule, before=True):
            values = changes.find_slices_of_rule(slicing, {suite.table, *rule.reads})
            if values is not None:
                return [slicing.write_conditions(values)]
        packs = self._engine.list_packs(slicing)
        return [slicing.write_conditions(pack) for pack in packs] if len(packs) > 1 else []
