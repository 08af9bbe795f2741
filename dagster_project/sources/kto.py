"""The Korea Tourism Organization: who comes to Korea, by nationality and month.

Here: the visitor arrivals of KOSIS table DT_AGE_ENT_AGG_MONTH. Not here: entries as the Ministry of Justice counts
them, which are of another basis, or what travellers spend, which is trade in services.
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source
from dagster_project.sources.calendar import Releases

ARRIVALS_MONTHLY = Dataset(
    source="kto",
    name="arrivals_monthly",
    title="Visitor arrivals in Korea by nationality, age and month",
    columns=(
        Column("nationality", "text", "The visitors' nationality, as the source writes it; Total for all."),
        Column("month", "month", "The calendar month."),
        Column("arrivals", "integer", "Persons who arrived, crews of ships and aircraft among them.", minimum=0),
        *(
            Column(f"aged_{age}", "integer", f"Those of them aged {age.replace('_', ' to ')}; no crews.", minimum=0)
            for age in ("0_20", "21_30", "31_40", "41_50", "51_60", "61_up")
        ),
    ),
    key=("nationality", "month"),
)

SOURCE = Source(
    code="kto",
    title="Korea Tourism Organization, through KOSIS",
    publisher="Korea Tourism Organization",
    homepage="https://kosis.kr/statHtml/statHtml.do?orgId=314&tblId=DT_AGE_ENT_AGG_MONTH",
    datasets=(ARRIVALS_MONTHLY,),
    releases=Releases({"M": 1}, day=28),
)
