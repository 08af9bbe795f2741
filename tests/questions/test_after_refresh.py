"""Questions that the committed figures cannot answer are answered after a refresh.

The rows are as the publishers' APIs give them, and small enough to be added up by hand; they go through staging, core
and the marts beside what is committed. They are no figures of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from dagster_project import publication, questions
from dagster_project.project import Project
from dagster_project.questions import Answer
from tests.questions.refreshing import FETCHED, Refreshed

# One process builds what the answers come of.
pytestmark = pytest.mark.long

# Those that a refresh answers; without the analyses that the others read, the models run in no time.
ASKED = [
    question
    for question in questions.load_questions(Project.find())
    if not question.reads & {"marts.policy_event_effects", "marts.claim_verdicts", "marts.revisions"}
]
Received = dict[str, Any]
Traded = dict[str, tuple[tuple[float, float] | None, tuple[float, float] | None]]
BN = 1_000_000_000

# Korea's trade with China by subheading (HS2022): billions of US$ and thousand tonnes, of 2025 and of 2026.
EXPORTS: Traded = {
    "854232": ((30, 2), (42, 2.1)),  # memories, intermediate goods
    "847130": ((20, 40), (20, 40)),  # portable computers, capital goods
    "330499": ((10, 50), (8, 40)),  # cosmetics, consumption goods
    "290243": ((64, 900), (61.1, 900)),  # p-xylene, intermediate goods
    "610910": ((0.8, 1), None),  # T-shirts, which leave
    "880730": (None, (0.9, 1)),  # parts of aircraft, intermediate goods, which enter
}
IMPORTS: Traded = {
    "854232": ((22, 3), (30, 3.1)),
    "283691": ((4, 90), (1, 95)),  # lithium carbonate, intermediate goods
    "851713": ((60, 30), (57, 30)),  # telephones, capital goods
    "610910": ((56, 400), (50, 400)),
}
MONTHS = [f"{year}-{month:02}" for year, last in ((2026, 12), (2027, 7)) for month in range(1, last + 1)]


def comtrade() -> Iterator[Received]:
    """Make rows of every subheading of two years, and of all goods: deficits of 17.2 and 6 billion."""
    usual = {
        "reporter_code": "410",
        "partner_code": "156",
        "partner2_code": "0",
        "customs_code": "C00",
        "mos_code": "0",
        "mot_code": "0",
        "classification_code": "H6",
        "freq_code": "A",
        "is_reported": "true",
        "is_aggregate": "false",
    }
    for flow, products in (("X", EXPORTS), ("M", IMPORTS)):
        for place, year in enumerate((2025, 2026)):
            lines = {code: figures for code, found in products.items() if (figures := found[place]) is not None}
            lines["TOTAL"] = (sum(value for value, _ in lines.values()), 0)
            for code, (value, weight) in lines.items():
                row = {"primary_value": round(value * BN), "net_wgt": round(weight * 1_000_000)}
                yield {**usual, "flow_code": flow, "period": year, "cmd_code": code, **row}


def customs() -> Iterator[Received]:
    """Make months of all goods: Comtrade's total in 2025, deficits of half a billion in 2026, surpluses in 2027."""
    for number in range(1, 13):
        imports = 12.2 if number == 12 else 11.8
        yield {
            "partner_iso2": "CN",
            "month": f"2025-{number:02}",
            "exports_usd": round(10.4 * BN),
            "imports_usd": round(imports * BN),
        }
    for month in MONTHS:
        exports, imports = (11, 11.5) if month < "2027" else (20, 15)
        yield {"partner_iso2": "CN", "month": month, "exports_usd": exports * BN, "imports_usd": imports * BN}


def customs_products() -> Iterator[Received]:
    """Make months of chips in both directions; exports double in 2027."""
    for month in MONTHS:
        exports, imports, weight = (3.5, 2.5, 400_000) if month < "2027" else (12, 3, 800_000)
        yield {
            "parent_code": "85",
            "hs_code": "8542",
            "partner_iso2": "CN",
            "month": month,
            "exports_usd": exports * BN,
            "exports_kg": weight,
            "imports_usd": imports * BN,
            "imports_kg": 500_000,
        }


