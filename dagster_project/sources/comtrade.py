"""UN Comtrade: what each economy reports to the United Nations.

Here: the datasets taken from UN Comtrade, with its own numeric area codes. Not here: how its API is called, or the
translation of its codes (`warehouse/reference/economy_codes.csv`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

_REPORTER = Column("reporter_code", "text", "The reporter, as Comtrade's numeric code.")
_PARTNER = Column("partner_code", "text", "The partner, as Comtrade's numeric code.")
_YEAR = Column("year", "year", "The calendar year.")
_FLOW = Column("flow_code", "text", "X for exports (FOB), M for imports (CIF).", values=("M", "X"))
_VALUE = Column("value_usd", "number", "The value as reported, US$.", minimum=0)

GOODS_ANNUAL = Dataset(
    source="comtrade",
    name="goods_annual",
    title="Trade in goods by reporter, partner and year, totals",
    columns=(_REPORTER, _PARTNER, _YEAR, _FLOW, _VALUE),
    key=("reporter_code", "partner_code", "year", "flow_code"),
)

GOODS_ANNUAL_SITC4 = Dataset(
    source="comtrade",
    name="goods_annual_sitc4",
    title="China's trade in goods with ten partners by SITC Rev. 4 division and year",
    columns=(
        _REPORTER,
        _PARTNER,
        _YEAR,
        _FLOW,
        Column("product_code", "text", "The two-digit division of SITC Rev. 4."),
        _VALUE,
    ),
    key=("reporter_code", "partner_code", "year", "flow_code", "product_code"),
)

GOODS_ANNUAL_HS6_SELECTED = Dataset(
    source="comtrade",
    name="goods_annual_hs6_selected",
    title="Korea's largest traded products with China by HS subheading and year (a selection, not a total)",
    columns=(
        _REPORTER,
        _PARTNER,
        _YEAR,
        _FLOW,
        Column("product_code", "text", "The six-digit subheading, in the HS edition Korea reported that year."),
        _VALUE,
    ),
    key=("reporter_code", "partner_code", "year", "flow_code", "product_code"),
)

SOURCE = Source(
    code="comtrade",
    title="UN Comtrade",
    homepage="https://comtradeplus.un.org",
    datasets=(GOODS_ANNUAL, GOODS_ANNUAL_SITC4, GOODS_ANNUAL_HS6_SELECTED),
)
