"""The International Monetary Fund's Direction of Trade Statistics (now IMTS): any pair, both reporters.

Here: the datasets taken from it. Not here: how its API is called, or the months that are known to be wrong
(`warehouse/corrections`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

GOODS_MONTHLY = Dataset(
    source="imf",
    name="goods_monthly",
    title="Trade in goods among fifteen economies by month, each reporting for itself",
    columns=(
        Column("reporter_name", "text", "The reporter's name."),
        Column("partner_name", "text", "The partner's name."),
        Column("month", "month", "The calendar month."),
        Column("flow", "text", "export (FOB) or import (CIF).", values=("export", "import")),
        Column("value_musd", "number", "The value, million US$; 0 stands for no figure.", minimum=0),
    ),
    key=("reporter_name", "partner_name", "month", "flow"),
)

GOODS_ANNUAL_CHN_IMPORTS = Dataset(
    source="imf",
    name="goods_annual_chn_imports",
    title="China's imports of goods by partner and year",
    columns=(
        Column("reporter_name", "text", "The reporter's name: mainland China."),
        Column("partner_name", "text", "The partner's name, an aggregate or a remainder."),
        Column("year", "year", "The calendar year."),
        Column("imports_usd", "number", "Imports CIF, US$.", required=False, minimum=0),
    ),
    key=("reporter_name", "partner_name", "year"),
)

SOURCE = Source(
    code="imf",
    title="International Monetary Fund, Direction of Trade Statistics",
    homepage="https://data.imf.org",
    datasets=(GOODS_MONTHLY, GOODS_ANNUAL_CHN_IMPORTS),
)
