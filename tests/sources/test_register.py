"""The register uses only words of its closed lists, and each printed figure equals its value."""

from __future__ import annotations

import re
from decimal import Decimal

from tests.sources.committed import SNAPSHOTS, folders, manifest, rows, table

SCALES = {"": 1, "k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12, "×100m": 10**8}
PRINTED = re.compile(
    r"(?P<sign>-?)(?:US\$|CNY )?(?P<number>[\d,]+(?:\.\d+)?)(?P<scale>k|m|bn|tn|×100m|)(?P<percent>%?)"
)
SCOPE = re.compile(
    r"all|goods|some_goods|services|investment|finance|semiconductors|dual_use|HS\d{2}(\d\d){0,2}|EBOPS:S[A-L]"
)


def stages() -> list[dict[str, str]]:
    """Read the stages of the newest snapshot, which replaces earlier ones."""
    held = [folder for folder in folders() if folder.parent == SNAPSHOTS / "register/policy_event_stages"]
    header, values = table(max(held, key=lambda folder: str(manifest(folder)["known_from"])))
    return [dict(zip(header, row, strict=True)) for row in values]


def test_a_figure_is_the_number_it_was_printed_as_with_a_period_and_a_source() -> None:
    for figure in rows("register/published_figures"):
        printed = PRINTED.fullmatch(figure["as_printed"])
        assert printed is not None, figure
        assert bool(printed["percent"]) == (figure["unit"] == "%"), figure
        assert ("US$" in figure["as_printed"]) == (figure["unit"] == "USD"), figure
        number = printed["number"].replace(",", "")
        assert Decimal(printed["sign"] + number) * SCALES[printed["scale"]] == Decimal(figure["value"]), figure
        assert len(number.partition(".")[2]) == int(figure["precision"]), figure
        assert figure["period_start"] < figure["period_end"], figure
        assert figure["url"].startswith("http") or figure["note"], f"without an address the note says why: {figure}"
        assert figure["reporter_code"] != figure["partner_code"], figure
        assert (figure["metric"] == "yoy_growth") == bool(figure["flow"]), figure


def test_both_sides_claim_a_deficit_for_2024() -> None:
    figures = {figure["figure_id"]: figure for figure in rows("register/published_figures")}
    assert figures["mofcom_goods_balance_2024"]["reporter_code"] == "CHN"
    assert Decimal(figures["mofcom_goods_balance_2024"]["value"]) == Decimal(-35300000000)
    assert Decimal(figures["bok_goods_balance_2024_printed_2025_06_20"]["value"]) < 0
    assert Decimal(figures["press_goods_balance_2025_01_11"]["value"]) == Decimal(-10400000000)


def test_a_stage_is_dated_scoped_and_sourced() -> None:
    for stage in stages():
        assert len(stage["event_date"]) == {"day": 10, "month": 7, "year": 4}[stage["date_precision"]], stage
        assert all(SCOPE.fullmatch(scope) for scope in stage["scope"].split(";")), stage
        for role in ("implementing", "affected"):
            codes = stage[role].split(";")
            assert len(set(codes)) == len(codes), stage
            assert all(re.fullmatch(r"[A-Z]{3}", code) for code in codes), stage
        urls = stage["source_urls"].split(" | ")
        assert all(url.startswith(("http://", "https://")) and " " not in url for url in urls), stage


def test_an_event_has_one_title() -> None:
    titles = {(stage["event_id"], stage["title"]) for stage in stages()}
    assert len(titles) == len({event for event, _ in titles}) == 47


def test_groups_are_written_out() -> None:
    (signed,) = [s for s in stages() if s["event_id"] == "E013" and s["stage"] == "signed"]
    assert len(signed["affected"].split(";")) == 15


def test_tariffs_under_section_301_took_effect_on_the_days_of_their_notices() -> None:
    """Federal Register: 83 FR 28710, 40823 and 47974; 84 FR 20459, 43304 and 45821; 85 FR 3741."""
    found = {stage["event_date"]: stage for stage in stages() if stage["event_id"] == "E028"}
    assert sorted(found) == ["2018-07-06", "2018-08-23", "2018-09-24", "2019-05-10", "2019-09-01", "2020-02-14"]
    assert found["2020-02-14"]["source_urls"].endswith("/citation/85-FR-3741")
    assert {(stage["implementing"], stage["affected"]) for stage in found.values()} == {("USA", "CHN")}


def test_the_agreement_of_korea_and_the_united_states_was_signed_in_force_and_revised() -> None:
    """State Department: signed on 30 June 2007; in force on 15 March 2012 (DESTA 551); both presidents in 2018."""
    assert {(s["event_id"], s["stage"], s["event_date"]) for s in stages() if s["event_id"] in {"E027", "E030"}} == {
        ("E027", "signed", "2007-06-30"),
        ("E027", "in_force", "2012-03-15"),
        ("E030", "signed", "2018-09-24"),
        ("E030", "amended", "2019-01-01"),
    }


def list_dates(event: str) -> list[tuple[str, str]]:
    return sorted((stage["event_date"], stage["stage"]) for stage in stages() if stage["event_id"] == event)


def test_the_step_of_geneva_took_effect_two_days_after_the_statement() -> None:
    """Executive Order 14298, 90 FR 21831: from 14 May 2025, 12:01 a.m.; the joint statement is of 12 May."""
    dates = list_dates("E038")
    assert ("2025-05-12", "announced") in dates
    assert ("2025-05-14", "suspended") in dates
    assert ("2025-05-14", "suspended") in list_dates("E041")
    assert not any(stage["event_date"] == "2025-05-13" for stage in stages())


def test_later_tariffs_took_effect_on_the_days_of_their_orders() -> None:
    """89 FR 76581 and 101682; Executive Orders 14195, 14228, 14257, 14259, 14266 and 14326; Proclamation 9705."""
    assert [day for day, stage in list_dates("E031") if stage == "implemented"] == [
        "2024-09-27",
        "2025-01-01",
        "2026-01-01",
    ]
    assert [day for day, _ in list_dates("E037")][:4] == ["2025-02-01", "2025-02-04", "2025-03-04", "2025-11-10"]
    steps = [day for day, stage in list_dates("E038") if stage in {"partial", "implemented", "amended"}]
    assert steps == ["2025-04-05", "2025-04-09", "2025-04-10", "2025-08-07", "2025-11-14"]
    assert [day for day, stage in list_dates("E032") if stage != "announced"] == [
        "2018-03-23",
        "2018-05-01",
        "2025-03-12",
        "2025-06-04",
    ]


def test_export_controls_of_china_took_effect_on_the_days_of_their_announcements() -> None:
    """Ministry of Commerce: No. 33 and No. 46 of 2024, Nos. 10, 18, 70 and 72 of 2025, No. 1 of 2026."""
    assert list_dates("E042") == [("2024-08-15", "announced"), ("2024-09-15", "implemented")]
    assert list_dates("E043") == [("2024-12-03", "implemented"), ("2025-11-09", "suspended")]
    assert list_dates("E044") == [("2025-02-04", "implemented")]
    assert list_dates("E045") == [("2025-04-04", "implemented")]
    assert list_dates("E046") == [("2025-10-09", "announced"), ("2025-11-07", "suspended")]
    assert list_dates("E047") == [("2026-01-06", "implemented")]
