"""The US Census Bureau, simulated: general imports from China, and imports for consumption by chapter.

The figures are the bureau's: months of 2025 as its page of June 2026 prints them, and live animals and meat of 2013.
Here: the responses. Not here: reading them (`tests/sources/test_us_census.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios

Rows = list[list[Any]]
MONTHS = {"2025-01": "41770400000", "2025-02": "31654600000", "2025-03": "29510800000"}
EXPORTS = {"2025-01": "9875200000", "2025-02": "10429600000", "2025-03": "11509500000"}
LIVE_ANIMALS = {"2013-01": "1474506", "2013-02": "2577346", "2013-03": "997318"}

TOTALS: Rows = [["ALL_VAL_MO", "time", "CTY_CODE"], *[[value, month, "5700"] for month, value in EXPORTS.items()]]
CHAPTERS: Rows = [
    ["GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "I_COMMODITY", "time", "COMM_LVL", "CTY_CODE"],
    *[[value, value, "0", "01", month, "HS2", "5700"] for month, value in LIVE_ANIMALS.items()],
]
IMPORTS: Rows = [
    ["GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "time", "CTY_CODE"],
    *[[value, value, "1000000000", month, "5700"] for month, value in MONTHS.items()],
]


def body(rows: Rows) -> bytes:
    """Write a response with rows; the first has the names of the columns."""
    return json.dumps(rows).encode()


def page(title: str) -> bytes:
    """Write the page that the API sends instead of figures."""
    return f"<html><head><title>{title}</title></head><body><p>A valid key must be included.</p></body></html>".encode()


def change(rows: Rows, column: str, value: str | None) -> Rows:
    """Return the rows with the same value in one column."""
    place = rows[0].index(column)
    return [rows[0], *[[*row[:place], value, *row[place + 1 :]] for row in rows[1:]]]


def drop(rows: Rows, column: str) -> Rows:
    """Return the rows without a column."""
    place = rows[0].index(column)
    return [row[:place] + row[place + 1 :] for row in rows]


def scenarios(rows: Rows, value: str) -> dict[str, Scenario]:
    """Make every wrong response to a request.

    Args:
        rows: The right rows.
        value: The column of the values.
    """
    renamed = [[name if name != value else "VAL_MO" for name in rows[0]], *rows[1:]]
    place = rows[0].index(value)
    thousandfold = [rows[0], *[[*row[:place], f"{row[place]}000", *row[place + 1 :]] for row in rows[1:]]]
    return common_scenarios(body(rows)) | {
        "no_data": Scenario(b"", "nothing", "HTTP 204, no figures", status=204),
        "no_rows": Scenario(body(rows[:1]), "nothing", "the names of the columns and no rows"),
        "wrong_economy": Scenario(body(change(rows, "CTY_CODE", "5800")), "refused", "another country"),
        "wrong_period": Scenario(body(change(rows[:2], "time", "2012-12")), "refused", "a month not asked for"),
        "new_field": Scenario(
            body([[*rows[0], "LAST_UPDATE"], *[[*row, "2026-06-09"] for row in rows[1:]]]),
            "accepted",
            "a column that was not there before",
        ),
        "missing_field": Scenario(body(drop(rows, value)), "refused", "a column is gone"),
        "renamed_field": Scenario(body(renamed), "refused", "a column has another name"),
        "thousandfold": Scenario(body(thousandfold), "refused", "a thousandfold"),
        "short_row": Scenario(body([*rows[:-1], rows[-1][:-1]]), "refused", "a row that is shorter than the first"),
        "numbers": Scenario(body([*rows[:-1], [1, *rows[-1][1:]]]), "refused", "a number where texts were"),
        "records": Scenario(b'[{"time": "2025-01"}]', "refused", "records in place of rows"),
        "no_value": Scenario(body(change(rows, value, "(X)")), "refused", "a value that is no number"),
        "bad_key": Scenario(page("Invalid Key"), "key", "a page: Invalid Key", media_type="text/html"),
        "no_key": Scenario(page("Missing Key"), "key", "a page: Missing Key", media_type="text/html"),
        "bad_request": Scenario(
            b"error: unknown variable 'GEN_VAL'", "refused", "HTTP 400, the error", status=400, media_type="text/plain"
        ),
        "failed": Scenario(
            b"There was an error while running your query.", "retried", "HTTP 500 with a sentence", status=500
        ),
    }


IMPOSSIBLE = {"capped": "a response has all rows"}

PUBLISHERS = [
    Publisher(
        dataset="us_census/trade",
        subject="USA-CHN exports of all goods",
        configuration='pairs = ["USA-CHN"]\n',
        first="2025-01-01",
        last="2025-03-31",
        url="/timeseries/intltrade/exports/hs?get=ALL_VAL_MO&time=from+2025-01+to+2025-03&CTY_CODE=5700&key=KEY",
        right=body(TOTALS),
        revised=body([*TOTALS[:-1], ["11509600000", *TOTALS[-1][1:]]]),
        scenarios=scenarios(TOTALS, "ALL_VAL_MO"),
        impossible=IMPOSSIBLE,
    ),
    Publisher(
        dataset="us_census/trade",
        subject="USA-CHN imports HS2",
        configuration='pairs = ["USA-CHN"]\n',
        first="2013-01-01",
        last="2013-03-31",
        url="/timeseries/intltrade/imports/hs?get=GEN_VAL_MO%2CCON_VAL_MO%2CCAL_DUT_MO%2CI_COMMODITY"
        "&time=from+2013-01+to+2013-03&COMM_LVL=HS2&CTY_CODE=5700&key=KEY",
        right=body(CHAPTERS),
        revised=body([*CHAPTERS[:-1], ["997319", *CHAPTERS[-1][1:]]]),
        scenarios=scenarios(CHAPTERS, "GEN_VAL_MO"),
        impossible=IMPOSSIBLE,
    ),
]
