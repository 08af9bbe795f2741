"""List the notices of a refresh: refused responses, rejected keys, publishers without a response, late figures.

`notify` sends each notice once.
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


def notify_refresh(project: Project, results: Iterable[Result], options: Options) -> None:
    """Send the notices of a refresh, if an address for notices is set."""
    if notify.read_address(options.environment) is None:
        return
    try:
        late = list_late_facts(list_states(project, options.environment, options.clock.now()))
    except (BilateralError, duckdb.Error):
        # `bilateral refresh` and `bilateral status` report invalid settings and files themselves.
        late = {}
    found = list_result_facts(results) | late
    notify.send_facts(project, "Bilateral: a refresh has ended", found, options.environment)


def list_result_facts(results: Iterable[Result]) -> dict[str, list[Fact]]:
    """List the facts to send about a refresh, each under its kind and its dataset or source (`refused imf/imts`)."""
    found: dict[str, list[Fact]] = {}
    for one in results:
        if not one.requests:
            continue
        found[f"refused {one.dataset}"] = [
            Fact(refusal.subject, f"{one.dataset} {refusal.subject} is refused: {refusal.reason}")
            for refusal in one.refusals
        ]
        # All datasets of a source share a key; only those refreshed after the key was rejected have the stop reason.
        facts = found.setdefault(f"key {one.source}", [])
        if one.stopped == "key" and not facts:
            facts.append(Fact("key", f"{one.source}: the key is not accepted"))
        silent = found.setdefault(f"silent {one.source}", [])
        if (one.unanswered or one.stopped == "silence") and not silent:
            silent.append(Fact("silent", f"{one.source}: {one.skipped or one.unanswered[0]}"))
    return found


def list_late_facts(states: Iterable[State]) -> dict[str, list[Fact]]:
    """List the datasets whose next figures are late, with the reason."""
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
