"""The Bank of Korea: trade in services by region and exchange rates, through its Economic Statistics System (ECOS).

The bank publishes Korea's receipts and payments for services by region and year (table 301Y015, million US$) each June,
and then also revises the two years before. It publishes the price in won of a US dollar, a Hong Kong dollar and a yuan
as monthly averages (table 731Y004). It also republishes Korea Customs' monthly trade in goods (901Y011, 901Y012). These
figures are a committed copy; `warehouse/reference/publishers.csv` names customs as the original publisher.

ECOS takes a free key in the path and returns one series per request. Errors come with HTTP 200 and ECOS's own code,
some of them as XML, whatever format was requested. Most regions are groups of economies that the bank does not define;
only regions that are single economies are taken. The average of the current month is not requested, because it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api, read_dataset
from dagster_project.sources.declare import Dataset, ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import (
    Troubles,
    check_fields,
    check_records,
    check_status,
    decode_text,
    parse_count,
    parse_json,
    parse_xml,
    prefer_status,
    read_child_texts,
)

SERVICES_ANNUAL = read_dataset("bok/services_annual")
EXCHANGE_RATES_MONTHLY = read_dataset("bok/exchange_rates_monthly")

REPORTER = "KOR"
# The bank's table and unit for each dataset: million US$, won.
TABLES = {SERVICES_ANNUAL.path: ("301Y015", "백만달러"), EXCHANGE_RATES_MONTHLY.path: ("731Y004", "원")}
# The bank's codes of receipts and payments for services, and of regions that are single economies. Its other regions
# (the EU, Southeast Asia, the Middle East) are groups whose members it does not list.
FLOWS = {"REG2100": "EXP", "REG2200": "IMP"}
REGIONS = {"CN": "CHN", "US": "USA", "JP": "JPN", "SUM": "WLD"}
# The currencies needed to convert figures, and the kind of rate: the average of the month.
CURRENCIES = {"0000001": "USD", "0000015": "HKD", "0000053": "CNY"}
AVERAGE = "0000100"
# The rows of a page: more than any series has periods, so that one page is always enough.
ROWS = 1000

NEEDED = ("STAT_CODE", "ITEM_CODE1", "ITEM_CODE2", "UNIT_NAME", "TIME", "DATA_VALUE")
KNOWN = ("STAT_NAME", "ITEM_NAME1", "ITEM_NAME2", "ITEM_CODE3", "ITEM_NAME3", "ITEM_CODE4", "ITEM_NAME4", "WGT")

# ECOS's error codes, all sent with HTTP 200.
TROUBLES: Troubles = {
    "INFO-100": "key",  # the key is not valid
    "INFO-200": "nothing",  # no data
    "ERROR-100": "refused",  # something needed is missing from the path
    "ERROR-101": "refused",  # the dates do not fit the frequency
    "ERROR-200": "refused",  # the format is neither json nor xml
    "ERROR-300": "refused",  # the number of rows is missing
    "ERROR-301": "refused",  # the number of rows is not a number
    "ERROR-400": "again",  # the search took longer than 60 seconds
    "ERROR-500": "again",  # the server failed
    "ERROR-600": "again",  # its database could not be reached
    "ERROR-601": "again",  # its query failed
    "ERROR-602": "quota",  # too many calls
}


@dataclass(frozen=True, kw_only=True)
class Bok(SourceSettings):
    """Bank of Korea, Economic Statistics System (ECOS)."""

    first_year: FirstYear = 1998


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterable[Request]:
    """Plan one request for each region and flow of services, and one for each currency, each with all periods."""
    if REPORTER not in settings.reporters:
        return
    partners = settings.list_partners(REPORTER)
    for region, partner in REGIONS.items():
        if partner not in partners:
            continue
        for item, flow in FLOWS.items():
            subject = f"{REPORTER}-{partner} {flow}"
            first, last = window(subject)
            years = (str(first.year), str(last.year))
            yield Request(
                dataset=SERVICES_ANNUAL.path,
                path=_build_path(SERVICES_ANNUAL, "A", *years, item, region),
                subject=subject,
                only={"reporter_code": (REPORTER,), "partner_code": (partner,), "flow": (flow,)},
                periods=years,
                period_column="year",
            )
    for item, currency in CURRENCIES.items():
        subject = f"KRW per {currency}"
        first, last = window(subject)
        # The current month already has an average, of its days so far.
        ended = (last + timedelta(days=1)).replace(day=1) - timedelta(days=1)
        if first <= ended:
            yield Request(
                dataset=EXCHANGE_RATES_MONTHLY.path,
                path=_build_path(EXCHANGE_RATES_MONTHLY, "M", f"{first:%Y%m}", f"{ended:%Y%m}", item, AVERAGE),
                subject=subject,
                only={"item_code": (item,)},
                periods=(f"{first:%Y-%m}", f"{ended:%Y-%m}"),
                period_column="month",
            )


def _build_path(dataset: Dataset, *parts: str) -> str:
    return "/".join(["/StatisticSearch/{key}/json/kr/1", str(ROWS), TABLES[dataset.path][0], *parts])


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each year or month.

    Raises:
        Unusable: ECOS reports an error; or the response has another form, unit or table, or is incomplete.
    """
    if error_message := _find_message(response):
        code, message = error_message
        raise Unusable(TROUBLES.get(code, "refused"), f"ECOS says {code}: {message}")
    check_status(response)
    content = parse_json(response)
    try:
        found = content["StatisticSearch"]
        total = parse_count(found["list_total_count"], "list_total_count")
        received = check_records(found["row"], NEEDED)
    except (KeyError, TypeError) as error:
        raise Unusable("refused", "`StatisticSearch` with `list_total_count` and `row` is missing") from error
    if total != len(received):
        raise Unusable("refused", f"incomplete: {len(received)} of {total} rows came")
    notes = check_fields(received, NEEDED, KNOWN)
    return ParsedResponse(rows=[_read_row(request.dataset, row) for row in received], notes=notes)


