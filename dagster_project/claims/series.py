"""Write SQL for a metric's figures: the value of a period, and its change.

The SQL can be pasted into any client. SELECTs over all earlier values are templates in `evidence_sql.yml`, which this
module fills. Not here: choosing the SELECT of a claim (`compiling`), and running it (`evidence`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from dagster_project.claims.notation import Span
from dagster_project.claims.statements import Statement
from dagster_project.files import load_yaml
from dagster_project.metrics.catalogue import Metric, Place

SQL: dict[str, str] = load_yaml(Path(__file__).with_name("evidence_sql.yml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Series:
    """The figures for a statement in one economy's statistics, by year (`frequency` A) or month (M)."""

    statement: Statement
    place: Place
    frequency: str

    @property
    def source(self) -> str:
        """Write the FROM and WHERE clauses of the series."""
        return f"from {self.place.table}\nwhere {self._keys}"

    def match_span(self, span: Span) -> str:
        """Write the SQL condition that a row is within a period, for example "year between 2018 and 2023"."""
        first, last = self._write_period(span.start), self._write_period(span.end.replace(day=1))
        return f"{self.place.period} = {first}" if first == last else f"{self.place.period} between {first} and {last}"

    def add_up(self, span: Span, where: str = "") -> str:
        """Write the SQL of a period's value, a sum over the rows that fulfil `where`; null if a row is missing."""
        given = f" filter (where {where})" if where else ""
        column, count = self.place.column, self._count_rows(span)
        if self._is_to_date(span):
            last = self._write_period(span.end.replace(day=1))
            return f"max({self.place.to_date}) filter (where {self.place.period} = {last})"
        if count == 1:
            return f"max({column}){given}"
        return f"(case when count({column}){given} = {count} then sum({column}){given} end)"

    def write_sql(self, expression: str, span: Span, earlier: Span | None = None) -> str:
        """Write the SELECT of `expression`, in which {now} is the value of `span`, {then} the value of `earlier`."""
        spans = [span, earlier] if earlier else [span]
        now, *then = (self.add_up(one, self.match_span(one) if earlier else "") for one in spans)
        within = " or ".join(map(self.match_span, spans))
        text = expression.format(now=now, then=then[0] if then else "")
        return f"select {text}\n{self.source} and {f'({within})' if earlier else within}"

    def look_back(self, name: str, span: Span, **given: int | str) -> str:
        """Fill a template of `evidence_sql.yml` with `span` and all earlier periods of the same length and season."""
        text = SQL[name].replace("{ranked}", SQL["ranked"]).replace("{since}", SQL["since"])
        number = self._number_span(span)
        return text.format(held=self._write_held(span), n=number, before=number - int(given.get("count", 0)), **given)

    def unit_of(self, span: Span) -> str:
        """Return the unit in which periods like `span` are counted: `months` if it is one month, else `years`."""
        return "months" if self.frequency == "M" and self._count_rows(span) == 1 else "years"

    def _write_held(self, span: Span) -> str:
        """Write the `with` table `held`: a value per month, per year, or for the same months of each year."""
        first, last, parts = span.start.month, span.end.month, self._count_rows(span)
        period = self.place.period
        year, month = (period, "1") if self.frequency == "A" else (f"year({period})", f"month({period})")
        single = self.unit_of(span) == "months"
        number = f"{year} * 12 + {month}" if single else year
        at = f"{year} || '-' || lpad(cast({month} as varchar), 2, '0')" if single else year
        where = [self._keys, f"{self.place.column} is not null", f"{number} <= {self._number_span(span)}"]
        if self.frequency == "M" and not single:
            where.append(f"{month} between {first} and {last}")
        value = self.place.column if parts == 1 else f"sum({self.place.column})"
        if self._is_to_date(span):
            value = f"max({self.place.to_date}) filter (where {month} = {last})"
        grouped = f"\n  group by all\n  having count(*) = {parts}" if parts > 1 else ""
        text = (
            f"with held as (\n  select {at} as label, {number} as n, {value} as value\n  from {self.place.table}\n"
            f"  where {' and '.join(where)}{grouped}\n)"
        )
        if self.statement.metric.growth_of:
            back = 12 if single else 1
            text = text.replace("with held", "with levels", 1) + (
                f",\n\nheld as (\n  select label, n,\n"
                f"    100 * (value / nullif(lag(value, {back}) over (order by n), 0) - 1) as value\n"
                f"  from levels\n  qualify n - lag(n, {back}) over (order by n) = {back}\n)"
            )
        return text

    def _number_span(self, span: Span) -> int:
        """Return a number that orders periods: the year, or for a month 12 times the year plus the month."""
        return span.end.year * 12 + span.end.month if self.unit_of(span) == "months" else span.end.year

    def _count_rows(self, span: Span) -> int:
        return span.months // 12 if self.frequency == "A" else span.months

    def _is_to_date(self, span: Span) -> bool:
        """Return whether a period is January to a later month, and the table has a year-to-date column."""
        return (
            bool(self.place.to_date) and self.frequency == "M" and span.start.month == 1 < self._count_rows(span) <= 12
        )

    @property
    def _keys(self) -> str:
        found = [f"{self.place.reporter} = '{self.statement.reporter}'"]
        if self.statement.metric.has_partner:
            found.append(f"{self.place.partner} = '{self.statement.partner}'")
        if self.statement.item:
            found.append(f"{self.place.item} = '{self.statement.item}'")
        return " and ".join([*found, *filter(None, [self.place.where])])

    def _write_period(self, day: object) -> str:
        return str(day)[:4] if self.frequency == "A" else f"date '{day}'"


def find_series(statement: Statement, *, other: bool = False) -> Series | None:
    """Find the series of a statement in the statistics of the reporter, or of the partner if `other` is true."""
    metric, wanted = statement.metric, statement.span.frequency
    places = metric.others if other else metric.places
    if not places and not other and metric.figures:
        month = _select_place(metric, "period || '-01' as date", 7)
        places = {"A": _select_place(metric, "period as integer", 4), "M": month}
    adds_up = metric.adds_up == "sum" or metric.growth_of is not None
    frequency = wanted if wanted in places else "M" if wanted == "A" and adds_up and "M" in places else None
    return None if frequency is None else Series(statement, places[frequency], frequency)


def _select_place(metric: Metric, period: str, length: int) -> Place:
    """Build the `Place` (table and columns) of a metric whose figures come from a subquery over several tables."""
    text = metric.figures.strip().replace("\n", "\n      ")
    select = f"select * replace (try_cast({period}) as period)\n    from (\n      {text}\n    )"
    table = f"(\n    {select}\n    where length(period) = {length}\n  ) as figures"
    return Place(table, "value", item="item", period="period")


def write_rate(currency: str, span: Span) -> str:
    """Write the SQL of a currency's average exchange rate to the US$ over a period."""
    first, last = (f"date '{one.replace(day=1)}'" for one in (span.start, span.end))
    rate = SQL["rate"].format(count=span.months, currency=currency, start=first, end=last)
    is_year = span.frequency == "A" and span.count == 1
    return f"coalesce({rate}, {SQL['rate_of_year'].format(currency=currency, start=first)})" if is_year else rate


def is_looking_back(evidence: str) -> bool:
    """Return whether evidence has the `with` table `held` of all earlier figures, for example for a record high."""
    return re.search(r"^(?:with )?held as \(", evidence, re.MULTILINE) is not None
