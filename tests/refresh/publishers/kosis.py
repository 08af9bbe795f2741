"""KOSIS, simulated.

Here: its responses to one request, for the months of Korea's trade with China. Not here: reading them
(`tests/sources/test_kosis.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios, field_scenarios

EXPORTS, IMPORTS = "13103103829T1", "13103103829T2"
# Korea's exports to and imports from China, thousand US$: table DT_1R11006_FRM101, as KOSIS showed it on 23 May 2025.
MONTHS = {
    "201907": (11444067, 9392846),
    "201908": (11287793, 8312968),
    "201909": (11362386, 8197068),
    "201910": (12243754, 9215893),
    "201911": (11888955, 8966004),
    "201912": (12296986, 9023873),
}


def cell(month: str, item: str, value: object, **changed: str) -> dict[str, Any]:
    """Make a cell as KOSIS writes it."""
    return {
        "ORG_ID": "360",
        "TBL_ID": "DT_1R11006_FRM101",
        "TBL_NM": "국가별 수출액 수입액",
        "C1": "13102103829E.CN",
        "C1_OBJ_NM": "국가별",
        "C1_OBJ_NM_ENG": "By country",
        "C1_NM": "중국",
        "C1_NM_ENG": "China",
        "ITM_ID": item,
        "ITM_NM": "수출액" if item == EXPORTS else "수입액",
        "ITM_NM_ENG": "Exports" if item == EXPORTS else "Imports",
        "UNIT_NM": "천달러",
        "UNIT_NM_ENG": "Thousand dollars",
        "PRD_SE": "M",
        "PRD_DE": month,
        "DT": str(value),
        "LST_CHN_DE": "2025-02-20",
    } | changed


def cells(times: int = 1, **changed: str) -> list[dict[str, Any]]:
    """Make the cells of both items of each month, multiplied by `times`."""
    return [
        cell(month, item, value * times, **changed)
        for month, values in MONTHS.items()
        for item, value in zip((EXPORTS, IMPORTS), values, strict=True)
    ]


def body(found: list[dict[str, Any]]) -> bytes:
    return json.dumps(found, ensure_ascii=False).encode()


def said(code: str, message: str) -> bytes:
    """Write a response with a message instead of cells."""
    return json.dumps({"err": code, "errMsg": message}, ensure_ascii=False).encode()


RIGHT = body(cells())

SCENARIOS = {
    **common_scenarios(RIGHT),
    **field_scenarios(
        cells(),
        body,
        new={"UNIT_ID": "TUSD", "CHANGED_BY": "관세청"},
        missing="UNIT_NM",
        renamed=("DT", "VALUE"),
    ),
    "no_data": Scenario(said("30", "데이터가 존재하지 않습니다."), "nothing", "err 30, no such data"),
    "empty_list": Scenario(b"[]", "nothing", "a list without cells"),
    "capped": Scenario(said("31", "조회결과가 초과하였습니다."), "refused", "err 31, more than 40,000 cells"),
    "wrong_economy": Scenario(body(cells(C1="13102103829E.US", C1_NM="미국")), "refused", "cells of another country"),
    "other_name": Scenario(body(cells(C1_NM="중화인민공화국")), "refused", "a name of the country that is not listed"),
    "wrong_period": Scenario(
        body([*cells(), cell("202001", EXPORTS, 1), cell("202001", IMPORTS, 1)]),
        "refused",
        "a month that was not asked for",
    ),
    "thousandfold": Scenario(body(cells(times=1000)), "refused", "US$ under the name of thousands"),
    "other_unit": Scenario(body(cells(UNIT_NM="백만달러")), "refused", "another UNIT_NM"),
    "other_table": Scenario(body(cells(TBL_ID="DT_1R11001_FRM101")), "refused", "cells of another table"),
    "other_item": Scenario(body(cells(ITM_ID="13103103829T3")), "refused", "an item that was not asked for"),
    "years": Scenario(body(cells(PRD_SE="Y", PRD_DE="2019")), "refused", "years in place of months"),
    "half_a_month": Scenario(body(cells()[:-1]), "refused", "a month with exports and without imports"),
    "no_value": Scenario(body(cells(DT="-")), "nothing", "dashes in place of all values"),
    "no_number": Scenario(body(cells(DT="n/a")), "refused", "a value that is no number"),
    "object": Scenario(b'{"rows": []}', "refused", "neither a list nor an error"),
    "no_key": Scenario(said("10", "인증키값이 누락되었습니다."), "key", "err 10, no key"),
    "bad_key": Scenario(said("11", "유효하지 않은 인증KEY입니다."), "key", "err 11, the key has expired or is wrong"),
    "bad_key_unquoted": Scenario(
        '{err:"11",errMsg:"유효하지 않은 인증KEY입니다."}'.encode(), "key", "err 11 as a JavaScript object"
    ),
    "missing_parameter": Scenario(
        said("20", "필수요청변수값이 누락되었습니다."), "refused", "err 20, a parameter is missing"
    ),
    "wrong_parameter": Scenario(said("21", "잘못된 요청 변수입니다."), "refused", "err 21, a parameter is wrong"),
    "too_many_calls": Scenario(said("40", "호출가능건수를 초과하였습니다."), "quota", "err 40, too many calls"),
    "too_many_rows": Scenario(said("41", "호출가능ROW수를 초과하였습니다."), "refused", "err 41, too many rows"),
    "user_restricted": Scenario(said("42", "이용이 제한되었습니다."), "quota", "err 42, this user may ask no more"),
    "server": Scenario(said("50", "서버오류가 발생하였습니다."), "retried", "err 50, the server failed"),
}

PUBLISHERS = [
    Publisher(
        dataset="kosis/goods_monthly",
        subject="KOR-CHN",
        configuration='pairs = ["KOR-CHN"]\n',
        first="2019-07-01",
        last="2019-12-31",
        url="/Param/statisticsParameterData.do?method=getList&orgId=360&tblId=DT_1R11006_FRM101"
        "&itmId=13103103829T1+13103103829T2&objL1=13102103829E.CN&prdSe=M&startPrdDe=201907&endPrdDe=201912"
        "&format=json&jsonVD=Y&apiKey=KEY",
        right=RIGHT,
        revised=body([*cells()[:-1], cell("201912", IMPORTS, 9023999, LST_CHN_DE="2025-06-20")]),
        scenarios=SCENARIOS,
    )
]
