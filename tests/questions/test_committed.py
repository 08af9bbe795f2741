"""Answers about Korea and China from the committed figures agree with the publishers' prints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest

from dagster_project import questions
from dagster_project.project import Project
from dagster_project.questions import Answer
from dagster_project.questions.series import Series

QUESTIONS = {question.name: question for question in questions.load_questions(Project.find())}
Ask = Callable[..., Answer]
Select = Callable[..., list[tuple[Any, ...]]]


def of(answer: Answer, **wanted: object) -> dict[str, Any]:
    """Return the only row of an answer that has these values."""
    (row,) = [row for row in answer.rows if wanted.items() <= row.items()]
    return dict(row)


def test_semiconductors_of_2024_are_the_heading_and_a_third_of_exports(ask: Ask) -> None:
    """Korea's exports to China of 2024: all goods in ECOS, and three subheadings in UN Comtrade, nearly all of 8542."""
    answer = ask("dependence_on_semiconductors")
    row = of(answer, year=2024)
    assert row["part_held"] is None
    assert row["total_usd"] == 133_011_386_000
    assert row["value_usd"] == pytest.approx(13_626_756_156 + 25_815_681_558 + 2_717_945_343, rel=0.003)
    assert row["share_pct"] == pytest.approx(31.8, abs=0.05)
    # Of 2018 the three are all that is held: 5,666, 39,996 and 576 million of 162,125.
    row = of(answer, year=2018)
    assert row["part_held"] == "854231, 854232, 854239"
    assert not row["is_answered"]
    assert row["share_pct"] == pytest.approx(100 * (5_666_225_669 + 39_996_349_493 + 575_699_540) / 162_125_055_000)
    # The sums of an open year are of the same months.
    row = of(answer, year=2026)
    assert (row["from_month"], row["to_month"], row["month_count"]) == (1, 7, 7)
    first = 5_980_211_066 + 6_428_948_321 + 8_217_388_385 + 9_591_386_684
    assert row["value_usd"] == first + 11_370_321_652 + 11_581_510_454 + 13_422_130_645


def test_without_the_imports_of_semiconductors_the_balance_is_a_bound(ask: Ask) -> None:
    row = of(ask("balance_without_semiconductors"), year=2023)
    assert row["balance_usd"] == 124_817_682_000 - 142_857_338_000
    assert row["balance_without_usd"] == row["balance_usd"] - row["product_exports_usd"]
    assert (row["is_bound"], row["sign_without"], row["sign_changes"]) == (True, None, None)
    lacking = (row["missing_code"], row["missing_series"], row["missing_periods"])
    assert lacking == ("not_held", ["goods/A/KOR/import/CHN/8542"], ["2023"])


def test_another_product_can_be_asked_about(published: duckdb.DuckDBPyConnection, ask: Ask) -> None:
    given = questions.check_parameters(
        published,
        QUESTIONS["dependence_on_semiconductors"],
        {"product": "854232", "from_year": "2024", "to_year": "2024"},
    )
    row = of(ask("dependence_on_semiconductors", **given), year=2024)
    assert (row["value_usd"], row["is_answered"]) == (25_815_681_558, True)


def test_chips_of_2026_grew_by_price(ask: Ask) -> None:
    """Customs, HS 8542 to China: January to August of both years; August from 3,674 to 16,054 million."""
    row = of(ask("price_or_volume"), flow="export", to_year=2026)
    assert (row["from_year"], row["to_month"], row["product_code"]) == (2025, 8, "8542")
    assert row["to_usd"] - row["from_usd"] == row["change_usd"]
    assert round(100 * (row["price_effect_usd"] + row["volume_effect_usd"])) == round(100 * row["change_usd"])
    assert row["larger_effect"] == "price"


def test_customs_has_the_months_of_2020_with_every_partner(select: Select) -> None:
    """The customs portal: April 2020 to Britain 367,431 thousand US$, where the IMF has 392.01 million."""
    months = (
        "select exports_usd, exports_source from marts.trade_balance_monthly "
        "where reporter_code = 'KOR' and partner_code = $1 and period_start = date '2020-04-01'"
    )
    assert select(months, "GBR") == [(367_431_000.0, "kcs")]
    # A year is made of twelve months or not at all, and the Bank of Korea's later reading of China stands.
    years = (
        "select year, imports_usd, imports_source from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'RUS' and year in (2020, 2021) order by year"
    )
    assert select(years) == [(2020, 10_630_194_000.0, "kcs"), (2021, 17_356_694_000.0, "kcs")]
    china = (
        "select distinct source from core.goods_trade_monthly where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and year(period_start) between 2020 and 2022"
    )
    assert select(china) == [("bok",)]


def test_cosmetics_are_half_the_share_of_exports_that_they_were(ask: Ask) -> None:
    """Korea's exports of HS 3304.99 to China: 4,017,347,473 in 2021 in UN Comtrade, twelve customs months in 2025."""
    answer = ask("dependence_on_semiconductors", product="330499")
    row = of(answer, year=2021)
    assert row["value_usd"] == 4_017_347_473
    assert row["share_pct"] == pytest.approx(100 * 4_017_347_473 / 162_912_974_000)
    row = of(answer, year=2025)
    assert (row["value_usd"], row["month_count"]) == (1_585_850_485, 12)
    assert row["share_pct"] == pytest.approx(100 * 1_585_850_485 / 130_771_265_000)


def test_chips_are_followed_from_2014_though_2025_has_other_products(select: Select) -> None:
    """UN Comtrade, memory chips to China: 13,816,746,892 in 2014, 25,815,681,558 in 2024."""
    assert select(
        "select to_year, from_usd, to_usd from marts.balance_change_by_product where reporter_code = 'KOR' and "
        "partner_code = 'CHN' and from_year = 2014 and product_code = '854232' and level = 6 and to_year > 2015"
    ) == [(2024, 13_816_746_892, 25_815_681_558)]


def test_graphite_fell_after_the_permits_and_rushed_out_before_them(ask: Ask) -> None:
    """China's exports of 250410 to Korea in UN Comtrade: the twelve months before October 2023, and from December."""
    before = [
        *(11_926_122, 18_491_484, 13_763_162, 8_188_105, 6_260_575, 12_517_314),
        *(6_801_187, 10_155_802, 8_873_955, 7_788_218, 9_262_042, 5_691_387),
    ]
    since = [
        *(1_972_982, 1_107_413, 993_370, 6_168_850, 5_178_693, 5_630_241),
        *(5_162_045, 5_467_483, 4_023_850, 3_840_959, 2_274_717, 4_895_504),
    ]
    row = of(ask("critical_minerals"), product_code="250410")
    assert row["from_usd"] == pytest.approx(sum(before) / 12)
    assert row["to_usd"] == pytest.approx(sum(since) / 12)
    assert row["change_pct"] == pytest.approx(100 * (sum(since) / sum(before) - 1))
    assert (str(row["peak_period"]), row["peak_usd"]) == ("2023-11-01", 23_036_914)


def test_services_of_2019_stand_beside_customs_goods(ask: Ask) -> None:
    """Bank of Korea: 20,338 million sold and 17,127 bought; customs: 136,202.5 and 107,228.7."""
    answer = ask("services_share")
    row = of(answer, year=2019, value_basis="reported")
    assert row["share_pct"] == pytest.approx(100 * 37_465 / (37_465 + 136_202.533 + 107_228.736))
    # China's balanced figure is Korea's too, with the flows exchanged: what China bought, Korea sold.
    row = of(answer, year=2019, value_basis="balanced")
    assert (row["whose_statistics"], row["services_exports_usd"]) == ("CHN", pytest.approx(18_576_255_799, abs=1))
    # Of 2024 only what Korea sold is printed.
    row = of(answer, year=2024)
    assert (row["share_pct"], row["is_answered"]) == (None, True)
    assert row["missing_series"] == ["services/A/KOR/import/CHN/S"]


