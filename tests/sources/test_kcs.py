"""The requests to Korea Customs, and the rows read from its responses."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.sources import ParsedResponse, Request, Response, Unusable, kcs
from tests.refresh.publishers.kcs import (
    COUNTRY,
    END_USES,
    FLASH,
    PRODUCTS,
    TOTAL,
    body,
    changed,
)
from tests.sources.asked import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def window(first: date = date(2025, 1, 1), last: date = date(2025, 12, 31)) -> Callable[[str], tuple[date, date]]:
    return lambda subject: (first, last)


def asked(span: Callable[[str], tuple[date, date]] | None = None, **values: Any) -> list[Request]:
    return list(kcs.plan_requests(settings(**{"donors": ["USA", "TWN"], **values}), span or window(), True))


def request(dataset: str) -> Request:
    return next(one for one in asked(kcs={"products": ["8542"]}) if one.dataset == dataset)


def reading(content: bytes, dataset: str = "kcs/goods_monthly", status: int = 200) -> ParsedResponse:
    return kcs.read_response(request(dataset), Response(status, {}, content))


def trouble(content: bytes, status: int = 200, dataset: str = "kcs/goods_monthly") -> tuple[str, str]:
    with pytest.raises(Unusable) as unusable:
        reading(content, dataset, status)
    return unusable.value.trouble, unusable.value.reason


def test_partners_are_asked_for_all_goods_and_those_of_the_pairs_for_products_and_end_uses() -> None:
    found = [(one.subject, one.path, "&".join("=".join(pair) for pair in one.query)) for one in asked()]
    year = "strtYymm=202501&endYymm=202512"
    assert found == [
        ("KOR-CHN", "/nationtrade/getNationtradeList", f"{year}&cntyCd=CN"),
        ("KOR-USA", "/nationtrade/getNationtradeList", f"{year}&cntyCd=US"),
        ("KOR-TWN", "/nationtrade/getNationtradeList", f"{year}&cntyCd=TW"),
        ("KOR-CHN end use exports", "/ntempertrade/getNtempertradeList", f"{year}&imexTpcd=1&cntyCd=CN"),
        ("KOR-CHN end use imports", "/ntempertrade/getNtempertradeList", f"{year}&imexTpcd=2&cntyCd=CN"),
    ]


@pytest.mark.parametrize(
    ("products", "parents"),
    [
        (["8542"], ["85"]),
        (["85"], ["85"]),
        (["854232"], ["8542"]),
        (["8542", "8541", "84", "854231", "854232"], ["85", "84", "8542"]),
    ],
)
def test_a_product_is_asked_for_by_its_parent_and_each_parent_once(products: list[str], parents: list[str]) -> None:
    """The API answers 2 digits with rows of 4, and 4 with rows of 6."""
    found = asked(kcs={"products": products, "end_use": False}, donors=[])[1:]
    assert [dict(one.query)["hsSgn"] for one in found] == parents
    assert [one.subject for one in found] == [f"KOR-CHN HS {parent}" for parent in parents]
    assert found[0].query == (
        ("strtYymm", "202501"),
        ("endYymm", "202512"),
        ("hsSgn", parents[0]),
        ("cntyCd", "CN"),
    )
    assert found[0].only == {"partner_iso2": ("CN",), "parent_code": (parents[0],)}


def test_a_question_says_what_its_answer_may_be_about() -> None:
    found = asked()
    assert found[0].only == {"partner_iso2": ("CN",)}
    assert found[-1].only == {"partner_iso2": ("CN",), "flow": ("수입",)}
    assert (found[0].period_column, found[0].periods) == ("month", ("2025-01", "2025-12"))


def test_twelve_months_are_the_most_a_call_may_cover_and_the_last_call_is_full() -> None:
    found = asked(window(date(2024, 3, 10), date(2026, 9, 1)), donors=[], kcs={"end_use": False})
    assert [one.query[:2] for one in found] == [
        (("strtYymm", "202403"), ("endYymm", "202409")),
        (("strtYymm", "202410"), ("endYymm", "202509")),
        (("strtYymm", "202510"), ("endYymm", "202609")),
    ]


def test_customs_is_not_asked_about_pairs_without_korea() -> None:
    assert asked(pairs=["USA-CHN"]) == []


def test_korea_may_stand_on_either_side_of_a_pair() -> None:
    assert [one.subject for one in asked(pairs=["CHN-KOR"], donors=[], kcs={"end_use": False})] == ["KOR-CHN"]


def test_the_projects_own_configuration_stays_far_below_a_days_calls() -> None:
    found = list(kcs.plan_requests(read_settings(Project.find()), window(date(2015, 1, 1), date(2026, 11, 30)), True))
    # Twelve spans for 18 partners, and with China and Japan for one product and two flows of end uses.
    assert len(found) == 12 * (18 + 2 * (1 + 2))
    assert kcs.API.per_day == 10_000


def test_a_month_of_all_goods_becomes_a_row() -> None:
    found = reading(body(COUNTRY))
    assert list(found.rows) == [
        ("CN", "2026-05", "18883273656", "15097201176", "3786072480"),
        ("CN", "2026-06", "20002319069", "16422805296", "3579513773"),
        ("CN", "2026-07", "21681183695", "16317852371", "5363331324"),
    ]
    assert found.notes == ()


def test_totals_among_products_are_dropped_and_zeros_before_a_code_stay() -> None:
    milk = {**PRODUCTS[0], "hsCd": "0402", "impDlr": "0", "impWgt": "0"}
    assert list(reading(body([TOTAL, *PRODUCTS, milk]), "kcs/goods_monthly_hs").rows) == [
        ("8542", "854232", "CN", "2026-01", "4934026496", "124261", "2026883877", "65094"),
        ("8542", "854290", "CN", "2026-06", "13136392", "101732", "1045565", "16649"),
        ("04", "0402", "CN", "2026-01", "4934026496", "124261", "0", "0"),
    ]


def test_end_uses_keep_the_name_that_customs_gives_them() -> None:
    found = list(reading(body(END_USES), "kcs/goods_monthly_end_use").rows)
    assert found[0] == ("수출", "US", "2026-01", "11201", "- 기타 육류 및 조제품", "506177", "72904")
    assert len(found) == 3


def test_the_flash_is_asked_for_where_it_is_wanted_ten_years_a_call() -> None:
    assert not [one for one in asked() if one.dataset == "kcs/goods_flash"]
    span = window(date(2015, 1, 1), date(2026, 11, 26))
    found = [one for one in asked(span, kcs={"flash": True}) if one.dataset == "kcs/goods_flash"]
    assert [(one.path.partition("/get")[0], one.only, one.periods) for one in found] == [
        (f"/cntyMmUtPrvi{operation}Acrs", {"flow": (flow,)}, periods)
        for flow, operation in (("수출", "Exp"), ("수입", "Imp"))
        for periods in (("2015-01", "2016-11"), ("2016-12", "2026-11"))
    ]


def test_a_flash_is_a_row_a_partner_and_its_days() -> None:
    """Imports of January 2023 up to its end are the month's: 13,140.1 million US$ from China."""
    (imports,) = [one for one in asked(kcs={"flash": True}) if one.subject == "KOR flash imports"]
    found = list(kcs.read_response(imports, Response(200, {}, body(FLASH))).rows)
    assert found[:2] == [("수입", "WLD", "2023-01", "10", "20130610"), ("수입", "CN", "2023-01", "10", "4803571")]
    assert [row[1] for row in found[22:]] == ["WLD", "CN", "US", "EU", "JP", "VN", "AU", "TW", "SA", "RU", "MY"]
    assert ("수입", "CN", "2023-01", "31", "13140061") in found


def test_an_escaped_ampersand_is_one() -> None:
    found = reading(changed(END_USES[:1], godsKor="가스 &amp; 기타"), "kcs/goods_monthly_end_use")
    assert "가스 & 기타" in next(iter(found.rows))


def test_an_entity_of_elsewhere_is_not_read(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("CN", encoding="utf-8")
    hostile = (
        b'<!DOCTYPE response [<!ENTITY x SYSTEM "file://'
        + str(secret).encode()
        + b'">]>'
        + body([{**COUNTRY[0], "statCd": "&x;"}]).partition(b"?>")[2]
    )
    with pytest.raises(Unusable, match="statCd has elements"):
        reading(hostile)


def test_a_month_that_is_none_is_named() -> None:
    kind, reason = trouble(changed(COUNTRY, year="202605"))
    assert (kind, "'202605'" in reason) == ("refused", True)
