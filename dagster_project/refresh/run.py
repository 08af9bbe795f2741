"""Run a refresh: send the planned requests, check each response, and archive accepted responses as snapshots.

A refused response changes nothing: the last accepted snapshot stays in use. A refresh may be interrupted anywhere. The
next refresh continues, because a request with a recent response is not sent again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

from dagster_project import publication, raw, snapshots, sources
from dagster_project.files import remove_at_end
from dagster_project.project import Project
from dagster_project.refresh import notices, refused
from dagster_project.refresh.acceptance import StoredFigures, check_response
from dagster_project.refresh.client import Client
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import (
    Options,
    StopReason,
    find_asked_sources,
    list_chosen_datasets,
    plan_source,
    read_settings,
)
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import PASSING, RequestFailed, read_retry_after
from dagster_project.settings import Settings
from dagster_project.snapshots import Licence, Manifest
from dagster_project.sources import ParsedResponse, Request, Response, Source, Unusable, responses
from dagster_project.sources.responses import MOST_PAGES

# The requests in a row without a usable response after which a publisher is not asked again in this refresh.
PATIENCE = 3
# The longest pause, in seconds, that a publisher can demand: a month.
LONGEST_PAUSE = 30 * 86_400.0
# The headers that are stored with a response.
KEPT_HEADERS = ("content-type", "last-modified", "etag", "content-disposition")

# For each kind of failure that ends the refresh of a publisher: the kind of reason, and the message.
ENDINGS: dict[str, tuple[StopReason, str]] = {
    "key": ("key", "the key is not accepted ({reason}). {how}"),
    "no key": ("no key", "the publisher requires a key ({reason}): set {source.key_variable}. {how}"),
    "address": ("address", "the publisher blocks requests from this address ({reason})"),
    "quota": ("quota", "the quota is used up for now ({reason}); the next refresh continues from here"),
    "unreachable": ("silence", "{reason}"),
    "setting": ("setting", "{reason}"),
    "moved": ("moved", "{reason}; look for the new address at {source.homepage} and set {source.address_variable}"),
}

Step = Callable[[str, str, int], None]


def run_refresh(
    project: Project,
    codes: Sequence[str] | None = None,
    options: Options | None = None,
    *,
    on_step: Step = lambda _stage, _detail, _total: None,
    on_wait: Callable[[str], None] = lambda _code: None,
) -> list[Result]:
    """Request new figures from the publishers, and archive the accepted responses.

    Args:
        project: The project with the warehouse.
        codes: The codes of the sources to refresh. Default: all sources with an API.
        options: The options of the refresh.
        on_step: Called before each request with the source's code, the series, and the number of planned requests.
        on_wait: Called with a source's code if another refresh of the source must end first.

    Returns:
        A result for each chosen dataset.

    Raises:
        BilateralError: `bilateral.toml` is invalid, or one of the codes belongs to no source.
    """
    options = options or Options()
    settings = read_settings(project)
    results = []
    with Log(project) as log:
        # Sources with invalid settings come first, so that their errors are known before any request is sent.
        plans = [plan_source(source, settings, log, options) for source in find_asked_sources(codes)]
        for source in [one.source for one in sorted(plans, key=lambda one: one.stopped != "setting")]:
            # Only one refresh at a time asks a publisher.
            lock = project.archive / f"refresh.{source.code}.lock"
            with publication.lock_warehouse(project, lock, on_wait=partial(on_wait, source.code)):
                results += _Run(project, source, settings, log, options).refresh_datasets(on_step)
    notices.notify_refresh(project, results, options)
    return results


@dataclass(frozen=True)
class _Page:
    """A parsed page of a response; `table` is the CSV file of its rows; `blanked` means that it had the user's key."""

    request: Request
    response: Response
    parsed: ParsedResponse
    rows: int
    table: Path
    blanked: bool


class _Stop(Exception):
    """Raised to stop asking a publisher in this run."""


