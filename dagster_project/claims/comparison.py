"""Comparisons: each comparator holds a claimed value against what the figures give, and says why in plain words.

Here: how each comparator compares numbers, texts and times, as precisely as they are known. Not here: what a claim may
say (`form`), whether figures are held, and what the other side's statistics change (`verdicts`).

Numbers are compared in the printed scale. A number *supports* a claim if it is the printed one, or lies within the
claim's tolerance; it supports it *rounded* if it would be printed as the claimed one: rounded, if it lies no farther
from it than half of the last printed digit, or cut after that digit. Publishers round a half either way, so 55.65 may
be printed as 55.6 and as 55.7, and 55.69 cut to 55.6. Up to one such digit away, and of the same sign, it *differs in
the last digit*; so does a claimed number between two official readings of what is measured. A whole number below 50 is
neither cut nor off by its last digit. What is converted stands for all that lies within the conversion's tolerance of
it. A bound is asked of the figure itself, however it is printed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dagster_project.claims.evidence import Value
from dagster_project.claims.form import Claim
from dagster_project.claims.limits import EvidenceError
from dagster_project.claims.printed import SAME, Day, amount, day, enough_decimals, pair
from dagster_project.claims.statements import Measure, Statement
from dagster_project.claims.values import BOUNDS, Comparator

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
        """Return whether a comparison does not contradict the claim."""
        return self.verdict != "contradicted"


# What is counted in whole numbers: one more or fewer is no slip of the printed digit, and 11.9 years are 11 full ones.
COUNTED = frozenset({"years", "months", "days", "persons"})
# A whole number below this is neither cut nor off by its last digit, which is more than 2% of it.
COARSE = 50
_WAYS = {"positive": "rising", "negative": "falling", "zero": "flat"}


def compare(claim: Claim, observed: Value) -> Verdict:
    """Hold what the evidence gives against what is claimed.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    return _COMPARED[claim.comparator](claim, observed)


def claimed_number(claim: Claim) -> float:
    """Return the claimed value, in the printed scale."""
    assert isinstance(claim.claimed_value, int | float)
    return float(claim.claimed_value)


def number(claim: Claim, observed: Value) -> float:
    """Return the value as a number, in full units."""
    if isinstance(observed, bool) or not isinstance(observed, int | float):
        raise _other_kind(claim, observed, "numbers", "Select a number in full units.")
    return float(observed)


def sign(value: float, nothing: float = 0.0) -> str:
    """Return `positive`, `negative`, or `zero` for what is no farther from 0 than `nothing`."""
    return "zero" if abs(value) <= nothing else "positive" if value > 0 else "negative"


def shown(claim: Claim, observed: Value, unit: str | None = None) -> str:
    """Write a value of the evidence as a reason names it, in a unit of its own or in the claim's."""
    unit = unit or claim.unit
    if isinstance(observed, bool):
        return "yes" if observed else "no"
    if not isinstance(observed, int | float):
        return str(observed)
    if unit is None:
        return f"{observed:,.10g}".replace("-", "−") if abs(observed) >= 10_000 else _bare(observed)
    value = observed / claim.factor
    return amount(value, unit, claim.scale, decimals_of(claim, value))


def describe_figure(claim: Claim, observed: Value) -> str:
    """Write what the figures give: `US$55.6bn`, or `a change of −US$31bn` where a change is claimed."""
    return f"{'a change of ' if is_change(claim) else ''}{shown(claim, observed)}"


def is_change(claim: Claim) -> bool:
    """Return whether the evidence gives a change of a figure between two periods, and not a figure."""
    asked = claim.asked
    return asked is not None and asked.measure in {Measure.DIFFERENCE, Measure.GROWTH} and not asked.metric.growth_of


def left_open(claim: Claim) -> float:
    """Return how far converted US$ may be off what is printed, in the printed scale; 0 of what is not converted."""
    return (allowance(claim) or 0.0) if claim.tolerance and claim.tolerance.is_of_conversion else 0.0