def customs_uses() -> Iterator[Received]:
    """Make rows of customs' end uses of 2024: exports of memory chips; imports of wheat, crude oil and engines."""
    classes = (("수출", "44301", 11), ("수입", "11101", 2.5), ("수입", "21101", 4.1), ("수입", "31101", 5))
    for month in range(1, 13):
        for flow, code, value in classes:
            yield {
                "flow": flow,
                "partner_iso2": "CN",
                "month": f"2024-{month:02}",
                "end_use_code": code,
                "value_usd": round(value * BN),
            }


def imf() -> Iterator[Received]:
    """Make rows of China with Korea, and of Korea and Hong Kong with each other."""
    pairs = (("CHN", "KOR", 150, 160), ("KOR", "HKG", 35, 2), ("HKG", "KOR", 1, 30))
    for reporter, partner, exports, imports in pairs:
        for year in range(2014, 2027):
            for indicator, value in (("XG_FOB_USD", exports), ("MG_CIF_USD", imports)):
                yield {
                    "reporter_code": reporter,
                    "partner_code": partner,
                    "indicator_code": indicator,
                    "frequency": "A",
                    "period": year,
                    "value_usd": value * BN,
                    "derivation_type": "O",
                }


def batis() -> Iterator[Received]:
    """Make rows of services: sales of 22 billion and purchases of 20 billion every year."""
    for year in range(2014, 2025):
        for flow, value in (("EXP", 22_000), ("IMP", 20_000)):
            yield {
                "reporter_code": "KOR",
                "partner_code": "CHN",
                "flow": flow,
                "item_code": "S",
                "year": year,
                "balanced_musd": value,
            }


def indicators() -> Iterator[Received]:
    """Make one release in which services are 60% of Korea's GDP and 58% of China's."""
    for year in (2023, 2024, 2025):
        yield {"indicator_code": "NV.SRV.TOTL.ZS", "economy_code": "KOR", "year": year, "value": 60}
        yield {"indicator_code": "NV.SRV.TOTL.ZS", "economy_code": "CHN", "year": year, "value": 58}


@pytest.fixture(scope="module")
def refreshed(built: Project) -> Refreshed:
    received = {
        "comtrade/goods": comtrade(),
        "kcs/goods_monthly": customs(),
        "kcs/goods_monthly_hs": customs_products(),
        "kcs/goods_monthly_end_use": customs_uses(),
        "imf/imts": imf(),
        "oecd_wto/batis": batis(),
        "worldbank/wdi": indicators(),
    }
    return Refreshed(built, ["KOR", "CHN", "HKG"], received, ASKED)


def of(answer: Answer, **wanted: object) -> list[dict[str, Any]]:
    """Return the rows of an answer that have these values."""
    return [dict(row) for row in answer.rows if wanted.items() <= row.items()]


def test_the_year_to_date_is_compared_and_an_open_year_is_whole(refreshed: Refreshed) -> None:
    (row,) = refreshed.ask("deficit_to_date").rows
    assert (row["year"], row["to_month"]) == (2027, 7)
    assert (row["balance_to_date_usd"], row["prior_year_balance_to_date_usd"]) == (35 * BN, -3.5 * BN)
    assert refreshed.ask("deficit_to_date").state == "answered"
    (row,) = of(refreshed.ask("third_deficit_in_a_row"), year=2026)
    assert (row["state"], row["deficit_number"], row["is_third_in_a_row"]) == ("deficit", 4, True)


def test_every_product_behind_the_change_adds_up_to_the_cent(refreshed: Refreshed) -> None:
    answer = refreshed.ask("products_behind_the_change")
    assert answer.state == "answered"
    assert sum(round(100 * row["contribution_usd"]) for row in answer.rows) == round(100 * 11.2 * BN)
    assert [(row["product_code"], row["flow"]) for row in answer.rows][:3] == [
        ("854232", "export"),
        ("854232", "import"),
        ("610910", "import"),
    ]