def test_services_in_gdp_are_compared_in_the_release_that_shows_both(ask: Ask) -> None:
    """World Bank, release of February 2024: 58.034% in Korea and 52.776% in China in 2022; July 2026: China 54.958%."""
    answer = ask("services_in_gdp")
    row = of(answer, year=2022)
    assert row["vintage_on"] == date(2024, 2, 25)
    assert row["reporter_services_share_pct"] == pytest.approx(58.034, abs=1e-3)
    assert row["partner_services_share_pct"] == pytest.approx(52.776, abs=1e-3)
    assert row["difference_pp"] == pytest.approx(58.034 - 52.776, abs=1e-3)
    assert row["partner_newest_share_pct"] == pytest.approx(54.958, abs=1e-3)
    assert (
        "a difference of 5.3 percentage points (before rounding). Both shares are from the World Bank's release of 25 "
        "February 2024" in answer.sentence
    )
    assert (
        "The World Bank's later release of 1 July 2026 puts services, computed as GDP less agriculture and industry, "
        "at 55.0% of China's GDP in 2022 and 57.7% in 2025." in answer.sentence
    )
    # Of 2025 China's share alone is held, and nothing is said of a gap.
    row = of(answer, year=2025)
    assert (row["difference_pp"], row["vintage_on"], row["is_answered"]) == (None, None, False)
    assert row["partner_newest_share_pct"] == pytest.approx(57.7, abs=0.05)


def test_what_cannot_be_split_by_product_is_said_before_any_product(ask: Ask) -> None:
    """Of China's products with Korea three are held of 2021 and 2022, of a change of 27 billion."""
    answer = ask("products_behind_the_change", reporter="CHN", partner="KOR", to_year=2022)
    rest = {row["flow"]: row["contribution_usd"] for row in answer.rows if row["product_code"] == "RESIDUAL"}
    assert rest.keys() == {"export", "import"}
    unsplit = 100 * sum(abs(value) for value in rest.values()) / sum(abs(r["contribution_usd"]) for r in answer.rows)
    assert unsplit > 99
    assert all(row["residual_pct"] == pytest.approx(unsplit) for row in answer.rows)
    said = answer.sentence
    assert " Figures by product cover only part of this trade and explain too little of the change for prod" in said
    # Neither flow is netted with the other.
    assert min(rest.values()) > 0
    for flow, moved in (("exports", "rose"), ("imports", "fell")):
        told = said.partition(f" {flow} ")[2]
        assert told.find(f" {moved} by US${rest[flow.removesuffix('s')] / 1e9:.2f}bn") in range(90)


def test_the_balance_turned_in_2023_and_has_the_publishers_flows(ask: Ask) -> None:
    """Korea Customs through KOSIS: 124,817.682 and 142,857.338 million in 2023."""
    answer = ask("balance", from_year=2020, to_year=2026)
    row = of(answer, year=2023)
    assert (row["exports_usd"], row["imports_usd"]) == (124_817_682_000, 142_857_338_000)
    assert (row["balance_usd"], row["first_deficit_since"]) == (-18_039_656_000, 1992)
    assert (
        "Up to 2025, the balance last turned from surplus to deficit in 2023, the first deficit since 1992."
        in answer.sentence
    )
    row = of(answer, year=2026)
    assert (row["missing_code"], row["missing_periods"]) == ("not_held", ["2026"])
    assert row["missing_series"] == ["goods/A/KOR/export+import/CHN/TOTAL"]
    answer = ask("balance", reporter="SAU")
    assert {row["missing_code"] for row in answer.rows if row["balance_usd"] is not None} == {"too_thin"}
    assert "deficit" not in answer.sentence


def test_china_bought_more_and_less_of_it_from_korea(ask: Ask) -> None:
    """China's imports from Korea: 177.56 billion in 2017 and 200.16 in 2022 as the IMF has them."""
    answer = ask("demand_or_share")
    row = of(answer, from_year=2017, to_year=2022)
    assert round(row["change_usd"] / 1e9, 2) == 22.60
    assert round(100 * (row["demand_effect_usd"] + row["share_effect_usd"])) == round(100 * row["change_usd"])
    assert (row["from_rank"], row["to_rank"], row["larger_effect"]) == (1, 2, "demand")
    assert answer.sentence.startswith(
        "China's imports from South Korea rose by US$22.60bn from 2017 to 2022 (sources: International Monetary Fund, "
        "and World Bank for total imports)."
    )
    assert " South Korea's share in 2022 was lower than in each of the years 2012–2021. " in answer.sentence
    bases = [one for one in answer.rows if one["to_year"] == 2022]
    assert {one["from_year"] for one in bases} == set(range(2012, 2022))
    for one in bases:
        assert round(100 * (one["demand_effect_usd"] + one["share_effect_usd"])) == round(100 * one["change_usd"])


@pytest.mark.long
def test_customs_revised_six_of_the_last_twelve_months(ask: Ask) -> None:
    """KOSIS of 22 August 2026 has 8,983 thousand US$ less exports than two days before, and 4,607 more imports."""
    answer = ask("last_revisions")
    for subject, revision in (("exports", -8_983_000), ("imports", 4_607_000)):
        row = of(answer, subject=subject)
        assert (row["month_count"], row["revised_month_count"], row["revision_usd"]) == (12, 6, revision)
    assert "No verdict on a claim has changed because a publisher revised its figures." in answer.sentence


def test_a_sentence_claims_no_more_than_the_years_asked_for(ask: Ask, select: Select) -> None:
    def said(name: str, **given: Any) -> str:
        return ask(name, **given).sentence

    ((first, turns),) = select(
        "select min(year), count(*) filter (where balance_sign != 'deficit') from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'JPN' and is_complete"
    )
    assert (first < 2020, turns) == (True, 0), "more is held than is asked for"
    assert " It had a deficit in every year from 2020 to 2023. The largest, US$" in said(
        "balance", partner="JPN", from_year=2020
    )
    assert f" It had a deficit in every year from {first} to 2023" in said("balance", partner="JPN")
    turned = "he balance last turned from surplus to deficit in 2023"
    assert f" Up to 2024, t{turned}" in said("balance", to_year=2024)
    assert f" T{turned}" in said("balance", from_year=2020)
    sides = said("partner_statistics")
    assert (
        "Of the 33 years with figures from both (1992–2022, 2024 and 2025), South Korea's and China's statistics "
        "disagree on who had the surplus in 1992, 2024 and 2025, and agree in the other 30." in sides
    )
    assert (
        " The statistics also disagree on who had the surplus in 2023: South Korea's show a deficit of US$18.04bn for "
        "South Korea, while China's, known only from an encyclopedia's table citing China Customs, show a surplus of "
        "US$12.7bn for South Korea." in sides
    )
    both = "disagree on who had the surplus in all 2 years with figures from both (2024 and 2025)."
    assert both in said("partner_statistics", from_year=2024)
    assert " In the years with complete figures (2023–2025), this share ranged from" in said(
        "dependence_on_semiconductors", from_year=2023
    )
    assert "In 2018–2022 South Korea ranked between first (in 2018 and 2019) and third (in 2020)" in said(
        "rank_in_imports", from_year=2018
    )


