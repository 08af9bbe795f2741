"""The World Bank: World Development Indicators (WDI), by economy and year, release by release.

The Bank publishes four releases a year, each indicator in a unit of its own; that of July is the first with the year
before. A release may rewrite decades (rebased accounts, new purchasing powers), so all years are asked for each time.

The Indicators API (version 2) needs no key and answers JSON in pages. It says what went wrong with HTTP 200, sends a
page of HTML with HTTP 400 when it is busy, and gives a row to each economy and year whether there is a figure or not. A
row without a figure is kept: if an earlier release had one, it has been withdrawn.

Not here: what an indicator means (`sql/staging`, `warehouse/reference/indicators.csv`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from dagster_project.settings import Description, Economy, FirstYear, Pattern, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import Reading, Request, Response, Unusable
from dagster_project.sources.responses import (
    MOST_PAGES,
    check_fields,
    check_records,
    check_status,
    parse_count,
    parse_day,
    parse_json,
)

# The World Bank has no figures for these, and an economy that it does not know may spoil the response for the others.
UNKNOWN = frozenset({"TWN"})
SOURCE_ID = "2"
# 32,501 rows work, 50,000 are answered with a page of HTML.
PER_PAGE = 20_000

_COUNTS = ("page", "pages", "total")
_HEAD = (*_COUNTS, "per_page")
_HEAD_KNOWN = frozenset({*_HEAD, "sourceid", "sourcename", "lastupdated"})
_ROW = ("indicator", "country", "countryiso3code", "date", "value")
_ROW_KNOWN = frozenset({*_ROW, "unit", "obs_status", "decimal", "scale", "footnote"})
# Codes of errors after which the same request may be answered: the service is away, or does not know why.
_PASSING = frozenset({"105", "199"})


@dataclass(frozen=True, kw_only=True)
class WorldBank(SourceSettings):
    """World Bank, World Development Indicators."""

    indicators: Annotated[
        tuple[Annotated[str, Pattern(r"^\w[\w.]*$")], ...], Description("The World Bank's codes of the indicators.")
    ] = ()
    economies: Annotated[tuple[Economy, ...], Description("Empty asks for every economy of the pairs and donors.")] = ()
    first_year: FirstYear = 1960


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan one request an indicator, for all economies: those of the pairs and the donors, unless others are named.

    With the world turned on, whoever the World Bank knows, its aggregates as well.
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


def read_response(request: Request, response: Response) -> Reading:
    """Read the rows of a page, and the requests for the other pages.

    Raises:
        Unusable: `again` for HTML (which comes with HTTP 400 and a byte order mark at times), a service that is away or
            a list cut short; `nothing` if there are no figures at all; `refused` for an error of ours in the request,
            a missing field, another source than WDI, a page that was not asked for or has fewer rows than it says.
    """
    if response.status == 400 and response.content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        raise Unusable("again", "HTTP 400 and a page of HTML, which the World Bank sends when it is busy")
    check_status(response)
    head, rows = _split_response(parse_json(response))
    notes = check_fields([head], _HEAD, _HEAD_KNOWN)
    # Some of the counts come as text at times.
    page, pages, total = (parse_count(head[name], name) for name in _COUNTS)
    if total == 0 or (page == 1 and not rows):
        raise Unusable("nothing", f"the World Bank has no rows for {request.subject}")
    _check_page(request, head, rows, (page, pages, total))
    figures, noted = _read_rows(rows)
    if pages == 1 and not any(figure[-1] for figure in figures):
        raise Unusable("nothing", f"none of the {len(rows)} rows for {request.subject} has a figure")
    return Reading(
        figures,
        published_at=parse_day(head.get("lastupdated")),
        notes=(*notes, *noted),
        more=tuple(_request_page(request, number) for number in range(2, pages + 1)) if page == 1 else (),
    )


def describe_indicator(response: Response) -> dict[str, str]:
    """Return what a response calls its indicator, for one that `warehouse/reference/indicators.csv` does not have.

    The World Bank says the unit in brackets after the name, the first of them if there are several.
    """
    _, rows = _split_response(parse_json(response))
    named: dict[str, Any] = next((row["indicator"] for row in rows if isinstance(row, dict) and "indicator" in row), {})
    label = str(named.get("value") or named.get("id"))
    unit = re.search(r"\((.+?)\)", label)
    return {"indicator_code": str(named.get("id")), "label": label, "unit": unit[1] if unit else "not stated"}


def _split_response(content: Any) -> tuple[dict[str, Any], list[Any]]:
    """Return the head of a response and its rows.

    Raises:
        Unusable: It is an error, or has another form.
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
            raise Unusable("refused", "JSON of another form than a head and a list of rows")


def _check_page(request: Request, head: dict[str, Any], rows: list[Any], counts: tuple[int, int, int]) -> None:
    page, pages, total = counts
    asked = int(dict(request.query).get("page", "1"))
    if page != asked:
        raise Unusable("refused", f"page {page}, where page {asked} was asked for")
    if pages > MOST_PAGES:
        raise Unusable("refused", f"{pages:,} pages, where there are {MOST_PAGES:,} at most")
    # Past the last page the count of pages is wrong and the list empty.
    if not rows:
        raise Unusable("refused", f"page {page} is empty, though an earlier one counted on it")
    # Every page but the last is full.
    per_page = parse_count(head["per_page"], "per_page")
    expected = min(per_page, total - per_page * (page - 1))
    if len(rows) != expected:
        raise Unusable("refused", f"{len(rows)} rows, where {expected} belong on page {page} of {pages}: it is cut")
    if str(head.get("sourceid") or SOURCE_ID) != SOURCE_ID:
        raise Unusable("refused", f"figures of source {head['sourceid']}, where {SOURCE_ID} is WDI")


def _read_rows(rows: list[Any]) -> tuple[list[tuple[str | None, ...]], list[str]]:
    figures: list[tuple[str | None, ...]] = []
    notes = dict.fromkeys(check_fields(check_records(rows, ("countryiso3code", "date", "value")), _ROW, _ROW_KNOWN))
    nameless: dict[str, None] = {}
    for row in rows:
        if row.get("obs_status"):
            notes[f"figures with the status {row['obs_status']}"] = None
        indicator, economy = _read_indicator(row), row["countryiso3code"]
        if not economy:
            # "Not classified" and some aggregates have no code of three letters, and so no place here.
            nameless[str(row["country"].get("value"))] = None
            continue
        figures.append((indicator, str(economy), str(row["date"]), _read_number(row["value"])))
    if nameless:
        notes[f"left out, without a code: {', '.join(nameless)}"] = None
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
        raise Unusable("refused", f"a value that is no number: {value!r}")
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