def decimals_of(claim: Claim, value: float) -> int:
    """Return the decimals of a figure or distance: of converted US$ one more than claimed, or their tolerance's."""
    if allowed := left_open(claim):
        return max(0, min(claim.decimals + 1, math.ceil(-math.log10(allowed))))
    return enough_decimals(value, claim.decimals)


def allowance(claim: Claim) -> float | None:
    """Return the claim's tolerance in the printed scale; None if it has none."""
    if claim.tolerance is None:
        return None
    relative, claimed = (claim.tolerance.relative_pct or 0) / 100, claim.claimed_value
    by_value = relative * abs(claimed) if isinstance(claimed, int | float) else 0.0
    return max(claim.tolerance.absolute or 0.0, by_value)


def prints_as(claim: Claim, value: float) -> bool:
    """Return whether a number, in the printed scale, would be printed as the claimed one."""
    return sign(value) == sign(claimed_number(claim)) and _printed(claim, value) is not None


def with_second_reading(claim: Claim, observed: Value, second: Value, source: str, found: Verdict) -> Verdict:
    """Return a comparison with a second official reading of what the same reporter says of the same period."""
    readings = sorted(number(claim, value) / claim.factor for value in (observed, second))
    claimed, half = claimed_number(claim), 0.5 * 10**-claim.decimals
    other = f"{shown(claim, second)} of the same reporter and period"
    if (how := _printed(claim, number(claim, second) / claim.factor)) and found.supports:
        other += f", {how} {_claimed(claim)}" if shown(claim, second) != _claimed(claim) else ", as claimed"
    between = {sign(value) for value in readings} == {sign(claimed)} and not (
        _beyond(readings[0] - claimed, half, claimed) or _beyond(claimed - readings[1], half, claimed)
    )
    if found.verdict not in ("contradicted", "differs_in_last_digit") or not between:
        return Verdict(found.verdict, f"{found.reason} {source} has {other}.")
    both = f"The figures give {shown(claim, observed)}, and {source} has {other}"
    return Verdict("differs_in_last_digit", f"{both}: {_claimed(claim)} lies between the two.")


def _other_kind(claim: Claim, observed: object, what: str, remedy: str) -> EvidenceError:
    return EvidenceError(f"it gives {observed!r}, and {claim.comparator} compares {what}.", remedy=remedy)


def _verified(holds: bool, said: str, otherwise: str, so: str = "") -> Verdict:  # noqa: FBT001 - what is verified
    """Return supported or contradicted, by what the figures say, with what follows either."""
    return Verdict("supported", f"{said}{so}.") if holds else Verdict("contradicted", f"{said}, {otherwise}.")


def _claimed(claim: Claim) -> str:
    """Write the claimed value as printed."""
    return amount(claimed_number(claim), claim.unit, claim.scale, claim.decimals)


def _distance(claim: Claim, value: float, decimals: int) -> str:
    """Write a distance; between percentages it is one of percentage points."""
    return amount(value, "pp" if claim.unit == "%" else claim.unit, claim.scale, decimals)


def _beyond(distance: float, limit: float, scale: float) -> bool:
    """Return whether a distance exceeds a limit, for numbers of the size `scale` that a double can tell apart."""
    return distance > limit + SAME * max(abs(scale), limit)


def _printed(claim: Claim, value: float) -> str | None:
    """Return how a number comes to be printed as the claimed one, rounded or cut; None if it does not."""
    claimed, digit = claimed_number(claim), 10**-claim.decimals
    if not _beyond(abs(value - claimed), 0.5 * digit, claimed):
        return "printed as"
    rest = abs(value) - abs(claimed)
    is_cut = sign(value) == sign(claimed) and 0 < rest < digit and _beyond(digit, rest, claimed)
    return "cut to" if is_cut and _has_fine_digits(claim) else None


def _has_fine_digits(claim: Claim) -> bool:
    """Return whether the last printed digit is small beside the number, so that a slip of it is no other number."""
    return claim.decimals > 0 or abs(claimed_number(claim)) >= COARSE or _is_counted(claim)


