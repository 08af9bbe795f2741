"""Which requests a refresh sends to a publisher, and why it sends none.

Here: the options of a refresh, the settings with what publishers call economies, the span that each subject is asked
for, and the order of the requests. Not here: sending them and what becomes of the responses (`run`), or what a
publisher is asked (`sources`).
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
from dagster_project.sources import Api, Request, Source

# What was answered within this time is not requested again: a daily refresh asks daily, a broken one goes on.
PERIOD = timedelta(hours=20)
# Statistics of trade begin here, where a publisher's settings say nothing.
BEGINNING = date(1948, 1, 1)
NEVER = datetime.min.replace(tzinfo=UTC)

# Why a publisher is not asked, or not to the end: it is turned off, a setting of it is wrong, there is no key, it wants
# to be left alone, it did not accept the key, it turns this address away, it said enough, it did not answer, it moved.
StopReason = Literal["by hand", "off", "setting", "no key", "pause", "key", "address", "quota", "silence", "moved"]
# Those that a person should look at.
TROUBLING: frozenset[StopReason] = frozenset({"setting", "key", "address", "silence", "moved"})


@dataclass(frozen=True)
class Options:
    """How to refresh.

    Args:
        since: First day to ask for, whatever was asked before.
        until: Last day to ask for; today by default.
        full: Whether to ask for whole spans again.
        again: Whether to ask again what was answered within the period.
        trust: Whether to accept what lacks held figures or has another scale, because somebody has looked at it.
        datasets: Only these datasets, `source/name`; all by default.
        environment: Where keys and addresses are read from.
        clock: The time.
        retries: When to send a request again.
    """

    since: date | None = None
    until: date | None = None
    full: bool = False
    again: bool = False
    trust: bool = False
    datasets: Collection[str] | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    # Looked up when it is needed: tests put another in its place.
    clock: Clock = field(default_factory=lambda: Clock())
    retries: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True)
class PlannedRequest:
    """A request of the plan, and what will be done about it.

    Args:
        request: What would be asked.
        address: Where, without the key.
        whole_since: The first day of its subject's whole span, if the plan asks for that, in every dataset.
        answered_at: When it was answered, if that is recent enough not to ask again.
    """

    request: Request
    address: str
    whole_since: date | None
    answered_at: datetime | None


@dataclass(frozen=True)
class Plan:
    """What a refresh would ask a publisher.

    Args:
        source: The publisher.
        requests: The requests, in the order in which they are sent; none if it is skipped.
        stopped: The kind of the reason why it is not asked at all; None if it is asked.
        skipped: That reason.
    """

    source: Source
    requests: tuple[PlannedRequest, ...] = ()
    stopped: StopReason | None = None
    skipped: str | None = None


def plan_refresh(project: Project, codes: Sequence[str] | None = None, options: Options | None = None) -> list[Plan]:
    """Plan what `run_refresh` would ask; nothing is sent.

    Raises:
        BilateralError: As `run_refresh`.
    """
    options = options or Options()
    settings = read_settings(project)
    with Log(project, reading=True) as log:
        return [plan_source(source, settings, log, options) for source in find_asked_sources(codes)]


def find_asked_sources(codes: Sequence[str] | None = None) -> list[Source]:
    """Return the publishers of those codes, or all that are asked over the network.

    Raises:
        BilateralError: There is no such publisher, or it is not asked over the network.
    """
    every = [source for source in sources.list_sources() if source.api is not None]
    if not codes:
        return every
    chosen = [sources.find_source(code) for code in dict.fromkeys(codes)]
    for source in chosen:
        if source.api is None:
            raise BilateralError(
                f"{source.title} ({source.code}) is not asked over the network: its figures are committed.",
                remedy=f"Those that are: {', '.join(one.code for one in every)}.",
            )
    return chosen


def plan_source(source: Source, settings: Settings, log: Log, options: Options) -> Plan:
    """Plan what a refresh would ask one publisher.

    Raises:
        BilateralError: The span of the options ends before it begins.
    """
    now = options.clock.now()
    last = min(options.until or now.date(), now.date())
    if options.since and options.since > last:
        raise BilateralError(
            f"The span {options.since} to {last} ends before it begins.", remedy="Mend --since or --until."
        )
    if skipped := find_skip_reason(source, settings, log, options.environment, now):
        return Plan(source, (), *skipped)
    try:
        return Plan(source, _plan_requests(source, settings, log, options))
    except BilateralError as error:
        # A pair or a donor that this publisher has no code for is no matter to the others.
        return Plan(source, (), "setting", str(error))


def find_skip_reason(
    source: Source, settings: Settings, log: Log, environment: Mapping[str, str], now: datetime
) -> tuple[StopReason, str] | None:
    """Return the kind of reason why a publisher is not asked at all, and the reason; None if it is asked."""
    api = require_api(source)
    if not settings.tables[source.code].enabled:
        return "off", f"turned off in bilateral.toml ([{source.code}] enabled)"
    if source.code in settings.wrong:
        return "setting", settings.wrong[source.code]
    if api.key is not None and api.key.required and find_key(source, environment) is None:
        return "no key", f"no key: set {source.key_variable}. {api.key.how}"
    paused = log.find_pause(source.code, now)
    if paused:
        return "pause", f"it asked to be left alone until {paused[0]:%Y-%m-%d %H:%M} UTC ({paused[1]})"
    return None


def list_asked_datasets(source: Source, settings: Settings, log: Log, options: Options) -> set[str]:
    """List the datasets of a publisher, `source/name`, that its settings ask for, whether or not it wants a pause."""
    try:
        return {one.request.dataset for one in _plan_requests(source, settings, log, options)}
    except BilateralError:
        return set()


def list_chosen_datasets(source: Source, options: Options) -> list[str]:
    """List the datasets of a publisher, `source/name`, that are refreshed."""
    live = [f"{source.code}/{name}" for name in source.live]
    return [path for path in live if options.datasets is None or path in options.datasets]


def require_api(source: Source) -> Api:
    """Return how a publisher that is asked over the network is asked."""
    assert source.api is not None, "only publishers with an api are asked"
    return source.api


def find_key(source: Source, environment: Mapping[str, str]) -> str | None:
    """Return a publisher's key, if it takes one and there is one."""
    if source.api is None or source.api.key is None:
        return None
    return environment.get(source.key_variable, "").strip() or None


