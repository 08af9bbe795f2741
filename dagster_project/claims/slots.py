"""The slots of a claim: what a number or a word says, with whose trade it is, and when.

Here: adding a claim to its clause, or why there is none. Not here: what says it (`amounts`, `wording`).
"""

from __future__ import annotations

import re

from dagster_project.claims.clause import Clause
from dagster_project.claims.pairs import pair_of_number
from dagster_project.claims.spans import Span
from dagster_project.metrics import catalogue

LEVELS = {"exports", "imports", "total_trade", "balance"}
PART_OF_A_MONTH = "is a part of a month, and no such figures are held"


def write_span(span: Span) -> str:
    """Write a period as a line has it."""
    return str(span).replace(" to ", "..")


def add_claim(
    clause: Clause,
    at: int,
    metric: str,
    says: str,
    comparator: str = "equals",
    *,
    base: bool = False,
    both: bool = False,
) -> None:
    """Add a claim to a clause, with the doubts about it.

    Args:
        clause: The clause.
        at: Where its number stands.
        metric: The metric.
        says: The value.
        comparator: How it compares.
        base: Whether it is of what the number is compared with.
        both: Whether the period before is the other one of two.
    """
    if not metric:
        clause.refuse(at, "what it counts is not said")
        return
    pair = pair_of_number(clause, at, metric)
    clause.doubt("the statistics that are named are another's", when=clause.sentence.source not in {"", pair.reporter})
    span, part = clause.base_period(at) if base else clause.when(at)
    doubts, clause.doubts = clause.doubts, []
    known = catalogue.find_metric(metric)
    if pair.reporter is None or (pair.partner is None and known is not None and known.has_partner):
        clause.refuse(at, f"{doubts[0] if doubts else 'no pair is named'}, so no figure stands beside it")
    elif span is None:
        clause.refuse(at, "no period is named")
    elif part is not None and not part.is_held:
        clause.refuse(at, f"{part.text!r} {PART_OF_A_MONTH}")
    else:
        if base:
            clause.bases.append(span)
            clause.take(*(n for n in [clause.near(at, -1, "base", over=5)] if n is not None))
        period = write_span(span.before) + "->" + write_span(span) if both else _period(clause, at, span, says)
        slots = {"metric": metric, "reporter": pair.reporter, "partner": pair.partner or "", "period": period,
                 "comparator": comparator, "says": says}  # fmt: skip
        clause.take(at)
        clause.found.append((at, {name: value for name, value in slots.items() if value}, doubts))
        clause.sentence.context.metric = metric if metric in LEVELS else clause.sentence.context.metric


def _period(clause: Clause, at: int, span: Span, says: str) -> str:
    """Write the period of a claim, with the one that it is compared with if that is not the year before."""
    has_moved = clause.parts[at].kind == "times" or re.search(r"\b(?:fell|rose) ", says) is not None
    versus = [n for n in clause.of("period") if has_moved and clause.sense(n + 1, "versus")]
    clause.take(*versus, *(n + 1 for n in versus))
    earlier = clause.parts[versus[0]].span if versus else None
    if clause.parts[at].kind == "times" and clause.bases:
        earlier = clause.bases[-1]
    if earlier is not None and earlier != span.before:
        return f"{write_span(earlier)}->{write_span(span)}"
    if has_moved and not versus and span.frequency == "A" and span.count > 1:
        # Fell from 2018 to 2023.
        return f"{span.start.year}->{span.end.year}"
    return write_span(span)
