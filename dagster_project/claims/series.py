"""The SQL of a metric's figures: of a span, of its growth, and of all that stands before it.

Here: texts that are pasted as they are; and what looks back over all that is held: first since, first ever, record, and
so many in a row. Not here: which of them a claim needs (`compiling`), and running them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from dagster_project.claims.periods import Span
from dagster_project.claims.statements import Measure, Statement
from dagster_project.claims.values import OPPOSITE, Comparator, Kind
from dagster_project.errors import BilateralError
from dagster_project.metrics.catalogue import Place

# Comparators whose evidence looks at all earlier periods.
LOOKING_BACK = (
    Comparator.FIRST_SINCE,
    Comparator.FIRST_IN,
    Comparator.FIRST_EVER,
    Comparator.RECORD,
    Comparator.RECORD_SINCE,
    Comparator.STREAK,
)
# The average rates of a currency to the US$, over the months of a span, if all are held.
_RATE = """(
    select case when count(exchange_rate) = {count} then avg(exchange_rate) end
    from core.exchange_rates
    where currency_code = '{currency}' and rate_type = 'average' and period_start between {start} and {end}
  )"""


@dataclass(frozen=True)
class Denial:
    """What the figures show where a claim is false though its evidence does not say so.

    Args:
        evidence: A SELECT that is true then.
        says: What it means, after "they show".
        always: Whether it is asked beside a number that is right; else only where the evidence gives null.
    """

    evidence: str
    says: str
    always: bool = False


@dataclass(frozen=True)
class Series:
    """The figures that a query is about, as one side reports them.

    Args:
        query: The query.
        place: Where they stand.
        frequency: A or M: what a row of the place is of.
    """

    query: Statement
    place: Place
    frequency: str

    @property
    def column(self) -> str:
        return self.place.column

    @property
    def keys(self) -> str:
        """What holds of the rows of the pair."""
        found = [f"{self.place.reporter} = '{self.query.reporter}'"]
        if self.query.metric.has_partner:
            found.append(f"{self.place.partner} = '{self.query.partner}'")
        if self.query.item:
            found.append(f"{self.place.item} = '{self.query.item}'")
        return " and ".join([*found, *filter(None, [self.place.where])])

    @property
    def source(self) -> str:
        """After select: from where."""
        return f"from {self.place.table}\nwhere {self.keys}"

    def within(self, span: Span) -> str:
        """The condition that a row is of a span."""
        first, last = self._at(span.start), self._at(span.end.replace(day=1))
        text = f"{self.place.period} = {first}" if first == last else f"{self.place.period} between {first} and {last}"
        return f"length(period) = {4 if self.frequency == 'A' else 7} and {text}" if self._is_text else text

    def rows(self, span: Span) -> int:
        """How many rows a span is made of."""
        return span.months // 12 if self.frequency == "A" else span.months

    def total(self, span: Span, where: str = "") -> str:
        """The expression of a span's value over rows that may be of others, too; null unless all of it is held."""
        given = f" filter (where {where})" if where else ""
        count = self.rows(span)
        if self._is_to_date(span):
            return f"max({self.place.to_date}) filter (where {self.place.period} = {self._at(span.end.replace(day=1))})"
        if count == 1:
            return f"max({self.column}){given}"
        return f"case when count({self.column}){given} = {count} then sum({self.column}){given} end"

    def value(self, span: Span, currency: str | None = None) -> str:
        """One value: of a span, in US$ or at the average rate of a currency."""
        amount = self.total(span)
        if currency:
            amount = f"({amount})\n  * {rate(currency, span)}"
        return f"select {amount}\n{self.source} and {self.within(span)}"

    def against(self, span: Span, measure: Measure, only: str | None = None) -> str:
        """What a span is to the earlier one: its difference, its growth in per cent or its ratio.

        Args:
            span: The span.
            measure: In what way they are compared.
            only: The comparison with 0 without which there is none, such as `<`; `same` for any sign that both have.
        """
        earlier = span.earlier or span.before
        now, then = (self.total(one, self.within(one)) for one in (span, earlier))
        now, then = (f"({one})" if one.startswith("case") else one for one in (now, then))
        text = {
            Measure.DIFFERENCE: f"{now}\n  - {then}",
            Measure.RATIO: f"{now}\n  / nullif({then}, 0)",
            Measure.GROWTH: f"100 * ({now}\n  / nullif({then}, 0) - 1)",
        }[measure]
        if only:
            condition = f"{now} * {then} > 0" if only == "same" else f"{now} {only} 0 and {then} {only} 0"
            text = f"case when {condition} then {text} end"
        return f"select {text}\n{self.source} and ({self.within(span)} or {self.within(earlier)})"

    def signs(self, text: str) -> str:
        """A comparison of the signs of the earlier span, {0}, and of the later one, {1}."""
        span = self.query.span
        ends = [span.earlier or span.before, Span(span.start, span.end)]
        earlier, later = (f"sign({self.total(one, self.within(one))})" for one in ends)
        within = " or ".join(self.within(one) for one in ends)
        return f"select {text.format(earlier, later)}\n{self.source} and ({within})"

    def held(self, span: Span) -> str:
        """A `with` table of all values like that of a span, up to it: `label` as it is written, `n` in a row, `value`.

        Of a month these are months, of a year years, and of several months those of each year.
        """
        first, last = span.start.month, span.end.month
        year, month = ("year", "1") if self.frequency == "A" else self._year_and_month
        if self._is_text and self.frequency == "A":
            year = "cast(period as integer)"
        parts = self.rows(span)
        single = self.frequency == "M" and parts == 1
        number = f"{year} * 12 + {month}" if single else year
        at = f"{year} || '-' || lpad(cast({month} as varchar), 2, '0')" if single else f"{year}"
        where = [self.keys, f"{self.column} is not null", f"{number} <= {self.number(span)}"]
        if self._is_text:
            where.append(f"length(period) = {4 if self.frequency == 'A' else 7}")
        if self.frequency == "M" and not single:
            where.append(f"{month} between {first} and {last}")
        value = self.column if parts == 1 else f"sum({self.column})"
        if self._is_to_date(span):
            value = f"max({self.place.to_date}) filter (where {month} = {last})"
        grouped = f"\n  group by all\n  having count(*) = {parts}" if parts > 1 else ""
        text = (
            f"with held as (\n  select {at} as label, {number} as n, {value} as value\n  from {self.place.table}\n"
            f"  where {' and '.join(where)}{grouped}\n)"
        )
        if self.query.metric.growth_of:
            back = 12 if single else 1
            text = text.replace("with held", "with levels", 1) + (
                f",\n\nheld as (\n  select label, n,\n"
                f"    100 * (value / nullif(lag(value, {back}) over (order by n), 0) - 1) as value\n"
                f"  from levels\n  qualify n - lag(n, {back}) over (order by n) = {back}\n)"
            )
        return text

    def number(self, span: Span) -> int:
        """The place of a span in the row of those like it."""
        single = self.frequency == "M" and self.rows(span) == 1
        return span.end.year * 12 + span.end.month if single else span.end.year

    def _is_to_date(self, span: Span) -> bool:
        """Return whether a span of months is a year to date, which a publisher may print with its revisions."""
        return bool(self.place.to_date) and self.frequency == "M" and span.start.month == 1 < self.rows(span) <= 12

    @property
    def _is_text(self) -> bool:
        return self.place.period == "period"

    @property
    def _year_and_month(self) -> tuple[str, str]:
        if self._is_text:
            return "cast(left(period, 4) as integer)", "cast(right(period, 2) as integer)"
        return f"year({self.place.period})", f"month({self.place.period})"

    def _at(self, day: object) -> str:
        if self._is_text:
            return f"'{str(day)[: 4 if self.frequency == 'A' else 7]}'"
        return str(day)[:4] if self.frequency == "A" else f"date '{day}'"


