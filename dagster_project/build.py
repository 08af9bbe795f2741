"""A build: snapshots in, one audited file out, and nothing in between that anybody can see.

Here: the steps and what each needs of the one before, over a private work file. Not here: the doing of a step, which is
in the room of its name, and the order they run in when Dagster runs them (`defs`).

A build is a pure function of the snapshots and the code. Each table remembers a hash of its SQL and of what the tables
held that it was made from, each verdict one of its rule and of what it looked at. So a build does again only what has
changed since the last, and a publication is refused while any table is missing, older than its inputs or not audited as
it stands: running single steps can never put a mixture in front of readers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from importlib.metadata import version
from threading import Thread
from typing import Any

import duckdb

from dagster_project import inputs, models, publication, raw, snapshots
from dagster_project.analysis import Analysis, analyses
from dagster_project.audit.auditor import Auditor, Parts, together, warm_up
from dagster_project.audit.results import CheckResult, blocking
from dagster_project.audit.suites import Expectation, Suite, load_suites
from dagster_project.engines import Engine, Settings, Table, open_engine
from dagster_project.engines.work_file import WorkFile, describe
from dagster_project.errors import BilateralError
from dagster_project.incremental.changes import LOOKED_UP, Changes
from dagster_project.incremental.slices import Slicing, Value, of_model, of_rule
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.publication import Publication, dictionary, meta, page
from dagster_project.raw import RawTable
from dagster_project.rows import Rows
from dagster_project.snapshots import Snapshot
from dagster_project.sources import dataset, datasets

CONTENT_SCHEMAS = ("staging", "core", "marts")
# Raised when the same rule is looked at otherwise, so that an old verdict is not taken for a new one.
AUDITING = 3


class AuditFailed(BilateralError):
    """A build whose audit forbids its publication.

    Args:
        results: The results that stop it.
        project: What was built.
    """

    def __init__(self, results: list[CheckResult], project: Project) -> None:
        names = ", ".join(f"{result.table}: {result.check}" for result in results[:3])
        more = f" and {len(results) - 3} more" if len(results) > 3 else ""
        super().__init__(
            f"Nothing was published: the audit stopped at {names}{more}.",
            remedy=f"The failing rows and their snapshots are in {project.failed_audit}; "
            "the last publication stays as it was.",
        )
        self.results = results


@dataclass
class Build:
    """A build in progress.

    Args:
        project: What is built.
        engine: What makes the tables, with the work file open.
        models: Every table and macro, in an order in which they can run.
        views: Every view, made when the file is published.
        analyses: What Python works out for models, by name.
        suites: The suite of each audited table, by the table's name.
    """

    project: Project
    engine: Engine
    models: Mapping[str, Model]
    views: Mapping[str, Model]
    analyses: Mapping[str, Analysis]
    suites: Mapping[str, Suite]
    _received: dict[str, RawTable] = field(default_factory=dict)
    _warming: Thread | None = None

    @property
    def file(self) -> WorkFile:
        return self.engine.file

    @cached_property
    def auditor(self) -> Auditor:
        # A cursor of its own, so that it may audit in another thread while this one goes on building.
        return Auditor(self.file.cursor(), {name: model.shown for name, model in self.models.items()})

    @cached_property
    def snapshots(self) -> dict[str, list[Snapshot]]:
        """What is built from, by dataset: looked up once, so that a refresh meanwhile changes nothing halfway."""
        return snapshots.find_all(self.project)

    def receive(self, path: str) -> RawTable:
        """Verifies and reads the snapshots of the dataset `source/name`; a second call costs nothing."""
        if path not in self._received:
            self._take(raw.receive(self.project, dataset(path), self.snapshots[path]))
        return self._received[path]

    def receive_all(self, on_each: Callable[[str], None] = lambda _path: None) -> list[RawTable]:
        """Verifies and reads every snapshot, several datasets at a time."""
        waiting = [offered for offered in datasets() if offered.path not in self._received]
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="read") as pool:
            found = [self.snapshots[offered.path] for offered in waiting]
            for received in pool.map(partial(raw.receive, self.project), waiting, found):
                on_each(received.dataset.path)
                self._take(received)
        every = [self._received[offered.path] for offered in datasets()]
        self.engine.attach_quarantine(every)
        return every

    def _take(self, received: RawTable) -> None:
        self._received[received.dataset.path] = received
        inputs.remember(self.project, f"raw.{received.dataset.table}", received.fingerprint, received.made_of)
        self.engine.attach_raw(received)

    def run(self, name: str) -> Table | None:
        """Makes the table, or the macro, of a model.

        A large table of which it can be told which slices have changed is not made as a whole, but comes to the same.

        Raises:
            BilateralError: A table that it reads has not been made, or the SELECT fails.
        """
        model = self.models[name]
        input_hash = self._input_hash(model, self._recorded)
        for needed in sorted(model.depends_on):
            if needed.startswith("analysis."):
                self._work_out(self.analyses[needed.partition(".")[2]])
        known = self._recorded.get(name)
        slicing = of_model(model, self.models)
        values = self._outdated(model, slicing)
        with self.file.transaction():
            table = None
            before = self._changes.hashes(name, slicing, values) if known is not None else None
            if slicing is not None and values is not None and known is not None:
                table = self.engine.renew(model, Table(name, known[0], known[1], {}), slicing, values)
            if table is None:
                before = before if values is None else None
                table = self.engine.run(model, slicing)
            # A macro holds no rows: what it is, is its text.
            self._record(table or Table(model.name, 0, model.fingerprint, {}), input_hash)
            if known is not None and known[1] != self._recorded[name][1]:
                after = None if before is None else self._changes.hashes(name, slicing, values)
                self._changes.note(name, known[1], before, after)
        return table

    def is_current(self, name: str) -> bool:
        """Whether the table is there, made of what its inputs hold now by the model as it is now."""
        if name not in self._recorded:
            return False
        _, content_hash, input_hash = self._recorded[name]
        return input_hash == self._input_hash(self.models[name], self._recorded) and (
            self.models[name].is_macro or self.engine.holds(name, content_hash)
        )

    def ensure(self, name: str) -> Table | None:
        """The table, or the macro, of a model as it has to be; it is made only if it is not.

        Raises:
            BilateralError: As `run` does.
        """
        if not self.is_current(name):
            return self.run(name)
        return None if self.models[name].is_macro else describe(self.file.connection, name)

    def asked(self, name: str) -> tuple[Suite, list[Parts]]:
        """The rules of a table without a verdict on what the tables hold now, and of which parts some may be asked."""
        suite = self.suites[name]
        audited = self._audited(name)
        # What crashed may have lacked memory or room, and is asked again.
        known = {result.check: audit_hash for result, audit_hash in audited if result.status != "crashed"}
        passed = {result.check: audit_hash for result, audit_hash in audited if result.passed}
        waiting = [rule for rule in suite.expectations if known.get(rule.check) != self._audit_hash(suite, rule)]
        found: list[Parts] = []
        for rule in waiting:
            parts = self._in_parts(suite, rule, passed.get(rule.check))
            if parts:
                found.append(Parts(frozenset({rule.check}), parts))
        return replace(suite, expectations=tuple(waiting)), together(found)

    def verdicts(self, name: str) -> list[CheckResult]:
        """The result of each expectation of a table as it stands; only those without a verdict are audited."""
        suite, parts = self.asked(name)
        if suite.expectations:
            self.remember(name, self.auditor.audit(suite, parts))
        return [result for result, _ in self._audited(name)]

    def remember(self, name: str, results: list[CheckResult]) -> list[CheckResult]:
        """Keeps the results of auditing a table as it stands, in place of those of the same rules; returns them."""
        rules = {rule.check: rule for rule in self.suites[name].expectations}
        rows = [[*_check_row(r), self._audit_hash(self.suites[name], rules[r.check])] for r in results]
        with self.file.transaction():
            self._forget_checks((name, result.check) for result in results)
            self.file.append("meta.checks", meta.CHECKS.rows(rows))
        return results

    def results(self) -> list[CheckResult]:
        """The results of every expectation that is remembered, by table and name."""
        return [result for result, _ in self._audited()]

    def publish(self, now: datetime | None = None, *, keep: int | None = None) -> Publication:
        """Puts the work file into readers' hands, and closes it; if they have just that already, it only closes it.

        Args:
            now: When it is published.
            keep: How many earlier publications stay to go back to, with 0 no copies at all; None is as many as before.

        Raises:
            AuditFailed: An expectation that stops a publication failed, or crashed.
            BilateralError: A table is missing, older than its inputs, or not audited as it stands.
        """
        self._refuse_what_is_not_current()
        results = self.results()
        stopping = blocking(results)
        if stopping:
            html = page.render(self.file.connection, None, results)
            self.project.failed_audit.write_text(html, encoding="utf-8")
            raise AuditFailed(stopping, self.project)
        made = self._describe(results, now or datetime.now(UTC))
        if (published := self._published(made)) is not None:
            self.close()
            publication.settle(self.project, published, keep)
            return published
        connection = self.file.connection
        self.file.require(model for model in self.models.values() if not model.is_macro)
        self.file.show(self.views.values())
        every = [*self.views.values(), *self.models.values()]
        types = self.file.types()
        self.file.write("meta.columns", meta.columns(every, types))
        # A time without a zone: to read one with it some clients need another package.
        at = made.published_at.astimezone(UTC).replace(tzinfo=None)
        row = [at if name == "published_at" else getattr(made, name) for name in meta.PUBLICATION.columns]
        self.file.write("meta.publication", meta.PUBLICATION.rows([row]))
        for table in meta.WRITTEN:
            self.file.document(f"meta.{table.name}", table.what, table.docs)
        pages = {
            publication.PAGE: page.render(connection, made, results),
            publication.DICTIONARY: dictionary.page(dictionary.entries(every, types)),
        }
        self._end_audit()
        connection.execute("checkpoint")
        self.close()
        return publication.publish(self.project, made, self.project.work_file, pages, keep=keep)

    def forget_what_nobody_makes(self) -> None:
        """Drops tables of an earlier run whose model is gone, and verdicts whose suite is."""
        connection = self.file.connection
        with self.file.transaction():
            for name in set(self._recorded) - set(self.models):
                self._differ()
                connection.execute(f"drop table if exists {name}")
                connection.execute(f"drop macro table if exists {name}")
                connection.execute("delete from meta.table_hashes where table_name = $name", {"name": name})
                del self._recorded[name]
            asked = {(name, rule.check) for name, suite in self.suites.items() for rule in suite.expectations}
            known = connection.execute("select table_name, check_name from meta.checks").fetchall()
            self._forget_checks(check for check in known if check not in asked)

    def warm_up(self) -> None:
        """Imports what an audit needs, seconds of it, while other work goes on."""
        if self._warming is None:
            self._warming = warm_up()

    def close(self) -> None:
        """Closes the work file, and what has it open."""
        if self._warming is not None:
            # An interpreter that ends under a thread of DuckDB's aborts.
            self._warming.join()
        self._end_audit()
        self.engine.close()

    def _end_audit(self) -> None:
        # The auditor's cursors keep transactions open, and with them the file.
        if "auditor" in self.__dict__:
            self.auditor.close()
            del self.auditor

    def _work_out(self, analysis: Analysis) -> None:
        """Makes an analysis readable: its rows are kept, since some take longer than a whole build."""
        given = [
            (name, self._given(name, self._recorded) if name in self._recorded else None)
            for name in sorted(analysis.reads)
        ]
        stem = hashlib.sha256(repr((analysis.fingerprint, given)).encode()).hexdigest()[:16]
        kept = self.project.analyses / analysis.name / f"{stem}.parquet"
        if not kept.exists():
            self.file.write("analysis.worked_out", Rows(analysis.name, analysis.columns, []))
            # It reads on while what it found is written.
            with closing(self.file.cursor()) as cursor:
                for rows in analysis.batches(cursor, self.models):
                    self.file.append("analysis.worked_out", rows)
            self.file.keep("analysis.worked_out", kept)
            self.file.connection.execute("drop table analysis.worked_out")
            earlier = sorted(kept.parent.glob("*.parquet"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
            for file in earlier[publication.KEPT + 1 :]:
                file.unlink()
        self.engine.attach_analysis(analysis.name, kept)

    # What the work file knows of its own tables

    @cached_property
    def _recorded(self) -> dict[str, tuple[int, str, str]]:
        """For each table: its rows, its content hash, its input hash. Nobody else writes the work file meanwhile."""
        found = self.file.connection.execute(
            "select table_name, row_count, content_hash, input_hash from meta.table_hashes"
        )
        return {name: (rows, content, given) for name, rows, content, given in found.fetchall()}

    def _record(self, table: Table, input_hash: str) -> None:
        self._differ()
        connection = self.file.connection
        connection.execute("delete from meta.table_hashes where table_name = $name", {"name": table.name})
        row = [table.name, table.row_count, table.content_hash, input_hash]
        connection.execute("insert into meta.table_hashes values (?, ?, ?, ?)", row)
        self._recorded[table.name] = (table.row_count, table.content_hash, input_hash)

    def _forget_checks(self, checks: Iterable[tuple[str, str]]) -> None:
        by_table: dict[str, list[str]] = {}
        for table, check in checks:
            by_table.setdefault(table, []).append(check)
        for table, names in by_table.items():
            self._differ()
            self.file.connection.execute(
                "delete from meta.checks where table_name = $1 and list_contains($2, check_name)", [table, names]
            )

    def _differ(self) -> None:
        """Notes that the work file is no longer what was last published from it."""
        self.file.connection.execute("delete from meta.publication")

    def _published(self, made: Publication) -> Publication | None:
        """The current publication, if it holds what `made` would, and nobody has touched its file."""
        row = self.file.connection.execute("select publication_id from meta.publication").fetchone()
        current = None if row is None else publication.intact(self.project, row[0])
        if current is None:
            return None
        same = replace(made, publication_id=current.publication_id, published_at=current.published_at) == current
        return current if same else None

    @cached_property
    def _references(self) -> dict[str, str]:
        """The hash of each reference table, by name; they are attached on the way."""
        tables: list[Rows] = inputs.load(self.project, self.snapshots)
        self.engine.attach_reference(tables)
        hashes = {f"reference.{table.name}": inputs.fingerprint(table) for table in tables}
        for table in tables:
            if f"reference.{table.name}" == LOOKED_UP:
                inputs.remember(self.project, LOOKED_UP, hashes[LOOKED_UP], inputs.parts(table))
        return hashes

    def _input_hash(self, model: Model, recorded: Mapping[str, tuple[int, str, str]]) -> str:
        """A hash of a model, of what makes it, and of all that it reads, as `recorded` has it."""
        return self._digest(model, {needed: self._gives(needed, model, recorded) for needed in model.depends_on})

    def _digest(self, model: Model, given: Mapping[str, str]) -> str:
        digest = hashlib.sha256(f"{self.engine.version} {model.fingerprint}".encode())
        for needed in sorted(model.depends_on):
            digest.update(f"{needed} {given[needed]}\n".encode())
        return digest.hexdigest()

    def _gives(self, needed: str, model: Model, recorded: Mapping[str, tuple[int, str, str]]) -> str:
        """A hash of what an input or a table gives to a model."""
        schema, _, table = needed.partition(".")
        if needed == "raw.quarantine":
            return "".join(received.fingerprint for received in self.receive_all())
        if schema == "raw":
            return self.receive(_dataset_path(table, model)).fingerprint
        if schema == "analysis":
            return self.analyses[table].fingerprint
        if schema == "reference":
            if needed not in self._references:
                raise BilateralError(f"{model.name} reads {needed}, which there is not.")
            return self._references[needed]
        if needed not in recorded:
            raise BilateralError(
                f"{model.name} reads {needed}, which has not been made yet.",
                remedy="Make it first, or run the whole build.",
            )
        return self._given(needed, recorded)

    def _given(self, name: str, recorded: Mapping[str, tuple[int, str, str]]) -> str:
        """What a table gives to those that read it: what it holds, or for a macro all that it would read."""
        _, content_hash, input_hash = recorded[name]
        return input_hash if self.models[name].is_macro else content_hash

    def _audit_hash(self, suite: Suite, rule: Expectation, *, before: bool = False) -> str:
        """A hash of an expectation and of what the tables hold that it looks at: a verdict is good for just these.

        Args:
            suite: The suite.
            rule: The expectation.
            before: Whether of what the tables held before this build changed them.
        """
        looked_at = sorted({suite.table, *rule.reads})
        # A table that is not made yet crashes the rule, and counts as another content than any that it will have.
        recorded = self._recorded
        tables = {table: self._given(table, recorded) if table in recorded else None for table in looked_at}
        if before:
            tables |= {table: self._changes.before(table) for table in looked_at if table in self._changes}
        asked = (AUDITING, _auditor_version(), rule.type, rule.kwargs, rule.severity, rule.notes)
        return hashlib.sha256(repr((asked, tables)).encode()).hexdigest()

    # What has changed, and what follows from it

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self.project, self.file.connection, self.models, self._rows)

    def _outdated(self, model: Model, slicing: Slicing | None) -> frozenset[Value] | None:
        """Which slices of a model's table may differ from what it has to be; None if it is better made as a whole."""
        if slicing is None or model.name not in self._recorded:
            return None
        now = {needed: self._gives(needed, model, self._recorded) for needed in model.depends_on}
        _, _, made_from = self._recorded[model.name]
        return self._changes.of_model(model.name, slicing, made_from, now, partial(self._digest, model))

    def _rows(self, name: str) -> int:
        if name.startswith("raw."):
            return sum(raw.row_count for raw in self._received.values() if f"raw.{raw.dataset.table}" == name)
        return self._recorded.get(name, (0, "", ""))[0]

    def _in_parts(self, suite: Suite, rule: Expectation, passed: str | None) -> list[dict[str, str]]:
        """Parts in each of which a rule holds only if it does; none of them if it is better asked as a whole.

        Args:
            suite: The suite.
            rule: The rule.
            passed: What it was last seen to hold for.
        """
        slicing = of_rule(rule, suite.table, self.models)
        if slicing is None or not self._changes.is_large(*slicing.keys):
            return []
        if passed is not None and passed == self._audit_hash(suite, rule, before=True):
            values = self._changes.of_rule(slicing, {suite.table, *rule.reads})
            if values is not None:
                return [slicing.rows(values)]
        packs = self.engine.packs(slicing)
        return [slicing.rows(pack) for pack in packs] if len(packs) > 1 else []

    def _refuse_what_is_not_current(self) -> None:
        recorded = self._recorded
        expected: dict[str, tuple[int, str, str]] = {}
        for name, model in self.models.items():
            if name not in recorded:
                raise BilateralError(f"{name} has not been made.", remedy="Run the whole build before you publish.")
            input_hash = self._input_hash(model, expected)
            if recorded[name][2] != input_hash:
                raise BilateralError(
                    f"{name} is older than its inputs: its SQL, its snapshots or a table that it reads has changed.",
                    remedy="Make it again, or run the whole build.",
                )
            expected[name] = recorded[name]
        audited = {(result.table, result.check): audit_hash for result, audit_hash in self._audited()}
        for name, suite in self.suites.items():
            for rule in suite.expectations:
                if audited.get((name, rule.check)) != self._audit_hash(suite, rule):
                    raise BilateralError(
                        f"{name} has not been audited as it stands: {rule.check} was not checked on it.",
                        remedy="Run its checks, or the whole build, before you publish.",
                    )

    def _audited(self, name: str | None = None) -> list[tuple[CheckResult, str]]:
        return audited(self.file.connection, self.suites, name)

    def _describe(self, results: list[CheckResult], now: datetime) -> Publication:
        recorded = {n: r for n, r in self._recorded.items() if n.partition(".")[0] in CONTENT_SCHEMAS}
        # A view holds no rows, nor does a macro: what it is, is its text.
        held = [*((n, r[1]) for n, r in recorded.items()), *((n, view.fingerprint) for n, view in self.views.items())]
        content_hash = hashlib.sha256(repr(sorted(held)).encode()).hexdigest()
        (set_aside,) = self.file.connection.execute(
            "select count(distinct (snapshot_id, row_number)) from meta.quarantine"
        ).fetchone() or (0,)
        tables = [name for name in recorded if not self.models[name].is_macro]
        return Publication(
            publication_id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z-{content_hash[:8]}",
            published_at=now,
            content_hash=content_hash,
            table_count=len(tables),
            check_count=len(results),
            warning_count=sum(result.status == "failed" and result.severity == "warning" for result in results),
            quarantined_row_count=set_aside,
            bilateral_version=version("bilateral"),
            duckdb_version=duckdb.__version__,
        )


