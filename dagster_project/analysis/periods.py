"""Convert between days and the ordinals by which pandas counts months and years since 1970.

Not here: series of periods (`series`), which need pandas.
"""

from __future__ import annotations

from datetime import date

# SQL expressions for the ordinal of a month and of a year.
MONTH, YEAR = "date_diff('month', date '1970-01-01', period_start)", "year - 1970"


def get_month_ordinal(day: date) -> int:
    """Return the ordinal of a day's month."""
    return 12 * (day.year - 1970) + day.month - 1


def get_first_day(month: int) -> date:
    """Return the first day of a month, given as the number of months since January 1970."""
    return date(1970 + month // 12, month % 12 + 1, 1)
