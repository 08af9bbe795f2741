"""The World Bank's development indicators, as its API answers: agriculture in % of GDP, China and Korea.

China's 6.776% of 2024 is the World Bank's figure until June 2026, 6.798% its figure since; there is none for 2025 here.
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios

AGRICULTURE = "NV.AGR.TOTL.ZS"
FIGURES: dict[tuple[str, str], float | int | None] = {
    ("CHN", "2025"): None,
    ("CHN", "2024"): 6.77599881291286,
    ("CHN", "2023"): 6.88951941080068,
    ("CHN", "2022"): 7.14788692830171,
}
NAMES = {"CHN": ("CN", "China"), "KOR": ("KR", "Korea, Rep."), "": ("XX", "Not classified")}


def row(economy: str, year: str, value: object, indicator: str = AGRICULTURE, **more: Any) -> dict[str, Any]:
    """Make a row in the API's form."""
    code, name = NAMES.get(economy, (economy[:2], economy))
    return {
        "indicator": {"id": indicator, "value": "Agriculture, forestry, and fishing, value added (% of GDP)"},
        "country": {"id": code, "value": name},
        "countryiso3code": economy,
        "date": year,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 1,
        **more,
    }


def page(rows: list[dict[str, Any]] | None, **head: Any) -> bytes:
    """Write a response: its head and a list of rows."""
    counts = {"page": 1, "pages": 1, "per_page": 20000, "total": len(rows or []), "sourceid": "2"}
    return json.dumps([{**counts, "lastupdated": "2026-05-01", **head}, rows]).encode()


def figures(values: dict[tuple[str, str], float | int | None]) -> list[dict[str, Any]]:
    return [row(economy, year, value) for (economy, year), value in values.items()]


def failure(number: str, key: str, value: str) -> bytes:
    """Write an error in the API's form, which comes with HTTP 200."""
    return json.dumps([{"message": [{"id": number, "key": key, "value": value}]}]).encode()


RIGHT = page(figures(FIGURES))
HTML = (
    b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"><html><head><title>Request Error</title></head></html>'
)
NO_DATA = page(None, page=0, pages=0, per_page=0, total=0, sourceid=None, lastupdated=None)

PUBLISHERS = [
    Publisher(
        dataset="worldbank/wdi",
        subject=AGRICULTURE,
        configuration=f"""pairs = ["KOR-CHN"]

[worldbank]
indicators = ["{AGRICULTURE}"]
first_year = 1960
""",
        first="2022-01-01",
        last="2025-12-31",
        url=f"/country/KOR;CHN/indicator/{AGRICULTURE}?format=json&date=2022%3A2025&per_page=20000&page=1",
        right=RIGHT,
        revised=page(figures({**FIGURES, ("CHN", "2024"): 6.7975741844132}), lastupdated="2026-07-01"),
        scenarios={
            **common_scenarios(RIGHT),
            "html_400": Scenario(
                b"\xef\xbb\xbf" + HTML,
                "retried",
                "HTTP 400, a byte order mark and HTML",
                status=400,
                media_type="text/html",
            ),
            "no_data": Scenario(NO_DATA, "nothing", "a head of zeros and null for the rows"),
            "no_figures": Scenario(
                page(figures(dict.fromkeys(FIGURES))), "nothing", "a row for each year and no value in any"
            ),
            "capped": Scenario(
                page(figures(FIGURES), total=66), "refused", "fewer rows than the head says, on a single page"
            ),
            "wrong_economy": Scenario(
                page([row("PRK", year, value) for (_, year), value in FIGURES.items()]), "refused", "another economy"
            ),
            "wrong_indicator": Scenario(
                page([row(economy, year, value, "NV.IND.TOTL.ZS") for (economy, year), value in FIGURES.items()]),
                "refused",
                "another indicator",
            ),
            "wrong_period": Scenario(
                page([row("CHN", "1999", 16.06), *figures(FIGURES)]), "refused", "a year that was not asked for"
            ),
            "wrong_source": Scenario(page(figures(FIGURES), sourceid="57"), "refused", "the archive of old releases"),
            "wrong_page": Scenario(page([], page=99, per_page=100, total=66), "refused", "a page past the last"),
            "new_field": Scenario(
                page([{**one, "footnote_id": ""} for one in figures(FIGURES)]), "accepted", "a new field in each row"
            ),
            "missing_field": Scenario(
                page([{name: v for name, v in one.items() if name != "countryiso3code"} for one in figures(FIGURES)]),
                "refused",
                "rows without the code of the economy",
            ),
            "renamed_field": Scenario(RIGHT.replace(b'"date"', b'"time"'), "refused", "the year has another name"),
            "thousandfold": Scenario(
                page(figures({key: value and value * 1000 for key, value in FIGURES.items()})),
                "refused",
                "each value a thousand times what it was",
            ),
            "bad_value": Scenario(
                failure("120", "Invalid value", "The provided parameter value is not valid"),
                "refused",
                "error 120 with HTTP 200",
            ),
            "unavailable": Scenario(
                failure("105", "Service currently unavailable", "The requested service is temporarily unavailable."),
                "retried",
                "error 105 with HTTP 200",
            ),
        },
    )
]
