"""Judge a claim by the answers of its SELECTs: the reporter's figure, a second official figure, the partner's figure.

Not here: comparing two values (`comparison`), and running the SELECTs (`evaluator`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from dagster_project.claims.amounts import (
    describe_figure,
    get_claimed_number,
    is_change,
    name_side,
    name_sign,
    write_amount,
    write_claimed,
)
from dagster_project.claims.comparison import (
    FIRST_EVENT,
    LATER_EVENT,
    ROUNDS,
    Verdict,
    compare_value,
    exceeds_limit,
    explain_print,
    get_sign,
    require_number,
)
from dagster_project.claims.compiling import list_stages
from dagster_project.claims.diagnosis import Diagnosis
from dagster_project.claims.evidence import Value
from dagster_project.claims.schema import Article, Claim
from dagster_project.claims.statements import CONVERTED, LEVELS, Measure
from dagster_project.claims.values import Comparator
from dagster_project.errors import BilateralError
from dagster_project.questions.wording import add_article, capitalize_first, format_usd, make_possessive

SUPPORTED = ("supported", "supported_rounded")


@dataclass(frozen=True)
class EvidenceValues:
    """The answers of a claim's SELECTs."""

    observed: Value | None = None  # the value of the evidence; None if it is null, or there is no evidence
    alternate: Value | None = None  # the value in the partner's statistics
    second: Value | None = None  # the reporter's figure from a second official source
    denied: str | None = None  # why the evidence is null although the figures are known: "no deficit in 2018"
    beside: Verdict | None = None  # a verdict against a claim whose number is right: "rose to", but it fell to it
    remarks: tuple[str, ...] = ()  # sentences that follow the verdict
    alternate_print: tuple[str, float] | None = None  # who printed the partner's missing figure, and its US$


@dataclass(frozen=True)
class ClaimResult:
    """The result of evaluating a claim."""

    article: Article
    claim: Claim
    values: EvidenceValues = EvidenceValues()
    verdict: Verdict | None = None  # the verdict by the figures of now; None if a SELECT fails
    observed_then: Value | None = None  # the value of the evidence on the day of publication
    verdict_then: Verdict | None = None  # the verdict by the figures of that day
    snapshot_ids: tuple[str, ...] = ()  # the snapshots behind the evidence
    error: BilateralError | None = None  # which SELECT fails, and why
    diagnosis: Diagnosis | None = None  # the other figure that the claimed number is, if it is one
    held: str | None = None  # the years and months of available figures, in words; None if not looked up


