"""A refresh: what is new at the publishers is asked for, held against what is known, and archived.

Here: which questions are asked, in which order, and what becomes of each answer. Not here: how one question is asked
(`asking`), the rules an answer has to keep (`acceptance`), or building from what came (`dagster_project.build`).

A question whose answer was refused costs nothing that was known: the last good snapshot stays in force. A refresh may
be stopped anywhere; what was answered within the refresh's period is not asked again, so it goes on where it stopped.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from dagster_project import raw, snapshots, sources
from dagster_project.errors import BilateralError
from dagster_project.files import temporary
from dagster_project.project import Project
from dagster_project.refresh import refused
from dagster_project.refresh.acceptance import VOUCHED, Held, News, Refused
from dagster_project.refresh.asking import KEPT_HEADERS, Asker, Clock, Failed, Manners
from dagster_project.refresh.configuration import Configuration
from dagster_project.refresh.log import Log
from dagster_project.refresh.refused import Refusal
from dagster_project.snapshots import Licence, Manifest
from dagster_project.sources import Answer, Api, Reading, Request, Source, Unusable

# A question that was answered within this time is not asked again: a daily refresh asks daily, a broken one goes on.
PERIOD = timedelta(hours=20)
# Statistics of trade begin here, where a publisher's configuration says nothing.
BEGINNING = date(1948, 1, 1)
NEVER = datetime.min.replace(tzinfo=UTC)
# After so many questions in a row without an answer a publisher is left alone for this run.
PATIENCE = 3
# An answer in more pages than these goes in circles.
PAGES = 1000

Step = Callable[[str, str, int], None]
# Why a publisher is not asked, or not to the end: it is turned off, there is no key, it wants to be left alone, it did
# not accept the key, it said enough, it did not answer.
Stopped = Literal["off", "no key", "pause", "key", "quota", "silence"]


@dataclass
class Result:
    """What came of refreshing a dataset.

    Args:
        source: The publisher.
        dataset: The dataset, `source/name`.
        questions: Questions that the configuration asks.
        answered: Of those, answered in this run.
        already: Of those, answered within the period before, and not asked again.
        requests: Requests sent, redirects and repetitions counted.
        retries: Of those, repetitions.
        bytes: Bytes received.
        new: Figures that were not held before.
        changed: Figures that the publisher has changed.
        confirmed: Figures that are held as they came.
        nothing: Questions for which the publisher has no figures.
        set_aside: Rows of accepted answers that break the contract.
        archived: The ids of the new snapshots.
        refusals: Answers that were not accepted.
        notes: What a maintainer should know.
        skipped: Why the publisher was not asked, or not to the end; None if it was.
        stopped: The kind of that reason.
    """

    source: str
    dataset: str
    questions: int = 0
    answered: int = 0
    already: int = 0
    requests: int = 0
    retries: int = 0
    bytes: int = 0
    new: int = 0
    changed: int = 0
    confirmed: int = 0
    nothing: int = 0
    set_aside: int = 0
    archived: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str | None = None
    stopped: Stopped | None = None

    @property
    def failed(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.refusals) or self.stopped == "key"


@dataclass(frozen=True)
class Question:
    """A request of the plan, and what will be done about it.

    Args:
        request: What would be asked.
        address: Where, without the key.
        whole: Whether it belongs to a subject that is asked for its whole span.
        since: The first day of that span.
        answered_at: When it was answered, if that is recent enough not to ask again.
        last_answered_at: When it was answered last, if ever.
    """

    request: Request
    address: str
    whole: bool
    since: date
    answered_at: datetime | None
    last_answered_at: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What a refresh would ask a publisher.

    Args:
        source: The publisher.
        questions: The questions, in the order in which they are asked; none if it is skipped.
        stopped: The kind of the reason why it is not asked at all; None if it is asked.
        skipped: That reason.
    """

    source: Source
    questions: tuple[Question, ...] = ()
    stopped: Stopped | None = None
    skipped: str | None = None


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
        manners: How to ask again.
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
    manners: Manners = field(default_factory=Manners)


