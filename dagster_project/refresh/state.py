"""Describe the state of each dataset: whether refreshes request it, its snapshots, its freshness, the last result.

The state is collected from the settings, the snapshots, the log of refreshes and the published file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from dagster_project import publication, snapshots, sources
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import freshness
from dagster_project.publication.freshness import Freshness, NewestPeriod
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import (
    Options,
    StopReason,
    find_asked_sources,
    find_key,
    find_skip_reason,
    list_asked_datasets,
    read_settings,
)
from dagster_project.refresh.retry import Clock
from dagster_project.sources import Source

KeyState = Literal["not needed", "set", "optional", "missing"]
# The words for the reasons to skip a publisher, or to stop before the last request.
STOPPED: dict[StopReason, str] = {
    "off": "turned off",
    "setting": "a wrong setting",
    "no key": "key missing",
    "key": "key not accepted",
    "address": "turned away",
    "quota": "paused",
    "pause": "paused",
    "silence": "no response",
    "moved": "moved",
}


@dataclass(frozen=True)
class State:
    """The state of a dataset that an API fills or a person hands in.

    Args:
        dataset: The dataset, `source/name`.
        stopped: The kind of reason why a refresh would skip the dataset; None if no reason exists.
        key: The state of the publisher's key; `optional` if it is neither set nor required.
        asked_at: The time of the last refresh; `result` says in a few words how the last refresh ended.
        newest: The newest period of the published series whose next period is due first; series of economies in no pair
            count only if there are no others. None if no series is published.
        freshness: The freshness of the series in `newest` today.
        fault: The reason why due figures are missing: a text of `STOPPED`, "refused", "not asked", "not built",
            "no newer file", or "publisher" if the publisher has nothing new; None if no figure is due.
    """

    dataset: str
    stopped: StopReason | None
    key: KeyState
    committed: int
    fetched: int
    asked_at: datetime | None
    result: str
    newest: NewestPeriod | None
    freshness: Freshness | Literal["nothing held"]
    fault: str | None

    @property
    def in_words(self) -> str:
        """Return the freshness label and its reason."""
        return f"{self.freshness}: {self.fault}" if self.fault else self.freshness


def list_states(
    project: Project,
    environment: Mapping[str, str],
    now: datetime,
    known: tuple[Sequence[NewestPeriod], Collection[str]] | None = None,
) -> list[State]:
    """List the state of every dataset that an API fills.

    If the caller has read the published file, `known` has the newest periods and the IDs of the snapshots in it.

    Raises:
        BilateralError: `bilateral.toml` or a manifest is invalid.
    """
    settings = read_settings(project)
    published, built_from = known or _read_published(project)
    found = []
    with Log(project, read_only=True) as log:
        for source in find_asked_sources():
            stopped, _ = find_skip_reason(source, settings, log, environment, now) or (None, "")
            for name in source.live:
                path = f"{source.code}/{name}"
                held = snapshots.find_snapshots(project, path)
                asked_at, record = log.find_last_result(path) or (None, None)
                newest = _find_newest(published, path, settings.reporters)
                timeless = bool(held) and source.releases is not None and not source.releases.lags
                today = newest.get_status(now.date()) if newest else "no calendar" if timeless else "nothing held"
                fault = None
                if today in {"due", "late", "nothing held"}:
                    is_built = {one.id for one in held} <= set(built_from)
                    fault = _find_fault(stopped, asked_at, record, newest) if is_built else "not built"
                fetched = sum(one.manifest.is_fetched for one in held)
                found.append(
                    State(
                        dataset=path,
                        stopped=stopped,
                        key=_describe_key(source, environment),
                        committed=len(held) - fetched,
                        fetched=fetched,
                        asked_at=asked_at,
                        result=_describe_result(record) if record else "never asked",
                        newest=newest,
                        freshness=today,
                        fault=fault,
                    )
                )
    return found


def list_handed_in(project: Project, today: date) -> list[State]:
    """List the state of each dataset that a person hands in as a file, if its publisher has a release calendar."""
    published, found = _read_published(project)[0], list[State]()
    for path in (
        data.path for one in sources.list_sources() if one.api is None and one.releases for data in one.datasets
    ):
        newest = _find_newest(published, path, ())
        state = newest.get_status(today) if newest else "nothing held"
        fault, count = None if state == "fresh" else "no newer file", len(snapshots.find_snapshots(project, path))
        found.append(State(path, "by hand", "not needed", count, 0, None, "handed in", newest, state, fault))
    return found


def _read_published(project: Project) -> tuple[list[NewestPeriod], set[str]]:
    """Read the newest period of each published series, and the IDs of the snapshots behind the publication."""
    try:
        with publication.open_published(project) as connection:
            ids = connection.execute("select snapshot_id from meta.snapshots").fetchall()
            return freshness.read_freshness(connection), {one for (one,) in ids}
    except BilateralError:
        return [], set()


def _find_newest(published: Iterable[NewestPeriod], path: str, reporters: Iterable[str]) -> NewestPeriod | None:
    """Find a dataset's series that is due first; economies not in `reporters` count only if no others exist."""
    every = [one for one in published if one.path == path]
    ours = [one for one in every if one.reporter_code is None or one.reporter_code in set(reporters)]
    return min(ours or every, key=lambda one: (one.due_on is None, one.due_on or date.min), default=None)


