"""Compare a claimed value with the figure, and give the verdict with its reason in words.

Here: the comparison of each comparator. Not here: what a claim may say (`schema`), missing figures, and the partner's
statistics (`verdicts`).

Numbers are compared in the printed scale. A figure *supports* a claim if it is the claimed number, or lies within the
claim's tolerance. A figure supports a claim *rounded* if it gives the claimed number when rounded to the last printed
digit, or when cut after this digit. Publishers round a half up or down, so 55.65 may be printed as 55.6 or 55.7, and
some cut 55.69 to 55.6. A figure *differs in the last digit* if it has the claimed sign and is at most one unit of this
digit away, or if the claimed number lies between two official figures. Whole numbers below 50 may neither be cut nor
differ in the last digit. A figure converted from another currency may be any number within the conversion's tolerance.
A bound, for example "more than $18bn", is compared with the unrounded figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dagster_project.claims.amounts import (
    begin_finding,
    describe_figure,
    get_claimed_number,
    get_tolerance,
    is_change,
    name_side,
    name_sign,
    write_amount,
    write_claimed,
    write_distance,
    write_qualifier,
    write_value,
)
from dagster_project.claims.evidence import Value
from dagster_project.claims.notation import ROUNDING_ERROR, Span, parse_day
from dagster_project.claims.query_limits import EvidenceError
from dagster_project.claims.schema import Claim
from dagster_project.claims.statements import Statement
from dagster_project.claims.values import BOUNDS, Comparator
from dagster_project.questions.wording import format_count, format_ordinal

VerdictName = Literal[
    "supported", "supported_rounded", "differs_in_last_digit", "contradicted", "reporter_dependent", "pending",
    "not_held", "not_checkable",
]  # fmt: skip
# Units of counts: 12 is a wrong count of 11, but 11.9 years are 11 full years.
COUNTED = frozenset({"years", "months", "days", "persons"})
# In a whole number below this, the last digit is more than 2%: too much to be cut or to be off by one.
COARSE = 50
ROUNDS = "which rounds to {}"
_OPPOSITE_BOUNDS = {
    Comparator.AT_LEAST: Comparator.AT_MOST, Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.MORE_THAN: Comparator.LESS_THAN, Comparator.LESS_THAN: Comparator.MORE_THAN,
}  # fmt: skip
# What the partner's rank in a metric is among, after the reporter's name.
_RANKED = {
    "export_rank": "export markets", "import_rank": "suppliers", "trade_rank": "trading partners",
    "surplus_rank": "partners by surplus", "deficit_rank": "partners by deficit",
}  # fmt: skip
# The two events of an order; a verdict has their titles in place of these words, if known.
FIRST_EVENT, LATER_EVENT = "the event that the claim puts first", "the event that the claim puts later"
_TRENDS = {"positive": "rising", "negative": "falling", "zero": "flat"}


@dataclass(frozen=True)
class Verdict:
    """A verdict and its reason: "The figures give a deficit of US$18.04bn, which rounds to US$18bn."."""

    verdict: VerdictName
    reason: str

    @property
    def supports(self) -> bool:
        """Return True for every verdict except `contradicted`, so for `not_checkable` as well."""
        return self.verdict != "contradicted"

    def add_remark(self, sentence: str) -> Verdict:
        return Verdict(self.verdict, f"{self.reason} {sentence}")


def compare_value(claim: Claim, observed: Value) -> Verdict:
    """Compare the answer of a claim's evidence with the claimed value, and give the verdict.

    Raises:
        EvidenceError: The comparator cannot compare values of this type.
    """
    return _COMPARISONS[claim.comparator](claim, observed)


# Numbers.


def require_number(claim: Claim, observed: Value) -> float:
    """Return the evidence's answer as a number in full units, such as US$; raise an error if it is no number."""
    if isinstance(observed, bool) or not isinstance(observed, int | float):
        raise _refuse_kind(claim, repr(observed), "numbers", "Select a number in full units.")
    return float(observed)


def _refuse_kind(claim: Claim, gives: str, compares: str, remedy: str) -> EvidenceError:
    return EvidenceError(f"the SELECT gives {gives}, but {claim.comparator} needs {compares}.", remedy=remedy)


def get_sign(value: float, margin: float = 0.0) -> str:
    """Return `zero` if the number is at most `margin` away from 0; otherwise `positive` or `negative`."""
    return "zero" if abs(value) <= margin else "positive" if value > 0 else "negative"


