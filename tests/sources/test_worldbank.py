"""The requests to the World Bank, and the rows read from its responses."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from dagster_project.sources import ParsedResponse, Request, Response, Unusable, worldbank
from tests.refresh.publishers.worldbank import (
    AGRICULTURE,
    FIGURES,
    RIGHT,
    failure,
    figures,
    page,
    row,
)
from tests.sources.asked import settings


def asked(first: date = date(1960, 1, 1), **values: Any) -> list[Request]:
    given = {"donors": ["USA", "TWN"], "worldbank": {"indicators": [AGRICULTURE, "NY.GDP.MKTP.CD"]}, **values}
    return list(worldbank.plan_requests(settings(**given), lambda subject: (first, date(2026, 9, 20)), False))


def reading(content: bytes, status: int = 200, request: Request | None = None) -> ParsedResponse:
    return worldbank.read_response(request or asked()[0], Response(status, {}, content))


def trouble(content: bytes, status: int = 200, request: Request | None = None) -> tuple[str, str]:
    with pytest.raises(Unusable) as unusable:
        reading(content, status, request)
    return unusable.value.trouble, unusable.value.reason


def test_an_indicator_is_one_question_for_all_economies() -> None:
    first, second = asked()
    assert first.path == "/country/KOR;CHN;USA/indicator/NV.AGR.TOTL.ZS"
    assert second.path == "/country/KOR;CHN;USA/indicator/NY.GDP.MKTP.CD"
    assert first.query == (("format", "json"), ("date", "1960:2026"), ("per_page", "20000"), ("page", "1"))
    assert first.subject == AGRICULTURE
    assert first.periods == ("1960", "2026")
    assert first.only == {"indicator_code": (AGRICULTURE,), "economy_code": ("KOR", "CHN", "USA")}


def test_other_economies_may_be_named() -> None:
    named = asked(worldbank={"indicators": [AGRICULTURE], "economies": ["VNM", "WLD", "TWN"]})
    assert [request.path for request in named] == ["/country/VNM;WLD/indicator/NV.AGR.TOTL.ZS"]
    assert named[0].periods == ("1960", "2026")


def test_a_window_bounds_the_years() -> None:
    assert asked(date(2023, 5, 1))[0].query[1] == ("date", "2023:2026")


def test_a_release_is_read_with_its_day_and_the_years_without_a_figure() -> None:
    found = reading(RIGHT)
    assert list(found.rows) == [
        (AGRICULTURE, "CHN", "2025", None),
        (AGRICULTURE, "CHN", "2024", "6.77599881291286"),
        (AGRICULTURE, "CHN", "2023", "6.88951941080068"),
        (AGRICULTURE, "CHN", "2022", "7.14788692830171"),
    ]
    assert found.published_at == date(2026, 5, 1)
    assert (found.notes, found.more) == ((), ())


@pytest.mark.parametrize(
    ("value", "text"), [(18729668435848, "18729668435848"), (0, "0"), (-0.764066117400986, "-0.764066117400986")]
)
def test_a_number_keeps_its_digits(value: float, text: str) -> None:
    assert [one[-1] for one in reading(page([row("CHN", "2024", value)])).rows] == [text]


def test_counts_may_come_as_text() -> None:
    assert len(list(reading(page(figures(FIGURES), page="1", pages="1", per_page="20000", total="4")).rows)) == 4


def test_the_other_pages_are_asked_for_once_and_the_last_ends_it() -> None:
    first = asked()[0]
    more = reading(page(figures(FIGURES), pages=3, per_page=4, total=10)).more
    assert [request.query[-1] for request in more] == [("page", "2"), ("page", "3")]
    assert [request.subject for request in more] == [f"{AGRICULTURE} page 2", f"{AGRICULTURE} page 3"]
    assert {(request.path, request.periods) for request in more} == {(first.path, first.periods)}

    last = reading(page(figures(FIGURES)[:2], page=3, pages=3, per_page=4, total=10), request=more[1])
    assert (len(list(last.rows)), last.more) == (2, ())
    # A page may hold nothing but years without a figure.
    empty = [row("CHN", str(year), None) for year in range(2022, 2026)]
    assert len(list(reading(page(empty, page=2, pages=3, per_page=4, total=10), request=more[0]).rows)) == 4


@pytest.mark.parametrize(("number", "rows", "expected"), [(1, 3, 4), (2, 3, 4), (3, 1, 2), (3, 4, 2)])
def test_a_page_of_several_that_is_cut_is_refused(number: int, rows: int, expected: int) -> None:
    first = asked()[0]
    request = first if number == 1 else reading(page(figures(FIGURES), pages=3, per_page=4, total=10)).more[number - 2]
    cut = page(figures(FIGURES)[:rows], page=number, pages=3, per_page=4, total=10)
    assert trouble(cut, request=request) == (
        "refused",
        f"page {number} of 3 has {rows} rows instead of {expected}",
    )


def test_a_page_that_was_not_asked_for_is_refused() -> None:
    second = reading(page(figures(FIGURES), pages=2, per_page=4, total=8)).more[0]
    assert trouble(RIGHT, request=second) == ("refused", "page 1 came, but page 2 was requested")
    past = page([], page=2, pages=1, total=4)
    assert trouble(past, request=second) == ("refused", "page 2 is empty, although the first page announced it")


def test_rows_without_a_code_are_left_out_and_named() -> None:
    found = reading(page([*figures(FIGURES), row("", "2025", 5.0)]))
    assert [one[1] for one in found.rows] == ["CHN"] * 4
    assert found.notes == ("left out because they have no code: Not classified",)


def test_a_new_field_and_a_status_are_noted() -> None:
    found = reading(page([row("CHN", "2024", 6.8, obs_status="F", quality=1)], mirror="x"))
    assert found.notes == ("new fields: mirror", "new fields: quality", "figures with the status F")
    assert len(list(found.rows)) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (RIGHT.replace(b'"countryiso3code"', b'"iso3"'), "countryiso3code are missing; there are new ones, iso3"),
        (RIGHT.replace(b'"value": 6', b'"amount": 6'), "value are missing; there are new ones, amount"),
        (RIGHT.replace(b'"total"', b'"count"'), "total are missing; there are new ones, count"),
        (page([row("CHN", "2024", 1, country="China")]), "country.id"),
        (page([row("CHN", "2024", [1])]), "expected a single value"),
        (page([row("CHN", "2024", True)]), "not a number"),
        (page(figures(FIGURES), pages="many"), "pages is 'many'"),
        (b'[{"page":1,"pages":1,"per_page":9,"total":1},["x"]]', "expected a list of JSON objects"),
        (b'{"page":1}', "expected a JSON list of two items"),
        (b"[]", "expected a JSON list of two items"),
        (failure("175", "Invalid format", "The indicator was not found."), "error 175"),
    ],
)
def test_an_answer_of_another_form_is_refused(content: bytes, said: str) -> None:
    found, reason = trouble(content)
    assert found == "refused"
    assert said in reason


@pytest.mark.parametrize(
    ("content", "status", "expected"),
    [
        (page([]), 200, "nothing"),
        (failure("105", "Service currently unavailable", ""), 200, "again"),
        (b"", 503, "again"),
        (b"\xff\xfe", 200, "again"),
        (b'{"message":"Bad Request"}', 400, "refused"),
        (b"", 404, "refused"),
    ],
)
def test_what_an_error_means(content: bytes, status: int, expected: str) -> None:
    assert trouble(content, status)[0] == expected


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Agriculture, forestry, and fishing, value added (% of GDP)", "% of GDP"),
        ("Unemployment, total (% of total labor force) (modeled ILO estimate)", "% of total labor force"),
        ("Population, total", "not stated"),
    ],
)
def test_an_indicator_is_described_by_its_response(name: str, unit: str) -> None:
    rows = [row("CHN", "2024", 1.5, "XX.YY") | {"indicator": {"id": "XX.YY", "value": name}}]
    said = worldbank.describe_indicator(Response(200, {}, page(rows)))
    assert said == {"indicator_code": "XX.YY", "label": name, "unit": unit}


def test_a_release_without_a_day_is_read() -> None:
    content = json.loads(RIGHT)
    del content[0]["lastupdated"]
    assert reading(json.dumps(content).encode()).published_at is None
