"""Korea Customs, simulated: one request to each of its operations.

The figures are customs': trade with China from May to July 2026; memory chips (HS 854232) and parts (854290) with China
in 2026; some of Korea's exports to the United States by end use in January 2026; the flash of imports of January 2023.
Here: the responses. Not here: reading them (`tests/sources/test_kcs.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tests.refresh.publisher import HTML, Outcome, Publisher, Scenario, common_scenarios

XML = "application/xml"
Item = Mapping[str, str]

COUNTRY: tuple[Item, ...] = tuple(
    {
        "balPayments": balance,
        "expCnt": "100000",
        "expDlr": exports,
        "impCnt": "900000",
        "impDlr": imports,
        "statCd": "CN",
        "statCdCntnKor1": "중국",
        "year": month,
    }
    for month, exports, imports, balance in (
        ("2026.05", "18883273656", "15097201176", "3786072480"),
        ("2026.06", "20002319069", "16422805296", "3579513773"),
        ("2026.07", "21681183695", "16317852371", "5363331324"),
    )
)
TOTAL: Item = {
    "balPayments": "2919233446",
    "expDlr": "4947162888",
    "expWgt": "225993",
    "hsCd": "-",
    "impDlr": "2027929442",
    "impWgt": "81743",
    "statCd": "-",
    "statCdCntnKor1": "-",
    "statKor": "-",
    "year": "총계",
}
PRODUCTS: tuple[Item, ...] = (
    {
        "balPayments": "2907142619",
        "expDlr": "4934026496",
        "expWgt": "124261",
        "hsCd": "854232",
        "impDlr": "2026883877",
        "impWgt": "65094",
        "statCd": "CN",
        "statCdCntnKor1": "중국",
        "statKor": "메모리",
        "year": "2026.01",
    },
    {
        "balPayments": "12090827",
        "expDlr": "13136392",
        "expWgt": "101732",
        "hsCd": "854290",
        "impDlr": "1045565",
        "impWgt": "16649",
        "statCd": "CN",
        "statCdCntnKor1": "중국",
        "statKor": "부분품",
        "year": "2026.06",
    },
)
END_USES: tuple[Item, ...] = tuple(
    {
        "dlr": value,
        "godsCd": code,
        "godsKor": name,
        "impexp": "수출",
        "statCd": "US",
        "statCdCntnKor1": "미국",
        "wgt": weight,
        "year": "2026.01",
    }
    for code, name, value, weight in (
        ("11201", "- 기타 육류 및 조제품", "506177", "72904"),
        ("11301", "(참  치)", "45394", "41412"),
        ("11302", "(기타 어패류)", "9040436", "973964"),
    )
)

# Imports from the world, China, the United States, the European Union, Japan, Viet Nam, Australia, Taiwan, Saudi
# Arabia, Russia and Malaysia.
FLASH: tuple[Item, ...] = tuple(
    {
        **{f"itemUsdAmt{place:02}": f" {amount}" for place, amount in enumerate(amounts.split())},
        "priodDt": days,
        "priodMon": "202301",
        "priodYear": "2023",
    }
    for days, amounts in (
        (
            "01~10",
            "20,130,610 4,803,571 2,304,757 1,758,981 1,023,998 901,729 1,300,703 820,706 839,299 295,795 479,102",
        ),
        (
            "01~20",
            (
                "43,949,168 10,018,562 5,276,596 3,976,199 2,633,464 1,789,072 3,029,053 1,462,728 1,959,734 647,681 "
                "1,107,208"
            ),
        ),
        (
            "01~31",
            (
                "59,037,259 13,140,061 6,995,423 5,587,935 3,953,682 2,401,963 4,110,352 1,750,162 2,768,103 792,251 "
                "1,368,578"
            ),
        ),
    )
)

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def body(items: Iterable[Item]) -> bytes:
    """Write a response of the service with items."""
    inner = "".join(
        "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in item.items()) + "</item>" for item in items
    )
    return said("00", "정상서비스.", f"<body><items>{inner}</items></body>" if inner else "<body><items/></body>")


def said(code: str, message: str, rest: str = "") -> bytes:
    """Write a response of the service with a code and a message."""
    header = f"<header><resultCode>{code}</resultCode><resultMsg>{message}</resultMsg></header>"
    return f"{_DECLARATION}<response>{header}{rest}</response>".encode()


def gateway(code: str, error: str, message: str = "") -> bytes:
    """Write an error of the gateway."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OpenAPI_ServiceResponse>\n<cmmMsgHeader>\n'
        f"  <errMsg>{error}</errMsg>\n  <returnAuthMsg>{message}</returnAuthMsg>\n"
        f"  <returnReasonCode>{code}</returnReasonCode>\n</cmmMsgHeader>\n</OpenAPI_ServiceResponse>\n"
    ).encode()


