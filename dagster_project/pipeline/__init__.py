"""A build: snapshots in, one audited file out, and nothing in between that anybody can see.

Here: the steps in order, over a private work file. Not here: the work of a step, which is in the room of its name. The
modules of this room know what a step needs from the one before.

What a build makes follows from the inputs of the warehouse (`project.GIVEN`), the decisions to set figures aside, and
the code. Which snapshots are new, so that a build may set them aside, depends on the last publication. Each table
remembers a hash of its SQL and of its inputs; each verdict remembers one of its rule and of the rows that it is about.
So a build repeats only what has changed since the last. A publication is refused while any table is missing, older than
its inputs or not audited as it stands, so a build of some tables can never put a mixture in front of readers.
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
from dagster_project.audit.auditor import import_mapper
from dagster_project.audit.results import CheckResult, select_blocking
from dagster_project.catalog import Catalog
from dagster_project.engines import Settings, open_engine
from dagster_project.engines.duckdb import DuckDB
from dagster_project.engines.work_file import WorkFile
from dagster_project.errors import BilateralError
from dagster_project.models.keeping import keep_models
from dagster_project.pipeline import notices, publishing
from dagster_project.pipeline.audit import Audit
from dagster_project.pipeline.inputs import Inputs
from dagster_project.pipeline.records import Records, Step
from dagster_project.pipeline.setting_aside import OnDecision, OnStep, SettingAside
from dagster_project.pipeline.tables import Tables
from dagster_project.project import Project
from dagster_project.publication import Publication, page
from dagster_project.raw import UnreadableSnapshot
from dagster_project.sources import list_datasets

# What is said of a work file that may be whole: another client has it open, or the machine does not give it. All else
# counts as damage: it has more words than anybody knows, and must not stop builds for ever.
_MAY_BE_WHOLE = (
    "Could not set lock on file",
    "Unique file handle conflict",
    *map(os.strerror, (EACCES, EPERM, EROFS, EMFILE, ENFILE, ENOMEM, ENOSPC, EDQUOT)),
)


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


class Build:
    """A build in progress.

    Args:
        catalog: What is built.
        engine: What makes the tables, with the work file open.
    """

    def __init__(self, catalog: Catalog, engine: DuckDB) -> None:
        self.catalog = catalog
        self.project = catalog.project
        self.engine = engine
        # For the steps that make no table.
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
        """Make the tables that are not current, and audit them while the next ones are made.

        Args:
            tables: The tables and macros that are wanted, by name.
            suites: The tables whose suites are wanted, by name.
            on_step: Called before each step.

        Yields:
            Each table that is made or current, in order, and each suite as soon as its results are there.

        Raises:
            BilateralError: A table cannot be made.
        """
        waiting = {name: self.catalog.suites[name] for name in self.catalog.models if name in suites}
        unmade = set(tables)
        audits: dict[str, Future[list[CheckResult]]] = {}
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit") as background:

            def audit_what_is_made() -> None:
                for name, suite in list(waiting.items()):
                    if unmade.isdisjoint({name, *suite.reads}):
                        del waiting[name]
                        asked, parts = self.audit.select_rules(name)
                        if asked.expectations:
                            import_mapper()
                        audits[name] = background.submit(self.audit.auditor.audit_suite, asked, parts)

            def finish_audit(name: str) -> Step:
                self.audit.record_results(name, audits.pop(name).result())
                return Step(name, results=self.audit.get_results(name))

            try:
                for name in (name for name in self.catalog.models if name in tables):
                    on_step("build", name, len(tables))
                    if suites and not self.tables.is_current(name):
                        self.audit.warm_up()
                    yield Step(name, self.tables.make_if_outdated(name))
                    unmade.remove(name)
                    audit_what_is_made()
                    yield from [finish_audit(name) for name, audit in list(audits.items()) if audit.done()]
                audit_what_is_made()
                for name in list(audits):
                    on_step("audit", name, len(suites))
                    yield finish_audit(name)
            except BaseException:
                background.shutdown(cancel_futures=True)
                raise

    def publish_build(self, *, keep: int | None = None) -> Publication:
        """Publish the work file and close it; if readers have its content already, only close it.

        Args:
            keep: How many earlier publications stay to go back to, with 0 no copies at all; None is as many as before.

        Raises:
            AuditFailed: An expectation that stops a publication failed, or crashed.
            BilateralError: A table is missing, older than its inputs, or not audited as it stands.
        """
        self.tables.require_current()
        self.audit.require_audited()
        results = self.audit.get_results()
        stopping = select_blocking(results)
        if stopping:
            html = page.render_audit_page(self.file.connection, None, results)
            self.project.failed_audit.write_text(html, encoding="utf-8")
            notices.tell_failure(self.project, stopping)
            raise AuditFailed(stopping, self.project)
        made = publishing.describe_publication(self.catalog, self.file, self.records, results, datetime.now(UTC))
        if (published := publishing.find_published(self.catalog, self.records, made)) is not None:
            self.close()
            publication.settle_publication(self.project, published, keep)
            notices.tell_publication(self.project)
            return published
        pages = publishing.write_metadata(self.catalog, self.file, made, results)
        self.audit.close()
        self.file.compact_and_close()
        self.close()
        made = publication.publish_file(self.project, made, self.project.work_file, pages, keep=keep)
        notices.tell_publication(self.project)
        return made

    def close(self) -> None:
        """Close the work file and everything that has it open."""
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
    """Open a build, and keep others from building in the same warehouse meanwhile.

    Args:
        project: What to build.
        settings: What makes the tables; by default DuckDB.
        catalog: What the project declares, if it has been read.
        fresh: Whether to begin with an empty work file, instead of the one that the last build left.
        on_wait: Called once if there is another build to wait for.

    Raises:
        BilateralError: Models or suites are malformed.
    """
    catalog = catalog or Catalog(project)
    # What is malformed is said before anybody is waited for.
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
                    remedy="Close the program that has it open, or give this one what it lacks.",
                ) from error
            # It is damaged, or of a version that this one cannot read. All that it holds can be made again.
            _remove_work_file(project)
            engine = open_engine(project, settings or Settings())
        try:
            with closing(Build(catalog, engine)) as work:
                work.records.forget_others(catalog.models)
                keep_models(project, catalog.models)
                yield work
        finally:
            engine.close()
            # On a full disk what was to be written at the end stays beside the file, where nobody asks for it.
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
    """Build, audit and publish the whole warehouse; only what has changed since the last build is made again.

    Args:
        project: What to build.
        settings: What makes the tables; by default DuckDB.
        fresh: Whether to make every table and audit it, changed or not.
        keep: How many earlier publications stay to go back to, with 0 no copies at all; None is as many as before.
        on_wait: Called once if another build has to end first.
        on_step: Called with a stage, the thing it is at and how many there are, for a display of progress.
        on_decision: Called with each decision to set a new snapshot aside, on which the audit would have failed.

    Returns:
        The publication, and every result of its audit.

    Raises:
        AuditFailed: The audit forbids it; the last publication stays.
        BilateralError: An input or a model is wrong; the last publication stays.
    """
    with open_build(project, settings, fresh=fresh, on_wait=on_wait) as work:
        if fresh:
            work.audit.warm_up()
        with suppress(UnreadableSnapshot):
            work.inputs.receive_all(lambda path: on_step("read", path, len(list_datasets())))
        for _ in SettingAside(work, work.catalog.models, work.catalog.suites, on_step, on_decision).run_steps():
            pass
        results = work.audit.get_results()
        if not select_blocking(results):
            on_step("publish", str(project.published_file), 1)
        return work.publish_build(keep=keep), results


def _remove_work_file(project: Project) -> None:
    for file in (project.work_file, publication.get_wal(project.work_file)):
        file.unlink(missing_ok=True)
