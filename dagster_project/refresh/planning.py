"""Plan the requests of a refresh: which to send to each publisher, for which days, and in which order.

A source's module makes the requests. This module decides which days they cover: all days of a new series and, once a
year, of every series; otherwise the years that the publisher usually revises. The plan says why a publisher is skipped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import read_csv
from dagster_project.project import Project
from dagster_project.reference import code_lists
from dagster_project.refresh.log import Log
from dagster_project.refresh.retry import Clock, RetryPolicy
from dagster_project.refresh.secrets import split_password
from dagster_project.settings import Codes, Settings, load_settings
from dagster_project.sources import Request, Source

# A request is not sent again within this time after its response, so that an interrupted refresh can continue.
PERIOD = timedelta(hours=20)
# The first day to request if a publisher's settings have no first year.
BEGINNING = date(1948, 1, 1)
NEVER = datetime.min.replace(tzinfo=UTC)

# The reasons to skip a publisher, or to stop before the last request: its figures come as files, it is turned off, a
# setting is wrong, no key is set, it demanded a pause, it rejected the key, it blocks this machine's address, its quota
# is used up, it sent no response, it has moved to another address.
StopReason = Literal["by hand", "off", "setting", "no key", "pause", "key", "address", "quota", "silence", "moved"]
# The reasons that a person should look into.
TROUBLING: frozenset[StopReason] = frozenset({"setting", "key", "address", "silence", "moved"})


@dataclass(frozen=True)
class Options:
    """The options of a refresh.

    Args:
        since: The first day to request. Default: chosen for each series.
        until: The last day to request. Default: today.
        full: Whether to request all days of every series.
        again: Whether to repeat requests that got a response less than `PERIOD` ago.
        trust: Whether to accept missing figures or a changed scale, because a person has looked at the response.
        datasets: The datasets to refresh, `source/name`. Default: all.
        environment: The environment variables with keys and addresses.
    """

    since: date | None = None
    until: date | None = None
    full: bool = False
    again: bool = False
    trust: bool = False
    datasets: Collection[str] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    # The lambda looks the class up when an instance is made, because tests replace the class.
    clock: Clock = field(default_factory=lambda: Clock())
    retries: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True)
class PlannedRequest:
    """A request of a plan.

    Args:
        address: The URL, without the key.
        whole_since: If the plan requests all days of the series, the first of these days; otherwise None.
        answered_at: If the request need not be sent again, the time of the last response; otherwise None.
    """

    request: Request
    address: str
    whole_since: date | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """The requests of a refresh to one publisher, in the order in which they are sent.

    If the publisher is skipped, there are none: `stopped` is the kind of reason, and `skipped` the reason in words.
    """

    source: Source
    requests: tuple[PlannedRequest, ...] = ()
    stopped: StopReason | None = None
    skipped: str | None = None


def plan_refresh(project: Project, codes: Sequence[str] | None = None, options: Options | None = None) -> list[Plan]:
    """Plan the requests of a refresh without sending them.

    Raises:
        BilateralError: `bilateral.toml` is invalid, or one of the codes belongs to no publisher.
    """
    options = options or Options()
    settings = read_settings(project)
    with Log(project, read_only=True) as log:
        return [plan_source(source, settings, log, options) for source in find_asked_sources(codes)]


def find_asked_sources(codes: Sequence[str] | None = None) -> list[Source]:
    """Return the sources with these codes, or all sources that have an API.

    Raises:
        BilateralError: One of the codes belongs to no source, or to a source without an API.
    """
    every = [source for source in sources.list_sources() if source.api is not None]
    if not codes:
        return every
    chosen = [sources.find_source(code) for code in dict.fromkeys(codes)]
    for source in chosen:
        if source.api is None:
            raise BilateralError(
                f"{source.title} ({source.code}) cannot be refreshed: its figures are committed files.",
                remedy=f"Choose from {', '.join(one.code for one in every)}.",
            )
    return chosen


def plan_source(source: Source, settings: Settings, log: Log, options: Options) -> Plan:
    """Plan the requests of a refresh to one publisher.

    Raises:
        BilateralError: The first day of the options is after the last one.
    """
    now = options.clock.now()
    last = min(options.until or now.date(), now.date())
    if options.since and options.since > last:
        raise BilateralError(
            f"--since {options.since} is after {last}, the last day to request.", remedy="Correct --since or --until."
        )
    if skipped := find_skip_reason(source, settings, log, options.environment, now):
        return Plan(source, (), *skipped)
    try:
        return Plan(source, _plan_requests(source, settings, log, options))
    except BilateralError as error:
        # An economy without a code at this publisher must not stop the refresh of other publishers.
        return Plan(source, (), "setting", str(error))


def find_skip_reason(
    source: Source, settings: Settings, log: Log, environment: Mapping[str, str], now: datetime
) -> tuple[StopReason, str] | None:
    """Return the kind of reason to skip a publisher and the reason in words, or None."""
    api = source.get_api()
    if not settings.tables[source.code].enabled:
        return "off", f"turned off in bilateral.toml ([{source.code}] enabled)"
    if source.code in settings.wrong:
        return "setting", settings.wrong[source.code]
    if api.key is not None and api.key.required and find_key(source, environment) is None:
        return "no key", f"no key: set {source.key_variable}. {api.key.how}"
    paused = log.find_pause(source.code, now)
    if paused:
        return "pause", f"the publisher demanded a pause until {paused[0]:%Y-%m-%d %H:%M} UTC ({paused[1]})"
    return None


def list_asked_datasets(source: Source, settings: Settings, log: Log, options: Options) -> set[str]:
    """List the datasets (`source/name`) that the settings request from a publisher, even while it is paused."""
    try:
        return {one.request.dataset for one in _plan_requests(source, settings, log, options)}
    except BilateralError:
        return set()


def list_chosen_datasets(source: Source, options: Options) -> list[str]:
    """List the datasets (`source/name`) of a publisher that the options choose."""
    live = [f"{source.code}/{name}" for name in source.live]
    return [path for path in live if options.datasets is None or path in options.datasets]


def find_key(source: Source, environment: Mapping[str, str]) -> str | None:
    """Return the user's API key for a publisher, or None if no key is set or the publisher takes no key."""
    if source.api is None or source.api.key is None:
        return None
    return environment.get(source.key_variable, "").strip() or None