def find_base_address(source: Source, environment: Mapping[str, str]) -> str:
    """Return the address that a publisher's requests follow."""
    return (environment.get(source.address_variable) or require_api(source).base).rstrip("/")


def read_settings(project: Project) -> Settings:
    """Read the project's settings, with what publishers call economies.

    Raises:
        BilateralError: `bilateral.toml` is not there, or something in it is wrong.
    """
    return load_settings(project, sources.list_settings(), read_codes(project))


def read_codes(project: Project) -> Codes:
    """Read the codes of economies in each scheme of the code lists, the one to ask with first."""
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
    """Plan the requests to a publisher, in the order in which they are sent."""
    api, now = require_api(source), options.clock.now()
    today = now.date()
    last = min(options.until or today, today)
    first_year = getattr(settings.tables[source.code], "first_year", None)
    beginning = date(first_year, 1, 1) if first_year else BEGINNING
    if last < beginning:
        return ()
    recent = date(today.year - api.revises, 1, 1)
    reaching_back: set[str] = set()

    def choose_window(subject: str) -> tuple[date, date]:
        known = log.find_whole_span(source.code, subject)
        is_current = known is not None and known[0] <= beginning and known[1] >= _find_turn(source.code, subject, now)
        # A run that goes on where another stopped sees the same requests, so that it knows the answered ones.
        goes_on = known is not None and now - known[1] < PERIOD and not options.again
        if options.full or (options.since is None and (goes_on or not is_current)):
            reaching_back.add(subject)
            return max(beginning, options.since or beginning), last
        return max(beginning, options.since or recent), last

    requests = list(api.plan(settings, choose_window, find_key(source, options.environment) is not None))
    wanted = list_chosen_datasets(source, options)
    # A span that ends before today leaves a gap behind it; so do the datasets that are not asked for now.
    in_part = {one.subject for one in requests if one.dataset not in wanted or last < today}
    base, *_ = split_password(find_base_address(source, options.environment))
    found = []
    for request in (one for one in requests if one.dataset in wanted):
        answered = None if options.again else log.find_answered(request)
        # What lies before the years that are revised, unless somebody asks for it.
        is_named = options.full or options.since is not None
        is_old = not is_named and request.periods is not None and request.periods[1] < f"{recent.year}"
        # The span of a subject may have to be asked again because one piece of it was refused: the old ones that were
        # answered since its turn need not.
        is_settled = answered is not None and (
            now - answered < PERIOD or (is_old and answered >= _find_turn(source.code, request.subject, now))
        )
        planned = PlannedRequest(
            request=request,
            address=request.build_address(base),
            whole_since=beginning if request.subject in reaching_back - in_part else None,
            answered_at=answered if is_settled else None,
        )
        # What waited longest is asked first: a span of more than a day's quota is done in a few days, not begun anew.
        # What may well be new goes before what is only read again.
        found.append(((not is_settled, is_old and answered is not None, answered or NEVER), planned))
    return tuple(planned for _, planned in sorted(found, key=lambda one: one[0]))


def _find_turn(source: str, subject: str, now: datetime) -> datetime:
    """Return the last day of the year, up to now, on which the whole span of a subject is to be read again.

    Publishers revise figures that are older than the years they are known to revise. Each subject has a day of its
    own, so that a quota never meets all of them at once.
    """
    day = int.from_bytes(hashlib.sha256(f"{source} {subject}".encode()).digest()[:4]) % 365
    turns = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day) for year in (now.year, now.year - 1)]
    return next(turn for turn in turns if turn <= now)