def series_of(asked: Statement, *, other: bool = False) -> Series | None:
    """The series that can tell of the span, years made of months where there are only these; None if there is none.

    Args:
        asked: What is asked.
        other: Whether the partner's statistics are asked.
    """
    metric, wanted = asked.metric, asked.span.frequency
    places = metric.others if other else metric.places
    if not places and not other and metric.figures:
        text = metric.figures.replace("\n", "\n    ")
        place = Place(f"(\n    {text}\n  ) as figures", "value", item="item", period="period")
        places = dict.fromkeys(("A", "M"), place)
    adds_up = metric.adds_up == "sum" or metric.growth_of is not None
    frequency = wanted if wanted in places else "M" if wanted == "A" and adds_up and "M" in places else None
    return None if frequency is None else Series(asked, places[frequency], frequency)


def rate(currency: str, span: Span) -> str:
    """The average rate of a currency over the months of a span."""
    first, last = (f"date '{one.replace(day=1)}'" for one in (span.start, span.end))
    return _RATE.format(count=span.months, currency=currency, start=first, end=last)


def looks_back(evidence: str) -> bool:
    """Whether an evidence is of all that is held up to a period: it then has the table `held`."""
    return re.search(r"^(?:with )?held as \(", evidence, re.MULTILINE) is not None