def at_gateway(code: str, error: str, outcome: Outcome, what: str, status: int = 200) -> Scenario:
    """Make the scenario of a gateway's code, with its required outcome."""
    return Scenario(gateway(code, error), outcome, f"the gateway's code {code}: {what}", status)


def changed(items: Iterable[Item], **values: str) -> bytes:
    """Write a response whose items have other values."""
    return body({**item, **values} for item in items)


def times(items: Iterable[Item], factor: float, *names: str) -> bytes:
    """Write a response whose items have values multiplied by a factor."""
    return body({**item, **{name: f"{int(item[name]) * factor:.0f}" for name in names}} for item in items)


def without(items: Iterable[Item], name: str, instead: str | None = None) -> bytes:
    """Write a response in which a field is missing, or has another name."""
    return body(
        {(instead or key if key == name else key): value for key, value in item.items() if key != name or instead}
        for item in items
    )


NOT_REGISTERED = gateway("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "등록되지 않은 서비스키")
NO_KEY = gateway("20", "SERVICE_KEY_IS_NULL", "서비스 접근거부")
NO_SERVICE = gateway("12", "NO_OPENAPI_SERVICE_ERROR", "해당 오픈API 서비스가 없거나 폐기됨")
TOO_FAST = "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR"
LIMITED = gateway("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR", "서비스 요청제한횟수 초과에러")
AS_JSON = json.dumps(
    {
        "OpenAPI_ServiceResponse": {
            "cmmMsgHeader": {"errMsg": "HTTP_ERROR", "returnAuthMsg": "HTTP 에러", "returnReasonCode": "04"}
        }
    },
    ensure_ascii=False,
).encode()
LONG_SPAN = said("99", "시작과 종료의 조회기간은 1년이내 기간만 가능합니다.")


def scenarios(items: tuple[Item, ...], value: str, measures: tuple[str, ...]) -> dict[str, Scenario]:
    """Make every wrong response of an operation.

    Args:
        items: The items of the right response.
        value: A field of the items that rows need.
        measures: The fields with US$.
    """
    return common_scenarios(body(items), "XML") | {
        "no_data": Scenario(body([]), "nothing", "an empty list of items; a code that does not exist looks the same"),
        "wrong_economy": Scenario(changed(items, statCd="JP", statCdCntnKor1="일본"), "refused", "another partner"),
        "no_economy": Scenario(without(items, "statCd"), "refused", "items that do not say which partner they are of"),
        "wrong_period": Scenario(changed(items, year="2024.12"), "refused", "a month that was not asked for"),
        "other_month": Scenario(changed(items, year="202601"), "refused", "a month that is written otherwise"),
        "new_field": Scenario(changed(items, statCdCntnEng="China"), "accepted", "a field that was not there before"),
        "missing_field": Scenario(without(items, value), "refused", "a field is gone"),
        "renamed_field": Scenario(without(items, value, f"{value}2"), "refused", "a field has another name"),
        "thousandfold": Scenario(times(items, 0.001, *measures), "refused", "thousands of US$"),
        "no_number": Scenario(changed(items, **{value: "-"}), "refused", "a value that is no number"),
        "twice": Scenario(body([*items, *items]), "refused", "each item twice"),
        "only_a_total": Scenario(body([TOTAL]), "nothing", "a total and nothing that it is the total of"),
        "long_span": Scenario(LONG_SPAN, "refused", "resultCode 99 under HTTP 200: more than twelve months"),
        "unknown_country": Scenario(
            said("99", "존재하지 않는 국가코드입니다."), "refused", "resultCode 99 under HTTP 200: no such country"
        ),
        "missing_parameter": Scenario(
            said("99", "필수 요청변수가 누락되었습니다.", "<body/>"),
            "refused",
            "resultCode 99 under HTTP 200: a parameter is missing",
        ),
        "no_items": Scenario(said("00", "정상서비스."), "refused", "resultCode 00 without items"),
        "other_root": Scenario(b"<result><item/></result>", "refused", "other XML"),
        "bad_key": Scenario(
            NOT_REGISTERED, "key", "the gateway's code 30: the key, or no application for it", status=403
        ),
        "no_key": Scenario(NO_KEY, "key", "the gateway's code 20: no key", status=401),
        "expired": at_gateway("31", "DEADLINE_HAS_EXPIRED_ERROR", "key", "the key is too old"),
        "unsigned": at_gateway("33", "UNSIGNED_CALL_ERROR", "key", "a call that is not signed"),
        "blocked": at_gateway("29", "BLACKLIST_IP_ACCESS_ERROR", "address", "this address", status=403),
        "unregistered_address": at_gateway("32", "UNREGISTERED_IP_ERROR", "address", "not the registered address"),
        "turned_away": Scenario(b"", "address", "HTTP 403 and nothing else: requests from abroad", status=403),
        "turned_away_html": Scenario(
            HTML, "address", "HTTP 403 and a page: requests from abroad", status=403, media_type="text/html"
        ),
        "no_service": Scenario(NO_SERVICE, "refused", "the gateway's code 12: no such operation", status=400),
        "limited": Scenario(LIMITED, "quota", "the gateway's code 22: the day's calls are used up"),
        "too_fast": at_gateway("23", TOO_FAST, "retried", "too many calls a second"),
        "too_fast_under_99": at_gateway("99", TOO_FAST, "retried", "too many calls a second"),
        "limited_in_words": Scenario(
            b"API token quota exceeded",
            "quota",
            "the gateway in plain text: the day's calls are used up",
            status=429,
            media_type="text/plain",
        ),
        "gateway_json": Scenario(
            AS_JSON, "retried", "the gateway's code 04 as JSON under HTTP 200", media_type="application/json"
        ),
        "gateway_broken": Scenario(
            b"<OpenAPI_ServiceResponse/>", "retried", "the gateway without a code", media_type="text/xml"
        ),
        "unexpected": Scenario(b"Unexpected errors", "retried", "the gateway in plain text: an error", status=500),
    }


CHINA = "itemUsdAmt01"


def flash_scenarios() -> dict[str, Scenario]:
    """Make every wrong response of the flash, whose items have fewer fields that could be wrong."""
    unsaid = ("wrong_economy", "no_economy", "other_month", "only_a_total")
    thousandth = [
        {name: value.replace(",", "")[:-3] if "Amt" in name else value for name, value in item.items()}
        for item in FLASH
    ]
    return {name: one for name, one in scenarios(COUNTRY, "expDlr", ()).items() if name not in unsaid} | {
        **common_scenarios(body(FLASH), "XML"),
        "wrong_period": Scenario(changed(FLASH, priodMon="202401"), "refused", "a month that was not asked for"),
        "new_field": Scenario(changed(FLASH, priodName="1"), "accepted", "a field that was not there before"),
        "missing_field": Scenario(without(FLASH, CHINA), "refused", "a field is gone"),
        "renamed_field": Scenario(without(FLASH, CHINA, "cntyUsdAmt01"), "refused", "a field has another name"),
        "another_column": Scenario(changed(FLASH, itemUsdAmt11="1"), "refused", "more partners than before"),
        "thousandfold": Scenario(body(thousandth), "refused", "millions of US$"),
        "no_number": Scenario(changed(FLASH, **{CHINA: "-"}), "refused", "a value that is no number"),
        "twice": Scenario(body([*FLASH, *FLASH]), "refused", "each item twice"),
        "ten_days": Scenario(changed(FLASH, priodDt="11~20"), "refused", "ten days in place of all up to the 20th"),
        "no_such_day": Scenario(changed(FLASH, priodDt="01~30"), "refused", "a day that is not the end of the month"),
    }


_IMPOSSIBLE = {"capped": "The API has neither pages nor a cap: twelve months of an operation come whole."}

PUBLISHERS = [
    Publisher(
        dataset="kcs/goods_monthly",
        subject="KOR-CHN",
        configuration='pairs = ["KOR-CHN"]\n\n[kcs]\nend_use = false\n',
        first="2026-05-01",
        last="2026-07-31",
        url="/nationtrade/getNationtradeList?strtYymm=202605&endYymm=202607&cntyCd=CN&serviceKey=KEY",
        right=body(COUNTRY),
        revised=body([*COUNTRY[:2], {**COUNTRY[2], "expDlr": "21660000000", "balPayments": "5342147629"}]),
        scenarios=scenarios(COUNTRY, "expDlr", ("expDlr", "impDlr", "balPayments")),
        impossible=_IMPOSSIBLE,
        media_type=XML,
    ),
    Publisher(
        dataset="kcs/goods_monthly_hs",
        subject="KOR-CHN HS 8542",
        configuration='pairs = ["KOR-CHN"]\n\n[kcs]\nproducts = ["854232"]\nend_use = false\n',
        first="2026-01-01",
        last="2026-06-30",
        url="/nitemtrade/getNitemtradeList?strtYymm=202601&endYymm=202606&hsSgn=8542&cntyCd=CN&serviceKey=KEY",
        right=body([TOTAL, *PRODUCTS]),
        revised=body([TOTAL, {**PRODUCTS[0], "impDlr": "2026883878"}, PRODUCTS[1]]),
        scenarios={
            **scenarios(PRODUCTS, "expDlr", ("expDlr", "impDlr")),
            "wrong_product": Scenario(
                changed(PRODUCTS[:1], hsCd="854140"), "refused", "subheadings of another heading"
            ),
            "longer_codes": Scenario(changed(PRODUCTS[:1], hsCd="8542321010"), "refused", "ten digits in place of six"),
        },
        impossible=_IMPOSSIBLE,
        media_type=XML,
    ),
    Publisher(
        dataset="kcs/goods_monthly_end_use",
        subject="KOR-USA end use exports",
        configuration='pairs = ["KOR-USA"]\n',
        first="2026-01-01",
        last="2026-01-31",
        url="/ntempertrade/getNtempertradeList?strtYymm=202601&endYymm=202601&imexTpcd=1&cntyCd=US&serviceKey=KEY",
        right=body(END_USES),
        revised=body([*END_USES[:2], {**END_USES[2], "dlr": "9040437"}]),
        scenarios={
            **scenarios(END_USES, "dlr", ("dlr",)),
            "other_classes": Scenario(
                changed(END_USES[:1], godsCd="112011"), "refused", "codes of six digits, of the newer classification"
            ),
            "wrong_flow": Scenario(changed(END_USES, impexp="수입"), "refused", "imports in place of exports"),
        },
        impossible=_IMPOSSIBLE,
        media_type=XML,
    ),
    Publisher(
        dataset="kcs/goods_flash",
        subject="KOR flash imports",
        configuration='pairs = ["KOR-CHN"]\n\n[kcs]\nend_use = false\nflash = true\n',
        first="2023-01-01",
        last="2023-01-31",
        url="/cntyMmUtPrviImpAcrs/getCntyMmUtPrviImpAcrs?strtYymm=202301&endYymm=202301&serviceKey=KEY",
        right=body(FLASH),
        revised=body([*FLASH[:2], {**FLASH[2], CHINA: " 13,140,062"}]),
        scenarios=flash_scenarios(),
        impossible={
            "capped": "The API has neither pages nor a cap: ten years come whole.",
            "wrong_economy": "No item names a partner; a rule holds whole months against what they become.",
        },
        media_type=XML,
    ),
]
