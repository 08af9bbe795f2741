"""The Korea Customs Service: Korea's trade in goods by partner and month, the most recent Korean figures.

Customs publishes a month about the 15th of the next one: totals by partner, by heading of the Harmonized System, and by
end use; exports FOB and imports CIF, in US$ and kg. Provisional totals of ten partners come every ten days, in thousand
US$ (the flash). Months are corrected until the year is closed in the following February.

The gateway of data.go.kr (`gateway`) offers the API. Its key is free, but each service must be applied for separately.
A request covers at most twelve months; for the flash, ten years. For a code of the Harmonized System the API returns
the codes that are two digits longer; it adds rows of totals, and writes months as 2026.01. The flash does not name its
partners: their order is in the documentation, and differs between exports and imports.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from dagster_project.settings import Description, FirstYear, HarmonizedSystem, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api, read_dataset
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.gateway import read_items
from dagster_project.sources.responses import check_fields

GOODS_MONTHLY, GOODS_MONTHLY_HS = "kcs/goods_monthly", "kcs/goods_monthly_hs"
GOODS_MONTHLY_END_USE, GOODS_FLASH = "kcs/goods_monthly_end_use", "kcs/goods_flash"
# The part of the URL after the base address, by dataset.
PATHS = {
    GOODS_MONTHLY: "/nationtrade/getNationtradeList",
    GOODS_MONTHLY_HS: "/nitemtrade/getNitemtradeList",
    GOODS_MONTHLY_END_USE: "/ntempertrade/getNtempertradeList",
}

EXPORTS, IMPORTS = "수출", "수입"

# For each flow of the flash: its name, the operation of the API, and the partners in the order of the columns.
FLASH = {
    EXPORTS: ("exports", "ExpAcrs", ("WLD", "CN", "US", "EU", "VN", "HK", "JP", "TW", "IN", "SG", "MY")),
    IMPORTS: ("imports", "ImpAcrs", ("WLD", "CN", "US", "EU", "JP", "VN", "AU", "TW", "SA", "RU", "MY")),
}
# The most months of a request, also for the flash.
MONTHS_A_CALL, MONTHS_OF_FLASH = 12, 120
TOTAL = "총계"
# The codes of end uses. Those of the API's newer service, nnewtempertrade, have other lengths and meanings.
END_USE = re.compile(r"[0-9A-Za-z]{5}")
PERIOD = re.compile(r"(\d{4})\.(\d{2})")
FLASH_MONTH, FLASH_DAYS = re.compile(r"(\d{4})(0[1-9]|1[0-2])"), re.compile(r"01~(\d{2})")


@dataclass(frozen=True, kw_only=True)
class Kcs(SourceSettings):
    """Korea Customs Service."""

    products: Annotated[
        tuple[Annotated[str, HarmonizedSystem()], ...], Description("HS codes of 2, 4 or 6 digits, by partner.")
    ] = ()
    end_use: Annotated[bool, Description("Whether to ask for the end-use classification.")] = True
    flash: Annotated[bool, Description("Whether to ask for the ten-day flash, applied for separately.")] = False
    first_year: FirstYear = 2015


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan requests for Korea's months: totals for all partners; products and end uses for pairs; and the flash."""
    if "KOR" not in settings.reporters:
        return
    for partner in settings.list_partners("KOR"):
        if partner != "WLD":
            yield from _plan_calls(settings, window, GOODS_MONTHLY, f"KOR-{partner}", partner)
    own = settings.get_source_settings(Kcs)
    for partner in [partner for reporter, partner in settings.directions if reporter == "KOR"]:
        # The API returns the codes that are two digits longer than the request; a chapter (85) returns its headings.
        for parent in dict.fromkeys(product[:-2] or product for product in own.products):
            asked, only = (("hsSgn", parent),), {"parent_code": (parent,)}
            yield from _plan_calls(
                settings, window, GOODS_MONTHLY_HS, f"KOR-{partner} HS {parent}", partner, asked, only
            )
        for code, flow, named in (("1", EXPORTS, "exports"), ("2", IMPORTS, "imports")) if own.end_use else ():
            asked, only = (("imexTpcd", code),), {"flow": (flow,)}
            subject = f"KOR-{partner} end use {named}"
            yield from _plan_calls(settings, window, GOODS_MONTHLY_END_USE, subject, partner, asked, only)
    for flow, (named, operation, _) in FLASH.items() if own.flash else ():
        subject = f"KOR flash {named}"
        for start, end in _split_span(*window(subject), MONTHS_OF_FLASH):
            yield Request(
                dataset=GOODS_FLASH,
                path=f"/cntyMmUtPrvi{operation}/getCntyMmUtPrvi{operation}",
                subject=subject,
                query=(("strtYymm", f"{start:%Y%m}"), ("endYymm", f"{end:%Y%m}")),
                accept="application/xml",
                only={"flow": (flow,)},
                periods=(f"{start:%Y-%m}", f"{end:%Y-%m}"),
                period_column="month",
            )


