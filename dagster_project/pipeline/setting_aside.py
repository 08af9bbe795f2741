"""Set aside the new snapshots that make an audit fail, so that a build can publish without them.

Here: finding the new snapshots behind a fault, choosing those to set aside, and recording the decisions. Not here: the
format of a decision (`snapshots.set_aside`), and removing rows (`raw.set_aside`).

The last publication passed its audit. So a build of the same committed files and code, without the snapshots fetched
since, passes too and can always be published.

Faults in staging are handled first, then those in core and in marts, because later faults may have the same cause.
Whole snapshots are set aside: the new snapshots that the failing rows name; if the rows name none, the new snapshots of
the datasets behind the rule's table; if there are none, all new snapshots. Then each of them is tried again, the newest
first, because it may correct an older one. A snapshot with which no rule fails is used after all.

A decision is valid until the models, rules, corrections or code lists change. Then the snapshot is tried again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project import publication, sources
from dagster_project.audit.results import CheckResult, select_blocking
from dagster_project.database import MACHINE_ERRORS, fetch_records
from dagster_project.engines.analysis_process import MachineFailed
from dagster_project.engines.work_file import Refused
from dagster_project.errors import BilateralError
from dagster_project.files import read_bytes
from dagster_project.models import SCHEMAS, find_upstream
from dagster_project.pipeline.records import Step
from dagster_project.raw import UnreadableSnapshot
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import SetAside, find_all_decisions, get_build_file

if TYPE_CHECKING:
    from dagster_project.pipeline import Build
    from dagster_project.project import Project

# Called with a stage, its current item and the number of items, to show progress.
OnStep = Callable[[str, str, int], None]
OnDecision = Callable[[SetAside], None]

# The most snapshots to try again, because the build may pass with some of them.
TRIALS = 24
# The most rows of a failing rule to read and to show in a reason, and the longest reason in characters.
LOOKED_AT = 1000
SHOWN = 3
LONGEST_REASON = 1000
# The errors of the machine, which figures do not cause.
_NOT_FIGURES = (*MACHINE_ERRORS, MachineFailed)
# The messages of a rule that crashed because memory or disk space was short.
_SAID_OF_MACHINES = ("Out of Memory Error", "IO Error")
# What DuckDB makes of an exception that a signal, such as Ctrl-C, raises during a query.
_INTERRUPTED = "Query interrupted"


@dataclass(frozen=True)
class Fault:
    """A failure that stops a publication: of a rule, or of reading a table or a snapshot.

    Args:
        rule: The rule, `schema.table: check`, or the table or snapshot that cannot be read.
        reason: The reason why the rule must hold, or the error.
        tables: The tables that the rule reads.
        rows: The rows that break the rule.
    """

    rule: str
    reason: str
    tables: frozenset[str] = frozenset()
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def place(self) -> int:
        """The position of the fault's schema in the order of the build; −1 for a fault without tables."""
        return SCHEMAS.index(self.rule.partition(".")[0]) if self.tables else -1

    def list_snapshot_ids(self) -> set[str]:
        return {each for row in self.rows for each in _list_snapshot_ids(row)}

    def describe_snapshot(self, snapshot_id: str) -> str:
        """Write the reason of the fault, with the first rows of one snapshot that break the rule."""
        rows = [row for row in self.rows if snapshot_id in _list_snapshot_ids(row)]
        shown = [
            ", ".join(f"{name} {value}" for name, value in row.items() if value is not None and not _is_origin(name))
            for row in rows[:SHOWN]
        ]
        more = f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        said = f"{self.reason} {'; '.join(shown)}{more}" if any(shown) else self.reason
        return " ".join(said.split())[:LONGEST_REASON]


