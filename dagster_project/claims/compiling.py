"""Claims without SQL: a metric, a pair, a period and a value as printed become a typed statement and its evidence.

Here: what a claim says, refused where a metric does not take it, and the fields of the register that come of it, with the
texts that can be pasted. Not here: reading periods and values (`periods`, `values`), the SQL of a metric (`series`), and
judging (`verdicts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dagster_project.claims import periods, series, values
from dagster_project.claims.periods import Span
from dagster_project.claims.printed import day
from dagster_project.claims.series import Denial, Measure, Series, Statement
from dagster_project.claims.values import BOUNDS, OPPOSITE, Comparator, Kind, Quantity, Said
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric

# Other words for comparators.
SPOKEN = {
    "about": Comparator.APPROXIMATELY, "almost": Comparator.APPROXIMATELY, "nearly": Comparator.APPROXIMATELY,
    "around": Comparator.APPROXIMATELY, "~": Comparator.APPROXIMATELY, "over": Comparator.MORE_THAN,
    ">": Comparator.MORE_THAN, "under": Comparator.LESS_THAN, "<": Comparator.LESS_THAN, ">=": Comparator.AT_LEAST,
    "≥": Comparator.AT_LEAST, "<=": Comparator.AT_MOST, "≤": Comparator.AT_MOST, "each_year": Comparator.EACH,
    "every_year": Comparator.EACH, "rank": Comparator.EQUALS, "forecast": Comparator.EQUALS, "is": Comparator.EQUALS,
    "=": Comparator.EQUALS, "==": Comparator.EQUALS, "in_a_row": Comparator.STREAK,
}  # fmt: skip
# Of these a claim is whole without a value.
WITHOUT_VALUE = (Comparator.RECORD, Comparator.SIGN_CHANGE, Comparator.EACH, Comparator.FIRST_EVER)
_LEVELS = (Comparator.EQUALS, Comparator.APPROXIMATELY, *BOUNDS, Comparator.SHARE)
# These compare each figure with 0. The level of exports is never below 0, so rose and fell look at the growth.
_OF_WAYS = (Comparator.FIRST_SINCE, Comparator.FIRST_IN, Comparator.FIRST_EVER, Comparator.STREAK, Comparator.EACH)
_SINCE = (Comparator.FIRST_SINCE, Comparator.RECORD_SINCE)
# What each unit of a metric takes, beside a plain number, and in what currencies money is compared.
_TAKES = {
    "US$": (Kind.MONEY, Kind.PERCENT, Kind.TIMES),
    "percent": (Kind.PERCENT, Kind.POINTS, Kind.TIMES),
    "persons": (Kind.COUNT, Kind.PERCENT, Kind.TIMES),
    "rank": (Kind.PLACE,),
}
_OWN_UNIT = {"US$": "USD", "percent": "%", "persons": "persons"}
_OWN_KIND = {"US$": Kind.MONEY, "percent": Kind.PERCENT, "persons": Kind.COUNT, "rank": Kind.PLACE}
CONVERTED = ("CNY", "KRW")
# The average rate of a period is not the one that was used for each of its days.
NEAR_RATE_PCT = 1.5
_EVENT = re.compile(r"(?P<event>[A-Z]\d+)(?:\.(?P<stage>[a-z_]+))?")


def comparator_of(text: object) -> Comparator:
    """Read a comparator by its name, its sign or another word for it.

    Raises:
        BilateralError: It is none, or denies.
    """
    word = re.sub(r"[\s-]+", "_", str(text).strip().casefold())
    if word in {"!=", "≠", "<>", "!", "not", "not_equals", "is_not"}:
        raise BilateralError(
            "A claim says what a figure is, not what it is not.", remedy="Write = and the value, or a bound: >, <."
        )
    try:
        return SPOKEN.get(word) or Comparator(word)
    except ValueError:
        raise BilateralError(f"There is no comparator {text}.", remedy=f"Use one of {', '.join(Comparator)}.") from None


def taken_by(metric: Metric) -> dict[str, str]:
    """What a claim about a metric may say, in words."""
    if not metric.figures:
        return {"takes": "a day, a month or a year" if metric.unit == "date" else "before or after", "example": ""}
    kinds = [*_TAKES.get(metric.unit, ())]
    kinds = [one for one in kinds if not (metric.is_growth and one in {Kind.POINTS, Kind.TIMES})]
    below = "yes: a deficit, a surplus or a minus" if metric.signed else "as fell" if metric.is_growth else "no"
    way = "deficit" if metric.signed else "fell"
    return {
        "takes": ", ".join(kinds),
        "currencies": ", ".join(["USD", *CONVERTED]) if metric.unit == "US$" else "",
        "may be below zero": below,
        "comparators": "equals, each" if metric.unit == "rank" else ", ".join(list(Comparator)[:12]),
        "of what came before": f"first_since {way} 1992, first_in {way} 31 years, streak {way} 3 years, record",
    }


def compiled(given: Mapping[str, Any], published_on: date) -> dict[str, Any]:
    """The fields of a claim as the register has them.

    Args:
        given: The fields that it has: metric, reporter, partner, item, period, comparator and `says`, the value as
            printed. Those of the register that it has, too, are kept.
        published_on: The day from which its period is read where that names no year.

    Raises:
        BilateralError: A value or a period cannot be read, or the metric does not take it.
    """
    name = str(given.get("metric", ""))
    metric = catalogue.find(name)
    kept = {key: value for key, value in given.items() if value is not None}
    kept["comparator"] = comparator = comparator_of(kept.get("comparator", "equals"))
    if metric is None:
        lacks = f"There is no metric {name}; `bilateral metrics` lists those that exist. "
        lacks += "One file adds a metric of figures that are held; others need a source first (CONTRIBUTING.md)."
        return {**_only_value(kept, _span(given, published_on, None)), "not_held": lacks}
    kept["metric"] = metric.name
    if metric.refuses:
        span = _span(given, published_on, published_on)
        return {**_only_value(kept, span), "not_checkable": given.get("not_checkable") or metric.refuses}
    if not catalogue.is_item(metric, given.get("item")):
        raise BilateralError(
            f"{metric.name} has no item {given.get('item') or '(none is named)'}.",
            remedy=f"{metric.what} An item reads as {metric.item}." if metric.item else f"Leave it out: {metric.what}",
        )
    if not metric.figures:
        return _of_event(kept, published_on)
    if "reporter" not in kept or (metric.has_partner and "partner" not in kept):
        needed = "a reporter and a partner" if metric.has_partner else "a reporter"
        raise BilateralError(f"{metric.name} needs {needed}.", remedy="Name them by their codes, such as KOR and CHN.")
    span = _span(given, published_on, None)
    said, since = _said(str(given.get("says", "")), comparator)
    if not said.side:
        # Who says deficit in place of balance has said the sign.
        said = replace(said, side=values.side(name.replace("_", " ")) if metric.signed else 0)
    metric = _with_side(metric, said)
    kept["metric"] = metric.name
    if said.move and comparator in _OF_WAYS:
        metric = _moved(metric, said, comparator)
    comparator = _meant(comparator, metric, said, span)
    measure, span = _measure(comparator, metric, said, span)
    asked = Statement(
        metric, str(kept["reporter"]), kept.get("partner"), kept.get("item"), span, comparator, said, measure, since
    )
    unchanged = {key: value for key, value in kept.items() if key not in {"period", "comparator", "claimed_value"}}
    return {**_fields(asked, published_on), **unchanged, "period": _days(span)}


def _said(says: str, comparator: Comparator) -> tuple[Said, str | None]:
    """A value, read, and since when it says that something is so."""
    if comparator is Comparator.SIGN_CHANGE or not says:
        # From surplus to deficit: the last word is where it went.
        last = re.findall(r"deficits?|surplus\w*|적자|흑자", says, re.IGNORECASE)
        return Said(says, side=values.side(last[-1]) if last else 0), None
    if comparator not in _SINCE:
        return values.read(says), None
    when = re.search(r"(?<!\d)(\d{4}(?:-\d{2})?)(?!\d)", says)
    rest = says.replace(when[0], " ", 1) if when else says
    rest = re.sub(r"\b(?:since|in|from)\b|년|이후|이래|부터", " ", rest)
    if when is None:
        raise BilateralError(f"{says!r} names no year.", remedy=f"Write {comparator} deficit 1992 or 2023-01.")
    said = values.read(rest) if rest.strip() else Said(says)
    if said.quantity is not None:
        raise BilateralError(f"{says!r} has more than a year in it.", remedy=f"Write {comparator} deficit 1992.")
    return replace(said, text=says), when[1]


def _with_side(metric: Metric, said: Said) -> Metric:
    """The metric that a deficit or surplus is of; it raises where there is none."""
    if not said.side or metric.signed:
        return metric
    if metric.balance:
        return catalogue.load()[metric.balance]
    word = "deficit" if said.side < 0 else "surplus"
    raise BilateralError(
        f"{metric.called} is never below zero, and so no {word}.", remedy="A deficit or surplus is of the balance."
    )


def _moved(metric: Metric, said: Said, comparator: Comparator) -> Metric:
    """The metric that is above zero where another one rose; it raises where there is none."""
    grown = [one for one in catalogue.load().values() if one.growth_of == metric.name]
    found = metric if metric.is_growth else next(iter(grown), None)
    if found is None:
        raise BilateralError(
            f"{metric.name} has no growth that {comparator} {'fell' if said.move < 0 else 'rose'} could look at.",
            remedy="Name two periods (2018->2023 = fell), or say deficit or surplus of a balance.",
        )
    return found


def _meant(word: Comparator, metric: Metric, said: Said, span: Span) -> Comparator:
    """The comparator, where the value says it: about, more than, fell."""
    if said.bound and word is not said.bound:
        if word in {*BOUNDS, Comparator.APPROXIMATELY}:
            raise BilateralError(f"{word} stands beside {said.bound} in {said.text!r}.", remedy="Write one of the two.")
        word = said.bound if word in _LEVELS else word
    if word is not Comparator.EQUALS:
        return word
    if said.quantity is None and (said.side or said.move):
        is_line = span.count > 1 and span.frequency == "A" and not said.side
        return Comparator.TREND if is_line else Comparator.SIGN
    if metric.unit == "rank":
        return Comparator.RECORD
    return Comparator.SHARE if metric.domain == "gdp" and not metric.is_growth else Comparator.EQUALS


def _measure(word: Comparator, metric: Metric, said: Said, span: Span) -> tuple[Measure, Span]:
    """What of a metric is compared, and the period with the one before where it is a change."""
    _require_fit(word, metric, said)
    kind, with_before = said.is_of, replace(span, earlier=span.earlier or span.before)
    if word not in {*_LEVELS, Comparator.SIGN}:
        return Measure.LEVEL, span
    if metric.growth_of:
        return (Measure.RATIO if kind is Kind.TIMES else Measure.GROWTH), span
    if kind is Kind.TIMES:
        return Measure.RATIO, with_before
    if kind is Kind.PERCENT and metric.unit != "percent":
        return Measure.GROWTH, with_before
    if kind is Kind.POINTS:
        return Measure.DIFFERENCE, with_before
    if span.earlier is not None:
        return (Measure.GROWTH if kind is Kind.PERCENT else Measure.DIFFERENCE), span
    if not said.move or said.by is False or (metric.is_growth and word is not Comparator.SIGN):
        return Measure.LEVEL, span
    if metric.signed and said.by is None:
        way = "names one period" if word is Comparator.SIGN else "may be by how much, or to how much"
        raise BilateralError(
            f"{said.text!r} says how something moved, and {way}.",
            remedy="Write by or to, or name both periods: balance KOR CHN 2018->2023 = deficit grew.",
        )
    return (Measure.GROWTH if kind is Kind.PERCENT else Measure.DIFFERENCE), with_before


def _require_fit(word: Comparator, metric: Metric, said: Said) -> None:
    """Refuse a value that is not of a kind that the metric takes with this comparator."""
    kind, called = said.is_of, f"{metric.called} is in {metric.unit}"
    if word in {Comparator.SIGN, Comparator.FIRST_EVER, Comparator.TREND, *_SINCE}:
        if kind is not None:
            raise BilateralError(f"{word} takes no number, and {said.text!r} has one.", remedy="Leave it out.")
        return
    if word in {Comparator.STREAK, Comparator.FIRST_IN}:
        if kind not in {Kind.LENGTH, Kind.PLACE, Kind.PLAIN}:
            raise BilateralError(
                f"{word} takes for how long, and {said.text!r} does not say it.",
                remedy="Write first_in deficit 31 years, or streak deficit 3 years.",
            )
        return
    if word in {Comparator.RECORD, Comparator.SIGN_CHANGE} and kind in {None, Kind.PLACE, Kind.PLAIN}:
        return
    if word is Comparator.EACH and (kind is None or (metric.unit == "rank" and kind in {Kind.PLACE, Kind.PLAIN})):
        return
    if kind is None:
        raise BilateralError(f"{said.text!r} has no number.", remedy="Write the value as printed: $55.6 billion.")
    if kind is Kind.TIME:
        raise BilateralError(
            f"{said.text!r} is when, and {called}.",
            remedy="Write since when: first_since deficit 1992; or an amount with its unit: $1,992.",
        )
    if kind is Kind.LENGTH:
        raise BilateralError(
            f"{said.text!r} is how long, and {called}.",
            remedy="Write for how long: first_in deficit 31 years, or streak deficit 3 years.",
        )
    if kind is Kind.POINTS and (metric.unit != "percent" or metric.growth_of):
        raise BilateralError(
            f"{said.text!r} is what a share or a rate moves by, and {called}.",
            remedy="Write per cent: fell 19.9 percent.",
        )
    if (kind is not Kind.PLAIN and kind not in _TAKES.get(metric.unit, ())) or (
        kind is Kind.TIMES and metric.is_growth and not metric.growth_of
    ):
        raise BilateralError(f"{said.text!r} is {kind}, and {called}.", remedy=f"Write {_OWN_KIND[metric.unit]}.")
    if word is Comparator.EACH and (said.bound not in BOUNDS or kind not in {Kind.PLAIN, _OWN_KIND[metric.unit]}):
        raise BilateralError(
            f"each takes a deficit, a rise, a rank or a bound, and {said.text!r} is none of these.",
            remedy="Write each surplus, or each more than $100bn.",
        )
    unit = said.quantity.unit if said.quantity else None
    if kind is Kind.MONEY and unit not in {"USD", *CONVERTED}:
        raise BilateralError(
            f"{said.text!r} is in {unit}, and no rate of it is held.",
            remedy="Write US dollars, yuan or won, of which rates are held.",
        )


def _span(given: Mapping[str, Any], published_on: date, default: date | None) -> Span:
    period = given.get("period")
    if isinstance(period, Mapping):
        first, last = (_day_of(period.get(end)) for end in ("start", "end"))
        return Span(first, last)
    if period is None and default is not None:
        return Span(default, default)
    if period is None:
        raise BilateralError("The claim names no period.", remedy="Write 2018, 2025-11, last year, 1~11월 or the like.")
    return periods.read(period, published_on)


def _day_of(value: object) -> date:
    found = day(value)
    if found is None:
        raise BilateralError(
            f"{value} is no day." if value is not None else "A period has a start and an end.",
            remedy="Write it as 2025-11-30.",
        )
    return found.start


def _only_value(kept: dict[str, Any], span: Span) -> dict[str, Any]:
    """The fields of a claim that no evidence answers."""
    rest = {key: value for key, value in kept.items() if key != "claimed_value"}
    comparator = kept["comparator"] if kept["comparator"] in _LEVELS else Comparator.EQUALS
    return {"period_type": "point", **rest, "period": _days(span), "comparator": comparator}


def _days(span: Span) -> dict[str, date]:
    return {"start": span.start, "end": span.end}


def _fields(asked: Statement, published_on: date) -> dict[str, Any]:
    """All that follows from what is asked."""
    span, metric = asked.span, asked.metric
    own, other = asked.series(), asked.series(other=True)
    fields: dict[str, Any] = {
        "valuation": metric.valuation,
        "flow": metric.flow,
        "period_type": "annual" if asked.comparator is Comparator.TREND else _period_type(span, published_on),
        "asked": asked,
    }
    if own is None:
        kinds = {"A": "year", "M": "month"}
        held = " and by ".join(kinds[one] for one in metric.frequencies)
        return {
            **{name: value for name, value in fields.items() if value is not None},
            "comparator": Comparator.EQUALS,
            "not_held": f"{metric.called} is held by {held}, not for {span}.",
        }
    no_sum = metric.adds_up == "no" and not metric.growth_of
    if span.count > 1 and no_sum and asked.comparator not in {Comparator.EACH, Comparator.TREND}:
        raise BilateralError(
            f"{metric.name} does not add up over {span}.", remedy="Name one year, or compare two: 2018->2023."
        )
    evidence, comparator, claimed = _evidence(own, asked)
    fields |= {"comparator": comparator, **claimed, "evidence": evidence.strip()}
    fields["denials"] = (*series.denials(own, asked), *_moves(own, asked))
    if asked.comparator is Comparator.EACH:
        fields["remarks"] = ({"says": "It is not so in {}.", "evidence": _not_each(own, asked)},)
    if other is not None:
        text, _, _ = _evidence(other, asked, is_other=True)
        compares_sign = asked.comparator in _LEVELS and comparator in _LEVELS and bool(fields["claimed_value"])
        fields["alternate"] = {
            "reporter": asked.partner,
            "evidence": text.strip(),
            **({"compare": "sign"} if compares_sign else {}),
            **({"unit": "USD"} if fields.get("unit") in CONVERTED else {}),
        }
    return {name: value for name, value in fields.items() if value is not None}


def _evidence(own: Series, asked: Statement, *, is_other: bool = False) -> tuple[str, Comparator, dict[str, Any]]:
    """The evidence by one side's statistics, the register's comparator, and the claimed value."""
    span, word, metric = asked.span, asked.comparator, asked.metric
    if word in series.LOOKING_BACK:
        return series.evidence_of_before(own, asked)
    if word is Comparator.EACH:
        held, condition, number = _each(own, asked)
        # One that is not so is enough to deny it, whatever is not held.
        so = f"case when not bool_and({condition}) then false\n  when count(*) = {span.count} then true end"
        text = f"{held}\n\nselect {so}\nfrom held\nwhere n > {number - span.count}"
        return text, Comparator.EQUALS, {"claimed_value": True}
    if word is Comparator.TREND:
        at = own.place.period
        slope = f"regr_slope({own.column}, {at}) * (max({at}) - min({at}))"
        claimed = {"claimed_value": {-1: "falling", 0: "flat", 1: "rising"}[asked.said.move], **_unit(asked)}
        return f"select {slope}\n{own.source} and {own.within(span)}", word, claimed
    if word is Comparator.SIGN_CHANGE:
        return own.signs("{0}\n  != {1}"), word, {"claimed_value": True}
    currency = asked.said.quantity.unit if asked.said.is_of is Kind.MONEY and asked.said.quantity else None
    if asked.measure is Measure.LEVEL:
        converted = currency if currency in CONVERTED and not is_other else None
        return own.value(Span(span.start, span.end), converted), *_value(asked)
    if currency in CONVERTED:
        raise BilateralError(
            f"{asked.said.text!r} is a difference in {currency}, of which each period has another rate.",
            remedy="Write it in US dollars, or in per cent.",
        )
    # What a deficit and a surplus are to each other is no growth, and of a surplus that grew nothing follows for a deficit.
    is_growth = asked.measure is Measure.GROWTH and metric.signed
    only = "same" if is_growth else None
    if is_growth and asked.said.side:
        only = series.direction(asked)
    return own.against(span, asked.measure, only), *_value(asked)


def _each(own: Series, asked: Statement) -> tuple[str, str, int]:
    """The figures of each part of a span, what has to hold of each, and the number of the last."""
    year, month, said = asked.span.end.year, asked.span.end.month, asked.said
    last = periods.years(year) if asked.span.frequency == "A" else periods.months(year, month, year, month)
    if said.quantity is None:
        condition = f"value {series.direction(asked)} 0"
    elif asked.metric.unit == "rank":
        condition = f"value = {said.quantity.number:.0f}"
    else:
        _, claimed = _value(asked)
        sign = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
        number = claimed["claimed_value"] * said.quantity.factor
        condition = f"value {sign[OPPOSITE[said.bound] if number < 0 else said.bound]} {number:.15g}"  # type: ignore[index]
    return own.held(last), condition, own.number(last)


def _not_each(own: Series, asked: Statement) -> str:
    """Which part of a span is the first of which a claim of each does not hold."""
    held, condition, number = _each(own, asked)
    return f"{held}\n\nselect min(label)\nfrom held\nwhere n > {number - asked.span.count} and not ({condition})"


def _moves(own: Series, asked: Statement) -> list[Denial]:
    """What is false beside a number that is right: it rose to so much, or went from surplus to deficit."""
    said, span = asked.said, asked.span
    if asked.comparator is Comparator.SIGN_CHANGE and said.side:
        words = {-1: "deficit", 1: "surplus"}
        shows = own.signs(f"{{1}}\n  != {said.side}")
        return [Denial(shows, f"no {words[said.side]} in {Span(span.start, span.end)}", always=True)]
    if asked.measure is not Measure.LEVEL or said.by is not False or said.quantity is None:
        return []
    before = replace(span, earlier=span.before)
    way = said.move * (said.side or (-1 if said.quantity.number < 0 and asked.metric.signed else 1))
    moved = own.against(before, Measure.DIFFERENCE).removeprefix("select ").partition("\nfrom ")
    shows = f"select coalesce(({moved[0]}) {'<=' if way > 0 else '>='} 0, false)\nfrom {moved[2]}"
    return [Denial(shows, f"no {'rise' if said.move > 0 else 'fall'} from {before.earlier} to {span}", always=True)]


def _unit(asked: Statement) -> dict[str, Any]:
    unit = {"US$": "USD", "percent": "pp", "persons": "persons"}.get(asked.metric.unit)
    return {"unit": unit, **({"scale": "billion"} if unit == "USD" else {})} if unit else {}


def _value(asked: Statement) -> tuple[Comparator, dict[str, Any]]:
    """The comparator and the claimed value as printed, with its unit, scale, decimals and tolerance."""
    said, metric, word = asked.said, asked.metric, asked.comparator
    if word is Comparator.SIGN:
        # A deficit that grows is a balance that falls.
        way = (said.side or 1) * (said.move or 1)
        return word, {"claimed_value": "negative" if way < 0 else "positive", **_unit(asked)}
    quantity = said.quantity
    if word is Comparator.RECORD or quantity is None:
        return word, {"claimed_value": int(quantity.number) if quantity else 1}
    number, way = quantity.number, _way(asked, quantity)
    if number < 0 and (not metric.signed and not metric.is_growth and asked.measure in {Measure.LEVEL, Measure.RATIO}):
        raise BilateralError(
            f"{said.text!r} is below zero, and {metric.called} never is.", remedy="Leave the sign out."
        )
    if number > 0 and way < 0:
        # At least a deficit of so much is at most that balance.
        number, word = -number, OPPOSITE.get(word, word)
    unit = {Kind.PLAIN: _OWN_UNIT[metric.unit], Kind.PERCENT: "%", Kind.POINTS: "pp", Kind.TIMES: "ratio"}.get(
        quantity.kind, quantity.unit or "persons"
    )
    if asked.measure is Measure.DIFFERENCE and metric.unit == "percent":
        unit = "pp"
    found: dict[str, Any] = {
        "claimed_value": int(number) if number == int(number) and not quantity.decimals else number,
        "unit": unit,
        "decimals": quantity.decimals,
    }
    if quantity.scale:
        found["scale"] = quantity.scale
    if word is Comparator.APPROXIMATELY:
        found["tolerance"] = _near(quantity, unit)
    elif unit in CONVERTED:
        found["tolerance"] = {"relative_pct": NEAR_RATE_PCT}
    if word is Comparator.SHARE and asked.measure is not Measure.LEVEL:
        word = Comparator.EQUALS
    return word, found


def _way(asked: Statement, quantity: Quantity) -> int:
    """-1 where the words beside a number make it one below zero."""
    said = asked.said
    if asked.measure is Measure.RATIO:
        return 1
    if asked.measure is Measure.DIFFERENCE:
        return (said.move or 1) * (said.side or 1)
    if asked.measure is Measure.GROWTH:
        if said.by is False and quantity.kind is not Kind.TIMES:
            raise BilateralError(
                f"{said.text!r} says to how much, and per cent of {asked.metric.called.lower()} are by how much.",
                remedy="Write by how much: fell by 19.9 percent.",
            )
        return said.move or 1
    is_moved = asked.metric.is_growth and said.by is not False
    return said.side or (said.move if is_moved and said.move else 1)


def _near(quantity: Quantity, unit: str | None) -> dict[str, float]:
    """How near is near: the more so the more digits are printed."""
    number = abs(quantity.number)
    if unit == "ratio":
        return {"relative_pct": 15}
    if unit == "%" and number in {20, 25, 33}:
        # A fifth, a quarter, a third.
        return {"relative_pct": 10}
    digits = len(f"{number:.{quantity.decimals}f}".replace(".", "").strip("0"))
    return {"relative_pct": 5 if digits <= 2 else 2, "absolute": 10.0**-quantity.decimals}


def _period_type(span: Span, published_on: date) -> str:
    if span.end >= published_on:
        return "forecast"
    if span.frequency == "A":
        return "annual"
    return "year_to_date" if span.start.month == 1 and span.start.year == span.end.year else "point"


def _of_event(kept: dict[str, Any], published_on: date) -> dict[str, Any]:
    """A claim about when an event was, or which of two came first."""
    says = str(kept.get("says") or kept.get("claimed_value") or "")
    first, _, second = str(kept["item"]).partition("-")
    if second:
        comparator = kept["comparator"]
        if comparator not in {Comparator.BEFORE, Comparator.AFTER}:
            if says not in {Comparator.BEFORE, Comparator.AFTER}:
                raise BilateralError(
                    f"{says or comparator} is no order of two events.", remedy="Write before or after."
                )
            comparator = Comparator(says)
        span = _span(kept, published_on, published_on)
        text = (
            f"select {_date_of('one')}\n  || '/' || {_date_of('other')}\nfrom core.policy_event_stages as one\n"
            f"cross join core.policy_event_stages as other\nwhere {_is(first, 'one')} and {_is(second, 'other')}"
        )
        own = {"period_type": "event_order", "comparator": comparator, "claimed_value": 0}
    else:
        claimed = day(says) or _month_or_year(says, published_on)
        span = _span(kept, published_on, None) if kept.get("period") else Span(claimed.start, claimed.end)
        text = f"select {_date_of()}\nfrom core.policy_event_stages\nwhere {_is(first)}"
        own = {
            "period_type": "event_date",
            "comparator": kept["comparator"],
            "claimed_value": int(str(claimed)) if len(str(claimed)) == 4 else str(claimed),
        }
    unchanged = {key: value for key, value in kept.items() if key not in {"period", "comparator", "claimed_value"}}
    return {**unchanged, "period": _days(span), **own, "evidence": text}


def _date_of(table: str = "") -> str:
    dot = f"{table}." if table else ""
    cut = f"case {dot}date_precision when 'year' then 4 when 'month' then 7 else 10 end"
    return f"min(substr(cast({dot}event_date as varchar), 1, {cut}))"


def _is(item: str, table: str = "") -> str:
    found = _EVENT.fullmatch(item)
    assert found is not None
    dot = f"{table}." if table else ""
    stage = f" and {dot}stage = '{found['stage']}'" if found["stage"] else ""
    return f"{dot}event_id = '{found['event']}'{stage}"


def stages_of(item: str) -> list[tuple[str, str | None]]:
    """The events that an item names, each with its stage if one is meant."""
    found = (_EVENT.fullmatch(one) for one in item.split("-"))
    return [(one["event"], one["stage"]) for one in found if one]


def _month_or_year(says: str, published_on: date) -> Any:
    span = periods.read(says, published_on)
    return day(str(span.start)[: 4 if span.frequency == "A" else 7])
