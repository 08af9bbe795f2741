"""UN Comtrade, simulated: Korea's trade with China in 2024, requested without a key.

Korea reports exports of US$132,902,972,288 and imports of US$139,874,969,811. Here: its responses to that request. Not
here: reading them (`tests/sources/test_comtrade.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios, field_scenarios

VALUES = {"X": 132_902_972_288.0, "M": 139_874_969_811.0}
# What the API gives a record and leaves empty: names, quantities, and whether they are estimated.
UNNAMED = (
    *("reporterISO", "reporterDesc", "flowDesc", "partnerISO", "partnerDesc", "partner2ISO", "partner2Desc"),
    *("cmdDesc", "customsDesc", "motDesc", "qtyUnitAbbr", "altQtyUnitAbbr"),
)
QUANTITIES = ("qty", "altQty", "netWgt", "grossWgt")
ESTIMATED = ("isQtyEstimated", "isAltQtyEstimated", "isNetWgtEstimated", "isGrossWgtEstimated")


def record(flow: str, value: float | None, **changed: Any) -> dict[str, Any]:
    """Make a record as the API writes it: all goods, added up by the UN, without a weight."""
    return {
        "typeCode": "C",
        "freqCode": "A",
        "refPeriodId": 20240101,
        "refYear": 2024,
        "refMonth": 52,
        "period": "2024",
        "reporterCode": 410,
        "flowCode": flow,
        "partnerCode": 156,
        "partner2Code": 0,
        "classificationCode": "H6",
        "classificationSearchCode": "HS",
        "isOriginalClassification": True,
        "cmdCode": "TOTAL",
        "aggrLevel": 0,
        "isLeaf": False,
        "customsCode": "C00",
        "mosCode": "0",
        "motCode": 0,
        **dict.fromkeys(UNNAMED),
        **dict.fromkeys(QUANTITIES, 0),
        **dict.fromkeys(ESTIMATED, False),
        "qtyUnitCode": -1,
        "altQtyUnitCode": -1,
        "cifvalue": value if flow == "M" else None,
        "fobvalue": value if flow == "X" else None,
        "primaryValue": value,
        "legacyEstimationFlag": 0,
        "isReported": False,
        "isAggregate": True,
        **changed,
    }


def body(records: list[dict[str, Any]], **changed: Any) -> bytes:
    """Write a response with records."""
    return json.dumps(
        {"elapsedTime": "0.21 secs", "count": len(records), "data": records, "error": ""} | changed
    ).encode()


def both(**changed: Any) -> list[dict[str, Any]]:
    """Make the records of both flows."""
    return [record(flow, value, **changed) for flow, value in VALUES.items()]


def refusal(status: int, message: str) -> bytes:
    """Write an error of the gateway before the API."""
    return json.dumps({"statusCode": status, "message": message}).encode()


RIGHT = body(both())
NOTHING = b'{"elapsedTime": "0.08 secs", "count": 0, "data": [], "error": ""}'
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
MISSING_KEY = refusal(
    401,
    "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an "
    "API.",
)
INVALID_KEY = refusal(
    401, "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)
OUT_OF_QUOTA = refusal(403, "Out of call volume quota. Quota will be replenished in 03:14:17.")

SCENARIOS = {
    **common_scenarios(RIGHT),
    **field_scenarios(
        both(), body, new={"datasetCode": 20241}, missing="primaryValue", renamed=("primaryValue", "tradeValue")
    ),
    "no_data": Scenario(NOTHING, "nothing", "count 0"),
    "capped": Scenario(
        body([record("X", 1.0 + n, partner2Code=n) for n in range(500)]),
        "refused",
        "500 records, as many as may be had",
    ),
    "wrong_economy": Scenario(body(both(reporterCode=156, partnerCode=410)), "refused", "the other side's figures"),
    "wrong_period": Scenario(body(both(period="2023", refYear=2023)), "refused", "another year"),
    "thousandfold": Scenario(
        body([record(flow, value / 1000) for flow, value in VALUES.items()]), "refused", "thousands of US$"
    ),
    "wrong_product": Scenario(body(both(cmdCode="85", aggrLevel=2)), "refused", "another product"),
    "wrong_flow": Scenario(body([*both(), record("RX", 1.0)]), "refused", "re-exports, which were not asked for"),
    "wrong_frequency": Scenario(body(both(freqCode="M")), "refused", "another frequency"),
    "parts": Scenario(
        body([*both(), record("X", 130_000_000_000.0, motCode=2100), record("X", 1.0, customsCode="C04")]),
        "accepted",
        "parts beside the figure (the preview passes over motCode): kept in raw, left out in staging",
    ),
    "no_value": Scenario(body([record("X", None), record("M", None)]), "accepted", "records without a value: missing"),
    "negative": Scenario(body([record("X", -1.0), record("M", VALUES["M"])]), "refused", "a value below zero"),
    "twice": Scenario(body(both() + both()), "refused", "each record twice"),
    "miscounted": Scenario(body(both(), count=3), "retried", "fewer records than count says"),
    "reported_error": Scenario(
        body([], error="The parameter period is not valid"), "refused", "an error under HTTP 200"
    ),
    "no_list": Scenario(body([], data=None), "refused", "no list of records"),
    "refusal_with_200": Scenario(MISSING_KEY, "key", "the gateway's 401 under HTTP 200"),
    "missing_key": Scenario(MISSING_KEY, "key", "HTTP 401, no key", status=401),
    "invalid_key": Scenario(INVALID_KEY, "key", "HTTP 401, an unknown key", status=401),
    "rejected": Scenario(
        refusal(403, "All calls are rejected by policy."), "key", "HTTP 403, nobody without a key", 403
    ),
    "out_of_quota": Scenario(
        OUT_OF_QUOTA, "quota", "HTTP 403, the day's calls are used up", status=403, headers={"Retry-After": "11657"}
    ),
    "out_of_quota_in_words": Scenario(
        OUT_OF_QUOTA, "quota", "HTTP 403, whose words say when calls are there again: a pause until then", status=403
    ),
    "rate_limit": Scenario(
        refusal(429, "Rate limit is exceeded. Try again in 1 seconds."),
        "retried",
        "HTTP 429, too fast",
        status=429,
        headers={"Retry-After": "1"},
    ),
    "long_wait": Scenario(b"", "quota", "HTTP 429 and a wait of an hour", status=429, headers={"Retry-After": "3600"}),
    "bad_request": Scenario(refusal(400, "Only one period is allowed."), "refused", "HTTP 400", status=400),
    "not_found": Scenario(refusal(404, "Resource not found"), "refused", "HTTP 404, the address is gone", status=404),
    "server": Scenario(refusal(500, "Internal server error"), "retried", "HTTP 500", status=500),
}

PUBLISHERS = [
    Publisher(
        dataset="comtrade/goods",
        subject="KOR-CHN TOTAL A",
        configuration='pairs = ["KOR-CHN"]\n',
        first="2024-01-01",
        last="2024-12-31",
        url="/public/v1/preview/C/A/HS?reporterCode=410&period=2024&partnerCode=156&partner2Code=0&cmdCode=TOTAL"
        "&flowCode=M%2CX&customsCode=C00&motCode=0&maxRecords=500&breakdownMode=classic&includeDesc=false",
        right=RIGHT,
        revised=body([record("X", 133_026_000_000.0), record("M", VALUES["M"])]),
        scenarios=SCENARIOS,
    )
]
