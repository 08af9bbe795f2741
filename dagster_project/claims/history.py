"""Evidence about what came before: first since, first ever, record, and so many in a row.

Here: the SQL over all that is held up to a period. Not here: evidence about one period, or two (`compiling`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dagster_project.claims.periods import Span
from dagster_project.claims.series import Series, Statement
from dagster_project.errors import BilateralError

COMPARATORS = {"first_since", "first_in", "first_ever", "record", "record_since", "streak"}


@dataclass(frozen=True)
class Denial:
    """What the figures show where the evidence gives null because the claim is false.

    Args:
        evidence: A SELECT that is true then.
        says: What it means, after "they show".
    """

    evidence: str
    says: str


def looks_back(evidence: str) -> bool:
    """Whether an evidence is of all that is held up to a period: it then has the table `held`."""
    return re.search(r"^(?:with )?held as \(", evidence, re.MULTILINE) is not None


def evidence(own: Series, asked: Statement) -> tuple[str, str, dict[str, Any]]:
    """Evidence about what came before."""
    span, word, said = asked.span, asked.comparator, asked.said
    head, number = own.held(Span(span.start, span.end)), own.number(span)
    this = f"max(value) filter (where n = {number})"
    unit = "months" if own.frequency == "M" and own.rows(span) == 1 else "years"
    if word in {"record", "record_since"}:
        sign, ranked = _larger(asked), _ranked(head, number)
        # The smallest of deficits is no record of surpluses.
        is_of_side = f" and max(this) {direction(asked)} 0" if said.side else ""
        if word == "record":
            if asked.metric.unit == "rank":
                return own.value(span), "record", {"claimed_value": int(said.value or 1)}
            place = int(said.value or 1)
            text = (
                f"{ranked}\n\nselect case when count(*) filter (where n = {number}) = 1\n"
                f"  and (count(*) filter (where value {sign} this) >= {place} or not {_has_gap(asked)}){is_of_side}\n"
                f"  then count(*) filter (where value {sign} this) + 1 end\nfrom ranked"
            )
            return text, "record", {"claimed_value": place}
        text = (
            f"{ranked},\n\nearlier as (\n  select max_by(label, n) as label, max(n) as n\n  from ranked\n"
            f"  where n < {number} and value {sign}= this\n)\n\n"
            f"select case when bool_and(ranked.n - ranked.n_before = 1){is_of_side} then max(earlier.label) end\n"
            "from ranked, earlier\nwhere ranked.n > earlier.n"
        )
        return text, "first_since", {"claimed_value": _since(asked)}
    way = direction(asked)
    if word == "streak":
        text = (
            f"{head},\n\nother as (\n  select coalesce(max(n) filter (where not value {way} 0), min(n) - 1) as n\n"
            f"  from held\n)\n\nselect case when count(*) filter (where held.n > other.n) = {number} - max(other.n)\n"
            f"  then {number} - max(other.n) end\nfrom held, other"
        )
        if said.hedge == "at_least":
            return text, "at_least", {"claimed_value": int(said.value or 1), "unit": unit}
        return text, "count", {"claimed_value": int(said.value or 1)}
    if word == "first_ever":
        text = (
            f"{head}\n\nselect case when count(*) filter (where n = {number}) = 1\n"
            f"  and (bool_or((n < {number}) = (value {way} 0)) or count(*) = {number} - min(n) + 1) then\n"
            f"  bool_or(n = {number} and value {way} 0) and not bool_or(n < {number} and value {way} 0) end\nfrom held"
        )
        return text, "equals", {"claimed_value": True}
    earlier = f"select max_by(label, n) as label, max(n) as n\n  from held\n  where n < {number} and value {way} 0"
    found = "max(earlier.label)" if word == "first_since" else f"{number} - max(earlier.n)"
    text = (
        f"{head},\n\nearlier as (\n  {earlier}\n)\n\nselect case when count(*) = {number} - max(earlier.n) "
        f"and {this.replace('value', 'held.value').replace('n =', 'held.n =')} {way} 0 then {found} end\n"
        "from held, earlier\nwhere held.n > earlier.n"
    )
    if word == "first_since":
        return text, "first_since", {"claimed_value": _since(asked)}
    near = {"tolerance": {"absolute": 1}} if said.hedge == "approximately" else {}
    claimed = {"claimed_value": int(said.value or 1), "unit": unit, **near}
    return text, "at_least" if said.hedge == "at_least" else "equals", claimed


def denials(own: Series, asked: Statement) -> tuple[Denial, ...]:
    """What it may mean where the evidence of a first one or of a record gives nothing though figures are held."""
    word, number = asked.comparator, own.number(asked.span)
    head = own.held(Span(asked.span.start, asked.span.end))
    found = []
    if word in {"first_since", "first_in"} or (word in {"record", "record_since"} and asked.said.side):
        way = direction(asked)
        words = {"<": "deficit", ">": "surplus"} if asked.metric.unit == "US$" else {"<": "fall", ">": "rise"}
        shows = f"{head}\n\nselect coalesce(bool_or(n = {number} and not value {way} 0), false)\nfrom held"
        found.append(Denial(shows, f"no {words[way]} in {asked.span}"))
    if word == "record_since":
        shows = (
            f"{_ranked(head, number)}\n\nselect bool_or(n = {number}) and count(*) > 1\n"
            f"  and not bool_or(n < {number} and value {_larger(asked)}= this) and not {_has_gap(asked)}\nfrom ranked"
        )
        found.append(Denial(shows, "none before it that is larger"))
    return tuple(found)


def _larger(asked: Statement) -> str:
    """The comparison that says which of two is larger: of a deficit the largest is the lowest."""
    said = asked.said
    return "<" if (said.side or said.sign) < 0 else ">"


def _ranked(head: str, number: int) -> str:
    """A `with` table of what is held beside the value of the period, `this`, and what is held before each."""
    return (
        f"{head},\n\nranked as (\n  select label, n, value, lag(n) over (order by n) as n_before,\n"
        "    lag(value) over (order by n) as value_before,\n"
        f"    max(value) filter (where n = {number}) over () as this\n  from held\n)"
    )


def _has_gap(asked: Statement) -> str:
    """Whether what is not held between two figures could be larger.

    Of an amount it could where one of the two is half as large and more; the lowest amount, and growth, may come beside
    any.
    """
    sign = _larger(asked)
    if asked.metric.is_growth or (sign == "<" and not asked.said.side):
        return "coalesce(bool_or(n - n_before > 1), false)"
    return f"coalesce(bool_or(n - n_before > 1 and (value {sign} this / 2 or value_before {sign} this / 2)), false)"


def direction(asked: Statement) -> str:
    """The comparison with 0 that says which way it is claimed to be."""
    side = asked.said.side or asked.said.sign
    if not side:
        raise BilateralError(
            f"{asked.comparator} needs a direction in {asked.text!r}.",
            remedy="Say deficit or surplus, rose or fell: first_since deficit 1992.",
        )
    return "<" if side < 0 else ">"


def _since(asked: Statement) -> str:
    found = re.search(r"(?<!\d)(\d{4}(?:-\d{2})?)(?!\d)", asked.text)
    if found is None:
        raise BilateralError(
            f"{asked.text!r} names no year.", remedy=f"Write {asked.comparator} deficit 1992 or 2023-01."
        )
    return found[1]