@pytest.mark.long
def test_a_claim_about_one_economy_is_not_about_the_pair(ask: Ask, select: Select) -> None:
    claims = select("select claim_id, partner_code from marts.claim_verdicts where verdict != verdict_then")
    changed: dict[str, str | None] = dict(claims)
    assert None in changed.values(), "a claim about one economy has changed"
    for reporter, partner in (("KOR", "CHN"), ("CHN", "YEM")):
        answer = ask("last_revisions", reporter=reporter, partner=partner)
        told = {row["claim_id"] for row in answer.rows if row["subject"] == "claim"}
        assert told == {claim for claim, other in changed.items() if reporter == "KOR" and other is not None}


def test_a_place_that_does_not_exist_is_not_missing(ask: Ask) -> None:
    answer = ask("hong_kong", partner="JPN")
    assert (answer.state, answer.missing) == ("answered", [])
    assert answer.sentence.endswith(
        "Bilateral lists no place, such as Hong Kong, through which much of the trade between South Korea and Japan "
        "passes, so no trade is added to this balance."
    )
    assert {(row["entrepot_code"], row["balance_with_entrepot_usd"]) for row in answer.rows} == {(None, None)}
    # Hong Kong's own balance with China has no sign to begin with.
    answer = ask("hong_kong", reporter="HKG", partner="CHN")
    assert (answer.state, {row["missing_code"] for row in answer.rows}) == ("missing", {"too_thin"})
    answer = ask("hong_kong", from_year=2030)
    assert answer.state == "missing"
    assert "South Korea's trade with China" in answer.missing[0]


@pytest.mark.long
def test_a_pair_is_asked_about_its_own_agreement(ask: Ask) -> None:
    """DESTA: Korea and Viet Nam 2015, Korea and the United States 2012; RCEP binds Korea and Viet Nam too."""
    for partner, name, day in (
        ("VNM", "Korea–Viet Nam trade agreement", date(2015, 12, 20)),
        ("USA", "Korea–United States trade agreement (KORUS)", date(2012, 3, 15)),
        ("CHN", "Korea–China Free Trade Agreement", date(2015, 12, 20)),
        ("JPN", "Regional Comprehensive Economic Partnership (RCEP)", date(2022, 2, 1)),
    ):
        answer = ask("growth_after_agreement", partner=partner)
        assert {(row["agreement"], row["in_force_on"]) for row in answer.rows} == {(name, day)}
        assert all({row["whose_statistics"]} <= {"KOR", partner} for row in answer.rows)
    # Nothing of Japan's is held for long enough; the agreement is named all the same.
    assert answer.sentence.startswith(
        "This question cannot be answered. The available figures on Japan's exports to South Korea "
        "cover too little time before or after 2022 to show the effect of the Regional "
        "Comprehensive Economic Partnership (RCEP), which came into force that year."
    )
    other = ask("growth_after_agreement", reporter="VNM", partner="KOR")
    assert {row["event_id"] for row in other.rows} == {"DESTA913"}
    broad = ask("growth_after_agreement", partner="VNM", event="E013")
    assert {row["event_id"] for row in broad.rows} == {"E013"}


def test_a_partner_that_is_an_entrepot_itself_is_called_one(ask: Ask) -> None:
    answer = ask("hong_kong", reporter="CHN", partner="HKG")
    assert {(row["entrepot_code"], row["own_entrepot_code"]) for row in answer.rows} == {(None, "HKG")}
    assert answer.sentence.startswith(
        "China had a surplus of US$270.55bn with Hong Kong in 2016. Much of Hong Kong's trade consists of re-exports"
    )
    assert "declared" not in answer.sentence


def test_a_change_is_counted_from_the_first_year_that_can_be_compared(ask: Ask) -> None:
    """Korea prints imports from China of 1975 to 1979, and exports of 1977 and from 1980 on."""
    answer = ask("exports_or_imports", from_year=1900)
    assert answer.state == "partly"
    assert answer.sentence.startswith("From 1977 to 2025 South Korea's deficit with China widened by US$11.17bn")
    assert (
        "The comparison starts from 1977, the first year after 1900 that can be compared with 2025: figures on exports "
        "or imports for 1900 are missing." in answer.sentence
    )
    assert [text.partition(" To fetch more figures")[0] for text in answer.missing] == [
        "No figures on South Korea's trade with China for 1900–1974 are available.",
        "No figures on South Korea's exports to China for 1975, 1976, 1978 and 1979 are available.",
    ]
    # China's exports to Vietnam of 2020 are not held, and no source of imports has both 2020 and 2025.
    answer = ask("exports_or_imports", reporter="CHN", partner="VNM")
    assert answer.sentence.startswith("From 2024 to 2025 China's surplus with Vietnam grew by US$37.05bn")
    assert answer.rows[0]["missing_series"] == ["goods/A/CHN/import/VNM/TOTAL"]
    answer = ask("exports_or_imports", reporter="CHN", partner="USA", from_year=2018, to_year=2023)
    assert answer.sentence.startswith("From 2018 to 2023 China's surplus with the United States grew by US$12.80bn")


def test_a_share_lacks_the_years_alone_that_are_not_held(ask: Ask) -> None:
    answer = ask("demand_or_share", from_year=1900)
    lacking = "No figures on China's imports from South Korea and from the world for "
    assert answer.missing[0].startswith(f"{lacking}1900 are available.")


def test_years_before_the_first_weight_are_not_told_as_a_span(ask: Ask) -> None:
    answer = ask("price_or_volume", from_year=1900)
    assert "Weights of these products are available from 2020 on." in answer.sentence
    assert "at once" not in answer.sentence
    answer = ask("price_or_volume", from_year=2021, to_year=2023)
    assert "over the whole period from 2021 to 2023 is not split into price and volume." in answer.sentence


def test_an_entrepot_is_counted_as_a_bound_with_the_share_that_turns_the_sign(
    ask: Ask,
) -> None:
    """KOSIS, 2023: −18,039.7 million with China, 25,193.2 and 1,831.5 million with Hong Kong."""
    answer = ask("hong_kong")
    row = of(answer, year=2023)
    assert row["turning_share_pct"] == pytest.approx(100 * 18_039.656 / row["entrepot_balance_usd"] * 1e6)
    assert row["entrepot_balance_usd"] == pytest.approx(23.36e9, rel=1e-3)
    assert [row["year"] for row in answer.rows if row["turning_share_pct"] is not None] == [2023]
    assert answer.sentence.startswith(
        "South Korea's deficit of US$18.04bn with China in 2023 would become a surplus of US$5.32bn if all its trade "
    )
    for given, place in (({"reporter": "HKG"}, "HKG"), ({"partner": "HKG"}, "HKG"), ({}, None)):
        told = ask("balance", **given)
        assert {row["entrepot_code"] for row in told.rows} == {place}
        assert ("re-exports" in told.sentence) == (place is not None)


@pytest.mark.long
def test_a_pair_without_an_agreement_is_told_so(ask: Ask) -> None:
    answer = ask("growth_after_agreement", partner="TWN")
    assert answer.state == "missing"
    assert " has none between South Korea and Taiwan." in answer.sentence
    # Of the European Union's DESTA has the year alone.
    answer = ask("growth_after_agreement", partner="DEU")
    assert answer.state == "missing"
    assert (
        "came into force in 2011, but the day is not known here, so its effect cannot be estimated." in answer.sentence
    )


def test_what_was_printed_of_intermediate_goods_is_no_figure_by_use(ask: Ask) -> None:
    """BusinessKorea: a surplus of 63.6 billion in 2018, 25.9 in 2022."""
    answer = ask("end_use")
    assert {row["year"]: row["value_usd"] for row in answer.rows if row["scheme"] == "printed"} == {
        2018: 63.6e9,
        2022: 25.9e9,
    }
    assert answer.sentence.startswith(
        "Figures on South Korea's trade with China by end use are not available. BusinessKorea reported that South "
        "Korea's trade with China in intermediate goods had a surplus of US$63.6bn in 2018 and US$25.9bn in 2022."
    )
    assert [row["is_answered"] for row in answer.rows if row["scheme"] != "printed"] == [False, False]


