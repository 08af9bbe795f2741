"""Global Trade Alert, simulated.

Here: its responses to one request, for interventions of the United States that affect China. Numbers, codes and dates
are Global Trade Alert's; titles and texts are invented. Not here: reading them (`tests/sources/test_gta.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios, field_scenarios


def jurisdiction(number: int, name: str, iso: str) -> dict[str, Any]:
    return {"id": number, "name": name, "iso": iso}


USA = jurisdiction(840, "United States of America", "USA")
CHINA = jurisdiction(156, "China", "CHN")
CANADA, JAPAN = jurisdiction(124, "Canada", "CAN"), jurisdiction(392, "Japan", "JPN")
MEXICO, SPAIN = jurisdiction(484, "Mexico", "MEX"), jurisdiction(724, "Spain", "ESP")
BELGIUM, CZECHIA = jurisdiction(56, "Belgium", "BEL"), jurisdiction(203, "Czechia", "CZE")


def intervention(number: int, act: int, **changed: Any) -> dict[str, Any]:
    """Make an intervention as GTA writes it for a key without special rights."""
    return {
        "intervention_id": number,
        "state_act_id": act,
        "state_act_title": f"Act {act}",
        # The addresses hold a key of whoever asks.
        "intervention_url": f"https://globaltradealert.org/intervention/{number}?key=SECRET",
        "state_act_url": f"https://www.globaltradealert.org/state-act/{act}?key=SECRET",
        "gta_evaluation": "Red",
        "implementing_jurisdictions": [USA],
        "implementing_jurisdiction_groups": [],
        "affected_jurisdictions": [CANADA, CHINA, JAPAN, MEXICO, SPAIN],
        "inferred_jurisdictions": "Inferred",
        "implementation_level": "National",
        "eligible_firm": "all",
        "intervention_type": "Import tariff",
        "mast_chapter": "Tariff measures",
        "mast_subchapter": "Tariff measures",
        "affected_sectors": [491],
        "affected_products": [870431],
        "date_announced": "2026-01-21",
        "date_published": "2026-01-22",
        "date_implemented": "2026-03-22",
        "date_removed": None,
        "is_in_force": 1,
        "last_updated": "2026-01-22",
    } | changed


# Trucks classed otherwise at the border, and a grant of Texas to a maker of wafers.
TRUCKS = intervention(152110, 96122)
WAFERS = intervention(
    152717,
    96397,
    implementation_level="Subnational",
    eligible_firm="firm-specific",
    intervention_type="Financial grant",
    mast_chapter="L: Subsidies (excl. export subsidies)",
    mast_subchapter="L Subsidies (excl. export subsidies)",
    affected_jurisdictions=[BELGIUM, CANADA, CHINA, CZECHIA],
    affected_sectors=[471],
    affected_products=[],
    date_announced="2026-02-06",
    date_published="2026-02-10",
    date_implemented="2026-02-06",
)
# The same as GTA writes it for a key with all rights.
TRUCKS_IN_FULL = TRUCKS | {
    "intervention_description": [{"status": "new", "order_nr": 1, "modified": "2026-01-22 07:16", "text": "<p>…</p>"}],
    "state_act_source": [{"status": "changed", "order_nr": 1, "modified": "2026-01-22 14:04", "text": "…"}],
    "is_official_source": False,
    "affected_sectors": [{"sector_id": 491, "name": "Motor vehicles"}],
    "affected_products": [
        {
            "product_id": 870431,
            "name": "Vehicles",
            "prior_level": "0",
            "new_level": "25",
            "unit": "percent",
            "date_implemented": "2026-03-22",
            "date_removed": None,
        }
    ],
}


def body(entries: list[dict[str, Any]]) -> bytes:
    return json.dumps(entries).encode()


def detail(text: str) -> bytes:
    """Write an error in the form of the framework behind GTA's API."""
    return json.dumps({"detail": text}).encode()


ENTRIES = [TRUCKS, WAFERS]
RIGHT = body(ENTRIES)

SCENARIOS = {
    **common_scenarios(RIGHT),
    **field_scenarios(
        ENTRIES,
        body,
        new={"is_horizontal": False},
        missing="affected_products",
        renamed=("date_implemented", "inception_date"),
    ),
    "full_access": Scenario(
        body([TRUCKS_IN_FULL, WAFERS]), "accepted", "records in place of codes, for a key of all rights"
    ),
    "no_data": Scenario(b"[]", "nothing", "an empty list"),
    "wrong_economy": Scenario(
        body([TRUCKS | {"implementing_jurisdictions": [CANADA]}, WAFERS]), "refused", "an act of another economy"
    ),
    "untouched_economy": Scenario(
        body([TRUCKS | {"affected_jurisdictions": [CANADA]}, WAFERS]), "refused", "an act that does not touch the other"
    ),
    "wrong_period": Scenario(
        body([*ENTRIES, intervention(7, 8, date_announced="2009-01-01")]), "refused", "a year that was not asked for"
    ),
    "nameless": Scenario(
        body([TRUCKS | {"affected_jurisdictions": [CHINA, {"id": 999, "name": "Republic of Kosovo", "iso": None}]}]),
        "refused",
        "a jurisdiction without an ISO code",
    ),
    "long_code": Scenario(body([TRUCKS | {"affected_products": [8704311000]}]), "refused", "a product of ten digits"),
    "codes_no_list": Scenario(body([TRUCKS | {"affected_products": "870431"}]), "refused", "a text in place of a list"),
    "no_address": Scenario(body([TRUCKS | {"intervention_url": None}]), "refused", "an entry without a page"),
    "object": Scenario(
        body([]).replace(b"[]", b'{"count": 0, "results": []}'), "refused", "an object in place of a list"
    ),
    "no_key": Scenario(detail("Authentication credentials were not provided."), "key", "HTTP 401, no key", status=401),
    "bad_key": Scenario(detail("Invalid API key."), "key", "HTTP 403, a key that is not valid", status=403),
    "bad_request": Scenario(
        b'{"request_data": ["Invalid value."]}', "refused", "HTTP 400, a filter that is not accepted", status=400
    ),
}

PUBLISHERS = [
    Publisher(
        dataset="gta/interventions",
        subject="USA-CHN",
        configuration='pairs = ["USA-CHN"]\n\n[gta]\nfirst_year = 2026\n',
        first="2026-01-01",
        last="2026-11-24",
        url="/api/v1/data/",
        right=RIGHT,
        revised=body([TRUCKS | {"date_removed": "2026-10-01", "is_in_force": 0}, WAFERS]),
        scenarios=SCENARIOS,
        impossible={
            "capped": "a full response is followed by the next, and the last one is not full",
            "thousandfold": "there are no measures in it",
        },
    )
]
