"""Verdicts: what the figures say to each claim, as they stood when it was published and as they stand now.

Here: judging what was found. Not here: how values compare (`comparison`), and asking for them (`evaluator`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from dagster_project.claims.comparison import Verdict, compare, number, shown, sign, with_second_reading
from dagster_project.claims.diagnosis import Diagnosis
from dagster_project.claims.evidence import Value
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.statements import CONVERTED, Measure
from dagster_project.claims.values import BOUNDS, Comparator
from dagster_project.errors import BilateralError
from dagster_project.questions.wording import possessive

# What compares one value with another.
LEVELS = (Comparator.EQUALS, Comparator.APPROXIMATELY, *BOUNDS)
SUPPORTED = ("supported", "supported_rounded")


@dataclass(frozen=True)
class Observed:
    """What the questions of a claim give.

    Args:
        observed: What its evidence gives; None if that is null, or there is none.
        alternate: The same for the other reporter's.
        second: The second official reading.
        denied: What the figures show where the evidence gives null because the claim is false, after "they show".
        beside: What the figures show against a claim whose number is right; its verdict, with the reason.
        remarks: What is told beside the verdict, each a sentence.
    """

    observed: Value | None = None
    alternate: Value | None = None
    second: Value | None = None
    denied: str | None = None
    beside: Verdict | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimResult:
    """The result of a claim: its verdict, and what its questions give.

    Args:
        article: What published it.
        claim: The claim.
        found: What its questions give.
        verdict: The verdict by the figures of now; None if an evidence fails.
        observed_then: What the evidence gave on the day of the publication.
        verdict_then: The verdict by the figures of that day.
        snapshot_ids: The snapshots that the evidence rests on.
        error: Which evidence fails and why.
        diagnosis: What the claimed number is, if it is another figure.
    """

    article: Article
    claim: Claim
    found: Observed = Observed()
    verdict: Verdict | None = None
    observed_then: Value | None = None
    verdict_then: Verdict | None = None
    snapshot_ids: tuple[str, ...] = ()
    error: BilateralError | None = None
    diagnosis: Diagnosis | None = None


def evaluate(
    claim: Claim,
    found: Observed,
    *,
    today: date,
    missing: str | None = None,
    lacking: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """The verdict on a claim.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    if claim.not_held is not None or (lacking and found.observed is None and not found.denied):
        return Verdict("not_held", claim.not_held or lacking or "")
    verdict = _verdict(claim, found, today=today, missing=missing, names=names)
    return Verdict(verdict.verdict, " ".join([verdict.reason.strip(), *found.remarks]))


def _verdict(claim: Claim, found: Observed, *, today: date, missing: str | None, names: Mapping[str, str]) -> Verdict:
    if claim.not_checkable is not None:
        return Verdict("not_checkable", claim.not_checkable)
    observed = found.observed
    if claim.period_type == "forecast" and claim.period.end >= today:
        far = f" So far the figures give {shown(claim, observed)}." if observed is not None else ""
        return Verdict("pending", f"The period ends on {claim.period.end}, and it is judged as of {today}.{far}")
    if observed is not None:
        compared = compare(claim, observed)
        if claim.asked is not None and claim.unit in CONVERTED:
            rate = f"Converted at the average rate of {claim.asked.span}."
            compared = Verdict(compared.verdict, f"{compared.reason} {rate}")
        if claim.second_reading and found.second is not None:
            compared = with_second_reading(claim, observed, found.second, claim.second_reading.source, compared)
        if found.beside and compared.supports:
            return Verdict(found.beside.verdict, f"{compared.reason} {found.beside.reason}")
    elif found.denied:
        compared = Verdict("contradicted", f"The figures are in, and they show {found.denied}.")
    else:
        return Verdict("pending", missing or f"The figures of {claim.period.start} to {claim.period.end} are not in.")
    if claim.alternate is None or compared.verdict == "not_checkable":
        return compared
    other_side = claim.alternate.reporter or "The other side"
    whose = claim.alternate.called or f"{possessive(names.get(other_side, other_side))} statistics"
    if found.alternate is None:
        # A level that is not given is not held; of a movement or a row it may be another period that is not.
        is_level = claim.comparator in LEVELS and claim.unit != "%" and not _is_change(claim)
        held = "of the period are not held, or too thin" if found.remarks else "of the period are not held"
        lack = held if is_level and not claim.alternate.called else "give no answer"
        return Verdict(compared.verdict, f"{compared.reason} {whose} {lack}.")
    agrees, other = _alternate(claim, observed, found.alternate, whose)
    if agrees == compared.supports or (claim.alternate.compare == "sign" and not compared.supports):
        return Verdict(compared.verdict, f"{compared.reason} {other}")
    if claim.names_reporter:
        its = claim.reporter or ""
        by = f", {names.get(its, its)}'s" if its else ""
        return Verdict(compared.verdict, f"{compared.reason} {other} It is judged by the statistics that it names{by}.")
    return Verdict("reporter_dependent", f"{compared.reason} {other}")


def _is_change(claim: Claim) -> bool:
    """Whether a change between two periods is claimed."""
    return claim.asked is not None and claim.asked.measure is not Measure.LEVEL


def _alternate(claim: Claim, observed: Value | None, alternate: Value, whose: str) -> tuple[bool, str]:
    """Whether the other reporter's value bears the claim out, and what it says."""
    assert claim.alternate is not None
    if claim.alternate.compare == "same":
        other = compare(claim, alternate)
        return other.supports, other.reason.replace("The figures", whose, 1).replace("the figures", whose, 1)
    if observed is None:
        return False, f"{whose} give {shown(claim, alternate, claim.alternate.unit)}."
    same = sign(number(claim, alternate)) == sign(number(claim, observed))
    value = shown(claim, alternate, claim.alternate.unit)
    is_flow = (claim.flow or claim.metric == "total_trade") and not _is_change(claim)
    if is_flow and same and observed and claim.unit == "USD":
        # A flow has no other sign: what tells is how far the sides differ.
        away = 100 * (number(claim, alternate) / number(claim, observed) - 1)
        return same, f"{whose} give {value}, {abs(away):.1f}% {'more' if away > 0 else 'less'}."
    return same, f"{whose} give {value}, {'the same' if same else 'another'} sign."
