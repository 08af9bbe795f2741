"""A sentence agrees with its rows, and calls a bound a bound."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from dagster_project import questions
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import wording
from dagster_project.questions.wording import (
    add_article,
    format_balance,
    format_ordinal,
    format_percent,
    format_percents,
    format_periods,
    format_printed_usd,
    format_usd,
    format_years,
    join_words,
    make_possessive,
    name_publisher,
)

QUESTIONS = {question.name: question for question in questions.load_questions(Project.find())}
NAMES = {
    "KOR": "South Korea",
    "CHN": "China",
    "HKG": "Hong Kong",
    "TWN": "Taiwan",
    "USA": "United States",
    "NLD": "Netherlands",
}


# What stands for a value in a row.
WORDS = {"-": None, "None": None, "true": True, "True": True, "false": False, "False": False}


def row_of(text: str) -> dict[str, Any]:
    """Read a row: `column=value …`, where `-` is null, and codes are texts."""
    return {name: _read_value(name, value) for name, _, value in (word.partition("=") for word in shlex.split(text))}


def _read_value(name: str, value: str) -> object:
    if value in WORDS:
        return WORDS[value]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    if "code" in name or name == "vintage" or not re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", value):
        return value
    return int(value) if value.lstrip("-").isdigit() else float(value)


def sentence(name: str, rows: Sequence[Mapping[str, Any]], reporter: str = "KOR", partner: str = "CHN") -> str:
    """Fill the template of a question with rows; a column that a row leaves out is null."""
    question = QUESTIONS[name]
    columns = dict.fromkeys(column.name for column in question.columns)
    assert all(row.keys() <= columns.keys() for row in rows), "a row with a column that the question has not"
    asked = {"reporter": reporter, "partner": partner}
    return wording.write_sentences(question.template, [{**columns, **row} for row in rows], asked, NAMES)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (18_039_656_000, "US$18.04bn"),
        (-6_971_997_524, "−US$6.97bn"),
        (604_047_000, "US$604.05m"),
        (0, "US$0"),
        (-0.3, "US$0"),
        (4_000, "US$4,000"),
        (-9_999.7, "−US$0.01m"),
        (999_994_999, "US$999.99m"),
        (999_999_999, "US$1.00bn"),
    ],
)
def test_an_amount_is_said_in_billions_or_millions(value: float, said: str) -> None:
    assert format_usd(value) == said


def test_a_balance_says_its_sign_in_a_word() -> None:
    assert format_balance(-6_971_997_524) == "a deficit of US$6.97bn"
    assert format_balance(1_213_075_000) == "a surplus of US$1.21bn"
    assert [format_percent(share) for share in (-1.25, -0.04, 0.04)] == ["−1.2%", "0.0%", "0.0%"]


def test_shares_side_by_side_are_told_apart_unless_they_are_the_same() -> None:
    assert format_percents([10.45, 7.73]) == ["10.4%", "7.7%"]
    assert format_percents([25.51, 25.53]) == ["25.51%", "25.53%"]
    assert format_percents([0.0031, 0.0044]) == ["0.003%", "0.004%"]
    assert format_percents([25.5, 25.5]) == ["25.5%", "25.5%"]


def test_a_count_of_many_has_separators_of_thousands() -> None:
    counts = [wording.format_count(number, "person") for number in (1, 30, 1_200_000)]
    assert counts == ["1 person", "30 persons", "1,200,000 persons"]


def test_years_in_a_row_are_said_by_the_first_and_the_last() -> None:
    found = ([2024], [2025, 2024], [2021, 2022, 2023], [2018, 2020, 2021], [2025, *range(2015, 2024)])
    assert [join_words(years) for years in found] == [
        "2024",
        "2024 and 2025",
        "2021–2023",
        "2018, 2020 and 2021",
        "2015–2023 and 2025",
    ]
    # Codes are no years, and months run on over the end of one.
    assert join_words(["8541", "8542", "8543"]) == "8541, 8542 and 8543"
    assert format_periods(["2026-01", "2025-11", "2025-12", "2026-08"]) == "2025-11 to 2026-01 and 2026-08"
    assert (format_years([2015, 2023]), format_years([2023])) == ("2015–2023", "2023")
    assert [format_ordinal(place) for place in (1, 10, 11, 21, 112)] == ["first", "tenth", "11th", "21st", "112th"]


def test_a_template_reads_what_it_is_given_and_columns_that_are_there() -> None:
    row = {"is_answered": True, "value_usd": 2e9}
    assert wording.write_sentences("{{ held[0].value_usd | usd }} each;", [row], {}, {}) == "US$2.00bn each."
    with pytest.raises(BilateralError, match="reads the column value_eur"):
        wording.write_sentences("{{ held[0].value_eur }}", [row], {}, {})
    with pytest.raises(BilateralError, match="reads the variable year, which does not exist"):
        wording.write_sentences("{{ year }}", [row], {}, {})


def spans(*bases: tuple[int, float], to_year: int = 2022, share: float = 7.73, **other: object) -> list[dict[str, Any]]:
    """Make rows of a span and of other base years, each with its share; all imports rose by 70 billion."""
    return [
        {
            "is_answered": True,
            "span": "base" if number else "whole",
            "from_year": year,
            "to_year": to_year,
            "change_usd": 70e9 + (share - was) * 20e9,
            "demand_effect_usd": 70e9,
            "share_effect_usd": (share - was) * 20e9,
            "from_share_pct": was,
            "to_share_pct": share,
            "publisher_code": "imf",
            "world_publisher_code": "worldbank",
            **other,
        }
        for number, (year, was) in enumerate(bases)
    ]


@pytest.mark.parametrize(
    ("bases", "said"),
    [
        (
            [(2017, 10.45), (2016, 9.0), (2021, 8.0)],
            ("South Korea's share in 2022 was lower than in each of the years 2016, 2017 and 2021."),
        ),
        (
            [(2017, 7.0), (2016, 7.0)],
            ("South Korea's share in 2022 was higher than in each of the years 2016 and 2017."),
        ),
        (
            [(2017, 10.45), (2016, 9.0), (2021, 7.0)],
            (
                "took away US$54.40bn. South Korea's share in 2022 was lower than in 2016 and 2017, and higher than in "
                "2021."
            ),
        ),
        (
            [(2017, 10.45)],
            "share of these imports, from 10.4% to 7.7%, took away US$54.40bn.",
        ),
    ],
)
def test_a_lost_share_is_said_for_the_base_years_of_which_it_is_true(bases: list[tuple[int, float]], said: str) -> None:
    text = sentence("demand_or_share", spans(*bases))
    assert text.endswith(said)
    assert " The rise in China's total imports, oil included, added US$70.00bn, " in text
    assert "demand" not in text


def test_shares_that_round_alike_are_told_apart_and_publishers_are_named() -> None:
    assert "the slight rise in South Korea's share of these imports, from 25.51% to 25.53%, added US$" in sentence(
        "demand_or_share", spans((2017, 25.51), share=25.53)
    )
    assert "(sources: International Monetary Fund, and World Bank for total imports)" in sentence(
        "demand_or_share", spans((2017, 9.6))
    )
    two = {"from_publisher_code": "imf", "publisher_code": "gacc"}
    text = sentence(
        "demand_or_share", [{**spans((2013, 9.38), to_year=2024, share=7.03, **two)[0], "change_usd": None}]
    )
    assert text == (
        "South Korea supplied 9.4% of China's imports in 2013 (source: International Monetary Fund) and 7.0% in 2024 "
        "(source: General Administration of Customs of China). These two shares cannot be compared, because no "
        "publisher has both years with comparable totals."
    )
    later = {"is_answered": True, "span": "later", "to_year": 2024, "to_share_pct": 7.03, "publisher_code": "gacc"}
    later["world_publisher_code"] = "gacc"
    text = sentence("demand_or_share", [*spans((2017, 9.63)), later])
    assert text.endswith(
        "South Korea's share was 7.0% in 2024 (source: General Administration of Customs of China). This figure comes "
        "from another publisher and cannot be compared with the share in 2022."
    )
    newer = {**later, "to_year": 2025, "publisher_code": "imf"}
    text = sentence("demand_or_share", [*spans((2017, 9.63)), {**later, "publisher_code": "imf"}, newer])
    assert text.endswith(
        "was 7.0% in 2024 and 7.0% in 2025 (sources: International Monetary Fund, and General Administration of "
        "Customs of China for total imports). Because total imports come from another publisher, these shares cannot "
        "be compared with that of 2022."
    )
    # Japan's imports from Korea: 4.183 and 4.181 per cent.
    text = sentence("demand_or_share", spans((2017, 4.183), (2018, 4.293), to_year=2020, share=4.181))
    assert "imports, from 4.183% to 4.181%, " in text
    assert "lower than in 2018, and almost unchanged from 2017." in text
    step = spans((2016, 1.07), to_year=2017, share=0.5, span="year")
    text = sentence("demand_or_share", [*spans((2016, 1.07), share=0.29, jump_year=2017), *step])
    assert " share fell by more than half in 2017, perhaps because what is counted changed (some publishers" in text
    # Hong Kong's exports to China of 2022, 350.38 billion, of which China has 7.88 as imports from it.
    assert (
        ". The imports from South Korea that China reports for 2022 are only 2.2% of the US$350.38bn of exports to "
        "China that South Korea reports."
        in sentence("demand_or_share", spans((2017, 0.4), mirror_value_usd=350.38e9, of_mirror_pct=2.249))
    )
    lacking = {"is_answered": False, "span": "whole", "from_year": 2013, "to_year": 2025}
    assert sentence("demand_or_share", [lacking, *spans((2021, 9.0))]).startswith("The available figures do not answer")


def moved(from_year: int, driver: str, exports: float, imports: float) -> dict[str, Any]:
    return row_of(f"""
        is_answered=true from_year={from_year} to_year=2025 balance_change_usd={exports - imports}
        exports_change_usd={exports} imports_change_usd={imports} balance_from_usd={-11.2e9 - exports + imports}
        balance_to_usd=-11.2e9 driver={driver} exports_source=kcs imports_source=kcs
    """)


def test_what_moved_the_balance_is_said_for_each_base_year() -> None:
    """Korea and China, customs: exports of 130.8 and imports of 141.9 billion in 2025."""
    bases = [
        moved(2020, "imports_gained", -1.8e9, 33.1e9),
        moved(2021, "exports_lost", -32.1e9, 3.3e9),
        moved(2022, "exports_lost", -25.0e9, -12.6e9),
        moved(2023, "exports_gained", 6.0e9, -0.9e9),
    ]
    assert sentence("exports_or_imports", bases) == (
        "From 2020 to 2025 South Korea's balance with China swung by US$34.90bn, from a surplus of US$23.70bn to a "
        "deficit of US$11.20bn. In that time exports fell by US$1.80bn and imports rose by US$33.10bn (source: Korea "
        "Customs Service). Whether exports or imports changed the balance more depends on the year with which 2025 is "
        "compared. The balance in 2025 was worse than in 2021 or 2022 mainly because exports fell, and worse than in "
        "2020 mainly because imports rose. It was better than in 2023, mainly because exports rose."
    )
    assert sentence("exports_or_imports", bases[1:3]).endswith(
        " The balance in 2025 was worse than in 2021 or 2022, mainly because exports fell."
    )
    smaller = sentence("exports_or_imports", [{**bases[3], "to_observation_status": "P"}])
    assert "South Korea's deficit with China narrowed by US$6.90bn, from US$18.10bn to US$11.20bn. " in smaller
    assert " The deficit narrowed mainly because exports rose. South Korea's figures for 2025 are pro" in smaller
    assert sentence("exports_or_imports", bases[:1]).endswith(" The balance worsened mainly because imports rose.")
    # Customs: exports fell by 2.24 and imports rose by 2.06 billion from 2024 to 2025.
    alike = sentence("exports_or_imports", [*bases, moved(2024, "both", -2.24e9, 2.06e9)])
    assert (
        " The balance in 2025 was worse than in 2024 because exports fell and imports rose by similar amounts, worse "
        "than in 2021 or 2022 mainly because exports fell, and worse than in 2020 mainly" in alike
    )
    both = [moved(2024, "both", -2.24e9, 2.06e9), moved(2023, "both", 2.24e9, -2.06e9)]
    assert sentence("exports_or_imports", both).endswith(
        " The deficit in 2025 was larger than in 2024, because exports fell and imports rose by similar amounts. It "
        "was smaller than in 2023, because exports rose and imports fell by similar amounts."
    )
    lacking = {"is_answered": False, "from_year": 2019, "to_year": 2025, "missing_code": "two_publishers"}
    lacking["missing_series"] = ["goods/A/KOR/import/CHN/TOTAL"]
    assert (
        "The comparison starts from 2020, the first year after 2019 that can be compared with 2025: the figures on "
        "imports for 2019 and 2025 come from different publishers. Whether"
        in sentence("exports_or_imports", [lacking, *bases])
    )


def test_counting_an_entrepot_is_called_a_bound_first() -> None:
    """Korea, 2023: −18.04 billion with China, 23.36 with Hong Kong."""
    row = row_of("""
        is_answered=true year=2023 entrepot_code=HKG balance_usd=-18.04e9 balance_with_entrepot_usd=5.32e9
        sign_changes=true turning_share_pct=77.2
    """)
    bound = (
        "South Korea's deficit of US$18.04bn with China in 2023 would become a surplus of US$5.32bn if all its trade "
        "with Hong Kong counted as trade with China. That would be the largest possible effect, because not all goods "
        "traded with Hong Kong go on to China or come from there."
    )
    text = sentence("hong_kong", [row])
    assert text == (
        f"{bound} The deficit of 2023 would become a surplus if more than 77.2% of the trade with Hong Kong, exports "
        f"and imports alike, counted as trade with China."
    )
    other = {**row, "year": 2022, "balance_usd": 1e9, "balance_with_entrepot_usd": 2e9, "sign_changes": False}
    assert sentence("hong_kong", [row, other]).startswith(
        f"{bound} Of the 2 years 2022–2023, counting trade with Hong Kong would turn the deficit into a surplus only "
        f"in 2023."
    )
    none = sentence("hong_kong", [{**other, "turning_share_pct": None}])
    assert "surplus of US$1.00bn with China in 2022 would become a surplus of US$2.00bn if" in none
    assert "turns" not in none
    assert "only if" not in none


def test_a_balance_with_an_entrepot_warns_of_what_only_passes_through() -> None:
    row = row_of("""
        is_answered=true year=2024 balance_usd=92e9 balance_sign=surplus exports_usd=378e9 imports_usd=286e9
    """)
    assert "re-exports" not in sentence("balance", [row])
    assert " Much of Hong Kong's trade only passes through it (re-exports), so the balance does not" in sentence(
        "balance", [{**row, "entrepot_code": "HKG"}], "HKG"
    )


def weighed(**other: object) -> dict[str, Any]:
    row = row_of("""
        is_answered=true flow=export from_year=2018 to_year=2024 to_month=12 product_code=8542
        product="Electronic integrated circuits" product_codes=8542 change_usd=7e9 price_effect_usd=11e9
        volume_effect_usd=-4e9 larger_effect=price share_of_total_pct=33.1
    """)
    return {**row, **other}


def test_a_value_per_kilogram_is_called_no_price_and_products_have_their_names() -> None:
    text = sentence("price_or_volume", [weighed()])
    assert text == (
        "From 2018 to 2024 South Korea's exports of electronic integrated circuits (HS 8542) to China rose by "
        "US$7.00bn: a higher value per kilogram added US$11.00bn, but a smaller weight took away US$4.00bn. Electronic "
        "integrated circuits made up 33.1% of South Korea's exports to China in 2024. No weights are available "
        "for South Korea's imports from China, so these cannot be split into price and volume. A value per kilogram is "
        "not a price: it changes with the mix of goods as well as with prices, and these figures cannot separate the "
        "two effects."
    )
    two = {"product_code": "BASKET", "product": "Graphite; natural + Graphite; artificial"}
    text = sentence("price_or_volume", [weighed(**two, product_codes="250410, 380110", share_of_total_pct=1.02)])
    assert "exports of natural graphite and artificial graphite (HS 250410 and 380110) to China" in text
    assert "Natural graphite and artificial graphite made up 1.0% of South Korea's exports to China" in text
    text = sentence("price_or_volume", [weighed(**two, product_codes="250410, 380110", share_of_total_pct=0.02)])
    assert text.startswith(
        "South Korea's exports to China cannot be split into price and volume. Weights are available only for natural "
        "graphite and artificial graphite. These 2 products together made up at most 0.02% of South Korea's exports to "
        "China in each year for which the share is known. "
    )
    assert text.endswith(
        "No weights are available for South Korea's imports from China, so these cannot be split, either."
    )
    text = sentence("price_or_volume", [weighed(**two, product_codes="250410, 380110", share_of_total_pct=0.004)])
    assert "These 2 products together made up less than 0.01% of South Korea's exports to China in each" in text
    three = {"product": f"{two['product']} + Lithium oxide and hydroxide", "product_codes": "250410, 380110, 282520"}
    text = sentence("price_or_volume", [weighed(**{**two, **three}, share_of_total_pct=0.004)])
    assert " only for 3 products, among them natural graphite and artificial graphite. These 3 products" in text
    years = [weighed(from_year=2023, change_usd=-1e9), weighed(from_year=2022, to_year=2023)]
    text = sentence("price_or_volume", [weighed(is_same_edition=False), *years])
    assert " The customs classification was revised between 2018 and 2024, so the same code may cover" in text
    assert " Compared with the year before, these exports rose in 2023 and fell in 2024. Electronic integrated" in text
    many = {"product_code": "BASKET", "product": "All 4 with a weight in both years", "product_codes": "1, 2, 3, 4"}
    assert "exports of the 4 products whose weights are available for both years" in sentence(
        "price_or_volume", [weighed(**many)]
    )


def chips(year: int, share: float, **other: object) -> dict[str, Any]:
    row = row_of(f"""
        is_answered=true year={year} month_count=12 product="Electronic integrated circuits" product_code=8542
        value_usd={share * 1.3e9} total_usd=130e9 share_pct={share}
    """)
    return {**row, **other}


def test_years_of_which_a_part_is_held_are_not_compared_with_whole_ones() -> None:
    """Korea to China: the three subheadings were 16.8% in 2016, the heading 26.6% in 2023."""
    part = {"is_answered": False, "part_held": "854231, 854232, 854239"}
    text = sentence(
        "dependence_on_semiconductors",
        [chips(2025, 33.1), chips(2023, 26.6), chips(2018, 28.5, **part), chips(2016, 16.8, **part)],
    )
    assert (
        " In the years with complete figures (2023 and 2025), this share ranged from 26.6% in 2023 to 33.1% in 2025."
        in text
    )
    assert text.endswith(
        "For 2016 and 2018, figures are available only for 3 types of these products, which alone made up between "
        "16.8% (2016) and 28.5% (2018) of South Korea's exports to China."
    )
    one = sentence("dependence_on_semiconductors", [chips(2025, 33.1), chips(2016, 16.8, **part)])
    assert one.endswith(" which alone made up 16.8% of South Korea's exports to China.")
    assert "lowest" not in text
    assert "provisional" not in text
    assert "of US$130.00bn (provisional)." in sentence(
        "dependence_on_semiconductors", [chips(2025, 33.1, is_provisional=True)]
    )


def test_a_rank_is_said_only_of_the_years_that_have_one() -> None:
    years: list[dict[str, Any]] = [
        {"year": 2023, "share_pct": 6.3, "partner_rank": None, "partner_count": 1, "rivals": None},
        {"year": 2022, "share_pct": 7.4, "partner_rank": 2, "partner_count": 204, "rivals": "TWN 8.9%"},
        {"year": 2013, "share_pct": 9.4, "partner_rank": 1, "partner_count": 196, "rivals": "JPN 8.3%"},
    ]
    rows = [
        {"publisher_code": "imf", "world_publisher_code": "worldbank", "is_compared": True, **row, "is_answered": True}
        for row in years
    ]
    assert sentence("rank_in_imports", rows) == (
        "South Korea supplied 6.3% of China's imports in 2023 (sources: International Monetary Fund, and World Bank "
        "for total imports). Its share was 9.4% in 2013. It ranked first among China's suppliers in 2013 and second in "
        "2022. In 2022, the last year with a rank, its largest rivals were Taiwan (8.9% of China's imports)."
    )
    assert sentence("rank_in_imports", rows[:1]) == (
        "South Korea supplied 6.3% of China's imports in 2023 (sources: International Monetary Fund, and World Bank "
        "for total imports). Figures are available for too few of China's suppliers to rank South Korea among them."
    )
    lone = sentence("rank_in_imports", [rows[0], rows[2]])
    assert lone.count("rank") == 2
    assert ". In 2013, the last year with a rank, it ranked first among China's suppliers, and its largest " in lone
    every = sentence("rank_in_imports", [rows[2], {**rows[2], "year": 2012}])
    assert "It ranked first among China's suppliers in 2012 and 2013. In 2013 its largest rivals were" in every
    fell = [{**rows[1], "partner_rank": 46}, {**rows[2], "year": 2021, "partner_rank": 22}]
    never = sentence("rank_in_imports", [*fell, {**rows[2], "partner_rank": 30}])
    assert "In 2013, 2021 and 2022 it ranked between 22nd (in 2021) and 46th (in 2022) among China's" in never
    alike = sentence("rank_in_imports", [{**rows[1], "partner_rank": 4}, {**rows[2], "partner_rank": 4}])
    assert "It ranked fourth among China's suppliers in 2013 and 2022." in alike
    assert "first" not in never + alike


def test_shares_of_two_publishers_or_across_a_jump_are_not_compared() -> None:
    last = row_of("""
        is_answered=true year=2022 share_pct=7.4 partner_rank=2 partner_count=200 rivals="TWN 8.9%"
        publisher_code=imf world_publisher_code=worldbank is_compared=true
    """)
    first = {**last, "year": 2021}
    other = {**last, "year": 2025, "publisher_code": "gacc", "is_compared": False, "observation_status": "P"}
    text = sentence("rank_in_imports", [{**other, "rate_date": date(2025, 11, 19)}, last, first])
    assert (
        "(provisional, converted into US$ at the monthly rates set by customs, sources: General Administration of "
        "Customs of China, and World Bank for total imports)." in text
    )
    assert "Figures on China's imports from South Korea in 2025 come from another publisher, so South Korea's" in text
    total = {**other, "publisher_code": "imf", "world_publisher_code": "wits"}
    found = sentence("rank_in_imports", [total, last])
    assert "Figures on China's total imports in 2025 come from another publisher, so South" in found
    jump = sentence("rank_in_imports", [{**last, "share_pct": 0.41, "share_change_points": -0.66}, first])
    assert "In 2022 South Korea's share was less than half that of the year before" in jump
    far = {**last, "value_usd": 18.56e9, "mirror_value_usd": 377.8e9}
    less = "imports from South Korea were less than half South Korea's figures on exports to China: US$18.56bn against"
    assert less in sentence("rank_in_imports", [far, first])
    assert "highest in" not in jump


def without(value: float, *, bound: bool) -> dict[str, Any]:
    return row_of(f"""
        is_answered=true year=2024 month_count=12 product="Electronic integrated circuits" product_code=8542
        balance_usd=5e9 balance_sign=surplus
        balance_without_usd={value} is_bound={bound} sign_changes={None if bound else value < 0}
    """)


def test_a_bound_of_the_balance_is_called_one() -> None:
    months = {"from_month": 1, "to_month": 7}
    below, above = without(-2e9, bound=True), {**without(2e9, bound=True), "year": 2025}
    found = sentence("balance_without_semiconductors", [below])
    product = "exports of electronic integrated circuits (HS 8542)"
    assert f"Without its {product}, South Korea would have had a deficit of US$2.00bn with China in" in found
    also = " If these were taken out as well, "
    assert found.endswith(f"{also}the deficit would be smaller, or even become a surplus.")
    twice = sentence("balance_without_semiconductors", [{**below, "year": 2025, "month_count": 7, **months}, below])
    assert " From January to July 2025, it would have had a deficit of US$2.00bn instead of a surplus of" in twice
    assert twice.endswith(f"{also}the deficits would be smaller, or even become surpluses.")
    found = sentence("balance_without_semiconductors", [above])
    assert "would have had a surplus of US$2.00bn with China in" in found
    assert found.endswith(f"{also}the surplus would be larger.")
    both = sentence(
        "balance_without_semiconductors",
        [{**below, "month_count": 7, **months}, {**above, "year": 2023}],
    )
    assert both.endswith(f"{also}South Korea's balance with China would be better, and perhaps even a surplus in 2024.")
    exact = sentence("balance_without_semiconductors", [without(-2e9, bound=False)])
    assert (
        "Without electronic integrated circuits (HS 8542), South Korea would have had a deficit of US$2.00bn with "
        "China in 2024 instead of a surplus of US$5.00bn." in exact
    )
    assert "Without these products" not in exact
    turned = sentence(
        "balance_without_semiconductors", [{**without(-2e9, bound=False), "year": y} for y in (2025, 2024)]
    )
    assert turned.endswith("South Korea's surplus with China in 2024 and 2025 would have been a deficit.")


def test_a_rush_before_a_measure_is_told_and_a_later_peak_is_not() -> None:
    row = row_of("""
        is_answered=true frequency=M product="Graphite; natural, in powder or in flakes" product_code=250410
        whose_statistics=CHN flow=export event="China's export licensing of graphite" announced_on=2023-10-20
        implemented_on=2023-12-01 to_period=2023-12-01 period_count=12 from_usd=10e6 to_usd=3.9e6 change_pct=-61.0
        weight_change_pct=-38.0 peak_period=2023-11-01 peak_usd=23e6
    """)
    text = sentence("critical_minerals", [row])
    assert text == (
        "China's export licensing of graphite, announced on 20 October 2023, took effect on 1 December 2023. "
        "China's exports of natural graphite in powder or flakes (HS 250410) to South Korea fell by 61.0% in value, "
        "from US$10.00m a month in the year before the announcement to US$3.90m a month in the 12 months from December "
        "2023, and by 38.0% in weight. From the announcement on, these exports peaked in November 2023, "
        "before the measure took effect, at 2.3 times the monthly average of the year before the announcement. "
        "Most of the customs codes used here also cover other goods."
    )
    metals = "Gallium, germanium, niobium (columbium) and vanadium; articles thereof, unwrought"
    assert "exports of gallium, germanium, niobium and vanadium (HS" in sentence(
        "critical_minerals", [{**row, "product": metals, "product_code": "811292"}]
    )
    small = sentence("critical_minerals", [{**row, "from_usd": 125e3, "to_usd": 16e3}])
    assert (
        "are too small to compare: they averaged less than US$1m a month both in the year before the announcement and "
        "in the 12 months from December 2023." in small
    )
    other = {**row, "product": "Graphite; artificial", "product_code": "380110"}
    small = sentence("critical_minerals", [{**one, "from_usd": 125e3, "to_usd": 16e3} for one in (other, row)])
    assert "exports of artificial graphite (HS 380110) and natural graphite in powder or flakes (HS 250410) to" in small
    assert "are too small to compare: each averaged less" in small
    some = sentence("critical_minerals", [{**row, "period_count": 8, "weight_change_pct": 4.5}])
    months = "to US$3.90m a month in the 8 months with figures from December 2023 on"
    assert f"{months}, but rose by 4.5% in weight." in some
    at_once = sentence("critical_minerals", [{**row, "announced_on": date(2023, 12, 1), "period_count": 1}])
    assert at_once.startswith("China's export licensing of graphite took effect on 1 December 2023. China's")
    assert "from US$10.00m a month in the year before to US$3.90m in December 2023, and by" in at_once
    assert "peak" not in sentence("critical_minerals", [{**row, "peak_period": date(2024, 3, 1)}])


def test_fewer_products_and_less_of_each_are_words_for_a_fall_alone() -> None:
    row = row_of("""
        is_answered=true flow=export whose_statistics=KOR from_year=2023 to_year=2024 level=6 change_usd=-5e9
        continued_usd=-4e9 entered_usd=0.0 left_usd=-1e9 entered_count=0 left_count=3 larger_margin=intensive
        source=comtrade
    """)
    text = sentence("fewer_products_or_less_of_each", [row])
    assert text.startswith(
        "South Korea's exports to China fell by US$5.00bn from 2023 to 2024 (source: UN Comtrade), mainly through "
        "lower values of the same products. In products recorded in both years, these exports fell by US$4.00bn. The 3 "
        "products recorded in 2023 but not in 2024 took US$1.00bn from these exports. "
    )
    assert "A product recorded in only one of the two years may have been traded in the other year, too" in text
    assert "too broad" not in text
    assert "in no product" not in text
    assert "The changes by product add up to US$500.00m less than the fall in these exports as" in sentence(
        "fewer_products_or_less_of_each", [{**row, "residual_usd": -0.5e9}]
    )
    # China's imports of gold from the United States: none listed in 2010, from anybody, and 2.66 billion in 2018.
    assert (
        "A rise of US$2.66bn comes from products that cannot be compared, because their codes or figures are missing "
        "for 2023 or 2024." in sentence("fewer_products_or_less_of_each", [{**row, "unmatched_usd": 2.66e9}])
    )
    assert (
        "The only product recorded in 2024 but not in 2023, and the 3 products recorded in 2023 but not in 2024, "
        in sentence("fewer_products_or_less_of_each", [{**row, "entered_count": 1}])
    )
    assert ", mainly through products recorded in only one of the two years." in sentence(
        "fewer_products_or_less_of_each", [{**row, "larger_margin": "extensive"}]
    )
    assert ", mainly through higher values of the same products." in sentence(
        "fewer_products_or_less_of_each", [{**row, "change_usd": 5e9}]
    )
    partners = sentence("fewer_products_or_less_of_each", [{**row, "whose_statistics": "CHN", "level": 2}])
    assert partners.startswith("China's imports from South Korea fell by US$5.00bn from 2023 to 2024 (source")
    assert "show only product groups (2-digit codes), which are too broad to show whether the number" in partners
    assert "The 3 product groups recorded in 2023 but" in partners
    coarse = {**row, "level": 2, "left_usd": -0.04e9, "continued_usd": -4.96e9}
    nearly = ", almost entirely through product groups recorded in both years. The available figures by product"
    assert nearly in sentence("fewer_products_or_less_of_each", [coarse])
    both = sentence("fewer_products_or_less_of_each", [coarse, {**coarse, "flow": "import"}])
    assert both.count("too broad") == 1
    assert ". South Korea's imports from China fell by" in both


def after_thaad(line: str, estimate: float | None, conclusion: str | None, placebos: int = 49) -> dict[str, Any]:
    return {
        "line": line,
        "series": {
            "travel": "arrivals/M/KOR/export/CHN/SD",
            "audiovisual": "services/A/CHN/import/KOR/SK",
            "cosmetics": "goods/A/CHN/import/SITC4 55",
        }[line],
        "method": "growth_beside_others" if line == "cosmetics" else "difference_in_differences",
        "event_date": date(2017, 3, 15),
        "estimate_pct": estimate,
        "own_change_pct": 32.9 if line == "cosmetics" else -56.8,
        "others_change_pct": 35.4 if line == "cosmetics" else None,
        "conclusion": conclusion,
        "designs_low_pct": -66.0,
        "designs_high_pct": -58.0,
        "others": 9,
        "placebo_rank": 1 if conclusion == "fall" else 11,
        "q_value": 0.76,
        "hypothesis_count": 44,
        "power_of_20_pct": 90.0 if conclusion == "none" else 4.2,
        "placebo_count": placebos,
        "status": "unstable" if estimate is None else "estimated",
        "reason": None,
        "is_answered": estimate is not None,
    }


def test_residuals_of_two_flows_are_not_netted() -> None:
    """Exports took 1.22 and imports added 2.96 billion, which are not 1.73."""
    usual = row_of("""
        is_answered=true from_year=2023 to_year=2024 balance_change_usd=11.07e9 is_complete_detail=false
        balance_from_usd=-18.04e9 balance_to_usd=-6.97e9
        residual_pct=29.0 place=- product="What the products do not explain" product_code=RESIDUAL
    """)
    chips = row_of("""
        place=1 product_code=854232 product=Memories flow=export contribution_usd=6.66e9
    """)
    rows = [
        {**usual, **chips},
        {**usual, **chips, "place": 2, "product": "Starch", "flow": "import", "contribution_usd": -0.02e9},
        {**usual, "flow": "export", "contribution_usd": -1.22e9, "is_answered": False},
        {**usual, "flow": "import", "contribution_usd": 2.96e9, "is_answered": False},
    ]
    assert sentence("products_behind_the_change", rows) == (
        "South Korea's deficit with China narrowed by US$11.07bn, from US$18.04bn in 2023 to US$6.97bn in 2024. "
        "Figures by product cover only part of this trade. Among the products with figures, the largest changes from "
        "2023 to 2024 were in exports of memories (up US$6.66bn) and imports of starch (up US$20.00m). Exports of all "
        "other products, for which there are no separate figures, fell by US$1.22bn and imports of them fell by "
        "US$2.96bn."
    )
    small = sentence("products_behind_the_change", [{**row, "residual_pct": 99.0} for row in rows])
    assert small.endswith(
        " Figures by product cover only part of this trade and explain too little of the change for products to be "
        "named. From 2023 to 2024 exports of all other products, for which there are no separate figures, fell by "
        "US$1.22bn and imports of them fell by US$2.96bn."
    )
    assert "to US$6.97bn in 2024 (provisional)." in sentence(
        "products_behind_the_change", [{**row, "is_provisional": True} for row in rows]
    )
    unknown = sentence("products_behind_the_change", [{**row, "balance_from_usd": None} for row in rows])
    assert unknown.startswith("South Korea's balance with China improved by US$11.07bn from 2023 to 2024. Fig")
    turned = sentence("products_behind_the_change", [{**row, "balance_to_usd": 1e9} for row in rows])
    assert ", from a deficit of US$18.04bn in 2023 to a surplus of US$1.00bn in 2024. Fig" in turned
    whole = sentence("products_behind_the_change", [{**row, "is_complete_detail": True} for row in rows[:2]])
    assert "cannot be split" not in whole
    assert whole.endswith(
        "to US$6.97bn in 2024. The largest changes from 2023 to 2024 were in exports of memories (up US$6.66bn) and "
        "imports of starch (up US$20.00m)."
    )


def claim(name: str, cause: str, *, answered: bool = True) -> dict[str, Any]:
    return row_of(f"""
        subject=claim claim_id={name} statement={name} change_cause={cause} was_answered_then={answered}
        is_answered=true
    """)


def test_after_thaad_only_what_stands_is_said() -> None:
    rows = [
        after_thaad("travel", -60.0, "fall"),
        after_thaad("audiovisual", None, None),
        after_thaad("cosmetics", -1.8, None),
    ]
    rows[0] |= {"ci_low_pct": -73.7, "ci_high_pct": -40.0, "ci_level_pct": 90.0}
    rows[0] |= {"reason": "The estimate covers 10 of the 12 months; the others cannot be compared."}
    said = sentence("after_thaad", rows)
    assert said == (
        "In the 12 months from March 2017, the number of visitors from China to South Korea was 60.0% lower than would "
        "be expected from the numbers of visitors from 9 other economies (90% interval: 40.0% to 73.7% lower). Taken "
        "alone, this fall is statistically significant, but it is not when all 44 tests are taken into account, "
        "some of which may show a fall by chance. Compared with the usual ups and downs of each series, the gap "
        "between actual and expected visitors is the largest among 50 economies, 49 of which the measures did not "
        "affect. Had the number of visitors fallen by a fifth, the test would have had a 4.2% chance of detecting the "
        "fall. Compared with the same months of the year before, the number of visitors fell by 56.8%. By other "
        "methods, the number of visitors was 58.0% to 66.0% lower than expected. The estimate covers 10 of the 12 "
        "months. The available figures do not show whether South "
        "Korea's exports of audiovisual and cultural services to China fell. From 2016 to 2017, China's imports of "
        "perfume, cosmetics and cleansing goods (SITC 55) from South Korea rose by 32.9%, and those from 9 other "
        "partners together rose by 35.4%. This comparison of imports is not a statistical test. These figures "
        "do not prove that the measures caused a change."
    )
    rows[0] |= {"q_value": 0.05}
    said = sentence("after_thaad", rows)
    assert (
        " is statistically significant, and it still is when all 44 tests are taken into account, some of which "
        "may show a fall by chance." in said
    )


@pytest.mark.parametrize(
    ("conclusion", "placebos", "said"),
    [
        ("none", 49, "This is not a statistically significant fall"),
        ("uninformative", 49, "This is not a statistically significant fall"),
        ("rise", 49, "This is not a statistically significant fall"),
        ("untestable", 4, "Only 4 unaffected series can be compared with the number of visitors, too few for a test"),
    ],
)
def test_a_fall_needs_a_conclusion(conclusion: str, placebos: int, said: str) -> None:
    rows = [after_thaad("travel", -27.2, conclusion, placebos), after_thaad("audiovisual", None, None)]
    found = sentence("after_thaad", [*rows, after_thaad("cosmetics", None, None)])
    assert found.startswith(
        "In the 12 months from March 2017, the number of visitors from China to South Korea was 27.2% lower than would "
        f"be expected from the numbers of visitors from 9 other economies. {said}."
    )
    noticed = "chance of detecting the fall"
    assert (f"a 90.0% {noticed}." in found) == (conclusion == "none")
    assert (f"a 4.2% {noticed}, so this result says little." in found) == (conclusion == "uninformative")


def test_a_copy_that_came_late_is_no_error_of_a_publisher() -> None:
    late, mended = claim("late", "later_copy"), claim("mended", "revised")
    pending = claim("pending", "later_copy", answered=False)
    flow = {"subject": "exports", "is_answered": False, "claim_count": 3}
    unseen = (
        "Only one release of the figures on South Korea's exports for the last months is available, so no revision "
        "can be shown. "
    )
    assert sentence("last_revisions", [flow, late, pending]) == (
        f"{unseen}No verdict on a claim has changed because a publisher revised its figures. 1 claim would have a "
        "different verdict if judged by the figures known when it was published, but not because of a revision: “late”."
    )
    assert sentence("last_revisions", [{**flow, "claim_count": 0}]).endswith(
        "No claims about trade between South Korea and China have been judged."
    )
    assert sentence("last_revisions", [flow, mended]) == (
        f"{unseen}1 verdict on a claim has changed because a publisher revised its figures: “mended”."
    )


def test_two_shares_of_gdp_are_compared_with_their_release() -> None:
    row = row_of("""
        is_answered=true year=2022 vintage_on=2024-02-25 reporter_services_share_pct=58.034
        partner_services_share_pct=52.776 difference_pp=5.258 reporter_newest_share_pct=58.034
        reporter_newest_shown_until=2024-02-25 partner_newest_share_pct=52.776 partner_newest_shown_until=2024-02-25
        partner_newest_basis=reported
    """)
    same = (
        "Services made up 58.0% of GDP in South Korea and 52.8% in China in 2022, a difference of 5.3 percentage "
        "points (before rounding). Both shares are from the World Bank's release of 25 February 2024, the latest "
        "available one that has both"
    )
    assert sentence("services_in_gdp", [row]) == f"{same}."
    exact = {**row, "reporter_services_share_pct": 58.1, "difference_pp": 5.324}
    assert "a difference of 5.3 percentage points. Both shares" in sentence("services_in_gdp", [exact])
    newer = {**row, "partner_newest_share_pct": 54.958, "partner_newest_shown_until": date(2026, 7, 1)}
    newer["partner_newest_basis"] = "derived"
    assert sentence("services_in_gdp", [newer]) == (
        f"{same}. The World Bank's later release of 1 July 2026 puts services, computed as GDP less agriculture and "
        "industry, at 55.0% of China's GDP in 2022."
    )
    last = {**newer, "year": 2025, "is_answered": False, "partner_newest_share_pct": 57.7}
    last["reporter_newest_share_pct"] = None
    assert sentence("services_in_gdp", [last, newer]).endswith(
        " at 55.0% of China's GDP in 2022 and 57.7% in 2025. For 2025, no available release has the shares of both "
        "economies."
    )
    last["partner_newest_basis"] = "reported"
    assert (
        " in 2022. The World Bank's release of 1 July 2026 puts services at 57.7% of China's GDP in 2025."
        in sentence("services_in_gdp", [last, newer])
    )


def test_a_deficit_of_every_year_is_no_first_one() -> None:
    row = row_of("""
        is_answered=true deficit_year=- first_deficit_since=- first_year=1965 last_year=2023 last_sign=deficit
        signed_years=59 deficit_years=59 unsigned_years=0 uncertain_flip_year=-
    """)
    assert sentence("first_deficit_since", [row]) == (
        "South Korea had a deficit with China in every year with figures (1965–2023), so none of its deficits "
        "followed a surplus."
    )
    thin = {**row, "signed_years": 56, "deficit_years": 56, "unsigned_years": 3}
    assert sentence("first_deficit_since", [thin]) == (
        "South Korea had a deficit with China in every year with usable figures (1965–2023), so none of its deficits "
        "followed a surplus. In 3 other years the figures are too incomplete to show who had the surplus."
    )
    one = {**thin, "first_year": 2023, "signed_years": 1, "deficit_years": 1}
    assert "a deficit with China in 2023, the only year with usable figures. In 3 other" in sentence(
        "first_deficit_since", [one]
    )
    # Surpluses first, three years without a sign, then deficits: the run that they ended is not known.
    mixed = {**thin, "deficit_years": 2}
    assert sentence("first_deficit_since", [mixed]) == (
        "None of South Korea's deficits with China in 1965–2023 is known to have come right after a year of surplus. "
        "In 2023, the last year with usable figures, South Korea had a deficit. In 3 other years the figures are too "
        "incomplete to show who had the surplus."
    )
    turned = {**row, "deficit_years": 11, "uncertain_flip_year": 2014}
    assert sentence("first_deficit_since", [turned]) == (
        "Not known: South Korea's balance with China turns from a surplus to a deficit in 2014, but the figures for "
        "that year and the year before come from different publishers, and no publisher with figures for both years "
        "shows the turn. In 2023, the last year with figures, South Korea had a deficit."
    )
    never = {**row, "deficit_years": 0, "last_sign": "surplus"}
    assert sentence("first_deficit_since", [never]) == (
        "South Korea had no deficit with China in any year with figures (1965–2023)."
    )
    ended = {**never, "deficit_years": 3}
    assert "deficits with China in 1965–2023 came right after a year of surplus." in sentence(
        "first_deficit_since", [ended]
    )
    found = {"deficit_year": 1994, "first_deficit_since": 1992, "surplus_years_between": 1, "balance_usd": -1e9}
    assert sentence("first_deficit_since", [{**row, **found}]).endswith(
        "was the first since 1992, after a single year of surplus."
    )
    # A deficit that is over is not told as if it were the last year's.
    over = {**row, **found, "last_sign": "surplus"}
    assert sentence("first_deficit_since", [over]).endswith(
        "was the first since 1992, after a single year of surplus. In 2023, the last year with figures, South Korea "
        "had a surplus."
    )
    balanced = {**over, "first_deficit_since": None, "last_sign": "balanced"}
    assert sentence("first_deficit_since", [balanced]).endswith(
        "was the first on record. The record begins in 1965 and may have gaps. In 2023, the last year with figures, "
        "South Korea had balanced trade."
    )
    # Of years between, whose sign nobody knows, one may have been a deficit.
    earlier = {**balanced, "last_sign": "deficit", "earlier_deficit_year": 1974}
    assert "was the first known since 1974. It is unknown who had" in sentence("first_deficit_since", [earlier])


def to_date(year: int, **other: object) -> dict[str, Any]:
    row = row_of(f"""
        is_answered=true year={year} to_month=7 balance_to_date_usd=18.85e9 prior_year_balance_to_date_usd=-8.28e9
        is_deficit=false is_larger_deficit=false printed_balance_usd=- observation_status=A
        vintages=kosis/goods_monthly@2026-08-22 prior_year_observation_status=A
        prior_year_vintages="bok/goods_monthly@2025-07-31, kosis/goods_monthly@2026-08-20"
    """)
    return {**row, **other}


def test_a_sum_of_the_year_before_that_is_provisional_is_called_so() -> None:
    assert "provisional" not in sentence("deficit_to_date", [to_date(2026)])
    text = sentence("deficit_to_date", [to_date(2026, prior_year_observation_status="P")])
    assert text.endswith(
        " South Korea's figures for 2025 are provisional (Bank of Korea, as published by 31 July 2025, and Korean "
        "Statistical Information Service, as published by 20 August 2026)."
    )
    assert "South Korea's figures for 2026 are provisional" in sentence(
        "deficit_to_date", [to_date(2026, observation_status="P")]
    )
    both = to_date(2026, observation_status="P", prior_year_observation_status="P")
    told = " by 22 August 2026), and so are those for 2025 (Bank of Korea, as published by 31 July"
    assert told in sentence("deficit_to_date", [both])
    one_reading = {**both, "prior_year_vintages": both["vintages"]}
    assert sentence("deficit_to_date", [one_reading]).endswith(
        "of 2025. South Korea's figures for 2025 and 2026 are provisional (Korean Statistical Information Service, as "
        "published by 22 August 2026)."
    )


def test_a_year_that_is_too_thin_is_said_before_the_last_that_is_not() -> None:
    thin = to_date(2026, is_answered=False, is_deficit=None, is_larger_deficit=None)
    text = sentence("deficit_to_date", [thin, to_date(2025)])
    assert text == (
        "From January to July 2025, the last months that can be compared, South Korea had a surplus of US$18.85bn "
        "with China, after a deficit of US$8.28bn in the same months of 2024. For 2026 no comparison with the year "
        "before is possible, because the figures are too incomplete."
    )
    larger = to_date(2025, balance_to_date_usd=-9e9, is_larger_deficit=True, partner_balance_to_date_usd=1e9)
    said = sentence("deficit_to_date", [larger])
    assert said.startswith(
        "Yes: from January to July 2025, the last months that can be compared, South Korea had a defi"
    )
    assert said.endswith(
        "of 2024. China's figures for January to July 2025 show a surplus of US$1.00bn for South Korea."
    )


def test_a_run_of_deficits_does_not_go_on_over_a_year_without_a_sign() -> None:
    year = row_of("""
        is_answered=true year=2024 state=deficit balance_usd=-256e6 deficit_number=- is_third_in_a_row=-
        deficits_since_year=2023 observation_status=A vintages=""
    """)
    thin = {**year, "is_answered": False, "year": 2022, "state": "too_thin"}
    assert sentence("third_deficit_in_a_row", [year, {**year, "year": 2023}, thin]) == (
        "Not known: South Korea had a deficit of US$256.00m with China in 2024, the last whole year with figures, "
        "but there are no usable figures on its balance for 2022."
    )
    long = {**year, "is_third_in_a_row": True, "deficit_streak_years": 14, "deficits_since_year": 2011}
    assert sentence("third_deficit_in_a_row", [long]) == (
        "The run is longer than three years: South Korea had a deficit with China in each of the 14 years from 2011 "
        "to 2024. There are no usable figures for 2010, so the run may have begun earlier."
    )
    assert sentence("third_deficit_in_a_row", [{**year, "state": "surplus", "balance_usd": 1e9}]) == (
        "No: South Korea had a surplus of US$1.00bn with China in 2024, the last whole year with figures."
    )
    first = {**year, "is_third_in_a_row": False, "deficit_number": 1}
    assert sentence("third_deficit_in_a_row", [first]) == (
        "Not yet: South Korea's deficit with China in 2024, the last whole year with figures, followed a year without "
        "a deficit."
    )
    known = {**long, "deficit_number": 14}
    assert sentence("third_deficit_in_a_row", [known]) == (
        "The run is longer than three years: South Korea's deficit with China in 2024, US$256.00m, was its 14th "
        "annual deficit in a row."
    )
    assert sentence("third_deficit_in_a_row", [{**thin, "year": 2025}, year]).startswith(
        "Not known: South Korea had a deficit of US$256.00m with China in 2024, the last whole year with usable "
        "figures,"
    )
    assert " It is unknown who had the surplus in 2025, because the figures are too incomplete to tell." in sentence(
        "third_deficit_in_a_row", [{**thin, "year": 2025}, year]
    )


WHOSE = "South Korea's and China's"


def both_sides(year: int, *, agree: bool = True, gap: float = 1e9) -> dict[str, Any]:
    return row_of(f"""
        is_answered=true year={year} basis=held signs_agree={agree} gap_usd={gap} observation_status=A
    """)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [
                both_sides(2025, agree=False, gap=-53.88e9),
                both_sides(2024, agree=False),
                *map(both_sides, range(2015, 2023)),
            ],
            (
                f"Of the 10 years with figures from both (2015–2022, 2024 and 2025), {WHOSE} statistics disagree on "
                "who had the surplus in 2024 and 2025, and agree in the other 8. The balances that they show differ "
                "most in 2025, by US$53.88bn."
            ),
        ),
        (
            [both_sides(2020), both_sides(2019)],
            (
                f"{WHOSE} statistics agree on who had the surplus in all 2 years with figures from both (2019 and "
                "2020). The balances that they show differ most in 2020, by US$1.00bn."
            ),
        ),
        (
            [both_sides(2020), both_sides(2019, agree=False)],
            (
                f"Of the 2 years with figures from both (2019 and 2020), {WHOSE} statistics disagree on who had the "
                "surplus in 2019, and agree in the other one. The balances that they show differ most in 2020, by "
                "US$1.00bn."
            ),
        ),
        (
            [both_sides(2024, agree=False)],
            (
                f"In 2024 {WHOSE} statistics disagree on who had the surplus, and the balances that they show are "
                "US$1.00bn apart."
            ),
        ),
        (
            [
                both_sides(2024, agree=False),
                {
                    "is_answered": False,
                    "year": 2023,
                    "missing_code": "not_held",
                    "missing_series": ["goods/A/CHN/import/KOR/TOTAL"],
                },
                {
                    "is_answered": False,
                    "year": 2022,
                    "missing_code": "too_thin",
                    "missing_series": [f"goods/A/{pair}/TOTAL" for pair in ("KOR/export/CHN", "CHN/export/KOR")],
                },
            ],
            (
                f"In 2024, the only year with figures from both, {WHOSE} statistics disagree on who had the surplus, "
                "and the balances that they show are US$1.00bn apart. China's figures on trade with South "
                f"Korea for 2023 are not available. {WHOSE} figures on their trade with each other for 2022 are "
                "too incomplete to show who had the surplus."
            ),
        ),
    ],
)
def test_years_whose_signs_differ_are_told_from_those_that_agree(rows: list[dict[str, Any]], said: str) -> None:
    assert sentence("partner_statistics", rows) == said


def test_services_are_the_subject_where_one_flow_is_all_that_is_held() -> None:
    row = row_of("""
        is_answered=true year=2019 value_basis=reported share_pct=- exports_share_pct=- imports_share_pct=88.2
        source=wto vintage=2021
    """)
    alone = (
        "According to South Korea's own figures, services made up 88.2% of South Korea's imports from China in 2019. "
        "Figures on South Korea's exports of services to China in 2019 are not available."
    )
    assert sentence("services_share", [row]) == alone
    both = {**row, "year": 2018, "share_pct": 25.51, "exports_share_pct": 25.0, "imports_share_pct": 26.0}
    text = sentence("services_share", [row, both, {**both, "year": 2017, "share_pct": 25.53}])
    assert text.startswith(
        "According to South Korea's own figures, services made up 25.51% of its trade with China in 2018 (25.0% of "
        "exports and 26.0% of imports), down from 25.53% in 2017. They made up 88.2% of South Korea's imports from "
        "China in 2019. Figures on"
    )


def test_editions_of_estimates_are_not_joined() -> None:
    row = row_of("""
        is_answered=true year=2024 value_basis=balanced share_pct=- exports_share_pct=12.8 imports_share_pct=-
        source=oecd_wto vintage=2025-12
    """)
    both = {**row, "vintage": "in use in September 2022", "share_pct": 11.8, "imports_share_pct": 10.0}
    estimated = [{**both, "year": 2019}, {**both, "year": 2018, "share_pct": 11.1}]
    text = sentence("services_share", [row, *estimated])
    edition = "According to the September 2022 edition of the OECD–WTO estimates of services, which "
    assert text.startswith(f"{edition}reconcile both ")
    assert (
        " imports), up from 11.1% in 2018. According to the December 2025 edition of these estimates, services made up "
        "12.8%" in text
    )
    assert " in 2024. This share cannot be compared with those of 2019. Figures on" in text
    text = sentence("services_share", [{**both, "year": 2020, "value_basis": "reported"}, *estimated])
    assert text.startswith("According to South Korea's own figures, services made up 11.8%")
    assert text.endswith(
        f"{edition}differ from South Korea's own figures, the share of services in South Korea's trade with China rose "
        "from 11.1% in 2018 to 11.8% in 2019."
    )


def estimate(value: float | None, *, beyond: bool = False, power: float = 90.0) -> dict[str, Any]:
    return row_of(f"""
        is_answered={value is not None} agreement=Agreement in_force_on=2015-12-20 estimate_pct={value}
        is_beyond_zero={beyond} power_of_20_pct={power} ci_low_pct=-15.0 ci_high_pct=16.6
        whose_statistics=CHN flow=import frequency=M
    """)


def test_one_estimate_is_no_range() -> None:
    assert sentence("growth_after_agreement", [estimate(-19.4)]) == (
        "By the one estimate, in the year after the Agreement came into force on 20 December 2015, China's monthly "
        "imports from South Korea were 19.4% lower than trade with comparable partners would suggest. Had they "
        "been 25% above the level that trade with comparable partners would suggest, the chance of finding a "
        "significant rise would have been 90.0%. This estimate does not prove that the agreement changed trade, or "
        "that it did not."
    )
    grown = sentence("growth_after_agreement", [estimate(19.4, beyond=True)])
    assert "were 19.4% higher than trade with comparable partners would suggest, a statistically significant " in grown
    assert "the chance of" not in grown
    few = sentence("growth_after_agreement", [estimate(19.4, power=17.4)])
    assert "would suggest, but this difference is not statistically significant. Had" in few
    assert "would have been 17.4%, so this result says little." in few
    found = sentence("growth_after_agreement", [estimate(1.0, power=17.4), estimate(2.0, power=60.0)])
    assert (
        "Not one of the 2 estimates used shows that trade in goods between South Korea and China grew significantly "
        "more than trade with comparable partners in the year after" in found
    )
    assert (
        "range from 1.0% above to 2.0% above the level that trade with comparable partners would suggest, and their "
        "confidence intervals from 15.0% below to 16.6% above it." in found
    )
    assert "have been 17.4% to 60.0%, depending on the estimate, so this result says little." in found
    found = sentence("growth_after_agreement", [estimate(1.0), estimate(None)])
    assert " No estimate was possible from 1 other set of figures on trade between the two economies." in found
    unstable: dict[str, Any] = {"status": "unstable", "whose_statistics": "CHN", "flow": "import", "frequency": "M"}
    unstable["reason"] = (
        "The estimate depends on TWN, one of the 9 economies in the comparison: -6.4% with it, but -7.7% without it "
        "(significant)."
    )
    overlapped = {**estimate(None), "status": "overlaps"}
    found = sentence("growth_after_agreement", [estimate(1.0), {**estimate(None), **unstable}, overlapped])
    assert (
        " An estimate for China's monthly imports from South Korea is not used, because it depends on Taiwan, "
        "one of the 9 economies in the comparison: with Taiwan it is a fall of 6.4% that is not significant, but "
        "without Taiwan a significant fall of 7.7%. No estimate was made from 1 other set of figures on trade between "
        "the two economies, because another" in found
    )
    for found, but in (
        ("+6.4% with it, but +1.7% without it (not significant)", "a significant rise of 6.4%, but"),
        ("+0.5% with it, but -0.7% without it (the opposite sign)", "a rise of 0.5%, but"),
    ):
        unstable["reason"] = f"The estimate depends on TWN, one of the 9 economies in the comparison: {found}."
        text = sentence("growth_after_agreement", [estimate(1.0), {**estimate(None), **unstable}])
        assert f"with Taiwan it is {but} without Taiwan a " in text
        assert text.count("that is not significant") == found.count("not significant")
    assert "more series" not in found


def revision(value: float, share: float, months: int) -> dict[str, Any]:
    return {
        "is_answered": True,
        "subject": "exports",
        "from_month": date(2025, 8, 1),
        "to_month": date(2025, 7 + months, 1) if months < 6 else date(2026, 7, 1),
        "month_count": months,
        "revised_month_count": 1,
        "revision_usd": value,
        "revision_pct": share,
        "claim_count": 0,
    }


def test_a_small_revision_is_not_nothing() -> None:
    assert sentence("last_revisions", [revision(-8.98e6, -0.0008, 12)]).startswith(
        "For August 2025 to July 2026, the latest releases lowered the figures for South Korea's exports to China by "
        "US$8.98m in total (less than 0.01%). Of the 12 months, 1 was revised. No claims"
    )
    assert sentence("last_revisions", [revision(8.98e9, 5.0, 1)]).startswith(
        "For August 2025, the latest releases raised the figures for South Korea's exports to China by US$8.98bn "
        "(5.00%). No claims"
    )
    exports, imports = revision(-8e6, -0.01, 12), {**revision(-1e6, -0.02, 12), "subject": "imports"}
    both = sentence("last_revisions", [exports, imports])
    assert "(0.01%) and those for its imports by US$1.00m (0.02%). Of the 12 months, 1 was revised for exports" in both
    still = {**imports, "revised_month_count": 0, "revision_usd": 0, "revision_pct": 0}
    assert " and did not revise those for its imports. " in sentence("last_revisions", [exports, still])
    later = sentence("last_revisions", [exports, {**imports, "to_month": date(2026, 6, 1)}])
    assert "For August 2025 to June 2026, the latest releases lowered the figures for South Korea's imports" in later


def test_publishers_have_names_and_what_is_printed_no_more_digits_than_there_were() -> None:
    assert [name_publisher(source) for source in ("imf", "kcs", "gacc", "wits")] == [
        "International Monetary Fund",
        "Korea Customs Service",
        "General Administration of Customs of China",
        "World Integrated Trade Solution",
    ]
    assert [format_printed_usd(value) for value in (63.6e9, -12.7e9, 3e9, 5.25e9, 9500)] == [
        "US$63.6bn",
        "−US$12.7bn",
        "US$3bn",
        "US$5.25bn",
        "US$9,500",
    ]


def test_a_name_takes_its_article_and_a_sentence_begins_with_a_capital() -> None:
    names = ["United States", "Netherlands", "Dominican Republic", "Solomon Islands", "South Korea", "Puerto Rico"]
    assert [add_article(name) for name in names] == [
        "the United States",
        "the Netherlands",
        "the Dominican Republic",
        "the Solomon Islands",
        "South Korea",
        "Puerto Rico",
    ]
    assert [add_article(name) for name in ("European Union", "Euro area")] == ["the European Union", "the Euro area"]
    assert [make_possessive(name) for name in ("China", "the United States")] == ["China's", "the United States'"]
    row = row_of("""
        is_answered=true deficit_year=1994 first_deficit_since=- first_year=1965 unsigned_years=0
        uncertain_flip_year=- last_year=2023 last_sign=deficit
    """)
    said = sentence("first_deficit_since", [row], "USA", "NLD")
    assert said.startswith("The United States' deficit with the Netherlands in 1994 was the first")


LAST_MONTH = (
    "to_month=2023-02-01 exports_usd=2e9 imports_usd=1e9 balance_usd=1e9 before_month=2023-01-01 "
    "before_balance_usd=- has_sign=true is_comparable=true rate_date=- is_answered=true"
)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (
            f"part=month {LAST_MONTH}",
            (
                "China exported goods worth US$2.00bn to South Korea in February 2023 and imported US$1.00bn, a "
                "surplus of US$1.00bn."
            ),
        ),
        (
            # China prints January and February as one, so the two are not compared.
            f"part=month {LAST_MONTH} before_balance_usd=5e8 is_comparable=false",
            (
                "China exported goods worth US$2.00bn to South Korea in February 2023 and imported US$1.00bn, a "
                "surplus of US$1.00bn."
            ),
        ),
        (
            f"part=month {LAST_MONTH} imports_usd=- balance_usd=-",
            (
                "China exported goods worth US$2.00bn to South Korea in February 2023, and its imports of that month "
                "are not available."
            ),
        ),
        (
            f"part=month {LAST_MONTH} exports_usd=- balance_usd=-",
            (
                "China imported goods worth US$1.00bn from South Korea in February 2023, and its exports of that month "
                "are not available."
            ),
        ),
        (
            f"part=year_before {LAST_MONTH} is_comparable=false",
            (
                "February 2023 cannot be compared with the year before, because China releases January and February "
                "together."
            ),
        ),
        (
            f"part=year_before {LAST_MONTH} is_answered=false",
            (
                "February 2023 is not compared with the year before, because the figures for February 2022 are not "
                "available."
            ),
        ),
        (
            f"part=partner {LAST_MONTH} has_sign=false",
            (
                "By South Korea's figures China exported goods worth US$2.00bn to South Korea in February 2023 and "
                "imported US$1.00bn."
            ),
        ),
        (
            f"part=month {LAST_MONTH} has_sign=false rate_date=2023-02-15",
            (
                "China exported goods worth US$2.00bn to South Korea in February 2023 and imported US$1.00bn "
                "(converted into US$ at the monthly rates set by customs), but the figures are too incomplete to show "
                "who had the surplus."
            ),
        ),
        (
            (
                f"part=revisions {LAST_MONTH} from_month=2023-01-01 before_exports_usd=1e9 before_imports_usd=5e8 "
                "month_count=1 known_from=2023-04-20"
            ),
            (
                "China's release of 20 April 2023 revised its figures for 1 of the 2 months from January to February "
                "2023: it raised exports by US$1.00bn in total and imports by US$500.00m."
            ),
        ),
        (
            (
                f"part=forecast from_month=2023-01-01 {LAST_MONTH} low_usd=-1e9 high_usd=3e9 "
                "hit_count=11 interval_count=15"
            ),
            (
                "Based on the figures for January to February, China is forecast to have a surplus of US$1.00bn in "
                "2023 (80% interval: a deficit of US$1.00bn to a surplus of US$3.00bn). In 11 of the 15 earlier "
                "years tested, the outcome fell within the 80% interval."
            ),
        ),
    ],
)
def test_a_last_month_that_lacks_something_is_told_as_it_is(row: str, says: str) -> None:
    assert sentence("last_month", [row_of(row)], "CHN", "KOR") == says


def test_sources_are_cited_as_newspapers_print_them() -> None:
    assert wording.cite_publishers(["Korea Customs Service"] * 2) == "Source: Korea Customs Service"
    assert wording.cite_publishers(["US Census Bureau", "UN Comtrade"]) == "Sources: US Census Bureau; UN Comtrade"
    assert wording.cite_publishers([]) == ""
    # Comtrade is known by its own name, and what the statistical office passes on by that of customs.
    assert wording.name_original("comtrade", "United Nations Statistics Division") == "UN Comtrade"
    assert wording.name_original("kosis", "Korea Customs Service") == "Korea Customs Service"


def test_headings_are_words_with_their_unit_and_no_two_are_alike() -> None:
    assert wording.write_heading("balance_to_date_usd", "US$") == "Balance to date (US$)"
    assert wording.write_heading("exports_per_day_yoy_pct", "percent") == "Exports per day over the year before (%)"
    assert wording.write_heading("is_larger_deficit", "true/false") == "Larger deficit"
    for question in QUESTIONS.values():
        headings = [wording.write_heading(column.name, column.unit) for column in question.columns]
        assert len({*headings, "Citation", "Note"}) == len(headings) + 2, question.name