def test_divisions_hardly_ever_come_or_go(ask: Ask) -> None:
    """China's imports from Korea rose by 66,227 million from 2010 to 2018 as WITS prints them."""
    row = of(
        ask("fewer_products_or_less_of_each"),
        flow="export",
        from_year=2010,
        to_year=2018,
    )
    assert (row["whose_statistics"], row["level"]) == ("CHN", 2)
    assert row["change_usd"] == pytest.approx(66_227e6, rel=1e-4)
    parts = ("continued_usd", "entered_usd", "left_usd", "unmatched_usd", "residual_usd")
    assert sum(round(100 * row[part]) for part in parts) == round(100 * row["change_usd"])


@pytest.mark.long
def test_after_thaad_travellers_fell_and_of_services_nothing_is_estimated(ask: Ask) -> None:
    answer = ask("after_thaad")
    row = of(answer, series="arrivals/M/KOR/export/CHN/SD")
    assert (row["status"], row["conclusion"], row["placebo_rank"], row["placebo_count"]) == ("estimated", "fall", 1, 49)
    assert row["designs_low_pct"] < row["estimate_pct"] < row["designs_high_pct"] < -50
    assert row["ci_low_pct"] < row["estimate_pct"] < row["ci_high_pct"] < 0
    assert any(snapshot.startswith("kto/arrivals_monthly/") for snapshot in row["snapshot_ids"])
    for line in ("travel", "audiovisual"):
        (services,) = [one for one in answer.rows if one["line"] == line and "services/" in one["series"]]
        assert (services["status"], services["estimate_pct"], services["conclusion"]) == ("overlaps", None, None)
        assert "E005" in services["reason"]
        assert "partly modelled" in services["reason"]
    assert not answer.missing
    assert answer.sentence.startswith(
        "In the 12 months from March 2017, the number of visitors from China to South Korea was 60.3% lower than would "
        "be expected from the numbers of visitors from 11 other economies (90% interval: 40.0% to 73.7% lower). Taken "
        f"alone, this fall is statistically significant, but it is not when all {row['hypothesis_count']} tests "
        f"are taken into account, some of which may show a fall by chance. Compared with the usual ups and downs of "
        f"each series, the gap between actual and expected visitors is the largest among 50 economies, 49 of which the "
        f"measures did not affect."
    )
    assert (
        "The available figures do not show whether South Korea's exports of audiovisual and cultural services to China "
        "fell. From 2016 to 2017, China's imports of perfume, cosmetics and cleansing goods (SITC 55) from South Korea "
        "rose by 32.9%, and" in answer.sentence
    )


@pytest.mark.long
def test_after_thaad_no_measure_was_between_korea_and_japan(ask: Ask) -> None:
    asked = (
        ({"partner": "JPN"}, ("Japan", "South Korea")),
        ({"reporter": "CHN", "partner": "KOR"}, ("South Korea", "China")),
    )
    for given, (taker, other) in asked:
        answer = ask("after_thaad", **given)
        assert {(row["status"], row["missing_code"]) for row in answer.rows} == {("no_measure", None)}
        assert answer.sentence == (
            f"The question does not apply to {other}'s exports to {taker}: the measures in the dispute over the THAAD "
            "missile defence (China's ban on group tours to Korea and China's unofficial curbs on Korean "
            "entertainment) were taken by China against South Korea."
        )
        assert "held" not in answer.sentence


def test_the_deficit_of_2025_is_larger_and_2026_has_none(ask: Ask, select: Select) -> None:
    """Korea Customs through ECOS and KOSIS: −11,169.3 million in 2025, +13,482.2 in the first half of 2026."""
    answer = ask("deficit_to_date")
    assert answer.sentence.startswith(
        "No: from January to July 2026, the last months that can be compared, South Korea had a surplus of US$18.85bn "
        "with China, after a deficit of US$8.28bn in the same months of 2025. China's figures for January to "
        "July 2026, converted into US$ at the monthly rates set by customs, show a surplus of "
    )
    # China's customs, in yuan: exports to Korea and imports from it of the same months, at each month's rate.
    ((theirs,),) = select(
        "select exports_ytd_usd - imports_ytd_usd from marts.trade_balance_monthly "
        "where reporter_code = 'CHN' and partner_code = 'KOR' and period_start = date '2026-07-01'"
    )
    assert answer.rows[0]["partner_balance_to_date_usd"] == pytest.approx(-theirs)
    assert answer.state == "answered"
    (row,) = ask("deficit_to_date", year=2025).rows
    assert (row["to_month"], row["balance_to_date_usd"], row["is_larger_deficit"]) == (12, -11_169_250_000, True)
    assert row["printed_balance_usd"] is None


def test_2025_is_the_third_deficit_in_a_row_and_says_of_when(ask: Ask) -> None:
    answer = ask("third_deficit_in_a_row")
    row = of(answer, year=2025)
    assert (row["state"], row["deficit_number"], row["is_third_in_a_row"]) == ("deficit", 3, True)
    assert (row["observation_status"], row["vintages"]) == (
        "P",
        "bok/goods_monthly@2025-07-31, kosis/goods_monthly@2026-08-20",
    )
    assert answer.sentence.startswith(
        "Yes: South Korea's deficit with China in 2025, US$11.17bn, was its third annual deficit in a row. South "
        "Korea's and China's statistics disagree on who had the surplus in 2024 and 2025. China's figures for 2023, "
        "available only from an encyclopedia's table citing China Customs, also show a surplus of about US$12.7bn for "
        "South Korea. South Korea's figures for 2025 are provisional (Bank of Korea, as published by 31 July 2025, and "
    )
    # China's deficits stand on both sides of a year that is not held: nobody knows how many there are in a row.
    answer = ask("third_deficit_in_a_row", reporter="CHN", partner="KOR")
    row = of(answer, year=2025)
    assert (row["state"], row["deficit_number"], row["is_third_in_a_row"]) == ("deficit", None, None)
    assert answer.sentence.startswith("Not known: China had a deficit of US$42.83bn with South Korea in 2025")


def test_questions_agree_on_years_of_which_the_partner_has_one_flow(ask: Ask) -> None:
    """China has one flow of 2022 with Ireland, and with it the deficit that Ireland counts would be a surplus."""
    said = "2022 cover only exports or only imports, and with them in place of Ireland's"
    for name, turn in (
        ("balance", "a surplus would turn into a deficit, or a deficit into a surplus."),
        ("third_deficit_in_a_row", "a surplus would turn into a deficit, or a deficit into a surplus."),
        ("first_deficit_since", "the deficit would turn into a surplus."),
    ):
        answer = ask(name, reporter="IRL", partner="CHN")
        assert f"{said} {turn}" in answer.sentence
        assert "disagree" not in answer.sentence


def test_a_run_of_deficits_that_the_record_begins_with_may_be_longer(ask: Ask) -> None:
    for reporter, partner, year, count, name, other in (
        ("ITA", "CHN", 2024, 14, "Italy", "China"),
        ("IND", "IDN", 2020, 10, "India", "Indonesia"),
    ):
        answer = ask("third_deficit_in_a_row", reporter=reporter, partner=partner)
        row = of(answer, year=year)
        assert (row["deficit_number"], row["is_third_in_a_row"], row["deficit_streak_years"]) == (None, True, count)
        assert answer.sentence == (
            f"The run is longer than three years: {name} had a deficit with {other} in each of the {count} years from "
            f"{year - count + 1} to {year}. There are no usable figures for 2010, so the run may have begun earlier."
        )


