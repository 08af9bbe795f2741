"""Records, ranks, first times, streaks, turns and events are claims without a number."""

from __future__ import annotations

import pytest

from dagster_project.claims.word_claims import read_words
from tests.claims.making_clauses import make_clause

KOREA = "South Korea's"


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (f"{KOREA} exports to China were a record in 2021", ["exports record first"]),
        (f"{KOREA} first deficit with China since 1992 came in 2023", ["balance first_since deficit 1992"]),
        (f"{KOREA} trade with China showed a third straight annual deficit in 2025", ["balance streak 3 deficit"]),
        (f"China was {KOREA} largest trading partner in 2023", ["trade_rank equals 1"]),
        (f"{KOREA} trade with China turned to a deficit in 2023", ["balance sign_change", "balance equals deficit"]),
        (f"{KOREA} exports to China fell in 2023", ["exports equals fell"]),
        ("The Korea-China free trade agreement was signed in June 2015", ["event_date equals 2015-06"]),
        (f"{KOREA} exports to China", []),
    ],
)
def test_words_make_claims(text: str, claims: list[str]) -> None:
    clause = make_clause(text)
    read_words(clause)
    found = [slots for _, slots, _ in clause.claims]
    assert [" ".join(one[name] for name in ("metric", "comparator", "says") if name in one) for one in found] == claims
