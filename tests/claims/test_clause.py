"""What belongs to a number is found around it, and what is unsure about it is noted."""

from __future__ import annotations

import pytest

from tests.claims.making_clauses import find_word, make_clause


def test_a_neighbour_is_found_past_harmless_words_only() -> None:
    clause = make_clause("exports rose by about 5 percent in 2024, to $10 billion")
    number = find_word(clause, "5 percent")
    assert clause.find_neighbour(number, -1, "move") == find_word(clause, "rose")
    assert clause.find_neighbour(number, 1, "period") == find_word(clause, "2024")
    # Not past a comma, and not past a word that says something else.
    assert clause.find_neighbour(number, 1, "money") is None
    assert clause.find_neighbour(number, -1, "metric") is None


@pytest.mark.parametrize(
    ("text", "number", "metric", "side", "doubts"),
    [
        ("exports rose 5 percent", "5 percent", "exports", "", 0),
        ("a $18 billion deficit", "$18 billion", "balance", "deficit", 0),
        ("exports and imports rose 5 percent", "5 percent", "imports", "", 1),
        ("it rose 5 percent", "5 percent", "", "", 1),
    ],
)
def test_a_number_has_a_metric(text: str, number: str, metric: str, side: str, doubts: int) -> None:
    clause = make_clause(text)
    assert clause.find_metric_and_side(find_word(clause, number)) == (metric, side)
    assert len(clause.doubts) == doubts


def test_a_number_has_a_period_and_a_base_has_its_own() -> None:
    clause = make_clause("exports fell to $3 billion in 2023 from $13 billion in 2021")
    number, base = find_word(clause, "$3 billion"), find_word(clause, "$13 billion")
    assert not clause.is_base_number(number)
    assert clause.is_base_number(base)
    assert str(clause.find_period(number)[0]) == "2023"
    assert str(clause.find_base_period(base)[0]) == "2021"
    assert not clause.doubts


@pytest.mark.parametrize(
    ("text", "number", "hedge", "movement"),
    [
        ("exports fell by more than $3 billion", "$3 billion", "more than ", "down"),
        ("exports fell to $3 billion", "$3 billion", "", ""),
        ("수출은 30억 달러 증가했다", "30억 달러", "", "up"),
    ],
)
def test_a_number_has_a_hedge_and_a_movement(text: str, number: str, hedge: str, movement: str) -> None:
    clause = make_clause(text)
    index = find_word(clause, number)
    assert clause.read_hedge(index) == hedge
    assert clause.read_movement_by(index) == movement


def test_a_doubt_is_noted_once_and_only_when_there_is_one() -> None:
    clause = make_clause("exports")
    clause.add_doubt("why")
    clause.add_doubt("why")
    clause.add_doubt("no", when=False)
    assert clause.doubts == ["why"]
