"""Comparisons: each comparator holds a claimed value against what the figures give, and says why in plain words.

Here: how each comparator compares numbers, texts and times, each time as precisely as it is known. Not here: what it
takes as a claimed value (`form`), whether the figures are in, and what another reporter's statistics change
(`verdicts`).

Numbers are compared in the printed scale. A number *supports* a claim if it is the printed one, or lies within the
claim's tolerance; it supports it *rounded* if it would be printed as the claimed one: rounded, if it lies no farther
from it than half of the last printed digit, or cut after that digit. Publishers round a half either way, so 55.65 may
be printed as 55.6 and as 55.7, and 55.69 cut to 55.6. Up to one such digit away, and of the same sign, it *differs in
the last digit*; so does a claimed number between two official readings of what is measured. A bound is asked of the
figure itself, however it is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dagster_project.claims.evidence import Value
from dagster_project.claims.form import Claim
from dagster_project.claims.limits import EvidenceError
from dagster_project.claims.printed import SAME, Day, amount, day, enough_decimals, pair
from dagster_project.claims.values import Comparator

Word = Literal[
    "supported",
    "supported_rounded",
    "differs_in_last_digit",
    "contradicted",
    "reporter_dependent",
    "pending",
    "not_held",
    "not_checkable",
]


@dataclass(frozen=True)
class Verdict:
    """A verdict with its reason.

    Args:
        verdict: Whether the figures support the claim.
        reason: Why, with the numbers; of a comparison a sentence that begins with what the figures say.
    """

    verdict: Word
    reason: str

    @property
    def supports(self) -> bool:
        """Whether a comparison does not contradict the claim."""
        return self.verdict != "contradicted"


# What is counted in whole numbers: one more or fewer is no slip of the printed digit.
COUNTED = frozenset({"years", "months", "days", "persons"})


def compare(claim: Claim, observed: Value) -> Verdict:
    """Holds what the evidence gives against what is claimed.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    return _COMPARED[claim.comparator](claim, observed)


def claimed_number(claim: Claim) -> float:
    assert isinstance(claim.claimed_value, int | float)
    return float(claim.claimed_value)


def _claimed(claim: Claim) -> str:
    """The claimed value as printed."""
    return amount(claimed_number(claim), claim.unit, claim.scale, claim.decimals)


def _beyond(distance: float, limit: float, scale: float) -> bool:
    """Whether a distance is more than a limit, for numbers of the size `scale` that a double cannot tell apart."""
    return distance > limit + SAME * max(abs(scale), limit)


def measure(claim: Claim, observed: Value) -> Verdict:
    """A number as printed or within the tolerance; of `approximately`, how it was printed does not count."""
    claimed = claimed_number(claim)
    value = number(claim, observed) / claim.factor
    distance = abs(value - claimed)
    figures = f"The figures give {shown(claim, observed)}"
    if not _beyond(distance, 0, claimed):
        return Verdict("supported", f"The figures give exactly {_claimed(claim)}.")
    allowed = allowance(claim)
    if allowed is not None and not _beyond(distance, allowed, claimed):
        return Verdict("supported", f"{figures}, within {_unsigned(claim, allowed)} of the claimed {_claimed(claim)}.")
    if claim.comparator != "approximately" and (how := _printed(claim, value)):
        return Verdict("supported_rounded", f"{figures}, {how} {_claimed(claim)}.")
    away = f"{_unsigned(claim, distance)} {'higher' if value > claimed else 'lower'}"
    if _differs_in_last_digit(claim, value):
        return Verdict(
            "differs_in_last_digit", f"{figures}, not {_claimed(claim)}: {away}, no more than its last digit."
        )
    return Verdict("contradicted", f"{figures}, not {_claimed(claim)}: {away}.")


def _printed(claim: Claim, value: float) -> str | None:
    """How a number comes to be printed as the claimed one, rounded or cut; None if it does not."""
    claimed, digit = claimed_number(claim), 10**-claim.decimals
    if not _beyond(abs(value - claimed), 0.5 * digit, claimed):
        return "printed as"
    rest = abs(value) - abs(claimed)
    if sign(value) == sign(claimed) and 0 < rest < digit and _beyond(digit, rest, claimed):
        return "cut to"
    return None


def prints_as(claim: Claim, value: float) -> bool:
    """Whether a number, in the printed scale, would be printed as the claimed one."""
    return sign(value) == sign(claimed_number(claim)) and _printed(claim, value) is not None


def _differs_in_last_digit(claim: Claim, value: float) -> bool:
    claimed = claimed_number(claim)
    if claim.comparator == "approximately" or (claim.unit in COUNTED and not claim.scale and not claim.decimals):
        return False
    return sign(value) == sign(claimed) and not _beyond(abs(value - claimed), 10**-claim.decimals, claimed)


