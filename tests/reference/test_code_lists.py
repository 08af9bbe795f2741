"""The code lists: economies and products as the warehouse shows them, and the tables beside them."""

from __future__ import annotations

from collections import Counter

import pytest

from dagster_project.project import Project
from dagster_project.reference import code_lists
from dagster_project.sources import find_dataset, find_source
from tests.sources.committed import ROOT, reference, rows

PROJECT = Project.at(ROOT)
# How a figure came about, for each metric.
BASES = {
    "goods_total": {"published", "summed", "joined", "products"},
    "goods_world": {"published", "summed"},
    "goods_evidence": {"products"},
    "goods_product": {"published", "summed"},
    "services": {"reported", "estimated", "balanced"},
    "gdp_component": {"reported", "derived"},
}
ECONOMIES = {row[0]: row for row in code_lists.load_economies(PROJECT).rows}
PRODUCTS = {(row[0], row[1]): row for row in code_lists.load_products(PROJECT).rows}


def test_economies_are_unique_named_and_typed() -> None:
    listed = code_lists.load_economies(PROJECT)
    assert list(listed.columns) == ["economy_code", "m49_code", "comtrade_code", "name", "is_aggregate"]
    assert len(ECONOMIES) == len(listed.rows)
    for code, m49, comtrade, name, is_aggregate in listed.rows:
        assert len(code) == 3
        assert name
        assert isinstance(is_aggregate, bool)
        assert m49 is None or len(m49) == 3
        assert comtrade is None or comtrade == str(int(comtrade))
    for place in (1, 2, 3):
        assert [v for v, n in Counter(row[place] for row in listed.rows if row[place]).items() if n > 1] == []


@pytest.mark.parametrize(
    ("code", "m49", "comtrade", "is_aggregate"),
    [
        ("KOR", "410", "410", False),
        ("CHN", "156", "156", False),
        ("TWN", "158", "490", False),
        ("USA", "840", "842", False),
        ("FRA", "250", "251", False),
        ("CHE", "756", "757", False),
        ("NOR", "578", "579", False),
        ("IND", "356", "699", False),
        ("AFG", "004", "4", False),
        ("ANT", "530", "530", False),
        ("WLD", "001", "0", True),
        ("XKX", None, "412", False),
        ("OED", None, None, True),
        ("EAS", None, None, True),
    ],
)
def test_an_economys_codes(code: str, m49: str | None, comtrade: str | None, *, is_aggregate: bool) -> None:
    assert ECONOMIES[code][1:3] == [m49, comtrade]
    assert ECONOMIES[code][4] is is_aggregate


def test_world_bank_aggregates_are_marked() -> None:
    codes = {row["economy_code"] for row in rows("worldbank/wdi")}
    assert {"EUU", "EMU", "HIC", "LIC", "WLD", "SSF", "ARB"} <= {code for code in codes if ECONOMIES[code][4]}
    assert sum(bool(ECONOMIES[code][4]) for code in codes) < 60


def test_products_have_parents_and_levels() -> None:
    listed = code_lists.load_products(PROJECT)
    assert list(listed.columns) == ["classification", "product_code", "level", "parent_code", "label"]
    assert len(PRODUCTS) == len(listed.rows)
    for classification, code, level, parent, label in listed.rows:
        assert label
        if classification == "TOTAL":
            assert (code, level, parent) == ("TOTAL", 0, None)
            continue
        assert level == (1 if classification == "BEC4_END_USE" else len(code))
        assert (parent == "TOTAL") if level == 1 else code.startswith(parent)
        assert parent == "TOTAL" or (classification, parent) in PRODUCTS


def test_every_product_that_is_met_has_a_label() -> None:
    assert {("SITC4", r["product_code"]) for r in rows("comtrade/goods_annual_sitc4")} <= set(PRODUCTS)
    sections = {r["product_code"] for r in rows("unctad/goods_annual_sitc3")} - {"All"}
    assert {("SITC3", section) for section in sections} <= set(PRODUCTS)


def test_the_packaged_labels_are_of_the_edition_that_they_are_said_to_be() -> None:
    """Flat panel display modules (8524) came with the edition of 2022; 851770 went with it."""
    labels = {code for code, _ in code_lists.load_hs_labels().rows}
    assert {"85", "8524", "8542", "854232"} <= labels
    assert "851770" not in labels