MANY = [
    *(("KOR", partner) for partner in ("CHN", "JPN", "USA", "VNM", "HKG", "DEU", "AUS")),
    *(("CHN", "KOR"), ("KOR", "USA"), ("USA", "CHN"), ("HKG", "CHN"), ("DEU", "FRA"), ("JPN", "CHN"), ("BRA", "CHN")),
]
# The first is tried with every run, the others in the long tests.
PAIRS = [pytest.param(*pair, marks=() if pair == MANY[0] else pytest.mark.long) for pair in MANY]


@pytest.mark.parametrize(("reporter", "partner"), PAIRS)
def test_what_moved_the_balance_holds_from_every_base_year(
    ask: Ask, select: Select, reporter: str, partner: str
) -> None:
    """What is concluded from a base year is true of it, and is concluded from the next one, too."""
    balances: dict[int, list[float]] = dict(
        select(
            "select year, [exports_usd, imports_usd] from marts.trade_balance_annual "
            "where reporter_code = $1 and partner_code = $2 and is_complete",
            reporter,
            partner,
        )
    )
    concluded: dict[int, str] = {}
    for base in range(2015, max(balances)):
        answer = ask("exports_or_imports", reporter=reporter, partner=partner, from_year=base)
        if answer.rows[0]["is_answered"]:
            # The first two sentences are of the base year.
            _, _, conclusion = answer.sentence.split(". ", 2)
            concluded[base] = conclusion
        for row in answer.rows:
            # Where no two publishers are involved, the chosen figures say the same.
            if not row["is_answered"] or " / " in f"{row['exports_source']}{row['imports_source']}":
                continue
            exports, imports = row["exports_change_usd"], row["imports_change_usd"]
            change = exports - imports
            assert change == pytest.approx(row["balance_change_usd"], abs=0.02)
            if row["driver"] == "both":
                assert exports * imports < 0
                assert min(abs(exports), abs(imports)) >= 0.8 * max(abs(exports), abs(imports))
                # The figures that are chosen may be another publisher's, up to 5% off.
                assert abs(abs(exports) - abs(imports)) < 1.05 * max(balances[row["to_year"]]) / 100
                continue
            by_exports = exports * change > 0 and abs(exports) >= -imports * (1 if change > 0 else -1)
            assert row["driver"].startswith("exports" if by_exports else "imports"), row
            assert (change > 0) == (row["driver"] in {"exports_gained", "imports_lost"})
    if not concluded:
        assert not select(
            "select 1 from marts.trade_balance_annual "
            "where reporter_code = $1 and partner_code = $2 and year >= 2015 and balance_sign is not null",
            reporter,
            partner,
        )
        return
    first = min(concluded)
    within = [text for base, text in concluded.items() if base >= max(balances) - 10]
    assert len(set(within)) <= 1, "the next base year contradicts it"
    assert "mainly because" in concluded[first] or "by similar amounts" in concluded[first]


def test_each_side_reports_a_deficit_with_the_other_in_2024_and_2025(ask: Ask) -> None:
    answer = ask("partner_statistics")
    for year, reported in ((2024, -6_867_096_000), (2025, -11_169_250_000)):
        row = of(answer, year=year)
        assert (row["balance_reported_usd"], row["balance_mirror_sign"], row["signs_agree"]) == (
            reported,
            "surplus",
            False,
        )
        assert (row["basis"], row["observation_status"]) == ("held", "P")
    assert [text for text in answer.missing if "2024" in text or "2025" in text] == []
    assert of(answer, year=2023)["basis"] == "printed"


def test_customs_months_go_before_another_publishers_year(select: Select) -> None:
    """Of 2024 ECOS has 133,011.4 and 139,878.5 million, UN Comtrade 132,903.0 and 139,875.0."""
    rows = select(
        "select flow, chosen_usd, other_source, other_usd from marts.source_disagreements where reporter_code = 'KOR' "
        "and partner_code = 'CHN' and frequency = 'A' and year(period_start) = 2024 order by 1"
    )
    assert rows == [
        ("export", 133_011_386_000, "comtrade", 132_902_972_287),
        ("import", 139_878_482_000, "comtrade", 139_874_969_811),
    ]


def test_korea_and_china_have_every_month_in_two_readings(select: Select) -> None:
    """KOSIS of 20 August 2026 and of 22 August: 13,495.750 and 13,482.160 million in the first half of 2026."""
    months = (
        "select count(*), min(period_start)::varchar, max(period_start)::varchar, sum(balance_usd) filter (where "
        "period_start between date '2025-01-01' and date '2025-11-01'), sum(balance_usd) filter (where period_start "
        "between date '2026-01-01' and date '2026-06-01') from marts.trade_balance_monthly where reporter_code = 'KOR' "
        "and partner_code = 'CHN' and balance_usd is not null"
    )
    assert select(months) == [(307, "2001-01-01", "2026-07-01", -10_405_096_000, 13_482_160_000)]
    then = (
        "select sum(case flow when 'export' then value_usd else -value_usd end) from core.goods_trade_as_of(cast($1 as "
        "date)) where source = 'kosis' and partner_code = 'CHN' and period_start between date '2026-01-01' and date "
        "'2026-06-01'"
    )
    assert select(then, "2026-08-21") == [(13_495_750_000,)]
    assert select(then, "2026-08-22") == [(13_482_160_000,)]
    revised = (
        "select count(*), sum(case flow when 'export' then revision else -revision end) from marts.revisions "
        "where source = 'kosis' and partner_code = 'CHN' and known_from = date '2026-08-22'"
    )
    assert select(revised) == [(12, 13_482_160_000 - 13_495_750_000)]


def test_both_sides_are_there_by_month_to_july_2026(select: Select) -> None:
    """China's customs prints exports of 1,031.92 and imports of 1,337.90 billion yuan with Korea in 2025."""
    rows = select(
        "select status, count(*), min(period_start)::varchar, max(period_start)::varchar, "
        "count(balance_mirror_national) from marts.mirror_balance_monthly where reporter_code = 'KOR' and partner_code "
        "= 'CHN' and period_start >= date '2024-01-01' group by 1 order by 1"
    )
    assert rows == [("in_usd", 31, "2024-01-01", "2026-07-01", 31)]
    yuan = select(
        "select flow, round(published_value / 1e9, 2) from core.goods_trade_national_currency where currency_code = "
        "'CNY' and partner_code = 'KOR' and frequency = 'A' and year(period_start) = 2025 order by 1"
    )
    assert yuan == [("export", 1031.92), ("import", 1337.90)]


# China's customs' bulletin of September 2024, table (2) by country in thousand US$, as JaviReitano/China-Trade-2024
# has it (872ff9759c44): exports and imports of the month, and from January on. The yuan are another copy's.
PRINTED_2024_09 = """
HKG 29136627 1046580 212503374 12315908
IDN 6041818 6835935 53988365 51633118
IND 10281124 1204437 89947312 14044467
JPN 13250486 13243467 111545829 113053307
KOR 11449450 15764893 108015758 132026958
MYS 8272967 10134470 72377493 81259919
PHL 3869325 1797524 38546261 14176896
SGP 5940118 2684841 57955564 23687717
THA 6848527 4089851 61875661 35888308
TWN 6362831 20662205 55667601 156768427
VNM 13420980 9987437 117971140 72403929
"""


