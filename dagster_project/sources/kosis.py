"""The Korean Statistical Information Service: Korea's trade by partner, as Korea Customs records it.

Here: the datasets taken from KOSIS table DT_1R11006_FRM101. Not here: how its API is called, or which of its figures
win.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

GOODS_ANNUAL = Dataset(
    source="kosis",
    name="goods_annual",
    title="Korea's exports and imports of goods by partner and year",
    columns=(
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code, current or historic."),
        Column("year", "year", "The calendar year."),
        Column("exports_usd", "number", "Exports FOB, US$.", required=False, minimum=0),
        Column("imports_usd", "number", "Imports CIF, US$.", required=False, minimum=0),
    ),
    key=("partner_code", "year"),
)

GOODS_ANNUAL_WORLD = Dataset(
    source="kosis",
    name="goods_annual_world",
    title="Korea's exports and imports of goods with the world by year",
    columns=(
        Column("year", "year", "The calendar year."),
        Column("exports_usd", "number", "Exports FOB to all partners, US$.", minimum=0),
        Column("imports_usd", "number", "Imports CIF from all partners, US$.", minimum=0),
    ),
    key=("year",),
)

GOODS_MONTHLY = Dataset(
    source="kosis",
    name="goods_monthly",
    title="Korea's exports and imports of goods with China by month",
    columns=(
        Column("partner_name", "text", "The partner, as KOSIS names it in English."),
        Column("month", "month", "The calendar month."),
        Column("exports_kusd", "number", "Exports FOB, thousand US$.", minimum=0),
        Column("imports_kusd", "number", "Imports CIF, thousand US$.", minimum=0),
    ),
    key=("partner_name", "month"),
)

SOURCE = Source(
    code="kosis",
    title="Korean Statistical Information Service (KOSIS)",
    homepage="https://kosis.kr",
    datasets=(GOODS_ANNUAL, GOODS_ANNUAL_WORLD, GOODS_MONTHLY),
)
