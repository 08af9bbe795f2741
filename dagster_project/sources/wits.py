"""The World Bank's WITS: Comtrade figures as the Bank tabulates them.

Here: China's trade with Korea from WITS, in two forms that do not quite agree, both economies' totals, and China's
trade with all others as both sides report it. Not here: which of them wins, or what they are evidence of
(`sql/core/goods_trade_coverage.sql`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

GOODS_ANNUAL_SUMMARY = Dataset(
    source="wits",
    name="goods_annual_summary",
    title="China's trade in goods with Korea and the world, and Korea's with the world, from WITS country summaries",
    columns=(
        Column("reporter_code", "text", "The reporter, as an ISO 3166 alpha-3 code."),
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code."),
        Column("year", "year", "The calendar year."),
        Column("flow", "text", "Export (FOB) or Import (CIF), as WITS writes it.", values=("Export", "Import")),
        Column("value_musd", "number", "The value, million US$ with two decimals.", minimum=0),
    ),
    key=("reporter_code", "partner_code", "year", "flow"),
)

GOODS_ANNUAL_PRODUCTS = Dataset(
    source="wits",
    name="goods_annual_products",
    title="China's trade in goods with Korea by year, summed by WITS over products",
    columns=(
        Column("reporter_code", "text", "The reporter, as an ISO 3166 alpha-3 code."),
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code."),
        Column("year", "year", "The calendar year."),
        Column("exports_kusd", "number", "Exports FOB, thousand US$.", required=False, minimum=0),
        Column("imports_kusd", "number", "Imports CIF, thousand US$.", required=False, minimum=0),
    ),
    key=("reporter_code", "partner_code", "year"),
)

GOODS_ANNUAL_BILATERAL = Dataset(
    source="wits",
    name="goods_annual_bilateral",
    title="China's trade in goods with every partner, and every reporter's with China, by year, summed over products",
    columns=GOODS_ANNUAL_PRODUCTS.columns,
    key=GOODS_ANNUAL_PRODUCTS.key,
)

SOURCE = Source(
    code="wits",
    title="World Integrated Trade Solution (World Bank)",
    publisher="World Bank",
    homepage="https://wits.worldbank.org",
    datasets=(GOODS_ANNUAL_SUMMARY, GOODS_ANNUAL_PRODUCTS, GOODS_ANNUAL_BILATERAL),
)
