"""The Bank of Korea: Korea's balance of payments by region.

Here: the figures of its table 301Y015 that could be had. Not here: the bank's balances as newspapers printed them
(`register`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

SERVICES_ANNUAL = Dataset(
    source="bok",
    name="services_annual",
    title="Korea's receipts and payments for services by partner and year",
    columns=(
        Column("reporter_code", "text", "The reporter, as an ISO 3166 alpha-3 code."),
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code, or WLD."),
        Column("flow", "text", "EXP or IMP.", values=("EXP", "IMP")),
        Column("item_code", "text", "The EBOPS 2010 item; S is all services."),
        Column("year", "year", "The calendar year."),
        Column("value_musd", "number", "The value, million US$.", minimum=0),
    ),
    key=("reporter_code", "partner_code", "flow", "item_code", "year"),
)

SOURCE = Source(
    code="bok",
    title="Bank of Korea, Economic Statistics System (ECOS)",
    homepage="https://ecos.bok.or.kr",
    datasets=(SERVICES_ANNUAL,),
)
