"""The Korean Statistical Information Service (KOSIS): Korea's trade by partner and month, compiled by Korea Customs.

Statistics Korea republishes customs' figures a few days after they appear: exports FOB and imports CIF, thousand US$
(table DT_1R11006_FRM101). Customs corrects the months of a year until it closes the year, in the following year.

The API takes a free key in the query and returns a cell for each flow and month; both flows of a month are released
together. Errors come with HTTP 200, some of them as JavaScript that is not valid JSON. Partners are named in Korean.
Each cell has the day on which it last changed; the newest such day is the day from which the figures count as known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import (
    Troubles,
    check_fields,
    check_records,
    check_status,
    decode_text,
    parse_day,
    parse_json,
    prefer_status,
)

REPORTER = "KOR"
ORGANISATION, TABLE = "360", "DT_1R11006_FRM101"
EXPORTS, IMPORTS = "13103103829T1", "13103103829T2"
# The prefix of a country's two letters in the table's codes, and the letters of the world.
COUNTRY = "13102103829E."
WORLD = "00"
UNITS = ("천달러", "천불")  # both are thousand US$

NEEDED = ("TBL_ID", "PRD_SE", "PRD_DE", "C1", "C1_NM", "ITM_ID", "UNIT_NM", "DT")
KNOWN = (
    *("ORG_ID", "TBL_NM", "ITM_NM", "ITM_NM_ENG", "UNIT_ID", "UNIT_NM_ENG", "C1_NM_ENG", "C1_OBJ_NM"),
    *("C1_OBJ_NM_ENG", "LST_CHN_DE"),
)

# KOSIS's error codes, all sent with HTTP 200.
TROUBLES: Troubles = {
    "10": "key",  # the key is missing
    "11": "key",  # the key has expired or is not valid
    "20": "refused",  # a parameter is missing
    "21": "refused",  # a parameter is wrong
    "30": "nothing",  # no such data
    "31": "refused",  # more than 40,000 cells were requested
    "40": "quota",  # too many calls
    "41": "refused",  # more rows were requested than one call may have
    "42": "quota",  # this user may make no more calls
    "50": "again",  # the server failed
}
# Some errors are invalid JSON: their keys have no quotes.
ERROR = re.compile(r'\{\s*"?err(?:Code)?"?\s*:\s*"?(?P<code>\d+)"?\s*(?:,\s*"?errMsg"?\s*:\s*"(?P<message>[^"]*)")?')


@dataclass(frozen=True, kw_only=True)
class Kosis(SourceSettings):
    """Korean Statistical Information Service."""

    first_year: FirstYear = 2000


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterable[Request]:
    """Plan one request for each partner of Korea, with all its months.

    A partner has 24 cells a year, so no request comes near the limit of 40,000 cells.
    """
    if REPORTER not in settings.reporters:
        return
    for partner in settings.list_partners(REPORTER):
        subject = f"{REPORTER}-{partner}"
        first, last = window(subject)
        letters = WORLD if partner == "WLD" else settings.find_code("iso2", partner)
        yield Request(
            dataset="kosis/goods_monthly",
            path="/Param/statisticsParameterData.do",
            subject=subject,
            query=(
                ("method", "getList"),
                ("orgId", ORGANISATION),
                ("tblId", TABLE),
                # A query encodes the space as a plus sign, by which KOSIS separates items.
                ("itmId", f"{EXPORTS} {IMPORTS}"),
                ("objL1", f"{COUNTRY}{letters}"),
                ("prdSe", "M"),
                ("startPrdDe", f"{first:%Y%m}"),
                ("endPrdDe", f"{last:%Y%m}"),
                ("format", "json"),
                # Without it the response is a JavaScript object whose keys have no quotes.
                ("jsonVD", "Y"),
            ),
            only={"partner_name": settings.list_names("kosis_name", partner)},
            periods=(f"{first:%Y-%m}", f"{last:%Y-%m}"),
            period_column="month",
        )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each month, with its exports and imports in thousand US$.

    Raises:
        Unusable: KOSIS reports an error; or the response has another form or unit, another table or country; or a month
            has only one of the two flows.
    """
    _check_message(response)
    check_status(response)
    content = parse_json(response)
    if not check_records(content, NEEDED):
        raise Unusable("nothing", f"KOSIS has no cells for {request.subject}")
    notes = check_fields(content, NEEDED, KNOWN)
    values: dict[tuple[str, str], dict[str, str | None]] = {}
    for cell in content:
        month, item, value = _read_cell(request, cell)
        flows = values.setdefault((str(cell["C1_NM"]), month), {})
        if item in flows:
            raise Unusable("refused", f"two cells of item {item} for {month}")
        flows[item] = value
    # Both flows of a month are released together, and every requested partner trades in every month.
    incomplete = [month for (_, month), flows in sorted(values.items()) if len(flows) < 2]
    if incomplete:
        raise Unusable("refused", f"either exports or imports are missing for {', '.join(incomplete)}")
    if not any(value for flows in values.values() for value in flows.values()):
        raise Unusable("nothing", f"no cell for {request.subject} has a value")
    return ParsedResponse(
        rows=[(*key, flows[EXPORTS], flows[IMPORTS]) for key, flows in sorted(values.items())],
        # The newest day on which KOSIS changed one of the cells; None if no cell has such a day.
        published_at=max(filter(None, (parse_day(cell.get("LST_CHN_DE")) for cell in content)), default=None),
        notes=notes,
    )


def _read_cell(request: Request, cell: dict[str, Any]) -> tuple[str, str, str | None]:
    """Return the month of a cell as YYYY-MM, its item, and its value; None for a dash, KOSIS's missing value."""
    period, item, unit = str(cell["PRD_DE"]), cell["ITM_ID"], cell["UNIT_NM"]
    if cell["TBL_ID"] != TABLE:
        raise Unusable("refused", f"a cell of table {cell['TBL_ID']} instead of {TABLE}")
    if cell["PRD_SE"] != "M" or not re.fullmatch(r"[0-9]{6}", period):
        raise Unusable("refused", f"{period} ({cell['PRD_SE']}) is not a month")
    if item not in (EXPORTS, IMPORTS):
        raise Unusable("refused", f"item {item} was not requested")
    if str(cell["C1"]).rpartition(".")[2] != dict(request.query)["objL1"].rpartition(".")[2]:
        raise Unusable("refused", f"country {cell['C1']} ({cell['C1_NM']}) was not requested")
    if unit not in UNITS:
        raise Unusable("refused", f"the unit of {period} is {unit!r} instead of {UNITS[0]} (thousand US$)")
    value = str(cell["DT"]).strip()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?|-", value):
        raise Unusable("refused", f"DT of item {item} for {period} is not a number: {cell['DT']!r}")
    return f"{period[:4]}-{period[4:]}", item, None if value == "-" else value


def _check_message(response: Response) -> None:
    with prefer_status(response):
        text = decode_text(response)
    said = ERROR.match(text.lstrip())
    if said:
        code, message = said["code"], said["message"] or "no message"
        raise Unusable(TROUBLES.get(code, "refused"), f"KOSIS says {code}: {message}")


API = read_api("kosis", settings=Kosis, plan=plan_requests, read=read_response)
