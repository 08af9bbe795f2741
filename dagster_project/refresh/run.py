"""Runs a refresh: asks the publishers for what is new, checks each response, and archives what is accepted.

Here: sending the requests of the plan, and what becomes of each response. Not here: which requests there are
(`planning`), how one is sent (`client`), the rules a response has to keep (`acceptance`), or building from what came
(`build`).

A response that was refused costs nothing that was known: the last good snapshot stays in force. A refresh may be
stopped anywhere; what was answered within the refresh's period is not asked again, so it goes on where it stopped.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from dagster_project import publication, raw, snapshots, sources
from dagster_project.files import temporary
from dagster_project.project import Project
from dagster_project.refresh import refused, telling
from dagster_project.refresh.acceptance import Refused, check, check_nothing
from dagster_project.refresh.client import KEPT_HEADERS, AddressOrKey, Client
from dagster_project.refresh.held import HeldFigures
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import (
    Options,
    Stopped,
    api_of,
    asked,
    base_of,
    chosen,
    key_of,
    plan_of,
    read_settings,
)
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import PASSING, Failed
from dagster_project.settings import Settings
from dagster_project.snapshots import Licence, Manifest
from dagster_project.sources import Reading, Request, Response, Source, Unusable, responses
from dagster_project.sources.responses import MOST_PAGES

# After so many requests in a row without a response a publisher is left alone for this run.
PATIENCE = 3

Step = Callable[[str, str, int], None]
Outcome = Literal["answered", "refused", "silent", "stop"]


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
        on_step: Called with a publisher's code, what it is asked about and how many requests are planned.
        on_wait: Called with a publisher's code if another refresh is asking it and has to end first.

    Returns:
        A result for each dataset that was to be refreshed.

    Raises:
        BilateralError: `bilateral.toml` is wrong, or there is no such publisher.
    """
    options = options or Options()
    settings = read_settings(project)
    results = []
    with Log(project) as log:
        # What is wrong in the settings is found before anybody is asked.
        plans = [plan_of(source, settings, log, options) for source in asked(codes)]
        for source in [one.source for one in sorted(plans, key=lambda one: one.stopped != "setting")]:
            # Nobody else asks the same publisher meanwhile.
            lock = project.archive / f"refresh.{source.code}.lock"
            with publication.alone(project, lock, on_wait=partial(on_wait, source.code)):
                results += _Run(project, source, settings, log, options).run(on_step)
    telling.of_refresh(project, results, options)
    return results


