"""Build the fields of a claim that was written without SQL: its evidence (SELECTs) and its claimed value.

Not here: parsing a claim (`statements`), the SQL of a metric (`series`), and judging (`verdicts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dagster_project.claims import periods
from dagster_project.claims.notation import Span, parse_day
from dagster_project.claims.series import SQL, Series, find_series, write_rate
from dagster_project.claims.statements import (
    CONVERTED,
    GRAMMAR,
    LEVELS,
    UNITS,
    Measure,
    Statement,
    read_comparator,
    read_span,
    read_statement,
)
from dagster_project.claims.tokens import Token
from dagster_project.claims.values import OPPOSITE, Comparator
from dagster_project.errors import raise_fault
from dagster_project.metrics import catalogue

# Comparators that need no value.
WITHOUT_VALUE = (Comparator.RECORD, Comparator.SIGN_CHANGE, Comparator.EACH, Comparator.FIRST_EVER)
# The units of claimed numbers by kind of number; other kinds have the unit of the metric.
_OF_KIND = {"percent": "%", "points": "pp", "times": "ratio", "count": "persons"}
# A claim may use an exchange rate that differs by so much from the average rate of the period.
NEAR_RATE_PCT = 1.5
_WORKED_OUT = {"period", "comparator", "parsed", "denials"}
# The SQL of a change from an earlier period to a later one.
_CHANGES = {
    Measure.DIFFERENCE: "{now}\n  - {then}",
    Measure.RATIO: "{now}\n  / nullif({then}, 0)",
    Measure.GROWTH: "100 * ({now}\n  / nullif({then}, 0) - 1)",
}
_SIGNS = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}
_NO_GROWTH = "different signs in the two periods, and so no growth rate"
_EVENT = re.compile(r"(?P<event>[A-Z]\d+)(?:\.(?P<stage>[a-z_]+))?")
# The comparator, and the claimed value as fields of the register of claims.
_Claimed = tuple[Comparator, dict[str, Any]]


@dataclass(frozen=True)
class Denial:
    """A SELECT that can show a claim to be false although its evidence is null, or gives the claimed number.

    For example, the evidence of "rose to $18bn" gives the claimed number, but the figure fell to $18bn.
    """

    evidence: str  # the SELECT: true if the claim is false
    meaning: str  # the finding, after "the figures show": "no deficit in 2018"
    always: bool = False  # whether to run it for a right number, too; otherwise only if the evidence gives null


def build_fields(given: Mapping[str, Any], published_on: date) -> dict[str, Any]:
    """Build a claim's fields from given fields; `published_on` decides the year of a period such as "last May"."""
    name = str(given.get("metric", ""))
    metric = catalogue.find_metric(name)
    kept = {key: value for key, value in given.items() if value is not None}
    comparator = read_comparator(kept.get("comparator", "equals"))
    unchanged = {key: value for key, value in kept.items() if key not in _WORKED_OUT}
    if metric is None or metric.refuses:
        span = read_span(given, published_on, published_on if metric else None)
        comparator = comparator if comparator in LEVELS else Comparator.EQUALS
        lacks = f"There is no metric {name}; `bilateral metrics` lists all. A file can add a metric "
        lacks += "of available figures; other figures need a source first (CONTRIBUTING.md)."
        why = {"not_checkable": metric.refuses} if metric else {"not_held": lacks}
        return {"period_type": "point", **unchanged, "period": span, "comparator": comparator, **why}
    catalogue.require_item(metric, given.get("item"))
    if not metric.figures:
        return unchanged | {"metric": metric.name} | _make_event_fields(kept, comparator, published_on)
    statement = read_statement(given, metric, comparator, published_on)
    # A first rise is looked up in the growth of exports, but the claim's metric is exports.
    of = metric.name if statement.metric.growth_of == metric.name else statement.metric.name
    return {**_make_fields(statement, published_on), **unchanged, "metric": of, "period": statement.span.alone}


