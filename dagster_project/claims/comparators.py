"""Comparators: each holds a claimed value against what the figures give.

Here: what each comparator takes as a claimed value, and how it compares, with its reason in plain words; those of times
are in `times`. Not here: whether the figures are in, and what another reporter's statistics change (`verdicts`).

Numbers are compared in the printed scale. A number *supports* a claim if it is the printed one, or lies within the
claim's tolerance; it supports it *rounded* if it would be printed as the claimed one: rounded, if it lies no farther
from it than half of the last printed digit, or cut after that digit. Publishers round a half either way, so 55.65 may
be printed as 55.6 and as 55.7, and 55.69 cut to 55.6. Up to one such digit away, and of the same sign, it *differs in
the last digit*; so does a claimed number between two official readings of what is measured. What is converted stands
for all that lies within the conversion's tolerance of it, so a claim is held against the nearest of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.claims.comparison import Verdict, allowance, decimals_of, left_open, number, shown, sign, verified
from dagster_project.claims.evidence import Value
from dagster_project.claims.limits import EvidenceError
from dagster_project.claims.printed import SAME, amount, day, enough_decimals
from dagster_project.claims.times import at, first_since, order, same

if TYPE_CHECKING:
    from dagster_project.claims.form import Claim

# What is counted in whole numbers: one more or fewer is no slip of the printed digit.
COUNTED = frozenset({"years", "months", "days", "persons"})


def compare(claim: Claim, observed: Value) -> Verdict:
    """Holds what the evidence gives against what is claimed.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    return COMPARATORS[claim.comparator].compare(claim, observed)


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
    away = f"{_unsigned(claim, distance)} {'higher' if value > claimed else 'lower'}"
    apart = f"{away} than the claimed {_claimed(claim)}"
    if not _beyond(distance, 0, claimed):
        return Verdict("supported", f"The figures give exactly {_claimed(claim)}.")
    allowed = allowance(claim)
    if allowed is not None and not _beyond(distance, allowed, claimed):
        if round(distance, decimals_of(claim, distance)) == 0:
            return Verdict("supported", f"{figures}, which is {_claimed(claim)} within {_tolerance(claim, allowed)}.")
        return Verdict("supported", f"{figures}, {apart}: within {_tolerance(claim, allowed)}.")
    if claim.comparator != "approximately" and (how := _printed(claim, value)):
        return Verdict("supported_rounded", f"{figures}, {how} {_claimed(claim)}.")
    nearest = min(max(claimed, value - left_open(claim)), value + left_open(claim))
    if nearest != value and _printed(claim, nearest):
        within = f"within {_tolerance(claim, left_open(claim))} and the rounding"
        return Verdict("supported_rounded", f"{figures}, {apart}: {within}.")
    if _differs_in_last_digit(claim, nearest):
        beyond = " beyond the conversion's tolerance" if nearest != value else ""
        reason = f"{figures}, not {_claimed(claim)}: {away}, no more than its last digit{beyond}."
        return Verdict("differs_in_last_digit", reason)
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
    if (how := _printed(claim, number(claim, second) / claim.factor)) and found.supports:
        other += f", {how} {_claimed(claim)}" if shown(claim, second) != _claimed(claim) else ", as claimed"
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
    return amount(value, unit, claim.scale, decimals_of(claim, value) if value % 1 else claim.decimals)


def _tolerance(claim: Claim, allowed: float) -> str:
    decimals = enough_decimals(allowed, claim.decimals)
    if left_open(claim):
        decimals = max(0, math.ceil(-math.log10(allowed)) + 1)
    whose, unit = "the conversion's" if left_open(claim) else "the", "pp" if claim.unit == "%" else claim.unit
    return f"{whose} tolerance of {amount(allowed, unit, claim.scale, decimals)}"


