"""Comparisons: what was printed beside what the figures give.

Here: one function a comparator, each pure, each with its reason in plain words. Not here: whether the figures are in,
and what another reporter's statistics change (`verdicts`).

Numbers are compared in the printed scale. A number *supports* a claim if it is the printed one, or lies within the
claim's tolerance; it supports it *rounded* if it would be printed as the claimed one: if it lies no farther from it
than half of the last printed digit. Publishers round a half either way, so 55.65 may be printed as 55.6 and as 55.7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dagster_project.claims.evidence import Refused, Value
from dagster_project.claims.printed import SAME, Day, amount, day, telling
from dagster_project.claims.register import Claim

Outcome = Literal["supported", "supported_rounded", "contradicted"]


@dataclass(frozen=True)
class Compared:
    """What a comparison comes to.

    Args:
        outcome: Whether the figures support the claim.
        reason: Why, with the numbers, as a sentence that begins with what the figures say.
    """

    outcome: Outcome
    reason: str

    @property
    def supports(self) -> bool:
        return self.outcome != "contradicted"


def compare(claim: Claim, observed: Value) -> Compared:
    """Holds what the evidence gives against what is claimed.

    Raises:
        Refused: The evidence gives another kind of value than the comparator compares.
    """
    return COMPARATORS[claim.comparator](claim, observed)


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
            return f"{observed:,.10g}".replace("-", "−") if abs(observed) >= 10_000 else _bare(observed)
        value = observed / claim.factor
        return amount(value, unit, claim.scale, telling(value, claim.decimals))
    return str(observed)


def allowance(claim: Claim) -> float | None:
    """The claim's tolerance in the printed scale; None if it has none."""
    if claim.tolerance is None:
        return None
    relative = (claim.tolerance.relative_pct or 0) / 100
    claimed = claim.claimed_value
    by_value = relative * abs(claimed) if isinstance(claimed, int | float) else 0.0
    return max(claim.tolerance.absolute or 0.0, by_value)


