"""Define spans of time: whole years or months, which have figures, or days, which have none.

Not here: reading a span (`periods`).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Span:
    """Whole years or months, or some days, which have no figures.

    Args:
        start: The first day.
        end: The last day.
        earlier: The span that it is compared with; None if it stands alone.
    """

    start: date
    end: date
    earlier: Span | None = None

    @property
    def frequency(self) -> str:
        """Return A for whole years, M for whole months, D for others."""
        if self.start.day > 1 or (self.end + timedelta(days=1)).day > 1:
            return "D"
        return "A" if (self.start.month, self.end.month) == (1, 12) else "M"

    @property
    def precision(self) -> str:
        """Return whether it is a day, a month or a year, if it is one of these."""
        return {"A": "year", "M": "month", "D": "day"}[self.frequency]

    @property
    def count(self) -> int:
        """Return the number of years or months."""
        return self.months // 12 if self.frequency == "A" else self.months

    @property
    def months(self) -> int:
        """Return the length in months."""
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1

    @property
    def before(self) -> Span:
        """Return the same span a year before; of several years, as many before."""
        years = self.count if self.frequency == "A" else 1
        return months(self.start.year - years, self.start.month, self.end.year - years, self.end.month)

    @property
    def after(self) -> Span:
        """Return the same span a year later; of several years, as many later."""
        years = self.count if self.frequency == "A" else 1
        return months(self.start.year + years, self.start.month, self.end.year + years, self.end.month)

    def __str__(self) -> str:
        first, last = (str(one)[: {"A": 4, "M": 7, "D": 10}[self.frequency]] for one in (self.start, self.end))
        text = first if first == last else f"{first} to {last}"
        return f"{text} against {self.earlier}" if self.earlier else text


def months(year: int, month: int, to_year: int, to_month: int) -> Span:
    """Make a span from a month to a month."""
    return Span(date(year, month, 1), date(to_year, to_month, calendar.monthrange(to_year, to_month)[1]))


def years(first: int, last: int | None = None) -> Span:
    """Make a span of whole years."""
    return months(first, 1, last or first, 12)
