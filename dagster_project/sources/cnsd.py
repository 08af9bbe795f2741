"""The Census and Statistics Department of Hong Kong: what passes through, by origin and destination.

Here: the re-exports of its trade statistics, how its service (Trade IDDS) is asked, and how its responses are read. Not
here: what they do to a balance (`sql/questions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources import Api, Column, Dataset, Reading, Request, Response, Source, Unusable
from dagster_project.sources.calendar import Releases
from dagster_project.sources.responses import Troubles, check_fields, check_status, count_of, json_of, records_of

RE_EXPORTS_ANNUAL = Dataset(
    source="cnsd",
    name="re_exports_annual",
    title="Goods that Hong Kong re-exports, by origin, destination and year",
    columns=(
        Column("origin_iso2", "text", "Where the goods were made, as an ISO 3166 alpha-2 code."),
        Column("destination_iso2", "text", "Where they were sent, as an ISO 3166 alpha-2 code."),
        Column("year", "year", "The calendar year."),
        Column("value_khkd", "number", "The value FOB Hong Kong, thousand HK$.", minimum=0),
    ),
    key=("origin_iso2", "destination_iso2", "year"),
)

ENTREPOT = "HKG"
UNIT = "HK$ '000"
# The value of the year, re-exports: what each record has to repeat.
ASKED = {"sv": "VCy", "freq": "A", "ttype": "3"}
NEEDED = (*ASKED, "period", "co", "cc", "figure", "unitEN")
KNOWN = ("ttypeDescEN", "coDescEN", "ccDescEN", "svDescEN", "cellfootnoteEN")
# What the department says instead of Success, by the name of the status; a Fail has its reason in words.
STATUSES: Troubles = {"Usage limit": "quota", "Server busy": "again", "Access denied": "again"}
WITHOUT = re.compile(r"No record found|Period code .*is not defined")


@dataclass(frozen=True, kw_only=True)
class Cnsd(SourceSettings):
    """Census and Statistics Department, Hong Kong."""

    first_year: FirstYear = 2012


def plan(settings: Settings, window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan a request for each direction of each pair, all years at once; a year that is not out makes one fail."""
    for origin, destination in settings.directions:
        if ENTREPOT in (origin, destination):
            continue
        subject = f"{origin}-{destination} re-exports"
        first, last = window(subject)
        # The year is out by the end of January.
        years = (str(first.year), str((last - timedelta(days=31)).year - 1))
        if years[0] <= years[1]:
            codes = settings.code("iso2", origin), settings.code("iso2", destination)
            yield Request(
                dataset=RE_EXPORTS_ANNUAL.path,
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


def read(_request: Request, response: Response) -> Reading:
    """Read the rows of a response, a year each.

    Raises:
        Unusable: The department says what is the matter; or the response is cut, in another form or unit, or of
            something else.
    """
    check_status(response)
    content = json_of(response)
    try:
        status, count = content["header"]["status"], content["header"].get("count", {}).get("noOfRecords")
        name, message = str(status["name"]), status.get("message") or ""
    except (KeyError, TypeError, AttributeError) as error:
        raise Unusable("refused", f"no header with a status: {error!r}") from error
    if name != "Success":
        said = f"{name}: {' '.join(map(str, message)) if isinstance(message, list) else message}"
        trouble = "nothing" if WITHOUT.search(said) else STATUSES.get(name, "refused")
        raise Unusable(trouble, f"the department says {said}")
    found = records_of(content.get("dataSet"), NEEDED)
    if count_of(count, "noOfRecords") != len(found):
        raise Unusable("refused", f"truncated: {len(found)} of {count} records")
    if not found:
        raise Unusable("nothing", "there are no records")
    notes = check_fields(found, NEEDED, KNOWN)
    return Reading(rows=[_row(record) for record in found], notes=notes)


def _row(record: dict[str, Any]) -> tuple[str, ...]:
    period, value = str(record["period"]), str(record["figure"]).replace(",", "").strip()
    for field, asked in {**ASKED, "unitEN": UNIT}.items():
        if str(record[field]) != asked:
            raise Unusable("refused", f"{field} of {period} is {record[field]!r} instead of {asked}")
    if not re.fullmatch(r"[0-9]+", value):
        raise Unusable("refused", f"figure of {period} is no value: {record['figure']!r}")
    return str(record["co"]), str(record["cc"]), period, value


API = Api(
    base="https://tradeidds.censtatd.gov.hk",
    plan=plan,
    read=read,
    per_second=1,
    settings=Cnsd,
    licence=(
        "DATA.GOV.HK terms: free use with the source named",
        "https://data.gov.hk/en/terms-and-conditions",
    ),
    citation="Census and Statistics Department, Hong Kong, Interactive Data Dissemination Service for Trade.",
)

SOURCE = Source(
    code="cnsd",
    title="Census and Statistics Department, Hong Kong (Trade IDDS)",
    publisher="Census and Statistics Department, Hong Kong",
    homepage="https://tradeidds.censtatd.gov.hk",
    datasets=(RE_EXPORTS_ANNUAL,),
    api=API,
    live=("re_exports_annual",),
    # Its calendar: https://www.censtatd.gov.hk/en/page_1189.html
    releases=Releases({"A": 1}, day=28),
)