def with_second_reading(claim: Claim, observed: Value, second: Value, source: str, found: Verdict) -> Verdict:
    """A comparison where a second official reading is held of what the same reporter says of the same period.

    Args:
        claim: The claim.
        observed: The first reading.
        second: The second one.
        source: Who gives it.
        found: What the first one comes to.
    """
    readings = sorted(number(claim, value) / claim.factor for value in (observed, second))
    claimed, half = claimed_number(claim), 0.5 * 10**-claim.decimals
    other = f"{shown(claim, second)} of the same reporter and period"
    between = {sign(value) for value in readings} == {sign(claimed)} and not (
        _beyond(readings[0] - claimed, half, claimed) or _beyond(claimed - readings[1], half, claimed)
    )
    if found.verdict not in ("contradicted", "differs_in_last_digit") or not between:
        return Verdict(found.verdict, f"{found.reason} {source} has {other}.")
    return Verdict(
        "differs_in_last_digit",
        f"The figures give {shown(claim, observed)}, and {source} has {other}: {_claimed(claim)} lies between the two.",
    )


def _unsigned(claim: Claim, value: float) -> str:
    """A distance; between percentages it is one of percentage points."""
    unit = "pp" if claim.unit == "%" else claim.unit
    return amount(value, unit, claim.scale, enough_decimals(value, claim.decimals) if value % 1 else claim.decimals)


def equals(claim: Claim, observed: Value) -> Verdict:
    """Numbers as printed; texts, truth and days as they are, days at the precision that is claimed."""
    claimed = claim.claimed_value
    if isinstance(claimed, bool) or isinstance(observed, bool):
        if not (isinstance(claimed, bool) and isinstance(observed, bool)):
            raise EvidenceError(
                f"it gives {observed!r}, and the claim is {claimed!r}.", remedy="Give the same kind of value."
            )
        if claim.asked is not None:
            return verified(
                holds=observed, reason="The figures say that it is so.", otherwise="The figures say that it is not so."
            )
        return same(holds=claimed == observed, figures=shown(claim, observed), claimed=shown(claim, claimed))
    are_days = isinstance(claimed, str) and day(claimed) is not None and day(observed) is not None
    if are_days or isinstance(observed, date) or (isinstance(claimed, int | float) and claim.unit is None):
        return at(claim, observed)
    if isinstance(claimed, str):
        if not isinstance(observed, str):
            raise EvidenceError(
                f"it gives {observed!r}, and the claim is a text.", remedy="Give the same kind of value."
            )
        return same(holds=claimed == observed, figures=observed, claimed=claimed)
    return measure(claim, observed)


def bound(claim: Claim, observed: Value) -> Verdict:
    """A bound, asked of the figure itself; within a tolerance of it, a rate of which it is converted does not tell."""
    claimed, value = claimed_number(claim), number(claim, observed) / claim.factor
    is_upper = claim.comparator in {Comparator.AT_MOST, Comparator.LESS_THAN}
    short = value - claimed if is_upper else claimed - value
    is_same = abs(short) <= SAME * abs(claimed)
    holds = claim.comparator in {Comparator.AT_LEAST, Comparator.AT_MOST} if is_same else short < 0
    words, figures = claim.comparator.replace("_", " "), f"The figures give {shown(claim, observed)}"
    allowed = allowance(claim) or 0.0
    if claim.asked is not None and allowed and abs(short) <= allowed:
        near = f"{figures} at the average rate, too near to {_claimed(claim)} to tell."
        return Verdict("not_checkable", near)
    if holds:
        return Verdict("supported", f"{figures}, {words} {_claimed(claim)}.")
    if allowed and not _beyond(short, allowed, claimed):
        return Verdict("supported", f"{figures}, within {_unsigned(claim, allowed)} of {words} {_claimed(claim)}.")
    return Verdict("contradicted", f"{figures}, not {words} {_claimed(claim)}.")


def share(claim: Claim, observed: Value) -> Verdict:
    """A percentage of a whole, from 0 to 100; its tolerance is in percentage points."""
    value = number(claim, observed)
    if not 0 <= value <= 100:
        raise EvidenceError(
            f"it gives {value:g}, and a share lies between 0 and 100.", remedy="Give a percentage of a whole."
        )
    return measure(claim, value)


def has_sign(claim: Claim, observed: Value) -> Verdict:
    """A number above 0, below it, or 0; within an absolute tolerance of 0 it counts as 0."""
    value = number(claim, observed)
    found = sign(value / claim.factor, allowance(claim) or 0.0)
    return _worded(shown(claim, value), found, str(claim.claimed_value))


