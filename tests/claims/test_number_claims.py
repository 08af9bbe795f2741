"""A number of a clause makes a claim, or the reason is kept why it makes none."""

from __future__ import annotations

import pytest

from dagster_project.claims.notation import months, years
from dagster_project.claims.number_claims import read_number, write_spans
from dagster_project.claims.tokens import NUMBERS
from tests.claims.making_clauses import make_clause

KOREA = "South Korea's exports to China"


@pytest.mark.parametrize(
    ("text", "metric", "period", "says"),
    [
        (f"{KOREA} were more than $120 billion in 2023", "exports", "2023", "more than 120 billion dollars"),
        (f"{KOREA} fell by $31 billion in 2023", "exports", "2023", "fell by 31 billion dollars"),
        (f"{KOREA} fell 19.9 percent in 2023", "exports", "2023", "fell 19.9 percent"),
        ("China's economic growth was 5 percent in 2023", "gdp_growth", "2023", "5 percent"),
        ("China took 19.7 percent of South Korea's exports in 2023", "export_share", "2023", "19.7 percent"),
    ],
)
def test_a_number_makes_a_claim(text: str, metric: str, period: str, says: str) -> None:
    clause = make_clause(text)
    for index in clause.find_tokens(*NUMBERS):
        read_number(clause, index)
    found = [slots for _, slots, _ in clause.claims]
    assert [(one["metric"], one["period"], one["says"]) for one in found] == [(metric, period, says)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{KOREA} were 120 billion euros in 2023", "there is no exchange rate for 120 billion euros"),
        (f"{KOREA} were $120 billion", "no period is named"),
        ("exports were $120 billion in 2023", "no pair is named"),
        (f"{KOREA} were $4 billion in the first ten days of March 2024", "there are no figures for parts of months"),
        (f"{KOREA} were 5 percent in 2023", "it is not said what it is a percentage of"),
    ],
)
def test_a_number_without_a_claim_has_a_reason(text: str, why: str) -> None:
    clause = make_clause(text)
    read_number(clause, clause.find_tokens("money", "percent")[0])
    assert clause.claims == []
    assert why in clause.refused[0][1]


def test_a_span_is_written_as_in_a_line() -> None:
    assert [write_spans(span) for span in (years(2023), months(2025, 1, 2025, 11))] == ["2023", "2025-01..2025-11"]
