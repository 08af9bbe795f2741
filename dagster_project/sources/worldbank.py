"""The World Bank: World Development Indicators (WDI), by economy and year, release by release.

The Bank publishes four releases a year, each indicator in its own unit; the July release is the first with last year's
figures. A release may rewrite decades (rebased accounts, new purchasing powers), so all years are requested each time.

The Indicators API (version 2) needs no key and sends JSON in pages. It reports errors with HTTP 200, sends a page of
HTML with HTTP 400 when it is busy, and returns a row for each economy and year even if there is no figure. A row
without a figure is kept: if an earlier release had a figure, it has been withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from dagster_project.settings import Description, Economy, FirstYear, Pattern, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import (
    MOST_PAGES,
    check_fields,
    check_records,
    check_status,
    parse_count,
    parse_day,
    parse_json,
)

# The economies that the World Bank does not have; a request that names one may get no figures of the others either.
UNKNOWN = frozenset({"TWN"})
SOURCE_ID = "2"
# The rows of a page. A request for 32,501 rows works, one for 50,000 gets a page of HTML.
PER_PAGE = 20_000

_COUNTS = ("page", "pages", "total")
_HEAD = (*_COUNTS, "per_page")
_HEAD_KNOWN = ("sourceid", "sourcename", "lastupdated")
_ROW = ("indicator", "country", "countryiso3code", "date", "value")
_ROW_KNOWN = ("unit", "obs_status", "decimal", "scale", "footnote")
# The error codes after which the same request may succeed later: unavailable service, unknown reason.
_PASSING = frozenset({"105", "199"})


@dataclass(frozen=True, kw_only=True)
class WorldBank(SourceSettings):
    """World Bank, World Development Indicators."""

    indicators: Annotated[
        tuple[Annotated[str, Pattern(r"^\w[\w.]*$")], ...], Description("The World Bank's codes of the indicators.")
    ] = ()
    economies: Annotated[
        tuple[Economy, ...], Description("The economies to request; empty for those of the pairs, and the donors.")
    ] = ()
    first_year: FirstYear = 1960


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan one request for each indicator, for the economies in the source's setting `economies`.

    By default, these are the economies in `pairs` and `donors`; if `world` is set, all that the World Bank has.
    """
    wanted = settings.get_source_settings(WorldBank).economies or (() if settings.world else settings.economies)
    economies = tuple(economy for economy in wanted if economy not in UNKNOWN)
    for indicator in settings.get_source_settings(WorldBank).indicators:
        first, last = window(indicator)
        years = (str(first.year), str(last.year))
        yield Request(
            dataset="worldbank/wdi",
            path=f"/country/{';'.join(economies) or 'all'}/indicator/{indicator}",
            subject=indicator,
            query=(("format", "json"), ("date", ":".join(years)), ("per_page", str(PER_PAGE)), ("page", "1")),
            accept="application/json",
            only={"indicator_code": (indicator,), **({"economy_code": economies} if economies else {})},
            periods=years,
            period_column="year",
        )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a page into one row for each economy and year; the first page also gives the requests for the others.

    Raises:
        Unusable: Of the kind `again` for a page of HTML or an unavailable service; `nothing` if there are no figures at
            all; `refused` for an error in our request, a missing field, a source other than WDI, a page that was not
            requested, or a page with fewer rows than announced.
    """
    if response.status == 400 and response.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise Unusable("again", "HTTP 400 and a page of HTML, which the World Bank sends when it is busy")
    check_status(response)
    head, rows = _split_response(parse_json(response))
    notes = check_fields([head], _HEAD, _HEAD_KNOWN)
    # Some of the counts are sometimes sent as text.
    page, pages, total = (parse_count(head[name], name) for name in _COUNTS)
    if total == 0 or (page == 1 and not rows):
        raise Unusable("nothing", f"the World Bank has no rows for {request.subject}")
    _check_page(request, head, rows, (page, pages, total))
    figures, noted = _read_rows(rows)
    if pages == 1 and not any(figure[-1] for figure in figures):
        raise Unusable("nothing", f"none of the {len(rows)} rows for {request.subject} has a figure")
    return ParsedResponse(
        figures,
        published_at=parse_day(head.get("lastupdated")),
        notes=(*notes, *noted),
        more=tuple(_request_page(request, number) for number in range(2, pages + 1)) if page == 1 else (),
    )


def describe_indicator(response: Response) -> dict[str, str]:
    """Build the row of `warehouse/reference/indicators.csv` for the indicator of a response.

    The World Bank writes the unit in the first brackets after the name: `Services, value added (% of GDP)`.
    """
    _, rows = _split_response(parse_json(response))
    named: dict[str, Any] = next((row["indicator"] for row in rows if isinstance(row, dict) and "indicator" in row), {})
    label = str(named.get("value") or named.get("id"))
    unit = re.search(r"\((.+?)\)", label)
    return {"indicator_code": str(named.get("id")), "label": label, "unit": unit[1] if unit else "not stated"}


def _split_response(content: Any) -> tuple[dict[str, Any], list[Any]]:
    """Split a response into its head, with the counts of pages and rows, and its rows.

    Raises:
        Unusable: The response is an error, or has another form.
    """
    match content:
        case [{"message": [dict() as said, *_]}]:
            told = f"the World Bank says (error {said.get('id')}): {said.get('key')}: {said.get('value')}"
            raise Unusable("again" if str(said.get("id")) in _PASSING else "refused", told)
        case [dict() as head, list() as rows]:
            return head, rows
        case [dict() as head, None]:
            return head, []
        case _:
            raise Unusable("refused", "expected a JSON list of two items: a head and a list of rows")


def _check_page(request: Request, head: dict[str, Any], rows: list[Any], counts: tuple[int, int, int]) -> None:
    page, pages, total = counts
    asked = int(dict(request.query).get("page", "1"))
    if page != asked:
        raise Unusable("refused", f"page {page} came, but page {asked} was requested")
    if pages > MOST_PAGES:
        raise Unusable("refused", f"{pages:,} pages; at most {MOST_PAGES:,} are expected")
    # Beyond the last page, the service sends a wrong number of pages and an empty list.
    if not rows:
        raise Unusable("refused", f"page {page} is empty, although the first page announced it")
    # Every page but the last is full.
    per_page = parse_count(head["per_page"], "per_page")
    expected = min(per_page, total - per_page * (page - 1))
    if len(rows) != expected:
        raise Unusable("refused", f"page {page} of {pages} has {len(rows)} rows instead of {expected}")
    if str(head.get("sourceid") or SOURCE_ID) != SOURCE_ID:
        raise Unusable("refused", f"figures of source {head['sourceid']} instead of {SOURCE_ID} (WDI)")


def _read_rows(rows: list[Any]) -> tuple[list[tuple[str | None, ...]], list[str]]:
    figures: list[tuple[str | None, ...]] = []
    notes = dict.fromkeys(check_fields(check_records(rows, ("countryiso3code", "date", "value")), _ROW, _ROW_KNOWN))
    nameless: dict[str, None] = {}
    for row in rows:
        if row.get("obs_status"):
            notes[f"figures with the status {row['obs_status']}"] = None
        indicator, economy = _read_indicator(row), row["countryiso3code"]
        if not economy:
            # "Not classified" and some aggregates have no code of three letters, so they cannot be stored.
            nameless[str(row["country"].get("value"))] = None
            continue
        figures.append((indicator, str(economy), str(row["date"]), _read_number(row["value"])))
    if nameless:
        notes[f"left out because they have no code: {', '.join(nameless)}"] = None
    return figures, list(notes)


def _read_indicator(row: dict[str, Any]) -> str:
    match row:
        case {"country": {"id": str()}, "indicator": {"id": str(indicator)}}:
            return indicator
        case _:
            raise Unusable("refused", "the fields country.id or indicator.id are missing")


def _read_number(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Unusable("refused", f"a value that is not a number: {value!r}")
    return str(value)


def _request_page(request: Request, number: int) -> Request:
    query = tuple((name, str(number) if name == "page" else value) for name, value in request.query)
    return replace(request, query=query, subject=f"{request.subject} page {number}")


API = read_api(
    "worldbank",
    settings=WorldBank,
    plan=plan_requests,
    read=read_response,
    completes={"indicators": describe_indicator},
)