def _plan_calls(
    settings: Settings,
    window: Window,
    dataset: str,
    subject: str,
    partner: str,
    query: tuple[tuple[str, str], ...] = (),
    only: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Request]:
    """Plan the requests for the months of a series (`subject`), oldest first."""
    code = settings.find_code("iso2", partner)
    first, last = window(subject)
    for start, end in _split_span(first, last, MONTHS_A_CALL):
        yield Request(
            dataset=dataset,
            path=PATHS[dataset],
            subject=subject,
            query=(("strtYymm", f"{start:%Y%m}"), ("endYymm", f"{end:%Y%m}"), *query, ("cntyCd", code)),
            accept="application/xml",
            only={"partner_iso2": (code,), **(only or {})},
            periods=(f"{start:%Y-%m}", f"{end:%Y-%m}"),
            period_column="month",
        )


def _split_span(first: date, last: date, months: int) -> list[tuple[date, date]]:
    """Split the months from `first` to `last` into spans of at most `months`, each as its first and last month.

    Only the first span may be shorter; the last is full, so that its response also has stored months to compare with.
    """
    spans = []
    begin, end = 12 * first.year + first.month - 1, 12 * last.year + last.month - 1
    while end >= begin:
        start = max(begin, end - months + 1)
        spans.append((_build_month(start), _build_month(end)))
        end = start - 1
    return spans[::-1]


def _build_month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each item, and leave out the rows of totals.

    Raises:
        Unusable: The gateway or the service reports an error; or, of the kind `refused`, a field is missing or a period
            is written in another form; or, of the kind `nothing`, there are no items.
    """
    found = read_items(response)
    if request.dataset == GOODS_FLASH:
        return _read_flash(request, found)
    dataset = read_dataset(request.dataset)
    listed = [fields for fields in found if fields.get("year") != TOTAL]
    if not listed:
        raise Unusable("nothing", "the response has no items")
    notes = check_fields(listed, dataset.fields, dataset.other_fields)
    pairs = list(zip(dataset.columns, dataset.fields, strict=True))
    rows = [tuple(_convert_value(column.name, item[field]) for column, field in pairs) for item in listed]
    return ParsedResponse(rows=rows, notes=notes)


def _read_flash(request: Request, found: list[dict[str, str | None]]) -> ParsedResponse:
    if not found:
        raise Unusable("nothing", "the response has no items")
    (flow,) = request.only["flow"]
    *_, partners = FLASH[flow]
    amounts = [f"itemUsdAmt{place:02}" for place in range(len(partners))]
    notes = check_fields(found, ("priodMon", "priodDt", *amounts), ("priodYear",))
    rows: list[tuple[str | None, ...]] = []
    for item in found:
        if any(name.startswith("itemUsdAmt") for name in item.keys() - set(amounts)):
            raise Unusable("refused", f"more than {len(amounts)} amounts, so the order of partners may have changed")
        month, day = FLASH_MONTH.fullmatch(item["priodMon"] or ""), FLASH_DAYS.fullmatch(item["priodDt"] or "")
        if not (month and day and int(day[1]) in {10, 20, monthrange(int(month[1]), int(month[2]))[1]}):
            found_days = f"{item['priodMon']!r} and {item['priodDt']!r}"
            reason = f"priodMon and priodDt are {found_days}; expected a month and the days to its 10th, 20th or end"
            raise Unusable("refused", f"{reason}, such as '202601' and '01~20'")
        for partner, amount in zip(partners, amounts, strict=True):
            value = (item[amount] or "").replace(",", "")
            rows.append((flow, partner, f"{month[1]}-{month[2]}", day[1], value or None))
    return ParsedResponse(rows=rows, notes=notes)


def _convert_value(column: str, text: str | None) -> str | None:
    """Convert the text of a field to the form of its column, for example the month `2026.01` to `2026-01`."""
    if column == "parent_code":
        return (text or "")[:-2] or None
    if column == "end_use_code" and not END_USE.fullmatch(text or ""):
        raise Unusable("refused", f"godsCd is {text!r}; expected a code of five digits or letters")
    if column != "month":
        return text
    period = PERIOD.fullmatch(text or "")
    if period is None:
        raise Unusable("refused", f"the field year is {text!r}; expected a month such as 2026.01")
    return f"{period[1]}-{period[2]}"


API = read_api("kcs", settings=Kcs, plan=plan_requests, read=read_response)
