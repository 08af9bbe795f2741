"""Claims without SQL become claims of the register: the evidence of both sides, and the claimed value.

Here: the fields that come of a statement, with the texts that can be pasted. Not here: what a claim says
(`statements`), the SQL of a metric (`series`), and judging (`verdicts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dagster_project.claims import periods, series, statements
from dagster_project.claims.periods import Span
from dagster_project.claims.printed import day
from dagster_project.claims.series import Denial, Series, series_of
from dagster_project.claims.statements import CONVERTED, LEVELS, Measure, Statement, span_of
from dagster_project.claims.values import OPPOSITE, Comparator, Kind, Quantity
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue

# Of these a claim is whole without a value.
WITHOUT_VALUE = (Comparator.RECORD, Comparator.SIGN_CHANGE, Comparator.EACH, Comparator.FIRST_EVER)
_UNITS = {"US$": "USD", "percent": "%", "persons": "persons"}
# The average rate of a period is not the one that was used for each of its days.
NEAR_RATE_PCT = 1.5
_WORKED_OUT = {"period", "comparator", "claimed_value", "asked", "denials", "not_held"}
_SIGNS = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
_EVENT = re.compile(r"(?P<event>[A-Z]\d+)(?:\.(?P<stage>[a-z_]+))?")


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
    comparator = statements.comparator_of(kept.get("comparator", "equals"))
    unchanged = {key: value for key, value in kept.items() if key not in _WORKED_OUT}
    if metric is None or metric.refuses:
        # No evidence answers it.
        span = span_of(given, published_on, published_on if metric else None)
        comparator = comparator if comparator in LEVELS else Comparator.EQUALS
        lacks = f"There is no metric {name}; `bilateral metrics` lists those that exist. "
        lacks += "One file adds a metric of figures that are held; others need a source first (CONTRIBUTING.md)."
        why = {"not_checkable": given.get("not_checkable") or metric.refuses} if metric else {"not_held": lacks}
        return {"period_type": "point", **unchanged, "period": _days(span), "comparator": comparator, **why}
    if not catalogue.is_item(metric, given.get("item")):
        raise BilateralError(
            f"{metric.name} has no item {given.get('item') or '(none is named)'}.",
            remedy=f"{metric.what} An item reads as {metric.item}." if metric.item else f"Leave it out: {metric.what}",
        )
    if not metric.figures:
        return unchanged | {"metric": metric.name} | _of_event(kept, comparator, published_on)
    asked = statements.read(given, metric, comparator, published_on)
    # A rise is looked for in the growth, and the claim is of what grew.
    of = metric.name if asked.metric.growth_of == metric.name else asked.metric.name
    return {**_fields(asked, published_on), **unchanged, "metric": of, "period": _days(asked.span)}


def _days(span: Span) -> dict[str, date]:
    return {"start": span.start, "end": span.end}


def _fields(asked: Statement, published_on: date) -> dict[str, Any]:
    """All that follows from what is asked."""
    span, metric = asked.span, asked.metric
    own, other = series_of(asked), series_of(asked, other=True)
    kind = "annual" if asked.comparator is Comparator.TREND else _period_type(span, published_on)
    fields: dict[str, Any] = {"valuation": metric.valuation, "flow": metric.flow, "period_type": kind, "asked": asked}
    fields = {name: value for name, value in fields.items() if value is not None}
    if own is None:
        held = " and by ".join({"A": "year", "M": "month"}[one] for one in metric.frequencies)
        lacks = f"{metric.called} is held by {held}, not for {span}."
        return {**fields, "comparator": Comparator.EQUALS, "not_held": lacks}
    is_of_parts = asked.comparator in {Comparator.EACH, Comparator.TREND}
    if span.count > 1 and metric.adds_up == "no" and not metric.growth_of and not is_of_parts:
        raise BilateralError(
            f"{metric.name} does not add up over {span}.", remedy="Name one year, or compare two: 2018->2023."
        )
    evidence, comparator, claimed = _evidence(own, asked)
    fields |= {"comparator": comparator, **claimed, "evidence": evidence.strip()}
    fields["denials"] = (*series.denials(own, asked), *_moves(own, asked))
    if asked.comparator is Comparator.EACH:
        fields["remarks"] = ({"says": "It is not so in {}.", "evidence": _each(own, asked)[1]},)
    if other is not None:
        is_level = asked.comparator in LEVELS and comparator in LEVELS and bool(claimed["claimed_value"])
        fields["alternate"] = {
            "reporter": asked.partner,
            "evidence": _evidence(other, asked, is_other=True)[0].strip(),
            **({"compare": "sign"} if is_level else {}),
            **({"unit": "USD"} if claimed.get("unit") in CONVERTED else {}),
        }
    return fields


def _evidence(own: Series, asked: Statement, *, is_other: bool = False) -> tuple[str, Comparator, dict[str, Any]]:
    """The evidence by one side's statistics, the register's comparator, and the claimed value."""
    span, word, metric = asked.span, asked.comparator, asked.metric
    if word in series.LOOKING_BACK:
        return series.evidence_of_before(own, asked)
    if word is Comparator.EACH:
        return _each(own, asked)[0], Comparator.EQUALS, {"claimed_value": True}
    if word is Comparator.TREND:
        at = own.place.period
        slope = f"regr_slope({own.column}, {at}) * (max({at}) - min({at}))"
        claimed = {"claimed_value": {-1: "falling", 0: "flat", 1: "rising"}[asked.said.move], **_unit(asked)}
        return f"select {slope}\n{own.source} and {own.within(span)}", word, claimed
    if word is Comparator.SIGN_CHANGE:
        return own.signs("{0}\n  != {1}"), word, {"claimed_value": True}
    currency = asked.said.quantity.unit if asked.said.quantity else None
    if asked.measure is Measure.LEVEL:
        converted = currency if currency in CONVERTED and not is_other else None
        return own.value(Span(span.start, span.end), converted), *_value(asked)
    if currency in CONVERTED:
        raise BilateralError(
            f"{asked.said.text!r} is a difference in {currency}, of which each period has another rate.",
            remedy="Write it in US dollars, or in per cent.",
        )
    # What a deficit and a surplus are to each other is no growth.
    is_growth = asked.measure in {Measure.GROWTH, Measure.RATIO} and metric.signed
    only = (series.direction(asked) if asked.said.side else "same") if is_growth else None
    return own.against(span, asked.measure, only), *_value(asked)


def _each(own: Series, asked: Statement) -> tuple[str, str]:
    """Whether something holds of each part of a span, and of which part it does not: one is enough, whatever lacks."""
    year, month, said, count = asked.span.end.year, asked.span.end.month, asked.said, asked.span.count
    last = periods.years(year) if asked.span.frequency == "A" else periods.months(year, month, year, month)
    if said.quantity is None:
        holds = f"value {series.direction(asked)} 0"
    elif asked.metric.unit == "rank":
        holds = f"value = {said.quantity.number:.0f}"
    else:
        number = said.quantity.full * (_way(asked) if said.quantity.number > 0 else 1)
        is_turned = number < 0 < said.quantity.number
        holds = f"value {_SIGNS[OPPOSITE[said.bound] if is_turned else said.bound]} {number:.15g}"  # type: ignore[index]
    rows = f"from held\nwhere n > {own.number(last) - count}"
    so = f"case when not bool_and({holds}) then false\n  when count(*) = {count} then true end"
    head = own.held(last)
    return f"{head}\n\nselect {so}\n{rows}", f"{head}\n\nselect min(label)\n{rows} and not ({holds})"


def _moves(own: Series, asked: Statement) -> list[Denial]:
    """What is false beside a number that is right: it rose to so much, or went from surplus to deficit."""
    said, span = asked.said, asked.span
    if asked.comparator is Comparator.SIGN_CHANGE and said.side:
        where = f"no {'deficit' if said.side < 0 else 'surplus'} in {Span(span.start, span.end)}"
        return [Denial(own.signs(f"{{1}}\n  != {said.side}"), where, always=True)]
    if asked.measure is Measure.DIFFERENCE and said.side and said.move:
        # A surplus that shrinks is no deficit that grows.
        at, when = (1, span) if said.move > 0 else (0, span.earlier)
        where = f"no {'deficit' if said.side < 0 else 'surplus'} in {replace(when or span, earlier=None)}"
        return [Denial(own.signs(f"{{{at}}}\n  != {said.side}"), where, always=True)]
    if asked.measure is not Measure.LEVEL or said.by is not False or said.quantity is None:
        return []
    before = replace(span, earlier=span.before)
    way = said.move * (said.side or (-1 if said.quantity.number < 0 and asked.metric.signed else 1))
    moved, _, source = own.against(before, Measure.DIFFERENCE).removeprefix("select ").partition("\nfrom ")
    shows = f"select ({moved}) {'<=' if way > 0 else '>='} 0\nfrom {source}"
    return [Denial(shows, f"no {'rise' if said.move > 0 else 'fall'} from {before.earlier} to {span}", always=True)]


def _unit(asked: Statement) -> dict[str, Any]:
    unit = {"US$": "USD", "percent": "pp", "persons": "persons"}.get(asked.metric.unit)
    return {"unit": unit, **({"scale": "billion"} if unit == "USD" else {})} if unit else {}


def _value(asked: Statement) -> tuple[Comparator, dict[str, Any]]:
    """The comparator and the claimed value as printed, with its unit, scale, decimals and tolerance."""
    said, metric, word, quantity = asked.said, asked.metric, asked.comparator, asked.said.quantity
    if word is Comparator.SIGN or quantity is None:
        # A deficit that grows is a balance that falls.
        way = (said.side or 1) * (said.move or 1)
        return word, {"claimed_value": "negative" if way < 0 else "positive", **_unit(asked)}
    number, way = quantity.number, _way(asked)
    if number < 0 and not (metric.signed or metric.is_growth) and asked.measure in {Measure.LEVEL, Measure.RATIO}:
        never = f"{said.text!r} is below zero, and {metric.called} never is."
        raise BilateralError(never, remedy="Leave the sign out.")
    if number > 0 and way < 0:
        # At least a deficit of so much is at most that balance.
        number, word = -number, OPPOSITE.get(word, word)
    units = {
        Kind.PERCENT: "%",
        Kind.POINTS: "pp",
        Kind.TIMES: "ratio",
        Kind.COUNT: "persons",
        Kind.MONEY: quantity.unit,
    }
    unit = units.get(quantity.kind, _UNITS.get(metric.unit))
    if asked.measure is Measure.DIFFERENCE and metric.unit == "percent":
        unit = "pp"
    found: dict[str, Any] = {
        "claimed_value": int(number) if number == int(number) and not quantity.decimals else number,
        "unit": unit,
        "decimals": quantity.decimals,
        **({"scale": quantity.scale} if quantity.scale else {}),
    }
    if word is Comparator.APPROXIMATELY:
        found["tolerance"] = _near(quantity, unit)
    elif unit in CONVERTED:
        found["tolerance"] = {"relative_pct": NEAR_RATE_PCT}
    return Comparator.EQUALS if word is Comparator.SHARE and asked.measure is not Measure.LEVEL else word, found


def _way(asked: Statement) -> int:
    """-1 where the words beside a number make it one below zero."""
    said = asked.said
    if asked.measure is Measure.RATIO:
        return 1
    if asked.measure is Measure.DIFFERENCE:
        return (said.move or 1) * (said.side or 1)
    if asked.measure is Measure.GROWTH:
        if said.by is False:
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


def _of_event(kept: Mapping[str, Any], comparator: Comparator, published_on: date) -> dict[str, Any]:
    """A claim about when an event was, or which of two came first."""
    says = str(kept.get("says") or kept.get("claimed_value") or "")
    orders, events = (Comparator.BEFORE, Comparator.AFTER), stages_of(str(kept["item"]))
    if len(events) == 1:
        if comparator not in {Comparator.EQUALS, *orders}:
            raise BilateralError(f"{comparator} is not said of an event.", remedy="Write =, before or after.")
        claimed = day(says) or _month_or_year(says, published_on)
        span = span_of(kept, published_on, claimed.start)
        span = span if kept.get("period") else Span(claimed.start, claimed.end)
        text = (
            f"select {_date_of('events')}\nfrom core.policy_event_stages as events\nwhere {_is(*events[0], 'events')}"
        )
        text = text.replace("events.", "").replace(" as events", "")
        value = int(str(claimed)) if len(str(claimed)) == 4 else str(claimed)
        own: dict[str, Any] = {"period_type": "event_date", "comparator": comparator, "claimed_value": value}
        return {**own, "period": _days(span), "evidence": text}
    if comparator not in orders:
        if says not in orders:
            raise BilateralError(f"{says or comparator} is no order of two events.", remedy="Write before or after.")
        comparator = Comparator(says)
    text = (
        f"select {_date_of('one')}\n  || '/' || {_date_of('other')}\nfrom core.policy_event_stages as one\n"
        f"cross join core.policy_event_stages as other\nwhere {_is(*events[0], 'one')} and {_is(*events[1], 'other')}"
    )
    own = {"period_type": "event_order", "comparator": comparator, "claimed_value": 0}
    return {**own, "period": _days(span_of(kept, published_on, published_on)), "evidence": text}


def stages_of(item: str) -> list[tuple[str, str | None]]:
    """The events that an item names, each with its stage if one is meant."""
    return [(one["event"], one["stage"]) for part in item.split("-") if (one := _EVENT.fullmatch(part))]


def _date_of(table: str) -> str:
    cut = f"case {table}.date_precision when 'year' then 4 when 'month' then 7 else 10 end"
    return f"min(substr(cast({table}.event_date as varchar), 1, {cut}))"


def _is(event: str, stage: str | None, table: str) -> str:
    return f"{table}.event_id = '{event}'" + (f" and {table}.stage = '{stage}'" if stage else "")


def _month_or_year(says: str, published_on: date) -> Any:
    span = periods.read(says, published_on)
    return day(str(span.start)[: 4 if span.frequency == "A" else 7])