class SetAsideSearch:
    """The search for the new snapshots to set aside, so that a build of `tables` and `suites` can be published."""

    def __init__(
        self,
        build: Build,
        tables: Collection[str],
        suites: Collection[str],
        on_step: OnStep = lambda _stage, _detail, _total: None,
        on_decision: OnDecision = lambda _decision: None,
    ) -> None:
        self._build = build
        self._tables = tables
        self._suites = suites
        self._on_step = on_step
        self._on_decision = on_decision
        self._given = hash_given(build.project)
        # The fetched snapshots that the last publication did not have, by ID, in the order of retrieval.
        self._new: dict[str, Snapshot] = {}
        # The steps of the last trial build.
        self._steps: list[Step] = []

    def run_steps(self) -> Iterator[Step]:
        """Yield the steps of a build without the new snapshots that would make its audit fail.

        If there are new snapshots, no step is yielded until the search is over.

        Raises:
            Exception: `Build.run_steps` raised it, and the new snapshots are not the cause.
        """
        inputs = self._build.inputs
        decided = [one for one in find_all_decisions(self._build.project) if one.by == "build"]
        # Delete the decisions made with other models, rules or corrections, to try their snapshots again.
        outdated = [one for one in decided if one.given != self._given]
        for one in outdated:
            one.path.unlink()
        inputs.forget_datasets(one.dataset for one in outdated)
        self._new = _find_new(self._build, {one.name for one in decided if one not in outdated})
        if self._new:
            faults = self._find_faults()
            if not faults:
                yield from self._steps
                return
            if not any(word in fault.reason for fault in faults for word in _SAID_OF_MACHINES):
                for one in self._search_decisions(faults):
                    self._on_decision(one.write_file(get_build_file(self._build.project, one.name)))
                    inputs.forget_datasets([one.dataset])
            inputs.try_without()
        yield from self._build.run_steps(self._tables, self._suites, self._on_step)

    def _search_decisions(self, faults: list[Fault]) -> list[SetAside]:
        """Decide which snapshots to set aside; return [] if no decisions remove the faults."""
        decisions: list[SetAside] = []
        while faults:
            suspects = self._find_suspects(faults, self._new.keys() - {one.name for one in decisions})
            if not suspects:
                return []
            decisions += [self._make_decision(fault, snapshot_id) for snapshot_id, fault in suspects.items()]
            faults = self._find_faults(decisions)
        needed = sorted(decisions, key=lambda one: list(self._new).index(one.name))
        for one in needed[: -TRIALS - 1 : -1]:
            others = [each for each in needed if each is not one]
            if others and not self._find_faults(others, to_the_first=True):
                needed = others
        return needed

    def _find_suspects(self, faults: list[Fault], left: set[str]) -> dict[str, Fault]:
        """Find the snapshots in `left` that may cause `faults`, each with its fault (see the module's docstring)."""
        naming = sorted((one for one in faults if one.list_snapshot_ids() & left), key=lambda one: one.place)
        if naming:
            # Only those of the earliest schema, because later failures may have the same cause.
            first = [one for one in naming if one.place == naming[0].place]
            return {snapshot_id: one for one in reversed(first) for snapshot_id in one.list_snapshot_ids() & left}
        fault = faults[0]
        made_from = set(fault.tables).union(*(find_upstream(self._build.catalog.models, name) for name in fault.tables))
        every = [snapshot_id for snapshot_id in self._new if snapshot_id in left]
        behind = [one for one in every if f"raw.{_find_dataset(self._new[one]).table}" in made_from]
        return dict.fromkeys(behind or every, fault)

    def _make_decision(self, fault: Fault, snapshot_id: str) -> SetAside:
        return SetAside(
            dataset=_find_dataset(self._new[snapshot_id]).path,
            reason=fault.describe_snapshot(snapshot_id),
            by="build",
            decided_on=datetime.now(UTC).date(),
            snapshots=(snapshot_id,),
            rule=fault.rule,
            given=self._given,
        )

    def _find_faults(self, decisions: Sequence[SetAside] = (), *, to_the_first: bool = False) -> list[Fault]:
        """Find the faults of a trial build with `decisions`; stop after the first schema that has any.

        With `to_the_first`, stop after the first table that has any.
        """
        build = self._build
        build.inputs.try_without(decisions)
        self._steps = []
        found: list[CheckResult] = []
        # If the audit of a schema has failed, the tables made from it need not be made.
        left = Counter(name.partition(".")[0] for name in self._suites)
        try:
            build.inputs.receive_all()
            with closing(build.run_steps(self._tables, self._suites, self._on_step)) as made:
                for step in made:
                    self._steps.append(step)
                    if step.results is None:
                        continue
                    found += select_blocking(step.results)
                    left[step.name.partition(".")[0]] -= 1
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
        except Exception as error:
            if str(error) == _INTERRUPTED:
                raise KeyboardInterrupt from error
            return [Fault(type(error).__name__, str(error))]
        return [self._make_fault(result) for result in found]

    def _make_fault(self, result: CheckResult) -> Fault:
        rules = self._build.catalog.suites[result.table].expectations
        tables = {result.table}.union(*(rule.reads for rule in rules if rule.check == result.check))
        rows: Sequence[Mapping[str, Any]] = result.sample
        if result.status == "failed" and result.query:
            query = f"select * from ({result.query}\n) order by all limit {LOOKED_AT}"
            rows = fetch_records(self._build.file.connection, query)
        return Fault(f"{result.table}: {result.check}", result.message or result.notes, frozenset(tables), rows)


def hash_given(project: Project) -> str:
    """Hash the files that people maintain: models, rules, corrections, code lists and the readers of sources."""
    folders = (project.sql, project.expectations, project.corrections, project.reference, Path(sources.__file__).parent)
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".sql", ".yml", ".csv", ".py"}):
            digest.update(f"{path.relative_to(folder)} ".encode() + read_bytes(path))
    return digest.hexdigest()[:16]


def _find_new(build: Build, decided: Iterable[str]) -> dict[str, Snapshot]:
    """Find the fetched snapshots that are not in the last publication and that no build has set aside."""
    known = set(decided)
    # If nothing is published yet, every fetched snapshot is new.
    with suppress(BilateralError), publication.open_published(build.project) as connection:
        known |= {name for (name,) in connection.execute("select snapshot_id from meta.snapshots").fetchall()}
        # Snapshots that a build set aside were not in the publication. Earlier versions did not record who set aside.
        with suppress(duckdb.BinderException):
            rows = connection.execute("select snapshot_id from meta.quarantine where set_aside_by = 'build'").fetchall()
            known -= {name for (name,) in rows} - set(decided)
    every = [one for found in build.inputs.snapshots.values() for one in found]
    new = [one for one in every if one.manifest.is_fetched and one.id not in known]
    return {one.id: one for one in sorted(new, key=lambda one: (one.manifest.retrieved_moment, one.id))}


def _find_dataset(snapshot: Snapshot) -> sources.Dataset:
    return sources.find_dataset(f"{snapshot.manifest.source}/{snapshot.manifest.dataset}")


def _is_origin(name: str) -> bool:
    """Return whether a column names snapshots, such as `annual_snapshot_id` or `snapshot_ids`."""
    return name.endswith(("snapshot_id", "snapshot_ids"))


def _list_snapshot_ids(row: Mapping[str, Any]) -> list[str]:
    """List the snapshots that a row names in any of its columns."""
    named = (value for name, value in row.items() if _is_origin(name) and value)
    return [str(each) for value in named for each in (value if isinstance(value, list) else [value])]