def refresh(
    project: Project,
    codes: Sequence[str] | None = None,
    options: Options | None = None,
    *,
    on_step: Step = lambda _stage, _detail, _total: None,
    on_wait: Callable[[str], None] = lambda _code: None,
) -> list[Result]:
    """Asks the publishers for what is new and archives it.

    Args:
        project: Whose warehouse.
        codes: The publishers' codes; all that are asked over the network by default.
        options: How to refresh.
        on_step: Called with a publisher's code, what it is asked about and how many questions there are.
        on_wait: Called with a publisher's code if another refresh is asking it and has to end first.

    Returns:
        A result for each dataset that was to be refreshed.

    Raises:
        BilateralError: The configuration is wrong, or there is no such publisher.
    """
    options = options or Options()
    configuration = Configuration.read(project)
    results = []
    with Log(project) as log:
        for source in asked(codes):
            with _alone(project, source.code, on_wait):
                results += _Run(project, source, configuration, log, options).run(on_step)
    return results


def plan(project: Project, codes: Sequence[str] | None = None, options: Options | None = None) -> list[Plan]:
    """What `refresh` would ask; nothing is sent.

    Raises:
        BilateralError: As `refresh`.
    """
    options = options or Options()
    configuration = Configuration.read(project)
    with Log(project, reading=True) as log:
        return [_Run(project, source, configuration, log, options).plan() for source in asked(codes)]


def asked(codes: Sequence[str] | None = None) -> list[Source]:
    """The publishers of those codes, or all that are asked over the network.

    Raises:
        BilateralError: There is no such publisher, or it is not asked over the network.
    """
    every = [source for source in sources.sources() if source.api is not None]
    if not codes:
        return every
    chosen = [sources.source(code) for code in dict.fromkeys(codes)]
    for source in chosen:
        if source.api is None:
            raise BilateralError(
                f"{source.title} ({source.code}) is not asked over the network: its figures are committed.",
                remedy=f"Those that are: {', '.join(one.code for one in every)}.",
            )
    return chosen


def key_variable(source: Source) -> str:
    """The environment variable that holds a publisher's key."""
    return source.key_variable


def address_variable(source: Source) -> str:
    """The environment variable that overrides a publisher's base address."""
    return f"BILATERAL_{source.code.upper()}_URL"


def key_of(source: Source, environment: Mapping[str, str]) -> str | None:
    """A publisher's key, if it takes one and there is one."""
    if source.api is None or source.api.key is None:
        return None
    return environment.get(key_variable(source), "").strip() or None


def why_skipped(
    source: Source, configuration: Configuration, log: Log, environment: Mapping[str, str], now: datetime
) -> tuple[Stopped, str] | None:
    """Why a publisher is not asked at all, and the kind of that reason; None if it is."""
    api = _api(source)
    part = getattr(configuration, source.code, None)
    if part is not None and not part.enabled:
        return "off", f"turned off in bilateral.toml ([{source.code}] enabled)"
    if api.key is not None and api.key.required and key_of(source, environment) is None:
        return "no key", f"no key: set {key_variable(source)}. {api.key.how}"
    paused = log.paused(source.code, now)
    if paused:
        return "pause", f"it asked to be left alone until {paused[0]:%Y-%m-%d %H:%M} UTC ({paused[1]})"
    return None


