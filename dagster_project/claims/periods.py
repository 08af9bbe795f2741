"""Read periods as people write them: `2018`, `last year`, `1~11월`, `지난해 상반기`, `2018->2023`.

`from A to B` and `A-B` are one period; `A->B`, `between A and B` and `A 대비 B` are two periods that are compared. A
month without a year is the last such month that ended before the day of publication. `this year` ends with the last
month before that day. Not here: splitting a text (`tokens`), and the type of a period (`notation`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from dagster_project.claims.notation import Span, make_months, make_years, parse_day
from dagster_project.claims.tokens import Token, tokenize_text
from dagster_project.errors import BilateralError

_VERSUS = re.compile(r"\s*(?:->|→|\bvs\.?|대비|보다)\s*")
_DAY = r"\d{4}(?:-\d{2}){0,2}"
_DAYS = re.compile(rf"({_DAY})(?:(?:\.\.|/|~| to | - )({_DAY}))?")
# Kinds of words that may stand beside a period.
_SILENT = {"within", "through", "ending"}
_LONGEST = 120
_EXAMPLES = "Write 2018, 2018-2022, 2018->2023, 2025-11, 2025-01..2025-11, last year, 지난해 or first half of 2024."


def read_period(text: object, published_on: date) -> Span:
    """Read a period such as "last year", with the meaning that it had on the day `published_on`."""
    written = " ".join(str(text)[:_LONGEST].casefold().split())
    found = None
    with suppress(ValueError):
        two = re.split(r"(?<=.) and " if written.startswith("between ") else _VERSUS, written.removeprefix("between "))
        if len(two) == 2 and all(two):
            return _read_comparison(two[0], two[1], published_on)
        found = None if len(written) >= _LONGEST else _read_days(written) or _read_named(written, published_on)
    if found is None or found.end < found.start:
        raise BilateralError(f"'{text!s}' is not a valid period.", remedy=_EXAMPLES)
    return found


def _read_comparison(first: str, second: str, published_on: date) -> Span:
    later = read_period(second, published_on)
    if any("earlier" in token or token.senses.get("year") == "-1" for token in tokenize_text(first)):
        return replace(later, earlier=later.before)
    earlier, later = sorted((read_period(first, published_on), later), key=lambda span: span.start)
    return replace(later, earlier=earlier)


def _read_days(written: str) -> Span | None:
    match = _DAYS.fullmatch(written)
    ends = [found for written in match.groups() if (found := parse_day(written))] if match else []
    return Span(ends[0].start, ends[-1].end) if ends else None


def _read_named(written: str, published_on: date) -> Span | None:
    """Read a text that consists of one period in words, such as "last year"; return None for other texts."""
    written = "this year" if written in {"so far", "to date", "year to date", "ytd", "현재"} else written
    tokens = spot_periods(written.title(), published_on)
    named = [token for token in tokens if token.kind == "period" or not _SILENT & token.senses.keys()]
    if len(named) == 2 and "past" in named[0] and named[1].unit in {"years", "months"}:
        count = int(named[1].number)
        if named[1].unit == "years":
            return make_years(published_on.year - count, published_on.year - 1)
        last = published_on.replace(day=1) - timedelta(days=1)
        first = 12 * last.year + last.month - count
        return make_months(first // 12, first % 12 + 1, last.year, last.month)
    span = named[0].span if len(named) == 1 else None
    if span and not named[0].is_day and span.count == 1 and any("through" in token for token in tokens):
        # "Until May" is January to May.
        return make_months(span.start.year, 1, span.end.year, span.end.month)
    return span


@dataclass
class _Dates:
    """The years, months and days of neighbouring tokens, which together may name a period."""

    years: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    days: list[int] = field(default_factory=list)
    month_of: int | None = None
    is_last: bool = False
    is_open: bool = False
    is_through: bool = False


def spot_periods(text: str, published_on: date) -> list[Token]:
    """Split a text into tokens; the words of a period become one token with its `span`."""
    tokens = tokenize_text(text)
    others = {
        int(token.number)
        for index, token in enumerate(tokens)
        if token.kind == "year"
        and not any("since" in near or "base" in near for near in tokens[max(0, index - 3) : index])
    }
    found: list[Token] = []
    index = 0
    while index < len(tokens):
        end, dates = _take_run(tokens, index, published_on)
        run = tokens[index:end] or tokens[index : index + 1]
        span = _make_span(dates, published_on) if end > index else None
        if span is None:
            found.append(tokens[index])
            index += 1
            continue
        # Without a year, another year of the sentence may be meant; and "this year" does not say its last month.
        is_certain = bool(dates.years) or dates.month_of is not None or others <= {span.start.year}
        is_certain = is_certain and not (dates.is_open and not dates.months)
        senses = {"through": ""} if any("through" in token and "within" not in token for token in run) else {}
        start, end_of = run[0].start, run[-1].end
        found.append(Token("period", start, end_of, text[start:end_of], senses, span=span, is_certain=is_certain))
        index = end
    return found


def _take_run(tokens: Sequence[Token], start: int, published_on: date) -> tuple[int, _Dates]:
    """Find the tokens that form one period, beginning at `start`; return the index after the last, and the dates."""
    dates, index, end, is_joined = _Dates(), start, start, False
    while index < len(tokens):
        token = tokens[index]
        if count := _take_part(tokens, index, dates, published_on, is_joined=is_joined):
            index += count
            end, is_joined = index, False
            continue
        is_between = "and" in token and start > 0 and tokens[start - 1].text.lower() == "between"
        is_comma = token.kind == "," and token.text == ","
        if end == start or not ({"joiner", "through", "within"} & token.senses.keys() or is_comma or is_between):
            break
        is_joined = is_joined or "joiner" in token or "and" in token
        dates.is_through = dates.is_through or token.senses.get("through") == "january"
        index += 1
    return end, dates


def _take_part(tokens: Sequence[Token], index: int, dates: _Dates, published_on: date, *, is_joined: bool) -> int:
    """Add the date of a token to `dates`; return the number of tokens used, 0 if the token is no date."""
    token, after = tokens[index], tokens[index + 1 : index + 3]
    is_past, has_month = "past" in token, bool(dates.months)
    follows_month = has_month and index > 0 and "month" in tokens[index - 1]
    is_next_year = len(dates.years) == 1 and (is_joined or follows_month)
    is_next_month = len(dates.months) == 1 and (is_joined or "month" in token)
    # In 1~11월 (January to November) the bare 1 is a month, as 11월 is.
    is_bare = token.kind in {"number", "nth"} and token.is_whole
    joined_to = after[1].kind if is_bare and after[1:] and "joiner" in after[0] else ""
    is_beside_month = follows_month or (is_joined and bool(dates.days)) or (bool(after) and "month" in after[0])
    is_day = token.kind == "day" or (is_bare and (is_beside_month or joined_to == "day"))
    month = int(token.number) if "month" in {token.kind, joined_to} else int(token.senses.get("month", 0))
    counted = after[0] if after and (is_past or token.senses.get("ordinal") == "1") else None
    if token.kind == "year" and (is_next_year or not dates.years):
        dates.years.append(int(token.number))
    elif "year" in token and not dates.years:
        dates.years.append(published_on.year + int(token["year"]))
        dates.is_open = token["year"] == "0"
    elif "month_of" in token and dates.month_of is None:
        dates.month_of = int(token["month_of"])
    elif "half" in token and not has_month:
        dates.months = [6 * int(token["half"]) - 5, 6 * int(token["half"])]
    elif "quarter" in {token.kind, *token.senses} and not has_month:
        last = 3 * int(token.senses.get("quarter", token.number))
        dates.months = [last - 2, last]
    elif counted and counted.unit in {"months", "quarters"} and not (is_past or has_month):
        dates.months = [1, min(12, int(counted.number) * (3 if counted.unit == "quarters" else 1))]
        return 2
    elif counted and counted.kind == "day":
        dates.days, dates.is_last = [1, int(counted.number)], is_past
        return 2
    elif "days" in token and (has_month or dates.month_of is not None):
        first = int(token["days"])
        dates.days = [first, first + 9 if first < 21 else 0]
    elif is_day and 1 <= token.number <= 31 and len(dates.days) < 2:
        dates.days.append(int(token.number))
    elif 1 <= month <= 12 and (is_next_month or not has_month):
        dates.months.append(month)
    else:
        return 0
    return 1


def _make_span(dates: _Dates, published_on: date) -> Span | None:
    """Make a period from dates; return None if they form none, such as a day without a month."""
    has_month = bool(dates.months) or dates.month_of is not None
    if not has_month and (len(dates.days) == 1 or not (dates.years or dates.days)):
        return None
    year = dates.years[0] if dates.years else None
    first, last = (dates.months[0], dates.months[-1]) if dates.months else (1, 12)
    if dates.month_of is not None:
        this = 12 * published_on.year + published_on.month - 1 + dates.month_of
        year, first = this // 12, this % 12 + 1
        last = first
    elif dates.is_through and len(dates.months) == 1:
        first = 1
    elif dates.is_open and not dates.months:
        last = published_on.month - 1 or 12
    if year is None:
        # Without a year: the last such month that has ended.
        month = last if has_month else published_on.month
        if not has_month:
            first = last = month
        days = dates.days[:1] if len(dates.days) == 1 else []
        latest = published_on if days and days[0] > 1 else published_on.replace(day=1) - timedelta(days=1)
        is_later = (month, days[0] if days else 1) > (latest.month, latest.day)
        year = published_on.year - (is_later or latest.year < published_on.year)
    with suppress(ValueError):
        span = make_months(year, first, dates.years[-1] if len(dates.years) > 1 else year, last)
        if dates.is_last:
            span = replace(span, start=span.end.replace(day=span.end.day - dates.days[-1] + 1))
        elif dates.days:
            begin, end = dates.days[0], dates.days[-1] or span.end.day
            span = Span(span.start.replace(day=begin), span.end.replace(day=end))
        return span if span.start <= span.end else None
    return None
