"""How each live dataset stands: whether it is asked, what is held, whether that is fresh, and why if it is not.

Here: gathering it from the settings, the archive, the log and the published file. Not here: asking anybody anything,
or when a period is due (`publication.freshness`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from dagster_project import publication, snapshots, sources
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import freshness
from dagster_project.publication.freshness import Freshness, Held
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, Stopped, api_of, asked_for, key_of, read_settings, why_skipped
from dagster_project.refresh.retry import Clock
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Source

# Why a refresh ended early or asked for nothing, in words.
STOPPED: dict[Stopped, str] = {
    "off": "turned off",
    "setting": "a wrong setting",
    "no key": "key missing",
    "key": "key not accepted",
    "address": "turned away",
    "quota": "paused",
    "pause": "paused",
    "silence": "no answer",
    "moved": "moved",
}


@dataclass(frozen=True)
class State:
    """Describe the state of a dataset that an API fills or a person hands in.

    Args:
        dataset: The dataset, `source/name`.
        stopped: Why a refresh would not ask for it; None if it would.
        key: Whether the publisher knows who asks.
        committed: Committed snapshots held.
        fetched: Fetched snapshots held.
        asked_at: When it was last refreshed.
        result: What came of that, in a few words.
        newest: The series of the pairs' economies whose next period is due first, as it is published; None if none is.
        freshness: What that is today.
        fault: Why what is due has not come: in the words of `STOPPED`, or "refused", "not asked", "not built",
            "no newer file", or "publisher", which has nothing new; None if nothing is due.
    """

    dataset: str
    stopped: Stopped | None
    key: Literal["not needed", "set", "optional", "missing"]
    committed: int
    fetched: int
    asked_at: datetime | None
    result: str
    newest: Held | None
    freshness: Freshness | Literal["nothing held"]
    fault: str | None

    @property
    def in_words(self) -> str:
        """Its freshness, with whoever is at fault."""
        return f"{self.freshness}: {self.fault}" if self.fault else self.freshness


def states(project: Project, environment: Mapping[str, str], now: datetime) -> list[State]:
    """The state of every live dataset.

    Raises:
        BilateralError: `bilateral.toml` or a manifest is wrong.
    """
    settings = read_settings(project)
    published, built_from = _published(project)
    found = []
    with Log(project, reading=True) as log:
        for source in (one for one in sources.sources() if one.api is not None):
            skipped = why_skipped(source, settings, log, environment, now)
            for name in source.live:
                path = f"{source.code}/{name}"
                held = snapshots.find(project, path)
                last = log.last(path)
                newest = _newest([one for one in published if one.path == path], settings.reporters)
                timeless = bool(held) and source.releases is not None and not source.releases.lags
                today = newest.on(now.date()) if newest else "no calendar" if timeless else "nothing held"
                stopped = skipped[0] if skipped else None
                found.append(
                    State(
                        dataset=path,
                        stopped=stopped,
                        key=_key(source, environment),
                        committed=sum(not one.manifest.is_fetched for one in held),
                        fetched=sum(one.manifest.is_fetched for one in held),
                        asked_at=last[0] if last else None,
                        result=_result(last[1]) if last else "never asked",
                        newest=newest,
                        freshness=today,
                        fault=_fault(stopped, last, newest, held, built_from)
                        if today in {"due", "late", "nothing held"}
                        else None,
                    )
                )
    return found


def handed_in(project: Project, today: date) -> list[State]:
    """Return the state of each dataset that a person hands in as a file, if its publisher has a calendar."""
    published, found = _published(project)[0], list[State]()
    for path in (data.path for one in sources.sources() if one.api is None and one.releases for data in one.datasets):
        newest = _newest([one for one in published if one.path == path], ())
        state = newest.on(today) if newest else "nothing held"
        fault, count = None if state == "fresh" else "no newer file", len(snapshots.find(project, path))
        found.append(State(path, "by hand", "not needed", count, 0, None, "handed in", newest, state, fault))
    return found


def _published(project: Project) -> tuple[list[Held], set[str]]:
    """How far what is published reaches, and the snapshots that it was built from."""
    try:
        with publication.reading(project) as connection:
            ids = connection.execute("select snapshot_id from meta.snapshots").fetchall()
            return freshness.read(connection), {one for (one,) in ids}
    except BilateralError:
        return [], set()


def _newest(published: Iterable[Held], reporters: Iterable[str]) -> Held | None:
    """Of the economies that the warehouse is about, or of all if none is there, the series that is due first."""
    every = list(published)
    ours = [one for one in every if one.reporter_code is None or one.reporter_code in set(reporters)]
    return min(ours or every, key=lambda one: (one.due_on is None, one.due_on or date.min), default=None)


def _fault(
    stopped: Stopped | None,
    last: tuple[datetime, Mapping[str, Any]] | None,
    newest: Held | None,
    held: Iterable[Snapshot],
    built_from: set[str],
) -> str:
    if not {one.id for one in held} <= built_from:
        return "not built"
    if stopped in {"off", "setting", "no key"}:
        return STOPPED[stopped]
    if last is None or (newest and newest.due_on and last[0].date() < newest.due_on):
        return "not asked"
    record = last[1]
    if record["refusals"]:
        return "refused"
    return _ended(record) or "publisher"


@dataclass(frozen=True)
class Unfinished:
    """A publisher whose last refresh ended before it had answered everything, for a reason that passes.

    Args:
        source: The publisher.
        why: That reason.
        ended: When that refresh ended.
        until: Until when the publisher is left alone: it said so, or its quota of the day is used up.
    """

    source: str
    why: str
    ended: datetime
    until: datetime


def unfinished(project: Project, environment: Mapping[str, str], now: datetime) -> list[Unfinished]:
    """The publishers that have to be asked again; not what is turned off, not asked for any more, or wants a key.

    Raises:
        BilateralError: `bilateral.toml` is wrong.
    """
    settings = read_settings(project)
    options = Options(environment=environment, clock=Clock(now=lambda: now))
    found = []
    with Log(project, reading=True) as log:
        for source in (one for one in sources.sources() if one.api is not None):
            skipped = why_skipped(source, settings, log, environment, now)
            if skipped and skipped[0] != "pause":
                continue
            lasts = [last for path in asked_for(source, settings, log, options) if (last := log.last(path))]
            cut = [last for last in lasts if last[1]["stopped"] in {"silence", "quota"} or last[1].get("unanswered")]
            if not cut:
                continue
            # The newest that broke off says when it was.
            ended, record = max(cut, key=lambda last: last[0])
            until = ended
            paused, allowed = log.paused(source.code, now), api_of(source).per_day
            if paused:
                until = paused[0]
            elif record["stopped"] == "quota" and allowed is not None and log.requests(source.code, now) >= allowed:
                until = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
            found.append(Unfinished(source.code, record["skipped"] or record["unanswered"][0], ended, until))
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


def _ended(record: Mapping[str, Any]) -> str | None:
    """Why a refresh ended before everything was answered, in a few words; None if all was."""
    if record["stopped"]:
        return STOPPED[record["stopped"]]
    # Old records have no list of what got no response.
    return STOPPED["silence"] if record.get("unanswered") else None


def _result(record: Mapping[str, Any]) -> str:
    if record["refusals"]:
        return f"{len(record['refusals'])} refused"
    if ended := _ended(record):
        return ended
    # Old records have no count of what was withdrawn.
    counts = {what: record.get(what, 0) for what in ("new", "changed", "withdrawn")}
    if not any(counts.values()):
        return "nothing new"
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count or what != "withdrawn")
