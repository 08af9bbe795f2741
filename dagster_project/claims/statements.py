"""Parse the fields of a claim without SQL (metric, reporter, period, says and others) into a `Statement`.

A value that does not fit the metric or the comparator raises an error with the remedy. Not here: reading periods and
values (`periods`, `values`), and the evidence (`compiling`, `series`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum, auto
from pathlib import Path
from typing import Any, Literal

from dagster_project.claims import periods, values
from dagster_project.claims.notation import Span, parse_day
from dagster_project.claims.values import BOUNDS, KINDS, Comparator, ParsedValue
from dagster_project.errors import BilateralError, raise_fault
from dagster_project.files import load_yaml
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric


@dataclass(frozen=True)
class Grammar:
    """The form of a comparator; `grammar.yml` describes the fields."""

    takes: Literal["number", "words", "since", "length", "place", "parts", "event"]
    words: Sequence[str] = ()
    of_ways: bool = False
    becomes: Comparator | None = None
    claims: bool | None = None


_FORMS = load_yaml(Path(__file__).with_name("grammar.yml").read_text(encoding="utf-8"))
GRAMMAR = {Comparator(name): Grammar(**form) for name, form in _FORMS["comparators"].items()}
UNITS: dict[str, dict[str, Any]] = _FORMS["units"]
WORDS = {word: comparator for comparator, grammar in GRAMMAR.items() for word in (comparator, *grammar.words)}
LEVELS = tuple(comparator for comparator, grammar in GRAMMAR.items() if grammar.takes == "number")
_DENYING = {"!=", "≠", "<>", "!", "not", "not_equals", "is_not"}
# The comparators of a first time by the words beside "first", and the words to remove from the value.
_FIRSTS = {
    r"\bsince\b|이후|이래|부터": Comparator.FIRST_SINCE,
    r"\bin\b.*(?:years?|months?|decades?)|만에": Comparator.FIRST_IN,
    r"\bever\b|사상|역대": Comparator.FIRST_EVER,
}
_FIRST = re.compile(
    r"(?:\b(?:its|the|a) )?\bfirst(?: time)?\b|[- ]?\bever\b|\bin\b|(?:처음|최초)(?:으로|로)?|첫|만에|사상|역대"
)
# The currencies of claims that are converted from US$.
CONVERTED = ("CNY", "KRW", "JPY")


class Measure(StrEnum):
    """The quantity of a claim: level (US$18bn), difference (by US$2bn), growth rate (by 5%) or ratio (twice)."""

    LEVEL = auto()
    DIFFERENCE = auto()
    GROWTH = auto()
    RATIO = auto()


@dataclass(frozen=True)
class Statement:
    """A claim that was written without SQL, parsed into typed fields."""

    metric: Metric
    reporter: str  # the economy whose statistics are used
    partner: str | None  # the other economy; None for a metric of one economy
    item: str | None  # the item, for a metric with items
    span: Span
    comparator: Comparator = Comparator.EQUALS
    value: ParsedValue = field(default_factory=ParsedValue)  # the printed value
    measure: Measure = Measure.LEVEL  # the quantity: the figure itself, or its change from the earlier period
    since: str | None = None  # the year or month of "the first since 1992", "the largest since 2023-01"

    @property
    def spans(self) -> tuple[Span, ...]:
        """List the periods for which the claim needs figures: one period, or for a change also the earlier period."""
        is_change = self.measure is not Measure.LEVEL or self.span.earlier is not None
        return (self.span.alone, self.span.earlier or self.span.before) if is_change else (self.span.alone,)

    @property
    def needed_series(self) -> tuple[str, ...]:
        """List the keys (`questions.series`) of the needed series, for example "goods/A/KOR/export/CHN/TOTAL"."""
        metric, frequency = self.metric, self.span.frequency
        if metric.domain == "gdp":
            return (f"gdp/A/{self.reporter}/{self.item}",)
        if metric.domain is None and not (metric.growth_of and metric.valuation):
            return ()
        flows, item = metric.flow or "export+import", (self.item or "TOTAL").partition(".")[0]
        return (f"{metric.domain or 'goods'}/{frequency}/{self.reporter}/{flows}/{self.partner}/{item}",)

    @property
    def number(self) -> int:
        """Return the claimed rank or number of years; 1 if there is none."""
        return int(self.value.quantity.number) if self.value.quantity else 1

    @property
    def direction(self) -> str:
        """Return the SQL operator between the value and 0: `<` for a deficit or fall, `>` for a surplus or rise."""
        side = self.value.side or self.value.move
        remedy = "Say deficit or surplus, rose or fell: first_since deficit 1992."
        raise_fault((not side, f"{self.comparator} needs a direction in {self.value.text!r}.", remedy))
        return "<" if side < 0 else ">"


def read_comparator(text: object) -> Comparator:
    """Read a comparator from its name (for example `equals`), its sign (`=`) or another word (`is`)."""
    word = re.sub(r"[\s-]+", "_", str(text).strip().casefold())
    denies = f"The comparator {text} denies a value; only a claim that states one can be judged."
    raise_fault(
        (word in _DENYING, denies, "Write = and the value, or a bound: >, <."),
        (word not in WORDS, f"There is no comparator {text}.", f"Use one of {', '.join(Comparator)}."),
    )
    return WORDS[word]


def list_kinds(metric: Metric) -> list[str]:
    """List the kinds of numbers that a claim about a metric may have, such as `money` and `percent`."""
    kinds = [one for one in UNITS[metric.unit]["kinds"] if not (metric.is_growth and one == "times")]
    # A growth rate may be a multiple of the year before only if the metric has a level to compare.
    return [*kinds, "times"] if metric.growth_of else [*kinds]


def describe_slots(metric: Metric) -> dict[str, str]:
    """Describe the comparators and values of claims about a metric, for `bilateral metrics`."""
    if not metric.figures:
        return {"takes": "a day, a month or a year" if metric.unit == "date" else "before or after"}
    way = "deficit" if metric.signed else "fell"
    return {
        "takes": ", ".join(KINDS[one] for one in list_kinds(metric) if one != "points" or not metric.growth_of),
        "currencies": ", ".join(["USD", *CONVERTED]) if metric.unit == "US$" else "",
        "below zero": "deficit, surplus or a minus" if metric.signed else "fell" if metric.is_growth else "never",
        "comparators": "equals, each" if metric.unit == "rank" else ", ".join(Comparator),
        "of what came before": f"first_since {way} 1992, first_in {way} 31 years, streak {way} 3 years, record",
    }


def read_statement(given: Mapping[str, Any], metric: Metric, comparator: Comparator, published_on: date) -> Statement:
    """Read the fields of a claim about a metric with figures; `published_on` decides the year of "last May"."""
    reporter, partner = given.get("reporter"), given.get("partner")
    needed = f"{metric.name} needs {'a reporter and a partner' if metric.has_partner else 'a reporter'}."
    lacks_one = not reporter or (metric.has_partner and not partner)
    one = f"the reporter and the partner are both {reporter}, but trade is between two economies."
    raise_fault(
        (lacks_one, needed, "Name them by their codes, such as KOR and CHN."),
        (metric.has_partner and reporter == partner, one, "Name another partner: balance KOR CHN 2023 = -18bn."),
    )
    span = read_span(given, published_on)
    comparator, value, since = read_value(str(given.get("says") or ""), comparator)
    if not value.side and metric.signed:
        # The metric `deficit`, another name of `balance`, states the sign.
        value = replace(value, side=values.find_side(str(given["metric"]).replace("_", " ")))
    metric = _find_metric(metric, value, comparator)
    comparator = _find_comparator(comparator, metric, value, span)
    raise_fault(*_list_faults(comparator, metric, value))
    measure, span = _find_measure(comparator, metric, value, span)
    return Statement(metric, str(reporter), partner, given.get("item"), span, comparator, value, measure, since)


def read_span(given: Mapping[str, Any], published_on: date, default: date | None = None) -> Span:
    """Read the period of a claim, from a text or a mapping with start and end; `default` if the claim has neither."""
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
        fault = f"'{value}' is not a valid day." if value is not None else "The period lacks its start or its end."
        raise BilateralError(fault, remedy="Write each day as 2025-11-30.")
    return found.start


def read_value(says: str, word: Comparator) -> tuple[Comparator, ParsedValue, str | None]:
    """Parse the value `says`; return its comparator (default: `word`), the value, and the year or month of "since"."""
    if word is Comparator.SIGN_CHANGE or not says:
        # "From surplus to deficit": the last word is the new sign.
        sides = [side for one in re.split(r"[\s,]+", says) if (side := values.find_side(one))]
        return word, ParsedValue(says, side=sides[-1] if sides else 0), None
    said, is_first = says, re.search(r"\bfirst\b|처음|최초|첫", says)
    kinds = [kind for pattern, kind in _FIRSTS.items() if re.search(pattern, says)] if is_first else []
    if kinds and word is Comparator.EQUALS:
        # "The first deficit since 1992", "in 31 years" or "ever".
        word, said = kinds[0], _FIRST.sub(" ", says)
    if GRAMMAR[word].takes != "since":
        return word, replace(values.parse_value(said), text=says), None
    when = re.search(r"(?<!\d)(\d{4}(?:-\d{2})?)(?!\d)", said)
    if when is None:
        raise BilateralError(f"{says!r} names no year.", remedy=f"Write {word} deficit 1992 (or 2023-01).")
    rest = re.sub(r"\b(?:since|in|from)\b|년|이후|이래|부터", " ", said.replace(when[0], " ", 1)).strip()
    return word, replace(values.parse_value(rest) if rest else ParsedValue(), text=says), when[1]


def _find_metric(metric: Metric, value: ParsedValue, comparator: Comparator) -> Metric:
    """Find the metric that a value is compared with, for example the balance for a deficit."""
    known = catalogue.load_metrics()
    if value.side and not metric.signed:
        never = f"{metric.called} cannot be a {'deficit' if value.side < 0 else 'surplus'}: these figures have no sign."
        raise_fault((not metric.balance, never, "Use the metric balance for a deficit or surplus."))
        metric = known[str(metric.balance)]
    if not value.move or metric.is_growth or not GRAMMAR[comparator].of_ways:
        return metric
    grown = next((one for one in known.values() if one.growth_of == metric.name), None)
    if grown is None:
        way, remedy = "fell" if value.move < 0 else "rose", "Name two periods (2018->2023 = fell), or write deficit."
        raise BilateralError(f"`{comparator} {way}` needs a growth rate, but {metric.name} has none.", remedy=remedy)
    return grown


def _find_comparator(word: Comparator, metric: Metric, value: ParsedValue, span: Span) -> Comparator:
    """Find the comparator of a claim; words of the value such as "about", "more than" or "fell" may decide."""
    if value.bound and word is not value.bound and word in LEVELS:
        both = f"The comparator {word} contradicts {value.bound} in {value.text!r}."
        raise_fault((word not in {Comparator.EQUALS, Comparator.SHARE}, both, "Keep one of the two."))
        return value.bound
    if word is not Comparator.EQUALS:
        return word
    if value.quantity is None and (value.side or value.move):
        is_line = span.count > 1 and span.frequency == "A" and not value.side
        return Comparator.TREND if is_line else Comparator.SIGN
    if metric.unit == "rank":
        return Comparator.RECORD
    return Comparator.SHARE if metric.domain == "gdp" and not metric.is_growth else Comparator.EQUALS


def _list_faults(word: Comparator, metric: Metric, value: ParsedValue) -> Iterator[tuple[object, str, str]]:
    """List the possible faults of a value: whether the value has the fault, the message, and the remedy."""
    kind, quantity, text, takes = value.kind, value.quantity, repr(value.text), GRAMMAR[word].takes
    if takes == "parts":
        takes = "number" if kind and metric.unit != "rank" else "place"
    is_whole = quantity is not None and not quantity.scale and quantity.number >= 1 and not quantity.number % 1
    is_place = not kind or (is_whole and kind in {"nth", "number"})
    is_unsaid = takes == "event" or (word is Comparator.SHARE and (metric.unit != "percent" or metric.is_growth))
    is_extra = takes in {"words", "since"} and (kind or value.bound)
    is_no_length = takes == "length" and not (is_whole and kind in {"length", "nth", "number"})
    is_no_place = takes == "place" and (not is_place or value.bound or (metric.unit == "rank" and value.move))
    how_long = f"{word} needs a number of years or months, but {text} has none."
    yield is_unsaid, f"The comparator {word} does not fit {metric.called.lower()}.", "Write = and the value."
    yield is_extra, f"{word} takes no number, but {text} has one.", "Leave out the number."
    yield is_no_length, how_long, "Write first_in deficit 31 years, or streak deficit 3 years."
    yield is_no_place, f"{word} needs a rank, but {text} has none.", "Write record second surplus, or each first."
    if takes == "number":
        yield from _list_faults_of_number(word, metric, value)


def _list_faults_of_number(word: Comparator, metric: Metric, value: ParsedValue) -> Iterator[tuple[object, str, str]]:
    kind, own, quantity, text = value.kind, UNITS[metric.unit]["kinds"][0], value.quantity, repr(value.text)
    if quantity is None:
        yield True, f"{text} has no number.", "Write the value as printed: $55.6 billion."
        return
    is_taken = kind in list_kinds(metric) and not (kind == "points" and metric.growth_of)
    if kind == "number":
        is_taken = metric.unit != "percent" or not quantity.scale
    remedy = f"Write {KINDS[own]}; a year or a length needs the comparator first_since, first_in or streak."
    yield not is_taken, f"{text} is {KINDS[kind]}, but the unit of {metric.called} is {metric.unit}.", remedy
    is_not_each = word is Comparator.EACH and (value.bound not in BOUNDS or kind not in {"number", own})
    each = f"each needs a deficit, a rise, a rank or a bound, but {text} has none of these."
    yield is_not_each, each, "Write each surplus, or each more than $100bn."
    no_rate = f"{text} is in {quantity.unit}, which has no exchange rate here."
    is_without_rate = kind == "money" and quantity.unit not in {"USD", *CONVERTED}
    yield is_without_rate, no_rate, "Write US dollars, yuan, won or yen."
    is_reverse = kind == "times" and value.move * (quantity.number - 1) < 0
    yield is_reverse, f"{text} says both a rise and a fall.", "Write halved, or doubled."


def _find_measure(word: Comparator, metric: Metric, value: ParsedValue, span: Span) -> tuple[Measure, Span]:
    """Find the measure of a claim, and its period; for a change, also set the earlier period."""
    kind, with_before = value.kind, replace(span, earlier=span.earlier or span.before)
    is_short = word is Comparator.TREND and (span.count < 2 or span.frequency != "A")
    raise_fault((is_short, f"A trend needs several years, not {span}.", "Name several years: 2018-2023."))
    if word not in {*LEVELS, Comparator.SIGN}:
        return Measure.LEVEL, span
    if metric.growth_of:
        return (Measure.RATIO if kind == "times" else Measure.GROWTH), span
    if kind == "times":
        return Measure.RATIO, with_before
    if kind == "percent" and metric.unit != "percent":
        of_what = f"{value.text!r} is no value of {metric.called}, whose unit is {metric.unit}."
        is_bare = not value.move and not re.search(r"\d", value.text)
        raise_fault((is_bare, of_what, "Write fell by half, or name a share."))
        return Measure.GROWTH, with_before
    change = Measure.GROWTH if kind == "percent" else Measure.DIFFERENCE
    if kind == "points" or span.earlier is not None:
        return change, with_before
    if not value.move or value.is_difference is False or (metric.is_growth and word is not Comparator.SIGN):
        return Measure.LEVEL, span
    way = "only one period is named" if word is Comparator.SIGN else "it is unclear whether by or to the amount"
    remedy = "Write by or to, or name both periods: balance KOR CHN 2018->2023 = deficit grew."
    is_either = metric.signed and value.is_difference is None
    raise_fault((is_either, f"{value.text!r} states a rise or fall, but {way}.", remedy))
    return change, with_before