def evidence_of_before(own: Series, asked: Statement) -> tuple[str, Comparator, dict[str, Any]]:
    """Evidence about what came before."""
    span, word, said = asked.span, asked.comparator, asked.said
    head, number = own.held(Span(span.start, span.end)), own.number(span)
    this = f"max(value) filter (where n = {number})"
    if word in {Comparator.RECORD, Comparator.RECORD_SINCE}:
        sign, ranked = _larger(asked), _ranked(head, number)
        # The smallest of deficits is no record of surpluses.
        is_of_side = f" and max(this) {direction(asked)} 0" if said.side else ""
        if word is Comparator.RECORD:
            claimed = {"claimed_value": asked.number}
            if asked.metric.unit == "rank":
                return own.value(span), word, claimed
            text = (
                f"{ranked}\n\nselect case when count(*) filter (where n = {number}) = 1\n"
                f"  and (count(*) filter (where value {sign} this) >= {asked.number} or not {_has_gap(asked)})"
                f"{is_of_side}\n  then count(*) filter (where value {sign} this) + 1 end\nfrom ranked"
            )
            return text, word, claimed
        text = (
            f"{ranked},\n\nearlier as (\n  select max_by(label, n) as label, max(n) as n\n  from ranked\n"
            f"  where n < {number} and value {sign}= this\n)\n\n"
            f"select case when bool_and(ranked.n - ranked.n_before = 1){is_of_side} then max(earlier.label) end\n"
            "from ranked, earlier\nwhere ranked.n > earlier.n"
        )
        return text, Comparator.FIRST_SINCE, {"claimed_value": asked.since}
    way = direction(asked)
    if word is Comparator.STREAK:
        text = (
            f"{head},\n\nother as (\n  select coalesce(max(n) filter (where not value {way} 0), min(n) - 1) as n\n"
            f"  from held\n)\n\nselect case when count(*) filter (where held.n > other.n) = {number} - max(other.n)\n"
            f"  then {number} - max(other.n) end\nfrom held, other"
        )
        return text, *_length(own, asked, Comparator.COUNT)
    if word is Comparator.FIRST_EVER:
        text = (
            f"{head}\n\nselect case when count(*) filter (where n = {number}) = 1\n"
            f"  and (bool_or((n < {number}) = (value {way} 0)) or count(*) = {number} - min(n) + 1) then\n"
            f"  bool_or(n = {number} and value {way} 0) and not bool_or(n < {number} and value {way} 0) end\nfrom held"
        )
        return text, Comparator.EQUALS, {"claimed_value": True}
    earlier = f"select max_by(label, n) as label, max(n) as n\n  from held\n  where n < {number} and value {way} 0"
    found = "max(earlier.label)" if word is Comparator.FIRST_SINCE else f"{number} - max(earlier.n)"
    text = (
        f"{head},\n\nearlier as (\n  {earlier}\n)\n\nselect case when count(*) = {number} - max(earlier.n) "
        f"and {this.replace('value', 'held.value').replace('n =', 'held.n =')} {way} 0 then {found} end\n"
        "from held, earlier\nwhere held.n > earlier.n"
    )
    if word is Comparator.FIRST_SINCE:
        return text, word, {"claimed_value": asked.since}
    return text, *_length(own, asked, Comparator.EQUALS)


