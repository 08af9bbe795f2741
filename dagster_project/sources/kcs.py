"""The Korea Customs Service: the freshest Korean figures, by month.

Here: the datasets taken from its open API and its portal, what it is asked, and how its responses are read. Not here:
what stands around its items (`gateway`), which of its figures win, or what an end use is (`sql/staging`,
`warehouse/reference/products.csv`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from dagster_project.settings import Description, FirstYear, HarmonizedSystem, Settings, SourceSettings, Window
from dagster_project.sources import Api, Brings, Column, Dataset, Key, Reading, Request, Response, Source, Unusable
from dagster_project.sources.calendar import Releases
from dagster_project.sources.gateway import items_of
from dagster_project.sources.responses import check_fields

_PARTNER = Column("partner_iso2", "text", "The partner, as an ISO 3166 alpha-2 code.")
_MONTH = Column("month", "month", "The calendar month.")

GOODS_MONTHLY = Dataset(
    source="kcs",
    name="goods_monthly",
    title="Korea's exports and imports of goods by partner and month",
    columns=(
        _PARTNER,
        _MONTH,
        Column("exports_usd", "number", "Exports FOB, US$.", minimum=0),
        Column("imports_usd", "number", "Imports CIF, US$.", minimum=0),
        Column("balance_usd", "number", "Exports less imports as customs prints it, US$."),
    ),
    key=("partner_iso2", "month"),
    brings=Brings(
        domain="goods",
        frequencies=("M",),
        items={"TOTAL": ""},
        since=2015,
        reporters=("KOR",),
    ),
)

GOODS_MONTHLY_ALL_PARTNERS = Dataset(
    source="kcs",
    name="goods_monthly_all_partners",
    title="Korea's exports and imports of goods with every partner by month, from the customs portal",
    columns=(
        Column("partner_name", "text", "The partner, as customs names it in Korean."),
        _MONTH,
        Column("exports_kusd", "number", "Exports FOB, thousand US$.", minimum=0),
        Column("export_declarations", "integer", "How many declarations the exports are of.", minimum=0),
        Column("imports_kusd", "number", "Imports CIF, thousand US$.", minimum=0),
        Column("import_declarations", "integer", "How many declarations the imports are of.", minimum=0),
    ),
    key=("partner_name", "month"),
)

GOODS_MONTHLY_HS = Dataset(
    source="kcs",
    name="goods_monthly_hs",
    title="Korea's exports and imports of Harmonized System headings and subheadings by partner and month",
    columns=(
        Column("parent_code", "text", "The chapter or heading that it is part of, which is what customs is asked for."),
        Column("hs_code", "text", "The heading or subheading of the Harmonized System."),
        _PARTNER,
        _MONTH,
        Column("exports_usd", "number", "Exports FOB, US$.", minimum=0),
        Column("exports_kg", "number", "Net weight exported, kg.", minimum=0),
        Column("imports_usd", "number", "Imports CIF, US$.", required=False, minimum=0),
        Column("imports_kg", "number", "Net weight imported, kg.", required=False, minimum=0),
    ),
    key=("hs_code", "partner_iso2", "month"),
    brings=Brings(
        domain="goods",
        frequencies=("M",),
        items={r"(\d\d){1,3}": "{item} among the products", "HS": "the chapters of HS among the products"},
        since=2015,
        reporters=("KOR",),
    ),
)

EXPORTS, IMPORTS = "수출", "수입"
GOODS_MONTHLY_END_USE = Dataset(
    source="kcs",
    name="goods_monthly_end_use",
    title="Korea's exports and imports of goods by end use, partner and month",
    columns=(
        Column("flow", "text", "수출 for exports, 수입 for imports.", values=(EXPORTS, IMPORTS)),
        _PARTNER,
        _MONTH,
        Column(
            "end_use_code", "text", "The class, of five digits or letters; exports and imports have each their own."
        ),
        Column("end_use_name", "text", "What customs calls the class.", required=False),
        Column("value_usd", "number", "Exports FOB or imports CIF, US$.", minimum=0),
        Column("net_weight_kg", "number", "Net weight, kg.", required=False, minimum=0),
    ),
    key=("flow", "partner_iso2", "month", "end_use_code"),
    brings=Brings(
        domain="goods",
        frequencies=("M",),
        # Customs' classes of exports are kinds of industry and no use.
        items={"END_USE": ""},
        flows=("import",),
        since=2015,
        reporters=("KOR",),
    ),
)

GOODS_FLASH = Dataset(
    source="kcs",
    name="goods_flash",
    title="Korea's exports and imports of goods from the first of a month to its 10th, 20th and end, provisional",
    columns=(
        Column("flow", "text", "수출 for exports, 수입 for imports.", values=(EXPORTS, IMPORTS)),
        Column("partner", "text", "An ISO 3166 alpha-2 code; EU is the European Union, WLD the world."),
        _MONTH,
        Column("last_day", "integer", "The last day that is in it: 10, 20 or the end of the month.", minimum=10),
        Column("value_kusd", "number", "Exports FOB or imports CIF up to that day, thousand US$.", minimum=0),
    ),
    key=("flow", "partner", "month", "last_day"),
)
# What is asked for a flow, and the partners of its columns in their order, which no response names: the list of exports
# is another than that of imports.
FLASH = {
    EXPORTS: ("exports", "ExpAcrs", ("WLD", "CN", "US", "EU", "VN", "HK", "JP", "TW", "IN", "SG", "MY")),
    IMPORTS: ("imports", "ImpAcrs", ("WLD", "CN", "US", "EU", "JP", "VN", "AU", "TW", "SA", "RU", "MY")),
}


@dataclass(frozen=True)
class _Operation:
    """An operation of the API.

    Args:
        path: What follows the base address.
        fields: The field of its items that each column of the dataset is made of.
        known: Every other field that is documented.
    """

    path: str
    fields: tuple[str, ...]
    known: tuple[str, ...]


OPERATIONS = {
    GOODS_MONTHLY.path: _Operation(
        path="/nationtrade/getNationtradeList",
        fields=("statCd", "year", "expDlr", "impDlr", "balPayments"),
        known=("statCdCntnKor1", "expCnt", "impCnt"),
    ),
    GOODS_MONTHLY_HS.path: _Operation(
        path="/nitemtrade/getNitemtradeList",
        fields=("hsCd", "hsCd", "statCd", "year", "expDlr", "expWgt", "impDlr", "impWgt"),
        known=("statCdCntnKor1", "statKor", "balPayments"),
    ),
    GOODS_MONTHLY_END_USE.path: _Operation(
        path="/ntempertrade/getNtempertradeList",
        fields=("impexp", "statCd", "year", "godsCd", "godsKor", "dlr", "wgt"),
        known=("statCdCntnKor1",),
    ),
}
DATASETS = {dataset.path: dataset for dataset in (GOODS_MONTHLY, GOODS_MONTHLY_HS, GOODS_MONTHLY_END_USE)}
MONTHS_A_CALL = 12
MONTHS_OF_FLASH = 120
TOTAL = "총계"
# The newer classification (nnewtempertrade) has codes of other lengths, which mean something else.
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
    flash: Annotated[bool, Description("Whether to ask for the ten-day flash, which is applied for apart.")] = False
    first_year: FirstYear = 2015


def plan(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan Korea's months with each partner, by product and end use with those of its pairs, and its flash.

    A request covers twelve months at most, of the flash ten years; the last one ends with the window, so that it always
    has months that are held to be compared with.
    """
    if "KOR" not in settings.reporters:
        return
    for partner in settings.partners("KOR"):
        if partner != "WLD":
            yield from _ask(settings, window, GOODS_MONTHLY, f"KOR-{partner}", partner)
    own = settings.of(Kcs)
    for partner in [partner for reporter, partner in settings.directions if reporter == "KOR"]:
        for parent in _parents(own.products):
            asked, only = (("hsSgn", parent),), {"parent_code": (parent,)}
            yield from _ask(settings, window, GOODS_MONTHLY_HS, f"KOR-{partner} HS {parent}", partner, asked, only)
        for code, flow, named in (("1", EXPORTS, "exports"), ("2", IMPORTS, "imports")) if own.end_use else ():
            asked, only = (("imexTpcd", code),), {"flow": (flow,)}
            subject = f"KOR-{partner} end use {named}"
            yield from _ask(settings, window, GOODS_MONTHLY_END_USE, subject, partner, asked, only)
    for flow, (named, operation, _) in FLASH.items() if own.flash else ():
        subject = f"KOR flash {named}"
        for start, end in _spans(*window(subject), MONTHS_OF_FLASH):
            yield Request(
                dataset=GOODS_FLASH.path,
                path=f"/cntyMmUtPrvi{operation}/getCntyMmUtPrvi{operation}",
                subject=subject,
                query=(("strtYymm", f"{start:%Y%m}"), ("endYymm", f"{end:%Y%m}")),
                accept="application/xml",
                only={"flow": (flow,)},
                periods=(f"{start:%Y-%m}", f"{end:%Y-%m}"),
                period_column="month",
            )


