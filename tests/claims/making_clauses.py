"""Build a clause of a text, without a warehouse."""

from __future__ import annotations

from datetime import date

from dagster_project.claims.clause import Clause, Context, Sentence
from dagster_project.claims.lexicon import detect_language, load_lexicon
from dagster_project.claims.periods import spot_periods

ON = date(2025, 3, 1)


def make_clause(text: str, context: Context | None = None) -> Clause:
    """Make the clause of a text that is one, as the reader does."""
    language, tokens = load_lexicon(detect_language(text)), spot_periods(text, ON)
    sentence = Sentence(tokens, context or Context(), language.implied, language.has_particles)
    sentence.clauses = [Clause(sentence, list(tokens))]
    return sentence.clauses[0]


def find_word(clause: Clause, text: str) -> int:
    """Find the index of the token with a text."""
    return next(i for i, token in enumerate(clause.tokens) if token.text == text)
