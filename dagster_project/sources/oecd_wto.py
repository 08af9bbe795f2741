"""The OECD and the WTO: the Balanced Trade in Services dataset (BaTIS), EBOPS 2010 items.

Here: two editions, kept apart because each edition re-estimates every year. Not here: which value basis a table shows.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

_ITEM = Column("item_code", "text", "The EBOPS 2010 item; S is all services.")

SERVICES_ANNUAL = Dataset(
    source="oecd_wto",
    name="services_annual",
    title="China's trade in services by partner, item and year, balanced values",
    columns=(
        Column("reporter_name", "text", "The reporter, as an ISO 3166 alpha-3 code."),
        Column("partner_name", "text", "The partner's or aggregate's name."),
        Column("flow", "text", "Exports or Imports.", values=("Exports", "Imports")),
        _ITEM,
        Column("year", "year", "The calendar year."),
        Column("value_usd", "number", "The balanced value, US$.", minimum=0),
    ),
    key=("reporter_name", "partner_name", "flow", "item_code", "year"),
)

SERVICES_ANNUAL_POINTS = Dataset(
    source="oecd_wto",
    name="services_annual_points",
    title="Korea's trade in services, single figures of the edition of December 2025",
    columns=(
        Column("reporter_code", "text", "The reporter, as an ISO 3166 alpha-3 code."),
        Column("partner_code", "text", "The partner, as an ISO 3166 alpha-3 code, or WLD."),
        Column("flow", "text", "EXP or IMP.", values=("EXP", "IMP")),
        _ITEM,
        Column("year", "year", "The calendar year."),
        Column("value_musd", "number", "The value, million US$.", minimum=0),
        Column("value_basis", "text", "Which of BaTIS's three values this is.", values=("balanced", "reported")),
    ),
    key=("reporter_code", "partner_code", "flow", "item_code", "year", "value_basis"),
)

SOURCE = Source(
    code="oecd_wto",
    title="OECD–WTO Balanced Trade in Services (BaTIS)",
    homepage="https://www.oecd.org/en/data/datasets/balanced-trade-statistics.html",
    datasets=(SERVICES_ANNUAL, SERVICES_ANNUAL_POINTS),
)
