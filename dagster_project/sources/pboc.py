"""The People's Bank of China: the central parity at which China's customs converts the trade of a month.

Here: the parities of the days that customs takes, typed over. Not here: averages of a month (`frb`, `bok`), or what is
converted with the parities (`sql/core`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source
from dagster_project.sources.calendar import Releases

CENTRAL_PARITIES = Dataset(
    source="pboc",
    name="central_parities",
    title="Central parity of the yuan on the days whose rate China's customs converts a trade month with",
    columns=(
        Column("trade_month", "month", "The month of trade that is converted with it."),
        Column("rate_date", "date", "The day of the parity, in the month before."),
        Column("rule", "text", "Which day that is.", values=("fourth_wednesday", "third_wednesday")),
        Column("cny_per_usd", "number", "Yuan for a US dollar.", minimum=1, maximum=20),
    ),
    key=("trade_month",),
)

SOURCE = Source(
    code="pboc",
    title="People's Bank of China, central parity of the yuan",
    publisher="People's Bank of China",
    homepage="https://www.chinamoney.com.cn/english/bmkcpr/",
    datasets=(CENTRAL_PARITIES,),
    releases=Releases({"M": -1}, day=28),  # By the fourth Wednesday of the month before.
)
