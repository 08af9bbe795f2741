"""A second SELECT of every metric over core and marts, to compare the metric's figures with.

Here: for each metric a SELECT of two columns: the part of the ID between the metric's name and the day (`KOR/CHN/2023`,
or `services/KOR/-/2023` with an item), and the value. Not here: the metric's own SELECT, which is independent of it.
"""

from __future__ import annotations

BY_YEAR = "reporter_code || '/' || partner_code || '/' || year"
OF_START = "reporter_code || '/' || partner_code || '/' || year(period_start)"
BY_MONTH = "reporter_code || '/' || partner_code || '/' || strftime(period_start, '%Y-%m')"
ANNUAL, MONTHLY = "from marts.trade_balance_annual", "from marts.trade_balance_monthly"
SWAPPED = "partner_code || '/' || reporter_code || '/'"
# What the United States report to the United Nations, CIF; before 2014 WITS has the sums of their products.
CIF = """
    from core.goods_trade_observations
    where reporter_code = 'USA' and flow = 'import' and valuation = 'CIF' and frequency = 'A' and known_to is null
        and classification = 'TOTAL' and (source = 'comtrade' or year(period_start) < 2014)
"""
OF_VISITORS = "economy_code || '/' || visitor_code || '/' || strftime(period_start, '%Y-%m')"


def of_a_year_before(value: str, series: str, period: str, year: str) -> str:
    """Write the SQL of a value's growth on the year before, in per cent."""
    earlier = (
        f"max({value}) over (partition by {series} order by {period} "
        f"range between {year} preceding and {year} preceding)"
    )
    return f"case when {earlier} > 0 then (({value}) - {earlier}) / {earlier} * 100 end"


# What each metric is in the published tables, without the metric's own SELECT: name and value.
SQL = {
    "exports": f"select {BY_YEAR}, exports_usd {ANNUAL} union all select {BY_MONTH}, exports_usd {MONTHLY}",
    "imports": f"select {BY_YEAR}, imports_usd {ANNUAL} union all select {BY_MONTH}, imports_usd {MONTHLY}",
    "balance": f"select {BY_YEAR}, balance_usd {ANNUAL} union all select {BY_MONTH}, balance_usd {MONTHLY}",
    "balance_to_date": f"select {BY_MONTH}, balance_ytd_usd {MONTHLY}",
    "total_trade": f"""
        select {BY_YEAR}, exports_usd + imports_usd {ANNUAL}
        union all select {BY_MONTH}, exports_usd + imports_usd {MONTHLY}
    """,
    "balance_mirror": f"""
        select {SWAPPED} || year, -balance_usd {ANNUAL}
        union all select {SWAPPED} || strftime(period_start, '%Y-%m'), -balance_usd {MONTHLY}
    """,
    "gdp_share": """
        select component || '/' || economy_code || '/-/' || year, share_pct from marts.gdp_composition_annual
    """,
    "imports_cif": f"select {OF_START}, value_usd {CIF}",
    "balance_cif": f"""
        select reporter_code || '/' || partner_code || '/' || year(period_start),
            sum(case flow when 'export' then value_usd else -value_usd end)
        from core.goods_trade_observations as figures
        inner join (select source, dataset, reporter_code, partner_code, period_start {CIF}) as imports
            using (source, dataset, reporter_code, partner_code, period_start)
        where frequency = 'A' and classification = 'TOTAL' and known_to is null
        group by 1
        having count(*) = 2
    """,
    "visitor_arrivals": f"""
        select {OF_VISITORS}, traveller_arrivals from core.visitor_arrivals_monthly
    """,
    "visitor_arrivals_all": f"""
        select {OF_VISITORS}, arrivals from core.visitor_arrivals_monthly
    """,
    "gdp_growth": """
        select economy_code || '/-/' || year, value from core.macro_indicators
        where indicator_code = 'NY.GDP.MKTP.KD.ZG'
    """,
    "services_in_gdp": """
        select economy_code || '/-/' || year, share_pct from marts.gdp_composition_annual where component = 'services'
    """,
    **{
        f"{place}_rank": f"select {BY_YEAR}, partner_{place}_rank {ANNUAL}" for place in ("surplus", "deficit", "trade")
    },
    "trade_share": f"""
        select {BY_YEAR}, (exports_usd + imports_usd) / (world_exports_usd + world_imports_usd) * 100 {ANNUAL}
        where world_exports_usd + world_imports_usd > 0
    """,
    **{
        f"{flow}_{name}": f"select {BY_YEAR}, {column} from marts.partner_share_annual where flow = '{flow}'"
        for flow in ("export", "import")
        for name, column in (("share", "share_pct"), ("rank", "partner_rank"))
    },
    # A year or a month beside the one that is twelve months older.
    **{
        f"{name}_growth": f"""
            select {BY_YEAR}, {of_a_year_before(value, "reporter_code, partner_code", "year", "1")} {ANNUAL}
            union all
            select {BY_MONTH},
                {of_a_year_before(value, "reporter_code, partner_code", "period_start", "interval 1 year")} {MONTHLY}
        """
        for name, value in (
            ("exports", "exports_usd"),
            ("imports", "imports_usd"),
            ("total_trade", "exports_usd + imports_usd"),
        )
    },
    "visitor_arrivals_growth": f"""
        select {OF_VISITORS},
            {of_a_year_before("traveller_arrivals", "economy_code, visitor_code", "period_start", "interval 1 year")}
        from core.visitor_arrivals_monthly
    """,
    **{
        f"{flow}s_with_services": f"""
            select {BY_YEAR}, {flow}s_usd + services.value_usd
            {ANNUAL} inner join marts.services_trade_annual as services using (reporter_code, partner_code, year)
            where services.flow = '{flow}' and service_item_code = 'S' and value_basis = 'reported'
        """
        for flow in ("export", "import")
    },
    **{
        f"services_{flow}s": f"""
            select service_item_code || '.' || value_basis || '/' || {BY_YEAR}, value_usd
            from marts.services_trade_annual where flow = '{flow}'
        """
        for flow in ("export", "import")
    },
    # The newest edition comes last, and a publisher's own year after twelve months.
    **{
        f"product_{flow}s": f"""
            select name, value_usd
            from (
                select product_code || '/' || {OF_START} as name,
                    classification, 1 as place, round(sum(value_usd), 2) as value_usd
                from core.product_trade_monthly where flow = '{flow}' group by all having count(*) = 12
                union all
                select product_code || '/' || {OF_START}, classification, 2, value_usd
                from core.product_trade_annual where flow = '{flow}'
                union all
                select product_code || '/' || {BY_MONTH}, classification, 3, value_usd
                from core.product_trade_monthly where flow = '{flow}'
            )
            where classification like 'HS%' order by classification, place
        """
        for flow in ("export", "import")
    },
    **{
        f"{flow}_growth_per_day": f"""
            with days as (
                select months.*, {flow}_usd / working_days as daily {MONTHLY} as months
                inner join core.working_days as days
                    on months.reporter_code = days.economy_code and months.period_start = days.period_start
            )
            select {BY_MONTH}, case when is_comparable_month then {
            of_a_year_before("daily", "reporter_code, partner_code", "period_start", "interval 1 year")
        } end from days
        """
        for flow in ("exports", "imports")
    },
}