def _find_fault(
    stopped: StopReason | None, asked_at: datetime | None, record: Mapping[str, Any] | None, newest: NewestPeriod | None
) -> str:
    if stopped in {"off", "setting", "no key"}:
        return STOPPED[stopped]
    if asked_at is None or record is None or (newest and newest.due_on and asked_at.date() < newest.due_on):
        return "not asked"
    return "refused" if record["refusals"] else _describe_ending(record) or "publisher"


@dataclass(frozen=True)
class Unfinished:
    """A source whose last refresh ended early for a temporary reason (`why`).

    A refresh can continue at the time `until`: the end of a pause, or the day after a quota was used up.
    """

    source: str
    why: str
    ended: datetime
    until: datetime


def list_unfinished(project: Project, environment: Mapping[str, str], now: datetime) -> list[Unfinished]:
    """List the sources whose last refresh ended early, except those that are turned off, not requested, or lack a key.

    Raises:
        BilateralError: `bilateral.toml` is invalid.
    """
    settings = read_settings(project)
    options = Options(environment=environment, clock=Clock(now=lambda: now))
    found = []
    with Log(project, read_only=True) as log:
        for source in find_asked_sources():
            skipped = find_skip_reason(source, settings, log, environment, now)
            if skipped and skipped[0] != "pause":
                continue
            lasts = [
                last
                for path in list_asked_datasets(source, settings, log, options)
                if (last := log.find_last_result(path))
            ]
            cut = [last for last in lasts if last[1]["stopped"] in {"silence", "quota"} or last[1].get("unanswered")]
            if not cut:
                continue
            ended, record = max(cut, key=lambda last: last[0])
            until = ended
            paused, allowed = log.find_pause(source.code, now), source.get_api().per_day
            if paused:
                until = paused[0]
            elif (
                record["stopped"] == "quota" and allowed is not None and log.count_requests(source.code, now) >= allowed
            ):
                until = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
            found.append(Unfinished(source.code, record["skipped"] or record["unanswered"][0], ended, until))
    return found


def list_missing_keys(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """List each API key that is not set: the variable, `needed` or `optional`, and how to get the key."""
    return [
        (source.key_variable, "needed" if source.api.key.required else "optional", source.api.key.how)
        for source in sources.list_sources()
        if source.api is not None and source.api.key is not None and find_key(source, environment) is None
    ]


def _describe_key(source: Source, environment: Mapping[str, str]) -> KeyState:
    key = source.get_api().key
    if key is None:
        return "not needed"
    if find_key(source, environment) is not None:
        return "set"
    return "missing" if key.required else "optional"


def _describe_ending(record: Mapping[str, Any]) -> str | None:
    """Return in a word or two why a refresh ended early; None if every request got a response."""
    if record["stopped"]:
        return STOPPED[record["stopped"]]
    # Records of older versions of Bilateral lack some of the counts.
    return STOPPED["silence"] if record.get("unanswered") else None


def _describe_result(record: Mapping[str, Any]) -> str:
    if record["refusals"]:
        return f"{len(record['refusals'])} refused"
    if ended := _describe_ending(record):
        return ended
    counts = {what: record.get(what, 0) for what in ("new", "changed", "withdrawn")}
    if not any(counts.values()):
        return "nothing new"
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what != "withdrawn")