def _is_counted(claim: Claim) -> bool:
    return claim.unit in COUNTED and not (claim.scale or claim.decimals)


def _measure(claim: Claim, observed: Value) -> Verdict:
    """Compare a number as printed or within the tolerance; of `approximately`, how it was printed does not count."""
    claimed, value, open_ = claimed_number(claim), number(claim, observed) / claim.factor, left_open(claim)
    word = claim.comparator
    if word is Comparator.SHARE and not 0 <= value <= 100:
        outside = f"it gives {value:g}, and a share lies between 0 and 100."
        raise EvidenceError(outside, remedy="Give a percentage of a whole.")
    distance, allowed, printed = abs(value - claimed), allowance(claim), _claimed(claim)
    figures, is_near = f"The figures give {describe_figure(claim, observed)}", word is Comparator.APPROXIMATELY
    away = f"{_unsigned(claim, distance)} {'higher' if value > claimed else 'lower'}"
    apart = f"{figures}, {away} than the claimed {printed}"
    if not _beyond(distance, 0, claimed):
        return Verdict("supported", f"The figures give {'a change of ' if is_change(claim) else ''}exactly {printed}.")
    if allowed is not None and not _beyond(distance, allowed, claimed):
        is_same = round(distance, decimals_of(claim, distance)) == 0
        within = f"{figures}, which is {printed} within" if is_same else f"{apart}: within"
        return Verdict("supported", f"{within} {_tolerance(claim, allowed)}.")
    if not is_near and (how := _printed(claim, value)):
        return Verdict("supported_rounded", f"{figures}, {how} {printed}.")
    nearest = min(max(claimed, value - open_), value + open_)
    if nearest != value and _printed(claim, nearest):
        return Verdict("supported_rounded", f"{apart}: within {_tolerance(claim, open_)} and the rounding.")
    has_last_digit = not (is_near or _is_counted(claim)) and _has_fine_digits(claim)
    is_digit_off = not _beyond(abs(nearest - claimed), 10**-claim.decimals, claimed)
    if has_last_digit and sign(value) == sign(claimed) and is_digit_off:
        beyond = " beyond the conversion's tolerance" if nearest != value else ""
        how_far = f"no more than its last digit{beyond}"
        return Verdict("differs_in_last_digit", f"{figures}, not {printed}: {away}, {how_far}.")
    return Verdict("contradicted", f"{figures}, not {printed}: {away}.")


def _unsigned(claim: Claim, value: float) -> str:
    return _distance(claim, value, decimals_of(claim, value) if value % 1 else claim.decimals)


def _tolerance(claim: Claim, allowed: float) -> str:
    is_open = left_open(claim) > 0
    decimals = max(0, math.ceil(-math.log10(allowed)) + 1) if is_open else enough_decimals(allowed, claim.decimals)
    whose = "the conversion's" if is_open else "the"
    return f"{whose} tolerance of {_distance(claim, allowed, decimals)}"


def _equals(claim: Claim, observed: Value) -> Verdict:
    """Compare numbers as printed; texts, truth and days as they are, days at the precision that is claimed."""
    claimed, (is_truth, is_text) = claim.claimed_value, (isinstance(observed, one) for one in (bool, str))
    are_days = isinstance(claimed, str) and day(claimed) is not None and day(observed) is not None
    is_bare = not isinstance(claimed, bool | str) and claim.unit is None
    if not is_truth and (are_days or isinstance(observed, date) or is_bare):
        return _at(claim, observed)
    if isinstance(claimed, bool) != is_truth or isinstance(claimed, str) != is_text:
        raise _other_kind(claim, observed, repr(claimed), "Give the same kind of value.")
    if not isinstance(claimed, bool | str):
        return _measure(claim, observed)
    if claim.asked is not None and is_truth:
        so = f"The figures say that it is {'' if observed else 'not '}so."
        return Verdict("supported" if observed else "contradicted", so)
    return _verified(claimed == observed, f"The figures say {shown(claim, observed)}", f"not {shown(claim, claimed)}")


