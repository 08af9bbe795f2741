"""A text is split into tokens, with each character in one token; words in no lexicon stay unread."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dagster_project.claims.tokens import tokenize_text


@pytest.mark.parametrize(
    ("text", "kind", "number", "scale", "decimals", "unit"),
    [
        ("$124.8 billion", "money", 124.8, "billion", 1, "USD"),
        ("5억3000만 달러", "money", 5.3, "hundred million", 1, "USD"),
        ("1천248억 달러", "money", 1248, "hundred million", 0, "USD"),
        ("1,300억 달러", "money", 130, "billion", 0, "USD"),
        ("1,310억 달러", "money", 1310, "hundred million", 0, "USD"),
        ("8,070,000 people", "count", 8.07, "million", 2, "persons"),
        ("19.9%", "percent", 19.9, None, 1, "%"),
        ("3 percentage points", "points", 3, None, 0, "pp"),
        ("2023", "year", 2023, None, 0, ""),
        ("31 years", "length", 31, None, 0, "years"),
    ],
)
def test_a_quantity_is_one_token(
    text: str, kind: str, number: float, scale: str | None, decimals: int, unit: str
) -> None:
    (token,) = [one for one in tokenize_text(f"수출 {text}" if "억" in text else text) if one.kind != "word"]
    assert (token.kind, token.text, token.scale, token.decimals, token.unit) == (kind, text, scale, decimals, unit)
    assert token.number == pytest.approx(number)


def test_each_character_belongs_to_one_token_at_most() -> None:
    text = "Buoyant exports to China — and, (perhaps) imports — fell 19.9% to $124.8bn in 2023?"
    tokens = tokenize_text(text)
    assert [one.text for one in tokens if one.kind == "unread"] == ["Buoyant", "perhaps"]
    assert all(one.text == text[one.start : one.end] for one in tokens)
    assert all(first.end <= second.start for first, second in pairwise(tokens))


def test_an_unknown_ending_makes_the_word_unknown() -> None:
    assert [one.kind for one in tokenize_text("수출뿐은")][-1] == "unread"


def test_a_quantity_is_written_as_values_are_parsed() -> None:
    (token,) = [one for one in tokenize_text("수출 556억 달러") if one.kind == "money"]
    assert token.printed_value == "55.6 billion dollars"