def test_chinas_september_2024_is_in_the_dollars_that_its_customs_printed(select: Select) -> None:
    """A month is within 0.06%, a year to date within 0.02%; Japan's are within 0.25% and 0.05%."""
    printed = {line.split()[0]: line.split()[1:] for line in PRINTED_2024_09.strip().splitlines()}
    held = select(
        "select partner_code, exports_usd, imports_usd, exports_ytd_usd, imports_ytd_usd, ytd_basis, rate_date "
        "from marts.trade_balance_monthly where reporter_code = 'CHN' and period_start = date '2024-09-01' "
        # The other partners' September is in US$ as printed.
        "and rate_date is not null"
    )
    assert {partner for partner, *_ in held} == printed.keys()
    for partner, *values, basis, rate_date in held:
        assert (basis, rate_date) == ("published", date(2024, 8, 21))
        month, to_date = (25e-4, 5e-4) if partner == "JPN" else (6e-4, 2e-4)
        for value, thousands, tolerance in zip(values, printed[partner], (month, month, to_date, to_date), strict=True):
            assert value == pytest.approx(1e3 * int(thousands), rel=tolerance), partner


def test_chinas_year_with_korea_is_in_its_customs_dollars(select: Select) -> None:
    """China's customs printed US$328.08bn for both flows of 2024; December 2025 is the year 2025."""
    rows = select(
        "select year, exports_usd + imports_usd, rate_date from marts.trade_balance_annual "
        "where reporter_code = 'CHN' and partner_code = 'KOR' and year >= 2024 order by year"
    )
    to_date = select(
        "select year(period_start), exports_ytd_usd + imports_ytd_usd, rate_date, balance_12m_usd = balance_ytd_usd "
        "from marts.trade_balance_monthly where reporter_code = 'CHN' and partner_code = 'KOR' and month(period_start) "
        "= 12 and period_start >= date '2024-12-01' order by 1"
    )
    assert [(*row, True) for row in rows] == to_date
    assert rows[0][1] == pytest.approx(328.08e9, rel=2e-4)
    assert [day for _, _, day in rows] == [date(2024, 11, 20), date(2025, 11, 19)]


def test_printed_figures_stand_beside_ours_with_their_cause(select: Select) -> None:
    found: dict[str, str] = dict(
        select("select figure_id, concat(agreement_status, ' ', cause) from marts.published_figure_checks")
    )
    assert found["gacc_goods_total_trade_2024"] == "converted "
    assert found["gacc_goods_total_trade_2025_01_11"] == "agrees "
    assert found["kita_goods_balance_2018"] == "agrees "
    assert found["bok_goods_balance_2023_printed_2025_06_20"] == "differs balance_of_payments"
    # Printed before customs closed the year.
    assert found["kita_goods_balance_2023_01"] == "differs later_revision"
    # KOSIS has it so on 20 August 2026, and no more on the 22nd.
    assert found["kosis_goods_balance_2026_h1"] == "agrees_elsewhere later_revision"
    assert found["gacc_goods_imports_2023_h1"] == "not_held "
    # An encyclopedia's table is nobody's official figure.
    assert "gacc_goods_exports_2023_kor" not in found
    assert found["census_goods_balance_2024_printed_2025_02_05"].endswith(" later_revision")
    assert {figure for figure, how in found.items() if how == "differs "} == {
        *("kcs_goods_balance_1992", "kcs_goods_exports_1992", "kita_goods_balance_2023", "kita_goods_exports_2024")
    }
    assert not any(figure.startswith("press_") for figure in found)


def test_what_china_printed_for_2023_stands_where_both_sides_do(ask: Ask, select: Select) -> None:
    """China's customs printed exports of 149.0 and imports of 161.7 billion US$ with Korea; no trade table has them."""
    answer = ask("partner_statistics")
    row = of(answer, year=2023)
    assert (row["basis"], row["balance_mirror_usd"], row["signs_agree"]) == ("printed", 12.7e9, False)
    assert row["printed_by"] == "China Customs, in an encyclopedia's table"
    assert of(answer, year=2024)["mirror_rate_date"] == date(2024, 11, 20)
    sides = select(
        "select exports_mirror_usd, imports_mirror_usd, balance_mirror_usd, mirror_basis from both_sides "
        "where reporter = 'South Korea' and partner = 'China' and year = 2023"
    )
    assert sides == [(161.7e9, 149.0e9, 12.7e9, "printed")]
    held = "select distinct partner_code from core.goods_trade_annual where reporter_code = 'CHN'"
    assert select(f"{held} and year(period_start) = 2023") == [("USA",)]


def test_figures_that_leave_oil_out_stay_and_have_no_sign(select: Select) -> None:
    """UN Comtrade's deficits of Kuwait, Oman and Saudi Arabia with China; China's customs says the opposite."""
    rows = select(
        "select reporter_code, count(*), count(balance_usd), count(coverage_reason), count(balance_sign), "
        "count(sign_flipped), count(deficit_streak_years), count(surplus_rank) from marts.trade_balance_annual "
        "where reporter_code in ('KWT', 'OMN', 'SAU') and partner_code = 'CHN' and is_complete group by 1 order by 1"
    )
    assert rows == [
        ("KWT", 11, 11, 11, 0, 0, 0, 0),
        ("OMN", 10, 10, 10, 0, 0, 0, 0),
        ("SAU", 11, 11, 11, 0, 0, 0, 0),
    ]


def test_coverage_is_seen_from_both_ends(ask: Ask, select: Select) -> None:
    """Iran's and Hong Kong's exports to China beside what China counts; Korea's, of which China counts a third more."""
    rows = select(
        "select reporter_code, list(year order by year), count(sign_flipped), count(surplus_rank) "
        "from marts.trade_balance_annual where partner_code = 'CHN' and reporter_code in ('IRN', 'HKG') "
        "and is_complete and balance_sign is null group by 1 order by 1"
    )
    assert rows == [
        ("HKG", list(range(2014, 2025)), 0, 0),
        ("IRN", [2014, 2015, 2017, 2018, 2021, 2022], 0, 0),
    ]
    assert select(
        "select year, balance_sign, deficit_streak_years, first_deficit_since, partner_shows_other_sign, "
        "coverage_reason = 'By the partner''s statistics the balance is a surplus.' from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year > 2022 order by year"
    ) == [
        (2023, "deficit", 1, 1992, None, None),
        (2024, "deficit", 2, None, True, True),
        (2025, "deficit", 3, None, True, True),
    ]
    answer = ask("balance")
    assert "China's statistics disagree on who had the surplus in 1992, 2024 and 2025." in answer.sentence
    assert " at the monthly rates set by customs, imply a surplus of US$42.83bn for South Korea." in answer.sentence
    answer = ask("balance", reporter="IRN")
    assert "It is unknown who had the surplus in 2014, 2015, 2017, 2018, 2021 and 2022, because the" in answer.sentence


def test_broken_copies_have_no_sign_and_impossible_figures_no_row(select: Select) -> None:
    unsigned = select(
        "select reporter_code, min(year), max(year), count(*) from marts.trade_balance_annual where reporter_code in "
        "('BEL', 'KAZ') and partner_code = 'CHN' and coverage_status = 'insufficient' group by 1 order by 1"
    )
    assert unsigned == [("BEL", 2014, 2024, 11), ("KAZ", 2016, 2022, 4)]
    aside = select(
        "select partner_code, rule, count(*) from core.goods_trade_set_aside where reporter_code = 'KOR' group by all "
        "order by all"
    )
    assert aside == [("PSE", "counted_twice", 29), ("TZA", "identical_flows", 18)]
    assert not select(
        "select count(*) from core.goods_trade_annual inner join core.goods_trade_set_aside "
        "using (reporter_code, partner_code, flow, period_start, source, dataset)"
    )[0][0]


