"""Write the claimed value and the figure of a claim, in the claim's unit and scale.

Here: amounts, distances, and the words that say what a figure is. Not here: comparing them (`comparison`).
"""

from __future__ import annotations

import math

from dagster_project.claims.evidence import Value
from dagster_project.claims.notation import choose_decimals, format_amount
from dagster_project.claims.schema import Claim
from dagster_project.claims.statements import CONVERTED, Measure
from dagster_project.claims.values import Comparator
from dagster_project.metrics import catalogue


def get_claimed_number(claim: Claim) -> float:
    """Return the claimed number in the printed scale, for example 18.0 for US$18.0bn."""
    assert isinstance(claim.claimed_value, int | float)
    return float(claim.claimed_value)


def get_tolerance(claim: Claim) -> float | None:
    """Return the claim's tolerance in the printed scale; None if it has none."""
    if claim.tolerance is None:
        return None
    relative, claimed = (claim.tolerance.relative_pct or 0) / 100, claim.claimed_value
    by_value = relative * abs(claimed) if isinstance(claimed, int | float) else 0.0
    return max(claim.tolerance.absolute or 0.0, by_value)


def write_value(claim: Claim, observed: Value, unit: str | None = None) -> str:
    """Write an answer in the claim's scale, for example `US$55.6bn`; `unit` replaces the claim's unit."""
    unit = unit or claim.unit
    if isinstance(observed, bool):
        return "yes" if observed else "no"
    if not isinstance(observed, int | float):
        return str(observed)
    if unit is None:
        return f"{observed:{',.10g' if abs(observed) >= 10_000 else '.6g'}}".replace("-", "−")
    value = observed / claim.factor
    return format_amount(value, unit, claim.scale, choose_shown_decimals(claim, value))


def write_amount(claim: Claim, value: float, unit: str | None = None, beside: float = 0) -> str:
    """Write a number in full units with its sign in words, for example "a deficit of US$18.0bn" or "a fall of 1.7%".

    No words are written if `beside`, a number that is named before it, has the same sign.
    """
    words = name_sign(claim, value, unit)
    return f"{'' if value * beside > 0 else words}{write_value(claim, abs(value) if words else value, unit)}"


def name_sign(claim: Claim, value: float, unit: str | None = None) -> str:
    """Begin an amount: "a rise of " (changes), "a surplus of " (balances), or an empty text for other numbers."""
    if is_change(claim) or _is_rate(claim) or claim.comparator is Comparator.TREND:
        return "a fall of " if value < 0 else "a rise of " if value else "a change of "
    metric = catalogue.find_metric(claim.metric)
    is_balance = metric.signed if metric else value < 0
    if not is_balance or (unit or claim.unit) not in ("USD", *CONVERTED):
        return ""
    return "a deficit of " if value < 0 else "a surplus of " if value else "a balance of "


def describe_figure(claim: Claim, observed: Value) -> str:
    """Write the evidence's answer, for example "a surplus of US$18.0bn", "rank 2" or "a run of 3"."""
    if isinstance(observed, bool) or not isinstance(observed, int | float):
        return write_value(claim, observed)
    kind = {"record": "rank ", "streak": "a run of "}.get(claim.parsed.comparator if claim.parsed else "", "")
    return f"{kind}{write_amount(claim, observed)}{write_qualifier(claim)}"


def write_qualifier(claim: Claim) -> str:
    """Write what an amount is of or since: " since the last deficit", or " in the balance" (changes); else nothing."""
    if claim.parsed is not None and claim.parsed.comparator == "first_in" and name_side(claim):
        return f" since the last {name_side(claim)}"
    return " in the balance" if claim.parsed is not None and claim.parsed.metric.signed and is_change(claim) else ""


def name_side(claim: Claim) -> str:
    """Name the side of a balance that a claim is about, `deficit` or `surplus`; return an empty text if none."""
    return {-1: "deficit", 1: "surplus"}.get(claim.parsed.value.side if claim.parsed else 0, "")


def begin_finding(claim: Claim) -> str:
    """Begin a finding: by the dates of events, or by the figures."""
    return f"The {'dates on record' if claim.period_type.startswith('event') else 'figures'} give"


def is_change(claim: Claim) -> bool:
    """Return whether the evidence gives a change between two periods."""
    parsed, changes = claim.parsed, {Measure.DIFFERENCE, Measure.GROWTH}
    return parsed is not None and parsed.measure in changes and not parsed.metric.growth_of


def _is_rate(claim: Claim) -> bool:
    """Return whether the figure is a growth rate in per cent."""
    return claim.parsed is not None and claim.parsed.metric.is_growth and claim.unit == "%"


def choose_shown_decimals(claim: Claim, value: float) -> int:
    """Choose the decimals of a figure; a converted figure gets no more than its tolerance allows."""
    if claim.tolerance is not None and claim.tolerance.is_of_conversion:
        return max(0, min(claim.decimals + 1, math.ceil(-math.log10(get_tolerance(claim) or 1))))
    return choose_decimals(value, claim.decimals)


def write_distance(claim: Claim, value: float, more: int = 0) -> str:
    """Write a distance in the claim's unit (percentage points for per cent), with `more` additional decimals."""
    unit = "pp" if claim.unit == "%" else claim.unit
    return format_amount(value, unit, claim.scale, choose_shown_decimals(claim, value) + more)


def write_claimed(claim: Claim, beside: float = 0) -> str:
    """Write the claimed number, for example "a deficit of US$18.0bn"; without words if `beside` has the same sign."""
    claimed = get_claimed_number(claim)
    words = name_sign(claim, claimed)
    amount = format_amount(abs(claimed) if words else claimed, claim.unit, claim.scale, claim.decimals)
    return f"{'' if claimed * beside > 0 else words}{amount}"
