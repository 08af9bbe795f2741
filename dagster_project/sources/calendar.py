"""Compute the days on which publishers release figures; schedules and the freshness of figures follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from dagster_project.settings import Frequency


@dataclass(frozen=True)
class Releases:
    """The rule by which a publisher releases new figures.

    Args:
        lags: For years (A) and months (M), the number of months from the last month of a period to the month of the
            release; for example, 1 is the next month. Empty if figures come at any time and have no periods.
        day: The day of the release month by which the figures are published, 28 at most.
        months: The months in which figures are released; figures due in any other month wait for the next of these.
        provisional: An earlier day of the same months on which provisional figures are published.
        grace: The number of days after the release day for which missing figures do not yet count as late.
    """

    lags: Mapping[Frequency, int]
    day: int
    months: tuple[int, ...] = tuple(range(1, 13))
    provisional: int | None = None
    grace: int = 14

    @property
    def cron(self) -> str:
        """Return the release days as the last three fields of a cron line: day, month, any day of the week."""
        days = ",".join(str(day) for day in (self.provisional, self.day) if day is not None)
        months = "*" if len(self.months) == 12 else ",".join(str(month) for month in self.months)
        return f"{days} {months} *"

    def find_due_day(self, period: str) -> date | None:
        """Return the day by which a year (YYYY) or a month (YYYY-MM) is released; None if `lags` does not have it."""
        lag = self.lags.get("M" if len(period) == 7 else "A")
        if lag is None:
            return None
        # Months counted from January of the year 0.
        first = int(period[:4]) * 12 + int(period[5:] or 12) - 1 + lag
        year, month = divmod(next(one for one in range(first, first + 12) if one % 12 + 1 in self.months), 12)
        return date(year, month + 1, self.day)
