"""Claims without SQL: a metric, a pair, a period and a value as printed become the evidence of both sides.

Here: from what a claim says to the fields of the register, with the texts that can be pasted. Not here: reading periods
and values (`periods`, `reading`), the SQL of a metric (`series`), and judging (`verdicts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from dagster_project.claims import periods, reading, series
from dagster_project.claims.periods import Span
from dagster_project.claims.printed import day
from dagster_project.claims.reading import Said
from dagster_project.claims.series import Series, Statement
from dagster_project.errors import BilateralError
from dagster_project.metrics import catalogue
from dagster_project.metrics.catalogue import Metric

# What a claim without SQL may compare, beside the comparators of the register.
BY_WORD = ("first_in", "first_ever", "record_since", "streak", "each")
# Other words for comparators.
SPOKEN = {
    "about": "approximately", "almost": "approximately", "nearly": "approximately", "around": "approximately",
    "more_than": "at_least", "over": "at_least", "less_than": "at_most", "under": "at_most", "each_year": "each",
    "every_year": "each", "rank": "equals", "forecast": "equals", "in_a_row": "streak", "is": "equals", "=": "equals",
    "==": "equals", "~": "approximately", ">": "at_least", ">=": "at_least", "<": "at_most", "<=": "at_most",
}  # fmt: skip
# Of these a claim is whole without a value.
WITHOUT_VALUE = ("record", "sign_change", "each", "first_ever")
_OF_VALUE = {"equals", "approximately", "at_least", "at_most", "share", "sign"}
# These compare each figure with 0. The level of exports is never below 0, so rose and fell look at the growth.
_OF_WAYS = {"first_since", "first_in", "first_ever", "streak", "each"}
_EVENT = re.compile(r"(?P<event>[A-Z]\d+)(?:\.(?P<stage>[a-z_]+))?")
# A rate of one day is not the average of its period.
NEAR_RATE_PCT = 1.5


def compiled(given: Mapping[str, Any], published_on: date) -> dict[str, Any]:
    """The fields of a claim as the register has them.

    Args:
        given: The fields that it has: metric, reporter, partner, item, period, comparator and `says`, the value as
            printed. Those of the register that it has, too, are kept.
        published_on: The day from which its period is read where that names no year.

    Raises:
        BilateralError: A value or a period cannot be read, or the metric cannot be compared so.
    """
    name = str(given.get("metric", ""))
    metric = catalogue.find(name)
    kept = {key: value for key, value in given.items() if value is not None}
    word = str(kept.get("comparator", "equals")).strip().casefold().replace(" ", "_")
    kept["comparator"] = SPOKEN.get(word, word)
    if metric is None:
        span = _span(given, published_on, None)
        lacks = f"There is no metric {name}; `bilateral metrics` lists those that there are. "
        lacks += "One file adds a metric of figures that are held; others need a source first (CONTRIBUTING.md)."
        return {**_only_value(kept, span), "not_held": lacks}
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
    says = str(given.get("says", ""))
    said = reading.read(says) if says and kept["comparator"] != "sign_change" else Said(None)
    if not said.side:
        # Who says deficit in place of balance has said the sign.
        said = replace(said, side=reading.side(name.replace("_", " ")))
    if said.sign and kept["comparator"] in _OF_WAYS:
        metric = _moved(metric, said, str(kept["comparator"]))
    by = reading.has_moved_by(says)
    if said.value and metric.unit in {"US$", "persons"} and said.unit not in {"%", "pp", "ratio"} and not span.earlier:
        # An amount by which something moved is a difference; of a balance only where it says so.
        is_difference = by or (by is None and not metric.name.startswith("balance"))
        span = replace(span, earlier=span.before) if is_difference and kept["comparator"] in _OF_VALUE else span
    comparator = _comparator(str(kept["comparator"]), metric, said, span)
    asked = Statement(
        *(metric, str(kept["reporter"]), kept.get("partner"), kept.get("item"), span, comparator, said, says)
    )
    return {**_fields(asked, published_on), **_unchanged(kept), "period": _days(span), **_earlier(span)}


def _moved(metric: Metric, said: Said, comparator: str) -> Metric:
    """The metric that is above zero where another one rose; it raises where there is none."""
    grown = [one for one in catalogue.load().values() if one.growth_of == metric.name]
    found = metric if metric.is_growth else next(iter(grown), None)
    if found is None:
        raise BilateralError(
            f"{metric.name} has no growth that {comparator} {'fell' if said.sign < 0 else 'rose'} could look at.",
            remedy="Name two periods (2018->2023 = fell), or say deficit or surplus of a balance.",
        )
    return found


def _unchanged(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kept.items() if key not in {"period", "comparator", "claimed_value"}}


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
    known = set(_OF_VALUE - {"sign"})
    rest = {key: value for key, value in kept.items() if key != "claimed_value"}
    comparator = kept["comparator"] if kept["comparator"] in known else "equals"
    return {"period_type": "point", **rest, "period": _days(span), "comparator": comparator}


def _days(span: Span) -> dict[str, date]:
    return {"start": span.start, "end": span.end}


def _earlier(span: Span) -> dict[str, Any]:
    return {"compared_with": _days(span.earlier)} if span.earlier else {}


def _comparator(word: str, metric: Metric, said: Said, span: Span) -> str:
    if word != "equals":
        return word
    if said.value is None and (said.side or said.sign):
        return "trend" if span.count > 1 and span.frequency == "A" and not said.side else "sign"
    if metric.unit == "rank":
        return "record"
    return said.hedge or ("share" if metric.domain == "gdp" else "equals")


def _fields(asked: Statement, published_on: date) -> dict[str, Any]:
    """All that follows from what is asked."""
    span, metric = asked.span, asked.metric
    own, other = asked.series(), asked.series(other=True)
    fields: dict[str, Any] = {
        "valuation": metric.valuation,
        "flow": metric.flow,
        "period_type": "annual" if asked.comparator == "trend" else _period_type(span, published_on),
        "lacks": _lacks(asked),
    }
    if own is None:
        kinds = {"A": "year", "M": "month"}
        held = " and by ".join(kinds[one] for one in metric.frequencies)
        return {
            **{name: value for name, value in fields.items() if value is not None},
            "comparator": "equals",
            "not_held": f"{metric.called} is held by {held}, not for {span}.",
        }
    if span.count > 1 and metric.adds_up == "no" and not metric.growth_of and asked.comparator not in {"each", "trend"}:
        raise BilateralError(
            f"{metric.name} does not add up over {span}.", remedy="Name one year, or compare two: 2018->2023."
        )
    evidence, comparator, says_value = _evidence(own, asked)
    fields |= {"comparator": comparator, **says_value, "evidence": evidence.strip()}
    if denials := series.denials(own, asked):
        fields["denials"] = denials
    if other is not None:
        text, _, _ = _evidence(other, asked, is_other=True)
        compares_sign = comparator in {"equals", "approximately", "at_least", "at_most"} and "claimed_value" in fields
        compares_sign &= asked.comparator in _OF_VALUE and bool(fields["claimed_value"])
        fields["alternate"] = {
            "reporter": asked.partner,
            "evidence": text.strip(),
            **({"compare": "sign"} if compares_sign else {}),
            **({"unit": "USD"} if fields.get("unit") in {"CNY", "KRW"} else {}),
        }
    return {name: value for name, value in fields.items() if value is not None}


def _evidence(own: Series, asked: Statement, *, is_other: bool = False) -> tuple[str, str, dict[str, Any]]:
    """The evidence by one side's statistics, the register's comparator, and the claimed value."""
    span, word, metric, unit = asked.span, asked.comparator, asked.metric, asked.said.unit
    if word in series.LOOKING_BACK:
        return series.evidence_of_before(own, asked)
    if word == "each":
        year, month = span.end.year, span.end.month
        last = periods.years(year) if span.frequency == "A" else periods.months(year, month, year, month)
        head, number = own.held(last), span.count
        are = f"count(*) filter (where value {series.direction(asked)} 0)"
        text = f"{head}\n\nselect case when count(*) = {number} then {are} = {number} end\nfrom held"
        return f"{text}\nwhere n > {own.number(last) - number}", "equals", {"claimed_value": True}
    if word == "trend":
        at = own.place.period
        slope = f"regr_slope({own.column}, {at}) * (max({at}) - min({at}))"
        claimed = {"claimed_value": {-1: "falling", 0: "flat", 1: "rising"}[asked.said.sign], **_unit(asked)}
        return f"select {slope}\n{own.source} and {own.within(span)}", "trend", claimed
    if word == "sign_change":
        ends = [span.earlier or span.before, Span(span.start, span.end)]
        earlier, later = (f"sign({own.total(one, own.within(one))})" for one in ends)
        within = " or ".join(own.within(one) for one in ends)
        text = f"select {earlier}\n  != {later}\n{own.source} and ({within})"
        return text, "sign_change", {"claimed_value": True}
    how = _how(asked)
    if how:
        # A surplus that grew says nothing of a deficit that did.
        is_of_side = is_other and how == "growth" and metric.name.startswith("balance") and asked.said.side
        text = own.against(span, how, series.direction(asked) if is_of_side else None)
        return text, word, _value(asked, word, how)
    currency = unit if unit in {"CNY", "KRW"} and metric.unit == "US$" and not is_other else None
    return own.value(Span(span.start, span.end), currency), word, _value(asked, word)


def _how(asked: Statement) -> str | None:
    """In what way two spans are compared; None if one stands alone."""
    unit, metric = asked.said.unit, asked.metric
    if metric.growth_of:
        return "growth" if unit != "ratio" else "ratio"
    if unit == "pp" and metric.unit != "percent":
        raise BilateralError(
            f"{asked.text!r} is what a share or a rate moves by, and {metric.called} is in {metric.unit}.",
            remedy="Write per cent: fell 19.9 percent.",
        )
    if unit == "ratio":
        return "ratio"
    if unit == "%" and metric.unit != "percent":
        return "growth"
    if asked.span.earlier is None:
        has_moved = asked.comparator == "sign" and not metric.name.startswith("balance")
        return "difference" if unit == "pp" or has_moved else None
    return "growth" if unit == "%" else "difference"


def _unit(asked: Statement) -> dict[str, Any]:
    unit = {"US$": "USD", "percent": "pp", "persons": "persons"}.get(asked.metric.unit)
    return {"unit": unit, **({"scale": "billion"} if unit == "USD" else {})} if unit else {}


def _sign(asked: Statement, how: str | None) -> str:
    """The sign of a balance, or of a movement: a deficit that grows is a balance that falls."""
    said = asked.said
    if said.side and said.sign and how is None:
        raise BilateralError(
            f"{asked.text!r} says how something moved, and names one period.",
            remedy="Name both: balance KOR CHN 2018->2023 = deficit grew.",
        )
    return "negative" if (said.side or 1) * (said.sign or 1) < 0 else "positive"


def _refuse_time(asked: Statement) -> None:
    """Refuses a length or a year in the place of an amount."""
    if reading.is_time(asked.text):
        raise BilateralError(
            f"{asked.text!r} is when, and {asked.metric.called} is in {asked.metric.unit}.",
            remedy="Write since when: first_since deficit 1992; or an amount with its unit: $1,992.",
        )
    if asked.said.unit in {"years", "months"} and asked.metric.unit != asked.said.unit:
        raise BilateralError(
            f"{asked.text!r} is how long, and {asked.metric.called} is in {asked.metric.unit}.",
            remedy="Write for how long: first_in deficit 31 years, or streak deficit 3 years.",
        )


def _value(asked: Statement, word: str, how: str | None = None) -> dict[str, Any]:
    """The claimed value as printed, with its unit, scale, decimals and tolerance."""
    said, metric = asked.said, asked.metric
    if word == "sign":
        return {"claimed_value": _sign(asked, how), **_unit(asked)}
    if word == "record":
        return {"claimed_value": int(said.value or 1)}
    if said.value is None:
        raise BilateralError(f"{asked.text!r} has no number.", remedy="Write the value as printed: $55.6 billion.")
    if word in _OF_VALUE:
        _refuse_time(asked)
    unit = said.unit or {"US$": "USD", "percent": "%", "persons": "persons"}.get(metric.unit)
    if how == "difference" and metric.unit == "percent" and unit == "%":
        unit = "pp"
    value = said.value
    if metric.name.startswith("balance") and how is None:
        value *= said.side or (-1 if said.sign < 0 else 1)
    elif how and unit != "ratio":
        value *= (said.sign or 1) * ((said.side or 1) if how == "difference" else 1)
    # At least a deficit of so much is at most that balance.
    hedge = {"at_least": "at_most", "at_most": "at_least"}.get(word, word) if value < 0 else word
    found: dict[str, Any] = {
        "claimed_value": int(value) if value == int(value) and not said.decimals else value,
        "unit": unit,
        "decimals": said.decimals,
    }
    if hedge != word:
        found["comparator"] = hedge
    if said.scale:
        found["scale"] = said.scale
    if word == "approximately":
        found["tolerance"] = _near(said, unit)
    elif unit in {"CNY", "KRW"} and word in {"equals", "at_least", "at_most"}:
        found["tolerance"] = {"relative_pct": NEAR_RATE_PCT}
    return found


def _near(said: Said, unit: str | None) -> dict[str, float]:
    """How near is near: the more so the more digits are printed."""
    assert said.value is not None
    if unit == "ratio":
        return {"relative_pct": 15}
    if unit == "%" and said.value in {20, 25, 33}:
        # A fifth, a quarter, a third.
        return {"relative_pct": 10}
    digits = len(f"{said.value:.{said.decimals}f}".replace(".", "").strip("0"))
    return {"relative_pct": 5 if digits <= 2 else 2, "absolute": 10.0**-said.decimals}


def _period_type(span: Span, published_on: date) -> str:
    if span.end >= published_on:
        return "forecast"
    if span.frequency == "A":
        return "annual"
    return "year_to_date" if span.start.month == 1 and span.start.year == span.end.year else "point"


def _lacks(asked: Statement) -> tuple[str, ...]:
    """The keys of the series that it needs, as `questions.missing` writes them."""
    metric, frequency = asked.metric, asked.span.frequency
    if metric.domain == "gdp":
        return (f"gdp/A/{asked.reporter}/{asked.item}",)
    if metric.domain is None and not (metric.growth_of and metric.valuation):
        return ()
    flows = metric.flow or "export+import"
    item = (asked.item or "TOTAL").partition(".")[0]
    return (f"{metric.domain or 'goods'}/{frequency}/{asked.reporter}/{flows}/{asked.partner}/{item}",)


def _of_event(kept: dict[str, Any], published_on: date) -> dict[str, Any]:
    """A claim about when an event was, or which of two came first."""
    says = str(kept.get("says") or kept.get("claimed_value") or "")
    first, _, second = str(kept["item"]).partition("-")
    if second:
        comparator = kept["comparator"] if kept["comparator"] in {"before", "after"} else "after"
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
    return {**_unchanged(kept), "period": _days(span), **own, "evidence": text}


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


def _month_or_year(says: str, published_on: date) -> Any:
    span = periods.read(says, published_on)
    return day(str(span.start)[: 4 if span.frequency == "A" else 7])