def _ask(
    settings: Settings,
    window: Window,
    dataset: Dataset,
    subject: str,
    partner: str,
    query: tuple[tuple[str, str], ...] = (),
    only: Mapping[str, tuple[str, ...]] | None = None,
) -> Iterator[Request]:
    """Plan the calls about a subject, oldest first."""
    code = settings.code("iso2", partner)
    first, last = window(subject)
    for start, end in _spans(first, last, MONTHS_A_CALL):
        yield Request(
            dataset=dataset.path,
            path=OPERATIONS[dataset.path].path,
            subject=subject,
            query=(("strtYymm", f"{start:%Y%m}"), ("endYymm", f"{end:%Y%m}"), *query, ("cntyCd", code)),
            accept="application/xml",
            only={"partner_iso2": (code,), **(only or {})},
            periods=(f"{start:%Y-%m}", f"{end:%Y-%m}"),
            period_column="month",
        )


def _spans(first: date, last: date, months: int) -> list[tuple[date, date]]:
    """Split the months from first to last into pieces of so many, from the end; each as its first and last month."""
    spans = []
    begin, end = 12 * first.year + first.month - 1, 12 * last.year + last.month - 1
    while end >= begin:
        start = max(begin, end - months + 1)
        spans.append((_month(start), _month(end)))
        end = start - 1
    return spans[::-1]


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


