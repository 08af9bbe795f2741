"""What is worth telling of a refresh: refused responses, keys that are not accepted, and what is late.

Here: the facts and their words. Not here: who is told, or what was (`notify`).
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from dagster_project import notify
from dagster_project.errors import BilateralError
from dagster_project.notify import Fact
from dagster_project.project import Project
from dagster_project.refresh.planning import Options
from dagster_project.refresh.result import Result
from dagster_project.refresh.state import State, list_states


def tell_refresh(project: Project, results: Iterable[Result], options: Options) -> None:
    """Tell what came of a refresh, if anybody is to be told."""
    if notify.read_address(options.environment) is None:
        return
    try:
        late = list_late_facts(list_states(project, options.environment, options.clock.now()))
    except (BilateralError, duckdb.Error):
        # What is wrong is said by the commands that need it.
        late = {}
    found = list_result_facts(results) | late
    notify.send_facts(project, "Bilateral: the publishers were asked", found, options.environment)


def list_result_facts(results: Iterable[Result]) -> dict[str, list[Fact]]:
    """List what the publishers that were asked answered, a scope each: what is no longer refused is over."""
    found: dict[str, list[Fact]] = {}
    for one in results:
        if not one.requests:
            continue
        found[f"refused {one.dataset}"] = [
            Fact(refusal.subject, f"{one.dataset} {refusal.subject} is refused: {refusal.reason}")
            for refusal in one.refusals
        ]
        # One key opens all datasets of a source, and those that were over by then know nothing of its refusal.
        facts = found.setdefault(f"key {one.source}", [])
        if one.stopped == "key" and not facts:
            facts.append(Fact("key", f"{one.source}: the key is not accepted"))
    return found


def list_late_facts(states: Iterable[State]) -> dict[str, list[Fact]]:
    """List what is late, and why."""
    return {
        "late": [
            Fact(
                f"{one.dataset} {one.newest.next_period}",
                f"{one.dataset} is late: {one.newest.next_period} was due on {one.newest.due_on} ({one.fault})",
            )
            for one in states
            if one.newest is not None and one.freshness == "late" and one.fault != "turned off"
        ]
    }