def _decide_verdict(holds: bool, finding: str, otherwise: str, so: str = "") -> Verdict:  # noqa: FBT001 - the claim
    """Return `supported` (reason: `finding` + `so`) if `holds`, else `contradicted` (`finding` + `otherwise`)."""
    return Verdict("supported", f"{finding}{so}.") if holds else Verdict("contradicted", f"{finding}, {otherwise}.")


def exceeds_limit(distance: float, limit: float, scale: float) -> bool:
    """Return whether a distance exceeds a limit by more than the rounding error of a number of size `scale`."""
    return distance > limit + ROUNDING_ERROR * max(abs(scale), limit)


def is_printed_as(claim: Claim, value: float) -> bool:
    """Return whether a number in the printed scale becomes the claimed one when rounded or cut."""
    return get_sign(value) == get_sign(get_claimed_number(claim)) and explain_print(claim, value) is not None


def explain_print(claim: Claim, value: float) -> str | None:
    """Say how a number becomes the claimed number {}, for example "which rounds to {}"; return None if it does not."""
    claimed, digit = get_claimed_number(claim), 10**-claim.decimals
    if not exceeds_limit(abs(value - claimed), 0.5 * digit, claimed):
        return ROUNDS
    rest = abs(value) - abs(claimed)
    is_cut = get_sign(value) == get_sign(claimed) and 0 < rest < digit and exceeds_limit(digit, rest, claimed)
    return "which is {} with the last digits cut off" if is_cut and _has_fine_digits(claim) else None


def _has_fine_digits(claim: Claim) -> bool:
    """Return whether the last printed digit is so small a part of the claimed number that it may be off by one."""
    return claim.decimals > 0 or abs(get_claimed_number(claim)) >= COARSE or _is_counted(claim)


def _is_counted(claim: Claim) -> bool:
    return claim.unit in COUNTED and not (claim.scale or claim.decimals)


def _compare_number(claim: Claim, observed: Value) -> Verdict:
    """Compare a number with the claimed one: equal, within the tolerance, rounded, or off in the last digit."""
    claimed, value = get_claimed_number(claim), require_number(claim, observed) / claim.factor
    if claim.comparator is Comparator.SHARE and not 0 <= value <= 100:
        outside = f"the SELECT gives {value:g}, but a share lies between 0 and 100."
        raise EvidenceError(outside, remedy="Select a percentage of a whole.")
    is_near, printed = claim.comparator is Comparator.APPROXIMATELY, write_claimed(claim, value)
    figures, distance = f"{begin_finding(claim)} {describe_figure(claim, observed)}", abs(value - claimed)
    if not exceeds_limit(distance, 0, claimed):
        # Whole years of a time that is a little longer are not exactly that time.
        how = "as claimed" if claim.period_type.startswith("event") else "exactly as claimed"
        return Verdict("supported", f"{begin_finding(claim)} {write_claimed(claim)}{write_qualifier(claim)}, {how}.")
    allowed = get_tolerance(claim)
    # A converted figure may be any number within the conversion's tolerance.
    is_converted = claim.tolerance is not None and claim.tolerance.is_of_conversion
    open_ = (allowed or 0.0) if is_converted else 0.0
    accuracy = f"the accuracy of the conversion (±{write_distance(claim, open_, more=2)})"
    if allowed is not None and not exceeds_limit(distance, allowed, claimed):
        within = f"{write_distance(claim, allowed)} of the claimed {printed}"
        how = f"which is the claimed {printed} within {accuracy}" if open_ else f"within {within}"
        return Verdict("supported", f"{figures}, {how}.")
    if not is_near and (print_ := explain_print(claim, value)):
        return Verdict("supported_rounded", f"{figures}, {print_.format(printed)}.")
    nearest = min(max(claimed, value - open_), value + open_)
    if open_ and explain_print(claim, nearest):
        return Verdict("supported_rounded", f"{figures}, which rounds to the claimed {printed} within {accuracy}.")
    has_last_digit = not (is_near or _is_counted(claim)) and _has_fine_digits(claim)
    is_digit_off = not exceeds_limit(abs(nearest - claimed), 10**-claim.decimals, claimed)
    if has_last_digit and get_sign(value) == get_sign(claimed) and is_digit_off:
        beyond = " beyond the accuracy of the conversion" if open_ else ""
        way, step = "high" if abs(claimed) > abs(value) else "low", write_distance(claim, 10**-claim.decimals)
        how_far = f"the claim is too {way}, but by no more than {step}{beyond}"
        return Verdict("differs_in_last_digit", f"{figures}, not {printed}: {how_far}.")
    if claim.unit in {"%", "pp"} or value * claimed <= 0:
        return Verdict("contradicted", f"{figures}, not {printed}.")
    sizes = ("larger", "smaller") if name_sign(claim, value) else ("more", "less")
    away = f"{write_distance(claim, distance)} {sizes[abs(value) < abs(claimed)]}"
    return Verdict("contradicted", f"{figures}, {away} than the claimed {printed}.")


