"""Diagnose a wrong number: find another figure that equals it, such as the partner's figure or last year's figure.

The most likely mistakes are tried first: the right figure in another scale or unit, another metric for the same period,
another period. Not here: deciding that a number is wrong (`verdicts`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dagster_project.claims import series
from dagster_project.claims.amounts import get_claimed_number
from dagster_project.claims.comparison import is_printed_as
from dagster_project.claims.compiling import NEAR_RATE_PCT
from dagster_project.claims.figures import Figures
from dagster_project.claims.notation import CURRENCY_WORDS, make_months, make_years
from dagster_project.claims.schema import Claim
from dagster_project.claims.statements import CONVERTED, Measure, Statement
from dagster_project.claims.values import Comparator
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric

_SCALE_MISTAKES = load_yaml(Path(__file__).with_name("scale_mistakes.yml").read_text(encoding="utf-8"))
# A number with few digits equals many figures by chance: it needs 3 digits, or 2 for periods up to 3 years away.
_DIGITS_ANYWHERE, _DIGITS_NEARBY, _NEARBY = 3, 2, 3
_OF_NUMBERS = (Comparator.EQUALS, Comparator.SHARE, Comparator.APPROXIMATELY)


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that explains a wrong number: its code, such as `scale`, and a sentence."""

    code: str
    sentence: str


# Figures that the claimed number may be, each with the code and the sentence of its diagnosis.
_Candidates = Iterator[tuple[float | None, str, str]]


def diagnose_number(claim: Claim, figures: Figures) -> Diagnosis | None:
    """Find another figure that equals the wrong number of a claim; return None if there is none."""
    statement, value = claim.parsed, claim.claimed_value
    if statement is None or isinstance(value, bool) or not isinstance(value, int | float) or not value:
        return None
    ways: Sequence[Callable[[Claim, Statement, Figures], _Candidates]]
    if claim.comparator is Comparator.RECORD and statement.metric.unit == "rank":
        ways = [_list_other_metrics]
    elif claim.comparator not in _OF_NUMBERS or claim.unit in {"years", "months", "ratio"}:
        return None
    elif claim.unit in CONVERTED:
        # The figures are in US dollars.
        ways = [_list_other_currencies]
    else:
        ways = [
            _list_growth_as_printed, _list_other_scales, _list_other_units, _list_partners_figures,
            _list_other_metrics, _list_parts, _list_other_currencies, _list_other_times,
        ]  # fmt: skip
    for way in ways:
        for figure, code, sentence in way(claim, statement, figures):
            if figure is not None and is_printed_as(claim, figure / claim.factor):
                return Diagnosis(code, sentence)
    return None


def _list_growth_as_printed(_: Claim, statement: Statement, figures: Figures) -> _Candidates:
    """List a year's growth in the currency in which its figures were printed."""
    if statement.measure is Measure.GROWTH and statement.span.frequency == "A":
        currency, held = figures.list_printed(statement)
        now, then = (held.get(span.start.year) for span in statement.spans)
        if now and then and now * then > 0:
            printed = CURRENCY_WORDS.get(currency, currency)
            says = f"The number is the growth in {printed}, the currency in which the figures are printed."
            yield 100 * (now / then - 1), "printed_currency", says


def _list_other_scales(claim: Claim, statement: Statement, figures: Figures) -> _Candidates:
    value = figures.find_value(statement)
    if value is None:
        return
    if _count_digits(claim) >= _DIGITS_NEARBY and claim.unit not in {"%", "pp"}:
        for factor, scale in _SCALE_MISTAKES["forgotten"].items() if claim.scale is None else ():
            yield value * factor, "scale", f"The number is the figure without its scale: the word {scale} is missing."
        for factor, mistake in _SCALE_MISTAKES["times"].items():
            yield value * factor, "scale", f"The number is {mistake}."
    is_level = statement.metric.unit == "US$" and statement.measure is Measure.LEVEL
    way = ("a deficit", "a surplus") if is_level else ("a fall", "a rise")
    yield -value, "sign", f"The number is right, but its sign is wrong: it is {way[value > 0]}."


def _list_other_units(claim: Claim, statement: Statement, figures: Figures) -> _Candidates:
    """List the change in per cent if percentage points are claimed, or in points if per cent is claimed."""
    if statement.metric.unit != "percent" or statement.metric.growth_of:
        return
    level, earlier = replace(statement, measure=Measure.LEVEL), statement.span.earlier or statement.span.before
    now, then = (figures.find_value(level, one.alone) for one in (statement.span, earlier))
    if now is None or not then:
        return
    if claim.unit == "pp":
        yield 100 * (now / then - 1), "percent", "The number is a change in per cent, not in percentage points."
    elif claim.unit == "%":
        yield now - then, "percent", "The number is a change in percentage points, not in per cent."


def _list_partners_figures(_: Claim, statement: Statement, figures: Figures) -> _Candidates:
    value = figures.find_value(statement, other=True)
    whose = figures.names.get(statement.partner or "", statement.partner or "")
    yield value, "other_reporter", f"The number is {whose}'s figure."
    if value is not None and statement.metric.valuation == "FOB-CIF":
        yield -value, "other_reporter", f"The number is {whose}'s figure, with the sign as {whose} reports it."


