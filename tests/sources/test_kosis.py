"""The requests to KOSIS, and the rows read from its responses.

The figures are those of table DT_1R11006_FRM101 as KOSIS showed them on 23 May 2025.
"""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.settings import Settings
from dagster_project.sources import Request, Response, Unusable
from dagster_project.sources.kosis import plan_requests, read_response
from tests.refresh.publishers.kosis import EXPORTS, IMPORTS, RIGHT, SCENARIOS, body, cell, cells
from tests.sources.asked import settings


@pytest.fixture(scope="module")
def committed() -> Settings:
    return read_settings(Project.find())


@pytest.fixture
def china(committed: Settings) -> Request:
    return asked(committed)[0]


def window(subject: str) -> tuple[date, date]:
    return date(2000, 1, 1), date(2026, 11, 24)


def asked(committed: Settings) -> list[Request]:
    return list(plan_requests(committed, window, True))


def response(content: bytes, status: int = 200) -> Response:
    return Response(status, {}, content)


def test_china_is_asked_about_in_one_question(china: Request) -> None:
    assert (china.dataset, china.subject) == ("kosis/goods_monthly", "KOR-CHN")
    assert china.path == "/Param/statisticsParameterData.do"
    assert dict(china.query) == {
        "method": "getList",
        "orgId": "360",
        "tblId": "DT_1R11006_FRM101",
        "itmId": "13103103829T1 13103103829T2",
        "objL1": "13102103829E.CN",
        "prdSe": "M",
        "startPrdDe": "200001",
        "endPrdDe": "202611",
        "format": "json",
        "jsonVD": "Y",
    }
    assert (china.periods, china.period_column) == (("2000-01", "2026-11"), "month")


def test_each_partner_and_the_world_are_questions(committed: Settings) -> None:
    codes = {request.subject: dict(request.query)["objL1"] for request in asked(committed)}

    assert codes.keys() == {f"KOR-{partner}" for partner in committed.list_partners("KOR")}
    assert codes["KOR-TWN"] == "13102103829E.TW"
    assert codes["KOR-WLD"] == "13102103829E.00"


def test_every_partner_asked_about_has_a_name(committed: Settings) -> None:
    """A name that is not listed is refused, so that no build fails over it; these have to be listed."""
    names = {request.subject: request.only["partner_name"] for request in asked(committed)}

    assert all(names.values())
    assert "중국" in names["KOR-CHN"]
    assert names["KOR-WLD"] == ("계",)


def test_no_span_comes_near_the_cells_that_an_answer_may_have(china: Request) -> None:
    assert china.periods is not None
    years = int(china.periods[1][:4]) - int(china.periods[0][:4]) + 1
    assert years * 12 * 2 < 40_000 / 50


def test_only_the_window_is_asked_for(committed: Settings) -> None:
    (first, *_) = plan_requests(committed, lambda _: (date(2024, 11, 1), date(2026, 11, 24)), True)

    assert dict(first.query)["startPrdDe"] == "202411"


def test_a_pair_without_korea_is_nothing_to_kosis() -> None:
    assert asked(settings(pairs=["CHN-VNM"], donors=["KOR"])) == []


def test_exports_and_imports_of_a_month_become_one_row(china: Request) -> None:
    reading = read_response(china, response(RIGHT))

    rows = list(reading.rows)
    assert rows[0] == ("중국", "2019-07", "11444067", "9392846")
    assert rows[-1] == ("중국", "2019-12", "12296986", "9023873")
    assert len(rows) == 6
    assert (reading.notes, reading.more) == ((), ())


def test_figures_are_known_from_the_last_change(china: Request) -> None:
    changed = [*cells()[:-1], cell("201912", IMPORTS, 9023873, LST_CHN_DE="2025-06-20")]

    assert read_response(china, response(body(changed))).published_at == date(2025, 6, 20)


def test_without_a_day_of_change_none_is_made_up(china: Request) -> None:
    silent = [{k: v for k, v in one.items() if k != "LST_CHN_DE"} for one in cells()]

    assert read_response(china, response(body(silent))).published_at is None


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("half_a_month", "either exports or imports are missing for 2019-12"),
        ("missing_field", "the fields UNIT_NM are missing"),
        ("renamed_field", "the fields DT are missing; there are new ones, VALUE"),
        ("other_unit", "the unit of 201907 is '백만달러'"),
        ("wrong_economy", "미국"),
        ("no_data", "KOSIS says 30: 데이터가 존재하지 않습니다."),
    ],
)
def test_a_refusal_says_what_is_wrong(china: Request, scenario: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        read_response(china, response(SCENARIOS[scenario].content))


def test_a_cell_that_stands_twice_is_refused(china: Request) -> None:
    with pytest.raises(Unusable, match="two cells of item 13103103829T1 for 2019-12"):
        read_response(china, response(body([*cells(), cell("201912", EXPORTS, 1)])))


def test_an_error_of_kosis_goes_before_the_status(china: Request) -> None:
    with pytest.raises(Unusable) as unusable:
        read_response(china, response(SCENARIOS["too_many_calls"].content, 403))
    assert unusable.value.trouble == "quota"
