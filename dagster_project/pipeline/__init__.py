"""Build the warehouse: make all tables from snapshots in a private work file, audit them, and publish the file.

Here: the steps in order. Not here: the work of each step, which is in the package named after it.

The result of a build depends only on the inputs of the warehouse (`project.GIVEN`), the decisions to set figures aside,
and the code. The last publication matters only because a build may set aside snapshots that this publication lacks.
Each table is stored with a hash of its SQL and inputs. Each audit result is stored with a hash of its rule and of the
tables that the rule reads. So a build makes and audits only changed tables. Nothing is published while a table is
missing, older than its inputs, or not audited in its current state: readers never get a mixture of old and new tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from errno import EACCES, EDQUOT, EMFILE, ENFILE, ENOMEM, ENOSPC, EPERM, EROFS

import duckdb

from dagster_project import publication
from dagster_project.analysis import ledger
from dagster_project.audit.auditor import import_mapper
from dagster_project.audit.results import CheckResult, select_blocking
from dagster_project.catalog import Catalog
from dagster_project.engines import Settings, open_engine
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import WorkFile
from dagster_project.errors import BilateralError
from dagster_project.models.cache import cache_models
from dagster_project.pipeline import notices, publishing
from dagster_project.pipeline.audit import Audit
from dagster_project.pipeline.inputs import Inputs
from dagster_project.pipeline.records import Records, Step
from dagster_project.pipeline.setting_aside import OnDecision, OnStep, SetAsideSearch
from dagster_project.pipeline.tables import Tables
from dagster_project.project import Project
from dagster_project.publication import Publication, page
from dagster_project.raw import UnreadableSnapshot
from dagster_project.sources import list_datasets

# The errors on opening the work file that do not mean damage: another client has it open, or the system denies access.
# After any other error the file is replaced, so that a damaged work file cannot stop builds for ever.
_MAY_BE_WHOLE = (
    "Could not set lock on file",
    "Unique file handle conflict",
    *map(os.strerror, (EACCES, EPERM, EROFS, EMFILE, ENFILE, ENOMEM, ENOSPC, EDQUOT)),
)


class AuditFailed(BilateralError):
    """The error of an audit that stops a publication; `results` has the failed rules."""

    def __init__(self, results: list[CheckResult], project: Project) -> None:
        names = ", ".join(f"{result.table}: {result.check}" for result in results[:3])
        more = f" and {len(results) - 3} more" if len(results) > 3 else ""
        super().__init__(
            f"Nothing was published, because the audit failed: {names}{more}.",
            remedy=f"{project.failed_audit} lists the failing rows and their snapshots. "
            "The last publication is unchanged.",
        )
        self.results = results


class Build:
    """The steps of a build: make the tables, audit them and publish them. The engine has the work file open."""

    def __init__(self, catalog: Catalog, engine: DuckDB) -> None:
        self.catalog = catalog
        self.project = catalog.project
        self.engine = engine
        # The engine, for steps that make no tables.
        self.file: WorkFile = engine
        self.records = Records(engine, catalog.suites)
        self.inputs = Inputs(catalog, engine)
        self.tables = Tables(catalog, engine, self.inputs, self.records)
        self.audit = Audit(catalog, engine, self.records, self.tables)

    def run_steps(
        self,
        tables: Collection[str],
        suites: Collection[str],
        on_step: OnStep = lambda _stage, _detail, _total: None,
    ) -> Generator[Step]:
        """Make the outdated tables among `tables`, and in the background audit the tables named in `suites`.

        Yields:
            A step for each table of `tables`, made or already current, and a step for each audited table of `suites`.

        Raises:
            BilateralError: A table cannot be made.
        """
        waiting = {name: self.catalog.suites[name] for name in self.catalog.models if name in suites}
        # The tables to make, in order.
        unmade = dict.fromkeys(name for name in self.catalog.models if name in tables)
        audits: dict[str, Future[list[CheckResult]]] = {}
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit") as background:

            def start_audits() -> None:
                for name, suite in list(waiting.items()):
                    if unmade.keys().isdisjoint({name, *suite.reads}):
                        del waiting[name]
                        asked, parts = self.audit.select_rules(name)
                        if asked.expectations:
                            import_mapper()
                        audits[name] = background.submit(self.audit.auditor.audit_suite, asked, parts)

            def finish_audit(name: str) -> Step:
                self.audit.record_results(name, audits.pop(name).result())
                return Step(name, results=self.audit.get_results(name))

            try:
                while unmade:
                    self.tables.analyses.request_analyses(unmade.keys())
                    name = self.tables.analyses.choose_next(unmade.keys())
                    on_step("build", name, len(tables))
                    if suites and not self.tables.is_current(name):
                        self.audit.warm_up()
                    yield Step(name, self.tables.make_if_outdated(name))
                    del unmade[name]
                    start_audits()
                    yield from [finish_audit(name) for name, audit in list(audits.items()) if audit.done()]
                start_audits()
                for name in list(audits):
                    on_step("audit", name, len(suites))
                    yield finish_audit(name)
            except BaseException:
                self.tables.analyses.end_process()
                background.shutdown(cancel_futures=True)
                raise

    def publish_build(self, *, keep: int | None = None) -> Publication:
        """Publish the work file and close it; if its content is already published, only close it.

        `keep` is the number of earlier publications to keep; None: as many as before. With 0, the new one has no copy.

        Raises:
            AuditFailed: A rule that stops a publication failed or crashed.
            BilateralError: A table is missing, older than its inputs, or not audited in its current state.
        """
        self.tables.require_current()
        self.audit.require_audited()
        self.records.write_checks()
        results = self.audit.get_results()
        stopping = select_blocking(results)
        if stopping:
            html = page.render_audit_page(self.file.connection, None, results)
            self.project.failed_audit.write_text(html, encoding="utf-8")
            notices.notify_failure(self.project, stopping)
            raise AuditFailed(stopping, self.project)
        made = publishing.describe_publication(self.catalog, self.file, self.records, results, datetime.now(UTC))
        if (published := publishing.find_published(self.catalog, self.records, made)) is not None:
            self.close()
            publication.settle_publication(self.project, published, keep)
            self._seal_forecasts()
            notices.notify_publication(self.project)
            return published
        pages = publishing.write_metadata(self.catalog, self.file, made, results)
        self.audit.close()
        self.file.compact_and_close()
        self.close()
        publication.publish_file(self.project, made, self.project.work_file, pages, keep=keep)
        self._seal_forecasts()
        notices.notify_publication(self.project)
        return made

    def _seal_forecasts(self) -> None:
        if "marts.sealed_forecasts" in self.catalog.models:
            ledger.seal_forecasts(self.project)

    def close(self) -> None:
        self.tables.analyses.end_process()
        # After the file is closed, or on a full disk, results cannot be written; their rules then run again.
        with suppress(duckdb.Error):
            self.records.write_checks()
        self.audit.close()
        self.engine.close()


@contextmanager
def open_build(
    project: Project,
    settings: Settings | None = None,
    *,
    catalog: Catalog | None = None,
    fresh: bool = False,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[Build]:
    """Open a build, with a lock against other builds in the same warehouse; `fresh` starts with an empty work file.

    Raises:
        BilateralError: Models or suites are malformed.
    """
    catalog = catalog or Catalog(project)
    # Report malformed models and suites before waiting for another build.
    _ = catalog.views, catalog.suites
    with publication.lock_warehouse(project, on_wait=on_wait):
        if fresh:
            _remove_work_file(project)
        try:
            engine = open_engine(project, settings or Settings())
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException) or any(said in str(error) for said in _MAY_BE_WHOLE):
                raise BilateralError(
                    f"{project.work_file} cannot be opened: {str(error).splitlines()[0].rstrip('.')}.",
                    remedy="Close the program that has it open, or provide the missing memory, space or rights.",
                ) from error
            # The file is damaged, or DuckDB cannot read its version. Its content can be made again.
            _remove_work_file(project)
            engine = open_engine(project, settings or Settings())
        try:
            with closing(Build(catalog, engine)) as work:
                work.records.forget_others(catalog.models)
                cache_models(project, catalog.models)
                yield work
        finally:
            engine.close()
            # On a full disk, closing may leave a write-ahead log, which is not needed.
            publication.get_wal(project.work_file).unlink(missing_ok=True)


def build_warehouse(
    project: Project,
    settings: Settings | None = None,
    *,
    fresh: bool = False,
    keep: int | None = None,
    on_wait: Callable[[], None] | None = None,
    on_step: OnStep = lambda _stage, _detail, _total: None,
    on_decision: OnDecision = lambda _decision: None,
) -> tuple[Publication, list[CheckResult]]:
    """Build, audit and publish the whole warehouse; make and audit only tables that changed since the last build.

    Args:
        project: The project to build.
        settings: The settings of the engine; by default DuckDB's.
        fresh: Whether to make and audit every table, changed or not.
        keep: The number of earlier publications to keep; None: as many as before. With 0, the new one has no copy.
        on_wait: Called once if another build is running.
        on_step: Called with a stage, its current item and the number of items, to show progress.
        on_decision: Called with each decision to set aside a new snapshot that would make the audit fail.

    Returns:
        The publication, and all results of its audit.

    Raises:
        AuditFailed: The audit stopped the publication; the last publication stays.
        BilateralError: An input or a model is invalid; the last publication stays.
    """
    with open_build(project, settings, fresh=fresh, on_wait=on_wait) as work:
        if fresh:
            work.audit.warm_up()
        with suppress(UnreadableSnapshot):
            work.inputs.receive_all(lambda path: on_step("read", path, len(list_datasets())))
        for _ in SetAsideSearch(work, work.catalog.models, work.catalog.suites, on_step, on_decision).run_steps():
            pass
        results = work.audit.get_results()
        if not select_blocking(results):
            on_step("publish", str(project.published_file), 1)
        return work.publish_build(keep=keep), results


def _remove_work_file(project: Project) -> None:
    for file in (project.work_file, publication.get_wal(project.work_file)):
        file.unlink(missing_ok=True)
