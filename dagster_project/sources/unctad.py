"""UNCTAD: its Merchandise Trade Matrix, trade by pair and SITC section.

Here: the two years taken from it. Not here: the year 2015, which holds an estimate far from the reported figure.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source

PRODUCTS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "All")

GOODS_ANNUAL_SITC3 = Dataset(
    source="unctad",
    name="goods_annual_sitc3",
    title="Exports to and from Korea and China by SITC Rev. 3 section, 1995 and 2005",
    columns=(
        Column("exporter_name", "text", "The exporter, which reports; UNCTAD's name without spaces."),
        Column("importer_name", "text", "The importer; UNCTAD's name without spaces."),
        Column("year", "year", "The calendar year."),
        Column("product_code", "text", "A section of SITC Rev. 3, or All.", values=PRODUCTS),
        Column("exports_kusd", "number", "Exports, thousand US$.", minimum=0),
    ),
    key=("exporter_name", "importer_name", "year", "product_code"),
)

SOURCE = Source(
    code="unctad",
    title="UNCTAD Merchandise Trade Matrix",
    publisher="UN Trade and Development (UNCTAD)",
    homepage="https://unctadstat.unctad.org",
    datasets=(GOODS_ANNUAL_SITC3,),
)