def _compare_bound(claim: Claim, observed: Value) -> Verdict:
    claimed, value, word = get_claimed_number(claim), require_number(claim, observed) / claim.factor, claim.comparator
    short = value - claimed if word in {Comparator.AT_MOST, Comparator.LESS_THAN} else claimed - value
    is_same, allowed = abs(short) <= ROUNDING_ERROR * abs(claimed), get_tolerance(claim) or 0.0
    holds = word in {Comparator.AT_LEAST, Comparator.AT_MOST} if is_same else short < 0
    printed, figures = write_claimed(claim, value), f"{begin_finding(claim)} {describe_figure(claim, observed)}"
    if claim.parsed is not None and allowed and abs(short) <= allowed:
        return Verdict("not_checkable", f"{figures} after conversion, too close to {printed} for a verdict.")
    if not holds and allowed and not exceeds_limit(short, allowed, claimed):
        return Verdict("supported", f"{figures}, within {write_distance(claim, allowed)} of the claimed {printed}.")
    # A balance of at most −US$18bn is a deficit of at least US$18bn.
    named = _OPPOSITE_BOUNDS[word] if claimed < 0 and name_sign(claim, claimed) else word
    bound = f"{named.replace('_', ' ')} {printed}"
    return _decide_verdict(holds, figures, f"which is not {bound}", f", which is {bound}")


def _compare_direction(claim: Claim, observed: Value) -> Verdict:
    """Compare the sign of a level or of a change; a number within the tolerance of 0 counts as zero."""
    value, is_trend = require_number(claim, observed), claim.comparator is Comparator.TREND
    found = get_sign(value / claim.factor, get_tolerance(claim) or 0.0)
    # The slope of a line has few digits that mean anything.
    figure = write_amount(claim, float(f"{value:.2g}") if is_trend else value)
    if is_change(claim) and claim.parsed is not None and claim.parsed.value.move:
        return _compare_movement(claim, claim.parsed, figure, found)
    figure += write_qualifier(claim)
    found = _TRENDS[found] if is_trend else found
    figures = "The trend line through the figures gives" if is_trend else "The figures give"
    # "A deficit" says that the figure is negative.
    words: dict[object, str] = {}
    if re.match("a (deficit|surplus)", figure):
        words |= {"positive": "a surplus", "negative": "a deficit"}
    elif re.match("a (rise|fall)", figure):
        words |= {"positive": "a rise", "rising": "a rise", "negative": "a fall", "falling": "a fall"}
    otherwise = f"not {words.get(claim.claimed_value, claim.claimed_value)}"
    if not words.keys() >= {found, claim.claimed_value}:
        figure, otherwise = f"{figure}: {found}", f"not {claim.claimed_value}"
    return _decide_verdict(found == claim.claimed_value, f"{figures} {figure}", otherwise, ", in line with the claim")


def _compare_movement(claim: Claim, statement: Statement, figure: str, found: str) -> Verdict:
    """Compare the direction of a change; a balance that rises is a smaller deficit or a larger surplus."""
    side, what = statement.value.side, statement.metric.called.lower()
    if found == "zero":
        figure = "no change"
    finding = f"The figures give {figure} in {'the ' if statement.metric.signed else ''}{what}"
    otherwise = f"not a {'rise' if claim.claimed_value == 'positive' else 'fall'}"
    if side and found != "zero":
        signs = ("positive", "negative")
        sizes = dict(zip(signs, ("smaller", "larger") if side < 0 else ("larger", "smaller"), strict=True))
        finding += f", which makes a {'deficit' if side < 0 else 'surplus'} {sizes[found]}"
        otherwise = f"not {sizes[str(claim.claimed_value)]}"
    return _decide_verdict(found == claim.claimed_value, finding, otherwise, ", as claimed")


