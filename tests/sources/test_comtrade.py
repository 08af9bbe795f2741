"""The requests to UN Comtrade, and the rows read from its responses."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.sources import ParsedResponse, Request, Response, Unusable, comtrade, find_dataset
from tests.refresh.publishers.comtrade import HTML, RIGHT, SCENARIOS, body, both, record, refusal
from tests.sources.asked import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ALWAYS = (("customsCode", "C00"), ("motCode", "0"))


def window(first: date = date(2023, 1, 1), last: date = date(2024, 12, 31)) -> Callable[[str], tuple[date, date]]:
    return lambda subject: (first, last)


def asked(
    span: Callable[[str], tuple[date, date]] | None = None, *, keyed: bool = False, **comtrade_part: Any
) -> list[Request]:
    asked_for = settings(donors=["USA", "TWN"], comtrade=comtrade_part)
    return list(comtrade.plan_requests(asked_for, span or window(), keyed))


def query(request: Request) -> dict[str, str]:
    return dict(request.query)


def reading(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> ParsedResponse:
    return comtrade.read_response(asked()[0], Response(status, headers or {}, content))


def trouble(content: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> tuple[str, str]:
    with pytest.raises(Unusable) as unusable:
        reading(content, status, headers)
    return unusable.value.trouble, unusable.value.reason


def test_each_direction_is_asked_a_year_a_call_then_each_reporters_other_partners() -> None:
    found = [(r.subject, query(r)["reporterCode"], query(r)["partnerCode"], query(r)["period"]) for r in asked()]
    assert found == [
        ("KOR-CHN TOTAL A", "410", "156", "2023"),
        ("KOR-CHN TOTAL A", "410", "156", "2024"),
        ("CHN-KOR TOTAL A", "156", "410", "2023"),
        ("CHN-KOR TOTAL A", "156", "410", "2024"),
        ("KOR-TWN+USA+WLD TOTAL A", "410", "490,842,0", "2023"),
        ("KOR-TWN+USA+WLD TOTAL A", "410", "490,842,0", "2024"),
        ("CHN-TWN+USA+WLD TOTAL A", "156", "490,842,0", "2023"),
        ("CHN-TWN+USA+WLD TOTAL A", "156", "490,842,0", "2024"),
    ]


@pytest.mark.parametrize(
    ("keyed", "path", "cap"),
    [(False, "/public/v1/preview/C/A/HS", "500"), (True, "/data/v1/get/C/A/HS", "100000")],
)
def test_a_key_asks_elsewhere_and_for_more(keyed: bool, path: str, cap: str) -> None:
    request = asked(keyed=keyed)[0]
    assert request.path == path
    assert request.query == (
        ("reporterCode", "410"),
        ("period", "2023"),
        ("partnerCode", "156"),
        ("partner2Code", "0"),
        ("cmdCode", "TOTAL"),
        ("flowCode", "M,X"),
        *ALWAYS,
        ("maxRecords", cap),
        ("breakdownMode", "classic"),
        ("includeDesc", "false"),
    )
    assert request.body is None
    assert request.dataset == "comtrade/goods"


def test_a_question_says_what_its_answer_may_be_about() -> None:
    pair, others = asked()[0], asked()[4]
    assert pair.only == {
        "reporter_code": ("410",),
        "partner_code": ("156",),
        "cmd_code": ("TOTAL",),
        "freq_code": ("A",),
        "flow_code": ("M", "X"),
    }
    assert (pair.period_column, pair.periods) == ("period", ("2023", "2023"))
    assert others.only["partner_code"] == ("490", "842", "0")


def test_months_are_written_without_a_dash_and_end_with_the_window() -> None:
    span = window(date(2023, 11, 15), date(2024, 2, 10))
    found = [r for r in asked(span, frequencies=["A", "M"]) if r.subject.startswith("KOR-CHN")]
    assert [(r.subject, r.path[-5:], query(r)["period"]) for r in found] == [
        ("KOR-CHN TOTAL A", "/A/HS", "2023"),
        ("KOR-CHN TOTAL A", "/A/HS", "2024"),
        ("KOR-CHN TOTAL M", "/M/HS", "202311"),
        ("KOR-CHN TOTAL M", "/M/HS", "202312"),
        ("KOR-CHN TOTAL M", "/M/HS", "202401"),
        ("KOR-CHN TOTAL M", "/M/HS", "202402"),
    ]


def test_products_are_asked_for_the_pairs_alone() -> None:
    found = asked(window(date(2024, 1, 1)), products=["TOTAL", "8542", "AG2"])
    assert [(r.subject, query(r)["cmdCode"]) for r in found] == [
        ("KOR-CHN TOTAL A", "TOTAL"),
        ("KOR-CHN 8542 A", "8542"),
        ("KOR-CHN AG2 A", "AG2"),
        ("CHN-KOR TOTAL A", "TOTAL"),
        ("CHN-KOR 8542 A", "8542"),
        ("CHN-KOR AG2 A", "AG2"),
        ("KOR-TWN+USA+WLD TOTAL A", "TOTAL"),
        ("CHN-TWN+USA+WLD TOTAL A", "TOTAL"),
    ]
    assert [(r.only.get("cmd_code"), r.only.get("aggr_level")) for r in found[:3]] == [
        (("TOTAL",), None),
        (("8542",), None),
        (None, ("2",)),
    ]


def test_with_a_key_all_subheadings_are_one_call() -> None:
    found = asked(window(date(2024, 1, 1)), keyed=True, products=["AG6"])
    assert [(r.subject, query(r)["cmdCode"]) for r in found] == [("KOR-CHN AG6 A", "AG6"), ("CHN-KOR AG6 A", "AG6")]


@pytest.mark.parametrize(("product", "digits", "calls"), [("AG4", 4, 6), ("AG6", 6, 24)])
def test_without_a_key_no_call_can_reach_the_cap(product: str, digits: int, calls: int) -> None:
    """The edition of 2022 has 1,229 headings and 5,613 subheadings with those of 99; both flows of each are records."""
    found = [r for r in asked(window(date(2024, 1, 1)), products=[product]) if r.subject.startswith("KOR-CHN")]
    codes = [query(r)["cmdCode"].split(",") for r in found]
    assert len(found) == calls
    assert all(2 * len(part) < int(query(r)["maxRecords"]) for part, r in zip(codes, found, strict=True))
    flat = [code for part in codes for code in part]
    assert len(flat) == len(set(flat))
    assert {len(code) for code in flat} == {digits}
    assert {code[:2] for code in flat} == {f"{chapter:02}" for chapter in range(1, 100) if chapter not in {77, 98}}
    assert len({r.subject for r in found}) == calls
    assert found[0].subject == f"KOR-CHN {product} {codes[0][0]}..{codes[0][-1]} A"
    assert found[0].only["cmd_code"] == tuple(codes[0])


def test_the_projects_own_configuration_stays_far_below_a_days_calls() -> None:
    found = list(
        comtrade.plan_requests(read_settings(Project.find()), window(date(2010, 1, 1), date(2026, 11, 1)), False)
    )
    # Seventeen years of eight directions of four pairs, and of four economies with the donors.
    assert len(found) == (8 + 4) * 17
    assert comtrade.API.per_day == 500


def test_records_become_rows_with_the_values_as_they_were_written() -> None:
    found = reading(RIGHT)
    exports, imports = found.rows
    columns = [column.name for column in find_dataset("comtrade/goods").columns]
    assert dict(zip(columns, exports, strict=True)) == {
        "freq_code": "A",
        "period": "2024",
        "reporter_code": "410",
        "partner_code": "156",
        "partner2_code": "0",
        "flow_code": "X",
        "classification_code": "H6",
        "cmd_code": "TOTAL",
        "aggr_level": "0",
        "customs_code": "C00",
        "mos_code": "0",
        "mot_code": "0",
        "primary_value": "132902972288",
        "fob_value": "132902972288",
        "cif_value": None,
        "net_wgt": "0",
        "qty": "0",
        "qty_unit_code": "-1",
        "is_reported": "false",
        "is_aggregate": "true",
    }
    assert imports[columns.index("cif_value")] == "139874969811"
    assert found.notes == ()
    assert found.published_at is None


def test_a_fraction_of_a_dollar_is_kept() -> None:
    (row,) = reading(body([record("X", 452684213646.747)])).rows
    assert "452684213646.747" in row


def test_parts_of_a_figure_are_kept_in_raw() -> None:
    assert len(list(reading(SCENARIOS["parts"].content).rows)) == 4


def test_the_last_record_below_the_cap_is_read_and_the_next_is_a_cut() -> None:
    almost = [record("X", 1.0, partner2Code=n) for n in range(499)]
    assert len(list(reading(body(almost)).rows)) == 499
    kind, reason = trouble(body([*almost, record("M", 1.0)]))
    assert kind == "refused"
    assert "500 records" in reason
    assert "bilateral.toml" in reason
    assert "BILATERAL_COMTRADE_KEY" in reason


def test_a_key_may_have_more_records() -> None:
    content = body([record("X", 1.0, partner2Code=n) for n in range(501)])
    assert len(list(comtrade.read_response(asked(keyed=True)[0], Response(200, {}, content)).rows)) == 501


def test_a_new_field_is_noted() -> None:
    assert reading(body(both(datasetCode=1))).notes == ("new fields: datasetCode",)
    assert reading(body(both(), version=2)).notes == ("new fields: version",)


def test_a_field_that_one_record_lacks_is_missing() -> None:
    other = {key: value for key, value in record("M", 1.0).items() if key != "motCode"}
    assert trouble(body([record("X", 1.0), other])) == ("refused", "the fields motCode are missing")


@pytest.mark.parametrize(
    ("content", "status", "headers", "kind", "said"),
    [
        (body([], error="Invalid period"), 200, {}, "refused", "Invalid period"),
        (body(both(), count=5), 200, {}, "again", "count says 5 records, but 2 came"),
        (b"[]", 200, {}, "refused", "expected a JSON object"),
        (b'{"elapsedTime": "0 secs", "count": 1}', 200, {}, "refused", "the fields data are missing"),
        (body([], data=[1]), 200, {}, "refused", "expected a list of JSON objects"),
        (HTML, 502, {}, "again", "HTTP 502"),
        (RIGHT.replace(b"TOTAL", b"\xff\xfe"), 200, {}, "again", "not UTF-8"),
        (SCENARIOS["out_of_quota"].content, 403, {"retry-after": "11657"}, "quota", "Out of call volume quota"),
        (b"", 403, {}, "key", "HTTP 403"),
        (refusal(429, "Rate limit is exceeded."), 429, {"retry-after": "2"}, "again", "Rate limit"),
        (b"", 429, {}, "again", "HTTP 429"),
        (refusal(400, "Only one period"), 400, {}, "refused", "Only one period"),
        (b"[1]", 400, {}, "refused", "HTTP 400"),
    ],
)
def test_what_is_no_figures_says_what_to_do(
    content: bytes, status: int, headers: dict[str, str], kind: str, said: str
) -> None:
    found, reason = trouble(content, status, headers)
    assert found == kind
    assert said in reason
