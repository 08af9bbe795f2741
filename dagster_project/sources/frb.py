"""The Board of Governors of the Federal Reserve System: what a US dollar costs, by month.

Here: the averages of its release H.10 as FRED tabulates them. Not here: what is converted with them (`sql/core`).
"""

from __future__ import annotations

from dagster_project.sources import Column, Dataset, Source
from dagster_project.sources.calendar import Releases

EXCHANGE_RATES_MONTHLY = Dataset(
    source="frb",
    name="exchange_rates_monthly",
    title="Exchange rates against the US dollar by month, averages of daily noon rates in New York",
    columns=(
        Column("series_code", "text", "FRED's series: EXKOUS for won, EXCHUS for yuan.", values=("EXCHUS", "EXKOUS")),
        Column("month", "month", "The calendar month."),
        Column("units_per_usd", "number", "Units of the currency for a US dollar.", minimum=0),
    ),
    key=("series_code", "month"),
)

SOURCE = Source(
    code="frb",
    title="Federal Reserve Board, foreign exchange rates (H.10)",
    publisher="Federal Reserve Board",
    homepage="https://www.federalreserve.gov/releases/h10/",
    datasets=(EXCHANGE_RATES_MONTHLY,),
    # Its release G.5: https://www.federalreserve.gov/releases/g5/
    releases=Releases({"M": 1}, day=2),
)
