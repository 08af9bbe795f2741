"""How each live dataset stands: whether it is asked, what is held, how old that is.

Here: gathering it from the settings, the archive and the log. Not here: asking anybody anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from dagster_project import snapshots, sources
from dagster_project.project import Project
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Stopped, key_of, read_settings, why_skipped
from dagster_project.sources import Source

# What the last result is called, where the kind of its reason does not say it.
STOPPED = {
    "off": "turned off",
    "setting": "a wrong setting",
    "address": "turned away",
    "silence": "no answer",
    "pause": "paused",
}


@dataclass(frozen=True)
class State:
    """How a dataset that an API fills stands.

    Args:
        dataset: The dataset, `source/name`.
        stopped: Why a refresh would not ask for it; None if it would.
        key: Whether the publisher knows who asks.
        committed: Committed snapshots held.
        fetched: Fetched snapshots held.
        known_from: The day from which its newest figures are known; None if nothing is held.
        asked_at: When it was last refreshed.
        result: What came of that, in a few words.
    """

    dataset: str
    stopped: Stopped | None
    key: Literal["not needed", "set", "optional", "missing"]
    committed: int
    fetched: int
    known_from: date | None
    asked_at: datetime | None
    result: str

    def days_old(self, now: datetime) -> int | None:
        """Days since its newest figures became known."""
        return None if self.known_from is None else (now.date() - self.known_from).days


def states(project: Project, environment: Mapping[str, str], now: datetime) -> list[State]:
    """The state of every live dataset.

    Raises:
        BilateralError: `bilateral.toml` or a manifest is wrong.
    """
    settings = read_settings(project)
    found = []
    with Log(project, reading=True) as log:
        for source in (one for one in sources.sources() if one.api is not None):
            skipped = why_skipped(source, settings, log, environment, now)
            for name in source.live:
                path = f"{source.code}/{name}"
                held = snapshots.find(project, path)
                last = log.last(path)
                found.append(
                    State(
                        dataset=path,
                        stopped=skipped[0] if skipped else None,
                        key=_key(source, environment),
                        committed=sum(not one.manifest.is_fetched for one in held),
                        fetched=sum(one.manifest.is_fetched for one in held),
                        known_from=held[-1].manifest.known_from if held else None,
                        asked_at=last[0] if last else None,
                        result=_result(last[1]) if last else "never asked",
                    )
                )
    return found


def keys(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """For each key that is not set: its variable, whether it is needed, and how to get one."""
    found = []
    for source in sources.sources():
        if source.api is not None and source.api.key is not None and key_of(source, environment) is None:
            needed = "needed" if source.api.key.required else "optional"
            found.append((source.key_variable, needed, source.api.key.how))
    return found


def _key(source: Source, environment: Mapping[str, str]) -> Literal["not needed", "set", "optional", "missing"]:
    key = source.api.key if source.api else None
    if key is None:
        return "not needed"
    if key_of(source, environment) is not None:
        return "set"
    return "missing" if key.required else "optional"


def _result(record: Mapping[str, Any]) -> str:
    if record["refusals"]:
        return f"{len(record['refusals'])} refused"
    # Old records have no list of what got no response.
    if record.get("unanswered"):
        return "no answer"
    if record["stopped"]:
        return STOPPED.get(str(record["stopped"]), str(record["stopped"]))
    # Old records have no count of what was withdrawn, either.
    counts = {what: record.get(what, 0) for what in ("new", "changed", "withdrawn")}
    if not any(counts.values()):
        return "nothing new"
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what != "withdrawn")