def test_service_items_form_a_tree_and_cover_what_is_met() -> None:
    items = {row["item_code"]: row for row in reference("service_items")}
    assert [code for code, row in items.items() if not row["parent_code"]] == ["S"]
    assert {row["parent_code"] for row in items.values()} - {""} <= set(items)
    met = {r["item_code"] for path in ("services_annual", "services_annual_points") for r in rows(f"oecd_wto/{path}")}
    assert met | {r["item_code"] for r in rows("bok/services_annual")} <= set(items)
    assert {code for code, row in items.items() if row["is_derived"] == "true"} == {"SOX", "SOX1", "SPX1", "SPX4"}


def test_precedence_names_datasets_that_are_declared_and_ranks_once() -> None:
    listed = reference("source_precedence")
    for row in listed:
        find_dataset(f"{row['source']}/{row['dataset']}")
        assert row["reason"].endswith(".")
        assert row["basis"] in BASES[row["metric"]]
        assert row["frequency"] in {"A", "M"}
        assert row["reporter_code"] == "*" or row["reporter_code"] in ECONOMIES
        assert not row["valid_from_year"] or row["valid_from_year"] <= row["valid_to_year"]
    groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in listed:
        groups.setdefault((row["metric"], row["frequency"], row["reporter_code"], row["flow"]), []).append(row)
    for (metric, _, reporter, _), members in groups.items():
        # Of equal rank are those of which the newer counts, and no rank is left out; evidence ranks among the totals.
        ranks = {int(row["rank"]) for row in members}
        if metric == "goods_evidence":
            assert ranks <= {int(row["rank"]) for row in listed if row["reporter_code"] == reporter}
        else:
            assert ranks == set(range(1, len(ranks) + 1))
        assert len({(row["source"], row["dataset"], row["basis"]) for row in members}) == len(members)


def test_publishers_are_sources_and_say_when_they_close_a_year() -> None:
    """Korea Customs is one publisher, whoever passes its figures on."""
    channels = reference("publishers")
    assert {row["publisher_code"] for row in channels} == {"kcs", "jp_mof"}
    for row in channels:
        assert find_dataset(f"{row['source']}/{row['dataset']}").source == row["source"]
        assert find_source(row["publisher_code"]).code == row["publisher_code"]
        assert row["closes_in_month"] in ("", "2", "10")
        assert row["reason"].endswith(".")


def test_months_are_joint_or_said_to_be_apart() -> None:
    for row in reference("joint_months"):
        assert find_source(row["source"]).code == row["source"]
        assert row["reporter_code"] in ECONOMIES
        assert bool(row["first_month"]) == bool(row["last_month"])
        assert row["reason"].endswith(".")


def test_selected_products_and_estimates_are_never_a_total() -> None:
    listed = reference("source_precedence")
    eligible = {(row["source"], row["dataset"]) for row in listed if row["metric"] == "goods_total"}
    selected = {("comtrade", "goods_annual_hs6_selected"), ("comtrade", "goods_monthly_hs6_selected")}
    assert not eligible & {*selected, ("unctad", "goods_annual_sitc3")}


def test_residual_services_hold_for_china_alone() -> None:
    assert [row["economy_code"] for row in reference("services_residual_economies")] == ["CHN"]


def test_agreements_name_two_sides_a_date_and_its_page() -> None:
    listed = reference("agreements")
    assert len({row["agreement_id"] for row in listed}) == len(listed)
    lengths = {"day": 10, "month": 7, "year": 4}
    for row in listed:
        sides = [set(row[side].split(";")) for side in ("side_codes", "other_side_codes")]
        assert sides[0] & {"KOR", "CHN"}
        assert not sides[0] & sides[1]
        assert sides[0] | sides[1] <= ECONOMIES.keys()
        assert len(row["in_force_on"]) == lengths[row["date_precision"]]
        assert row["date_source_url"].startswith("http")
    # The CRS on KORUS, and Viet Nam's WTO centre on the agreement with Korea.
    days = {row["other_side_codes"]: row["in_force_on"] for row in listed if row["side_codes"] == "KOR"}
    assert (days["USA"], days["VNM"], days["CHN"]) == ("2012-03-15", "2015-12-20", "2015-12-20")
