"""The warehouse as a resource: one build in progress a run.

Here: opening it before the first step and closing it after the last. Not here: what a build does.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field, PrivateAttr

from dagster_project import raw, snapshots
from dagster_project.build import Build, open_build
from dagster_project.engines import Settings, Table
from dagster_project.project import Project
from dagster_project.raw import RawTable
from dagster_project.snapshots import Snapshot
from dagster_project.sources import dataset


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """The warehouse that a run builds; nobody else builds in it meanwhile.

    Steps of a run share it, so the executor is in-process. A run continues in the work file that earlier runs left;
    `fresh` begins with an empty one. `audits` says that the run will audit what it makes. `engine`, `memory`, `master`,
    `options` and `keep` are those of `bilateral build`.

    A run that only reads snapshots makes files, and no build: its steps may be in any process, at any time.
    """

    warehouse: str = ""
    snapshots: str = ""
    fresh: bool = False
    audits: bool = False
    engine: str = "duckdb"
    memory: str = ""
    master: str = ""
    options: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    keep: int | None = Field(default=None, ge=0)

    _open: ExitStack = PrivateAttr(default_factory=ExitStack)
    _build: Build | None = PrivateAttr(default=None)
    _log: dg.DagsterLogManager | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        self._log = context.log
        with self._open:
            yield self
        self._build = None

    @property
    def project(self) -> Project:
        """The project whose warehouse it is."""
        return Project.find(
            warehouse=Path(self.warehouse) if self.warehouse else None,
            snapshots=Path(self.snapshots) if self.snapshots else None,
        )

    @property
    def build(self) -> Build:
        """The build of this run, opened by the first step that asks: Dagster also makes resources for runs that end."""
        if self._build is None:
            settings = Settings(self.engine, self.memory or None, self.master or None, self.options)
            opened = open_build(self.project, settings, fresh=self.fresh, on_wait=self._say_so)
            self._build = self._open.enter_context(opened)
        return self._build

    def snapshots_of(self, dataset_path: str) -> list[Snapshot]:
        """The snapshots of `source/dataset`: the build's, if this run has begun one."""
        if self._build is not None:
            return self._build.snapshots[dataset_path]
        return snapshots.find(self.project, dataset_path)

    def receive(self, dataset_path: str) -> RawTable:
        """The raw Parquet of `source/dataset`: the build's, if this run has begun one."""
        if self._build is not None:
            return self._build.receive(dataset_path)
        return raw.receive(self.project, dataset(dataset_path))

    def make(self, name: str) -> Table | None:
        """The table, or the macro, of a model; made only if it has to be."""
        if self.audits and not self.build.is_current(name):
            self.build.warm_up()
        return self.build.ensure(name)

    def _say_so(self) -> None:
        if self._log is not None:
            self._log.info("Another build is running in this warehouse: waiting for it to end.")


@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(resources={"warehouse": Warehouse()}, executor=dg.in_process_executor)
