"""The requests to Hong Kong's statistics department, and the rows read from its responses."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.sources import Request, Response, Unusable
from dagster_project.sources.cnsd import plan_requests, read_response
from tests.refresh.publishers.cnsd import RIGHT
from tests.sources.asked import settings


def asked(pair: str = "KOR-CHN", last: date = date(2026, 11, 26)) -> list[Request]:
    return list(plan_requests(settings(pairs=[pair]), lambda _: (date(2012, 1, 1), last), False))


def test_each_direction_of_a_pair_is_a_question_about_the_years_that_are_out() -> None:
    assert [(dict(one.query)["co"], dict(one.query)["cc"], one.periods) for one in asked()] == [
        ("KR", "CN", ("2012", "2025")),
        ("CN", "KR", ("2012", "2025")),
    ]
    assert [one.periods for one in asked(last=date(2026, 1, 20))] == [("2012", "2024")] * 2
    assert asked(last=date(2012, 12, 31)) == []


def test_a_pair_with_hong_kong_passes_through_nothing() -> None:
    assert asked("KOR-HKG") == []


def test_korean_goods_of_some_230_billion_hong_kong_dollars_went_on_to_china_in_2018() -> None:
    assert list(read_response(asked()[0], Response(200, {}, RIGHT)).rows) == [("KR", "CN", "2018", "229712000")]


@pytest.mark.parametrize("content", [b"[]", b'"text"', b'{"header": null}', b'{"header": {"status": {}}}'])
def test_another_form_is_refused(content: bytes) -> None:
    with pytest.raises(Unusable) as unusable:
        read_response(asked()[0], Response(200, {}, content))
    assert unusable.value.trouble == "refused"
