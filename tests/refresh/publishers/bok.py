"""The Bank of Korea's ECOS, simulated.

Here: its responses to two requests, for Korea's receipts for services from all partners and for the price of a yuan in
won. Not here: reading them (`tests/sources/test_bok.py`).
"""

from __future__ import annotations

import json
from typing import Any

from tests.refresh.publisher import Publisher, Scenario, common_scenarios, field_scenarios

# Receipts for services from all partners, million US$: table 301Y015, read from the bank on 16 September 2026.
WORLD = {"2019": "103839", "2020": "91232", "2021": "120174", "2022": "132682", "2023": "127042", "2024": "142034"}
# Won for a yuan, averages of the month: table 731Y004 as ECOS had it in July 2025.
YUAN = {"202501": "198.71", "202502": "198.43", "202503": "200.79", "202504": "197.7", "202505": "193.37"}


def row(year: str, value: str, **changed: str) -> dict[str, Any]:
    """Make a row as ECOS writes it."""
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


def rate(month: str, value: str, **changed: str) -> dict[str, Any]:
    """Make a month's exchange rate as ECOS writes it."""
    names = {"STAT_CODE": "731Y004", "STAT_NAME": "3.1.2.1. 주요국 통화의 대원화환율"}
    items = {
        "ITEM_CODE1": "0000053",
        "ITEM_NAME1": "원/위안(매매기준율)",
        "ITEM_CODE2": "0000100",
        "ITEM_NAME2": "평균자료",
    }
    return row(month, value) | names | items | {"UNIT_NAME": "원"} | changed


def body(rows: list[dict[str, Any]], total: int | None = None) -> bytes:
    """Write a response with rows, and `total` as the number of all rows."""
    found = {"list_total_count": len(rows) if total is None else total, "row": rows}
    return json.dumps({"StatisticSearch": found}, ensure_ascii=False).encode()


def said(code: str, message: str) -> bytes:
    """Write a response with a message instead of rows."""
    return json.dumps({"RESULT": {"CODE": code, "MESSAGE": message}}, ensure_ascii=False).encode()


TROUBLES = {
    "no_data": Scenario(said("INFO-200", "해당하는 데이터가 없습니다."), "nothing", "INFO-200, no such data"),
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


def scenarios(
    rows: list[dict[str, Any]], before: dict[str, Any], elsewhere: dict[str, str], unit: str
) -> dict[str, Scenario]:
    """Make every wrong response to a request.

    Args:
        rows: The right rows.
        before: A row of an earlier period.
        elsewhere: The codes of a series that was not requested.
        unit: Another unit.
    """
    fields = field_scenarios(
        rows, body, new={"P_ITEM_CODE": "REG2000"}, missing="UNIT_NAME", renamed=("DATA_VALUE", "VALUE")
    )
    return (
        common_scenarios(body(rows))
        | fields
        | TROUBLES
        | {
            "capped": Scenario(body(rows, total=len(rows) + 1), "refused", "fewer rows than list_total_count"),
            "wrong_economy": Scenario(body([one | elsewhere for one in rows]), "refused", "rows of something else"),
            "wrong_period": Scenario(body([*rows, before]), "refused", "a period that was not asked for"),
            "thousandfold": Scenario(
                body([one | {"DATA_VALUE": f"{float(one['DATA_VALUE']) * 1000:.2f}"} for one in rows]),
                "refused",
                "a thousandfold under the name of the unit",
            ),
            "other_unit": Scenario(body([one | {"UNIT_NAME": unit} for one in rows]), "refused", "another UNIT_NAME"),
            "other_table": Scenario(
                body([one | {"STAT_CODE": "301Y013"} for one in rows]), "refused", "rows of another table"
            ),
            "no_value": Scenario(
                body([one | {"DATA_VALUE": "-"} for one in rows]), "refused", "a value that is no number"
            ),
        }
    )


ROWS = [row(year, value) for year, value in WORLD.items()]
RIGHT = body(ROWS)
RATES = [rate(month, value) for month, value in YUAN.items()]
SCENARIOS = scenarios(ROWS, row("2018", "1"), {"ITEM_CODE2": "CN"}, "천달러")
# The end of the month is another fixing, and the yuan is not the dollar.
RATE_SCENARIOS = scenarios(RATES, rate("202412", "196.93"), {"ITEM_CODE1": "0000001"}, "달러") | {
    "end_of_month": Scenario(
        body([one | {"ITEM_CODE2": "0000200", "ITEM_NAME2": "말일자료"} for one in RATES]),
        "refused",
        "rates of the last day in place of averages",
    ),
}

PUBLISHERS = [
    Publisher(
        dataset="bok/services_annual",
        subject="KOR-WLD EXP",
        configuration='pairs = ["KOR-VNM"]\n',
        first="2019-01-01",
        last="2024-12-31",
        url="/StatisticSearch/KEY/json/kr/1/1000/301Y015/A/2019/2024/REG2100/SUM",
        right=RIGHT,
        revised=body([*ROWS[:-1], row("2024", "142500")]),
        scenarios=SCENARIOS,
    ),
    Publisher(
        dataset="bok/exchange_rates_monthly",
        subject="KRW per CNY",
        configuration='pairs = ["KOR-CHN"]\n',
        first="2025-01-01",
        last="2025-06-24",
        url="/StatisticSearch/KEY/json/kr/1/1000/731Y004/M/202501/202505/0000053/0000100",
        right=body(RATES),
        revised=body([*RATES[:-1], rate("202505", "193.36")]),
        scenarios=RATE_SCENARIOS,
    ),
]
