"""Declare the warehouse as a resource: its folders, and the options of a build in the configuration of a run.

Here: the configuration. Not here: a build in progress, which the step `warehouse` opens and closes.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from dagster_project.defs.common import JSON_LOGS, load_catalog
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.pipeline import Build


class Warehouse(dg.ConfigurableResource["Warehouse"]):
    """The warehouse that a run builds.

    A run continues in the work file that earlier runs left; `fresh` begins with an empty work file. `engine`, `memory`,
    `master`, `options` and `keep` are options of `bilateral build`.
    """

    warehouse: str = ""
    snapshots: str = ""
    fresh: bool = False
    engine: str = "duckdb"
    memory: str = ""
    master: str = ""
    options: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    keep: int | None = Field(default=None, ge=0)

    @property
    def project(self) -> Project:
        """The project of the warehouse."""
        return Project.find(
            warehouse=Path(self.warehouse) if self.warehouse else None,
            snapshots=Path(self.snapshots) if self.snapshots else None,
        )

    def open_build(self, on_wait: Callable[[], None]) -> "AbstractContextManager[Build]":
        """Open a build, and lock the warehouse against other builds."""
        # Imported here, because definitions must load quickly.
        from dagster_project.engines import Settings
        from dagster_project.pipeline import open_build

        where = self.project
        return open_build(
            where,
            Settings(self.engine, self.memory or None, self.master or None, self.options),
            catalog=load_catalog() if load_catalog().project == where else None,
            fresh=self.fresh,
            on_wait=on_wait,
        )


@dg.definitions
def resources() -> dg.Definitions:
    loggers = {"console": dg.json_console_logger} if JSON_LOGS else None
    return dg.Definitions(resources={"warehouse": Warehouse()}, executor=dg.in_process_executor, loggers=loggers)
