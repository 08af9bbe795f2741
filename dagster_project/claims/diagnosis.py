"""Diagnosis: what a claimed number is, if it is not the figure that it is said to be.

Here: the figures that it may have been taken for, and the sentence if it is one of them. Not here: whether the claim is
contradicted (`verdicts`). Only what is found is said, and the nearest explanation first: the same figure written
otherwise, then the same period of something else, then another period.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb

from dagster_project.claims import periods, series
from dagster_project.claims.comparison import claimed_number, prints_as
from dagster_project.claims.figures import Figures
from dagster_project.claims.form import Claim
from dagster_project.claims.periods import Span
from dagster_project.claims.printed import CURRENCY_WORDS
from dagster_project.claims.statements import Measure, Statement
from dagster_project.claims.values import Comparator
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric

# How often the figure a slip of scale makes of it, and what is then taken for what.
_SCALES = {
    1e3: "a thousand times", 1e-3: "a thousandth of", 1e4: "ten thousand times", 1e-4: "a ten-thousandth of",
    1e1: "ten times", 1e-1: "a tenth of", 1e2: "a hundred times", 1e-2: "a hundredth of",
}  # fmt: skip
_SLIPS = {
    1e3: "as if billion stood for million", 1e-3: "as if million stood for billion", 1e4: "as if 억 stood for 만",
    1e-4: "as if 만 stood for 억", 1e1: "as if billion stood for hundred million (억)",
    1e-1: "as if hundred million (억) stood for billion",
}  # fmt: skip
# What is forgotten where an amount is printed without a scale.
_FORGOTTEN = {
    1e-12: "trillion",
    1e-9: "billion",
    1e-8: "hundred million (억)",
    1e-6: "million",
    1e-4: "ten thousand (만)",
}
# With fewer digits than these a number is like many others.
_DIGITS_ANYWHERE, _DIGITS_NEARBY, _NEARBY = 3, 2, 3
_OF_NUMBERS = (Comparator.EQUALS, Comparator.SHARE, Comparator.APPROXIMATELY)
# How far from a rate the one that was used may lie.
_RATE_PCT = 1.5


@dataclass(frozen=True)
class Diagnosis:
    """What a claimed number is.

    Args:
        code: The kind of slip.
        says: The sentence.
    """

    code: str
    says: str


def diagnose(claim: Claim, figures: Figures) -> Diagnosis | None:
    """What the claimed number of a contradicted claim is; None if nothing is found."""
    asked = claim.asked
    value = claim.claimed_value
    if asked is None or isinstance(value, bool) or not isinstance(value, int | float) or not value:
        return None
    if claim.comparator is Comparator.RECORD and asked.metric.unit == "rank":
        return next(_of_something_else(claim, asked, figures), None)
    if claim.comparator not in _OF_NUMBERS or claim.unit in {"years", "months", "ratio"}:
        return None
    ways = [
        _written_otherwise,
        _of_the_other_side,
        _of_something_else,
        _of_a_part,
        _in_another_currency,
        _of_another_time,
    ]
    if claim.unit in {"CNY", "KRW"}:
        # The figures are in US dollars.
        ways = [_in_another_currency]
    return next((found for way in ways for found in way(claim, asked, figures)), None)


def _is(claim: Claim, value: float | None) -> bool:
    return value is not None and prints_as(claim, value / claim.factor)


def _written_otherwise(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    value = figures.value(asked)
    if value is None:
        return
    if _digits(claim) >= _DIGITS_NEARBY and claim.unit not in {"%", "pp"}:
        for factor, scale in _FORGOTTEN.items() if claim.scale is None else ():
            if _is(claim, value * factor):
                yield Diagnosis("scale", f"It is the figure without its scale: {scale} is forgotten.")
        for factor, times in _SCALES.items():
            if _is(claim, value * factor):
                slip = f", {_SLIPS[factor]}" if factor in _SLIPS else ""
                yield Diagnosis("scale", f"It is {times} the figure{slip}.")
    if _is(claim, -value):
        is_level = asked.metric.unit == "US$" and asked.measure is Measure.LEVEL
        way = ("a deficit", "a surplus") if is_level else ("a fall", "a rise")
        yield Diagnosis("sign", f"The number is right and its sign is not: it is {way[value > 0]}.")
    yield from _points(claim, asked, figures)


def _points(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    """Percentage points for per cent, and the reverse."""
    if asked.metric.unit != "percent" or claim.unit not in {"%", "pp"} or asked.metric.growth_of:
        return
    level = replace(asked, measure=Measure.LEVEL)
    earlier = asked.span.earlier or asked.span.before
    now, then = (figures.value(level, Span(one.start, one.end)) for one in (asked.span, earlier))
    if now is None or not then:
        return
    if claim.unit == "pp" and _is(claim, 100 * (now / then - 1)):
        yield Diagnosis("percent", "It is a change in per cent, not in percentage points.")
    if claim.unit == "%" and _is(claim, now - then):
        yield Diagnosis("percent", "It is a change in percentage points, not in per cent.")


def _of_the_other_side(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    value = figures.value(asked, other=True)
    whose = figures.names.get(asked.partner or "", asked.partner or "")
    if _is(claim, value):
        yield Diagnosis("other_reporter", f"It is {whose}'s figure.")
    elif value is not None and asked.metric.valuation == "FOB-CIF" and _is(claim, -value):
        yield Diagnosis("other_reporter", f"It is {whose}'s figure, with the sign that it has for {whose}.")


def _of_something_else(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    known = catalogue.load()
    others = [(known[name], known[name]) for name in asked.metric.confused_with]
    if asked.metric.growth_of:
        # The growth of what has another basis.
        base = known[asked.metric.growth_of]
        grown = [known[name] for name in base.confused_with if _code(base, known[name]) != "metric"]
        others += [(replace(asked.metric, growth_of=one.name), one) for one in grown]
    for metric, called in others:
        found = None if metric.item else figures.value(replace(asked, metric=metric))
        code = _code(asked.metric, called)
        if found is not None and (_is(claim, found) or (code == "metric" and _is(claim, -found))):
            yield Diagnosis(code, f"It is another figure of the same period: {called.called.lower()}.")


def _code(metric: Metric, other: Metric) -> str:
    """What it is to take one metric for another: another basis or coverage of the same, or something else."""
    if other.unit == "persons":
        return "basis"
    wider = [one.name.endswith("_with_services") for one in (metric, other)]
    return (
        "coverage"
        if wider[0] != wider[1] and not any(one.domain == "services" for one in (metric, other))
        else "metric"
    )


def _of_a_part(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    """A part of the period that is claimed, or the whole of which it is a part."""
    span = asked.span
    if (
        (span.earlier and str(span.earlier) != str(span.before))
        or span.start.year != span.end.year
        or (asked.metric.adds_up == "no" and not asked.metric.growth_of)
    ):
        return
    year, last = span.start.year, span.end.month
    to_date = [periods.months(year, 1, year, month) for month in range(1, 13)]
    alone = [periods.months(year, month, year, month) for month in range(span.start.month, last + 1)]
    parts = [(one, "partial") for one in [*to_date[: last - 1], *alone] if span.start.month == 1]
    if span.frequency == "M":
        parts = [(one, "cumulative") for one in [periods.years(year), *to_date[last - 1 :]]] + parts
    found = [
        (abs(claim.factor * claimed_number(claim) - value), one, code)
        for one, code in parts
        if str(one) != str(Span(span.start, span.end))
        and (value := figures.value(asked, one)) is not None
        and _is(claim, value)
    ]
    if found and _digits(claim) >= (_DIGITS_ANYWHERE if asked.measure is Measure.GROWTH else _DIGITS_NEARBY):
        _, one, code = min(found, key=lambda each: each[0])
        yield Diagnosis(code, f"It is the figure of {one}{' alone' if code == 'partial' else ''}.")


def _in_another_currency(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    if asked.metric.unit != "US$" or asked.measure is not Measure.LEVEL or claim.unit not in {"USD", "CNY", "KRW"}:
        return
    value = figures.value(asked)
    claimed = claimed_number(claim) * claim.factor
    rates = {"USD": 1.0} | {
        currency: found for currency in ("CNY", "KRW") if (found := _rate(figures.connection, currency, asked.span))
    }
    for currency, rate in rates.items():
        if value and currency != claim.unit and abs(claimed / (value * rate) - 1) <= _RATE_PCT / 100:
            yield Diagnosis(
                "currency", f"It is the figure in {CURRENCY_WORDS[currency]}, not in {CURRENCY_WORDS[claim.unit]}."
            )


def _rate(connection: duckdb.DuckDBPyConnection, currency: str, span: Span) -> float | None:
    row = connection.execute(f"select {series.rate(currency, span)}").fetchone()
    return row[0] if row else None


def _of_another_time(claim: Claim, asked: Statement, figures: Figures) -> Iterator[Diagnosis]:
    span, digits = asked.span, _digits(claim)
    if (
        claim.comparator == "approximately"
        or span.count > 12
        or (span.frequency == "A" and span.count > 1)
        or digits < _DIGITS_NEARBY
    ):
        return
    if span.earlier and str(span.earlier) == str(span.before):
        span = Span(span.start, span.end)
    first, last = span.start, span.end
    shifts = [year for distance in range(1, 40) for year in (-distance, distance)]
    if span.earlier is None and asked.metric.unit != "percent":
        shifts = shifts if digits >= _DIGITS_ANYWHERE else [one for one in shifts if abs(one) <= _NEARBY]
    candidates = [_shifted(span, years) for years in shifts if 1900 < first.year + years < 2100]
    if span.frequency == "M" and span.count == 1:
        candidates += [periods.months(last.year, n, last.year, n) for n in range(1, 13) if n != last.month]
    for one in candidates:
        if _is(claim, figures.value(asked, one)):
            yield Diagnosis("period", f"It is the figure of {one}.")


def _shifted(span: Span, years: int) -> Span:
    moved = periods.months(span.start.year + years, span.start.month, span.end.year + years, span.end.month)
    return Span(moved.start, moved.end, _shifted(span.earlier, years) if span.earlier else None)


def _digits(claim: Claim) -> int:
    """How many digits of the claimed number say something."""
    text = f"{abs(claimed_number(claim)):.{claim.decimals}f}".replace(".", "").lstrip("0")
    return len(text) if claim.decimals else len(text.rstrip("0"))