def _list_other_metrics(_: Claim, statement: Statement, figures: Figures) -> _Candidates:
    known, metric = catalogue.load_metrics(), statement.metric
    others = [(known[name], known[name]) for name in metric.confused_with]
    if metric.growth_of:
        # The growth of the same trade on another basis, such as CIF.
        base = known[metric.growth_of]
        grown = [known[name] for name in base.confused_with if _classify_other(base, known[name]) != "metric"]
        others += [(replace(metric, growth_of=one.name), one) for one in grown]
    for other, called in others:
        found = None if other.item else figures.find_value(replace(statement, metric=other))
        code = _classify_other(metric, called)
        says = f"The number is another figure of the same period: {called.called.lower()}."
        yield found, code, says
        if found is not None and code == "metric":
            yield -found, code, says


def _classify_other(metric: Metric, other: Metric) -> str:
    """Return the code of the difference of two metrics: `basis` (such as CIF), `coverage` (services) or `metric`."""
    if other.unit == "persons" or other.name == f"{metric.name}_cif":
        return "basis"
    is_wider = metric.name.endswith("_with_services") != other.name.endswith("_with_services")
    return "coverage" if is_wider and "services" not in {metric.domain, other.domain} else "metric"


def _list_parts(claim: Claim, statement: Statement, figures: Figures) -> _Candidates:
    """List the figures of shorter and longer periods, for example of January to May, the nearest in value first."""
    span, digits = statement.span, _DIGITS_ANYWHERE if statement.measure is Measure.GROWTH else _DIGITS_NEARBY
    is_change = span.earlier is not None and str(span.earlier) != str(span.before)
    adds_up = statement.metric.adds_up != "no" or statement.metric.growth_of
    if is_change or span.start.year != span.end.year or not adds_up or _count_digits(claim) < digits:
        return
    year, last = span.start.year, span.end.month
    to_date = [make_months(year, 1, year, month) for month in range(1, 13)]
    alone = [make_months(year, month, year, month) for month in range(span.start.month, last + 1)]
    parts = [(one, "partial") for one in [*to_date[: last - 1], *alone] if span.start.month == 1]
    if span.frequency == "M":
        parts = [(one, "cumulative") for one in [make_years(year), *to_date[last - 1 :]]] + parts
    others = [(one, code) for one, code in parts if str(one) != str(span.alone)]
    held = [(value, one, code) for one, code in others if (value := figures.find_value(statement, one)) is not None]
    for value, one, code in sorted(held, key=lambda each: abs(claim.factor * get_claimed_number(claim) - each[0])):
        yield value, code, f"The claimed number is the figure for {one}{' alone' if code == 'partial' else ''}."


def _list_other_currencies(claim: Claim, statement: Statement, figures: Figures) -> _Candidates:
    """List the claimed number itself if it is near the figure in another currency; no exact rate is known."""
    value, claimed = figures.find_value(statement), get_claimed_number(claim) * claim.factor
    is_money = statement.metric.unit == "US$" and claim.unit in {"USD", *CONVERTED}
    if not value or not is_money or statement.measure is not Measure.LEVEL:
        return
    for currency in ("USD", *CONVERTED):
        sql = "select 1.0" if currency == "USD" else f"select {series.write_rate(currency, statement.span)}"
        ((rate,),) = figures.connection.execute(sql).fetchall()
        if rate and currency != claim.unit and abs(claimed / (value * float(rate)) - 1) <= NEAR_RATE_PCT / 100:
            own, other = CURRENCY_WORDS[currency], CURRENCY_WORDS[claim.unit or "USD"]
            yield claimed, "currency", f"The number is the figure in {own}, not in {other}."


def _list_other_times(claim: Claim, statement: Statement, figures: Figures) -> _Candidates:
    span, digits = statement.span, _count_digits(claim)
    is_long = span.count > 12 or (span.frequency == "A" and span.count > 1)
    if claim.comparator is Comparator.APPROXIMATELY or is_long or digits < _DIGITS_NEARBY:
        return
    if span.earlier and str(span.earlier) == str(span.before):
        span = span.alone
    first, last = span.start, span.end
    is_level = span.earlier is None and statement.metric.unit != "percent"
    farthest = _NEARBY if is_level and digits < _DIGITS_ANYWHERE else 39
    shifts = [by for distance in range(1, farthest + 1) for by in (-distance, distance)]
    others = [span.shift_years(by) for by in shifts if 1900 < first.year + by < 2100]
    if span.frequency == "M" and span.count == 1:
        others += [make_months(last.year, n, last.year, n) for n in range(1, 13) if n != last.month]
    for one in others:
        yield figures.find_value(statement, one), "period", f"The claimed number is the figure for {one}."


def _count_digits(claim: Claim) -> int:
    text = f"{abs(get_claimed_number(claim)):.{claim.decimals}f}".replace(".", "").lstrip("0")
    return len(text) if claim.decimals else len(text.rstrip("0"))