def find_base_address(source: Source, environment: Mapping[str, str]) -> str:
    """Return the base address of a publisher, from the environment or else from the declaration."""
    return (environment.get(source.address_variable) or source.get_api().base).rstrip("/")


def read_settings(project: Project) -> Settings:
    """Read the project's settings, together with publishers' codes of economies.

    Raises:
        BilateralError: `bilateral.toml` is missing or has an invalid setting.
    """
    return load_settings(project, sources.list_settings(), read_codes(project))


def read_codes(project: Project) -> Codes:
    """Map each code scheme (such as `iso2`) and economy to its codes; requests use the first of several codes."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    listed = code_lists.load_economies(project)
    for place, column in enumerate(listed.columns):
        if column.endswith("_code"):
            found[column.removesuffix("_code")] = {row[0]: (row[place],) for row in listed.rows if row[place]}
    names = ("scheme", "economy_code", "code")
    header, rows = read_csv(project.reference / "economy_codes.csv", names)
    places = [header.index(name) for name in names]
    for system, economy, code in ([row[place] for place in places] for row in rows):
        scheme = found.setdefault(system, {})
        scheme[economy] = (*scheme.get(economy, ()), code)
    return found


def _plan_requests(source: Source, settings: Settings, log: Log, options: Options) -> tuple[PlannedRequest, ...]:
    """Plan the requests to a publisher that is not skipped, in the order in which they are sent."""
    api, now = source.get_api(), options.clock.now()
    today = now.date()
    last = min(options.until or today, today)
    first_year = getattr(settings.tables[source.code], "first_year", None)
    beginning = date(first_year, 1, 1) if first_year else BEGINNING
    if last < beginning:
        return ()
    recent = date(today.year - api.revises, 1, 1)
    # The subjects of which all days are planned.
    whole: set[str] = set()

    def choose_window(subject: str) -> tuple[date, date]:
        known = log.find_whole_span(source.code, subject)
        is_current = (
            known is not None and known[0] <= beginning and known[1] >= _find_yearly_day(source.code, subject, now)
        )
        # A refresh that continues an interrupted one plans the same requests, and skips those with a response.
        is_continued = known is not None and now - known[1] < PERIOD and not options.again
        if options.full or (options.since is None and (is_continued or not is_current)):
            whole.add(subject)
            return max(beginning, options.since or beginning), last
        return max(beginning, options.since or recent), last

    requests = list(api.plan(settings, choose_window, find_key(source, options.environment) is not None))
    wanted = list_chosen_datasets(source, options)
    # A subject is not complete if the requests end before today, or some of its datasets are not chosen.
    partial = {one.subject for one in requests if one.dataset not in wanted or last < today}
    base, *_ = split_password(find_base_address(source, options.environment))
    found = []
    for request in (one for one in requests if one.dataset in wanted):
        answered = None if options.again else log.find_last_response(request)
        # A request is old if its periods end before the years that are usually revised, unless the options name days.
        is_named = options.full or options.since is not None
        is_old = not is_named and request.periods is not None and request.periods[1] < f"{recent.year}"
        # After a refused response all days of the subject are planned again. Requests for old periods that have got a
        # response since the subject's yearly day are not sent again.
        is_settled = answered is not None and (
            now - answered < PERIOD or (is_old and answered >= _find_yearly_day(source.code, request.subject, now))
        )
        planned = PlannedRequest(
            request=request,
            address=request.build_address(base),
            whole_since=beginning if request.subject in whole - partial else None,
            answered_at=answered if is_settled else None,
        )
        # First requests that may bring new figures, then those for old periods. Among these the request whose response
        # is oldest comes first, so that a subject with more requests than a daily quota is complete after a few days.
        found.append(((not is_settled, is_old and answered is not None, answered or NEVER), planned))
    return tuple(planned for _, planned in sorted(found, key=lambda one: one[0]))


def _find_yearly_day(source: str, subject: str, now: datetime) -> datetime:
    """Return the last day, up to now, on which the yearly request for all days of a series was due.

    Publishers sometimes revise old figures, too, so all days are requested once a year. Each series (`subject`) has its
    own day of the year, so that these requests do not use up a quota at once.
    """
    day = int.from_bytes(hashlib.sha256(f"{source} {subject}".encode()).digest()[:4]) % 365
    turns = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day) for year in (now.year, now.year - 1)]
    return next(turn for turn in turns if turn <= now)