def judge_claim(
    claim: Claim,
    values: EvidenceValues,
    *,
    today: date,
    waiting: str | None = None,
    lacking: str | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Verdict:
    """Judge a claim by the answers of its SELECTs, as of the day `today`.

    `Evaluator` changes the verdict where a revision, a printed value or a mistake of unit or scale explains the number.
    `waiting` is the reason why missing figures may still come (`pending`), `lacking` why none will come (`not_held`).

    Raises:
        EvidenceError: The comparator does not compare values of this kind.
    """
    period, is_open = claim.period, values.observed is None and not values.denied
    if claim.not_held is not None or (lacking and is_open):
        return Verdict("not_held", claim.not_held or lacking or "")
    if claim.not_checkable is not None:
        verdict = Verdict("not_checkable", claim.not_checkable)
    elif claim.period_type == "forecast" and period.end >= today:
        verdict = Verdict(
            "pending", f"The claim cannot be judged by the figures of {today} yet: its period runs to {period.end}."
        )
        if values.observed is not None:
            verdict = verdict.add_remark(f"So far the figures give {describe_figure(claim, values.observed)}.")
    elif is_open:
        missing = waiting or f"No figures for {period.start} to {period.end} are available yet."
        verdict = Verdict("pending", missing)
    else:
        verdict = _judge_by_own_figures(claim, values)
        if claim.reporter and claim.alternate and claim.alternate.reporter:
            # The partner's statistics follow.
            whose = f"{_name_owner(claim.reporter, names)} statistics"
            verdict = replace(verdict, reason=_name_statistics(verdict.reason, whose))
        if values.beside and verdict.supports and claim.comparator is Comparator.SIGN_CHANGE:
            # There was a switch, but not to the side that the claim names.
            ways = {"deficit": "from deficit to surplus", "surplus": "from surplus to deficit"}
            subject = verdict.reason.partition(" show ")[0]
            opposite = f"{subject} show the opposite, a switch {ways[name_side(claim)]}."
            verdict = Verdict(values.beside.verdict, opposite)
        elif values.beside and verdict.supports:
            verdict = Verdict(values.beside.verdict, f"{verdict.reason} {values.beside.reason}")
        elif claim.alternate and verdict.verdict != "not_checkable":
            verdict = _add_alternate(claim, values, verdict, names)
    return Verdict(verdict.verdict, " ".join([_name_subjects(claim, verdict.reason.strip(), names), *values.remarks]))


def _name_subjects(claim: Claim, reason: str, names: Mapping[str, str]) -> str:
    """Name the economies of a rank and the two events of an order; `names` has the titles of events by their codes."""
    if claim.reporter and "the partner ranked" in reason:
        owner, partner = _name_owner(claim.reporter, names), add_article(names.get(claim.partner or "", "the partner"))
        reason = reason.replace("By the figures the partner", f"By {owner} statistics {partner}")
        reason = reason.replace("the reporter's", owner)
    titles = [names[event] for event, _ in list_stages(claim.item or "") if event in names]
    if claim.period_type == "event_order" and len(titles) == 2:
        first, later = titles if claim.comparator is Comparator.BEFORE else reversed(titles)
        for words, title in ((FIRST_EVENT, first), (LATER_EVENT, later)):
            reason = reason.replace(words, title).replace(capitalize_first(words), title)
    return reason


def _judge_by_own_figures(claim: Claim, values: EvidenceValues) -> Verdict:
    if values.observed is None:
        return Verdict("contradicted", f"The figures show {values.denied}.")
    verdict = compare_value(claim, values.observed)
    # Figures that the reporter prints in the currency need no rate.
    if claim.parsed is not None and claim.unit in CONVERTED and "exchange_rate" in (claim.evidence or ""):
        verdict = verdict.add_remark(f"The figures are converted at the average rate of {claim.parsed.span}.")
    if claim.second_reading and values.second is not None:
        return add_second_reading(claim, values.observed, values.second, claim.second_reading.source, verdict)
    return verdict


def add_second_reading(claim: Claim, observed: Value, second: Value, source: str, found: Verdict) -> Verdict:
    """Add the reporter's figure from a second official source to a verdict; this figure may change the verdict."""
    own, other = require_number(claim, observed), require_number(claim, second)
    low, high = sorted(value / claim.factor for value in (own, other))
    claimed, half, printed = get_claimed_number(claim), 0.5 * 10**-claim.decimals, write_claimed(claim, own)
    given = write_amount(claim, other, beside=own)
    both = f"The figures give {write_amount(claim, own)}, and {source} gives {given}"
    is_off = found.verdict in ("contradicted", "differs_in_last_digit")
    is_same_sign = {get_sign(low), get_sign(high)} == {get_sign(claimed)}
    is_outside = exceeds_limit(low - claimed, half, claimed) or exceeds_limit(claimed - high, half, claimed)
    if is_off and is_same_sign and not is_outside:
        return Verdict("differs_in_last_digit", f"{both}: the claimed {printed} lies between the two.")
    print_ = explain_print(claim, other / claim.factor)
    if print_ == ROUNDS and given != printed and found.reason.endswith(f", {ROUNDS.format(printed)}."):
        return Verdict(found.verdict, f"{both}: both round to {printed}.")
    if print_ and found.supports:
        given += f", {print_.format(printed)}" if given != printed else ", as claimed"
    return found.add_remark(f"{source} gives {given}.")


def _add_alternate(claim: Claim, values: EvidenceValues, own: Verdict, names: Mapping[str, str]) -> Verdict:
    """Add the partner's figure to a verdict; if the two economies disagree, return `reporter_dependent`."""
    assert claim.alternate is not None
    whose = claim.alternate.called or f"{_name_owner(claim.alternate.reporter or 'the other side', names)} statistics"
    if values.alternate is None:
        return own.add_remark(capitalize_first(_describe_missing_alternate(claim, values, whose, names)))
    is_same, sentence = _compare_alternate(claim, values.observed, values.alternate, whose, names)
    verdict = own.add_remark(capitalize_first(sentence))
    if is_same == own.supports or (claim.alternate.compare == "sign" and not own.supports):
        return verdict
    if claim.names_reporter:
        if not claim.reporter:
            return verdict.add_remark("The claim is judged by the statistics that it names.")
        whose = _name_owner(claim.reporter, names)
        return verdict.add_remark(f"The claim rests on {whose} statistics, so it is judged by them.")
    return Verdict("reporter_dependent", verdict.reason)


def _name_owner(economy: str, names: Mapping[str, str]) -> str:
    return make_possessive(add_article(names.get(economy, economy)))


def _name_statistics(reason: str, whose: str) -> str:
    """Begin a reason with the name of the statistics, such as "China's statistics", in place of "the figures"."""
    return capitalize_first(reason.replace("The figures", whose, 1).replace("the figures", whose, 1))


def _describe_missing_alternate(claim: Claim, values: EvidenceValues, whose: str, names: Mapping[str, str]) -> str:
    """Describe the partner's missing figure, with the value that its authority printed, if known."""
    assert claim.alternate is not None
    word = claim.parsed.comparator if claim.parsed else claim.comparator
    is_level = word in LEVELS and claim.unit != "%" and not claim.alternate.called
    if not is_level or _compares_periods(claim):
        # For a change or a streak, the missing figure may be of another period.
        return f"{whose} are missing for at least one of the periods compared."
    if values.alternate_print is None:
        checked = ", or are too incomplete" if values.remarks else ""
        return f"{whose} for this period are not available{checked}."
    printed, value = values.alternate_print
    return _compare_alternate(claim, values.observed, value, name_print(printed), names)[1]


def name_print(printed: str) -> str:
    """Name figures that are known only from print; `printed` is their publisher, or "publisher, in publication"."""
    publisher, _, where = printed.partition(", in ")
    return f"figures of {publisher}, known here only {f'as quoted in {where}' if where else 'from print'},"


def _compare_alternate(
    claim: Claim, observed: Value | None, alternate: Value, whose: str, names: Mapping[str, str]
) -> tuple[bool, str]:
    """Compare the partner's value with the claim, or its sign with that of the reporter's value; write a sentence."""
    assert claim.alternate is not None
    if claim.alternate.compare == "same":
        other = compare_value(claim, alternate)
        # The reporter's sentence names the surplus or the deficit of the period.
        side, reason = name_side(claim), _name_statistics(other.reason, whose)
        if side and claim.parsed and claim.reporter:
            reporter = add_article(names.get(claim.reporter, claim.reporter))
            reason = reason.replace(f"the {side} of {claim.parsed.span} ranks", "it ranks")
            reason = reason.replace(f"show no {side} in", f"show no {side} for {reporter} in")
        return other.supports, reason
    unit, other_side = claim.alternate.unit or claim.unit, require_number(claim, alternate)
    is_other_currency = unit == "USD" != claim.unit
    is_flow = (claim.flow or claim.metric == "total_trade") and not _compares_periods(claim)
    value, words = write_amount(claim, other_side, unit), name_sign(claim, other_side, unit)
    if is_other_currency:
        value = f"{words}{format_usd(abs(other_side) if words else other_side)}"
    if observed is None:
        return False, f"{whose} give {value}."
    own = require_number(claim, observed)
    is_same = get_sign(other_side) == get_sign(own)
    if is_flow and is_other_currency:
        # Two currencies are not compared, and both flows are above zero.
        return is_same, f"{whose} give {value}."
    if is_flow and is_same and own and unit == "USD":
        # Exports and imports are never below zero, so the two are compared by their distance.
        away = 100 * (other_side / own - 1)
        than = _name_owner(claim.reporter, names) if claim.reporter else "the other"
        return is_same, f"{whose} give {value}, {abs(away):.1f}% {'more' if away > 0 else 'less'} than {than}."
    # Two balances may differ in size, so the second does not "also show" the first.
    shows = "also show"
    if claim.reporter and unit == "USD" and not is_change(claim):
        value += f" for {add_article(names.get(claim.reporter, claim.reporter))}"
        shows = "show"
    if unit == "ratio":
        return is_same, f"{whose} give {value}."
    if not words:
        return is_same, f"{whose} give {value}, the {'same' if is_same else 'opposite'} sign."
    return is_same, f"{whose} {shows} {value}." if is_same else f"{whose} show the opposite, {value}."


def _compares_periods(claim: Claim) -> bool:
    return claim.parsed is not None and claim.parsed.measure is not Measure.LEVEL
