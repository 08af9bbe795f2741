"""What each comparator takes as a claimed value.

Here: one check a comparator, which raises ValueError for what it cannot compare. Not here: the form of a claim
(`register`), and comparing (`comparators`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dagster_project.claims.printed import day

if TYPE_CHECKING:
    from dagster_project.claims.register import Claim


def _number(claim: Claim) -> float:
    value = claim.claimed_value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{claim.comparator} compares numbers, and claimed_value is {value!r}")  # noqa: TRY004 - pydantic's
    return float(value)


def _measured(claim: Claim) -> None:
    value = _number(claim)
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


def _whole(claim: Claim) -> None:
    value = _number(claim)
    if value != int(value) or value < 0 or (claim.comparator == "record" and value < 1):
        raise ValueError(f"{claim.comparator} takes a whole number as claimed_value, and it is {value:g}")


def _a_day(claim: Claim) -> None:
    if day(claim.claimed_value) is None:
        raise ValueError(f"{claim.comparator} takes a day, month or year as claimed_value")


def _a_day_or_none_between(claim: Claim) -> None:
    if claim.claimed_value != 0 or isinstance(claim.claimed_value, bool):
        _a_day(claim)


TAKES: dict[str, Callable[[Claim], None]] = {
    "equals": _equal,
    "approximately": _about,
    "at_least": _measured,
    "at_most": _measured,
    "share": _percentage,
    "sign": _one_of("positive", "negative", "zero"),
    "sign_change": _truth,
    "first_since": _a_day,
    "record": _whole,
    "trend": _one_of("rising", "falling", "flat"),
    "before": _a_day_or_none_between,
    "after": _a_day_or_none_between,
    "count": _whole,
}