def test_partners_are_ranked_in_2023_and_not_in_2024(select: Select) -> None:
    """Customs has every partner of 2023, through KOSIS, and of 2024 only those that the Bank of Korea passes on."""
    rows = select(
        "select year, partner_code, partner_deficit_rank from marts.trade_balance_annual where reporter_code = 'KOR' "
        "and year in (2023, 2024) and balance_usd < 0 order by year, balance_usd limit 3"
    )
    assert rows == [(2023, "SAU", 1), (2023, "JPN", 2), (2023, "CHN", 3)]
    assert select(
        "select count(partner_deficit_rank) + count(partner_surplus_rank), count(*) from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and year = 2024"
    ) == [(0, 15)]


def test_a_surplus_of_imports_that_are_below_their_products_is_none(select: Select) -> None:
    """Germany prints a deficit with China in both years; the IMF, which counts imports by consignment, a surplus."""
    assert select(
        "select year, balance_sign, sign_flipped from marts.trade_balance_annual "
        "where reporter_code = 'DEU' and partner_code = 'CHN' and year in (2013, 2014) order by year"
    ) == [(2013, "deficit", False), (2014, "deficit", False)]


def test_the_base_of_the_year_to_date_says_of_which_readings_it_is(ask: Ask, select: Select) -> None:
    """ECOS was read on 31 July 2025 and ends in June; KOSIS, of 20 August 2026, has July."""
    answer = ask("deficit_to_date")
    (row,) = answer.rows
    base = ("P", "bok/goods_monthly@2025-07-31, kosis/goods_monthly@2026-08-20")
    assert (row["prior_year_observation_status"], row["prior_year_vintages"]) == base
    assert ", and so are those for 2025 (Bank of Korea, as published by 31 July 2025, and K" in answer.sentence
    # A whole year that is made of months is as it is in the mart.
    for year in (2024, 2025):
        (row,) = ask("deficit_to_date", year=year).rows
        assert (row["basis"], row["observation_status"], row["vintages"]) == (
            "months",
            *select(
                "select observation_status, vintages from marts.trade_balance_annual "
                "where reporter_code = 'KOR' and partner_code = 'CHN' and year = ?",
                year,
            )[0],
        )


@pytest.mark.parametrize("reporter", ["SAU", *(pytest.param(code, marks=pytest.mark.long) for code in ("BEL", "KWT"))])
def test_a_pair_whose_figures_are_too_thin_has_no_deficit(ask: Ask, select: Select, reporter: str) -> None:
    """Saudi Arabia leaves oil out: of 2022 it has 13% of what China reports to have bought."""
    ((reason,),) = select(
        "select coverage_reason from marts.trade_balance_annual "
        "where reporter_code = $1 and partner_code = 'CHN' and year = 2024 and coverage_status = 'insufficient'",
        reporter,
    )
    for name, signs in (
        ("deficit_to_date", ("is_deficit", "is_larger_deficit")),
        ("third_deficit_in_a_row", ("deficit_number", "is_third_in_a_row")),
    ):
        answer = ask(name, reporter=reporter)
        assert answer.state == "missing"
        assert all(row[sign] is None for row in answer.rows for sign in signs)
        assert {row["missing_code"] for row in answer.rows} == {"too_thin"}
        compared = reason.partition("; in ")[2].replace("the partner reports", "China reports")
        compared = compared.replace(" is ", ", ").replace(" US$", " they were US$", 1)
        assert f" could be checked the figures were too incomplete: in {compared}" in answer.missing[0]
        assert "deficit" not in answer.sentence
    row = of(ask("third_deficit_in_a_row", reporter=reporter), year=2024)
    assert row["state"] == "too_thin"


def test_signs_around_years_without_one_are_not_joined(ask: Ask) -> None:
    """Kazakhstan's figures with China: surpluses to 2019 but for 2016, too thin to 2022, deficits since."""
    answer = ask("first_deficit_since", reporter="KAZ")
    (row,) = answer.rows
    assert (row["signed_years"], row["deficit_years"], row["unsigned_years"]) == (7, 2, 4)
    assert "in every year" not in answer.sentence
    assert answer.sentence.endswith("In 4 other years the figures are too incomplete to show who had the surplus.")
    row = of(ask("third_deficit_in_a_row", reporter="KAZ"), year=2024)
    assert (row["state"], row["deficit_number"], row["is_third_in_a_row"]) == ("deficit", None, None)
    # All that South Africa's one sign says is deficit.
    answer = ask("first_deficit_since", reporter="ZAF")
    assert "a deficit with China in 2015, the only year with usable figures" in answer.sentence
    assert "In 11 other years the figures are too incomplete to show who had the surplus." in answer.sentence


SET_ASIDE = (
    "Exports between 1993 and 2023 were published, but a rule sets them aside. 29 of 29 figures of the flow are even"
)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("deficit_to_date", {"year": 2015}),
        ("third_deficit_in_a_row", {}),
        ("products_behind_the_change", {"from_year": 2015, "to_year": 2016}),
        ("exports_or_imports", {"from_year": 2015, "to_year": 2019}),
    ],
)
def test_what_a_rule_sets_aside_is_said(ask: Ask, name: str, given: dict[str, str | int]) -> None:
    """KOSIS prints Korea's exports to Palestine, all in even thousands of US$; customs' portal has 2020 and 2021."""
    answer = ask(name, reporter="KOR", partner="PSE", **given)
    assert answer.state == ("partly" if name == "third_deficit_in_a_row" else "missing")
    assert SET_ASIDE in answer.missing[0]


def test_of_a_partner_that_a_rule_sets_aside_the_years_of_another_channel_have_a_sign(
    ask: Ask,
) -> None:
    answer = ask("first_deficit_since", partner="PSE")
    (row,) = answer.rows
    assert (row["first_year"], row["last_year"], row["last_sign"], row["signed_years"]) == (2020, 2021, "surplus", 2)


def test_of_years_only_those_that_a_rule_touches_say_so(ask: Ask) -> None:
    """Korea's exports to and imports from Tanzania are printed alike from 1971 to 1979."""
    for name, years in (
        ("products_behind_the_change", (1975, 1976)),
        ("exports_or_imports", (1975, 1976)),
        ("exports_or_imports", (1975, 1985)),
    ):
        given: dict[str, str | int] = {"partner": "TZA", "from_year": years[0], "to_year": years[1]}
        answer = ask(name, **given)
        assert "Exports and imports between 1971 and 1979 were published, but a rule sets" in answer.missing[0]
    answer = ask("exports_or_imports", partner="TZA", from_year=2023, to_year=2024)
    assert answer.missing
    assert "aside" not in " ".join(answer.missing)


def test_the_flow_that_is_not_held_is_named(ask: Ask) -> None:
    """China's imports from Japan are held of 2021 and 2022, and Korea's exports to Hong Kong of 2025."""
    answer = ask("partner_statistics", reporter="JPN")
    lacking = "No figures on China's exports to Japan for 2021 and 2022 are available."
    assert any(text.startswith(lacking) for text in answer.missing)
    answer = ask("partner_statistics", reporter="MYS")
    assert any("No figures on China's exports to Malaysia" in text for text in answer.missing)
    answer = ask("partner_statistics", partner="HKG", to_year=2025)
    assert of(answer, year=2025)["missing_series"] == [
        "goods/A/KOR/import/HKG/TOTAL",
        "goods/A/HKG/export+import/KOR/TOTAL",
    ]
    assert any(
        "No figures on South Korea's imports from Hong Kong and Hong Kong's trade with South Korea" in text
        for text in answer.missing
    )
    answer = ask("hong_kong")
    assert of(answer, year=2025)["missing_series"] == ["goods/A/KOR/import/HKG/TOTAL"]