def _make_fields(statement: Statement, published_on: date) -> dict[str, Any]:
    """Make the fields of a claim from its statement: evidence, comparator, claimed value, the partner's evidence."""
    span, metric, word = statement.span, statement.metric, statement.comparator
    own, other = find_series(statement), find_series(statement, other=True)
    fields: dict[str, Any] = {
        "period_type": "annual" if word is Comparator.TREND else _find_period_type(span, published_on),
        "parsed": statement,
        "valuation": metric.valuation,
        "flow": metric.flow,
    }
    if own is None:
        held = " and by ".join({"A": "year", "M": "month"}[one] for one in metric.frequencies)
        lacks = f"{metric.called} is available only by {held}, not for {span}."
        return {**fields, "comparator": Comparator.EQUALS, "not_held": lacks}
    is_of_parts = word in {Comparator.EACH, Comparator.TREND}
    is_sum = span.count > 1 and metric.adds_up == "no" and not metric.growth_of and not is_of_parts
    raise_fault((is_sum, f"{metric.name} cannot be summed over {span}.", "Name one year, or compare two."))
    comparator, claimed = _claim_value(own, statement)
    evidence, denials = _write_evidence(own, statement), tuple(_list_denials(own, statement))
    fields |= {"comparator": comparator, **claimed, "evidence": evidence, "denials": denials}
    if word is Comparator.EACH:
        not_so = _write_evidence(own, statement, part="each_not")
        fields["remarks"] = ({"says": "The claim is false for {}.", "evidence": not_so},)
    if other is not None:
        is_level = word in LEVELS and comparator in LEVELS and bool(claimed["claimed_value"])
        fields["alternate"] = {
            "reporter": statement.partner,
            "evidence": _write_evidence(other, statement, is_other=True),
            "compare": "sign" if is_level else "same",
            "unit": "USD" if claimed.get("unit") in CONVERTED else None,
        }
    return fields


def _find_period_type(span: Span, published_on: date) -> str:
    if span.end >= published_on:
        return "forecast"
    if span.frequency == "A":
        return "annual"
    return "year_to_date" if span.start.month == 1 and span.start.year == span.end.year else "point"


def _write_evidence(own: Series, statement: Statement, *, is_other: bool = False, part: str = "") -> str:
    """Write the SELECT of the value to compare, from the template of the comparator or from the template `part`."""
    word, metric, span = statement.comparator, statement.metric, statement.span.alone
    quantity = statement.value.quantity
    currency = quantity.unit if quantity and quantity.unit in CONVERTED else None
    if word is Comparator.RECORD and metric.unit == "rank":
        return own.write_sql("{now}", span)
    if word is Comparator.EACH:
        last = span.part_at(span.end)
        return own.look_back(part or word, last, count=span.count, holds=_write_condition(statement))
    if word in {Comparator.RECORD, Comparator.RECORD_SINCE}:
        of_side = f" and max(this) {statement.direction} 0" if statement.value.side else ""
        return own.look_back(word, span, place=statement.number, of_side=of_side, **_compare_larger(statement))
    if GRAMMAR[word].of_ways:
        return own.look_back(word, span, way=statement.direction)
    if word is Comparator.TREND:
        at = own.place.period
        return own.write_sql(f"regr_slope({own.place.column}, {at}) * (max({at}) - min({at}))", span)
    earlier = statement.span.earlier or statement.span.before
    if word is Comparator.SIGN_CHANGE:
        return own.write_sql("sign({then})\n  != sign({now})", span, earlier)
    if statement.measure is Measure.LEVEL:
        rate = f"\n  * {write_rate(currency, span)}" if currency and not is_other else ""
        return own.write_sql(f"{{now}}{rate}", span)
    difference = f"{statement.value.text!r} is a difference in {currency}, but each period has its own exchange rate."
    raise_fault((currency, difference, "Write the difference in US dollars, or in per cent."))
    change = _CHANGES[statement.measure]
    if statement.measure in {Measure.GROWTH, Measure.RATIO} and metric.signed:
        # A change from a deficit to a surplus has no growth rate.
        way = statement.direction if statement.value.side else ""
        are_alike = f"{{now}} {way} 0 and {{then}} {way} 0" if way else "{now} * {then} > 0"
        change = f"case when {are_alike} then {change} end"
    return own.write_sql(change, span, earlier)


def _claim_value(own: Series, statement: Statement) -> _Claimed:
    """Return the comparator for the evidence, and the fields of the claimed value (number, unit, decimals)."""
    word, grammar, value = statement.comparator, GRAMMAR[statement.comparator], statement.value
    comparator = Comparator(grammar.becomes or word)
    if grammar.claims is not None:
        return comparator, {"claimed_value": grammar.claims}
    if grammar.takes in {"since", "place"}:
        return comparator, {"claimed_value": statement.since if grammar.takes == "since" else statement.number}
    if grammar.takes == "length":
        return _claim_length(own, statement, comparator)
    if word not in {Comparator.TREND, Comparator.SIGN} and value.quantity is not None:
        return _claim_number(statement, value.quantity)
    if word is Comparator.TREND:
        way = ("falling", "flat", "rising")[value.move + 1]
    else:
        # A deficit that grows is a falling balance.
        way = "negative" if (value.side or 1) * (value.move or 1) < 0 else "positive"
    return word, {"claimed_value": way, **UNITS[statement.metric.unit].get("change", {})}


