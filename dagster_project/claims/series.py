"""The SQL of a metric's figures: of a span, of its growth, and of all that stands before it.

Here: texts that are pasted as they are. Not here: which of them a claim needs (`compiling`), and running them.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagster_project.claims.periods import Span
from dagster_project.claims.reading import Said
from dagster_project.metrics.catalogue import Metric, Place

# The average rates of a currency to the US$, over the months of a span, if all are held.
_RATE = """(
    select case when count(exchange_rate) = {count} then avg(exchange_rate) end
    from core.exchange_rates
    where currency_code = '{currency}' and rate_type = 'average' and period_start between {start} and {end}
  )"""


@dataclass(frozen=True)
class MetricQuery:
    """What is asked of a metric.

    Args:
        metric: The metric.
        reporter: Whose trade.
        partner: With whom; None for a metric of one economy.
        item: Of what.
        span: When.
    """

    metric: Metric
    reporter: str
    partner: str | None
    item: str | None
    span: Span

    def series(self, *, other: bool = False) -> Series | None:
        """The series that can tell of the span, years made of months where there are only these; None if there is none.

        Args:
            other: Whether the partner's statistics are asked.
        """
        metric, wanted = self.metric, self.span.frequency
        places = metric.others if other else metric.places
        if not places and not other and metric.figures:
            text = metric.figures.replace("\n", "\n    ")
            place = Place(f"(\n    {text}\n  ) as figures", "value", item="item", period="period")
            places = dict.fromkeys(("A", "M"), place)
        adds_up = metric.adds_up == "sum" or metric.growth_of is not None
        frequency = wanted if wanted in places else "M" if wanted == "A" and adds_up and "M" in places else None
        return None if frequency is None else Series(self, places[frequency], frequency)


@dataclass(frozen=True)
class Statement(MetricQuery):
    """What a claim without SQL says, read.

    Args:
        comparator: How it compares.
        said: The value as printed.
        text: The text of it.
    """

    comparator: str
    said: Said
    text: str


@dataclass(frozen=True)
class Series:
    """The figures that a query is about, as one side reports them.

    Args:
        query: The query.
        place: Where they stand.
        frequency: A or M: what a row of the place is of.
    """

    query: MetricQuery
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
        if count == 1:
            return f"max({self.column}){given}"
        return f"case when count({self.column}){given} = {count} then sum({self.column}){given} end"

    def value(self, span: Span, currency: str | None = None) -> str:
        """One value: of a span, in US$ or at the average rate of a currency."""
        amount = self.total(span)
        if currency:
            amount = f"({amount})\n  * {rate(currency, span)}"
        return f"select {amount}\n{self.source} and {self.within(span)}"

    def against(self, span: Span, how: str, only: str | None = None) -> str:
        """What a span is to the earlier one: `difference`, `growth` in per cent or `ratio`.

        Args:
            span: The span.
            how: In what way they are compared.
            only: The comparison with 0 without which there is none, such as `<`.
        """
        earlier = span.earlier or span.before
        now, then = (self.total(one, self.within(one)) for one in (span, earlier))
        now, then = (f"({one})" if one.startswith("case") else one for one in (now, then))
        text = {
            "difference": f"{now}\n  - {then}",
            "ratio": f"{now}\n  / nullif({then}, 0)",
            "growth": f"100 * ({now}\n  / nullif({then}, 0) - 1)",
        }[how]
        if only:
            text = f"case when {now} {only} 0 then {text} end"
        return f"select {text}\n{self.source} and ({self.within(span)} or {self.within(earlier)})"

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


def rate(currency: str, span: Span) -> str:
    """The average rate of a currency over the months of a span."""
    first, last = (f"date '{one.replace(day=1)}'" for one in (span.start, span.end))
    return _RATE.format(count=span.months, currency=currency, start=first, end=last)