def test_what_is_missing_of_a_year_is_missing(ask: Ask, select: Select) -> None:
    """A flow that is said to lack is not in the mart."""
    seen = 0
    for name, reporter in (
        *(("partner_statistics", reporter) for reporter in ("JPN", "KOR", "MYS")),
        *(("hong_kong", reporter) for reporter in ("KOR", "JPN")),
    ):
        for row in ask(name, reporter=reporter, partner="CHN").rows:
            if row["missing_code"] != "not_held":
                continue
            for one in map(Series.parse_key, row["missing_series"]):
                held = select(
                    "select exports_usd is null, imports_usd is null from marts.trade_balance_annual "
                    "where reporter_code = ? and partner_code = ? and year = ?",
                    one.reporter,
                    one.partner,
                    row["year"],
                )
                assert (held or [(True, True)]) == [("export" in one.flows, "import" in one.flows)]
                seen += 1
    assert seen > 10


def test_two_channels_of_korea_customs_are_one_publisher(ask: Ask) -> None:
    """KOSIS passes customs' imports from China on in 2013; of 2025 the months of two channels are joined."""
    answer = ask("rank_in_imports", reporter="CHN", partner="KOR")
    first, last = answer.rows[-1], answer.rows[0]
    assert first["source"] != last["source"]
    assert first["publisher_code"] == last["publisher_code"] == "kcs"
    assert first["world_publisher_code"] != last["world_publisher_code"]
    assert first["is_compared"] != last["is_compared"]
    assert "come from another publisher, so China's share in these years is not compared" in answer.sentence
    assert "Figures on South Korea's total imports in 2" in answer.sentence


def test_a_thin_balance_has_no_sign_beside_the_partner_or_hong_kong(ask: Ask, select: Select) -> None:
    thin = select(
        "select year from marts.trade_balance_annual where reporter_code = 'KAZ' and partner_code = 'CHN' "
        "and is_complete and balance_sign is null"
    )
    assert [year for (year,) in thin] == [2016, 2020, 2021, 2022]
    for name in ("partner_statistics", "hong_kong"):
        rows = ask(name, reporter="KAZ").rows
        for row in rows:
            if (row["year"],) in thin:
                assert not row["is_answered"]
                assert row.get("signs_agree") is None
                assert row.get("sign_changes") is None


def test_a_deficit_of_every_year_that_is_held_is_not_called_the_first(ask: Ask) -> None:
    answer = ask("first_deficit_since", reporter="DEU", partner="CHN")
    assert answer.sentence.startswith(
        "Germany had a deficit with China in every year with figures (2011–2024), so none of"
    )
    assert answer.rows[0]["uncertain_flip_year"] is None


@pytest.mark.long
def test_the_last_month_is_told_in_a_sentence_for_each_row(ask: Ask) -> None:
    """Korea Customs' own API has 21,681.184 and 16,317.852 million for July 2026, and 5,363.331 more exports."""
    answer = ask("last_month")
    month, year, to_date = answer.rows[:3]
    assert (month["part"], month["to_month"]) == ("month", date(2026, 7, 1))
    assert month["exports_usd"] == pytest.approx(21_681_183_695, abs=1000)
    assert month["imports_usd"] == pytest.approx(16_317_852_371, abs=1000)
    assert (month["before_month"], month["before_balance_usd"]) == (date(2026, 6, 1), 20_002_319_000 - 16_422_805_000)
    # KOSIS: 11,047.812 and 12,422.355 million in July 2025.
    assert year["exports_change_pct"] == pytest.approx(100 * (21_681_184 / 11_047_812 - 1))
    assert year["imports_change_pct"] == pytest.approx(100 * (16_317_852 / 12_422_355 - 1))
    # 24 working days after 25.
    assert year["exports_per_day_pct"] == pytest.approx(100 * (21_681_184 / 24 / (11_047_812 / 25) - 1))
    assert to_date["balance_usd"] == 13_482_160_000 + 21_681_184_000 - 16_317_852_000
    assert [str(one) for one in answer.sentence.parts[:3]] == [
        (
            "South Korea exported goods worth US$21.68bn to China in July 2026 and imported US$16.32bn, a surplus of "
            "US$5.36bn, after one of US$3.58bn in June 2026."
        ),
        (
            "Compared with July 2025, exports rose by 96.2% and imports by 31.4% "
            "(per working day, exports rose by 104.4% and imports by 36.8%)."
        ),
        (
            "From January to July 2026 South Korea had a surplus of US$18.85bn, after a deficit of "
            "US$8.28bn in the same months of 2025, as exports rose by 69.4% and imports by 28.3%."
        ),
    ]
    assert " ".join(answer.sentence.parts) == answer.sentence


@pytest.mark.long
def test_the_last_month_has_its_revisions_its_other_side_and_its_forecast(ask: Ask) -> None:
    """KOSIS of 22 August 2026 has 8,983 thousand US$ less exports than two days before, and 4,607 more imports."""
    answer = ask("last_month")
    revised = of(answer, part="revisions")
    assert (revised["exports_usd"] - revised["before_exports_usd"], revised["month_count"]) == (-8_983_000, 6)
    assert revised["imports_usd"] - revised["before_imports_usd"] == 4_607_000
    said = "revised its figures for every month from January to June 2026: it lowered exports by US$8.98m in total and"
    assert f"South Korea's release of 22 August 2026 {said} raised imports by US$4.61m." in answer.sentence
    assert (
        of(answer, part="partner")["balance_usd"]
        == -of(ask("last_month", reporter="CHN", partner="KOR"), part="month")["balance_usd"]
    )
    forecast = ask("year_in_progress").rows[0]
    assert of(answer, part="forecast")["balance_usd"] == forecast["nowcast_usd"]
    assert answer.cite_row(of(answer, part="month")) == "Source: Korea Customs Service"
    assert answer.cite_row(of(answer, part="partner")) == "Source: General Administration of Customs of China"
    estimated = "Sources: Korea Customs Service; calculation by Bilateral"
    assert {answer.cite_row(of(answer, part=part)) for part in ("adjusted", "forecast")} == {estimated}


@pytest.mark.long
def test_a_last_month_that_is_old_thin_or_on_one_side_says_so(ask: Ask) -> None:
    """The Census Bureau: a deficit of 10,394.1 million in April 2026, after 9,756.0 in March."""
    usa = ask("last_month", reporter="USA")
    assert of(usa, part="month")["balance_usd"] == -10_394_100_000
    # The same 22 working days in both years.
    assert "and imports fell by 21.9%. From January" in usa.sentence
    assert "have a deficit of US$133.75bn in 2026 (80% interval: US$111.20bn to US$156.29bn" in usa.sentence
    japan = ask("last_month", reporter="JPN", partner="KOR")
    assert japan.sentence.parts[-1] == "No monthly figures after December 2020 are available."
    assert of(japan, part="newer_months")["missing_periods"][::66] == ["2021-01", "2026-07"]
    # The season of Japan's months is taken out by STL, which leaves working days in.
    assert "Seasonally adjusted, exports" in japan.sentence
    germany = ask("last_month", partner="DEU")
    assert "Germany's own figures for July 2026 are not available, so only South Korea's are shown." in germany.sentence
    assert "January to July 2026 is not compared with the year before, because figures for some" in germany.sentence
    assert of(germany, part="year_to_date")["missing_periods"] == [f"2025-{month:02}" for month in range(1, 7)]
    hong_kong = ask("last_month", reporter="CHN", partner="HKG")
    assert "but the figures are too incomplete to show who had the surplus" in hong_kong.sentence
    assert not {"surplus", "deficit"} & {*hong_kong.sentence.replace("the surplus", "").split()}
    for answer in (usa, japan, germany, hong_kong, ask("last_month")):
        assert len(answer.sentence.parts) == len(answer.rows)
