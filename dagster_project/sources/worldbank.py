"""The World Bank: World Development Indicators, release by release.

Here: the dataset and its key. Not here: what an indicator means or its unit (`sql/staging`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

WDI = Dataset(
    source="worldbank",
    name="wdi",
    title="World Development Indicators by economy and year, in several releases",
    columns=(
        Column("indicator_code", "text", "The World Bank's code of the indicator."),
        Column("economy_code", "text", "The economy or aggregate, as the World Bank's three-letter code."),
        Column("year", "year", "The calendar year."),
        Column("value", "number", "The value, in the indicator's own unit."),
    ),
    key=("indicator_code", "economy_code", "year"),
)

SOURCE = Source(
    code="worldbank",
    title="World Bank, World Development Indicators",
    homepage="https://databank.worldbank.org/source/world-development-indicators",
    datasets=(WDI,),
)
