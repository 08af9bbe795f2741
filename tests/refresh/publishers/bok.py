"""The Bank of Korea's ECOS as the tests play it.

Here: its responses to one request, Korea's receipts for services from all partners. Not here: what `read` makes of
them (`tests/sources/test_bok_api.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario

# Receipts for services from all partners, million US$: table 301Y015, read from the bank on 16 September 2026.
WORLD = {"2019": "103839", "2020": "91232", "2021": "120174", "2022": "132682", "2023": "127042", "2024": "142034"}


def row(year: str, value: str, **changed: str) -> dict[str, Any]:
    """A row as ECOS writes it."""
    return {
        "STAT_CODE": "301Y015",
        "STAT_NAME": "2.6. 지역별 경상수지",
        "ITEM_CODE1": "REG2100",
        "ITEM_NAME1": "서비스수입",
        "ITEM_CODE2": "SUM",
        "ITEM_NAME2": "총계",
        "ITEM_CODE3": None,
        "ITEM_NAME3": None,
        "ITEM_CODE4": None,
        "ITEM_NAME4": None,
        "UNIT_NAME": "백만달러",
        "WGT": None,
        "TIME": year,
        "DATA_VALUE": value,
    } | changed


def body(rows: list[dict[str, Any]], total: int | None = None) -> bytes:
    """A response with rows, and the number of rows that there are."""
    found = {"list_total_count": len(rows) if total is None else total, "row": rows}
    return json.dumps({"StatisticSearch": found}, ensure_ascii=False).encode()


def said(code: str, message: str) -> bytes:
    """A response without rows."""
    return json.dumps({"RESULT": {"CODE": code, "MESSAGE": message}}, ensure_ascii=False).encode()


ROWS = [row(year, value) for year, value in WORLD.items()]
RIGHT = body(ROWS)

SCENARIOS = {
    "bom": Scenario(b"\xef\xbb\xbf" + RIGHT, "accepted", "a byte order mark before the JSON"),
    "empty_body": Scenario(b"", "retried", "no bytes"),
    "html": Scenario(
        "<!DOCTYPE html><html><body>점검중입니다</body></html>".encode(),
        "retried",
        "a page in place of the response",
        media_type="text/html",
    ),
    "truncated": Scenario(RIGHT[: len(RIGHT) // 2], "retried", "JSON that breaks off"),
    "no_data": Scenario(said("INFO-200", "해당하는 데이터가 없습니다."), "nothing", "INFO-200, no such data"),
    "capped": Scenario(body(ROWS, total=7), "refused", "fewer rows than list_total_count"),
    "wrong_economy": Scenario(
        body([row(year, value, ITEM_CODE2="CN") for year, value in WORLD.items()]), "refused", "rows of another region"
    ),
    "wrong_period": Scenario(body([*ROWS, row("2018", "1")]), "refused", "a year that was not asked for"),
    "new_field": Scenario(
        body([one | {"P_ITEM_CODE": "REG2000"} for one in ROWS]), "accepted", "a field that was not there before"
    ),
    "missing_field": Scenario(
        body([{k: v for k, v in one.items() if k != "UNIT_NAME"} for one in ROWS]), "refused", "a field is gone"
    ),
    "renamed_field": Scenario(
        body([{("VALUE" if k == "DATA_VALUE" else k): v for k, v in one.items()} for one in ROWS]),
        "refused",
        "a field has another name",
    ),
    "thousandfold": Scenario(
        body([row(year, f"{value}000") for year, value in WORLD.items()]),
        "refused",
        "thousands of US$ under the name of millions",
    ),
    "other_unit": Scenario(
        body([row(year, value, UNIT_NAME="천달러") for year, value in WORLD.items()]), "refused", "another UNIT_NAME"
    ),
    "other_table": Scenario(
        body([row(year, value, STAT_CODE="301Y013") for year, value in WORLD.items()]),
        "refused",
        "rows of another table",
    ),
    "no_value": Scenario(body([row(year, "-") for year in WORLD]), "refused", "a value that is no number"),
    "bad_key": Scenario(said("INFO-100", "인증키가 유효하지 않습니다."), "key", "INFO-100, the key is not valid"),
    "bad_key_xml": Scenario(
        '<?xml version="1.0" encoding="UTF-8"?><RESULT><CODE>INFO-100</CODE>'
        "<MESSAGE>인증키가 유효하지 않습니다.</MESSAGE></RESULT>".encode(),
        "key",
        "INFO-100 as XML where JSON was asked for",
        media_type="application/xml",
    ),
    "missing_value": Scenario(
        said("ERROR-100", "필수 값이 누락되어 있습니다."), "refused", "ERROR-100, something is missing from the path"
    ),
    "wrong_dates": Scenario(
        said("ERROR-101", "주기와 다른 형식의 날짜 형식입니다."), "refused", "ERROR-101, dates do not fit the frequency"
    ),
    "wrong_format": Scenario(
        said("ERROR-200", "파일타입 값이 누락 혹은 유효하지 않습니다."), "refused", "ERROR-200, neither json nor xml"
    ),
    "no_count": Scenario(
        said("ERROR-300", "조회건수 값이 누락되어 있습니다."), "refused", "ERROR-300, no number of rows"
    ),
    "wrong_count": Scenario(
        said("ERROR-301", "조회건수 값의 타입이 유효하지 않습니다."),
        "refused",
        "ERROR-301, the number of rows is no number",
    ),
    "timeout": Scenario(
        said("ERROR-400", "검색범위가 적정범위를 초과하여 60초 TIMEOUT이 발생하였습니다."),
        "retried",
        "ERROR-400, the search took a minute",
    ),
    "server": Scenario(said("ERROR-500", "서버 오류입니다."), "retried", "ERROR-500, the server failed"),
    "database": Scenario(said("ERROR-600", "DB Connection 오류입니다."), "retried", "ERROR-600, no database"),
    "query": Scenario(said("ERROR-601", "SQL 오류입니다."), "retried", "ERROR-601, the database's query failed"),
    "too_many": Scenario(
        said("ERROR-602", "과도한 OpenAPI호출로 이용이 제한되었습니다."), "quota", "ERROR-602, too many calls"
    ),
}

PUBLISHERS = [
    Publisher(
        dataset="bok/services_annual",
        subject="KOR-WLD EXP",
        configuration='pairs = ["KOR-VNM"]\n',
        first="2019-01-01",
        last="2024-12-31",
        url="/StatisticSearch/KEY/json/kr/1/100/301Y015/A/2019/2024/REG2100/SUM",
        right=RIGHT,
        revised=body([*ROWS[:-1], row("2024", "142500")]),
        scenarios=SCENARIOS,
    )
]