def _bound(claim: Claim, observed: Value) -> Verdict:
    """Ask a bound of the figure itself; within a tolerance of it, a rate of which it is converted does not tell."""
    claimed, value, word = claimed_number(claim), number(claim, observed) / claim.factor, claim.comparator
    short = value - claimed if word in {Comparator.AT_MOST, Comparator.LESS_THAN} else claimed - value
    is_same, allowed = abs(short) <= SAME * abs(claimed), allowance(claim) or 0.0
    holds = word in {Comparator.AT_LEAST, Comparator.AT_MOST} if is_same else short < 0
    words = f"{word.replace('_', ' ')} {_claimed(claim)}"
    figures = f"The figures give {describe_figure(claim, observed)}"
    if claim.asked is not None and allowed and abs(short) <= allowed:
        return Verdict("not_checkable", f"{figures} as converted, too near to {_claimed(claim)} to tell.")
    if not holds and allowed and not _beyond(short, allowed, claimed):
        return Verdict("supported", f"{figures}, within {_unsigned(claim, allowed)} of {words}.")
    return _verified(holds, figures, f"not {words}", f", {words}")


def _direction(claim: Claim, observed: Value) -> Verdict:
    """Compare the sign of a number, or of a change that rises or falls; within an absolute tolerance of 0 it is 0."""
    value, is_trend = number(claim, observed), claim.comparator is Comparator.TREND
    found = sign(value / claim.factor, allowance(claim) or 0.0)
    found = _WAYS[found] if is_trend else found
    if is_change(claim) and claim.asked is not None and claim.asked.said.move:
        return _compare_movement(claim, claim.asked, value, found)
    said = f"The figures give {'a change of ' if is_trend or is_change(claim) else ''}{shown(claim, value)}: {found}"
    return _verified(found == claim.claimed_value, said, f"not {claim.claimed_value}", ", as claimed")


def _compare_movement(claim: Claim, asked: Statement, value: float, found: str) -> Verdict:
    """Compare which way something moved: a balance that rises makes a deficit smaller and a surplus larger."""
    side, what = asked.said.side, asked.metric.called.lower()
    ways = {"positive": "rose", "negative": "fell"}
    said = f"The figures give {describe_figure(claim, value)}: {what} {ways.get(found, 'stayed as it was')}"
    otherwise = f"and did not {'rise' if claim.claimed_value == 'positive' else 'fall'}"
    if side:
        sizes = dict(zip(ways, ("smaller", "larger") if side < 0 else ("larger", "smaller"), strict=True))
        said += f", which makes a {'deficit' if side < 0 else 'surplus'} {sizes.get(found, 'no other')}"
        otherwise = f"not {sizes[str(claim.claimed_value)]}"
    return _verified(found == claim.claimed_value, said, otherwise, ", as claimed")


def _sign_change(claim: Claim, observed: Value) -> Verdict:
    """Compare whether a sign changed in the period."""
    if not isinstance(observed, bool):
        raise _other_kind(claim, observed, "true with false", "Select true or false.")
    said = f"In the figures the sign {'changes' if observed else 'does not change'}"
    return _verified(observed == claim.claimed_value, said, "contrary to the claim", ", as claimed")


def _whole(claim: Claim, observed: Value) -> Verdict:
    """Compare a number of things, or a rank among all on record, in which those that tie share one."""
    value, claimed, allowed = number(claim, observed), int(claimed_number(claim)), allowance(claim) or 0.0
    if not value.is_integer() or value < 0:
        raise _other_kind(claim, f"{value:g}", "whole numbers", "Count, or rank.")
    does = "In the figures it ranks" if claim.comparator is Comparator.RECORD else "The figures count"
    among = " among all partners" if claim.asked is not None and claim.asked.metric.unit == "rank" else ""
    within = f", within {allowed:g} of the claimed {claimed}" if value != claimed else ""
    return _verified(abs(value - claimed) <= allowed, f"{does} {value:.0f}{among}", f"not {claimed}", within)