def test_price_and_volume_are_told_apart_by_product(refreshed: Refreshed) -> None:
    """Memories: from 30 to 42 billion, from 2 to 2.1 thousand tonnes."""
    (row,) = of(refreshed.ask("price_or_volume", product="854232"), flow="export")
    mean = 12 * BN / math.log(42 / 30)
    assert row["volume_effect_usd"] == pytest.approx(mean * math.log(2.1 / 2), abs=0.02)
    assert row["price_effect_usd"] == pytest.approx(12 * BN - mean * math.log(2.1 / 2), abs=0.02)
    assert row["unit_value_change_pct"] == pytest.approx(100 * (20 / 15 - 1))
    assert row["weight_change_pct"] == pytest.approx(5)
    assert (row["larger_effect"], row["share_of_total_pct"]) == ("price", pytest.approx(100 * 42 / 132))
    assert refreshed.ask("price_or_volume", product="854232").state == "answered"


def test_price_and_volume_of_the_months_to_date_of_both_flows(refreshed: Refreshed) -> None:
    """Chips in seven months: from 3.5 to 12 billion a month while the weight doubles; imports by price alone."""
    answer = refreshed.ask("price_or_volume")
    assert answer.state == "answered"
    (exports,) = of(answer, flow="export", to_year=2027)
    volume = 7 * 8.5 * BN / math.log(12 / 3.5) * math.log(2)
    assert exports["change_usd"] == 7 * 8.5 * BN
    assert exports["volume_effect_usd"] == pytest.approx(volume, abs=1)
    assert exports["share_of_total_pct"] == pytest.approx(60)
    (imports,) = of(answer, flow="import", to_year=2027)
    assert (imports["price_effect_usd"], imports["volume_effect_usd"]) == (3.5 * BN, 0)
    # Every subheading has a weight, so that nothing is said to be missing of the last two years.
    (basket,) = of(answer, flow="import", to_year=2026)
    assert (basket["product_code"], basket["share_of_total_pct"]) == ("BASKET", pytest.approx(100))


def test_products_that_enter_and_leave_are_told_from_those_that_stay(refreshed: Refreshed) -> None:
    answer = refreshed.ask("fewer_products_or_less_of_each")
    assert answer.state == "answered"
    (row,) = of(answer, flow="export")
    assert (row["whose_statistics"], row["level"], row["classification"]) == ("KOR", 6, "HS2022")
    assert (row["entered_count"], row["left_count"], row["continued_count"]) == (1, 1, 4)
    assert (row["entered_usd"], row["left_usd"], row["continued_usd"]) == (0.9 * BN, -0.8 * BN, 7.1 * BN)
    assert row["residual_usd"] == 0


def test_the_share_of_semiconductors_is_of_the_whole_heading(refreshed: Refreshed) -> None:
    answer = refreshed.ask("dependence_on_semiconductors")
    shares = {row["year"]: (row["month_count"], row["share_pct"]) for row in answer.rows if row["year"] >= 2025}
    assert shares == {
        2025: (12, pytest.approx(100 * 30 / 124.8)),
        2026: (12, pytest.approx(100 * 42 / 132)),
        2027: (7, pytest.approx(60)),
    }
    assert refreshed.ask("dependence_on_semiconductors", from_year=2025, to_year=2026).state == "answered"
    assert "2017–2019" in answer.sentence


def test_the_balance_without_semiconductors_is_exact_where_both_flows_are_held(refreshed: Refreshed) -> None:
    answer = refreshed.ask("balance_without_semiconductors")
    found = {row["year"]: (row["balance_without_usd"], row["is_bound"], row["sign_changes"]) for row in answer.rows}
    assert found[2025] == (-25.2 * BN, False, False)
    assert found[2026] == (-18 * BN, False, False)
    assert found[2027] == (-28 * BN, False, True)
    # Of 2024 the imports are still not held.
    assert found[2024][1:] == (True, None)
    assert "July 2027, it would have had a deficit of US$28.00bn instead of a surplus of US$35.00bn" in answer.sentence
    assert refreshed.ask("balance_without_semiconductors", from_year=2025, to_year=2026).state == "answered"


