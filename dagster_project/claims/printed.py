"""What a sentence prints: days of a stated precision, numbers with a scale and decimals.

Here: reading and writing them. Not here: comparing them with figures (`comparators`).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Precision = Literal["day", "month", "year"]

# Words for powers of ten, and how they are written behind a number.
SCALES = {
    "thousand": (1e3, " thousand"),
    "ten thousand": (1e4, "0 thousand"),
    "million": (1e6, "m"),
    "hundred million": (1e8, "00m"),
    "billion": (1e9, "bn"),
    "trillion": (1e12, "tn"),
}
CURRENCIES = {"USD": "US$", "CNY": "CNY ", "KRW": "KRW ", "EUR": "€"}

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Day:
    """A day, month or year, as printed.

    Args:
        start: Its first day.
        precision: Whether a day, a month or a year is meant.
    """

    start: date
    precision: Precision

    @property
    def end(self) -> date:
        """Its last day."""
        if self.precision == "year":
            return date(self.start.year, 12, 31)
        if self.precision == "month":
            return self.start.replace(day=calendar.monthrange(self.start.year, self.start.month)[1])
        return self.start

    def holds(self, other: date) -> bool:
        """Whether `other` lies in it."""
        return self.start <= other <= self.end

    def __str__(self) -> str:
        return self.start.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]


def day(value: object) -> Day | None:
    """A date, `YYYY-MM-DD`, `YYYY-MM` or `YYYY` as a day of that precision; None for anything else."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return Day(value, "day")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    match = _DAY.fullmatch(str(value))
    if match is None:
        return None
    year, month, of_month = match.groups()
    try:
        start = date(int(year), int(month or 1), int(of_month or 1))
    except ValueError:
        return None
    return Day(start, "day" if of_month else "month" if month else "year")
