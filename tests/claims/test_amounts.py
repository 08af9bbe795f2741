"""A claimed value and its figure are written in the claim's unit and scale."""

from __future__ import annotations

import pytest

from dagster_project.claims import amounts
from dagster_project.claims.evaluator import Evaluator
from tests.claims.making_claims import dollars, read_claim


def test_a_figure_has_a_decimal_more_than_the_claim() -> None:
    assert amounts.write_value(dollars(55.6), 55.636463e9) == "US$55.64bn"
    assert amounts.write_claimed(dollars(-18.0)) == "a deficit of US$18.0bn"
    assert amounts.write_distance(dollars(55.6), 0.04) == "US$0.04bn"
    assert amounts.write_value(dollars(55.6), True) == "yes"


@pytest.mark.parametrize(
    ("line", "observed", "said"),
    [
        ("balance KOR CHN 2023 first_in deficit 31 years", 31, "31 years since the last deficit"),
        ("deficit KOR CHN 2024->2025 grew by $4.3bn", -4.302e9, "a fall of US$4.302bn in the balance"),
        ("balance KOR CHN 2018 = $55.6bn", 55.636463e9, "a surplus of US$55.64bn"),
    ],
)
def test_a_figure_says_what_it_is(evaluator: Evaluator, line: str, observed: float, said: str) -> None:
    assert amounts.describe_figure(read_claim(evaluator, line), observed) == said


def test_a_side_is_named_only_where_the_claim_has_one(evaluator: Evaluator) -> None:
    assert amounts.name_side(read_claim(evaluator, "balance KOR CHN 2018 record surplus")) == "surplus"
    assert amounts.name_side(dollars(55.6)) == ""