def _claim_length(own: Series, statement: Statement, comparator: Comparator) -> _Claimed:
    """Return the comparator for the evidence, and the fields of a claimed number of years or months."""
    unit, value, quantity = own.unit_of(statement.span.alone), statement.value, statement.value.quantity
    assert quantity is not None
    fault = f"{value.text!r} is a number of {quantity.unit}, but the period {statement.span} is counted in {unit}."
    raise_fault((quantity.kind == "length" and quantity.unit != unit, fault, f"Write a number of {unit}."))
    claimed: dict[str, Any] = {"claimed_value": statement.number}
    if value.bound in OPPOSITE:
        return value.bound, {**claimed, "unit": unit}
    if statement.comparator is Comparator.STREAK:
        return comparator, claimed
    is_near, is_round = value.bound is Comparator.APPROXIMATELY, quantity.decimals < 0
    near = {"tolerance": {"absolute": 5 if is_round else 1}} if is_near or is_round else {}
    return comparator, {**claimed, "unit": unit, **near}


def _claim_number(statement: Statement, quantity: Token) -> _Claimed:
    """Return the comparator for the evidence, and the fields of a claimed number: unit, scale, decimals, tolerance."""
    value, metric, word = statement.value, statement.metric, statement.comparator
    number, way = quantity.number, _find_sign(statement)
    can_be_negative = metric.signed or metric.is_growth or statement.measure in {Measure.DIFFERENCE, Measure.GROWTH}
    never = f"{value.text!r} is below zero, but {metric.called} cannot be."
    raise_fault((number < 0 and not can_be_negative, never, "Leave out the minus sign."))
    if number > 0 and way < 0:
        # A deficit of at least $18bn is a balance of at most −$18bn.
        number, word = -number, OPPOSITE.get(word, word)
    unit = quantity.unit if quantity.kind == "money" else _OF_KIND.get(quantity.kind, UNITS[metric.unit].get("unit"))
    if statement.measure is Measure.DIFFERENCE and metric.unit == "percent":
        unit = "pp"
    found: dict[str, Any] = {
        "claimed_value": int(number) if number == int(number) and not quantity.decimals else number,
        "unit": unit,
        "decimals": quantity.decimals,
        "scale": quantity.scale,
    }
    if word is Comparator.APPROXIMATELY:
        found["tolerance"] = _find_tolerance(quantity, unit)
    elif unit in CONVERTED:
        found["tolerance"] = {"relative_pct": NEAR_RATE_PCT}
    return Comparator.EQUALS if word is Comparator.SHARE and statement.measure is not Measure.LEVEL else word, found


def _find_sign(statement: Statement) -> int:
    """Return -1 if words beside the number, such as "deficit" or "fell", make it negative; else 1."""
    value = statement.value
    if statement.measure is Measure.RATIO:
        return 1
    if statement.measure is Measure.DIFFERENCE:
        return (value.move or 1) * (value.side or 1)
    if statement.measure is Measure.GROWTH:
        level = f"{value.text!r} states a level, but growth of {statement.metric.called.lower()} is a change."
        raise_fault((value.is_difference is False, level, "Write: fell by 19.9 percent."))
        return value.move or 1
    is_moved = statement.metric.is_growth and value.is_difference is not False
    return value.side or (value.move if is_moved and value.move else 1)


def _find_tolerance(quantity: Token, unit: str | None) -> dict[str, float]:
    """Find the tolerance of a number with "about"; a number with more digits gets a smaller tolerance."""
    number = abs(quantity.number)
    if unit == "ratio":
        return {"relative_pct": 15}
    if unit == "%" and number in {17, 20, 25, 33, 67}:
        # A sixth, a fifth, a quarter, a third, two thirds.
        return {"relative_pct": 10}
    digits = len(f"{number:.{quantity.decimals}f}".replace(".", "").strip("0"))
    return {"relative_pct": 5 if digits <= 2 else 2, "absolute": 10.0**-quantity.decimals}


def _write_condition(statement: Statement) -> str:
    """Write the SQL condition on every period of a claim with the comparator `each`, such as "value < 0"."""
    value, quantity = statement.value, statement.value.quantity
    if quantity is None:
        return f"value {statement.direction} 0"
    if statement.metric.unit == "rank":
        return f"value = {quantity.number:.0f}"
    number = quantity.full * (_find_sign(statement) if quantity.number > 0 else 1)
    assert value.bound is not None
    return f"value {_SIGNS[OPPOSITE[value.bound] if number < 0 < quantity.number else value.bound]} {number:.15g}"


