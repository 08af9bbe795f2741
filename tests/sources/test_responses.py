"""Every source recognizes right and wrong responses of its publisher.

The responses are those of `tests/refresh/publishers/`; requests and rows have their own tests.
"""

from __future__ import annotations

import pytest

from dagster_project.sources import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import apply_reader
from tests.refresh import scenarios
from tests.refresh.publisher import Outcome, Publisher, Scenario, publishers

EVERY = publishers()
TROUBLES: dict[Outcome, str] = {
    "retried": "again",
    "key": "key",
    "address": "address",
    "quota": "quota",
    "nothing": "nothing",
}
# What most readers do not see: acceptance and the contract hold it against what was asked and what is held.
UNSEEN = {"wrong_economy", "wrong_period", "thousandfold", "twice"}
UNSEEN_BY = {
    "comtrade": {*UNSEEN, "wrong_product", "wrong_flow", "wrong_frequency", "negative", "long_wait"},
    "gta": {"wrong_period"},
    "kcs": {*UNSEEN, "no_number", "wrong_product", "longer_codes", "wrong_flow"},
    "kosis": {"other_name", "wrong_period", "thousandfold"},
    "oecd_wto": {"thousandfold"},
    "worldbank": {*UNSEEN, "wrong_indicator"},
}
by_name = pytest.mark.parametrize("publisher", EVERY, ids=[scenarios.name(one) for one in EVERY])


def read(publisher: Publisher, response: Response | Scenario) -> ParsedResponse:
    headers = {name.lower(): value for name, value in response.headers.items()}
    answered = Response(response.status, headers, response.content)
    reading = apply_reader(publisher.api, publisher.plan_request(), answered)
    return ParsedResponse(list(reading.rows), reading.published_at, reading.edition, reading.notes, reading.more)


@pytest.mark.parametrize(
    ("publisher", "scenario"),
    [
        pytest.param(one, scenario, id=f"{scenarios.name(one)} {scenario}")
        for one in EVERY
        for scenario in one.scenarios
        if scenario not in UNSEEN_BY.get(one.source, UNSEEN)
    ],
)
def test_a_response_is_taken_for_what_it_is(publisher: Publisher, scenario: str) -> None:
    response = publisher.scenarios[scenario]
    if response.outcome == "accepted":
        assert read(publisher, response).rows
        return
    with pytest.raises(Unusable) as unusable:
        read(publisher, response)
    assert unusable.value.trouble == TROUBLES.get(response.outcome, "refused")
    assert unusable.value.reason


@by_name
def test_a_new_field_is_noted_and_the_rows_are_kept(publisher: Publisher) -> None:
    if "new_field" in publisher.impossible:
        return
    found, right = (
        read(publisher, publisher.scenarios["new_field"]),
        read(publisher, Response(200, {}, publisher.right)),
    )
    assert found.notes[0].startswith("new fields: ")
    assert right.notes == ()
    assert len(list(found.rows)) == len(list(right.rows))


@by_name
def test_a_revised_figure_is_one_other_row(publisher: Publisher) -> None:
    right, revised = (
        read(publisher, Response(200, {}, content)).rows for content in (publisher.right, publisher.revised)
    )
    assert len(list(right)) == len(list(revised))
    assert len(set(revised) - set(right)) == 1


@by_name
def test_a_response_is_read_alike_when_its_request_comes_from_a_manifest(publisher: Publisher) -> None:
    request, response = publisher.plan_request(), Response(200, {}, publisher.right)
    again = Request.from_parameters(request.dataset, request.parameters)
    assert list(publisher.api.read(again, response).rows) == list(publisher.api.read(request, response).rows)


@pytest.mark.parametrize(("status", "trouble"), [(503, "again"), (403, "key"), (404, "refused")])
@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"{}"])
@pytest.mark.parametrize("source", ["bok", "kosis"])
def test_a_status_goes_before_a_body_that_says_nothing(source: str, status: int, trouble: str, content: bytes) -> None:
    publisher = next(one for one in EVERY if one.source == source)
    with pytest.raises(Unusable) as unusable:
        read(publisher, Response(status, {}, content))
    assert unusable.value.trouble == trouble