def _read_row(dataset: str, row: dict[str, Any]) -> tuple[str, ...]:
    (table, unit), period = TABLES[dataset], str(row["TIME"])
    if row["STAT_CODE"] != table:
        raise Unusable("refused", f"a row of table {row['STAT_CODE']} instead of {table}")
    if row["UNIT_NAME"] != unit:
        raise Unusable("refused", f"the unit of {period} is {row['UNIT_NAME']!r} instead of {unit}")
    value = str(row["DATA_VALUE"]).strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise Unusable("refused", f"DATA_VALUE of {period} is not a number: {row['DATA_VALUE']!r}")
    item, second = str(row["ITEM_CODE1"]), str(row["ITEM_CODE2"])
    if dataset == EXCHANGE_RATES_MONTHLY.path:
        if second != AVERAGE:
            raise Unusable("refused", f"a rate of kind {second} instead of {AVERAGE}, the average of the month")
        return item, f"{period[:4]}-{period[4:]}", value
    try:
        return REPORTER, REGIONS[second], FLOWS[item], "S", period, value
    except KeyError as error:
        raise Unusable("refused", f"the item or region {error} was not requested") from error


def _find_message(response: Response) -> tuple[str, str] | None:
    """Return the code and the message of ECOS's error, which may come as XML or JSON; None if there is no error."""
    with prefer_status(response):
        if decode_text(response).lstrip().startswith("<"):
            return _read_code(read_child_texts(parse_xml(response)))
        content = parse_json(response)
    return _read_code(content.get("RESULT")) if isinstance(content, dict) else None


def _read_code(result: object) -> tuple[str, str] | None:
    if not isinstance(result, dict) or "CODE" not in result:
        return None
    return str(result["CODE"]), str(result.get("MESSAGE"))


API = read_api("bok", settings=Bok, plan=plan_requests, read=read_response)
