"""Add a tolerance to claims about converted US$, use figures as printed, and find values that authorities printed.

Not here: the conversion (`sql/core/goods_trade_national_currency.sql`), and comparing (`comparison`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.claims.amounts import get_tolerance
from dagster_project.claims.comparison import Verdict, compare_value
from dagster_project.claims.figures import Figures
from dagster_project.claims.notation import CURRENCY_WORDS
from dagster_project.claims.schema import Claim, Remark, SecondReading, Tolerance
from dagster_project.claims.series import SQL
from dagster_project.claims.statements import CONVERTED, LEVELS, Measure, Statement
from dagster_project.claims.values import Comparator
from dagster_project.metrics import catalogue

# The tables of conversions and of printed figures.
TABLES = {"core.converted_goods_trade", "core.goods_trade_national_currency", "core.published_figures"}
_TERMS, _PRINTS, _PARTNERS_PRINTS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("conversion_terms.sql", "own_prints.sql", "partners_prints.sql")
)
_PRINTED = "select value from core.published_figures where figure_id = '{}'"
_PRINTED_ON = "select published_on from core.published_figures where figure_id = $1 and is_provisional"
_SAYS = "The US$ are converted from {figures} in {currency} at {{}}, with a tolerance of {pct:g}%."


def add_terms(claim: Claim, connection: duckdb.DuckDBPyConnection, figures: Figures) -> Claim:
    """Add the tolerance, the exchange rate and an officially printed value to a claim about converted figures."""
    statement = _find_level(claim)
    if statement is None or not claim.evidence or not _is_converted(statement, figures):
        return claim
    if claim.comparator not in LEVELS or claim.comparator is Comparator.APPROXIMATELY:
        return claim
    span = statement.span
    given = {"reporter": statement.reporter, "partner": statement.partner, "start": span.start, "end": span.end}
    if not (row := connection.execute(_TERMS, given).fetchone()):
        return claim
    pct, currency, kind = row
    says = _SAYS.format(pct=pct, currency=CURRENCY_WORDS.get(currency, currency), figures=kind)
    remark = Remark(says=says, evidence=SQL["converted_at"].format(**given))
    terms: dict[str, object] = {"remarks": (*claim.remarks, remark)}
    # The tolerance of a balance is that of exports plus imports.
    base = statement if statement.metric.flow else replace(statement, metric=catalogue.load_metrics()["total_trade"])
    if claim.tolerance is None and (amount := figures.find_value(base)):
        terms["tolerance"] = Tolerance(absolute=pct / 100 * amount / claim.factor, is_of_conversion=True)
    is_equal = claim.comparator is Comparator.EQUALS and claim.second_reading is None
    if is_equal and (printed := find_print(claim, connection)) and printed[-1]:
        publisher, figure_id, *_ = printed
        terms["second_reading"] = SecondReading(source=f"{publisher},", evidence=_PRINTED.format(figure_id))
    return claim.model_copy(update=terms)


def use_printed_currency(claim: Claim, connection: duckdb.DuckDBPyConnection, figures: Figures) -> Claim:
    """Return a claim with the figure in the reporter's own currency as evidence, if that is held as printed.

    Otherwise, the evidence stays the figure in US$, converted at the average exchange rate.
    """
    statement = claim.parsed
    if statement is None or statement.measure is not Measure.LEVEL or claim.unit not in CONVERTED:
        return claim
    span = statement.span
    is_to_date = span.frequency == "M" and span.start.month == 1 < span.count <= 12
    if not _is_converted(statement, figures) or not (span.count == 1 or is_to_date):
        return claim
    sql = SQL["as_printed"].format(
        column="published_ytd_value" if is_to_date else "published_value",
        sign=" * case when flow = 'import' then -1 else 1 end" if statement.metric.signed else "",
        count=1 if statement.metric.flow else 2,
        reporter=statement.reporter,
        partner=statement.partner,
        currency=claim.unit,
        frequency=span.frequency,
        start=(span.end if is_to_date else span.start).replace(day=1),
        flow=f"\n  and flow = '{statement.metric.flow}'" if statement.metric.flow else "",
    )
    if connection.execute(sql).fetchone() == (None,):
        return claim
    tolerance, number = claim.tolerance, claim.claimed_value
    if claim.comparator is not Comparator.APPROXIMATELY:
        # A whole number that ends in zeros, such as 9,400억 yuan, may be rounded to its last other digit.
        is_equal = claim.comparator is Comparator.EQUALS and isinstance(number, int)
        zeros = len(str(number)) - len(str(number).rstrip("0")) if is_equal and number else 0
        allowed = min(0.5 * 10**zeros, get_tolerance(claim) or 0.0) if zeros else 0.0
        tolerance = Tolerance(absolute=allowed) if allowed else None
    return claim.model_copy(update={"evidence": sql, "tolerance": tolerance})


def find_partners_print(claim: Claim, connection: duckdb.DuckDBPyConnection) -> tuple[str, float] | None:
    """Find what the partner's authority printed for the trade of a claim; return the authority and the value in US$.

    A balance is the difference of the printed exports and imports, with the sign as the reporter sees it.
    """
    if (statement := _find_level(claim)) is None:
        return None
    pair = [statement.partner, statement.reporter, statement.span.start, statement.span.end]
    return connection.execute(_PARTNERS_PRINTS, [statement.metric.flow or statement.metric.name, *pair]).fetchone()


def find_print(claim: Claim, connection: duckdb.DuckDBPyConnection) -> tuple[str, str, float, bool] | None:
    """Find the printed value of an authority, at least as precise as the claim, for the claim's flow and period.

    Returns:
        The publisher with its publication, the `figure_id` in `core.published_figures`, the value in US$, and whether
        this value is official.
    """
    statement, claimed = _find_level(claim), claim.claimed_value
    if statement is None or not isinstance(claimed, int | float):
        return None
    pair = [statement.reporter, statement.partner, statement.span.start, statement.span.end]
    values = [1.001 * claim.factor * 10.0**-claim.decimals, claimed * claim.factor]
    return connection.execute(_PRINTS, [[*statement.metric.names["en"]], *pair, *values]).fetchone()


def explain_by_print(claim: Claim, connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> Verdict:
    """Return the verdict by a printed provisional value if that value supports the claim, else the given verdict."""
    if claim.comparator is not Comparator.EQUALS or not (printed := find_print(claim, connection)):
        return verdict
    publisher, figure_id, value, _ = printed
    day, first = connection.execute(_PRINTED_ON, [figure_id]).fetchone(), compare_value(claim, value)
    if day is None or first.verdict not in {"supported", "supported_rounded"}:
        return verdict
    where = f"{day[0]} ({publisher.replace(', in ', ', quoted in ')})"
    says = f"The number is right as first published on {where}, and has been revised since."
    return Verdict(first.verdict, f"{says} {verdict.reason.replace(' give ', ' now give ', 1)}")


def _is_converted(statement: Statement, figures: Figures) -> bool:
    """Return whether the figures of a statement are converted from a currency in which they are held, too."""
    place = statement.metric.places.get("M")
    is_of_pair = (statement.reporter, statement.partner) in figures.converted
    return is_of_pair and place is not None and bool(place.to_date)


def _find_level(claim: Claim) -> Statement | None:
    """Return the statement of a claim about an amount of trade in all goods in US$; None for other claims."""
    statement = claim.parsed
    if statement is None or statement.measure is not Measure.LEVEL or claim.unit != "USD":
        return None
    return statement if statement.metric.domain == "goods" and not statement.item else None
