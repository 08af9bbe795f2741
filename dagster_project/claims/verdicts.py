"""Verdicts: what the figures say to each claim, as they stood when it was published and as they stand now.

Here: judging what was found. Not here: how values compare (`comparison`), and asking for them (`evaluator`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from dagster_project.claims.comparison import Verdict, compare, is_change, number, shown, sign, with_second_reading
from dagster_project.claims.diagnosis import Diagnosis
from dagster_project.claims.evidence import Value
from dagster_project.claims.form import Article, Claim
from dagster_project.claims.statements import CONVERTED, LEVELS, Measure
from dagster_project.errors import BilateralError
from dagster_project.questions.wording import add_article, make_possessive

SUPPORTED = ("supported", "supported_rounded")


@dataclass(frozen=True)
class Observed:
    """What the questions of a claim give.

    Args:
        observed: What its evidence gives; None if that is null, or there is none.
        alternate: The same for the other reporter's.
        alternate_print: Who printed the other reporter's figure, where it is not held, and the value in US$.
        second: The second official reading.
        denied: What the figures show where the evidence gives null because the claim is false, after "they show".
        beside: What the figures show against a claim whose number is right; its verdict, with the reason.
        remarks: What is told beside the verdict, each a sentence.
    """

    observed: Value | None = None
    alternate: Value | None = None
    alternate_print: tuple[str, float] | None = None
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
    """Return the verdict on a claim.

    Args:
        claim: The claim.
        found: What its questions give.
        today: The day as of which it is judged.
        missing: Why there may be no figure, where time brings it.
        lacking: What is not held, where no time brings it.
        names: What economies are called.

    Raises:
        EvidenceError: The evidence gives another kind of value than the comparator compares.
    """
    if claim.not_held is not None or (lacking and found.observed is None and not found.denied):
        return Verdict("not_held", claim.not_held or lacking or "")
    observed, period = found.observed, claim.period
    if claim.not_checkable is not None:
        verdict = Verdict("not_checkable", claim.not_checkable)
    elif claim.period_type == "forecast" and period.end >= today:
        far = f" So far the figures give {shown(claim, observed)}." if observed is not None else ""
        verdict = Verdict("pending", f"The period ends on {period.end}, and it is judged as of {today}.{far}")
    elif observed is None and not found.denied:
        verdict = Verdict("pending", missing or f"The figures of {period.start} to {period.end} are not in.")
    else:
        verdict = _compared(claim, found)
        if found.beside and verdict.supports:
            verdict = Verdict(found.beside.verdict, f"{verdict.reason} {found.beside.reason}")
        elif claim.alternate and verdict.verdict != "not_checkable":
            verdict = _with_alternate(claim, found, verdict, names)
    return Verdict(verdict.verdict, " ".join([verdict.reason.strip(), *found.remarks]))


def _compared(claim: Claim, found: Observed) -> Verdict:
    """Return the verdict by the reporter's own figures."""
    if found.observed is None:
        return Verdict("contradicted", f"The figures are in, and they show {found.denied}.")
    verdict = compare(claim, found.observed)
    if claim.asked is not None and claim.unit in CONVERTED:
        rate = f"Converted at the average rate of {claim.asked.span}."
        verdict = Verdict(verdict.verdict, f"{verdict.reason} {rate}")
    if claim.second_reading and found.second is not None:
        return with_second_reading(claim, found.observed, found.second, claim.second_reading.source, verdict)
    return verdict


def _with_alternate(claim: Claim, found: Observed, own: Verdict, names: Mapping[str, str]) -> Verdict:
    """Return a verdict with what the other side's statistics say beside it."""
    assert claim.alternate is not None
    economy = claim.alternate.reporter or "The other side"
    whose = claim.alternate.called or f"{make_possessive(add_article(names.get(economy, economy)))} statistics"
    whose = whose[0].upper() + whose[1:]
    if found.alternate is None:
        # A level that is not given is not held; of a movement or a row it may be another period that is not.
        is_level = claim.comparator in LEVELS and claim.unit != "%" and not claim.alternate.called
        if not is_level or _compares_periods(claim):
            return Verdict(own.verdict, f"{own.reason} {whose} give no answer.")
        held = "of the period are not held, or too thin" if found.remarks else "of the period are not held"
        if found.alternate_print is None:
            return Verdict(own.verdict, f"{own.reason} {whose} {held}.")
        # A print is no figure of ours, and turns no verdict.
        publisher, printed = found.alternate_print
        _, told = _compare_alternate(claim, found.observed, printed, f"The prints of {publisher},")
        return Verdict(own.verdict, f"{own.reason} {whose} {held}. {told}")
    is_same, told = _compare_alternate(claim, found.observed, found.alternate, whose)
    reason = f"{own.reason} {told}"
    if is_same == own.supports or (claim.alternate.compare == "sign" and not own.supports):
        return Verdict(own.verdict, reason)
    if claim.names_reporter:
        its = f", {make_possessive(add_article(names.get(claim.reporter, claim.reporter)))}" if claim.reporter else ""
        return Verdict(own.verdict, f"{reason} It is judged by the statistics that it names{its}.")
    return Verdict("reporter_dependent", reason)


def _compare_alternate(claim: Claim, observed: Value | None, alternate: Value, whose: str) -> tuple[bool, str]:
    """Return whether the other reporter's value bears the claim out, and what it says."""
    assert claim.alternate is not None
    if claim.alternate.compare == "same":
        other = compare(claim, alternate)
        return other.supports, other.reason.replace("The figures", whose, 1).replace("the figures", whose, 1)
    value = f"{'a change of ' if is_change(claim) else ''}{shown(claim, alternate, claim.alternate.unit)}"
    if observed is None:
        return False, f"{whose} give {value}."
    is_same = sign(number(claim, alternate)) == sign(number(claim, observed))
    is_flow = (claim.flow or claim.metric == "total_trade") and not _compares_periods(claim)
    if is_flow and is_same and observed and claim.unit == "USD":
        # A flow has no other sign: what tells is how far the sides differ.
        away = 100 * (number(claim, alternate) / number(claim, observed) - 1)
        return is_same, f"{whose} give {value}, {abs(away):.1f}% {'more' if away > 0 else 'less'}."
    return is_same, f"{whose} give {value}, {'the same' if is_same else 'another'} sign."


def _compares_periods(claim: Claim) -> bool:
    """Return whether two periods are compared: a change, a growth or a ratio."""
    return claim.asked is not None and claim.asked.measure is not Measure.LEVEL
