"""Global Trade Alert: what governments do to trade, intervention by intervention, since November 2008.

Here: the interventions of each economy of a pair that touch the other, how they are asked for and read. Not here: which
kind of event each is (`warehouse/reference/gta_intervention_types.csv`), or the events that this project has gathered
itself (`register`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.settings import FirstYear, Settings, SourceSettings, Window
from dagster_project.sources import Api, Column, Dataset, Key, Reading, Request, Response, Source, Unusable
from dagster_project.sources.calendar import Releases
from dagster_project.sources.responses import check_fields, check_status, json_of, records_of

INTERVENTIONS = Dataset(
    source="gta",
    name="interventions",
    title="Interventions of the economies of the pairs that touch each other's trade",
    columns=(
        Column("asked_implementing", "text", "The economy whose acts were asked for, among those who act."),
        Column("asked_affected", "text", "The economy whose trade was asked about, among those who are touched."),
        Column("intervention_id", "text", "The intervention; one that several requests find is in each response."),
        Column("state_act_id", "text", "The act of a government that it is part of."),
        Column("state_act_title", "text", "The title of the act."),
        Column("evaluation", "text", "How it treats foreign interests.", values=("Red", "Amber", "Green")),
        Column("intervention_type", "text", "The instrument."),
        Column("mast_chapter", "text", "The chapter of the UN's classification of measures.", required=False),
        Column("implementation_level", "text", "Whose act it is, from supranational to local.", required=False),
        Column("implementing", "text", "Who acts: ISO 3166 alpha-3 codes between semicolons."),
        Column("affected", "text", "Whom it touches: ISO 3166 alpha-3 codes between semicolons."),
        Column("affected_basis", "text", "How those who are touched were found, such as Inferred.", required=False),
        Column("sectors", "text", "Groups of CPC 2.1, three digits, between semicolons.", required=False),
        Column("products", "text", "Subheadings of HS 2022, six digits, between semicolons.", required=False),
        Column("date_announced", "date", "The day of the announcement."),
        Column("date_implemented", "date", "The day from which it is in force, if there is one.", required=False),
        Column("date_removed", "date", "The day on which it ended, if it did or is to.", required=False),
        Column("date_published", "date", "The day on which the entry was published.", required=False),
        Column("intervention_url", "text", "The page about the intervention."),
        Column("state_act_url", "text", "The page about the act."),
    ),
    key=("asked_implementing", "asked_affected", "intervention_id"),
)

# A response has this many interventions at most; a full one is followed by the next.
LIMIT = 1000
# GTA numbers jurisdictions as the UN's M49 does, but for these.
OWN_NUMBERS = {"FRA": 251, "IND": 699, "ITA": 381, "XKX": 999}

NEEDED = (
    *("intervention_id", "state_act_id", "state_act_title", "gta_evaluation", "intervention_type"),
    *("implementing_jurisdictions", "affected_jurisdictions", "affected_sectors", "affected_products"),
    *("date_announced", "date_implemented", "date_removed", "intervention_url", "state_act_url"),
)
KNOWN = (
    *("mast_chapter", "mast_subchapter", "implementation_level", "implementing_jurisdiction_groups"),
    *("inferred_jurisdictions", "eligible_firm", "date_published", "is_in_force", "last_updated"),
    # Only for some keys.
    *("intervention_description", "state_act_source", "is_official_source"),
)
# Those that hold one value each.
SINGLE = (
    *("intervention_id", "state_act_id", "state_act_title", "gta_evaluation", "intervention_type", "mast_chapter"),
    *("implementation_level", "inferred_jurisdictions", "intervention_url", "state_act_url"),
    *("date_announced", "date_implemented", "date_removed", "date_published"),
)


def number(economy: str) -> int:
    """Return the number that GTA has for an economy.

    Raises:
        BilateralError: It has none.
    """
    import pycountry

    if economy in OWN_NUMBERS:
        return OWN_NUMBERS[economy]
    country = pycountry.countries.get(alpha_3=economy)
    if country is None:
        raise BilateralError(
            f"bilateral.toml has a pair with {economy}, for which Global Trade Alert has no number.",
            remedy="Write the alpha-3 code of an economy that is in ISO 3166 today.",
        )
    return int(country.numeric)


@dataclass(frozen=True, kw_only=True)
class Gta(SourceSettings):
    """Global Trade Alert."""

    first_year: FirstYear = 2008


def plan(settings: Settings, window: Window, _keyed: bool) -> Iterable[Request]:
    """Plan a request for each direction of a pair."""
    for implementing, affected in settings.directions:
        subject = f"{implementing}-{affected}"
        first, last = window(subject)
        span = (first.isoformat(), last.isoformat())
        yield Request(
            dataset=INTERVENTIONS.path,
            path="/api/v1/data/",
            subject=subject,
            body={
                "limit": LIMIT,
                "offset": 0,
                # The one order in which an entry that is added or changed meanwhile does not shift the pages.
                "sorting": "intervention_id",
                "request_data": {
                    "implementer": [number(implementing)],
                    "affected": [number(affected)],
                    "announcement_period": list(span),
                },
            },
            accept="application/json",
            only={"asked_implementing": (implementing,), "asked_affected": (affected,)},
            periods=span,
            period_column="date_announced",
        )


def read(request: Request, response: Response) -> Reading:
    """Read the rows of a response, an intervention each; a full response asks for the next.

    Raises:
        Unusable: The response has another form, or an intervention is not by and about the economies asked about.
    """
    check_status(response)
    content = json_of(response)
    if isinstance(content, dict):
        raise Unusable("refused", f"not a list of interventions: {content.get('detail', sorted(content))}")
    records_of(content, SINGLE)
    body = dict(request.body or {})
    # Only a first page without interventions says that there are none.
    if not content and not body.get("offset"):
        raise Unusable("nothing", f"GTA has no interventions for {request.subject}")
    if len(content) > LIMIT:
        raise Unusable("refused", f"{len(content)} interventions where {LIMIT} were asked for")
    notes = check_fields(content, NEEDED, KNOWN)
    rows = [_row(request, entry) for entry in content]
    following = replace(request, body=body | {"offset": body.get("offset", 0) + LIMIT})
    return Reading(rows=rows, notes=notes, more=(following,) if len(content) == LIMIT else ())


def _row(request: Request, entry: dict[str, Any]) -> tuple[str | None, ...]:
    name = f"intervention {entry['intervention_id']}"
    implementing = _economies(name, entry["implementing_jurisdictions"])
    affected = _economies(name, entry["affected_jurisdictions"])
    actor, other = request.subject.split("-")
    if actor not in implementing or other not in affected:
        raise Unusable("refused", f"{name} is not by {actor} or does not touch {other}")
    return (
        actor,
        other,
        _text(entry["intervention_id"]),
        _text(entry["state_act_id"]),
        _text(entry["state_act_title"]),
        _text(entry["gta_evaluation"]),
        _text(entry["intervention_type"]),
        _text(entry.get("mast_chapter")),
        _text(entry.get("implementation_level")),
        ";".join(implementing),
        ";".join(affected),
        _text(entry.get("inferred_jurisdictions")),
        _codes(name, entry["affected_sectors"], "sector_id", 3),
        _codes(name, entry["affected_products"], "product_id", 6),
        _text(entry["date_announced"]),
        _text(entry["date_implemented"]),
        _text(entry["date_removed"]),
        _text(entry.get("date_published")),
        _address(name, entry["intervention_url"]),
        _address(name, entry["state_act_url"]),
    )


def _text(value: object) -> str | None:
    return None if value is None else " ".join(str(value).split()) or None


def _economies(name: str, jurisdictions: object) -> list[str]:
    try:
        codes = {str(jurisdiction["iso"]) for jurisdiction in jurisdictions}  # type: ignore[attr-defined]
    except (TypeError, KeyError) as error:
        raise Unusable("refused", f"{name} has a jurisdiction without an iso code: {error}") from error
    wrong = sorted(code for code in codes if not re.fullmatch("[A-Z]{3}", code))
    if wrong:
        raise Unusable("refused", f"{name} has jurisdictions that are no ISO 3166 codes: {', '.join(wrong)}")
    return sorted(codes)


def _codes(name: str, listed: object, field: str, digits: int) -> str | None:
    """Write numbers, or records of them for some keys, as codes with their leading zeros; None if there are none."""
    if not isinstance(listed, list):
        raise Unusable("refused", f"{name} has {listed!r} where a list belongs")
    codes = set()
    for one in listed:
        code = str(one.get(field) if isinstance(one, dict) else one)
        if not re.fullmatch(f"[0-9]{{1,{digits}}}", code):
            raise Unusable("refused", f"{name} has a code that is none of {digits} digits: {code}")
        codes.add(code.zfill(digits))
    return ";".join(sorted(codes)) or None


def _address(name: str, url: object) -> str:
    """Return the address without its query, in which GTA may put the key of whoever asks."""
    address = str(url).partition("?")[0].partition("#")[0]
    if not address.startswith(("https://", "http://")):
        raise Unusable("refused", f"{name} has no address: {url!r}")
    return address


API = Api(
    base="https://api.globaltradealert.org",
    plan=plan,
    read=read,
    # GTA names no limit.
    per_second=0.5,
    key=Key(
        place="header",
        name="Authorization",
        prefix="APIKey ",
        how="Ask for one at https://globaltradealert.org/api-access; a key that shows what is published is free.",
    ),
    settings=Gta,
    licence=("Global Trade Alert terms of use", "https://globaltradealert.org"),
    citation="Global Trade Alert, St.Gallen Endowment for Prosperity Through Trade.",
    # An entry is rewritten whenever its measure is prolonged or ends, and nothing in the API says which ones were: the
    # whole span is asked for each time.
    revises=100,
    timeout=120,
)

SOURCE = Source(
    code="gta",
    title="Global Trade Alert",
    publisher="Global Trade Alert",
    homepage="https://globaltradealert.org",
    datasets=(INTERVENTIONS,),
    api=API,
    live=("interventions",),
    # An intervention is published when it is found.
    releases=Releases({}, day=1),
)
