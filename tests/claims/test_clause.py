"""The words around a number give its metric and period; numbers and words make claims, or a reason against one."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.claims.clause import Clause, Context, Pair, Sentence
from dagster_project.claims.lexicon import detect_language, load_lexicon
from dagster_project.claims.notation import make_months, make_years
from dagster_project.claims.number_claims import read_number, write_spans
from dagster_project.claims.pairs import find_pair, find_pair_of_number
from dagster_project.claims.periods import spot_periods
from dagster_project.claims.tokens import NUMBERS
from dagster_project.claims.word_claims import read_words

KOREA_AND_CHINA = Pair("KOR", "CHN", is_certain=True)
KOREA = "South Korea's exports to China"
TRADE = "South Korea's trade with China"


def make_clause(text: str, context: Context | None = None) -> Clause:
    """Make a clause from the text of one, as the reader does."""
    language, tokens = load_lexicon(detect_language(text)), spot_periods(text, date(2025, 3, 1))
    sentence = Sentence(tokens, context or Context(), language.implied, language.has_particles)
    sentence.clauses = [Clause(sentence, list(tokens))]
    return sentence.clauses[0]


def find_word(clause: Clause, text: str) -> int:
    """Find the index of the token with a text."""
    return next(i for i, token in enumerate(clause.tokens) if token.text == text)


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


@pytest.mark.parametrize(
    ("text", "metric", "pair"),
    [
        ("South Korea's exports to China", "exports", KOREA_AND_CHINA),
        ("한국의 대중 수출", "exports", KOREA_AND_CHINA),
        ("대중 수출", "exports", KOREA_AND_CHINA),
        ("South Korea's share of China's imports", "import_share", Pair("CHN", "KOR", is_certain=True)),
        ("South Korea's exports to the world", "exports", Pair("KOR", "WLD", is_certain=True)),
        # Nobody is named whose statistics they are.
        ("trade between South Korea and China", "total_trade", Pair("KOR", "CHN")),
        ("exports to China", "exports", Pair(None, "CHN")),
        ("South Korea's exports to China and Japan", "exports", Pair("KOR", "CHN")),
    ],
)
def test_a_clause_names_a_pair(text: str, metric: str, pair: Pair) -> None:
    found = find_pair(make_clause(text), None, metric)
    assert (found.reporter, found.is_certain) == (pair.reporter, pair.is_certain)
    assert found.partner == pair.partner or not pair.is_certain


def test_a_clause_without_a_pair_refers_to_that_of_the_text() -> None:
    text = "exports to the neighbour rose 5 percent"
    for context, reporter, doubts in (
        (Context(), None, ["no pair is named"]),
        (Context(last_pair=KOREA_AND_CHINA), "KOR", ["the pair is not named here"]),
    ):
        clause = make_clause(text, context)
        assert find_pair_of_number(clause, find_word(clause, "5 percent"), "exports").reporter == reporter
        assert clause.doubts == doubts


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
        (f"{KOREA} were 120 billion euros in 2023", "no exchange rate is available to convert 120 billion euros"),
        (f"{KOREA} were $120 billion", "no period is named"),
        ("exports were $120 billion in 2023", "no pair is named"),
        (f"{KOREA} were $4 billion in the first ten days of March 2024", "there are no figures for parts of months"),
        (f"{KOREA} were 5 percent in 2023", "the text does not say what the percentage is of"),
    ],
)
def test_a_number_without_a_claim_has_a_reason(text: str, why: str) -> None:
    clause = make_clause(text)
    read_number(clause, clause.find_tokens("money", "percent")[0])
    assert clause.claims == []
    assert why in clause.refused[0][1]


def test_a_span_is_written_as_in_a_line() -> None:
    assert [write_spans(span) for span in (make_years(2023), make_months(2025, 1, 2025, 11))] == [
        "2023",
        "2025-01..2025-11",
    ]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        (f"{KOREA} were a record in 2021", ["exports record first"]),
        ("South Korea's first deficit with China since 1992 came in 2023", ["balance first_since deficit 1992"]),
        (f"{TRADE} showed a third straight annual deficit in 2025", ["balance streak 3 deficit"]),
        ("China was South Korea's largest trading partner in 2023", ["trade_rank equals 1"]),
        (
            "South Korea's trade with China turned to a deficit in 2023",
            ["balance sign_change", "balance equals deficit"],
        ),
        (f"{KOREA} fell in 2023", ["exports equals fell"]),
        ("The Korea-China free trade agreement was signed in June 2015", ["event_date equals 2015-06"]),
        (KOREA, []),
    ],
)
def test_words_make_claims(text: str, claims: list[str]) -> None:
    clause = make_clause(text)
    read_words(clause)
    found = [slots for _, slots, _ in clause.claims]
    assert [" ".join(one[name] for name in ("metric", "comparator", "says") if name in one) for one in found] == claims