class _Run:
    """One publisher's part of a refresh."""

    def __init__(self, project: Project, source: Source, settings: Settings, log: Log, options: Options) -> None:
        self._project = project
        self._source = source
        self._api = api_of(source)
        self._log = log
        self._options = options
        self._clock = options.clock
        self._key = key_of(source, options.environment)
        base = base_of(source, options.environment)
        self._client = Client(source, base, self._key, log, options.clock, options.retries)
        self._plan = plan_of(source, settings, log, options)
        self._results = {path: Result(source.code, path) for path in chosen(source, options)}
        # What is held of each dataset, read when the first response comes.
        self._held: dict[str, HeldFigures] = {}

    def run(self, on_step: Step) -> list[Result]:
        for result in self._results.values():
            result.stopped, result.skipped = self._plan.stopped, self._plan.skipped
            result.planned = sum(one.request.dataset == result.dataset for one in self._plan.requests)
        with ExitStack() as open_, self._client:
            self._open = open_
            try:
                self._send_all(on_step)
            except AddressOrKey as error:
                self._stop("setting", str(error))
        for result in self._results.values():
            if not result.requests + result.already:
                continue
            self._log.finish(result.dataset, self._clock.now(), result.record)
        return list(self._results.values())

    def _send_all(self, on_step: Step) -> None:
        planned = self._plan.requests
        # How many requests of each subject's whole span are still to be answered.
        waiting: dict[str, int] = {}
        for one in planned:
            if one.whole:
                waiting[one.request.subject] = waiting.get(one.request.subject, 0) + 1
        asked_now: set[str] = set()
        in_a_row = 0
        for one in planned:
            request = one.request
            result = self._results[request.dataset]
            on_step(self._source.code, request.subject, len(planned))
            if one.answered_at is not None:
                result.already += 1
                done = True
            else:
                outcome = self._send(request, result)
                if outcome == "stop":
                    return
                done = outcome == "answered"
                in_a_row = in_a_row + 1 if outcome == "silent" else 0
                if in_a_row == PATIENCE:
                    self._stop("silence", f"{PATIENCE} requests in a row got no usable response")
                    return
            if one.whole and done:
                waiting[request.subject] -= 1
                if one.answered_at is None:
                    asked_now.add(request.subject)
                if not waiting[request.subject] and request.subject in asked_now - self._plan.in_part:
                    self._log.whole(self._source.code, request.subject, one.since, self._clock.now())

    def _send(self, request: Request, result: Result) -> Outcome:
        client = self._client
        before = client.requests, client.retries, client.bytes
        try:
            with temporary(Path(tempfile.mkdtemp(prefix="bilateral-"))) as folder:
                self._receive(request, result, folder)
        except Failed as failed:
            return self._failed(failed, request, result)
        finally:
            result.requests += client.requests - before[0]
            result.retries += client.retries - before[1]
            result.bytes += client.bytes - before[2]
        result.answered += 1
        return "answered"

    def _receive(self, request: Request, result: Result, folder: Path) -> None:
        """Sends a request to its last page, and archives what the response says that is new."""
        try:
            pages = self._pages(request, folder)
        except Failed as failed:
            if failed.trouble != "nothing":
                raise
            self._nothing(request, result, failed)
            return
        if not any(page.rows for page in pages):
            self._nothing(request, result, Failed("nothing", "a response without rows", pages[0].response))
            return
        held = self._held_of(request.dataset)
        try:
            notes = check(held, request, [page.table for page in pages], trust=self._options.trust)
        except Refused as reason:
            raise Failed("refused", self._client.secret.blank(str(reason)), pages[-1].response) from None
        archived = False
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        day = self._known_from(pages, now.date())
        withdrawn = held.withdrawn(day)
        result.withdrawn += len(withdrawn)
        for number, page in enumerate(pages):
            news = held.news(day, number)
            result.count(news)
            result.notes += [note for note in page.reading.notes if note not in result.notes]
            manifest = self._manifest(page, notes, now, day)
            if gone := withdrawn if page is pages[-1] else []:
                manifest.parameters["withdrawn"] = gone
            if news.is_news or gone:
                try:
                    snapshot = snapshots.archive(self._project, manifest, page.response.content)
                except snapshots.UnreadableManifest as error:
                    raise Failed("refused", self._client.secret.blank(str(error)), page.response) from None
                held.add(snapshot, number)
                result.archived.append(snapshot.id)
                archived = True
        self._log.answer(self._source.code, request, self._clock.now(), "archived" if archived else "confirmed")

    def _known_from(self, pages: Sequence[_Page], today: date) -> date:
        """The day from which a response is known: that of the release, if the publisher states one.

        Nobody knows a figure before it is released, whatever date stands there. What differs from an answer that was
        given since that release is known from today.
        """
        published = max((page.reading.published_at for page in pages if page.reading.published_at), default=today)
        answered = self._log.answered_about(pages[0].request)
        return today if published > today or (answered and answered.date() >= published) else published

    def _nothing(self, request: Request, result: Result, failed: Failed) -> None:
        try:
            check_nothing(self._held_of(request.dataset), request)
        except Refused as reason:
            raise Failed("refused", f"{reason} ({failed.reason})", failed.response) from None
        result.nothing += 1
        self._log.answer(self._source.code, request, self._clock.now(), "nothing")

    def _pages(self, request: Request, folder: Path) -> list[_Page]:
        """The response to a request, from its first page to its last."""
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
            if len(pages) > MOST_PAGES:
                raise Failed("refused", f"more than {MOST_PAGES} pages", page.response)
            following += page.reading.more
        return pages

    def _page(self, request: Request, table: Path) -> _Page:
        dataset = sources.dataset(request.dataset)

        def read(response: Response) -> tuple[Reading, int]:
            reading = responses.reading(self._api, request, response)
            try:
                return reading, raw.write_table(reading.rows, dataset, table)
            except ValueError as error:
                raise Unusable("refused", str(error)) from error

        response, (reading, rows) = self._client.ask(request, read)
        return _Page(request, response, reading, rows, table, self._client.blanked)

    def _failed(self, failed: Failed, request: Request, result: Result) -> Outcome:
        # A publisher that takes no key turns us away for another reason, which a person should see.
        if failed.trouble == "key" and self._api.key is not None:
            if self._key:
                self._stop("key", f"the key is not accepted ({failed.reason}). {self._api.key.how}")
            else:
                variable = self._source.key_variable
                self._stop("no key", f"not without a key ({failed.reason}): set {variable}. {self._api.key.how}")
            return "stop"
        if failed.trouble == "address":
            self._stop("address", f"it turns away whoever asks from here ({failed.reason})")
            return "stop"
        if failed.trouble == "quota":
            if failed.until is not None:
                self._log.pause(self._source.code, failed.until, failed.reason)
            self._stop("quota", f"no more for now ({failed.reason}); the next refresh goes on from here")
            return "stop"
        if failed.trouble == "unreachable":
            self._stop("silence", failed.reason)
            return "stop"
        passing_trouble = failed.trouble in PASSING
        reason = f"{failed.reason} ({self._options.retries.attempts} times)" if passing_trouble else failed.reason
        if failed.response is None:
            result.unanswered.append(f"{request.subject}: {reason}")
            return "silent"
        address = request.address(self._client.base)
        result.refusals.append(
            refused.keep(self._project, request, address, failed.response, reason, self._clock.now())
        )
        if failed.trouble == "moved":
            # Every other request would be sent on as well.
            where = f"{self._source.homepage} may say where it is; set {self._source.address_variable}"
            self._stop("moved", f"{failed.reason}; {where}")
            return "stop"
        return "silent" if passing_trouble else "refused"

    def _stop(self, kind: Stopped, why: str) -> None:
        for result in self._results.values():
            if not result.is_over:
                result.stopped, result.skipped = kind, why

    def _held_of(self, path: str) -> HeldFigures:
        if path not in self._held:
            self._held[path] = self._open.enter_context(HeldFigures(self._project, sources.dataset(path)))
        return self._held[path]

    def _manifest(self, page: _Page, notes: Iterable[str], now: datetime, day: date) -> Manifest:
        dataset = sources.dataset(page.request.dataset)
        headers = {name: page.response.headers[name] for name in KEPT_HEADERS if name in page.response.headers}
        blanked = ["The publisher repeated the key in its response; it is blanked out."] if page.blanked else []
        return Manifest(
            source=self._source.code,
            dataset=dataset.name,
            title=dataset.title,
            url=page.request.address(self._client.base),
            parameters=page.request.parameters | {"headers": headers},
            retrieved_at=now,
            published_at=page.reading.published_at,
            edition=page.reading.edition,
            known_from=day,
            obtained=f"API of {self._source.title}",
            form="answer",
            file=f"answer{refused.suffix(page.response)}",
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
    response: Response
    reading: Reading
    rows: int
    table: Path
    blanked: bool
