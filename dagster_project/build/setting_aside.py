"""What a build does when its audit forbids the publication: it sets aside what is new and makes the audit fail.

Here: which new figures a fault points at, the least of them that has to go, and the decision about them. Not here: the
form of a decision (`snapshots.set_aside`), and the taking out of rows (`raw.set_aside`).

The last publication was good. So without the fetched snapshots that it did not have, a build of the same committed
files and the same code is good as well, and it can always publish. What is set aside is looked for from small to large:
rows that a failing rule names, then what else their snapshots changed, then these snapshots, then all new snapshots of
the datasets that the table is made from, then all. Rules of staging come before those of core, and those before the
marts', since a mistake is seen first where it enters. Then whatever can come back without breaking a rule comes back,
the newest first, since it may mend what is older.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project import publication
from dagster_project.audit.results import CheckResult, blocking
from dagster_project.build.pointing import Fault, Pointing, dataset_of, decision_about
from dagster_project.engines import Table
from dagster_project.engines.work_file import Refused
from dagster_project.errors import BilateralError
from dagster_project.models import SCHEMAS, upstream
from dagster_project.raw import UnreadableSnapshot
from dagster_project.raw.sql import records
from dagster_project.snapshots import Snapshot, set_aside
from dagster_project.snapshots.set_aside import SetAside

if TYPE_CHECKING:
    from dagster_project.build import Build

OnStep = Callable[[str, str, int], None]
OnDecision = Callable[[SetAside], None]
Found = tuple[str, Table | None] | list[CheckResult]

# How often the rows of a snapshot are looked for again, before all of it goes.
ROUNDS = 2
# How many builds may be tried to find out what can come back.
TRIALS = 24
# Rows of a failing rule that are looked at.
_LOOKED_AT = 1000
# What is wrong with the machine is not wrong with the figures.
_NOT_FIGURES = (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
# How a rule crashes for want of memory or room.
_SAID_OF_MACHINES = ("Out of Memory Error", "IO Error")


class SettingAside:
    """The search for what has to be set aside.

    Args:
        build: The build.
        tables: The tables and macros that are wanted.
        suites: The tables whose suites are wanted.
        on_step: Called before each step.
        on_decision: Called with each decision that is made.
    """

    def __init__(
        self,
        build: Build,
        tables: Collection[str],
        suites: Collection[str],
        on_step: OnStep,
        on_decision: OnDecision,
    ) -> None:
        self._build = build
        self._tables = tables
        self._suites = suites
        self._on_step = on_step
        self._on_decision = on_decision
        self._pointing = Pointing(build)
        self._rounds: Counter[str] = Counter()
        self._trials = 0
        # What the last build that was tried has yielded.
        self._found: list[Found] = []

    @cached_property
    def new(self) -> dict[str, Snapshot]:
        """The fetched snapshots that the last publication did not have, or not all of, by id in the order they came.

        One that a person takes in all the same is that person's to mend.
        """
        project = self._build.project
        published: set[str] = set()
        try:
            with publication.reading(project) as connection:
                published = _published(connection)
        except BilateralError:
            pass  # Nothing is published yet: without all that was fetched it is the committed snapshots.
        overruled = {each for one in set_aside.find_all(project) if one.overruled is not None for each in one.snapshots}
        every = [one for found in self._build.inputs.snapshots.values() for one in found]
        new = [s for s in every if s.manifest.is_fetched and s.id not in published | overruled]
        return {s.id: s for s in sorted(new, key=lambda s: (s.manifest.retrieved_moment, s.id))}

    def run(self) -> Iterator[Found]:
        """What the build makes and finds, once what it would fail on has been set aside.

        Raises:
            Exception: As a build raises it, if the fault is not in what is new.
        """
        faults = self._faults()
        if not faults:
            yield from self._found
            return
        if not any(word in fault.reason for fault in faults for word in _SAID_OF_MACHINES):
            decisions = self._search(faults)
            for decision in _together(decisions):
                (snapshot_id,) = decision.snapshots
                self._on_decision(decision.write(set_aside.place(self._build.project, snapshot_id)))
            # What was tried last is read again, as it was decided.
            self._build.inputs.try_without(decisions)
            self._build.inputs.try_without()
        yield from self._build.run(self._tables, self._suites, self._on_step)

    def _search(self, faults: list[Fault]) -> list[SetAside]:
        """The least that has to be set aside; nothing if that does not help."""
        decisions: list[SetAside] = []
        while faults:
            more = self._suspected(faults, decisions)
            if not more:
                return []
            whole = {one.snapshots for one in (*decisions, *more) if one.is_whole}
            decisions = [one for one in (*decisions, *more) if one.is_whole or one.snapshots not in whole]
            faults = self._faults(decisions)
        order = {snapshot_id: place for place, snapshot_id in enumerate(self.new)}
        # Whole rows come last: the search gives back the last ones first, and often some of a row's figures are enough.
        asked = sorted(decisions, key=lambda one: (order[one.snapshots[0]], not one.fields))
        least = self._needed([], asked, fails=True)
        return decisions if len(least) < len(decisions) and self._faults(least, to_the_first=True) else least

    def _needed(self, aside: list[SetAside], asked: list[SetAside], *, fails: bool) -> list[SetAside]:
        """Those of the decisions that are needed beside others, of several ways the one that keeps the newest figures.

        Args:
            aside: What is set aside in any case.
            asked: The decisions, the oldest snapshot first; with all of them the build can publish.
            fails: Whether it is known that without them it cannot.
        """
        if not asked or self._trials >= TRIALS:
            return asked
        if not fails:
            self._trials += 1
            if not self._faults(aside, to_the_first=True):
                return []
        if len(asked) == 1:
            return asked
        older, newer = asked[: (len(asked) + 1) // 2], asked[(len(asked) + 1) // 2 :]
        newer = self._needed([*aside, *older], newer, fails=False)
        return [*self._needed([*aside, *newer], older, fails=not newer), *newer]

    def _faults(self, decisions: Sequence[SetAside] = (), *, to_the_first: bool = False) -> list[Fault]:
        """What forbids the publication of a build without some figures."""
        build = self._build
        build.inputs.try_without(decisions)
        self._found = []
        found: list[CheckResult] = []
        # Where a schema has been looked at and does not hold, what is made from it need not be made.
        left = Counter(name.partition(".")[0] for name in self._suites)
        try:
            build.inputs.receive_all()
            with closing(build.run(self._tables, self._suites, self._on_step)) as made:
                for each in made:
                    self._found.append(each)
                    if isinstance(each, tuple):
                        continue
                    found += blocking(each)
                    left.subtract(result.table.partition(".")[0] for result in each[:1])
                    if found and (to_the_first or not left[found[0].table.partition(".")[0]]):
                        break
        except _NOT_FIGURES:
            raise
        except Refused as error:
            if isinstance(error.__cause__, _NOT_FIGURES):
                raise
            return [Fault(error.table, error.message, frozenset({error.table}), error.rows)]
        except UnreadableSnapshot as error:
            return [Fault(error.snapshot_id, error.message, rows=[{"snapshot_id": error.snapshot_id}])]
        except Exception as error:  # whatever figures provoke, they are what is looked for; it is raised again if not
            if not self.new:
                raise
            return [Fault(type(error).__name__, str(error))]
        return [self._fault(result) for result in found]

    def _fault(self, result: CheckResult) -> Fault:
        tables = {result.table}
        for rule in self._build.catalog.suites[result.table].expectations:
            tables |= rule.reads if rule.check == result.check else set()
        rows: Sequence[Mapping[str, Any]] = result.sample
        if result.status == "failed" and result.query:
            # A query of Great Expectations may be for its own connection; then the sample stays.
            with suppress(duckdb.Error):
                rows = records(self._build.file.connection, f"select * from ({result.query}\n) limit {_LOOKED_AT}")
        return Fault(f"{result.table}: {result.check}", result.message or result.notes, frozenset(tables), rows)

    def _suspected(self, faults: list[Fault], decisions: Sequence[SetAside]) -> list[SetAside]:
        """What more should go: what the faults name, or else all that their tables are made from, or else all."""
        gone = {one.snapshots[0] for one in decisions if one.is_whole}
        for schema in ("", *SCHEMAS):
            # A mistake is seen first where it enters: what fails after it may well hold without it.
            if found := self._named([fault for fault in faults if fault.schema == schema], gone, decisions):
                return found
        fault = faults[0]
        made_from = set(fault.tables).union(*(upstream(self._build.catalog.models, name) for name in fault.tables))
        ids = [s.id for s in self.new.values() if f"raw.{dataset_of(s).table}" in made_from]
        left = self._left(ids, gone) or self._left(self.new, gone)
        return [decision_about(fault, snapshot) for snapshot in left]

    def _named(self, faults: list[Fault], gone: set[str], decisions: Sequence[SetAside]) -> list[SetAside]:
        """The rows that faults name, of each snapshot, or those it changed, or else the snapshot."""
        tried = {_meant(one) for one in decisions}
        rows: dict[str, dict[object, SetAside]] = {}
        first: dict[str, Fault] = {}
        for fault in faults:
            for snapshot in self._left(fault.snapshot_ids, gone):
                first.setdefault(snapshot.id, fault)
                named = rows.setdefault(snapshot.id, {})
                if self._rounds[snapshot.id] < ROUNDS:
                    for one in self._pointing.rows(fault, snapshot):
                        named.setdefault(_meant(one), one)
        self._rounds.update(rows.keys())
        found: list[SetAside] = []
        for snapshot_id, named in rows.items():
            # What was tried and does not help is no answer.
            fault, snapshot = first[snapshot_id], self.new[snapshot_id]
            few = [one for meant, one in named.items() if meant not in tried]
            few = few or [one for one in self._pointing.news(fault, snapshot) if _meant(one) not in tried]
            found += few or [decision_about(fault, snapshot)]
        return found

    def _left(self, ids: Iterable[str], gone: set[str]) -> list[Snapshot]:
        return [self.new[each] for each in ids if each in self.new and each not in gone]


def _published(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The snapshots that a publication has all of."""
    every = {row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
    try:
        found = connection.execute("select distinct snapshot_id from meta.quarantine where set_aside_by = 'build'")
    except duckdb.BinderException:
        return every  # It is older than decisions.
    return every - {row[0] for row in found.fetchall()}


def _meant(decision: SetAside) -> object:
    """What a decision sets aside, for whatever reason."""
    return decision.snapshots, repr([sorted(row.items()) for row in decision.rows]), decision.fields


def _together(decisions: Iterable[SetAside]) -> list[SetAside]:
    """The same, those of one snapshot, rule and fields put together."""
    grouped: dict[object, SetAside] = {}
    for one in decisions:
        same = (one.snapshots, one.rule, one.fields)
        grouped[same] = replace(grouped[same], rows=grouped[same].rows + one.rows) if same in grouped else one
    return list(grouped.values())