def test_a_mineral_that_was_not_held_is(built: Project, refreshed: Refreshed) -> None:
    with publication.open_published(built) as connection:
        before = questions.ask_question(
            connection, next(question for question in ASKED if question.name == "critical_minerals"), {}
        )
    assert any("283691" in text for text in before.missing)
    answer = refreshed.ask("critical_minerals")
    assert not any("283691" in text for text in answer.missing)
    (row,) = of(answer, product_code="283691")
    assert (row["whose_statistics"], row["flow"], row["frequency"]) == ("KOR", "import", "A")
    assert (row["from_usd"], row["to_usd"], row["change_pct"]) == (4 * BN, 1 * BN, -75)
    assert row["unit_value_change_pct"] == pytest.approx(100 * ((1 / 95) / (4 / 90) - 1))


def test_goods_are_sorted_by_use_by_the_tables_of_the_united_nations(refreshed: Refreshed) -> None:
    answer = refreshed.ask("end_use", from_year=2026, to_year=2026)
    assert answer.state == "answered"
    shares = {(row["flow"], row["class_code"]): row["share_pct"] for row in answer.rows}
    assert shares == {
        ("export", "INTERMEDIATE"): pytest.approx(100 * 104 / 132),
        ("export", "CAPITAL"): pytest.approx(100 * 20 / 132),
        ("export", "CONSUMPTION"): pytest.approx(100 * 8 / 132),
        ("export", "RESIDUAL"): 0,
        ("import", "CAPITAL"): pytest.approx(100 * 57 / 138),
        ("import", "CONSUMPTION"): pytest.approx(100 * 50 / 138),
        ("import", "INTERMEDIATE"): pytest.approx(100 * 31 / 138),
        ("import", "RESIDUAL"): 0,
    }


def test_customs_sorts_imports_by_use_and_exports_by_industry(refreshed: Refreshed) -> None:
    answer = refreshed.ask("end_use", from_year=2024, to_year=2024)
    assert answer.state == "partly"
    imports = {row["class"]: row["value_usd"] for row in of(answer, flow="import") if row["class_code"] != "RESIDUAL"}
    assert imports == {"Consumer goods": 30 * BN, "Raw materials": 49.2 * BN, "Capital goods": 60 * BN}
    exports = of(answer, flow="export", class_code="4")
    assert [(row["class"], row["is_answered"]) for row in exports] == [("Heavy and chemical industry products", False)]
    assert "exports to China by end use are not available" in answer.sentence


def test_the_partners_statistics_and_hong_kongs_are_there(refreshed: Refreshed) -> None:
    """China's figures make a surplus of ten billion for Korea; Hong Kong adds one of 33, and 29 as it tells it."""
    answer = refreshed.ask("partner_statistics")
    assert answer.state == "answered"
    (row,) = of(answer, year=2026)
    assert (row["balance_mirror_usd"], row["signs_agree"]) == (10 * BN, False)
    answer = refreshed.ask("hong_kong")
    assert answer.state == "answered"
    (row,) = of(answer, year=2026)
    assert (row["balance_with_entrepot_usd"], row["sign_changes"]) == (27 * BN, True)
    assert (row["mirror_with_entrepot_usd"], row["signs_agree_with_entrepot"]) == (39 * BN, True)


def test_services_stand_beside_the_goods_of_the_same_year(refreshed: Refreshed) -> None:
    """Goods of 2024: 133,011,386,000 sold and 139,878,482,000 bought, as Korea Customs has them in ECOS."""
    answer = refreshed.ask("services_share")
    assert answer.state == "answered"
    (row,) = of(answer, year=2024)
    assert (row["value_basis"], row["edition"], row["whose_statistics"]) == ("balanced", "2025-12", "KOR")
    assert row["share_pct"] == pytest.approx(100 * 42 * BN / (42 * BN + 133_011_386_000 + 139_878_482_000))
    (row,) = of(refreshed.ask("services_in_gdp"), year=2025)
    assert (row["reporter_services_share_pct"], row["difference_pp"], row["vintage_on"]) == (60, 2, FETCHED)
    assert refreshed.ask("services_in_gdp").state == "answered"