def equals(claim: Claim, observed: Value) -> Verdict:
    """Numbers as printed; texts, truth and days as they are, days at the precision that is claimed."""
    claimed = claim.claimed_value
    if isinstance(claimed, bool) or isinstance(observed, bool):
        if not (isinstance(claimed, bool) and isinstance(observed, bool)):
            raise EvidenceError(
                f"it gives {observed!r}, and the claim is {claimed!r}.", remedy="Give the same kind of value."
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
    """The claimed number or more (`at_least`), or it or less (`at_most`)."""
    claimed, value = claimed_number(claim), number(claim, observed) / claim.factor
    short = claimed - value if claim.comparator == "at_least" else value - claimed
    words = claim.comparator.replace("_", " ")
    figures = f"The figures give {shown(claim, observed)}"
    allowed = allowance(claim) or 0.0
    if not _beyond(short, 0, claimed):
        return Verdict("supported", f"{figures}, {words} {_claimed(claim)}.")
    if not _beyond(short, allowed, claimed):
        apart = f"{_unsigned(claim, short)} short of {words} {_claimed(claim)}"
        return Verdict("supported", f"{figures}, {apart}: within {_tolerance(claim, allowed)}.")
    if how := _printed(claim, value):
        return Verdict("supported_rounded", f"{figures}, {how} {_claimed(claim)}, though not {words} that.")
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


# What each takes as a claimed value.


def _number_claimed(claim: Claim) -> float:
    value = claim.claimed_value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{claim.comparator} compares numbers, and claimed_value is {value!r}")  # noqa: TRY004 - pydantic's
    return float(value)


def _measured(claim: Claim) -> None:
    value = _number_claimed(claim)
    if claim.unit is None:
        raise ValueError(f"{claim.comparator} compares a number, so say its unit")
    if round(value, claim.decimals) != value:
        raise ValueError(f"claimed_value {value:g} has more than the {claim.decimals} decimals that decimals says")


def _equal(claim: Claim) -> None:
    if isinstance(claim.claimed_value, int | float) and not isinstance(claim.claimed_value, bool):
        # A bare year is a date of that precision, and has no unit.
        if claim.unit is None and day(claim.claimed_value) is not None:
            return
        _measured(claim)
    elif claim.tolerance or claim.scale or claim.decimals:
        raise ValueError("tolerance, scale and decimals belong to numbers, and claimed_value is none")


def _about(claim: Claim) -> None:
    _measured(claim)
    if claim.tolerance is None:
        raise ValueError("approximately needs a tolerance: say how near is near")


def _percentage(claim: Claim) -> None:
    _measured(claim)
    if claim.unit != "%" or claim.scale:
        raise ValueError("a share has the unit % and no scale")


def _one_of(*words: str) -> Callable[[Claim], None]:
    def check(claim: Claim) -> None:
        if claim.claimed_value not in words:
            raise ValueError(f"{claim.comparator} takes one of {', '.join(words)} as claimed_value")

    return check


def _truth(claim: Claim) -> None:
    if not isinstance(claim.claimed_value, bool):
        raise ValueError("sign_change takes true or false as claimed_value")  # noqa: TRY004 - pydantic's


def _whole_claimed(claim: Claim) -> None:
    value = _number_claimed(claim)
    if value != int(value) or value < 0 or (claim.comparator == "record" and value < 1):
        raise ValueError(f"{claim.comparator} takes a whole number as claimed_value, and it is {value:g}")


def _a_day(claim: Claim) -> None:
    if day(claim.claimed_value) is None:
        raise ValueError(f"{claim.comparator} takes a day, month or year as claimed_value")


def _a_day_or_none_between(claim: Claim) -> None:
    if claim.claimed_value != 0 or isinstance(claim.claimed_value, bool):
        _a_day(claim)


class Comparator(NamedTuple):
    """A check of the claimed value, which raises a ValueError, and the comparison."""

    takes: Callable[[Claim], object]
    compare: Callable[[Claim, Value], Verdict]


COMPARATORS: Mapping[str, Comparator] = {
    "equals": Comparator(_equal, equals),
    "approximately": Comparator(_about, measure),
    "at_least": Comparator(_measured, bound),
    "at_most": Comparator(_measured, bound),
    "share": Comparator(_percentage, share),
    "sign": Comparator(_one_of("positive", "negative", "zero"), has_sign),
    "sign_change": Comparator(_truth, sign_change),
    "first_since": Comparator(_a_day, first_since),
    "record": Comparator(_whole_claimed, record),
    "trend": Comparator(_one_of("rising", "falling", "flat"), trend),
    "before": Comparator(_a_day_or_none_between, order),
    "after": Comparator(_a_day_or_none_between, order),
    "count": Comparator(_whole_claimed, count),
}
