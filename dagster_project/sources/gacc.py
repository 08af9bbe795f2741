"""China's customs (GACC): its trade by country and month, in yuan, as its bulletin prints it.

Here: the table by country of the monthly bulletin, typed over. Not here: what the yuan are in US$ (`sql/core`), or
which months China releases together (`warehouse/reference/joint_months.csv`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source
from dagster_project.sources.calendar import Releases

GOODS_MONTHLY = Dataset(
    source="gacc",
    name="goods_monthly",
    title="China's exports and imports of goods by partner and month, first releases in yuan",
    columns=(
        Column("partner_name", "text", "The partner, as the bulletin names it in Chinese."),
        Column("month", "month", "The calendar month."),
        Column("total_10k_cny", "number", "Exports and imports of the month as printed, 10,000 yuan.", minimum=0),
        Column("total_ytd_10k_cny", "number", "The same from January on, 10,000 yuan.", minimum=0),
        Column("exports_10k_cny", "number", "Exports FOB of the month, 10,000 yuan.", minimum=0),
        Column("exports_ytd_10k_cny", "number", "Exports FOB from January on, 10,000 yuan.", minimum=0),
        Column("imports_10k_cny", "number", "Imports CIF of the month, 10,000 yuan.", minimum=0),
        Column("imports_ytd_10k_cny", "number", "Imports CIF from January on, 10,000 yuan.", minimum=0),
    ),
    key=("partner_name", "month"),
)

SOURCE = Source(
    code="gacc",
    title="General Administration of Customs of China (GACC)",
    publisher="General Administration of Customs of China",
    homepage="https://www.customs.gov.cn",
    datasets=(GOODS_MONTHLY,),
    releases=Releases({"M": 1}, day=20),
)
