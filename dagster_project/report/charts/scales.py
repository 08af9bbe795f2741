"""Choose units and ticks of a chart's axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dagster_project.languages import get_language
from dagster_project.questions.wording import format_number

# The decimals of labels by the divisor, if not one: 180억 is as exact as 18.0 billion.
DECIMALS = {1e8: 0, 1e4: 0}


def scale_amounts(values: Sequence[float]) -> tuple[float, str]:
    """Return the divisor for amounts in US$, and the unit after division."""
    is_large, is_english = max(abs(value) for value in values) >= 1e9, get_language() == "en"
    large, small = ((1e9, "US$ billion"), (1e6, "US$ million")) if is_english else ((1e8, "억 달러"), (1e4, "만 달러"))
    return large if is_large else small


def scale_unit(unit: str, values: Sequence[float]) -> tuple[float, str]:
    """Return the divisor for values in a unit, and the unit that a chart shows."""
    if unit == "US$":
        return scale_amounts(values)
    persons = (1e3, "thousand") if get_language() == "en" else (1e4, "만 명")
    return {"percent": (1.0, "%"), "persons": persons}.get(unit, (1.0, unit))


def list_ticks(low: float, high: float, most: int) -> dict[float, str]:
    """List at most `most` round values, from `low` or below to `high` or above, each with its text."""
    power = 10.0 ** math.floor(math.log10((high - low) / most or 1.0))
    for step in (size * power for size in (1, 2, 5, 10, 20)):
        numbers = range(math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9) + 1)
        if len(numbers) <= most:
            break
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return {number * step: format_number(number * step, decimals) for number in numbers}
