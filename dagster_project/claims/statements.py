"""Read what a claim without SQL says, in closed types, or say why it is refused.

Here: from fields (metric, reporter, period, comparator, says and others) to a statement, and what each metric takes.
Not here: reading periods and values (`periods`, `values`), and the evidence (`compiling`, `series`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum, auto
from typing import Any, Literal

from dagster_project.claims import periods, values
from dagster_project.claims.notation import parse_day
from dagster_project.claims.periods import Span
from dagster_project.claims.values import BOUNDS, Comparator, Kind, ParsedValue
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric

# What stands beside a comparator.
Takes = Literal["number", "words", "since", "length", "place", "parts", "event"]


@dataclass(frozen=True)
class Grammar:
    """The form of a comparator: its value, and its name in the register.

    Args:
        takes: What stands beside the comparator.
        words: Other words and signs for it.
        is_of_ways: Whether it compares each figure with 0; exports are never below 0, so rose and fell look at growth.
        becomes: The comparator that the register has instead; None for this one.
        claims: The claimed value, if the claim is just that it is so.
    """

    takes: Takes
    words: tuple[str, ...] = ()
    is_of_ways: bool = False
    becomes: Comparator | None = None
    claims: bool | None = None


GRAMMAR = {
    Comparator.EQUALS: Grammar("number", ("=", "==", "is", "rank", "forecast")),
    Comparator.APPROXIMATELY: Grammar("number", ("about", "almost", "nearly", "around", "~")),
    Comparator.AT_LEAST: Grammar("number", (">=", "≥", "=>")),
    Comparator.AT_MOST: Grammar("number", ("<=", "≤", "=<")),
    Comparator.MORE_THAN: Grammar("number", ("over", ">")),
    Comparator.LESS_THAN: Grammar("number", ("under", "<")),
    Comparator.SHARE: Grammar("number"),
    Comparator.SIGN: Grammar("words"),
    Comparator.SIGN_CHANGE: Grammar("words", claims=True),
    Comparator.FIRST_SINCE: Grammar("since", is_of_ways=True),
    Comparator.RECORD: Grammar("place"),
    Comparator.TREND: Grammar("words"),
    Comparator.BEFORE: Grammar("event"),
    Comparator.AFTER: Grammar("event"),
    Comparator.COUNT: Grammar("event"),
    Comparator.FIRST_IN: Grammar("length", is_of_ways=True, becomes=Comparator.EQUALS),
    Comparator.FIRST_EVER: Grammar("words", is_of_ways=True, becomes=Comparator.EQUALS, claims=True),
    Comparator.RECORD_SINCE: Grammar("since", becomes=Comparator.FIRST_SINCE),
    Comparator.STREAK: Grammar("length", ("in_a_row",), is_of_ways=True, becomes=Comparator.COUNT),
    Comparator.EACH: Grammar(
        "parts", ("each_year", "every_year"), is_of_ways=True, becomes=Comparator.EQUALS, claims=True
    ),
}
WORDS = {word: comparator for comparator, grammar in GRAMMAR.items() for word in (comparator, *grammar.words)}
LEVELS = tuple(comparator for comparator, grammar in GRAMMAR.items() if grammar.takes == "number")
_DENYING = {"!=", "≠", "<>", "!", "not", "not_equals", "is_not"}
# The kinds of values that each unit of a metric takes, its own first, and the currencies that are converted.
_TAKES = {
    "US$": (Kind.MONEY, Kind.PERCENT, Kind.TIMES),
    "percent": (Kind.PERCENT, Kind.POINTS, Kind.TIMES),
    "persons": (Kind.COUNT, Kind.PERCENT, Kind.TIMES),
    "rank": (Kind.PLACE,),
}
CONVERTED = ("CNY", "KRW", "JPY")


class Measure(StrEnum):
    """The compared quantity of a claim: a level, a difference, a growth rate or a ratio."""

    LEVEL = auto()
    DIFFERENCE = auto()
    GROWTH = auto()
    RATIO = auto()


@dataclass(frozen=True)
class Statement:
    """A claim without SQL, parsed.

    Args:
        metric: The metric.
        reporter: The economy whose trade it is.
        partner: The other side; None for a metric of one economy.
        item: The item of a metric that has some.
        span: The period.
        comparator: The comparator.
        value: The printed value.
        measure: Whether the figure is compared, or its change from the earlier period.
        since: The year or month since which something is said to be the first, or the largest.
    """

    metric: Metric
    reporter: str
    partner: str | None
    item: str | None
    span: Span
    comparator: Comparator = Comparator.EQUALS
    value: ParsedValue = field(default_factory=ParsedValue)
    measure: Measure = Measure.LEVEL
    since: str | None = None

    @property
    def spans(self) -> tuple[Span, ...]:
        """List the periods whose figures are compared."""
        is_change = self.measure is not Measure.LEVEL or self.span.earlier is not None
        return (self.whole, self.span.earlier or self.whole.before) if is_change else (self.whole,)

    @property
    def whole(self) -> Span:
        """Return the period without the one that it is compared with."""
        return Span(self.span.start, self.span.end)

    @property
    def lacks(self) -> tuple[str, ...]:
        """List the keys of the series that it needs, as in `questions.series`."""
        metric, frequency = self.metric, self.span.frequency
        if metric.domain == "gdp":
            return (f"gdp/A/{self.reporter}/{self.item}",)
        if metric.domain is None and not (metric.growth_of and metric.valuation):
            return ()
        flows, item = metric.flow or "export+import", (self.item or "TOTAL").partition(".")[0]
        return (f"{metric.domain or 'goods'}/{frequency}/{self.reporter}/{flows}/{self.partner}/{item}",)

    @property
    def number(self) -> int:
        """Return the place or the length that is claimed; 1 without one."""
        return int(self.value.quantity.number) if self.value.quantity else 1


def read_comparator(text: object) -> Comparator:
    """Read a comparator by its name, its sign or another word for it.

    Raises:
        BilateralError: It is unknown, or denies.
    """
    word = re.sub(r"[\s-]+", "_", str(text).strip().casefold())
    if word in _DENYING:
        remedy = "Write = and the value, or a bound: >, <."
        raise BilateralError(f"{text} denies, and only a claim of what a figure is can be judged.", remedy=remedy)
    if word not in WORDS:
        raise BilateralError(f"There is no comparator {text}.", remedy=f"Use one of {', '.join(Comparator)}.")
    return WORDS[word]


def list_kinds(metric: Metric) -> list[Kind]:
    """List the kinds of numbers that a claim about a metric may have."""
    kinds = [one for one in _TAKES.get(metric.unit, ()) if not (metric.is_growth and one is Kind.TIMES)]
    # A rate of growth is compared with that of the year before only if it has figures of its own.
    return [*kinds, Kind.TIMES] if metric.growth_of else kinds


def describe_slots(metric: Metric) -> dict[str, str]:
    """Describe what a claim about a metric may say."""
    if not metric.figures:
        return {"takes": "a day, a month or a year" if metric.unit == "date" else "before or after"}
    way = "deficit" if metric.signed else "fell"
    return {
        "takes": ", ".join(one for one in list_kinds(metric) if one is not Kind.POINTS or not metric.growth_of),
        "currencies": ", ".join(["USD", *CONVERTED]) if metric.unit == "US$" else "",
        "below zero": "deficit, surplus or a minus" if metric.signed else "fell" if metric.is_growth else "never",
        "comparators": "equals, each" if metric.unit == "rank" else ", ".join(Comparator),
        "of what came before": f"first_since {way} 1992, first_in {way} 31 years, streak {way} 3 years, record",
    }


def read_statement(given: Mapping[str, Any], metric: Metric, comparator: Comparator, published_on: date) -> Statement:
    """Read the fields of a claim about a metric that has figures; `published_on` resolves a period without a year.

    Raises:
        BilateralError: A value or a period cannot be read, or the metric does not take it.
    """
    reporter, partner = given.get("reporter"), given.get("partner")
    if not reporter or (metric.has_partner and not partner):
        needed = "a reporter and a partner" if metric.has_partner else "a reporter"
        raise BilateralError(f"{metric.name} needs {needed}.", remedy="Name them by their codes, such as KOR and CHN.")
    if metric.has_partner and reporter == partner:
        one = f"the reporter and the partner are both {reporter}, and trade is between two economies."
        raise BilateralError(one, remedy="Name another partner: balance KOR CHN 2023 = -18bn.")
    span = read_span(given, published_on)
    value, since = _read_value(str(given.get("says") or ""), comparator)
    if not value.side and metric.signed:
        # `deficit` in place of `balance` says the sign.
        value = replace(value, side=values.find_side(str(given["metric"]).replace("_", " ")))
    metric = _find_metric(metric, value, comparator)
    comparator = _find_comparator(comparator, metric, value, span)
    if fault := _find_fault(comparator, metric, value):
        raise BilateralError(fault[0], remedy=fault[1])
    measure, span = _find_measure(comparator, metric, value, span)
    return Statement(metric, str(reporter), partner, given.get("item"), span, comparator, value, measure, since)


def read_span(given: Mapping[str, Any], published_on: date, default: date | None = None) -> Span:
    """Read the period of a claim.

    Raises:
        BilateralError: It has none, and there is no default.
    """
    period = given.get("period")
    if isinstance(period, Mapping):
        return Span(_read_day(period.get("start")), _read_day(period.get("end")))
    if period is not None:
        return periods.read_period(period, published_on)
    if default is None:
        raise BilateralError("The claim names no period.", remedy="Write 2018, 2025-11, last year, 1~11월 or the like.")
    return Span(default, default)


def _read_day(value: object) -> date:
    found = parse_day(value)
    if found is None:
        fault = f"{value} is no day." if value is not None else "A period has a start and an end."
        raise BilateralError(fault, remedy="Write it as 2025-11-30.")
    return found.start


def _read_value(says: str, comparator: Comparator) -> tuple[ParsedValue, str | None]:
    """Read a value, and the year or month since which something is so."""
    if comparator is Comparator.SIGN_CHANGE or not says:
        # From surplus to deficit: the last word is where it went.
        sides = [values.find_side(one) for one in re.split(r"[\s,]+", says) if values.find_side(one)]
        return ParsedValue(says, side=sides[-1] if sides else 0), None
    if GRAMMAR[comparator].takes != "since":
        return values.parse_value(says), None
    when = re.search(r"(?<!\d)(\d{4}(?:-\d{2})?)(?!\d)", says)
    if when is None:
        raise BilateralError(f"{says!r} names no year.", remedy=f"Write {comparator} deficit 1992 or 2023-01.")
    rest = re.sub(r"\b(?:since|in|from)\b|년|이후|이래|부터", " ", says.replace(when[0], " ", 1)).strip()
    return replace(values.parse_value(rest) if rest else ParsedValue(), text=says), when[1]


def _find_metric(metric: Metric, value: ParsedValue, comparator: Comparator) -> Metric:
    """Find the metric that is compared: for a deficit the balance, for the first of many rises the growth."""
    known = catalogue.load_metrics()
    if value.side and not metric.signed:
        if not metric.balance:
            never = f"{metric.called} is never below zero, and so no {'deficit' if value.side < 0 else 'surplus'}."
            raise BilateralError(never, remedy="A deficit or surplus is of the balance.")
        metric = known[metric.balance]
    if not value.move or metric.is_growth or not GRAMMAR[comparator].is_of_ways:
        return metric
    grown = next((one for one in known.values() if one.growth_of == metric.name), None)
    if grown is None:
        way, remedy = "fell" if value.move < 0 else "rose", "Name two periods (2018->2023 = fell), or say deficit."
        raise BilateralError(f"{metric.name} has no growth that {comparator} {way} could look at.", remedy=remedy)
    return grown


def _find_comparator(word: Comparator, metric: Metric, value: ParsedValue, span: Span) -> Comparator:
    """Find the comparator, which the value may say: about, more than, fell."""
    if value.bound and word is not value.bound and word in LEVELS:
        if word not in {Comparator.EQUALS, Comparator.SHARE}:
            both = f"The comparator {word} contradicts {value.bound} in {value.text!r}."
            raise BilateralError(both, remedy="Keep one of the two.")
        return value.bound
    if word is not Comparator.EQUALS:
        return word
    if value.quantity is None and (value.side or value.move):
        is_line = span.count > 1 and span.frequency == "A" and not value.side
        return Comparator.TREND if is_line else Comparator.SIGN
    if metric.unit == "rank":
        return Comparator.RECORD
    return Comparator.SHARE if metric.domain == "gdp" and not metric.is_growth else Comparator.EQUALS


def _find_fault(word: Comparator, metric: Metric, value: ParsedValue) -> tuple[str, str] | None:
    """Find why a value does not fit, and what to write instead; None if it does."""
    kind, quantity, text, beside = value.kind, value.quantity, repr(value.text), GRAMMAR[word].takes
    is_whole = quantity is not None and not quantity.scale and quantity.number >= 1 and not quantity.number % 1
    if beside == "parts" and (kind is None or metric.unit == "rank"):
        beside = "place"
    if beside == "event" or (word is Comparator.SHARE and (metric.unit != "percent" or metric.is_growth)):
        return f"{word} is not said of {metric.called.lower()}.", "Write = and the value."
    if beside in {"words", "since"} and (kind or value.bound):
        return f"{word} takes no number, and {text} has one.", "Leave it out."
    if beside == "length" and not (is_whole and kind in {Kind.LENGTH, Kind.PLACE, Kind.PLAIN}):
        remedy = "Write first_in deficit 31 years, or streak deficit 3 years."
        return f"{word} takes for how long, and {text} does not say it.", remedy
    is_place = kind is None or (is_whole and kind in {Kind.PLACE, Kind.PLAIN})
    if beside == "place" and (not is_place or value.bound or (metric.unit == "rank" and value.move)):
        return f"{word} takes a place, and {text} is none.", "Write record second surplus, or each first."
    return _find_fault_of_number(word, metric, value) if beside in {"number", "parts"} else None


def _find_fault_of_number(word: Comparator, metric: Metric, value: ParsedValue) -> tuple[str, str] | None:
    kind, own, quantity, text = value.kind, _TAKES[metric.unit][0], value.quantity, repr(value.text)
    if kind is None or quantity is None:
        return f"{text} has no number.", "Write the value as printed: $55.6 billion."
    is_taken = kind in list_kinds(metric) and not (kind is Kind.POINTS and metric.growth_of)
    if kind is Kind.PLAIN:
        is_taken = metric.unit != "percent" or not quantity.scale
    if not is_taken:
        remedy = f"Write {own}; when and how long stand after first_since, first_in and streak."
        return f"{text} is {kind}, and {metric.called} is in {metric.unit}.", remedy
    if word is Comparator.EACH and (value.bound not in BOUNDS or kind not in {Kind.PLAIN, own}):
        fault = f"each takes a deficit, a rise, a rank or a bound, and {text} is none of these."
        return fault, "Write each surplus, or each more than $100bn."
    if kind is Kind.MONEY and quantity.unit not in {"USD", *CONVERTED}:
        fault = f"{text} is in {quantity.unit}, and there is no exchange rate for it."
        return fault, "Write US dollars, yuan, won or yen."
    if kind is Kind.TIMES and value.move * (quantity.number - 1) < 0:
        return f"{text} says that it fell and by what it rose, or the reverse.", "Write halved, or a rise."
    return None


def _find_measure(word: Comparator, metric: Metric, value: ParsedValue, span: Span) -> tuple[Measure, Span]:
    """Find what of a metric is compared, and for a change the period with the one before."""
    kind, with_before = value.kind, replace(span, earlier=span.earlier or span.before)
    if word is Comparator.TREND and (span.count < 2 or span.frequency != "A"):
        raise BilateralError(f"A trend needs several years, not {span}.", remedy="Name them: 2018-2023.")
    if word not in {*LEVELS, Comparator.SIGN}:
        return Measure.LEVEL, span
    if metric.growth_of:
        return (Measure.RATIO if kind is Kind.TIMES else Measure.GROWTH), span
    if kind is Kind.TIMES:
        return Measure.RATIO, with_before
    if kind is Kind.PERCENT and metric.unit != "percent":
        if not value.move and not re.search(r"\d", value.text):
            of_what = f"{value.text!r} does not say of what, and {metric.called} is in {metric.unit}."
            raise BilateralError(of_what, remedy="Write fell by half, or name a share.")
        return Measure.GROWTH, with_before
    change = Measure.GROWTH if kind is Kind.PERCENT else Measure.DIFFERENCE
    if kind is Kind.POINTS or span.earlier is not None:
        return change, with_before
    if not value.move or value.is_difference is False or (metric.is_growth and word is not Comparator.SIGN):
        return Measure.LEVEL, span
    if metric.signed and value.is_difference is None:
        way = "names one period" if word is Comparator.SIGN else "may be by how much, or to how much"
        remedy = "Write by or to, or name both periods: balance KOR CHN 2018->2023 = deficit grew."
        raise BilateralError(f"{value.text!r} says how something moved, and {way}.", remedy=remedy)
    return change, with_before
