"""Global Trade Alert (GTA): single interventions of governments in trade, since November 2008.

The St.Gallen Endowment for Prosperity Through Trade records interventions whenever it finds them, and rewrites an entry
when the measure is prolonged or ends. No filter finds rewritten entries, so all years are requested each time.

The API takes JSON by POST and a free key in a header. A response has at most a thousand interventions; after a full
response the next page is requested. Economies have the UN's M49 numbers, with four exceptions. The fields of a response
depend on the user's key. Codes of products and sectors lack their leading zeros.

`warehouse/reference/gta_intervention_types.csv` maps each type of intervention to a kind of event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import check_fields, check_records, check_status, parse_json

# The most interventions of a response; after a full one the next page is requested.
LIMIT = 1000
# The economies whose number in GTA differs from the UN's M49.
OWN_NUMBERS = {"FRA": 251, "IND": 699, "ITA": 381, "XKX": 999}

# The fields from which rows are built, and the other documented ones.
NEEDED = (
    *("intervention_id", "state_act_id", "state_act_title", "gta_evaluation", "intervention_type"),
    *("implementing_jurisdictions", "affected_jurisdictions", "affected_sectors", "affected_products"),
    *("date_announced", "date_implemented", "date_removed", "intervention_url", "state_act_url"),
)
KNOWN = (
    *("mast_chapter", "mast_subchapter", "implementation_level", "implementing_jurisdiction_groups"),
    *("inferred_jurisdictions", "eligible_firm", "date_published", "is_in_force", "last_updated"),
    # Sent only to some users' keys.
    *("intervention_description", "state_act_source", "is_official_source"),
)
# The fields that have a single value, and not a list.
TEXTS = (
    *("intervention_id", "state_act_id", "state_act_title", "gta_evaluation", "intervention_type", "mast_chapter"),
    "implementation_level",
)
DATES = ("date_announced", "date_implemented", "date_removed", "date_published")
SINGLE = (*TEXTS, *DATES, "inferred_jurisdictions", "intervention_url", "state_act_url")


def find_gta_number(economy: str) -> int:
    """Return GTA's number of an economy.

    Raises:
        BilateralError: GTA has no number for the economy.
    """
    import pycountry

    if economy in OWN_NUMBERS:
        return OWN_NUMBERS[economy]
    country = pycountry.countries.get(alpha_3=economy)
    if country is None:
        raise BilateralError(
            f"bilateral.toml names {economy}, which has no number in Global Trade Alert.",
            remedy="Write the alpha-3 code of an economy in today's ISO 3166, or turn the source off: enabled = false.",
        )
    return int(country.numeric)


@dataclass(frozen=True, kw_only=True)
class Gta(SourceSettings):
    """Global Trade Alert."""

    first_year: FirstYear = 2008


def plan_requests(settings: Settings, window: Window, _keyed: bool) -> Iterable[Request]:
    """Plan one request for each direction of each pair."""
    for implementing, affected in settings.directions:
        subject = f"{implementing}-{affected}"
        first, last = window(subject)
        span = (first.isoformat(), last.isoformat())
        yield Request(
            dataset="gta/interventions",
            path="/api/v1/data/",
            subject=subject,
            body={
                "limit": LIMIT,
                "offset": 0,
                # In this order an entry that is added or changed between two requests does not shift the pages.
                "sorting": "intervention_id",
                "request_data": {
                    "implementer": [find_gta_number(implementing)],
                    "affected": [find_gta_number(affected)],
                    "announcement_period": list(span),
                },
            },
            accept="application/json",
            only={"asked_implementing": (implementing,), "asked_affected": (affected,)},
            periods=span,
            period_column="date_announced",
        )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse a response into one row for each intervention, and request the next page if the response is full.

    Raises:
        Unusable: The response has another form, or an intervention does not concern the two economies requested.
    """
    check_status(response)
    content = parse_json(response)
    if isinstance(content, dict):
        found = content.get("detail", f"an object with {', '.join(content)}")
        raise Unusable("refused", f"expected a list of interventions, got {found}")
    check_records(content, SINGLE)
    body = dict(request.body or {})
    # After a full page an empty one only means that there are no more interventions.
    if not content and not body.get("offset"):
        raise Unusable("nothing", f"GTA has no interventions for {request.subject}")
    if len(content) > LIMIT:
        raise Unusable("refused", f"{len(content)} interventions, but only {LIMIT} were requested")
    notes = check_fields(content, NEEDED, KNOWN)
    rows = [_read_row(request, entry) for entry in content]
    following = replace(request, body=body | {"offset": body.get("offset", 0) + LIMIT})
    return ParsedResponse(rows=rows, notes=notes, more=(following,) if len(content) == LIMIT else ())


def _read_row(request: Request, entry: dict[str, Any]) -> tuple[str | None, ...]:
    name = f"intervention {entry['intervention_id']}"
    implementing = _read_economies(name, entry["implementing_jurisdictions"])
    affected = _read_economies(name, entry["affected_jurisdictions"])
    actor, other = request.subject.split("-")
    if actor not in implementing or other not in affected:
        raise Unusable("refused", f"{name} was not implemented by {actor} or does not affect {other}")
    return (
        actor,
        other,
        *(_clean_text(entry.get(field)) for field in TEXTS),
        ";".join(implementing),
        ";".join(affected),
        _clean_text(entry.get("inferred_jurisdictions")),
        _read_codes(name, entry["affected_sectors"], "sector_id", 3),
        _read_codes(name, entry["affected_products"], "product_id", 6),
        *(_clean_text(entry.get(field)) for field in DATES),
        _read_address(name, entry["intervention_url"]),
        _read_address(name, entry["state_act_url"]),
    )


def _clean_text(value: object) -> str | None:
    return None if value is None else " ".join(str(value).split()) or None


def _read_economies(name: str, jurisdictions: object) -> list[str]:
    try:
        codes = {str(jurisdiction["iso"]) for jurisdiction in jurisdictions}  # type: ignore[attr-defined]
    except (TypeError, KeyError) as error:
        raise Unusable("refused", f"{name} has no list of jurisdictions, each with an `iso` code") from error
    wrong = sorted(code for code in codes if not re.fullmatch("[A-Z]{3}", code))
    if wrong:
        raise Unusable("refused", f"{name} has jurisdictions with invalid ISO 3166 codes: {', '.join(wrong)}")
    return sorted(codes)


def _read_codes(name: str, listed: object, field: str, digits: int) -> str | None:
    """Write a list of numbers as codes with leading zeros, for example `000072;007206`; None for an empty list.

    With some users' API keys, each number comes as a JSON object that has the number in the field `field`.
    """
    if not isinstance(listed, list):
        raise Unusable("refused", f"{name}: expected a list, got {listed!r}")
    codes = set()
    for one in listed:
        code = str(one.get(field) if isinstance(one, dict) else one)
        if not re.fullmatch(f"[0-9]{{1,{digits}}}", code):
            raise Unusable("refused", f"{name} has an invalid code: expected at most {digits} digits, got {code}")
        codes.add(code.zfill(digits))
    return ";".join(sorted(codes)) or None


def _read_address(name: str, url: object) -> str:
    """Return an address without the part after `?`, which may contain the user's key."""
    address = str(url).partition("?")[0].partition("#")[0]
    if not address.startswith(("https://", "http://")):
        raise Unusable("refused", f"{name} has an invalid address: {url!r}")
    return address


API = read_api("gta", settings=Gta, plan=plan_requests, read=read_response)
