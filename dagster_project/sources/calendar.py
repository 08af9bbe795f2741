"""Publishers' release calendars, from which freshness and schedules are computed.

Here: a calendar's rule, and the days that follow from it. Not here: which figures are stored or late
(`publication.freshness`), or when a refresh runs (`defs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Frequency = Literal["A", "M"]


@dataclass(frozen=True)
class Releases:
    """The days on which a publisher releases new figures.

    Args:
        lags: For years (A) and months (M), the number of months from the period's last month to the month of release: 1
            is the next month. Empty if the publications have no periods and come at any time.
        day: The day of the release month by which the figures are published, 28 at most.
        months: The months of the year with a release; a figure waits for the next such month.
        provisional: An earlier day of the same months with provisional figures, which the release makes final.
        grace: Days after the release day before missing figures count as late; covers holidays and usual delays.
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
        """Return the day by which a period (YYYY or YYYY-MM) is released; None if the calendar has no such periods."""
        lag = self.lags.get("M" if len(period) == 7 else "A")
        if lag is None:
            return None
        # Months counted from January of the year 0.
        first = int(period[:4]) * 12 + int(period[5:] or 12) - 1 + lag
        year, month = divmod(next(one for one in range(first, first + 12) if one % 12 + 1 in self.months), 12)
        return date(year, month + 1, self.day)
