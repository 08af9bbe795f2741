"""Claims about figures that were converted into US$: how exact they are, and what was printed of them.

Here: the tolerance and the rate of a conversion, and what an authority printed of a flow. Not here: the conversion
(`sql/core/goods_trade_national_currency.sql`), and comparing (`comparison`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.claims.figures import Figures
from dagster_project.claims.form import Claim, ConversionTolerance, Remark, SecondReading
from dagster_project.claims.printed import CURRENCY_WORDS
from dagster_project.claims.statements import LEVELS, Measure
from dagster_project.claims.values import Comparator
from dagster_project.metrics import catalogue

READS = {"core.converted_goods_trade", "core.goods_trade_national_currency", "core.published_figures"}
_CONVERTED = """select rate_date from core.converted_goods_trade('{reporter}', '{partner}')
where period_start = date '{start}' and period_end = date '{end}'"""
_TERMS = Path(__file__).with_name("conversion_terms.sql")
_PRINTED = """select value from core.published_figures where figure_id = '{}'"""
_PRINTS = Path(__file__).with_name("official_prints.sql")
_PARTNERS_PRINTS = Path(__file__).with_name("partners_prints.sql")
_SAYS = (
    "Converted from {figures} in {currency}: the US$ are at customs' rates, the last of {{}}, with a tolerance of "
    "{pct:g}%."
)


def complete(claim: Claim, connection: duckdb.DuckDBPyConnection, figures: Figures) -> Claim:
    """Return a claim with the tolerance of a conversion, its rate and an official print, if they concern it."""
    asked = claim.asked
    if asked is None or not claim.evidence or (asked.reporter, asked.partner) not in figures.converted:
        return claim
    if "M" not in asked.metric.places or not asked.metric.places["M"].to_date:
        return claim
    is_level = claim.comparator in LEVELS and claim.comparator is not Comparator.APPROXIMATELY
    if not is_level or claim.unit != "USD" or asked.measure is not Measure.LEVEL:
        return claim
    given = {"reporter": asked.reporter, "partner": asked.partner, "start": asked.span.start, "end": asked.span.end}
    if not (row := connection.execute(_TERMS.read_text(encoding="utf-8"), given).fetchone()):
        return claim
    says = _SAYS.format(pct=row[0], currency=CURRENCY_WORDS.get(row[1], row[1]), figures=row[2])
    remark = Remark(says=says, evidence=_CONVERTED.format(**given))
    found: dict[str, object] = {"remarks": (*claim.remarks, remark)}
    # What may be off is each flow, however small their difference.
    base = figures.value(asked if asked.metric.flow else replace(asked, metric=catalogue.load_metrics()["total_trade"]))
    if claim.tolerance is None and base:
        found["tolerance"] = ConversionTolerance(absolute=row[0] / 100 * base / claim.factor)
    is_equal = claim.comparator is Comparator.EQUALS and claim.second_reading is None
    if is_equal and (printed := find_print(claim, connection)):
        found["second_reading"] = SecondReading(source=f"{printed[0]},", evidence=_PRINTED.format(printed[1]))
    return claim.model_copy(update=found)


def find_partners_print(claim: Claim, connection: duckdb.DuckDBPyConnection) -> tuple[str, float] | None:
    """Find what an authority of the partner printed of the same trade; who did, and the value as the reporter sees it.

    A balance is what its printed exports and imports leave, with the sign that it has for the reporter.
    """
    asked = claim.asked
    if asked is None or claim.unit != "USD" or asked.measure is not Measure.LEVEL:
        return None
    if asked.item or asked.metric.domain != "goods":
        return None
    pair = [asked.partner, asked.reporter, asked.span.start, asked.span.end]
    given = [asked.metric.flow or asked.metric.name, *pair]
    return connection.execute(_PARTNERS_PRINTS.read_text(encoding="utf-8"), given).fetchone()


def find_print(claim: Claim, connection: duckdb.DuckDBPyConnection) -> tuple[str, str, float] | None:
    """Find what an authority printed of the flow and the period of a claim, at least as finely as it.

    Returns:
        Who printed it and where, the figure's name in `core.published_figures`, and its value in US$; None without one.
    """
    asked = claim.asked
    if asked is None or claim.unit != "USD" or asked.measure is not Measure.LEVEL:
        return None
    if not isinstance(claim.claimed_value, int | float):
        return None
    if asked.item or asked.metric.domain != "goods":
        return None
    values = [1.001 * claim.factor * 10.0**-claim.decimals, claim.claimed_value * claim.factor]
    pair = [asked.reporter, asked.partner, asked.span.start, asked.span.end]
    asking = [[*asked.metric.names["en"]], *pair, *values]
    return connection.execute(_PRINTS.read_text(encoding="utf-8"), asking).fetchone()