def _length(own: Series, asked: Statement, word: Comparator) -> tuple[Comparator, dict[str, Any]]:
    """The comparator and the claimed value of so many years or months."""
    unit = "months" if own.frequency == "M" and own.rows(asked.span) == 1 else "years"
    said = asked.said
    if said.quantity is None or said.quantity.number < 1 or said.quantity.number % 1:
        raise BilateralError(f"{said.text!r} does not say how many.", remedy=f"Write {asked.comparator} 3 {unit}.")
    if said.is_of is Kind.LENGTH and said.quantity.unit != unit:
        raise BilateralError(
            f"{said.text!r} is in {said.quantity.unit}, and {asked.span} is one of {unit}.",
            remedy=f"Say how many {unit}.",
        )
    claimed: dict[str, Any] = {"claimed_value": asked.number}
    if said.bound in OPPOSITE:
        return said.bound, {**claimed, "unit": unit}
    if word is Comparator.COUNT:
        return word, claimed
    is_near, is_round = said.bound is Comparator.APPROXIMATELY, said.quantity.decimals < 0
    near = {"tolerance": {"absolute": 5 if is_round else 1}} if is_near or is_round else {}
    return word, {**claimed, "unit": unit, **near}


def denials(own: Series, asked: Statement) -> tuple[Denial, ...]:
    """What it may mean where the evidence of a first one or of a record gives nothing though figures are held."""
    word, number = asked.comparator, own.number(asked.span)
    head = own.held(Span(asked.span.start, asked.span.end))
    words = {"<": "deficit", ">": "surplus"} if asked.metric.signed else {"<": "fall", ">": "rise"}
    found = []
    is_record = word in {Comparator.RECORD, Comparator.RECORD_SINCE}
    if word in {Comparator.FIRST_SINCE, Comparator.FIRST_IN} or (is_record and asked.said.side):
        way = direction(asked)
        shows = f"{head}\n\nselect coalesce(bool_or(n = {number} and not value {way} 0), false)\nfrom held"
        found.append(Denial(shows, f"no {words[way]} in {asked.span}"))
    if word is Comparator.RECORD_SINCE:
        shows = (
            f"{_ranked(head, number)}\n\nselect bool_or(n = {number}) and count(*) > 1\n"
            f"  and not bool_or(n < {number} and value {_larger(asked)}= this) and not {_has_gap(asked)}\nfrom ranked"
        )
        found.append(Denial(shows, "none before it that is larger"))
    if asked.measure in {Measure.GROWTH, Measure.RATIO} and asked.metric.signed:
        shows = own.signs(
            {-1: "greatest({0}, {1}) >= 0", 1: "least({0}, {1}) <= 0", 0: "{0} * {1} <= 0"}[asked.said.side]
        )
        side = {-1: "no deficit in one of the two", 1: "no surplus in one of the two"}
        found.append(Denial(shows, side.get(asked.said.side, "another sign in each, of which there is no growth")))
    return tuple(found)


def _larger(asked: Statement) -> str:
    """The comparison that says which of two is larger: of a deficit the largest is the lowest."""
    return "<" if (asked.said.side or asked.said.move) < 0 else ">"


def _ranked(head: str, number: int) -> str:
    """A `with` table of what is held beside the value of the period, `this`, and what is held before each."""
    return (
        f"{head},\n\nranked as (\n  select label, n, value, lag(n) over (order by n) as n_before,\n"
        "    lag(value) over (order by n) as value_before,\n"
        f"    max(value) filter (where n = {number}) over () as this\n  from held\n)"
    )


def _has_gap(asked: Statement) -> str:
    """Whether what is not held between two figures could be larger.

    Of an amount it could where one of the two is half as large and more; the lowest amount, and growth, may come beside
    any.
    """
    sign = _larger(asked)
    if asked.metric.is_growth or (sign == "<" and not asked.said.side):
        return "coalesce(bool_or(n - n_before > 1), false)"
    return f"coalesce(bool_or(n - n_before > 1 and (value {sign} this / 2 or value_before {sign} this / 2)), false)"


def direction(asked: Statement) -> str:
    """The comparison with 0 that says which way it is claimed to be."""
    side = asked.said.side or asked.said.move
    if not side:
        raise BilateralError(
            f"{asked.comparator} needs a direction in {asked.said.text!r}.",
            remedy="Say deficit or surplus, rose or fell: first_since deficit 1992.",
        )
    return "<" if side < 0 else ">"
