"""Define the type of a period (`Span`), parse days, and format numbers as they are printed.

Not here: reading periods (`periods`) and values (`values`) as people write them.
"""

from __future__ import annotations

import calendar
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

# Words for powers of ten, and how they are written behind a number.
SCALES = {
    "thousand": (1e3, " thousand"),
    "ten thousand": (1e4, " ten thousand"),
    "million": (1e6, "m"),
    "hundred million": (1e8, " hundred million"),
    "billion": (1e9, "bn"),
    "trillion": (1e12, "tn"),
}
CURRENCIES = {"USD": "US$", "CNY": "CNY ", "KRW": "KRW ", "JPY": "JPY ", "EUR": "€"}
CURRENCY_WORDS = {"USD": "US dollars", "CNY": "yuan", "KRW": "won", "JPY": "yen"}
UNITS = {"%": "%", "pp": " percentage points", "ratio": " times"}
# Scales of Korean and Chinese, each with a factor and a scale for English: 180 hundred million is 18 billion.
_IN_ENGLISH: dict[str | None, tuple[float, str | None]] = {
    "hundred million": (0.1, "billion"), "ten thousand": (1e4, None)
}  # fmt: skip
# A double has fifteen digits: numbers that differ by less are equal.
ROUNDING_ERROR = 1e-12
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Span:
    """A period: whole years, whole months, or days; periods of days have no figures."""

    # Reject other fields in pydantic models.
    __pydantic_config__: ClassVar = {"extra": "forbid"}

    start: date  # the first day
    end: date  # the last day
    earlier: Span | None = None  # the earlier span of a comparison, as 2022 in 2022->2023; else None

    @property
    def frequency(self) -> str:
        """Return A for a period of whole years, M for whole months, D for days."""
        if self.start.day > 1 or (self.end + timedelta(days=1)).day > 1:
            return "D"
        return "A" if (self.start.month, self.end.month) == (1, 12) else "M"

    @property
    def precision(self) -> str:
        """Return the precision of a date: `year`, `month` or `day`; only meaningful for one year, month or day."""
        return {"A": "year", "M": "month", "D": "day"}[self.frequency]

    @property
    def months(self) -> int:
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1

    @property
    def count(self) -> int:
        """Return the number of years, or of months if the period is not of whole years."""
        return self.months // 12 if self.frequency == "A" else self.months

    @property
    def alone(self) -> Span:
        """Return the span without the earlier span of a comparison."""
        return Span(self.start, self.end)

    @property
    def before(self) -> Span:
        """Return the same months a year earlier; for a span of n years, the n years before."""
        return self.alone.shift_years(-self.count if self.frequency == "A" else -1)

    def part_at(self, day: date) -> Span:
        """Return the year or the month that contains a day: a year if the span consists of years."""
        if self.frequency == "A":
            return make_years(day.year)
        return make_months(day.year, day.month, day.year, day.month)

    @property
    def after(self) -> Span:
        """Return the same months a year later; for a span of n years, the n years after."""
        return self.alone.shift_years(self.count if self.frequency == "A" else 1)

    def shift_years(self, by: int) -> Span:
        """Return the span, and its earlier span, moved by a number of years."""
        moved = make_months(self.start.year + by, self.start.month, self.end.year + by, self.end.month)
        return Span(moved.start, moved.end, self.earlier.shift_years(by) if self.earlier else None)

    def list_labels(self, *, monthly: bool = False) -> list[str]:
        """List the span's years ("2018") or months ("2018-05"), as figures are labelled."""
        if self.frequency == "A" and not monthly:
            return [str(year) for year in range(self.start.year, self.end.year + 1)]
        first = 12 * self.start.year + self.start.month - 1
        return [f"{n // 12}-{n % 12 + 1:02}" for n in range(first, first + self.months)]

    def __str__(self) -> str:
        first, last = (str(one)[: {"A": 4, "M": 7, "D": 10}[self.frequency]] for one in (self.start, self.end))
        text = first if first == last else f"{first} to {last}"
        return f"{text} against {self.earlier}" if self.earlier else text


def make_months(year: int, month: int, to_year: int, to_month: int) -> Span:
    """Make the period from one month to another, both included."""
    return Span(date(year, month, 1), date(to_year, to_month, calendar.monthrange(to_year, to_month)[1]))


def make_years(first: int, last: int | None = None) -> Span:
    """Make the period from one year to another, both included; of one year if `last` is None."""
    return make_months(first, 1, last or first, 12)


def parse_day(value: object) -> Span | None:
    """Parse a date, or a text such as "2023-07-01", "2023-07" or "2023", to a period; return None for other values."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if match := _DAY.fullmatch(str(value)):
        year, month, day = (int(digits) if digits else None for digits in match.groups())
        with suppress(ValueError):
            if year and month and day:
                return Span(date(year, month, day), date(year, month, day))
            return make_months(year or 0, month or 1, year or 0, month or 12)
    return None


def format_amount(value: float, unit: str | None, scale: str | None, decimals: int) -> str:
    """Format a number in a printed scale, with its unit; for example 55.6, USD, billion as `US$55.6bn`."""
    if scale in _IN_ENGLISH:
        times, scale = _IN_ENGLISH[scale]
        value, decimals = value * times, max(0, decimals - round(math.log10(times)))
    digits = f"{abs(value):,.{decimals}f}"
    minus = "−" if value < 0 and any(digit in "123456789" for digit in digits) else ""
    before, after = CURRENCIES.get(unit or "", ""), UNITS.get(unit or "", "")
    if unit and not before and not after:
        after = f" {unit}"
    if digits == "1":
        after = after.removesuffix("s")
    return f"{minus}{before}{digits}{SCALES[scale][1] if scale else ''}{after}"


def choose_decimals(value: float, decimals: int) -> int:
    """Choose the number of decimals of a figure, to show how it rounds to a claimed number with `decimals`.

    A figure gets another decimal, or several if one would mislead. For example, −18.0397 is shown as −18.04 beside
    −18, but 55.6499 in full beside 55.6, because 55.65 would round to 55.7. No zeros are added beyond `decimals`.
    """
    rounded = round(value, decimals)
    if abs(rounded - value) <= ROUNDING_ERROR * abs(value):
        return decimals
    for more in range(decimals + 1, decimals + 6):
        shown = round(value, more)
        half = abs(abs(shown) * 10**decimals % 1 - 0.5) < ROUNDING_ERROR * 10**decimals * max(abs(value), 1)
        if abs(shown - value) <= ROUNDING_ERROR * abs(value) or not (half or shown == rounded):
            return more
    return decimals + 6
