"""The figures that Dagster shows of the main marts.

Here: a short series with its unit, and where the report shows a mart. Not here: how a series looks (`pictures`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """A series of a mart that tells at a glance what it holds.

    Args:
        title: What it is.
        unit: The unit of its values.
        query: Two columns, a period and a value, in order; a year without a row is a gap.
    """

    title: str
    unit: str
    query: str


# Where the report shows what a mart holds, by the address within the page.
REPORTED = {
    "marts.balance_change_by_flow": "what-moved-it",
    "marts.balance_change_by_product": "what-moved-it",
    "marts.claim_verdicts": "claims",
    "marts.gdp_composition_annual": "composition",
    "marts.mirror_balance_annual": "both-sides",
    "marts.policy_event_effects": "events",
    "marts.policy_timeline": "balance",
    "marts.product_trade_annual": "semiconductors",
    "marts.services_share_annual": "composition",
    "marts.services_trade_annual": "composition",
    "marts.trade_balance_annual": "balance",
    "marts.trade_balance_monthly": "this-year",
}
PAIR = "reporter_code = 'KOR' and partner_code = 'CHN'"

SERIES = {
    "marts.trade_balance_annual": Series(
        "Korea's goods balance with China, as Korea reports it",
        "bn US$",
        f"""
        select year, balance_usd / 1e9 from marts.trade_balance_annual
        where {PAIR} order by year
        """,
    ),
    "marts.trade_balance_monthly": Series(
        "Korea's goods balance with China over twelve months, as Korea reports it",
        "bn US$",
        f"""
        select strftime(period_start, '%Y-%m'), balance_12m_usd / 1e9 from marts.trade_balance_monthly
        where {PAIR} order by period_start
        """,
    ),
    "marts.trade_balance_monthly_adjusted": Series(
        "Korea's goods balance with China, seasonally adjusted",
        "bn US$",
        f"""
        select strftime(period_start, '%Y-%m'), balance_adjusted_usd / 1e9 from marts.trade_balance_monthly_adjusted
        where {PAIR} order by period_start
        """,
    ),
    "marts.partner_share_annual": Series(
        "China's share of Korea's goods exports",
        "%",
        f"""
        select year, share_pct from marts.partner_share_annual
        where {PAIR} and flow = 'export' order by year
        """,
    ),
    "marts.product_trade_annual": Series(
        "Korea's exports of integrated circuits to China (HS 8542)",
        "bn US$",
        f"""
        select year, max(value_usd) / 1e9 from marts.product_trade_annual
        where {PAIR} and flow = 'export' and product_code = '8542'
        group by year order by year
        """,
    ),
    "marts.mirror_balance_annual": Series(
        "Korea's surplus with China as China reports it, less as Korea reports it",
        "bn US$",
        f"""
        select year, (balance_mirror_usd - balance_reported_usd) / 1e9 from marts.mirror_balance_annual
        where {PAIR} order by year
        """,
    ),
    "marts.services_trade_annual": Series(
        "China's imports of services from Korea, balanced with Korea's exports",
        "bn US$",
        """
        select year, value_usd / 1e9 from marts.services_trade_annual
        where
            reporter_code = 'CHN' and partner_code = 'KOR' and flow = 'import' and service_item_code = 'S'
            and value_basis = 'balanced'
        order by year
        """,
    ),
    "marts.gdp_composition_annual": Series(
        "Services' share of China's GDP",
        "%",
        """
        select year, max(share_pct) from marts.gdp_composition_annual
        where economy_code = 'CHN' and component = 'services' group by year order by year
        """,
    ),
    "marts.policy_timeline": Series(
        "Stages of policy events",
        "a year",
        """
        with years as (
            select unnest(generate_series(min(year(event_date)), max(year(event_date)))) as year
            from marts.policy_timeline
        )
        select years.year, count(stages.event_id)
        from years
        left join marts.policy_timeline as stages on year(stages.event_date) = years.year
        group by years.year order by years.year
        """,
    ),
}
VERDICT_COUNTS = """
    select verdict, count(*) from marts.claim_verdicts group by verdict order by count(*) desc, verdict
"""
