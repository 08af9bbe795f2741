"""The requests to Global Trade Alert, and the rows read from its responses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dagster_project.errors import BilateralError
from dagster_project.sources import Request, Response, Unusable, find_dataset
from dagster_project.sources.gta import API, LIMIT, find_gta_number, plan_requests, read_response
from tests.refresh.publishers.gta import RIGHT, SCENARIOS, TRUCKS, TRUCKS_IN_FULL, WAFERS, body, intervention
from tests.sources.asked import settings
from tests.sources.committed import reference

COLUMNS = [column.name for column in find_dataset("gta/interventions").columns]


def window(subject: str) -> tuple[date, date]:
    return date(2008, 1, 1), date(2026, 11, 24)


def asked(pair: str = "USA-CHN") -> list[Request]:
    return list(plan_requests(settings(pairs=[pair], donors=["JPN"]), window, True))


def response(content: bytes, status: int = 200) -> Response:
    return Response(status, {}, content)


def rows(content: bytes) -> list[dict[str, str | None]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in read_response(asked()[0], response(content)).rows]


def test_each_direction_of_a_pair_is_a_question() -> None:
    requests = asked("KOR-CHN")

    assert [request.subject for request in requests] == ["KOR-CHN", "CHN-KOR"]
    assert [request.path for request in requests] == ["/api/v1/data/"] * 2
    assert requests[0].body == {
        "limit": 1000,
        "offset": 0,
        "sorting": "intervention_id",
        "request_data": {
            "implementer": [410],
            "affected": [156],
            "announcement_period": ["2008-01-01", "2026-11-24"],
        },
    }
    assert requests[1].body is not None
    assert requests[1].body["request_data"]["implementer"] == [156]
    assert requests[1].body["request_data"]["affected"] == [410]
    assert requests[1].only == {"asked_implementing": ("CHN",), "asked_affected": ("KOR",)}
    assert (requests[0].periods, requests[0].period_column) == (("2008-01-01", "2026-11-24"), "date_announced")


def test_the_whole_span_is_asked_for_each_time() -> None:
    """An entry of 2010 may change today."""
    assert API.revises >= 100


def test_only_the_window_is_asked_for() -> None:
    (first, *_) = plan_requests(settings(), lambda _: (date(2026, 1, 1), date(2026, 11, 24)), True)

    assert first.periods == ("2026-01-01", "2026-11-24")


@pytest.mark.parametrize(
    ("economy", "numbered"),
    [("KOR", 410), ("CHN", 156), ("USA", 840), ("FRA", 251), ("ITA", 381), ("IND", 699), ("TWN", 158), ("NOR", 578)],
)
def test_economies_have_numbers_of_m49_but_for_some(economy: str, numbered: int) -> None:
    assert find_gta_number(economy) == numbered


def test_an_economy_that_is_no_more_has_no_number() -> None:
    with pytest.raises(BilateralError, match="SUN"):
        find_gta_number("SUN")


def test_an_intervention_is_a_row() -> None:
    assert rows(RIGHT)[0] == {
        "asked_implementing": "USA",
        "asked_affected": "CHN",
        "intervention_id": "152110",
        "state_act_id": "96122",
        "state_act_title": "Act 96122",
        "evaluation": "Red",
        "intervention_type": "Import tariff",
        "mast_chapter": "Tariff measures",
        "implementation_level": "National",
        "implementing": "USA",
        "affected": "CAN;CHN;ESP;JPN;MEX",
        "affected_basis": "Inferred",
        "sectors": "491",
        "products": "870431",
        "date_announced": "2026-01-21",
        "date_implemented": "2026-03-22",
        "date_removed": None,
        "date_published": "2026-01-22",
        "intervention_url": "https://globaltradealert.org/intervention/152110",
        "state_act_url": "https://www.globaltradealert.org/state-act/96122",
    }


def test_what_is_not_known_is_left_open() -> None:
    assert rows(RIGHT)[1]["products"] is None


def test_a_key_with_all_rights_gives_the_same_rows() -> None:
    assert rows(body([TRUCKS_IN_FULL])) == rows(body([TRUCKS]))


def test_numbers_get_their_zeros_back() -> None:
    """Frozen skipjack is 0303.43 in the HS, live fish 041 in the CPC; as numbers both lose their zero."""
    (row,) = rows(body([intervention(1, 2, affected_products=[30343, 870431], affected_sectors=[41, 491])]))

    assert (row["products"], row["sectors"]) == ("030343;870431", "041;491")


def test_the_key_in_an_address_stays_out_of_the_rows() -> None:
    assert b"SECRET" in RIGHT
    assert "SECRET" not in repr(rows(RIGHT))


def test_a_title_of_several_lines_becomes_one() -> None:
    (row,) = rows(body([intervention(1, 2, state_act_title="Korea:\r\n  a duty ")]))

    assert row["state_act_title"] == "Korea: a duty"


def test_a_full_answer_asks_for_the_next() -> None:
    first = asked()[0]
    full = body([intervention(n, n) for n in range(1, LIMIT + 1)])
    reading = read_response(first, response(full))

    (second,) = reading.more
    assert second.body == dict(first.body or {}) | {"offset": 1000}
    assert replace(second, body=first.body) == first
    (third,) = read_response(second, response(full)).more
    assert third.body is not None
    assert third.body["offset"] == 2000
    assert read_response(third, response(RIGHT)).more == ()


def test_a_last_answer_may_be_empty() -> None:
    (second,) = read_response(asked()[0], response(body([intervention(n, n) for n in range(1, LIMIT + 1)]))).more
    reading = read_response(second, response(b"[]"))

    assert (list(reading.rows), reading.more) == ([], ())


def test_more_than_was_asked_for_is_refused() -> None:
    with pytest.raises(Unusable, match="1001 interventions, but only 1000 were requested"):
        read_response(asked()[0], response(body([intervention(n, n) for n in range(LIMIT + 1)])))


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("wrong_economy", "intervention 152110 was not implemented by USA"),
        ("missing_field", "the fields affected_products are missing"),
        ("renamed_field", "the fields date_implemented are missing; there are new ones, inception_date"),
        ("long_code", "8704311000"),
        ("bad_key", "Invalid API key"),
    ],
)
def test_a_refusal_says_what_is_wrong(scenario: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_response(asked()[0], response(SCENARIOS[scenario].content, SCENARIOS[scenario].status))


def test_every_instrument_has_a_class() -> None:
    """GTA lists 83 instruments; the classes of the register are among those they are sorted into."""
    classes = {row["intervention_type"]: row["event_class"] for row in reference("gta_intervention_types")}

    assert len(classes) == 83
    assert all(classes.values())
    assert classes[TRUCKS["intervention_type"]] == "tariff"
    assert classes[WAFERS["intervention_type"]] == "subsidy"
    assert classes["Anti-dumping"] == "trade_defence"
    assert classes["Export licensing requirement"] == "export_control"
