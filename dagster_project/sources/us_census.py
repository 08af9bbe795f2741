"""The US Census Bureau: US trade in goods by partner, product and month, through its International Trade API.

The figures of a month are released about five weeks after it, in US$. Exports are valued free alongside ship. Imports
are two series: general imports (all goods that arrive, at customs value), and imports for consumption (the goods that
leave customs for use) with the duty calculated on them. The API has months since 2013.

A response is a JSON array whose first row names the columns. The parameters of a request (country, level of products,
time) are columns, too. The Bureau has its own numbers for countries (`warehouse/reference/economy_codes.csv`); a hyphen
stands for all countries. Without a commodity in the request the figures are totals. If there is no data, the API sends
HTTP 204 without a body; for an error in the request, HTTP 400 with a sentence; for a missing or unknown key, HTTP 200
with a page of HTML. A key is needed from the 501st request of a day on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from dagster_project.settings import Description, FirstYear, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import check_fields, check_status, parse_json

REPORTER, ALL_GOODS = "USA", "-"
# By flow: the columns with the values of a month. By classification and flow: the column with the product code.
VALUES = {"export": ("ALL_VAL_MO",), "import": ("GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO")}
COMMODITIES = {"hs": {"export": "E_COMMODITY", "import": "I_COMMODITY"}, "naics": {"import": "NAICS"}}
# The level of products to request in each classification.
LEVELS = {"hs": "HS2", "naics": "NA3"}
KEY_PAGE = re.compile(rb"<title>\s*(Invalid|Missing) Key", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class UsCensus(SourceSettings):
    """US Census Bureau, International Trade API."""

    chapters: Annotated[bool, Description("Whether to ask for chapters of the Harmonized System, both flows.")] = True
    industries: Annotated[bool, Description("Whether to ask for imports by industry (NAICS), with duty.")] = True
    first_year: FirstYear = 2013


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan requests for US trade: totals for every partner; products for the world and for partners in pairs."""
    if REPORTER not in settings.reporters:
        return
    own = settings.get_source_settings(UsCensus)
    of_pairs = {partner for reporter, partner in settings.directions if reporter == REPORTER} | {"WLD"}
    for partner in settings.list_partners(REPORTER):
        codes = settings.list_names("us_census", partner)
        for flow in VALUES if codes else ():
            yield _make_request(window, partner, codes[0], flow, "hs")
            for kind, is_asked in (("hs", own.chapters), ("naics", own.industries)):
                if is_asked and partner in of_pairs and flow in COMMODITIES[kind]:
                    yield _make_request(window, partner, codes[0], flow, kind, LEVELS[kind])


def _make_request(window: Window, partner: str, code: str, flow: str, kind: str, level: str | None = None) -> Request:
    subject = f"{REPORTER}-{partner} {flow}s {level or 'of all goods'}"
    first, last = window(subject)
    columns = [*VALUES[flow], *([COMMODITIES[kind][flow]] if level else [])]
    return Request(
        dataset="us_census/trade",
        path=f"/timeseries/intltrade/{flow}s/{kind}",
        subject=subject,
        query=(
            ("get", ",".join(columns)),
            ("time", f"from {first:%Y-%m} to {last:%Y-%m}"),
            *([("COMM_LVL", level)] if level else []),
            ("CTY_CODE", code),
        ),
        accept="application/json",
        only={"flow": (flow,), "commodity_level": (level or ALL_GOODS,), "cty_code": (code,)},
        periods=(f"{first:%Y-%m}", f"{last:%Y-%m}"),
        period_column="month",
    )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each product and month.

    Raises:
        Unusable: Of the kind `nothing` if there are no data; `key` if the key is missing or unknown; `refused` if a
            column is missing or a row is too short or too long.
    """
    if response.status == 204:
        raise Unusable("nothing", "there are no figures (HTTP 204)")
    if page := KEY_PAGE.search(response.content):
        raise Unusable("key", f"the API says {page[1].decode().lower()} key")
    check_status(response)
    content = parse_json(response)
    if not isinstance(content, list) or not all(isinstance(row, list) for row in content) or not content:
        raise Unusable("refused", "expected a list of rows, the first with the names of the columns")
    names = [str(name) for name in content[0]]
    (flow,), (level,) = request.only["flow"], request.only["commodity_level"]
    kind = request.path.rpartition("/")[2]
    products = () if level == ALL_GOODS else (COMMODITIES[kind][flow], "COMM_LVL")
    notes = check_fields([names], (*VALUES[flow], *products, "time", "CTY_CODE"), ())
    rows = []
    for row in content[1:]:
        if len(row) != len(names) or not all(value is None or isinstance(value, str) for value in row):
            raise Unusable("refused", f"expected {len(names)} texts in a row, got {str(row)[:200]}")
        found = dict(zip(names, row, strict=True))
        product = (found["COMM_LVL"], found[products[0]]) if products else (ALL_GOODS, ALL_GOODS)
        values = [found[name] for name in VALUES[flow]]
        if not all(value and value.isdecimal() for value in values):
            raise Unusable("refused", f"expected whole US$ in {', '.join(VALUES[flow])}, got {str(values)[:200]}")
        rows.append((flow, *product, found["CTY_CODE"], found["time"], *values, *[None] * (3 - len(values))))
    if not rows:
        raise Unusable("nothing", "there are no rows below the names of the columns")
    return ParsedResponse(rows=rows, notes=notes)


API = read_api("us_census", settings=UsCensus, plan=plan_requests, read=read_response)
