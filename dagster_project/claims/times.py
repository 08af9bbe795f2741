"""Comparisons of times: whether an event lies in, before or after a claimed time, or another event.

Here: days, months and years, each compared as precisely as it is known. Not here: numbers (`comparators`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.claims.comparison import Verdict, bare, number, sign, verified
from dagster_project.claims.evidence import Value
from dagster_project.claims.limits import EvidenceError
from dagster_project.claims.printed import Day, day, pair

if TYPE_CHECKING:
    from dagster_project.claims.form import Claim


def same(*, holds: bool, figures: str, claimed: str) -> Verdict:
    """Whether two texts, times or truths are one."""
    return verified(
        holds=holds, reason=f"The figures say {figures}.", otherwise=f"The figures say {figures}, not {claimed}."
    )


def _day(claim: Claim, observed: Value) -> Day:
    found = day(observed)
    if found is None:
        raise EvidenceError(
            f"it gives {observed!r}, and {claim.comparator} compares days.", remedy="Select a date or year."
        )
    return found


def at(claim: Claim, value: Value) -> Verdict:
    """Whether the observed time lies in the claimed one, which may be less precise.

    The period of an event says more than a month can: late October is 2025-10 from the 21st on.
    """
    observed, claimed = _day(claim, value), day(claim.claimed_value)
    if claimed is None:
        raise EvidenceError(f"it gives {observed}, and the claim is no day.", remedy="Claim a day, a month or a year.")
    first, last, named = claimed.start, claimed.end, str(claimed)
    if claim.period_type == "event_date":
        first, last = max(first, claim.period.start), min(last, claim.period.end)
    if (first, last) != (claimed.start, claimed.end):
        named = f"{first} to {last}"
    inside = first <= observed.start and observed.end <= last
    if not inside and observed.precision != "day" and observed.start <= last and first <= observed.end:
        return _vague(observed, named)
    figures = str(observed) if str(observed) == named or not inside else f"{observed}, which is in {named}"
    return same(holds=inside, figures=figures, claimed=named)


def _vague(observed: Day, claimed: str) -> Verdict:
    """What a time comes to that is known less precisely than it is claimed."""
    return Verdict(
        "not_checkable", f"The figures say {observed.within} and no more, which does not tell whether it was {claimed}."
    )


def first_since(claim: Claim, observed: Value) -> Verdict:
    """When it was last so before."""
    compared = at(claim, observed)
    found = day(observed)
    if compared.verdict == "not_checkable":
        return compared
    said = f"In the figures it is the first since {found}"
    return verified(holds=compared.supports, reason=f"{said}.", otherwise=f"{said}, not since {claim.claimed_value}.")


def order(claim: Claim, observed: Value) -> Verdict:
    """An event wholly before or after the claimed time, or a second event, as both dates or the days between say."""
    word = claim.comparator
    if claim.claimed_value == 0 and (dates := pair(observed)):
        return _order_of_two(*dates, word)
    if claim.claimed_value == 0:
        days = number(claim, observed)
        found = {"negative": "before", "positive": "after", "zero": "at the same time as"}[sign(days)]
        apart = f"{bare(abs(days))} days " if days else ""
        return Verdict(
            "supported" if found == word else "contradicted",
            f"The first event lies {apart}{found} the second{'' if found == word else f', not {word} it'}.",
        )
    claimed, found_at = day(claim.claimed_value), _day(claim, observed)
    assert claimed is not None
    first, last = found_at.start, found_at.end
    if last < claimed.start if word == "before" else first > claimed.end:
        return Verdict("supported", f"The figures give {found_at}, {word} {claimed}.")
    if first < claimed.start <= last if word == "before" else first <= claimed.end < last:
        return _vague(found_at, f"{word} {claimed}")
    return Verdict("contradicted", f"The figures give {found_at}, not {word} {claimed}.")


def _order_of_two(first: Day, second: Day, word: str) -> Verdict:
    if first.end < second.start:
        found = "before"
    elif second.end < first.start:
        found = "after"
    elif first == second and first.precision == "day":
        found = "on the same day as"
    else:
        return Verdict(
            "not_checkable",
            f"The first event lies {first.within}, the second {second.within}: which came first, that does not tell.",
        )
    return Verdict(
        "supported" if found == word else "contradicted",
        f"The first event lies {first.within}, {found} the second, {second.within}"
        f"{'' if found == word else f', not {word} it'}.",
    )