class _Run:
    """One publisher's part of a refresh."""

    def __init__(
        self, project: Project, source: Source, configuration: Configuration, log: Log, options: Options
    ) -> None:
        self._project = project
        self._source = source
        self._api = _api(source)
        self._configuration = configuration
        self._log = log
        self._options = options
        self._clock = options.clock
        self._key = key_of(source, options.environment)
        base = options.environment.get(address_variable(source)) or self._api.base
        self._asker = Asker(source, base, self._key, log, options.clock, options.manners)
        live = [f"{source.code}/{name}" for name in source.live]
        chosen = [path for path in live if options.datasets is None or path in options.datasets]
        self._results = {path: Result(source.code, path) for path in chosen}
        # What is held of each dataset, read when the first answer comes.
        self._held: dict[str, Held] = {}
        # Subjects of which not every dataset was chosen: nobody asks for all of them now.
        self._in_part: set[str] = set()

    def plan(self) -> Plan:
        now = self._clock.now()
        skipped = why_skipped(self._source, self._configuration, self._log, self._options.environment, now)
        if skipped:
            return Plan(self._source, (), *skipped)
        # What waited longest is asked first: a span of more than a day's quota is done in a few days, not begun anew.
        in_order = sorted(
            self._questions(now), key=lambda one: (one.answered_at is None, one.last_answered_at or NEVER)
        )
        return Plan(self._source, tuple(in_order))

    def run(self, on_step: Step) -> list[Result]:
        planned = self.plan()
        for result in self._results.values():
            result.stopped, result.skipped = planned.stopped, planned.skipped
            result.questions = sum(question.request.dataset == result.dataset for question in planned.questions)
        with ExitStack() as open_, self._asker:
            self._open = open_
            self._ask_all(planned.questions, on_step)
        for result in self._results.values():
            if not result.requests + result.already:
                continue
            told = {name: value for name, value in vars(result).items() if name != "refusals"}
            told["refusals"] = [[one.reason, str(one.folder)] for one in result.refusals]
            self._log.finish(result.dataset, self._clock.now(), told)
        return list(self._results.values())

    # Which questions there are

    def _questions(self, now: datetime) -> Iterator[Question]:
        today = now.date()
        part = getattr(self._configuration, self._source.code, None)
        first_year = getattr(part, "first_year", None)
        beginning = date(first_year, 1, 1) if first_year else BEGINNING
        recent = date(today.year - self._api.revises, 1, 1)
        last = min(self._options.until or today, today)
        whole: dict[str, bool] = {}
        named = self._options.full or self._options.since is not None
        if self._options.since and self._options.since > last:
            raise BilateralError(
                f"The span {self._options.since} to {last} ends before it begins.", remedy="Mend --since or --until."
            )
        if last < beginning:
            # All of it lies before the first year that the configuration asks for.
            return

        def window(subject: str) -> tuple[date, date]:
            known = self._log.whole_since(self._source.code, subject)
            is_new = known is None or known[0] > beginning
            # A run that goes on where another stopped sees the same questions, so that it knows the answered ones.
            goes_on = known is not None and now - known[1] < PERIOD and not self._options.again
            reaches_back = self._options.full or ((is_new or goes_on) and self._options.since is None)
            # Only a span that ends today is whole; another leaves a gap behind it.
            whole[subject] = reaches_back and last == today
            return max(beginning, self._options.since or (beginning if reaches_back else recent)), last

        for request in self._api.plan(self._configuration, window, self._key is not None):
            if request.dataset not in self._results:
                self._in_part.add(request.subject)
                continue
            answered = None if self._options.again else self._log.answered(request)
            settled = answered is not None and (
                now - answered.at < PERIOD
                # The span of a subject may have to be asked again because one piece of it was refused. What lies
                # before the years that are revised, and was answered once, need not, unless somebody asks for it.
                or (not named and request.periods is not None and request.periods[1] < f"{recent.year}")
            )
            yield Question(
                request=request,
                address=self._asker.address(request),
                whole=whole.get(request.subject, False),
                since=beginning,
                answered_at=answered.at if answered and settled else None,
                last_answered_at=answered.at if answered else None,
            )

    # What becomes of each

    def _ask_all(self, questions: Iterable[Question], on_step: Step) -> None:
        every = list(questions)
        # How many questions of each subject's whole span are still to be answered.
        waiting: dict[str, int] = {}
        for question in every:
            if question.whole:
                waiting[question.request.subject] = waiting.get(question.request.subject, 0) + 1
        asked_now: set[str] = set()
        in_a_row = 0
        for question in every:
            request = question.request
            result = self._results[request.dataset]
            on_step(self._source.code, request.subject, len(every))
            if question.answered_at is not None:
                result.already += 1
                done = True
            else:
                outcome = self._ask(request, result)
                if outcome == "stop":
                    return
                done = outcome == "answered"
                in_a_row = in_a_row + 1 if outcome == "silent" else 0
                if in_a_row == PATIENCE:
                    self._stop("silence", f"{PATIENCE} questions in a row got no answer")
                    return
            if question.whole and done:
                waiting[request.subject] -= 1
                if question.answered_at is None:
                    asked_now.add(request.subject)
                if not waiting[request.subject] and request.subject in asked_now - self._in_part:
                    self._log.whole(self._source.code, request.subject, question.since, self._clock.now())

    def _ask(self, request: Request, result: Result) -> Literal["answered", "refused", "silent", "stop"]:
        asker = self._asker
        before = asker.requests, asker.retries, asker.bytes
        try:
            with temporary(Path(tempfile.mkdtemp(prefix="bilateral-"))) as folder:
                self._answer(request, result, folder)
        except Failed as failed:
            return self._failed(failed, request, result)
        finally:
            result.requests += asker.requests - before[0]
            result.retries += asker.retries - before[1]
            result.bytes += asker.bytes - before[2]
        result.answered += 1
        return "answered"

    def _answer(self, request: Request, result: Result, folder: Path) -> None:
        """Asks one question to its last page, and archives what it says that is new."""
        try:
            pages = self._pages(request, folder)
        except Failed as failed:
            if failed.trouble != "nothing":
                raise
            self._nothing(request, result, failed)
            return
        if not any(page.rows for page in pages):
            self._nothing(request, result, Failed("nothing", "an answer without rows", pages[0].answer))
            return
        held = self._held_of(request.dataset)
        try:
            notes = held.judge(request, [page.table for page in pages], trust=self._options.trust)
        except Refused as reason:
            raise Failed("refused", self._asker.secret.blank(str(reason)), pages[-1].answer) from None
        archived = False
        vouched = any(note.startswith(VOUCHED) for note in notes)
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        for number, page in enumerate(pages):
            manifest = self._manifest(page, notes, now)
            if vouched:
                manifest.parameters["trusted"] = True
            news = held.news(manifest, number)
            _count(result, news)
            result.notes += [note for note in page.reading.notes if note not in result.notes]
            # What was vouched for is kept even if it only says less, so that it need not be vouched for again.
            if news.is_news or vouched:
                snapshot = snapshots.archive(self._project, manifest, page.answer.content)
                held.add(snapshot, number)
                result.archived.append(snapshot.id)
                archived = True
        self._log.answer(self._source.code, request, self._clock.now(), "archived" if archived else "confirmed")

    def _nothing(self, request: Request, result: Result, failed: Failed) -> None:
        try:
            self._held_of(request.dataset).check_nothing(request)
        except Refused as reason:
            raise Failed("refused", f"{reason} ({failed.reason})", failed.answer) from None
        result.nothing += 1
        self._log.answer(self._source.code, request, self._clock.now(), "nothing")

    def _pages(self, request: Request, folder: Path) -> list[_Page]:
        """The answer to a request, from its first page to its last."""
        pages: list[_Page] = []
        following = [request]
        while following:
            try:
                page = self._page(following.pop(0), folder / f"{len(pages)}.csv")
            except Failed as failed:
                # A page after the last says that there are no figures; the first says it of them all.
                if failed.trouble == "nothing" and pages:
                    break
                raise
            pages.append(page)
            if len(pages) > PAGES:
                raise Failed("refused", f"more than {PAGES} pages", page.answer)
            following += page.reading.more
        return pages

    def _page(self, request: Request, table: Path) -> _Page:
        dataset = sources.dataset(request.dataset)

        def read(answer: Answer) -> tuple[Reading, int]:
            reading = self._api.read(request, answer)
            try:
                return reading, raw.write_table(reading.rows, dataset, table)
            except ValueError as error:
                raise Unusable("refused", str(error)) from error

        answer, (reading, rows) = self._asker.ask(request, read)
        return _Page(request, answer, reading, rows, table, self._asker.blanked)

    def _failed(self, failed: Failed, request: Request, result: Result) -> Literal["refused", "silent", "stop"]:
        # A publisher that takes no key turns us away for another reason, which a person should see.
        if failed.trouble == "key" and self._api.key is not None:
            if self._key:
                self._stop("key", f"the key is not accepted ({failed.reason}). {self._api.key.how}")
            else:
                variable = key_variable(self._source)
                self._stop("no key", f"not without a key ({failed.reason}): set {variable}. {self._api.key.how}")
            return "stop"
        if failed.trouble == "quota":
            if failed.until is not None:
                self._log.pause(self._source.code, failed.until, failed.reason)
            self._stop("quota", f"no more for now ({failed.reason}); the next refresh goes on from here")
            return "stop"
        tried = f" ({self._options.manners.attempts} times)" if failed.trouble == "again" else ""
        refusal = refused.keep(
            self._project,
            request,
            self._asker.address(request),
            failed.answer,
            f"{failed.reason}{tried}",
            self._clock.now(),
        )
        result.refusals.append(refusal)
        return "silent" if failed.trouble == "again" else "refused"

    def _stop(self, kind: Stopped, why: str) -> None:
        for result in self._results.values():
            if result.answered + result.already + len(result.refusals) < result.questions:
                result.stopped, result.skipped = kind, why

    def _held_of(self, path: str) -> Held:
        if path not in self._held:
            self._held[path] = self._open.enter_context(Held(self._project, sources.dataset(path)))
        return self._held[path]

    def _manifest(self, page: _Page, notes: Iterable[str], now: datetime) -> Manifest:
        dataset = sources.dataset(page.request.dataset)
        headers = {name: page.answer.headers[name] for name in KEPT_HEADERS if name in page.answer.headers}
        published = page.reading.published_at
        blanked = ["The publisher repeated the key in its answer; it is blanked out."] if page.blanked else []
        return Manifest(
            source=self._source.code,
            dataset=dataset.name,
            title=dataset.title,
            url=self._asker.address(page.request),
            parameters=page.request.parameters | {"headers": headers},
            retrieved_at=now,
            published_at=published,
            edition=page.reading.edition,
            # Nobody knows a figure before the day on which it is seen.
            known_from=min(published, now.date()) if published else now.date(),
            obtained=f"API of {self._source.title}",
            form="answer",
            file=f"answer{refused.suffix(page.answer)}",
            sha256="",
            bytes=0,
            media_type=headers.get("content-type", "application/octet-stream").partition(";")[0].strip(),
            row_count=page.rows,
            columns=[column.name for column in dataset.columns],
            licence=Licence(*self._api.licence),
            citation=self._api.citation,
            notes=[*page.reading.notes, *notes, *blanked],
        )


@dataclass(frozen=True)
class _Page:
    request: Request
    answer: Answer
    reading: Reading
    rows: int
    table: Path
    blanked: bool


@contextmanager
def _alone(project: Project, code: str, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Nobody else asks the same publisher meanwhile."""
    project.archive.mkdir(parents=True, exist_ok=True)
    # The kernel frees this lock when the process ends, however it ends.
    lock = FileLock(project.archive / f"refresh.{code}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        on_wait(code)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _api(source: Source) -> Api:
    assert source.api is not None, "only publishers with an api are asked"
    return source.api


def _count(result: Result, news: News) -> None:
    result.new += news.new
    result.changed += news.changed
    result.confirmed += news.confirmed
    result.set_aside += news.broken