@contextmanager
def open_build(
    project: Project,
    settings: Settings | None = None,
    *,
    fresh: bool = False,
    wait: bool = True,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[Build]:
    """A build, with nobody else building in the same warehouse.

    Args:
        project: What to build.
        settings: What makes the tables; by default DuckDB.
        fresh: Whether to begin with an empty work file, instead of the one that the last build left.
        wait: Whether to wait for another build to end.
        on_wait: Called once if there is one to wait for.

    Raises:
        BilateralError: Another build is running and `wait` is false; or models or suites are malformed.
    """
    worked_out = analyses(project)
    found = models.load(project, worked_out)
    views = models.load_views(project, found)
    suites = load_suites(project)
    for suite in suites.values():
        if unmade := {suite.table, *suite.reads} - set(found):
            raise BilateralError(
                f"The suite {suite.table} looks at {', '.join(sorted(unmade))}, which no model makes.",
                remedy=f"Mend the name in expectations/{suite.table.replace('.', '/')}.yml, or take the suite away.",
            )
    with publication.alone(project, wait=wait, on_wait=on_wait):
        if fresh:
            _begin_anew(project)
        try:
            engine = open_engine(project, settings or Settings())
        except duckdb.Error:
            # It is damaged, or of a version that this one cannot read. All that it holds can be made again.
            _begin_anew(project)
            engine = open_engine(project, settings or Settings())
        work = Build(project, engine, found, views, worked_out, suites)
        try:
            for table in (meta.TABLE_HASHES, meta.CHECKS, meta.PUBLICATION):
                work.file.prepare(f"meta.{table.name}", table.types)
            work.forget_what_nobody_makes()
            yield work
        finally:
            work.close()
            # On a full disk what was to be written at the end stays beside the file, where nobody asks for it.
            publication.wal(project.work_file).unlink(missing_ok=True)


def build(
    project: Project,
    settings: Settings | None = None,
    *,
    fresh: bool = False,
    keep: int | None = None,
    on_wait: Callable[[], None] | None = None,
    on_step: Callable[[str, str, int], None] = lambda _stage, _detail, _total: None,
) -> tuple[Publication, list[CheckResult]]:
    """Builds, audits and publishes the whole warehouse: of it, what has changed since the last build.

    Args:
        project: What to build.
        settings: What makes the tables; by default DuckDB.
        fresh: Whether to make every table and audit it, changed or not.
        keep: How many earlier publications stay to go back to, with 0 no copies at all; None is as many as before.
        on_wait: Called once if another build has to end first.
        on_step: Called with a stage, the thing it is at and how many there are, for a display of progress.

    Returns:
        The publication, and every result of its audit.

    Raises:
        AuditFailed: The audit forbids it; the last publication stays.
        BilateralError: An input or a model is wrong; the last publication stays.
    """
    with open_build(project, settings, fresh=fresh, on_wait=on_wait) as work:
        if fresh:
            work.warm_up()
        work.receive_all(lambda path: on_step("read", path, len(datasets())))
        audits: dict[str, Future[list[CheckResult]]] = {}
        made: set[str] = set()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit") as background:
            try:
                for name in work.models:
                    on_step("build", name, len(work.models))
                    if not work.is_current(name):
                        work.warm_up()
                        work.run(name)
                    made.add(name)
                    # A table is audited while the next ones are built.
                    for suite in work.suites.values():
                        if suite.table not in audits and {suite.table, *suite.reads} <= made:
                            audits[suite.table] = background.submit(work.auditor.audit, *work.asked(suite.table))
                for name, audit in audits.items():
                    on_step("audit", name, len(work.suites))
                    work.remember(name, audit.result())
            except BaseException:
                background.shutdown(cancel_futures=True)
                raise
        results = work.results()
        if not blocking(results):
            on_step("publish", str(project.published_file), 1)
        return work.publish(keep=keep), results


def _begin_anew(project: Project) -> None:
    for file in (project.work_file, publication.wal(project.work_file)):
        file.unlink(missing_ok=True)


@cache
def _auditor_version() -> str:
    return version("great-expectations")


def _dataset_path(table: str, model: Model) -> str:
    for offered in datasets():
        if offered.table == table:
            return offered.path
    raise BilateralError(
        f"{model.name} reads raw.{table}, which no source offers.", remedy="Declare it in dagster_project/sources/."
    )


def _check_row(result: CheckResult) -> list[object]:
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
    ]


def audited(
    connection: duckdb.DuckDBPyConnection, suites: Mapping[str, Suite], name: str | None = None
) -> list[tuple[CheckResult, str]]:
    """The results that a work file or a publication holds, of one table or of all, each with its audit hash."""
    found = connection.execute(
        "select * from meta.checks where table_name = $name or $name is null order by table_name, check_name",
        {"name": name},
    )
    return [(_check_result(row[:-1], suites), row[-1]) for row in found.fetchall()]


def _check_result(row: tuple[Any, ...], suites: Mapping[str, Suite]) -> CheckResult:
    table, check, kind, severity, status, observed, unexpected, sample, notes = row
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
    )
