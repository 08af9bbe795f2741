"""The fields of a claim and of its article hold together."""

from __future__ import annotations

import pytest

from dagster_project.claims import register
from dagster_project.claims.schema import Remark
from dagster_project.errors import BilateralError
from tests.claims.test_register import EXAMPLE


@pytest.mark.parametrize(
    ("comparator", "value", "said"),
    [
        ("at_least", "much", "needs a number"),
        ("approximately", 5, "approximately needs a tolerance"),
        ("share", 5, "a share needs the unit %"),
        ("sign", "deficit", "sign needs one of positive, negative, zero"),
        ("trend", "up", "trend needs one of rising"),
        ("sign_change", 1, "sign_change needs one of True, False"),
        ("record", 0, "record needs a whole number"),
        ("count", 2.5, "count needs a whole number"),
        ("before", "never", "before needs a day"),
    ],
)
def test_each_comparator_takes_its_own_kind_of_value(comparator: str, value: object, said: str) -> None:
    text = EXAMPLE.replace("comparator: first_since", f"comparator: {comparator}\n    unit: USD")
    with pytest.raises(BilateralError, match=said):
        register.parse_article(text.replace("claimed_value: 1992", f"claimed_value: {value}"), "x")


@pytest.mark.parametrize(
    ("said", "by", "names"),
    [
        # The example's first claim says false itself; its second says true; a third one says nothing.
        ("names_reporter: KOR\n", "KOR", [False, True, True]),
        ("names_reporter: CHN\n", "KOR", [False, True, False]),
        ("names_reporter: CHN\n", "CHN", [False, True, True]),
        ("", "KOR", [False, True, False]),
    ],
)
def test_an_article_names_its_reporter_throughout(said: str, by: str, names: list[bool]) -> None:
    third = EXAMPLE[EXAMPLE.index("  - claim_id: example_first_deficit") : EXAMPLE.index("  - claim_id: example_mood")]
    third = third.replace("example_first_deficit", "third").replace("    names_reporter: true\n", "")
    text = EXAMPLE.replace("claims:\n", f"{said}claims:\n", 1) + third.replace("reporter: KOR", f"reporter: {by}")
    found = register.parse_article(text.replace("partner: CHN", "partner: JPN"), "x").claims
    assert [claim.names_reporter for claim in found if claim.claim_id != "example_mood"] == names


def test_a_remark_has_one_value_in_its_printed_form() -> None:
    remark = {"says": "There is a surplus of {}.", "evidence": "select 1", "unit": "USD", "scale": "million"}
    assert (
        Remark.model_validate({**remark, "decimals": 1}).write_sentence(13482.2e6)
        == "There is a surplus of US$13,482.2m."
    )
    assert Remark.model_validate({"says": "It is held to {}.", "evidence": "select 1"}).write_sentence(2022) == (
        "It is held to 2022."
    )
    for says in ("There is one.", "From {} to {}."):
        with pytest.raises(ValueError, match=r"needs \{\} exactly once"):
            Remark.model_validate({**remark, "says": says})
