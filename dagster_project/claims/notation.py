"""Read printed days, and write days and numbers with a unit, a scale and decimals.

Not here: reading numbers (`values`), and comparing them with figures (`comparison`).
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime

from dagster_project.claims.spans import Span, months

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

# Scales of Korean and Chinese, as they are written in English: how often the number, and in what scale.
_IN_ENGLISH: dict[str | None, tuple[float, str | None]] = {
    "hundred million": (0.1, "billion"), "ten thousand": (1e4, None)
}  # fmt: skip

# A double has fifteen digits: numbers that differ by less are equal.
ROUNDING_ERROR = 1e-12

_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def parse_day(value: object) -> Span | None:
    """Parse a date, `YYYY-MM-DD`, `YYYY-MM` or `YYYY` as that day, month or year; None for anything else."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    match = _DAY.fullmatch(str(value))
    if match is None:
        return None
    year, month, day = (int(digits) if digits else None for digits in match.groups())
    try:
        if year and month and day:
            return Span(date(year, month, day), date(year, month, day))
        return months(year or 0, month or 1, year or 0, month or 12)
    except ValueError:
        return None


def parse_day_pair(value: object) -> tuple[Span, Span] | None:
    """Parse two days, months or years with a slash between (`2016-08/2017-04-26`); None for anything else."""
    if not isinstance(value, str) or value.count("/") != 1:
        return None
    first, second = (parse_day(part) for part in value.split("/"))
    return (first, second) if first and second else None


def format_amount(value: float, unit: str | None, scale: str | None, decimals: int) -> str:
    """Format a number of the printed scale: `US$55.6bn`, `−18.0%`."""
    if scale in _IN_ENGLISH:
        # Nobody writes hundred million or ten thousand in English.
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
    """Choose the decimals that show whether a figure is the printed one, and how it rounds.

    One more than printed, or more if needed: −18.0397 beside a printed −18 is shown as −18.04, and 55.6499 beside 55.6
    not as 55.65. A figure without further decimals is shown as it is.
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
