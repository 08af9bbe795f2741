"""A verdict, and what comparators use to read and show values.

Here: the parts that every comparator uses. Not here: the comparators (`comparators`, and of times `times`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dagster_project.claims.evidence import Value
from dagster_project.claims.limits import EvidenceError
from dagster_project.claims.printed import amount, enough_decimals

if TYPE_CHECKING:
    from dagster_project.claims.form import Claim

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
        return amount(value, unit, claim.scale, decimals_of(claim, value))
    return str(observed)


def left_open(claim: Claim) -> float:
    """Return how far converted US$ may be off what is printed, in the printed scale; 0 of what is not converted."""
    return (allowance(claim) or 0.0) if claim.tolerance and claim.tolerance.is_of_conversion else 0.0


def decimals_of(claim: Claim, value: float) -> int:
    """The decimals of a figure or distance: of converted US$ one more than claimed, or as many as their tolerance."""
    if allowed := left_open(claim):
        return max(0, min(claim.decimals + 1, math.ceil(-math.log10(allowed))))
    return enough_decimals(value, claim.decimals)


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
