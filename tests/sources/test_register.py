"""The register keeps to its closed lists, and a printed figure and its value say the same."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.sources.committed import rows

SCALES = {"": 1, "k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12, "×100m": 10**8}
PRINTED = re.compile(
    r"(?P<sign>-?)(?:US\$|CNY )?(?P<number>[\d,]+(?:\.\d+)?)(?P<scale>k|m|bn|tn|×100m|)(?P<percent>%?)"
)
SCOPE = re.compile(r"all|goods|services|investment|finance|semiconductors|dual_use|HS\d{2}(\d\d){0,2}|EBOPS:S[A-L]")


@pytest.mark.parametrize("figure", rows("register/published_figures"), ids=lambda figure: figure["figure_id"])
def test_a_figure_is_the_number_it_was_printed_as(figure: dict[str, str]) -> None:
    printed = PRINTED.fullmatch(figure["as_printed"])
    assert printed is not None
    assert bool(printed["percent"]) == (figure["unit"] == "%")
    assert ("US$" in figure["as_printed"]) == (figure["unit"] == "USD")
    number = printed["number"].replace(",", "")
    assert Decimal(printed["sign"] + number) * SCALES[printed["scale"]] == Decimal(figure["value"])
    assert len(number.partition(".")[2]) == int(figure["precision"])


@pytest.mark.parametrize("figure", rows("register/published_figures"), ids=lambda figure: figure["figure_id"])
def test_a_figure_has_a_period_and_a_source(figure: dict[str, str]) -> None:
    assert figure["period_start"] < figure["period_end"]
    assert figure["url"].startswith("http") or figure["note"], "without an address the note says why"
    assert figure["reporter_code"] != figure["partner_code"]
    assert (figure["metric"] == "yoy_growth") == bool(figure["flow"])


def test_both_sides_claim_a_deficit_for_2024() -> None:
    figures = {figure["figure_id"]: figure for figure in rows("register/published_figures")}
    assert figures["mofcom_goods_balance_2024"]["reporter_code"] == "CHN"
    assert Decimal(figures["mofcom_goods_balance_2024"]["value"]) == Decimal(-35300000000)
    assert Decimal(figures["bok_goods_balance_2024_printed_2025_06_20"]["value"]) < 0
    assert Decimal(figures["press_goods_balance_2025_01_11"]["value"]) == Decimal(-10400000000)


@pytest.mark.parametrize(
    "stage", rows("register/policy_event_stages"), ids=lambda s: f"{s['event_id']}-{s['event_date']}"
)
def test_a_stage_is_dated_scoped_and_sourced(stage: dict[str, str]) -> None:
    assert len(stage["event_date"]) == {"day": 10, "month": 7, "year": 4}[stage["date_precision"]]
    assert all(SCOPE.fullmatch(scope) for scope in stage["scope"].split(";"))
    for role in ("implementing", "affected"):
        codes = stage[role].split(";")
        assert len(set(codes)) == len(codes)
        assert all(re.fullmatch(r"[A-Z]{3}", code) for code in codes)
    urls = stage["source_urls"].split(" | ")
    assert all(url.startswith(("http://", "https://")) and " " not in url for url in urls)


def test_an_event_has_one_title() -> None:
    titles = {(stage["event_id"], stage["title"]) for stage in rows("register/policy_event_stages")}
    assert len(titles) == len({event for event, _ in titles}) == 26


def test_groups_are_written_out() -> None:
    (signed,) = [s for s in rows("register/policy_event_stages") if s["event_id"] == "E013" and s["stage"] == "signed"]
    assert len(signed["affected"].split(";")) == 15
