"""Hong Kong's Census and Statistics Department, simulated: re-exports of Korean goods to China in 2018.

The figure is 82.6% of Hong Kong's imports from Korea, 29.3 billion US$ at 7.84, as the Korea International Trade
Association printed it from the department's statistics. Here: the responses. Not here: reading them
(`tests/sources/test_cnsd.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios, field_scenarios


def record(period: str, figure: str, **changed: str) -> dict[str, Any]:
    """Make a record as the department writes it."""
    return {
        "freq": "A",
        "period": period,
        "ttype": "3",
        "ttypeDescEN": "Re-exports",
        "co": "KR",
        "coDescEN": "KOREA",
        "cc": "CN",
        "ccDescEN": "THE MAINLAND OF CHINA",
        "sv": "VCy",
        "figure": figure,
        "unitEN": "HK$ '000",
    } | changed


def body(records: list[dict[str, Any]], count: int | None = None) -> bytes:
    """Write a response with records, and `count` as the number of all records."""
    header = {
        "status": {"name": "Success", "code": 0, "description": "", "message": ""},
        "count": {"noOfRecords": len(records) if count is None else count},
    }
    return json.dumps({"header": header, "dataSet": records}).encode()


def said(name: str, code: int, message: str) -> bytes:
    """Write a response with a message instead of records."""
    return json.dumps({"header": {"status": {"name": name, "code": code, "message": [message]}}}).encode()


RECORDS = [record("2018", "229712000")]
RIGHT = body(RECORDS)


def changed(**values: str) -> bytes:
    """Write the right response with other values."""
    return body([one | values for one in RECORDS])


SCENARIOS = {
    **common_scenarios(RIGHT),
    **field_scenarios(RECORDS, body, new={"coclass": "C"}, missing="unitEN", renamed=("figure", "value")),
    "no_data": Scenario(said("Fail", 1, "No record found"), "nothing", "Fail: no record found"),
    "no_records": Scenario(body([]), "nothing", "Success without records"),
    "not_out": Scenario(
        said("Fail", 1, "Period code (2018) is not defined"), "nothing", "Fail: a year that is not out yet"
    ),
    "wrong_code": Scenario(said("Fail", 1, "Country code (KR) is invalid"), "refused", "Fail: a parameter is wrong"),
    "too_many": Scenario(said("Usage limit", 2, "Usage limit"), "quota", "Usage limit"),
    "busy": Scenario(said("Server busy", 3, "Server busy"), "retried", "Server busy"),
    "denied": Scenario(said("Access denied", 4, "Access denied"), "retried", "Access denied"),
    "capped": Scenario(body(RECORDS, 2), "refused", "fewer records than noOfRecords"),
    "wrong_economy": Scenario(changed(cc="JP"), "refused", "another destination"),
    "wrong_period": Scenario(changed(period="2017"), "refused", "a year that was not asked for"),
    "thousandfold": Scenario(changed(figure="229712000000"), "refused", "HK$ under the name of thousands"),
    "other_unit": Scenario(changed(unitEN="HK$ million"), "refused", "another unit"),
    "turned_over": Scenario(
        changed(figure="HK$ '000", unitEN="229712000"), "refused", "the unit where the figure belongs, and the reverse"
    ),
    "total_exports": Scenario(changed(ttype="4"), "refused", "total exports in place of re-exports"),
    "no_value": Scenario(changed(figure="-"), "refused", "a figure that is no number"),
}

PUBLISHERS = [
    Publisher(
        dataset="cnsd/re_exports_annual",
        subject="KOR-CHN re-exports",
        configuration='pairs = ["KOR-CHN"]\n',
        first="2018-01-01",
        last="2019-03-01",
        url="/api/get?lang=EN&sv=VCy&freq=A&ttype=3&period=2018%2C2018&coclass=C&co=KR&ccclass=C&cc=CN",
        right=RIGHT,
        revised=changed(figure="229713000"),
        scenarios=SCENARIOS,
    )
]