def _compare_whole(claim: Claim, observed: Value) -> Verdict:
    value, claimed = require_number(claim, observed), int(get_claimed_number(claim))
    allowed, is_rank = get_tolerance(claim) or 0.0, claim.comparator is Comparator.RECORD
    if not value.is_integer() or value < is_rank:
        raise _refuse_kind(claim, f"'{value:g}'", "whole numbers", "Select a count, or a rank from 1.")
    parsed, side = claim.parsed, name_side(claim)
    group = _RANKED.get(parsed.metric.name) if parsed else None
    among = f" among the reporter's {group} in {parsed.span}" if parsed and group else ""
    holds = abs(value - claimed) <= allowed
    # Growth of GDP below zero is no fall of the growth.
    moved = {-1: "fall", 1: "rise"}.get(parsed.value.move) if parsed and parsed.metric.name != "gdp_growth" else None
    if parsed and not is_rank and (event := side or moved):
        unit = "month" if parsed.span.frequency == "M" and parsed.span.count == 1 else "year"
        in_a_row = f"{format_count(claimed, unit)} in a row"
        if value <= 1:
            finding = f"a {event} in {parsed.span} alone" if value else f"no {event} in {parsed.span}"
            otherwise = f"{'not' if value else 'let alone'} for {in_a_row}"
            return _decide_verdict(holds, f"The figures show {finding}", otherwise)
        streak = f"a {event} for {value:.0f} {unit}s in a row up to {parsed.span}"
        return _decide_verdict(holds, f"The figures show {streak}", f"not for {claimed}")
    what = "it ranks" if is_rank else "the count is"
    if among:
        what = "the partner ranked"
    elif parsed and is_rank:
        what = f"{f'the {side} of ' if side else ''}{parsed.span} ranks"
    within = f", within {allowed:g} of the claimed {claimed}" if value != claimed else ""
    shown, wrong = (format_ordinal(int(one)) if is_rank else f"{one:.0f}" for one in (value, claimed))
    return _decide_verdict(holds, f"By the figures {what} {shown}{among}", f"not {wrong}", within)


# Texts, truth values and times.


def _compare_equal(claim: Claim, observed: Value) -> Verdict:
    claimed = claim.claimed_value
    is_truth, is_number = isinstance(observed, bool), not isinstance(claimed, bool | str)
    are_days = isinstance(claimed, str) and parse_day(claimed) is not None and parse_day(observed) is not None
    if not is_truth and (are_days or isinstance(observed, date) or (is_number and claim.unit is None)):
        return _compare_day(claim, observed)
    if isinstance(claimed, bool) != is_truth or isinstance(claimed, str) != isinstance(observed, str):
        raise _refuse_kind(claim, repr(observed), f"a value like {claimed!r}", "Select a value of the same type.")
    if is_number:
        return _compare_number(claim, observed)
    if claim.parsed is not None and is_truth:
        finding = f"The figures {'confirm' if observed else 'contradict'} the claim."
        return Verdict("supported" if observed else "contradicted", finding)
    otherwise = f"not {write_value(claim, claimed)}"  # type: ignore[arg-type]
    return _decide_verdict(claimed == observed, f"The figures say {write_value(claim, observed)}", otherwise)


def _compare_sign_change(claim: Claim, observed: Value) -> Verdict:
    if not isinstance(observed, bool):
        raise _refuse_kind(claim, repr(observed), "true or false", "Select true or false.")
    ways = {"deficit": "from surplus to deficit", "surplus": "from deficit to surplus"}
    way = ways.get(name_side(claim), "between surplus and deficit")
    finding = f"The figures show {'a' if observed else 'no'} switch {way}"
    return _decide_verdict(observed == claim.claimed_value, finding, "contrary to the claim", ", as claimed")


def _require_day(claim: Claim, value: Value | None) -> Span:
    found = parse_day(value)
    if found is None:
        raise _refuse_kind(claim, repr(value), "days", "Select a date or year.")
    return found


def _compare_day(claim: Claim, observed: Value) -> Verdict:
    """Compare a day with the claimed day, month or year.

    The claim's period may narrow the claimed month. For example, the period of "late October" begins on the 21st.
    """
    found, claimed = _require_day(claim, observed), _require_day(claim, claim.claimed_value)
    first, last, named = claimed.start, claimed.end, _write_when(claimed)
    if claim.period_type == "event_date":
        first, last = max(first, claim.period.start), min(last, claim.period.end)
    if (first, last) != (claimed.start, claimed.end):
        named = f"from {first} to {last}"
    is_inside = first <= found.start and found.end <= last
    if not is_inside and found.precision != "day" and found.start <= last and first <= found.end:
        return _leave_open(claim, found, f"it was {named}")
    if claim.comparator is Comparator.FIRST_SINCE:
        first_since = f"By the figures it is the first since {found}"
        return _decide_verdict(is_inside, first_since, f"not since {claim.claimed_value}")
    agrees = "as claimed" if (first, last) == (found.start, found.end) else "in line with the claim"
    return _decide_verdict(is_inside, _date_finding(claim, found), f"not {named}", f", {agrees}")


