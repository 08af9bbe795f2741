"""The requests to the Bank of Korea, and the rows read from its responses.

The figures are those of table 301Y015 as the bank showed them on 16 September 2026, and of 731Y004 in July 2025.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dagster_project.sources import Request, Response, Unusable
from dagster_project.sources.bok import plan_requests, read_response
from tests.refresh.publishers.bok import RATES, RIGHT, SCENARIOS, body, row
from tests.sources.asked import settings

SERVICES, RATE = "KOR-CHN EXP", "KRW per CNY"


def window(subject: str) -> tuple[date, date]:
    return date(1998, 1, 1), date(2026, 11, 24)


def asked(pair: str = "KOR-CHN", donors: tuple[str, ...] = ()) -> list[Request]:
    return list(plan_requests(settings(pairs=[pair], donors=donors), window, True))


def one(subject: str) -> Request:
    return next(request for request in asked() if request.subject == subject)


def response(content: bytes, status: int = 200) -> Response:
    return Response(status, {}, content)


def test_each_region_and_flow_is_a_question() -> None:
    assert [request.path for request in asked(donors=("USA", "DEU"))][:6] == [
        f"/StatisticSearch/{{key}}/json/kr/1/1000/301Y015/A/1998/2026/{item}/{region}"
        for region in ("CN", "US", "SUM")
        for item in ("REG2100", "REG2200")
    ]


def test_each_currency_is_a_question_about_months_that_have_ended() -> None:
    assert [(request.path, request.periods) for request in asked()[-3:]] == [
        (f"/StatisticSearch/{{key}}/json/kr/1/1000/731Y004/M/199801/202610/{item}/0000100", ("1998-01", "2026-10"))
        for item in ("0000001", "0000015", "0000053")
    ]


@pytest.mark.parametrize(("last", "count"), [(30, 0), (31, 3)])
def test_of_a_month_that_runs_no_rate_is_asked_for(last: int, count: int) -> None:
    found = plan_requests(settings(), lambda _: (date(2025, 1, 1), date(2025, 1, last)), True)
    assert sum(request.subject.startswith("KRW") for request in found) == count


def test_a_yuan_cost_198_71_won_in_january_2025() -> None:
    assert next(iter(read_response(one(RATE), response(body(RATES))).rows)) == ("0000053", "2025-01", "198.71")


def test_a_question_says_what_its_answer_may_be_about() -> None:
    first = asked()[0]

    assert first.subject == "KOR-CHN EXP"
    assert first.only == {"reporter_code": ("KOR",), "partner_code": ("CHN",), "flow": ("EXP",)}
    assert (first.periods, first.period_column) == (("1998", "2026"), "year")
    assert (first.query, first.body) == ((), None)


def test_only_the_window_is_asked_for() -> None:
    (first, *_) = plan_requests(settings(), lambda _: (date(2024, 5, 1), date(2025, 1, 31)), True)

    assert first.path.endswith("/A/2024/2025/REG2100/CN")


def test_a_pair_without_korea_is_nothing_to_the_bank() -> None:
    assert asked("CHN-VNM", donors=("KOR", "USA")) == []


def test_receipts_from_china_in_2019_were_20338_million_dollars() -> None:
    read_as = read_response(asked()[0], response(body([row("2019", "20338", ITEM_CODE2="CN")])))

    assert list(read_as.rows) == [("KOR", "CHN", "EXP", "S", "2019", "20338")]
    assert (read_as.published_at, read_as.notes, read_as.more) == (None, (), ())


def test_payments_to_the_united_states_in_2019_were_31312_million_dollars() -> None:
    content = body([row("2019", "31312", ITEM_CODE1="REG2200", ITEM_CODE2="US")])

    assert list(read_response(asked()[0], response(content)).rows) == [("KOR", "USA", "IMP", "S", "2019", "31312")]


def test_the_total_is_the_world() -> None:
    assert next(iter(read_response(asked()[0], response(RIGHT)).rows)) == ("KOR", "WLD", "EXP", "S", "2019", "103839")


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("missing_field", "the fields UNIT_NAME are missing"),
        ("renamed_field", "the fields DATA_VALUE are missing; there are new ones, VALUE"),
        ("other_unit", "the unit of 2019 is '천달러'"),
        ("capped", "incomplete: 6 of 7 rows came"),
        ("bad_key_xml", "INFO-100"),
    ],
)
def test_a_refusal_says_what_is_wrong(scenario: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_response(asked()[0], response(SCENARIOS[scenario].content))


@pytest.mark.parametrize(
    "content", [b"[]", b'{"StatisticSearch": {"row": []}}', b'{"StatisticSearch": null}', b'{"Other": 1}', b'"text"']
)
def test_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable) as unusable:
        read_response(asked()[0], response(content))
    assert unusable.value.trouble == "refused"


def test_an_error_of_the_bank_goes_before_the_status() -> None:
    with pytest.raises(Unusable) as unusable:
        read_response(asked()[0], replace(response(SCENARIOS["too_many"].content), status=503))
    assert unusable.value.trouble == "quota"
