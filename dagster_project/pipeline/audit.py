"""The audit of a build: which rules need a verdict on the tables as they are now, and the verdicts.

Here: what a verdict is about, as a hash, and on how few rows a rule may run. Not here: the running of rules (the room
`audit`), and what a verdict stops, which the publishing of a build decides.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache, cached_property
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

# Raised when the same rule is looked at otherwise, so that an old verdict is not taken for a new one.
AUDITING = 3


class Audit:
    """The audit of a build.

    Args:
        catalog: What is built.
        engine: What made the tables.
        records: What is recorded of the tables and of earlier audits.
        tables: The tables.
    """

    def __init__(self, catalog: Catalog, engine: DuckDB, records: Records, tables: Tables) -> None:
        self._models = catalog.models
        self._suites = catalog.suites
        self._engine = engine
        self._records = records
        self._tables = tables
        self._warming: Thread | None = None

    @cached_property
    def auditor(self) -> Auditor:
        # A cursor of its own, so that it may audit in another thread while this one goes on building.
        return Auditor(self._engine.open_cursor(), {name: model.shown for name, model in self._models.items()})

    def warm_up(self) -> None:
        """Import what an audit needs, which takes seconds, while other work goes on."""
        if self._warming is None:
            self._warming = warm_up()

    def get_results(self, name: str | None = None) -> list[CheckResult]:
        """Return the recorded results, of one table or of all, by table and name."""
        return [result for result, _ in self._records.list_checks(name)]

    def record_results(self, name: str, results: list[CheckResult]) -> None:
        """Record the results of auditing a table as it stands, in place of those of the same rules."""
        suite = self._suites[name]
        rules = {rule.check: rule for rule in suite.expectations}
        self._records.record_checks((result, self._hash_rule(suite, rules[result.check])) for result in results)

    def select_rules(self, name: str) -> tuple[Suite, list[Parts]]:
        """Select the rules of a table that need a verdict, and the parts on which some of them may run."""
        suite = self._suites[name]
        audited = self._records.list_checks(name)
        # What crashed may have lacked memory or room, and is asked again.
        known = {result.check: audit_hash for result, audit_hash in audited if result.status != "crashed"}
        passed = {result.check: audit_hash for result, audit_hash in audited if result.passed}
        rules = tuple(rule for rule in suite.expectations if known.get(rule.check) != self._hash_rule(suite, rule))
        # Rules that run on the same rows run together.
        found: dict[str, Parts] = {}
        for rule in rules:
            if parts := self._find_parts(suite, rule, passed.get(rule.check)):
                found.setdefault(repr(parts), Parts(parts)).checks.add(rule.check)
        return replace(suite, expectations=rules), list(found.values())

    def require_audited(self) -> None:
        """Raise an error unless every rule has a verdict on the tables as they are now.

        Raises:
            BilateralError: One has not.
        """
        audited = {(result.table, result.check): audit_hash for result, audit_hash in self._records.list_checks()}
        for name, suite in self._suites.items():
            for rule in suite.expectations:
                if audited.get((name, rule.check)) != self._hash_rule(suite, rule):
                    raise BilateralError(
                        f"{name} has not been audited as it stands: {rule.check} was not checked on it.",
                        remedy="Run its checks, or the whole build, before you publish.",
                    )

    def close(self) -> None:
        """Close the auditor, whose cursors keep the work file open."""
        if self._warming is not None:
            # An interpreter that ends under a thread of DuckDB's aborts.
            self._warming.join()
        if "auditor" in self.__dict__:
            self.auditor.close()
            del self.auditor

    def _hash_rule(self, suite: Suite, rule: Expectation, *, before: bool = False) -> str:
        """Hash an expectation and what the tables hold that it looks at: a verdict is good for just these.

        Args:
            suite: The suite.
            rule: The expectation.
            before: Whether of what the tables held before this build changed them.
        """
        looked_at = sorted({suite.table, *rule.reads})
        # A table that is not made yet crashes the rule, and counts as another content than any that it will have.
        tables = {table: self._tables.hash_content(table) for table in looked_at}
        if before:
            changes = self._tables.changes
            tables |= {table: changes.get_hash_before(table) for table in looked_at if table in changes}
        said = (rule.severity, rule.notes, rule.known_rows, rule.cause)
        asked = (AUDITING, _auditor_version(), rule.type, rule.kwargs, *said)
        return hashlib.sha256(repr((asked, tables)).encode()).hexdigest()

    def _find_parts(self, suite: Suite, rule: Expectation, passed: str | None) -> list[dict[str, str]]:
        """Find parts in each of which a rule holds only if it does; none if it is better asked as a whole.

        Args:
            suite: The suite.
            rule: The rule.
            passed: What it was last seen to hold for.
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


@cache
def _auditor_version() -> str:
    return version("great-expectations")