class _Run:
    """The refresh of one source: send its planned requests and archive the responses."""

    def __init__(self, project: Project, source: Source, settings: Settings, log: Log, options: Options) -> None:
        self._project = project
        self._source = source
        self._api = source.get_api()
        self._log = log
        self._options = options
        self._clock = options.clock
        self._client = Client(source, log, options)
        self._plan = plan_source(source, settings, log, options)
        self._results = {path: Result(source.code, path) for path in list_chosen_datasets(source, options)}
        # The stored figures of each dataset, loaded when the first response comes.
        self._held: dict[str, StoredFigures] = {}
        self._open = ExitStack()
        self._silent_in_a_row = 0

    def refresh_datasets(self, on_step: Step) -> list[Result]:
        for result in self._results.values():
            result.stopped, result.skipped = self._plan.stopped, self._plan.skipped
            result.planned = sum(one.request.dataset == result.dataset for one in self._plan.requests)
        if self._plan.requests:
            with self._open, suppress(_Stop):
                try:
                    self._open.enter_context(self._client)
                except RequestFailed as failed:
                    self._stop_asking("setting", failed.reason)
                self._send_all(on_step)
        for result in self._results.values():
            if result.requests + result.already:
                self._log.record_result(result.dataset, self._clock.now(), result.record)
        return list(self._results.values())

    def _send_all(self, on_step: Step) -> None:
        # For each subject of which all days are planned, the number of requests without a response.
        waiting = Counter(one.request.subject for one in self._plan.requests if one.whole_since)
        asked_now: set[str] = set()
        for one in self._plan.requests:
            subject, result = one.request.subject, self._results[one.request.dataset]
            on_step(self._source.code, subject, len(self._plan.requests))
            if one.answered_at is not None:
                result.already += 1
            elif self._handle_request(one.request, result):
                asked_now.add(subject)
            else:
                continue
            if one.whole_since is not None:
                waiting[subject] -= 1
                if not waiting[subject] and subject in asked_now:
                    self._log.record_whole_span(self._source.code, subject, one.whole_since, self._clock.now())

    def _handle_request(self, request: Request, result: Result) -> bool:
        """Send a request and handle its response; return whether the response was accepted.

        Raises:
            _Stop: The publisher must not be asked again in this refresh.
        """
        before = self._client.used.copy()
        try:
            with remove_at_end(Path(tempfile.mkdtemp(prefix="bilateral-"))) as folder:
                outcome = self._receive_response(request, result, folder)
            self._log.record_response(self._source.code, request, self._clock.now(), outcome)
        except RequestFailed as failed:
            self._record_failure(failed, request, result)
            return False
        finally:
            result.add_counts(self._client.used - before)
        self._silent_in_a_row = 0
        result.answered += 1
        return True

    def _receive_response(self, request: Request, result: Result, folder: Path) -> str:
        """Request all pages, archive pages with new figures, and return the outcome for `Log.record_response`."""
        try:
            pages = self._receive_pages(request, folder)
        except RequestFailed as failed:
            if failed.trouble != "nothing":
                raise
            if count := self._find_held(request.dataset).count_figures(request):
                reason = f"the publisher has no figures, but {count:,} are stored for this request ({failed.reason})"
                raise RequestFailed("refused", reason, failed.response) from None
            result.nothing += 1
            return "nothing"
        held = self._find_held(request.dataset)
        try:
            notes = check_response(held, request, [page.table for page in pages], trust=self._options.trust)
            return "archived" if self._archive_pages(pages, held, notes, result) else "confirmed"
        except (Unusable, snapshots.UnreadableManifest) as reason:
            raise RequestFailed("refused", self._client.secret.blank_text(str(reason)), pages[-1].response) from None

    def _receive_pages(self, request: Request, folder: Path) -> list[_Page]:
        """Request all pages of a response, from the first to the last."""
        ask = self._options.retries.build_retrying(self._clock, on_retry=lambda: self._client.used.update(["retries"]))
        pages: list[_Page] = []
        following = [request]
        while following:
            try:
                page = ask(self._receive_page, following.pop(0), folder / f"{len(pages)}.csv")
            except RequestFailed as failed:
                # After a page with figures one without only means that no more pages follow.
                if failed.trouble == "nothing" and pages:
                    break
                raise
            pages.append(page)
            if len(pages) > MOST_PAGES:
                raise RequestFailed("refused", f"more than {MOST_PAGES} pages", page.response)
            following += page.parsed.more
        if not any(page.rows for page in pages):
            raise RequestFailed("nothing", "the response has no rows", pages[0].response)
        return pages

    def _receive_page(self, request: Request, table: Path) -> _Page:
        """Request a page once, and write its rows to the CSV file `table`."""
        response = self._client.send_request(request)
        try:
            parsed = responses.apply_reader(self._api, request, response)
            rows = raw.write_table(parsed.rows, sources.find_dataset(request.dataset), table)
        except Unusable as error:
            trouble, reason = error.trouble, self._client.secret.blank_text(error.reason)
            demanded = read_retry_after(response, self._clock.now()) if error.after is None else error.after
            after = None if demanded is None else min(demanded, LONGEST_PAUSE)
            if trouble == "again" and after is not None and after > self._options.retries.longest_wait:
                trouble, reason = "quota", f"{reason}; the publisher demands a pause of {after:.0f} seconds"
            raise RequestFailed(trouble, reason, response, after) from None
        return _Page(request, response, parsed, rows, table, self._client.blanked)

    def _archive_pages(self, pages: Sequence[_Page], held: StoredFigures, notes: list[str], result: Result) -> bool:
        """Archive the pages with new, changed or withdrawn figures; return whether any page was archived."""
        now = self._clock.now().astimezone(UTC).replace(microsecond=0)
        day = self._find_known_day(pages, now.date())
        withdrawn = held.list_withdrawn(day)
        result.withdrawn += len(withdrawn)
        before = len(result.archived)
        for number, page in enumerate(pages):
            news = held.count_changes(day, number)
            result.add_counts(news)
            result.notes += [note for note in page.parsed.notes if note not in result.notes]
            gone = withdrawn if page is pages[-1] else []
            if gone or news["new"] or news["changed"] or news["withdrawn"]:
                manifest = self._build_manifest(page, notes, now, day)
                if gone:
                    manifest.parameters["withdrawn"] = gone
                snapshot = snapshots.archive_snapshot(self._project, manifest, page.response.content)
                held.add_snapshot(snapshot, number)
                result.archived.append(snapshot.id)
        return len(result.archived) > before

    def _find_known_day(self, pages: Sequence[_Page], today: date) -> date:
        """Return the day from which a response's figures are known: the day of the release, if the publisher states it.

        The day is today if no day is stated, or if the stated day is in the future. It is also today if a response
        about the same series came since the release, because that response did not have the new figures yet.
        """
        published = max((page.parsed.published_at for page in pages if page.parsed.published_at), default=today)
        answered = self._log.find_last_response_about(pages[0].request)
        return today if published > today or (answered and answered.date() >= published) else published

    def _record_failure(self, failed: RequestFailed, request: Request, result: Result) -> None:
        """Record the reason why a request got no usable response.

        Raises:
            _Stop: Other requests to this publisher would fail, too.
        """
        trouble, reason, response, key = failed.trouble, failed.reason, failed.response, self._api.key
        times = f"{failed.attempts} times" if failed.attempts > 1 else "once"
        if trouble == "again" and response is not None and response.status == 429:
            trouble, reason = "quota", f"{reason}, {times}"
        elif trouble in {"again", "no response"}:
            reason = f"{reason} ({times})"
        # If a publisher takes no key, a status such as 401 has another cause, so the response is stored as refused.
        name = "no key" if trouble == "key" and not self._client.key else trouble
        ending = None if trouble == "key" and key is None else ENDINGS.get(name)
        if response is None and ending is None:
            result.unanswered.append(f"{request.subject}: {reason}")
        elif response is not None and (ending is None or trouble == "moved"):
            address = request.build_address(self._client.base)
            kept = refused.store_refused(self._project, request, address, response, reason, self._clock.now())
            result.refusals.append(kept)
        if ending is not None:
            if trouble == "quota" and failed.after is not None:
                self._log.record_pause(self._source.code, self._clock.now() + timedelta(seconds=failed.after), reason)
            kind, words = ending
            self._stop_asking(kind, words.format(reason=reason, source=self._source, how=key.how if key else ""))
        self._silent_in_a_row = self._silent_in_a_row + 1 if trouble in PASSING else 0
        if self._silent_in_a_row == PATIENCE:
            self._stop_asking("silence", f"{PATIENCE} requests in a row got no usable response")

    def _stop_asking(self, kind: StopReason, why: str) -> NoReturn:
        """Stop the refresh of this source, and record the reason for each dataset with open requests."""
        for result in self._results.values():
            if not result.is_over:
                result.stopped, result.skipped = kind, why
        raise _Stop

    def _find_held(self, path: str) -> StoredFigures:
        if path not in self._held:
            self._held[path] = self._open.enter_context(StoredFigures(self._project, sources.find_dataset(path)))
        return self._held[path]

    def _build_manifest(self, page: _Page, notes: list[str], now: datetime, day: date) -> Manifest:
        dataset = sources.find_dataset(page.request.dataset)
        headers = {name: page.response.headers[name] for name in KEPT_HEADERS if name in page.response.headers}
        blanked = ["The publisher repeated the key in its response; it is blanked out."] if page.blanked else []
        return Manifest(
            source=self._source.code,
            dataset=dataset.name,
            title=dataset.title,
            url=page.request.build_address(self._client.base),
            parameters=page.request.parameters | {"headers": headers},
            retrieved_at=now,
            published_at=page.parsed.published_at,
            edition=page.parsed.edition,
            known_from=day,
            obtained=f"API of {self._source.title}",
            form="answer",
            file=f"answer{refused.choose_suffix(page.response)}",
            media_type=headers.get("content-type", "application/octet-stream").partition(";")[0].strip(),
            row_count=page.rows,
            columns=dataset.column_names,
            licence=Licence(*self._api.licence),
            citation=self._api.citation,
            notes=[*page.parsed.notes, *notes, *blanked],
        )
