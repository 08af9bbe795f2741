"""The Korea Customs Service: the freshest Korean figures, by month.

Here: the datasets taken from its open API. Not here: how that API is called, or which of its figures win.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

GOODS_MONTHLY = Dataset(
    source="kcs",
    name="goods_monthly",
    title="Korea's exports and imports of goods by partner and month",
    columns=(
        Column("partner_iso2", "text", "The partner, as an ISO 3166 alpha-2 code."),
        Column("month", "month", "The calendar month."),
        Column("exports_usd", "number", "Exports FOB, US$.", minimum=0),
        Column("imports_usd", "number", "Imports CIF, US$.", minimum=0),
        Column("balance_usd", "number", "Exports less imports as customs prints it, US$."),
    ),
    key=("partner_iso2", "month"),
)

GOODS_MONTHLY_HS = Dataset(
    source="kcs",
    name="goods_monthly_hs",
    title="Korea's exports of integrated circuits (HS 8542) to China by month, with weight",
    columns=(
        Column("hs_code", "text", "The heading of the Harmonized System."),
        Column("partner_iso2", "text", "The partner, as an ISO 3166 alpha-2 code."),
        Column("month", "month", "The calendar month."),
        Column("exports_usd", "number", "Exports FOB, US$.", minimum=0),
        Column("exports_kg", "number", "Net weight exported, kg.", minimum=0),
    ),
    key=("hs_code", "partner_iso2", "month"),
)

SOURCE = Source(
    code="kcs",
    title="Korea Customs Service",
    homepage="https://www.customs.go.kr",
    datasets=(GOODS_MONTHLY, GOODS_MONTHLY_HS),
)
