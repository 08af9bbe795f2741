"""When publishers release new figures: the one declaration that freshness and schedules come from.

Here: the rule behind a publisher's calendar, and the days that follow from it. Not here: what is held or late
(`publication.freshness`), or when anybody is asked (`defs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

Frequency = Literal["A", "M"]


@dataclass(frozen=True)
class Releases:
    """When a publisher releases new figures.

    Args:
        lags: For years (A) and months (M), the month of the release counted from the period's last month: 1 is the next
            one. Empty if what is published has no periods, and comes at any time.
        day: The day of that month by which the figures are there, 28 at most.
        months: The months of the year with a release; a figure waits for the next of them.
        provisional: A day of the same months with figures that the later release makes final.
        grace: Days after which figures that are not there are late: holidays, and the delays that are usual.
    """

    lags: Mapping[Frequency, int]
    day: int
    months: tuple[int, ...] = tuple(range(1, 13))
    provisional: int | None = None
    grace: int = 14

    @property
    def cron(self) -> str:
        """Return its days as the last three fields of a cron line: the day, the month, any day of the week."""
        days = ",".join(str(day) for day in (self.provisional, self.day) if day is not None)
        months = "*" if len(self.months) == 12 else ",".join(str(month) for month in self.months)
        return f"{days} {months} *"

    def find_due_day(self, period: str) -> date | None:
        """Return the day by which figures of a period, YYYY or YYYY-MM, are released; None if it does not say."""
        lag = self.lags.get("M" if len(period) == 7 else "A")
        if lag is None:
            return None
        # Months counted from January of the year 0.
        first = int(period[:4]) * 12 + int(period[5:] or 12) - 1 + lag
        year, month = divmod(next(one for one in range(first, first + 12) if one % 12 + 1 in self.months), 12)
        return date(year, month + 1, self.day)
