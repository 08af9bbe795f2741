"""Read the figures of a claim's series, and describe their coverage, gaps and revisions.

Each series is read once. Not here: the evidence of a claim (`series`), and explaining a wrong number (`diagnosis`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.claims.notation import Span, make_months, make_years
from dagster_project.claims.schema import Claim
from dagster_project.claims.series import find_series, is_looking_back
from dagster_project.claims.statements import Measure, Statement
from dagster_project.metrics import catalogue, describe_coverage
from dagster_project.questions import gaps, series, set_aside
from dagster_project.questions.wording import add_article, format_periods, format_usd, join_words, name_sides

# The table of revisions, and the quantile of their sizes that counts as the largest usual revision.
REVISIONS, MOST_REVISIONS = "marts.revisions", 0.95
_REVISED, _PRINTED = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("revisions.sql", "printed_in_currency.sql")
)
# The number of remarks on coverage that a reason may have.
MOST_REMARKS = 3
# The time after a period in which its figures may still be missing, or are first releases.
RELEASE_DELAY = timedelta(days=60)


def find_statement(claim: Claim) -> Statement | None:
    """Return the parsed statement of a claim; for a claim with SQL, build one from its fields, if these suffice."""
    metric = catalogue.find_metric(claim.metric)
    if claim.parsed or metric is None or not metric.figures or claim.reporter is None:
        return claim.parsed
    if (metric.has_partner and claim.partner is None) or not catalogue.is_item(metric, claim.item):
        return None
    measure = Measure.GROWTH if metric.growth_of else Measure.LEVEL
    span = Span(claim.period.start, claim.period.end)
    return Statement(metric, claim.reporter, claim.partner, claim.item, span, claim.comparator, measure=measure)


@dataclass
class Figures:
    """A reader of the figures of metrics, which reads each series once."""

    connection: duckdb.DuckDBPyConnection
    names: Mapping[str, str]  # the names of economies, by code
    today: date  # the newest day from which any figure is known
    knows_set_aside: bool  # whether the table of set-aside rows exists
    _coverage: dict[tuple[object, ...], list[dict[str, Any]]] = field(default_factory=dict)
    _values: dict[tuple[object, ...], dict[str, float]] = field(default_factory=dict)

    @cached_property
    def converted(self) -> set[tuple[str, str]]:
        """List the pairs (reporter, partner) whose figures are converted from another currency."""
        sql = "select distinct reporter_code, partner_code from core.goods_trade_national_currency"
        return set(self.connection.execute(sql).fetchall())

    def list_printed(self, statement: Statement) -> tuple[str, Mapping[int, float]]:
        """Return the currency in which a metric's annual values were printed (if not US$), and the values by year."""
        metric = catalogue.load_metrics()[statement.metric.growth_of or statement.metric.name]
        if statement.item or (statement.reporter, statement.partner) not in self.converted:
            return "", {}
        rows = self.connection.execute(_PRINTED, [statement.reporter, statement.partner, metric.name]).fetchall()
        return (rows[0][0], {year: value for _, year, value in rows}) if rows else ("", {})

    def list_values(self, statement: Statement, *, other: bool = False) -> Mapping[str, float]:
        """List a statement's series by year ("2018") and month ("2018-05"); with `other`, the partner's series."""
        base = catalogue.load_metrics()[statement.metric.growth_of] if statement.metric.growth_of else statement.metric
        key = (base.name, statement.reporter, statement.partner, statement.item, other)
        if key not in self._values:
            found: dict[str, float] = {}
            for span, digits in ((make_years(2000), 4), (make_months(2000, 1, 2000, 1), 7)):
                one = find_series(replace(statement, metric=base, span=span), other=other)
                if one is not None and one.frequency == span.frequency:
                    sql = f"select left(cast({one.place.period} as varchar), {digits}), {one.place.column} {one.source}"
                    rows = self.connection.execute(sql).fetchall()
                    found |= {period: value for period, value in rows if value is not None}
            self._values[key] = found
        return self._values[key]

    def find_value(self, statement: Statement, span: Span | None = None, *, other: bool = False) -> float | None:
        """Find the level, difference, growth or ratio (the statement's measure) of a period; None if missing."""
        held = self.list_values(statement, other=other)
        now, *rest = (_add_up(held, one) for one in replace(statement, span=span or statement.span).spans)
        if now is None or not rest:
            return now
        (then,) = rest
        if then is None:
            return None
        if statement.measure is Measure.RATIO:
            return now / then if then else None
        if statement.measure is Measure.GROWTH:
            return 100 * (now / then - 1) if now * then > 0 else None
        return now - then

    def describe_available(self, statement: Statement) -> str | None:
        """Describe the available figures of a statement's series, such as "for 1988–2025 by year"; None if none are."""
        held, kinds = self.list_values(statement), []
        for kind, digits in (("year", 4), ("month", 7)):
            if found := sorted(one for one in held if len(one) == digits):
                kinds.append(f"for {format_periods(found)} by {kind}")
        return " and ".join(kinds) or None

    def describe_compared(self, statement: Statement) -> list[str]:
        """Describe the years or months with which a record is compared; none for a span of several years."""
        span, held = statement.span, self.list_values(statement)
        if span.frequency == "M" and span.count == 1:
            what, until = "all months up to", span.list_labels()[0]
            found = [one for one in held if len(one) == len(until) and one <= until]
        elif span.start.year == span.end.year:
            years = {int(one[:4]) for one in held if int(one[:4]) <= span.end.year}
            same = {str(year): make_months(year, span.start.month, year, span.end.month) for year in years}
            what = f"{'all' if span.frequency == 'A' else 'the same months of all'} years up to"
            found, until = [year for year, one in same.items() if _add_up(held, one) is not None], str(span.end.year)
        else:
            return []
        return [f"The rank is among {what} {until} that have figures: {format_periods(sorted(found))}."]

    # Coverage.

    def list_coverage(self, statement: Statement, *, with_earlier: bool) -> list[dict[str, Any]]:
        """List the remarks on the coverage of a claim's years, and of all earlier years if `with_earlier`."""
        key = (statement.metric.name, statement.reporter, statement.partner)
        if key not in self._coverage:
            all_years = range(1900, 2200)
            sides = [statement.reporter, statement.partner or ""]
            if statement.metric.name == "balance_mirror":
                sides.reverse()
            called = [add_article(self.names.get(one, one)) for one in sides]
            named = dict(zip(("reporter", "partner"), called, strict=True))
            found = describe_coverage(self.connection, statement.metric, *key[1:], all_years)
            self._coverage[key] = [one | {"says": name_sides(str(one["says"]), named)} for one in found]
        years = {int(one[:4]) for span in statement.spans for one in span.list_labels()}
        earlier = max(years) if with_earlier else 0
        return [one for one in self._coverage[key] if one["year"] in years or one["year"] < earlier]

    def describe_failed_coverage(self, statement: Statement, coverage: Sequence[Mapping[str, Any]]) -> str | None:
        """Describe the failed coverage check that leaves a balance without a sign; None if the check passed."""
        metric, thin = statement.metric, [one["says"] for one in coverage if one["is_thin"]]
        if not thin or metric.flow or not (metric.signed or metric.unit == "rank"):
            return None
        sentences = ["The figures are too incomplete to show who had the surplus.", *thin[:MOST_REMARKS]]
        known = catalogue.load_metrics()
        out, into = (self.find_value(replace(statement, metric=known[one])) for one in ("exports", "imports"))
        if metric.name == "balance" and out is not None and into is not None:
            flows = f"exports of {format_usd(out)} and imports of {format_usd(into)}"
            sentences.append(f"There are {flows}; their difference of {format_usd(out - into)} is not a balance.")
        return " ".join(sentences)

    # Missing figures.

    def describe_missing(self, statement: Statement, evidence: str) -> str | None:
        """Describe the missing figures behind evidence that gives null; None if they may still be published."""
        if statement.span.end >= self.today:
            return None
        wanted = {one for span in statement.spans for one in span.list_labels()}
        held = self.list_values(statement)
        absent = wanted - held.keys()
        if not absent and is_looking_back(evidence):
            last = max(wanted)
            first = min(one for one in held if len(one) == len(last))
            whole = Span(date.fromisoformat(f"{first}-01-01"[:10]), statement.span.end)
            absent = {*whole.list_labels(monthly="-" in last)} - held.keys()
        absent = absent or wanted
        aside = self._list_set_aside(statement, absent) if self.knows_set_aside else []
        if statement.span.end + RELEASE_DELAY > self.today and not aside:
            return None
        if statement.needed_series:
            keys = (
                self._list_missing_series(statement, absent) if statement.metric.is_of_all else statement.needed_series
            )
            gap = series.Gap("not_held", tuple(map(series.Series.parse_key, keys)), absent)
            lack, offer = gaps.describe_gap(self.connection, gap, self.names, today=self.today, knows_set_aside=False)
        else:
            periods = join_words(sorted(absent))
            lack, offer = f"No figures on {statement.metric.called.lower()} for {periods} are available.", ""
        until = f"Figures are available {found}." if (found := self.describe_available(statement)) else ""
        return "\n".join(filter(None, [" ".join(filter(None, [lack, *aside, until])), offer]))

    def _list_set_aside(self, statement: Statement, absent: set[str]) -> list[str]:
        """Describe the decisions by which the missing figures of a statement were set aside."""
        flows = (statement.metric.flow,) if statement.metric.flow else ("export", "import")
        domain = statement.metric.domain or "gdp"
        item = statement.item or "TOTAL" if domain == "goods" else ""
        partner = statement.partner or ""
        about = series.Series(domain, "", statement.reporter, flows if partner else (), partner, item)
        return set_aside.list_decisions(self.connection, about, absent)

    def _list_missing_series(self, statement: Statement, absent: set[str]) -> tuple[str, ...]:
        """List the series that a rank or share lacks: those of other partners, and the pair's series if it has gaps."""
        flow = {"export": "exports", "import": "imports"}.get(statement.metric.flow or "", "total_trade")
        held = self.list_values(replace(statement, metric=catalogue.load_metrics()[flow]))
        others = tuple(key.replace(f"/{statement.partner}/", f"/{series.OTHERS}/") for key in statement.needed_series)
        return others if absent <= held.keys() else (*statement.needed_series, *others)

    # Revisions.

    def find_revision(self, statement: Statement, observed: float, moment: date) -> float | None:
        """Find the largest usual revision of a figure, in the figure's unit; None if no revision is on record.

        95% of the revisions on record are smaller. But if a claim about goods trade was published soon after its
        period, it may quote a first release; then the largest revision on record is taken.
        """
        known = catalogue.load_metrics()
        metric = known[statement.metric.growth_of or statement.metric.name]
        if metric.name == "gdp_growth":
            sql = f"select quantile_cont(abs(revision), {MOST_REVISIONS}) from {REVISIONS}"
            sql += " where metric = 'indicator' and contains($1, item_code)"
            ((most,),) = self.connection.execute(sql, [metric.places["A"].where]).fetchall()
            return None if most is None else float(most)
        is_of_two = statement.measure in {Measure.DIFFERENCE, Measure.RATIO}
        if metric.domain != "goods" or metric.unit != "US$" or metric.item or is_of_two:
            return None
        # The revisions of months cancel out in a year's growth, so only months may have had the largest one.
        may_be_first = statement.span.frequency == "M" or statement.measure is not Measure.GROWTH
        is_first = may_be_first and moment < statement.span.end + RELEASE_DELAY
        given = [statement.reporter, statement.partner, 1 if is_first else MOST_REVISIONS, is_first]
        # The usual revisions of a flow, as shares: the pair's, and the larger of the pair's and the reporter's.
        rows = self.connection.execute(_REVISED, given).fetchall()
        shares: dict[str, list[float]] = {flow: revisions for flow, *revisions in rows}
        if not shares:
            return None
        if statement.measure is Measure.GROWTH:
            return abs(100 + observed) * max(most for one, (_, most) in shares.items() if metric.flow in {one, None})
        if metric.flow:
            return shares[metric.flow][1] * abs(observed)
        # The exports and imports of a balance are revised; still, limit the sum to the largest share on record.
        flows = {one: self.find_value(replace(statement, metric=known[f"{one}s"])) or 0 for one in shares}
        largest = max(most for _, most in shares.values())
        return min(sum(shares[one][0] * abs(value) for one, value in flows.items()), largest * abs(observed))


def _add_up(held: Mapping[str, float], span: Span) -> float | None:
    """Add up the values of a span's years or, if one is missing, of its months; return None if a month is missing."""
    for monthly in (False, True):
        wanted = span.list_labels(monthly=monthly)
        if held.keys() >= set(wanted):
            return sum(held[one] for one in wanted)
    return None