def _date_finding(claim: Claim, found: Span) -> str:
    """Say when an event took place; if the claim is not about an event, say which day the figures give."""
    if claim.period_type.startswith("event"):
        return f"This happened {_write_when(found)}"
    return f"The figures say {found}"


def _write_when(span: Span) -> str:
    return f"{'on' if span.precision == 'day' else 'in'} {span}"


def _leave_open(claim: Claim, found: Span, what: str) -> Verdict:
    """Return `not_checkable` for a day that is known less precisely than it is claimed."""
    return Verdict("not_checkable", f"{_date_finding(claim, found)}; this does not tell whether {what}.")


def _compare_order(claim: Claim, observed: Value) -> Verdict:
    """Compare the order of two events, or of an event and a day."""
    if claim.claimed_value != 0:
        return _compare_order_with_day(claim, observed)
    word, texts = claim.comparator.value, observed.split("/") if isinstance(observed, str) else []
    days = [day for text in texts if (day := parse_day(text))]
    if len(days) != 2:
        apart = require_number(claim, observed)
        found = {"negative": "before", "positive": "after", "zero": ""}[get_sign(apart)]
        far = f"{abs(apart):.6g} day{'' if abs(apart) == 1 else 's'}"
        finding = f"{FIRST_EVENT if found == word else LATER_EVENT} came {far} before the other"
        return _judge_order(word, found, finding, "came at the same time")
    one, other = days
    found = _find_order(one, other)
    if not found and not (one == other and one.precision == "day"):
        dated = f"The events are dated {one} and {other}"
        return Verdict("not_checkable", f"{dated}, which does not tell which came first.")
    early, late = (one, other) if found == "before" else (other, one)
    names = (FIRST_EVENT, LATER_EVENT) if found == word else (LATER_EVENT, FIRST_EVENT)
    finding = f"first came {names[0]} ({early}), then {names[1]} ({late})"
    return _judge_order(word, found, finding, f"are dated {one}")


def _judge_order(claimed: str, found: str, finding: str, both: str) -> Verdict:
    """Judge the order of two events: `before`, `after`, or an empty text for the same time."""
    if found == claimed:
        return Verdict("supported", f"{finding[:1].upper()}{finding[1:]}, as claimed.")
    reverse = f"The order was the reverse: {finding}."
    return Verdict("contradicted", reverse if found else f"Both events {both}, so neither came first.")


def _find_order(one: Span, other: Span) -> str:
    """Return `before` if `one` ends before `other` begins, `after` if `other` ends before `one` begins; else empty."""
    return "before" if one.end < other.start else "after" if other.end < one.start else ""


def _compare_order_with_day(claim: Claim, observed: Value) -> Verdict:
    found, claimed = _require_day(claim, observed), _require_day(claim, claim.claimed_value)
    order = f"{claim.comparator.value} {claimed}"
    is_before = claim.comparator is Comparator.BEFORE
    if (found.start < claimed.start <= found.end) if is_before else (found.start <= claimed.end < found.end):
        return _leave_open(claim, found, f"it was {order}")
    holds = _find_order(found, claimed) == claim.comparator
    return _decide_verdict(holds, _date_finding(claim, found), f"not {order}", f", so {order}, as claimed")


_COMPARISONS: Mapping[Comparator, Callable[[Claim, Value], Verdict]] = {
    Comparator.EQUALS: _compare_equal,
    **dict.fromkeys((Comparator.APPROXIMATELY, Comparator.SHARE), _compare_number),
    **dict.fromkeys(BOUNDS, _compare_bound),
    **dict.fromkeys((Comparator.SIGN, Comparator.TREND), _compare_direction),
    Comparator.SIGN_CHANGE: _compare_sign_change,
    Comparator.FIRST_SINCE: _compare_day,
    **dict.fromkeys((Comparator.RECORD, Comparator.COUNT), _compare_whole),
    **dict.fromkeys((Comparator.BEFORE, Comparator.AFTER), _compare_order),
}