def _bare(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")


def number(claim: Claim, observed: Value) -> float:
    """The value as a number, in full units."""
    if isinstance(observed, bool) or not isinstance(observed, int | float):
        raise Refused(
            f"it gives {observed!r}, and {claim.comparator} compares numbers.", remedy="Select a number in full units."
        )
    return float(observed)


def _day(claim: Claim, observed: Value) -> Day:
    found = day(observed)
    if found is None:
        raise Refused(f"it gives {observed!r}, and {claim.comparator} compares days.", remedy="Select a date or year.")
    return found


def _claimed_number(claim: Claim) -> float:
    assert isinstance(claim.claimed_value, int | float)
    return float(claim.claimed_value)


def _claimed(claim: Claim) -> str:
    """The claimed value as printed."""
    return amount(_claimed_number(claim), claim.unit, claim.scale, claim.decimals)


def _beyond(distance: float, limit: float, scale: float) -> bool:
    """Whether a distance is more than a limit, for numbers of the size `scale` that a double cannot tell apart."""
    return distance > limit + SAME * max(abs(scale), limit)


def _measure(claim: Claim, observed: float) -> Compared:
    claimed = _claimed_number(claim)
    value = observed / claim.factor
    distance = abs(value - claimed)
    figures = f"The figures give {shown(claim, observed)}"
    if not _beyond(distance, 0, claimed):
        return Compared("supported", f"The figures give exactly {_claimed(claim)}.")
    allowed = allowance(claim)
    if allowed is not None and not _beyond(distance, allowed, claimed):
        return Compared("supported", f"{figures}, within {_unsigned(claim, allowed)} of the claimed {_claimed(claim)}.")
    if claim.comparator != "approximately" and not _beyond(distance, 0.5 * 10**-claim.decimals, claimed):
        return Compared("supported_rounded", f"{figures}, printed as {_claimed(claim)}.")
    away = _unsigned(claim, distance)
    return Compared(
        "contradicted", f"{figures}, not {_claimed(claim)}: {away} {'higher' if value > claimed else 'lower'}."
    )


def _unsigned(claim: Claim, value: float) -> str:
    """A distance; between percentages it is one of percentage points."""
    unit = "pp" if claim.unit == "%" else claim.unit
    return amount(value, unit, claim.scale, telling(value, claim.decimals) if value % 1 else claim.decimals)


def equals(claim: Claim, observed: Value) -> Compared:
    """Numbers as printed; texts, truth and days as they are, days at the precision that is claimed."""
    claimed = claim.claimed_value
    if isinstance(claimed, bool) or isinstance(observed, bool):
        if not (isinstance(claimed, bool) and isinstance(observed, bool)):
            raise Refused(
                f"it gives {observed!r}, and the claim is {claimed!r}.", remedy="Give the same kind of value."
            )
        return _same(holds=claimed == observed, figures=shown(claim, observed), claimed=shown(claim, claimed))
    are_days = isinstance(claimed, str) and day(claimed) is not None and day(observed) is not None
    if are_days or isinstance(observed, date) or (isinstance(claimed, int | float) and claim.unit is None):
        return _at(claim, _day(claim, observed))
    if isinstance(claimed, str):
        if not isinstance(observed, str):
            raise Refused(f"it gives {observed!r}, and the claim is a text.", remedy="Give the same kind of value.")
        return _same(holds=claimed == observed, figures=observed, claimed=claimed)
    return _measure(claim, number(claim, observed))


def _same(*, holds: bool, figures: str, claimed: str) -> Compared:
    if holds:
        return Compared("supported", f"The figures say {figures}.")
    return Compared("contradicted", f"The figures say {figures}, not {claimed}.")


def _at(claim: Claim, observed: Day) -> Compared:
    """Whether the observed time lies in the claimed one, which may be less precise.

    The period of an event says more than a month can: late October is 2025-10 from the 21st on.
    """
    claimed = day(claim.claimed_value)
    if claimed is None:
        raise Refused(f"it gives {observed}, and the claim is no day.", remedy="Claim a day, a month or a year.")
    first, last, named = claimed.start, claimed.end, str(claimed)
    if claim.period_type == "event_date":
        first, last = max(first, claim.period.start), min(last, claim.period.end)
    if (first, last) != (claimed.start, claimed.end):
        named = f"{first} to {last}"
    inside = first <= observed.start and observed.end <= last
    if not inside:
        _precise_enough(observed, first, last, named)
    figures = str(observed) if str(observed) == named or not inside else f"{observed}, which is in {named}"
    return _same(holds=inside, figures=figures, claimed=named)


def _precise_enough(observed: Day, first: date, last: date, named: str) -> None:
    if (observed.start, observed.end) != (first, last) and observed.start <= first and last <= observed.end:
        raise Refused(
            f"it gives {observed}, which is less precise than the claimed {named}.", remedy="Select the date itself."
        )


def approximately(claim: Claim, observed: Value) -> Compared:
    """A number within the tolerance; how it was printed does not count."""
    return _measure(claim, number(claim, observed))


def at_least(claim: Claim, observed: Value) -> Compared:
    """The claimed number or more."""
    return _bound(claim, number(claim, observed), 1)


def at_most(claim: Claim, observed: Value) -> Compared:
    """The claimed number or less."""
    return _bound(claim, number(claim, observed), -1)


def _bound(claim: Claim, observed: float, direction: int) -> Compared:
    claimed = _claimed_number(claim)
    short = direction * (claimed - observed / claim.factor)
    words = "at least" if direction > 0 else "at most"
    figures = f"The figures give {shown(claim, observed)}"
    allowed = allowance(claim) or 0.0
    if not _beyond(short, 0, claimed):
        return Compared("supported", f"{figures}, {words} {_claimed(claim)}.")
    if not _beyond(short, allowed, claimed):
        return Compared("supported", f"{figures}, within {_unsigned(claim, allowed)} of {words} {_claimed(claim)}.")
    if not _beyond(short, 0.5 * 10**-claim.decimals, claimed):
        return Compared("supported_rounded", f"{figures}, printed as {_claimed(claim)}.")
    return Compared("contradicted", f"{figures}, not {words} {_claimed(claim)}.")


def share(claim: Claim, observed: Value) -> Compared:
    """A percentage of a whole, from 0 to 100; its tolerance is in percentage points."""
    value = number(claim, observed)
    if not 0 <= value <= 100:
        raise Refused(
            f"it gives {value:g}, and a share lies between 0 and 100.", remedy="Give a percentage of a whole."
        )
    return _measure(claim, value)


def has_sign(claim: Claim, observed: Value) -> Compared:
    """A number above 0, below it, or 0; within an absolute tolerance of 0 it counts as 0."""
    value = number(claim, observed)
    found = sign(value / claim.factor, allowance(claim) or 0.0)
    claimed = str(claim.claimed_value)
    return _worded(holds=found == claimed, figures=shown(claim, value), found=found, claimed=claimed)


def trend(claim: Claim, observed: Value) -> Compared:
    """The direction of a change that the evidence measures; within an absolute tolerance of 0 it is flat."""
    value = number(claim, observed)
    found = {"positive": "rising", "negative": "falling", "zero": "flat"}[
        sign(value / claim.factor, allowance(claim) or 0.0)
    ]
    claimed = str(claim.claimed_value)
    return _worded(holds=found == claimed, figures=f"a change of {shown(claim, value)}", found=found, claimed=claimed)


def _worded(*, holds: bool, figures: str, found: str, claimed: str) -> Compared:
    if holds:
        return Compared("supported", f"The figures give {figures}: {found}, as claimed.")
    return Compared("contradicted", f"The figures give {figures}: {found}, not {claimed}.")


def sign_change(claim: Claim, observed: Value) -> Compared:
    """Whether a sign changed in the period."""
    if not isinstance(observed, bool):
        raise Refused(
            f"it gives {observed!r}, and sign_change compares true with false.", remedy="Select true or false."
        )
    said = f"In the figures the sign {'changes' if observed else 'does not change'}"
    if observed == claim.claimed_value:
        return Compared("supported", f"{said}, as claimed.")
    return Compared("contradicted", f"{said}, contrary to the claim.")


def first_since(claim: Claim, observed: Value) -> Compared:
    """When it was last so before."""
    at = _at(claim, _day(claim, observed))
    found = day(observed)
    if at.supports:
        return Compared("supported", f"In the figures it is the first since {found}.")
    return Compared("contradicted", f"In the figures it is the first since {found}, not since {claim.claimed_value}.")


def record(claim: Claim, observed: Value) -> Compared:
    """A rank among all on record; those that tie share a rank, and so a record."""
    rank = _whole(claim, observed)
    claimed = int(_claimed_number(claim))
    if rank == claimed:
        return Compared("supported", f"In the figures it ranks {rank} on record.")
    return Compared("contradicted", f"In the figures it ranks {rank} on record, not {claimed}.")


def count(claim: Claim, observed: Value) -> Compared:
    """A number of things; exact, unless the claim has a tolerance."""
    found, claimed = _whole(claim, observed), int(_claimed_number(claim))
    allowed = allowance(claim) or 0.0
    if found == claimed:
        return Compared("supported", f"The figures count {found}.")
    if abs(found - claimed) <= allowed:
        return Compared("supported", f"The figures count {found}, within {allowed:g} of the claimed {claimed}.")
    return Compared("contradicted", f"The figures count {found}, not {claimed}.")


def _whole(claim: Claim, observed: Value) -> int:
    value = number(claim, observed)
    if not value.is_integer() or value < 0:
        raise Refused(f"it gives {value:g}, and {claim.comparator} compares whole numbers.", remedy="Count, or rank.")
    return int(value)


def before(claim: Claim, observed: Value) -> Compared:
    """An event wholly before the claimed time; or fewer than 0 days from a second event to it."""
    return _order(claim, observed, "before")


def after(claim: Claim, observed: Value) -> Compared:
    """An event wholly after the claimed time; or more than 0 days from a second event to it."""
    return _order(claim, observed, "after")


def _order(claim: Claim, observed: Value, word: str) -> Compared:
    if claim.claimed_value == 0:
        days = number(claim, observed)
        found = {"negative": "before", "positive": "after", "zero": "at the same time as"}[sign(days)]
        apart = f"{_bare(abs(days))} days " if days else ""
        return Compared(
            "supported" if found == word else "contradicted",
            f"The first event lies {apart}{found} the second{'' if found == word else f', not {word} it'}.",
        )
    claimed, at = day(claim.claimed_value), _day(claim, observed)
    assert claimed is not None
    if at.end < claimed.start if word == "before" else at.start > claimed.end:
        return Compared("supported", f"The figures give {at}, {word} {claimed}.")
    _precise_enough(at, claimed.start, claimed.end, str(claimed))
    return Compared("contradicted", f"The figures give {at}, not {word} {claimed}.")


COMPARATORS: dict[str, Callable[[Claim, Value], Compared]] = {
    "equals": equals,
    "approximately": approximately,
    "at_least": at_least,
    "at_most": at_most,
    "share": share,
    "sign": has_sign,
    "sign_change": sign_change,
    "first_since": first_since,
    "record": record,
    "trend": trend,
    "before": before,
    "after": after,
    "count": count,
}
