"""The Census and Statistics Department of Hong Kong (C&SD): re-exports by origin, destination and year.

The department publishes the value of goods that pass through Hong Kong, in thousand HK$ FOB Hong Kong; it releases a
year by the end of the following January. A flow of zero has no record.

The department's service (Trade IDDS) needs no key and redirects to another address of its own. It reports errors with
HTTP 200, in the field `header` of the body. A request that includes an unreleased year fails as a whole, so a year is
requested from February of the next year on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import (
    Troubles,
    check_fields,
    check_records,
    check_status,
    parse_count,
    parse_json,
)

ENTREPOT = "HKG"
UNIT = "HK$ '000"
# The parameters that request the annual value of re-exports, which each record of the response must repeat.
ASKED = {"sv": "VCy", "freq": "A", "ttype": "3"}
NEEDED = (*ASKED, "period", "co", "cc", "figure", "unitEN")
KNOWN = ("ttypeDescEN", "coDescEN", "ccDescEN", "svDescEN", "cellfootnoteEN")
# The department's error statuses. Its status `Fail` has a message, and `WITHOUT` finds the messages about no figures.
STATUSES: Troubles = {"Usage limit": "quota", "Server busy": "again", "Access denied": "again"}
WITHOUT = re.compile(r"No record found|Period code .*is not defined")


@dataclass(frozen=True, kw_only=True)
class Cnsd(SourceSettings):
    """Census and Statistics Department, Hong Kong."""

    first_year: FirstYear = 2012


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan one request for each direction of each pair, with all years released so far."""
    for origin, destination in settings.directions:
        if ENTREPOT in (origin, destination):
            continue
        subject = f"{origin}-{destination} re-exports"
        first, last = window(subject)
        # A year is released by the end of January.
        years = (str(first.year), str((last - timedelta(days=31)).year - 1))
        if years[0] <= years[1]:
            codes = settings.find_code("iso2", origin), settings.find_code("iso2", destination)
            yield Request(
                dataset="cnsd/re_exports_annual",
                path="/api/get",
                subject=subject,
                query=(
                    ("lang", "EN"),
                    *ASKED.items(),
                    ("period", ",".join(years)),
                    ("coclass", "C"),
                    ("co", codes[0]),
                    ("ccclass", "C"),
                    ("cc", codes[1]),
                ),
                accept="application/json",
                only={"origin_iso2": codes[:1], "destination_iso2": codes[1:]},
                periods=years,
                period_column="year",
            )


def read_response(_request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each year.

    Raises:
        Unusable: The department reports an error; or the response is incomplete, has another form or unit, or covers
            another series.
    """
    check_status(response)
    content = parse_json(response)
    try:
        status, count = content["header"]["status"], content["header"].get("count", {}).get("noOfRecords")
        name, message = str(status["name"]), status.get("message") or ""
    except (KeyError, TypeError, AttributeError) as error:
        raise Unusable("refused", "`header.status.name` is missing, or `header` is not a JSON object") from error
    if name != "Success":
        said = f"{name}: {' '.join(map(str, message)) if isinstance(message, list) else message}"
        trouble = "nothing" if WITHOUT.search(said) else STATUSES.get(name, "refused")
        raise Unusable(trouble, f"the department says {said}")
    found = check_records(content.get("dataSet"), NEEDED)
    if parse_count(count, "noOfRecords") != len(found):
        raise Unusable("refused", f"incomplete: {len(found)} of {count} records came")
    if not found:
        raise Unusable("nothing", "the response has no records")
    notes = check_fields(found, NEEDED, KNOWN)
    return ParsedResponse(rows=[_read_row(record) for record in found], notes=notes)


def _read_row(record: dict[str, Any]) -> tuple[str, ...]:
    period, value = str(record["period"]), str(record["figure"]).replace(",", "").strip()
    for field, asked in {**ASKED, "unitEN": UNIT}.items():
        if str(record[field]) != asked:
            raise Unusable("refused", f"{field} of {period} is {record[field]!r} instead of {asked}")
    if not re.fullmatch(r"[0-9]+", value):
        raise Unusable("refused", f"figure of {period} is not a whole number: {record['figure']!r}")
    return str(record["co"]), str(record["cc"]), period, value


API = read_api("cnsd", settings=Cnsd, plan=plan_requests, read=read_response)