def _day(claim: Claim, observed: Value | None) -> Day:
    found = day(observed)
    if found is None:
        raise _other_kind(claim, observed, "days", "Select a date or year.")
    return found


def _at(claim: Claim, value: Value) -> Verdict:
    """Compare the observed time with the claimed one, which may be less precise.

    The period of an event says more than a month can: late October is 2025-10 from the 21st on.
    """
    observed, claimed = _day(claim, value), _day(claim, claim.claimed_value)
    first, last, named = claimed.start, claimed.end, str(claimed)
    if claim.period_type == "event_date":
        first, last = max(first, claim.period.start), min(last, claim.period.end)
    if (first, last) != (claimed.start, claimed.end):
        named = f"{first} to {last}"
    inside = first <= observed.start and observed.end <= last
    if not inside and observed.precision != "day" and observed.start <= last and first <= observed.end:
        return _vague(observed, named)
    within = "" if str(observed) == named else f", which is in {named}"
    return _verified(inside, f"The figures say {observed}", f"not {named}", within)


def _vague(observed: Day, claimed: str) -> Verdict:
    """Return the verdict on a time that is known less precisely than it is claimed."""
    said = f"The figures say {observed.within} and no more, which does not tell whether it was {claimed}."
    return Verdict("not_checkable", said)


def _first_since(claim: Claim, observed: Value) -> Verdict:
    """Compare when it was last so before."""
    compared = _at(claim, observed)
    if compared.verdict == "not_checkable":
        return compared
    said = f"In the figures it is the first since {day(observed)}"
    return _verified(compared.supports, said, f"not since {claim.claimed_value}")


def _order(claim: Claim, observed: Value) -> Verdict:
    """Compare whether an event lies wholly before or after the claimed time or a second event."""
    word, dates = claim.comparator.value, pair(observed)
    if claim.claimed_value != 0:
        claimed, found_at = _day(claim, claim.claimed_value), _day(claim, observed)
        first, last = found_at.start, found_at.end
        holds = last < claimed.start if word == "before" else first > claimed.end
        if not holds and (first < claimed.start <= last if word == "before" else first <= claimed.end < last):
            return _vague(found_at, f"{word} {claimed}")
        return _verified(holds, f"The figures give {found_at}", f"not {word} {claimed}", f", {word} {claimed}")
    if dates is None:
        days = number(claim, observed)
        found = {"negative": "before", "positive": "after", "zero": "at the same time as"}[sign(days)]
        apart = f"{_bare(abs(days))} days " if days else ""
        return _verified(found == word, f"The first event lies {apart}{found} the second", f"not {word} it")
    one, other = dates
    if one.end < other.start or other.end < one.start:
        found = "before" if one.end < other.start else "after"
    elif one == other and one.precision == "day":
        found = "on the same day as"
    else:
        vague = f"The first event lies {one.within}, the second {other.within}: which came first, that does not tell."
        return Verdict("not_checkable", vague)
    said = f"The first event lies {one.within}, {found} the second, {other.within}"
    return _verified(found == word, said, f"not {word} it")


def _bare(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


_COMPARED: Mapping[Comparator, Callable[[Claim, Value], Verdict]] = {
    Comparator.EQUALS: _equals,
    **dict.fromkeys((Comparator.APPROXIMATELY, Comparator.SHARE), _measure),
    **dict.fromkeys(BOUNDS, _bound),
    **dict.fromkeys((Comparator.SIGN, Comparator.TREND), _direction),
    Comparator.SIGN_CHANGE: _sign_change,
    Comparator.FIRST_SINCE: _first_since,
    **dict.fromkeys((Comparator.RECORD, Comparator.COUNT), _whole),
    **dict.fromkeys((Comparator.BEFORE, Comparator.AFTER), _order),
}