def trend(claim: Claim, observed: Value) -> Verdict:
    """The direction of a change that the evidence measures; within an absolute tolerance of 0 it is flat."""
    value = number(claim, observed)
    found = {"positive": "rising", "negative": "falling", "zero": "flat"}[
        sign(value / claim.factor, allowance(claim) or 0.0)
    ]
    return _worded(f"a change of {shown(claim, value)}", found, str(claim.claimed_value))


def _worded(figures: str, found: str, claimed: str) -> Verdict:
    said = f"The figures give {figures}: {found}"
    return verified(holds=found == claimed, reason=f"{said}, as claimed.", otherwise=f"{said}, not {claimed}.")


def sign_change(claim: Claim, observed: Value) -> Verdict:
    """Whether a sign changed in the period."""
    if not isinstance(observed, bool):
        raise EvidenceError(
            f"it gives {observed!r}, and sign_change compares true with false.", remedy="Select true or false."
        )
    said = f"In the figures the sign {'changes' if observed else 'does not change'}"
    holds = observed == claim.claimed_value
    return verified(holds=holds, reason=f"{said}, as claimed.", otherwise=f"{said}, contrary to the claim.")


def record(claim: Claim, observed: Value) -> Verdict:
    """A rank among all on record, or of all partners; those that tie share a rank, and so a record."""
    rank = _whole(claim, observed)
    said, claimed = f"In the figures it ranks {rank}", int(claimed_number(claim))
    return verified(holds=rank == claimed, reason=f"{said}.", otherwise=f"{said}, not {claimed}.")


def count(claim: Claim, observed: Value) -> Verdict:
    """A number of things; exact, unless the claim has a tolerance."""
    found, claimed = _whole(claim, observed), int(claimed_number(claim))
    allowed = allowance(claim) or 0.0
    if found == claimed:
        return Verdict("supported", f"The figures count {found}.")
    if abs(found - claimed) <= allowed:
        return Verdict("supported", f"The figures count {found}, within {allowed:g} of the claimed {claimed}.")
    return Verdict("contradicted", f"The figures count {found}, not {claimed}.")


def _whole(claim: Claim, observed: Value) -> int:
    value = number(claim, observed)
    if not value.is_integer() or value < 0:
        raise EvidenceError(
            f"it gives {value:g}, and {claim.comparator} compares whole numbers.", remedy="Count, or rank."
        )
    return int(value)


def verified(*, holds: bool, reason: str, otherwise: str) -> Verdict:
    """Supported with a reason, or contradicted with another."""
    return Verdict("supported", reason) if holds else Verdict("contradicted", otherwise)


def sign(value: float, nothing: float = 0.0) -> str:
    """`positive`, `negative`, or `zero` for what is no farther from 0 than `nothing`."""
    return "zero" if abs(value) <= nothing else "positive" if value > 0 else "negative"


def shown(claim: Claim, observed: Value, unit: str | None = None) -> str:
    """A value of the evidence as a reason names it, in a unit of its own or in the claim's."""
    unit = unit or claim.unit
    if isinstance(observed, bool):
        return "yes" if observed else "no"
    if isinstance(observed, int | float):
        if unit is None:
            return f"{observed:,.10g}".replace("-", "−") if abs(observed) >= 10_000 else bare(observed)
        value = observed / claim.factor
        return amount(value, unit, claim.scale, enough_decimals(value, claim.decimals))
    return str(observed)


def allowance(claim: Claim) -> float | None:
    """The claim's tolerance in the printed scale; None if it has none."""
    if claim.tolerance is None:
        return None
    relative = (claim.tolerance.relative_pct or 0) / 100
    claimed = claim.claimed_value
    by_value = relative * abs(claimed) if isinstance(claimed, int | float) else 0.0
    return max(claim.tolerance.absolute or 0.0, by_value)


def bare(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def number(claim: Claim, observed: Value) -> float:
    """The value as a number, in full units."""
    if isinstance(observed, bool) or not isinstance(observed, int | float):
        raise EvidenceError(
            f"it gives {observed!r}, and {claim.comparator} compares numbers.", remedy="Select a number in full units."
        )
    return float(observed)


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


_COMPARED: Mapping[Comparator, Callable[[Claim, Value], Verdict]] = {
    Comparator.EQUALS: equals,
    Comparator.APPROXIMATELY: measure,
    Comparator.AT_LEAST: bound,
    Comparator.AT_MOST: bound,
    Comparator.MORE_THAN: bound,
    Comparator.LESS_THAN: bound,
    Comparator.SHARE: share,
    Comparator.SIGN: has_sign,
    Comparator.SIGN_CHANGE: sign_change,
    Comparator.FIRST_SINCE: first_since,
    Comparator.RECORD: record,
    Comparator.TREND: trend,
    Comparator.BEFORE: order,
    Comparator.AFTER: order,
    Comparator.COUNT: count,
}
