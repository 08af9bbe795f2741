"""Periods of a text: the neighbouring parts that name one become one part, with the span that is meant.

Here: years, months, quarters, halves, days and ranges of them, by the day of publication where they name no year. Not
here: the parts (`spotting`), and spans, two of them, and parts of a month where they stand alone (`periods`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from dagster_project.claims import periods
from dagster_project.claims.spotting import Part, parts_of


@dataclass
class _Atoms:
    """What a run of neighbouring parts says of one period."""

    years: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    days: int = 0
    day: int = 0
    half: int = 0
    quarter: int = 0
    first: int = 0
    is_open: bool = False
    is_through: bool = False
    month_of: int | None = None
    joined: bool = False
    is_relative: bool = False


def spot(text: str, published_on: date) -> list[Part]:
    """Return the parts of a text, in order."""
    found = _with_periods(parts_of(text), published_on)
    # A period is made of several parts; it has the text that they span.
    return [replace(one, text=text[one.start : one.end]) if one.kind == "period" else one for one in found]


def _with_periods(parts: Sequence[Part], published_on: date) -> list[Part]:
    found: list[Part] = []
    at = 0
    years = {
        int(one.number)
        for at, one in enumerate(parts)
        if one.kind == "year" and not any("since" in near or "base" in near for near in parts[max(0, at - 3) : at])
    }
    while at < len(parts):
        end, atoms = _atoms(parts, at, published_on)
        period = _period(parts[at:end], atoms, published_on, years) if end > at else None
        if period is None:
            found.append(parts[at])
            at += 1
        else:
            found.append(period)
            at = end
    return found


def _atoms(parts: Sequence[Part], start: int, published_on: date) -> tuple[int, _Atoms]:  # noqa: C901 - a list
    """The parts from a place on that make one period, and what they say."""
    atoms, at, end, joined = _Atoms(), start, start, False
    while at < len(parts):
        one = parts[at]
        after = parts[at + 1] if at + 1 < len(parts) else None
        step = 1
        if one.kind == "year" and (len(atoms.years) < 1 or (joined and len(atoms.years) < 2)):
            atoms.years.append(int(one.number))
        elif "year" in one and not atoms.years:
            atoms.years.append(published_on.year + int(one["year"]))
            atoms.is_relative = one["year"] == "0"
        elif (
            ("month" in one or one.kind == "month")
            and 1 <= _month(one) <= 12
            and (not atoms.months or joined or (len(atoms.months) == 1 and after is not None and one.kind != "month"))
            and len(atoms.months) < 2
        ):
            atoms.months.append(_month(one))
        elif "month_of" in one and atoms.month_of is None:
            atoms.month_of = int(one["month_of"])
        elif ("half" in one) and not atoms.half:
            atoms.half = int(one["half"])
        elif ("quarter" in one or one.kind == "quarter") and not atoms.quarter:
            atoms.quarter = int(one["quarter"]) if "quarter" in one else int(one.number)
        elif "ordinal" in one and one["ordinal"] == "1" and after is not None and after.kind in {"length", "day"}:
            if after.kind == "day":
                atoms.days = int(after.number)
            elif after.unit == "months":
                atoms.first = int(after.number)
            elif after.unit == "quarters":
                atoms.first = 3 * int(after.number)
            else:
                break
            step = 2
        elif "days" in one and (atoms.months or atoms.month_of is not None):
            atoms.days = 1
        elif one.kind == "day" and 1 <= one.number <= 31:
            atoms.day, atoms.days = int(one.number), atoms.days or int(joined and bool(atoms.day or atoms.months))
        elif (
            one.kind in {"number", "nth"}
            and one.says.isdigit()
            and 1 <= one.number <= 31
            and (_is_day(parts, at, atoms, joined=joined))
        ):
            atoms.days = atoms.days or int(joined or atoms.day > 0)
            atoms.day = int(one.number)
        elif one.kind == "number" and one.says.isdigit() and 1 <= one.number <= 12 and _opens_months(parts, at):
            atoms.months.append(int(one.number))
        elif end > start and (
            "joiner" in one or "through" in one or "within" in one or one.kind == "," or _is_between(parts, start, at)
        ):
            if one.kind == "," and one.text != ",":
                break
            joined = joined or "joiner" in one or "and" in one
            atoms.is_through = atoms.is_through or one.senses.get("through") == "january"
            at += 1
            continue
        else:
            break
        at += step
        end = at
        joined = False
    return end, atoms


def _month(part: Part) -> int:
    return int(part["month"]) if "month" in part else int(part.number)


def _is_day(parts: Sequence[Part], at: int, atoms: _Atoms, *, joined: bool) -> bool:
    """Whether a bare number is a day of the month before it, or begins a range of days."""
    before = parts[at - 1] if at else None
    if before is not None and "month" in before and before.kind == "word":
        return True
    if (joined and atoms.day) or (at + 1 < len(parts) and parts[at + 1].kind == "word" and "month" in parts[at + 1]):
        return True
    # 1~20일
    return at + 2 < len(parts) and "joiner" in parts[at + 1] and parts[at + 2].kind == "day"


def _is_between(parts: Sequence[Part], start: int, at: int) -> bool:
    """Whether an `and` joins the two ends of one period: between January and March."""
    return "and" in parts[at] and start > 0 and parts[start - 1].text.lower() == "between"


def _opens_months(parts: Sequence[Part], at: int) -> bool:
    """Whether a bare number begins a range of months: 1~11월."""
    return at + 2 < len(parts) and "joiner" in parts[at + 1] and parts[at + 2].kind == "month"


def _period(  # noqa: C901 - a list
    parts: Sequence[Part], atoms: _Atoms, published_on: date, years: set[int]
) -> Part | None:
    months, year = atoms.months, atoms.years[0] if atoms.years else None
    if atoms.day and not atoms.days and not (months or atoms.month_of is not None):
        return None
    if not (atoms.years or months or atoms.month_of is not None or atoms.half or atoms.quarter or atoms.first
            or atoms.days):  # fmt: skip
        return None
    is_said = True
    first, last = 1, 12
    over = published_on.year * 12 + published_on.month - 2
    if atoms.month_of is not None:
        this = over + 1 + atoms.month_of
        year, first, last = this // 12, this % 12 + 1, this % 12 + 1
    elif months:
        first, last = months[0], months[-1]
        if atoms.is_through and len(months) == 1:
            first = 1
    elif atoms.half:
        first, last = 6 * atoms.half - 5, 6 * atoms.half
    elif atoms.quarter:
        first, last = 3 * atoms.quarter - 2, 3 * atoms.quarter
    elif atoms.first:
        first, last = 1, min(atoms.first, 12)
    elif year is not None and atoms.is_relative:
        # How far this year goes is not said.
        is_said, last = False, published_on.month - 1 or 12
    if year is None:
        this_month = last if not atoms.days or months else published_on.month
        day = atoms.day if atoms.day and not atoms.days else 1
        latest = published_on if day > 1 else published_on.replace(day=1) - timedelta(days=1)
        year = published_on.year - ((this_month, day) > (latest.month, latest.day) or latest.year < published_on.year)
        # Another year in the sentence may be the one that is meant.
        is_said = not years - {year}
    if first > last:
        return None
    span = periods.months(year, first, atoms.years[-1] if len(atoms.years) > 1 else year, last)
    if span.end < span.start:
        return None
    is_day = bool(atoms.day) and not atoms.days
    start, end = parts[0].start, parts[-1].end
    says = f"{year}-{last:02d}-{atoms.day:02d}" if is_day else ""
    senses = {"through": ""} if any("through" in one and "within" not in one for one in parts) else {}
    return Part("period", start, end, "", senses, says, span=span, is_said=is_said,
                is_held=not (atoms.days or is_day))  # fmt: skip