def _parents(products: tuple[str, ...]) -> tuple[str, ...]:
    """List what is to be asked for products: the API answers a code with the codes that are two digits longer.

    There is no row of a chapter; who names one gets its headings.
    """
    return tuple(dict.fromkeys(product[:-2] or product for product in products))


def read(request: Request, response: Response) -> Reading:
    """Read a response's items as rows of the dataset asked for, without those that are totals.

    Raises:
        Unusable: What the gateway or the service says instead of figures; `refused` if a field is missing or a period
            is not written as it used to be; `nothing` if there are no items.
    """
    found = items_of(response)
    if request.dataset == GOODS_FLASH.path:
        return _read_flash(request, found)
    operation = OPERATIONS[request.dataset]
    listed = [fields for fields in found if fields.get("year") != TOTAL]
    if not listed:
        raise Unusable("nothing", "there are no items")
    notes = check_fields(listed, operation.fields, operation.known)
    columns = [column.name for column in DATASETS[request.dataset].columns]
    rows = [
        tuple(_value(column, fields[field]) for column, field in zip(columns, operation.fields, strict=True))
        for fields in listed
    ]
    return Reading(rows=rows, notes=notes)


def _read_flash(request: Request, found: list[dict[str, str | None]]) -> Reading:
    if not found:
        raise Unusable("nothing", "there are no items")
    (flow,) = request.only["flow"]
    *_, partners = FLASH[flow]
    amounts = [f"itemUsdAmt{place:02}" for place in range(len(partners))]
    notes = check_fields(found, ("priodMon", "priodDt", *amounts), ("priodYear",))
    rows: list[tuple[str | None, ...]] = []
    for item in found:
        if any(name.startswith("itemUsdAmt") for name in item.keys() - set(amounts)):
            raise Unusable("refused", f"more amounts than {len(amounts)}: their order is another one")
        month, day = FLASH_MONTH.fullmatch(item["priodMon"] or ""), FLASH_DAYS.fullmatch(item["priodDt"] or "")
        if not (month and day and int(day[1]) in {10, 20, monthrange(int(month[1]), int(month[2]))[1]}):
            said = f"{item['priodMon']!r} and {item['priodDt']!r}"
            raise Unusable("refused", f"priodMon and priodDt are {said}, not a month to its 10th, 20th or end")
        for partner, amount in zip(partners, amounts, strict=True):
            value = (item[amount] or "").replace(",", "")
            rows.append((flow, partner, f"{month[1]}-{month[2]}", day[1], value or None))
    return Reading(rows=rows, notes=notes)


def _value(column: str, text: str | None) -> str | None:
    """Write a field's text as its column holds it."""
    if column == "parent_code":
        return (text or "")[:-2] or None
    if column == "end_use_code" and not END_USE.fullmatch(text or ""):
        raise Unusable("refused", f"godsCd is {text!r}, not a class of five digits or letters")
    if column != "month":
        return text
    period = PERIOD.fullmatch(text or "")
    if period is None:
        raise Unusable("refused", f"year is {text!r}, not a month written as 2026.01")
    return f"{period[1]}-{period[2]}"


API = Api(
    base="https://apis.data.go.kr/1220000",
    plan=plan,
    read=read,
    per_second=5,
    per_day=10_000,
    settings=Kcs,
    licence=(
        "Korean public data (data.go.kr): free use with the source named",
        "https://www.data.go.kr/data/15100475/openapi.do",
    ),
    citation="Korea Customs Service, trade statistics open API.",
    key=Key(
        place="query",
        name="serviceKey",
        how="Sign up at https://www.data.go.kr, apply for the data 15101612, 15100475 and 15100476 one by one (for "
        "the flash 15157941 and 15157909, too), and take the decoded form of the key.",
    ),
)

SOURCE = Source(
    code="kcs",
    title="Korea Customs Service",
    publisher="Korea Customs Service",
    homepage="https://www.customs.go.kr",
    datasets=(*DATASETS.values(), GOODS_FLASH, GOODS_MONTHLY_ALL_PARTNERS),
    api=API,
    live=("goods_monthly", "goods_monthly_hs", "goods_monthly_end_use", "goods_flash"),
    # The month before is complete about the 15th; its totals come on the 1st (https://tradedata.go.kr).
    releases=Releases({"M": 1}, day=15, provisional=1),
)
