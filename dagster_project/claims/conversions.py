"""Claims about figures that were converted into US$: how exact they are, and what was printed of them.

Here: the tolerance and the rate of a conversion, and an official print, as parts of a claim. Not here: the conversion
(`sql/core/goods_trade_national_currency.sql`), and comparing (`comparators`).
"""

from __future__ import annotations

from dataclasses import replace

import duckdb

from dagster_project.claims.diagnosis import Figures, query_of
from dagster_project.claims.form import Claim, ConversionTolerance, Remark, SecondReading
from dagster_project.claims.printed import CURRENCY_WORDS
from dagster_project.metrics import catalogue

READS = {"core.converted_goods_trade", "core.goods_trade_national_currency", "core.published_figures"}
_CONVERTED = """select {columns} from core.converted_goods_trade('{reporter}', '{partner}')
where period_start = date '{start}' and period_end = date '{end}'"""
_CURRENCY = """
select distinct currency_code, observation_status = 'P'
from core.goods_trade_national_currency
where known_to is null and frequency = 'M' and reporter_code = $reporter and partner_code = $partner
    and period_start between $start and $end order by all desc"""
_PRINTED = """select value from core.published_figures where figure_id = '{}'"""
_PRINTS = """
select publisher, figure_id
from core.published_figures
where is_official and basis = 'customs' and unit = 'USD' and list_contains($1, metric) and reporter_code = $2
    and partner_code = $3 and period_start = $4 and period_end = $5 and printed_digit <= $6
order by abs(value - $7), published_on desc nulls last, figure_id
"""
_SAYS = (
    "Converted from {figures} in {currency}: the US$ are at customs' rates, the last of {{}}, with a tolerance of "
    "{pct:g}%."
)


def complete(claim: Claim, connection: duckdb.DuckDBPyConnection, figures: Figures) -> Claim:
    """Return a claim with the tolerance of a conversion, its rate and an official print, if they concern it."""
    asked = query_of(claim)
    if asked is None or "M" not in asked.metric.places or not asked.metric.places["M"].to_date or not claim.evidence:
        return claim
    if claim.comparator not in {"equals", "at_least", "at_most"} or claim.unit != "USD" or claim.compared_with:
        return claim
    given = {"reporter": asked.reporter, "partner": asked.partner, "start": asked.span.start, "end": asked.span.end}
    if not (row := connection.execute(_CONVERTED.format(columns="tolerance_pct", **given)).fetchone()):
        return claim
    currency, is_provisional = connection.execute(_CURRENCY, given).fetchall()[0]
    figures_in = "provisional figures" if is_provisional else "figures"
    says = _SAYS.format(figures=figures_in, currency=CURRENCY_WORDS.get(currency, currency), pct=row[0])
    remark = Remark(says=says, evidence=_CONVERTED.format(columns="rate_date", **given))
    found: dict[str, object] = {"remarks": (*claim.remarks, remark)}
    # What may be off is each flow, however small their difference.
    base = figures.value(asked if asked.metric.flow else replace(asked, metric=catalogue.load()["total_trade"]))
    if claim.tolerance is None and base:
        found["tolerance"] = ConversionTolerance(absolute=row[0] / 100 * base / claim.factor)
    if claim.comparator == "equals" and claim.second_reading is None and isinstance(claim.claimed_value, int | float):
        values = [1.001 * claim.factor * 10.0**-claim.decimals, claim.claimed_value * claim.factor]
        asking = [[*asked.metric.names["en"]], *given.values(), *values]
        if printed := connection.execute(_PRINTS, asking).fetchone():
            found["second_reading"] = SecondReading(source=f"{printed[0]},", evidence=_PRINTED.format(printed[1]))
    return claim.model_copy(update=found)
