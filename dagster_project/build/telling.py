"""Who is told of a build: what stopped it, or what its publication changed.

Here: gathering that, if anybody is to be told. Not here: the facts (`notify.facts`) or the sending (`notify`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import duckdb

from dagster_project import notify, publication
from dagster_project.audit.results import CheckResult
from dagster_project.errors import BilateralError
from dagster_project.notify import facts
from dagster_project.project import Project


def of_failure(project: Project, stopping: Iterable[CheckResult], environment: Mapping[str, str] = os.environ) -> None:
    """Tells what stopped a publication."""
    notify.tell(project, "Bilateral: a build was stopped", {"audit": facts.of_audit(stopping)}, environment)


def of_publication(project: Project, environment: Mapping[str, str] = os.environ) -> None:
    """Tells what is new in the published file, and what is late."""
    if notify.address(environment) is None:
        return
    from dagster_project.refresh.planning import read_settings
    from dagster_project.refresh.state import states
    from dagster_project.refresh.telling import of_states

    try:
        settings = read_settings(project)
        with publication.reading(project) as connection:
            found = facts.of_publication(connection, settings)
        found |= {"audit": [], **of_states(states(project, environment, datetime.now(UTC)))}
    except (BilateralError, duckdb.Error):
        # What is wrong is said by the commands that need it.
        return
    name = publication.current_id(project)
    notify.tell(project, f"Bilateral: {name} is published", found, environment)
