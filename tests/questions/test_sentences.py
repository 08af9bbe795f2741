"""A sentence says what its rows say, and of a bound that it is one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dagster_project.questions.sentences import Asked, balance, percent, sentence, usd

ASKED = Asked({"reporter": "KOR", "partner": "CHN"}, {"KOR": "South Korea", "CHN": "China", "TWN": "Taiwan"})


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (18_039_656_000, "US$18.04bn"),
        (-6_971_997_524, "−US$6.97bn"),
        (604_047_000, "US$604.05m"),
        (0, "US$0"),
    ],
)
def test_an_amount_is_said_in_billions_or_millions(value: float, said: str) -> None:
    assert usd(value) == said


def test_a_balance_says_its_sign_in_a_word() -> None:
    assert balance(-6_971_997_524) == "a deficit of US$6.97bn"
    assert balance(1_213_075_000) == "a surplus of US$1.21bn"
    assert percent(-1.25) == "−1.2%"


def test_without_an_answer_the_sentence_is_what_is_missing() -> None:
    rows = [{"is_answered": False, "missing": "Not held: it. `bilateral refresh imf` (no key)."}]
    assert sentence(5, rows, ASKED) == f"Not to be said from what is held. {rows[0]['missing']}"


@pytest.mark.parametrize(
    ("demand", "share", "said"),
    [
        (-3, -2, "Both, and more weaker demand:"),
        (-2, -3, "Both, and more a lost share:"),
        (-2, 3, "Weaker demand, and no lost share:"),
        (2, -3, "A lost share, and no weaker demand:"),
        (2, 3, "Neither weaker demand nor a lost share:"),
    ],
)
def test_demand_and_share_are_told_apart(demand: float, share: float, said: str) -> None:
    row = {
        "is_answered": True,
        "from_year": 2017,
        "to_year": 2022,
        "change_usd": (demand + share) * 1e9,
        "demand_effect_usd": demand * 1e9,
        "share_effect_usd": share * 1e9,
        "from_share_pct": 10.45,
        "to_share_pct": 7.73,
        "source": "imf",
        "world_source": "worldbank",
    }
    text = sentence(8, [row], ASKED)
    assert text.startswith(said)
    assert f"imports from South Korea {'rose' if demand + share > 0 else 'fell'}" in text
    assert "different publishers" not in text
    assert sentence(8, [{**row, "source": None}], ASKED).endswith("the two years are of different publishers.")


def test_a_rank_is_said_only_of_the_years_that_have_one() -> None:
    years: list[dict[str, Any]] = [
        {"year": 2023, "share_pct": 6.3, "partner_rank": None, "partner_count": 1, "rivals": None},
        {"year": 2022, "share_pct": 7.4, "partner_rank": 2, "partner_count": 204, "rivals": "TWN 8.9%"},
        {"year": 2013, "share_pct": 9.4, "partner_rank": 1, "partner_count": 196, "rivals": "JPN 8.3%"},
    ]
    rows = [{"source": "imf", "world_source": "worldbank", **row, "is_answered": True} for row in years]
    assert "9.4% (first) in 2013 by other publishers' figures;" in sentence(
        19, [{**rows[0], "source": "gacc"}, *rows[1:]], ASKED
    )
    assert sentence(19, rows, ASKED) == (
        "South Korea had 6.3% of all that China imported in 2023, and 9.4% (first) in 2013; it was first in 1 of the 2 "
        "years that can be ranked. Its rivals in 2022: Taiwan 8.9%."
    )
    assert sentence(19, rows[:1], ASKED) == (
        "South Korea had 6.3% of all that China imported in 2023; too few of its rivals are held to rank it."
    )


def without(value: float, *, bound: bool) -> dict[str, Any]:
    return {
        "is_answered": True,
        "year": 2024,
        "month_count": 12,
        "product": "Electronic integrated circuits",
        "product_code": "8542",
        "balance_usd": 5e9,
        "balance_without_usd": value,
        "is_bound": bound,
        "sign_changes": None if bound else value < 0,
    }


def test_a_bound_of_the_balance_is_called_one() -> None:
    assert "a deficit of US$2.00bn at most" in sentence(10, [without(-2e9, bound=True)], ASKED)
    assert "a surplus of US$2.00bn at least" in sentence(10, [without(2e9, bound=True)], ASKED)
    exact = sentence(10, [without(-2e9, bound=False)], ASKED)
    assert "at most" not in exact
    assert exact.endswith("the sign turns in 2024.")


def test_a_rush_before_a_measure_is_told_and_a_later_peak_is_not() -> None:
    row = {
        "is_answered": True,
        "frequency": "M",
        "product": "Graphite; natural, in powder or in flakes",
        "product_code": "250410",
        "whose_statistics": "CHN",
        "flow": "export",
        "announced_on": date(2023, 10, 20),
        "implemented_on": date(2023, 12, 1),
        "to_period": date(2023, 12, 1),
        "period_count": 12,
        "from_usd": 10e6,
        "change_pct": -61.0,
        "peak_period": date(2023, 11, 1),
        "peak_usd": 23e6,
    }
    text = sentence(11, [row], ASKED)
    assert (
        "China's exports of graphite, natural, in powder or in flakes (HS 250410) to South Korea were 61.0% lower"
        in text
    )
    assert "after a peak of 2.3 times that year's mean in November 2023" in text
    assert "peak" not in sentence(11, [{**row, "peak_period": date(2024, 3, 1)}], ASKED)


def test_fewer_products_and_less_of_each_are_words_for_a_fall_alone() -> None:
    row = {
        "is_answered": True,
        "flow": "export",
        "whose_statistics": "KOR",
        "from_year": 2023,
        "to_year": 2024,
        "level": 6,
        "change_usd": -5e9,
        "continued_usd": -4e9,
        "entered_usd": 0.0,
        "left_usd": -1e9,
        "entered_count": 0,
        "left_count": 3,
        "larger_margin": "intensive",
    }
    text = sentence(7, [row], ASKED)
    assert text.startswith("Less of each: South Korea's exports to China fell by US$5.00bn")
    assert "none that entered and 3 that left" in text
    assert "hardly ever" not in text
    assert sentence(7, [{**row, "larger_margin": "extensive"}], ASKED).startswith("Fewer products:")
    assert sentence(7, [{**row, "change_usd": 5e9}], ASKED).startswith("More of each:")
    partners = sentence(7, [{**row, "whose_statistics": "CHN", "level": 2}], ASKED)
    assert "in China's statistics" in partners
    assert "hardly ever come or go" in partners