def _list_denials(own: Series, statement: Statement) -> Iterator[Denial]:
    """List SELECTs that show that a claim is false in cases that its evidence cannot detect."""
    word, value, metric, measure = statement.comparator, statement.value, statement.metric, statement.measure
    span, side = statement.span.alone, "deficit" if value.side < 0 else "surplus"
    is_record = word in {Comparator.RECORD, Comparator.RECORD_SINCE}
    if word in {Comparator.FIRST_SINCE, Comparator.FIRST_IN} or (is_record and value.side):
        way = statement.direction
        words = {"<": "deficit", ">": "surplus"} if metric.signed else {"<": "fall", ">": "rise"}
        yield Denial(own.look_back("not_of_side", span, way=way), f"no {words[way]} in {statement.span}")
    if word is Comparator.RECORD_SINCE:
        yield Denial(own.look_back("none_larger", span, **_compare_larger(statement)), "no larger value before it")
    earlier = statement.span.earlier or statement.span.before
    if measure in {Measure.GROWTH, Measure.RATIO} and metric.signed:
        worst = {
            -1: "greatest({then}, {now}) >= 0",
            1: "least({then}, {now}) <= 0",
            0: "sign({then}) * sign({now}) <= 0",
        }
        says = f"no {side} in one of the two periods" if value.side else _NO_GROWTH
        yield Denial(own.write_sql(worst[value.side], span, earlier), says)
    if word is Comparator.SIGN_CHANGE and value.side:
        shows = own.write_sql(f"sign({{now}})\n  != {value.side}", span, earlier)
        yield Denial(shows, f"no {side} in {span}", always=True)
    elif measure is Measure.DIFFERENCE and value.side and value.move:
        # A falling balance is no growing deficit if it is a surplus.
        at, when = ("now", span) if value.move > 0 else ("then", earlier)
        shows = own.write_sql(f"sign({{{at}}})\n  != {value.side}", span, earlier)
        yield Denial(shows, f"no {side} in {when}", always=True)
    elif measure is Measure.LEVEL and value.is_difference is False and value.quantity is not None:
        # Rose to $18bn: the level is right, and still it may have fallen.
        to = value.move * (value.side or (-1 if value.quantity.number < 0 and metric.signed else 1))
        shows = own.write_sql(f"({_CHANGES[Measure.DIFFERENCE]}) {'<=' if to > 0 else '>='} 0", span, span.before)
        says = f"no {'rise' if value.move > 0 else 'fall'} from {span.before} to {span}"
        yield Denial(shows, says, always=True)


def _compare_larger(statement: Statement) -> dict[str, str]:
    """Return the SQL operator for "is larger" (`larger`), and the SQL test for a gap that may hide a record (`gap`).

    The largest deficit is the lowest balance. A gap (missing periods) may hide a record if an amount beside the gap is
    more than half of the claimed record. For growth rates, and for the lowest amount, every gap may hide a record.
    """
    sign = "<" if (statement.value.side or statement.value.move) < 0 else ">"
    is_any = statement.metric.is_growth or (sign == "<" and not statement.value.side)
    half = "" if is_any else f" and (value {sign} this / 2 or value_before {sign} this / 2)"
    return {"larger": sign, "gap": f"coalesce(bool_or(n - n_before > 1{half}), false)"}


def _make_event_fields(kept: Mapping[str, Any], comparator: Comparator, published_on: date) -> dict[str, Any]:
    """Make the fields of a claim about the day of an event, or about the order of two events."""
    says = str(kept.get("says") or "")
    orders, events = (Comparator.BEFORE, Comparator.AFTER), list_stages(str(kept["item"]))
    if len(events) == 1:
        is_unfit = comparator not in {Comparator.EQUALS, *orders}
        raise_fault((is_unfit, f"{comparator} cannot compare the day of an event.", "Write =, before or after."))
        if (claimed := parse_day(says)) is None:
            named = periods.read_period(says, published_on)
            claimed = named.part_at(named.start)
        value = claimed.start.year if claimed.precision == "year" else str(claimed)
        period = read_span(kept, published_on) if kept.get("period") else claimed
        kind, evidence = "event_date", SQL["event_date"].format(one=_write_stage(*events[0]))
    else:
        if comparator not in orders:
            is_unfit = says not in orders
            raise_fault((is_unfit, f"{says or comparator} cannot compare two events.", "Write before or after."))
            comparator = Comparator(says)
        value, period = 0, read_span(kept, published_on, published_on)
        stages = {"one": _write_stage(*events[0], "one."), "other": _write_stage(*events[1], "other.")}
        kind, evidence = "event_order", SQL["event_order"].format(**stages)
    return {
        "period_type": kind,
        "comparator": comparator,
        "claimed_value": value,
        "period": period,
        "evidence": evidence,
    }


def list_stages(item: str) -> list[tuple[str, str | None]]:
    """List the events that a claim's `item` (for example `E005.signed-E041`) names, each with its stage or None."""
    return [(one["event"], one["stage"]) for part in item.split("-") if (one := _EVENT.fullmatch(part))]


def _write_stage(event: str, stage: str | None, table: str = "") -> str:
    return f"{table}event_id = '{event}'" + (f" and {table}stage = '{stage}'" if stage else "")
