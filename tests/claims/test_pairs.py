"""Whose trade with whom a clause is about follows from the words around each economy."""

from __future__ import annotations

import pytest

from dagster_project.claims.clause import Context, Pair
from dagster_project.claims.pairs import find_pair, find_pair_of_number
from tests.claims.making_clauses import find_word, make_clause

KOREA_AND_CHINA = Pair("KOR", "CHN", is_said=True)


@pytest.mark.parametrize(
    ("text", "metric", "pair"),
    [
        ("South Korea's exports to China", "exports", KOREA_AND_CHINA),
        ("한국의 대중 수출", "exports", KOREA_AND_CHINA),
        ("대중 수출", "exports", KOREA_AND_CHINA),
        ("South Korea's share of China's imports", "import_share", Pair("CHN", "KOR", is_said=True)),
        ("South Korea's exports to the world", "exports", Pair("KOR", "WLD", is_said=True)),
        # Nobody is named whose statistics they are.
        ("trade between South Korea and China", "total_trade", Pair("KOR", "CHN")),
        ("exports to China", "exports", Pair(None, "CHN")),
        ("South Korea's exports to China and Japan", "exports", Pair("KOR", "CHN")),
    ],
)
def test_a_clause_names_a_pair(text: str, metric: str, pair: Pair) -> None:
    found = find_pair(make_clause(text), None, metric)
    assert (found.reporter, found.is_said) == (pair.reporter, pair.is_said)
    assert found.partner == pair.partner or not pair.is_said


def test_a_clause_without_a_pair_refers_to_that_of_the_text() -> None:
    text = "exports to the neighbour rose 5 percent"
    for context, reporter, doubts in (
        (Context(), None, ["no pair is named"]),
        (Context(last_pair=KOREA_AND_CHINA), "KOR", ["the pair is not said here"]),
    ):
        clause = make_clause(text, context)
        assert find_pair_of_number(clause, find_word(clause, "5 percent"), "exports").reporter == reporter
        assert clause.doubts == doubts
