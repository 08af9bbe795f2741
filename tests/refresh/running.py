"""Run refreshes in tests: with a new project, a clock that does not wait, and a server instead of the publisher."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import raw, sources
from dagster_project.project import Project
from dagster_project.refresh.planning import Options
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import Clock, RetryPolicy
from dagster_project.refresh.run import run_refresh
from tests import making
from tests.refresh.server import Server

CONFIGURATION = 'pairs = ["KOR-CHN"]\n'
NOW = datetime(2023, 7, 1, 12, tzinfo=UTC)


@dataclass
class FakeTime:
    """A clock whose time passes only when somebody waits; `waits` lists how long."""

    at: datetime = NOW
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, sleep=self.sleep)


def project(folder: Path, configuration: str = CONFIGURATION) -> Project:
    """Make a project without snapshots, with the real code lists."""
    made = making.project(folder)
    made.configuration.write_text(configuration, encoding="utf-8")
    made.reference.rmdir()
    made.reference.symlink_to(Project.find().reference)
    return made


def ask(
    where: Project,
    server: Server,
    *codes: str,
    time: FakeTime | None = None,
    key: str | None = None,
    retries: RetryPolicy | None = None,
    **options: Any,
) -> list[Result]:
    """Refresh from the server instead of the publisher."""
    code = codes[0] if codes else "example"
    environment = {f"BILATERAL_{code.upper()}_URL": server.address + "/base"}
    if key is not None:
        environment[f"BILATERAL_{code.upper()}_KEY"] = key
    return run_refresh(
        where,
        codes or None,
        Options(
            environment=environment,
            clock=(time or FakeTime()).clock,
            retries=retries or RetryPolicy(attempts=3, whole_response=5),
            **options,
        ),
    )


def rows(where: Project, dataset_path: str) -> list[tuple[Any, ...]]:
    """Return all raw rows of a dataset, and the rows set aside."""
    received = raw.receive_dataset(where, sources.find_dataset(dataset_path))
    files = [str(file) for file in received.files]
    found = duckdb.sql(f"select * from read_parquet({files}) order by all").fetchall()
    return [*found, ("set aside", received.quarantined_count)]
