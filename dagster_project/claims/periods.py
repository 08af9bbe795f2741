"""Periods as people write them, in English and Korean: `2018`, `last year`, `1~11월`, `지난해 상반기`, `2018->2023`.

Here: reading one that stands alone, by the day of the publication where it names no year. Not here: what names a year
or a month within one, which `dating` reads for sentences, too, and what is claimed of them.

`from A to B` and `A-B` are one span, and `A->B`, `between A and B` or `A 대비 B` two periods that are compared. A month
without a year is the last one that was over on the day. `this year` ends with the last month that was over.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from dagster_project.claims.printed import day
from dagster_project.errors import BilateralError

NUMBERS = {
    word: number
    for number, words in enumerate(
        [
            "one first 첫 largest biggest top highest 최대 최고", "two second 두", "three third 세", "four fourth 네",
            "five fifth 다섯", "six sixth 여섯",
            "seven seventh 일곱", "eight eighth 여덟", "nine ninth 아홉", "ten tenth 열", "eleven eleventh 열한",
            "twelve twelfth 열두",
        ],
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_MONTHS = {name.lower(): n for n, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_NAMED = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TO = r"\s*(?:~|-|–|—|\.\.|/|to|through|until|에서|부터)\s*"
_VERSUS = re.compile(r"\s*(?:->|→|\bvs\.?|대비|보다)\s*")
_LAST_YEAR = r"last year|(?:the )?previous year|a year (?:ago|earlier)|지난\s*해|작년|전년|지난해"
_OPEN = r"^(?:so far|(?:year )?to date|ytd|현재)$"
# Kinds of words that may stand beside a period.
_SILENT = {"within", "through", "ending"}
_LONGEST = 120
_EXAMPLES = (
    "Write 2018, 2018-2022, 2018->2023, 2025-11, 2025-01..2025-11, last year, 지난해, 1~11월 or first half of 2024."
)


@dataclass(frozen=True)
class Span:
    """Whole years or months, or some days, of which no figures are held.

    Args:
        start: The first day.
        end: The last day.
        earlier: What it is compared with; None if it stands alone.
    """

    start: date
    end: date
    earlier: Span | None = None

    @property
    def frequency(self) -> str:
        """A if it is made of whole years, M of whole months, and D if neither."""
        if self.start.day > 1 or (self.end + timedelta(days=1)).day > 1:
            return "D"
        return "A" if (self.start.month, self.end.month) == (1, 12) else "M"

    @property
    def count(self) -> int:
        """How many years or months it is made of."""
        return self.months // 12 if self.frequency == "A" else self.months

    @property
    def months(self) -> int:
        """How many months it is long."""
        return 12 * (self.end.year - self.start.year) + self.end.month - self.start.month + 1

    @property
    def before(self) -> Span:
        """The same a year before; of several years, as many before."""
        years = self.count if self.frequency == "A" else 1
        return months(self.start.year - years, self.start.month, self.end.year - years, self.end.month)

    @property
    def after(self) -> Span:
        """The same a year later; of several years, as many later."""
        years = self.count if self.frequency == "A" else 1
        return months(self.start.year + years, self.start.month, self.end.year + years, self.end.month)

    def __str__(self) -> str:
        first, last = (str(one)[: {"A": 4, "M": 7, "D": 10}[self.frequency]] for one in (self.start, self.end))
        said = first if first == last else f"{first} to {last}"
        return f"{said} against {self.earlier}" if self.earlier else said


def months(year: int, month: int, to_year: int, to_month: int) -> Span:
    """A span from a month to a month."""
    return Span(date(year, month, 1), date(to_year, to_month, calendar.monthrange(to_year, to_month)[1]))


def years(first: int, last: int | None = None) -> Span:
    """A span of whole years."""
    return months(first, 1, last or first, 12)


def read(text: object, published_on: date) -> Span:
    """The period that a text names.

    Args:
        text: As written.
        published_on: The day on which it was written.

    Raises:
        BilateralError: It names none.
    """
    said = " ".join(str(text)[:_LONGEST].casefold().translate({0x223C: "~", 0x301C: "~", 0xFF5E: "~"}).split())
    try:
        if between := re.fullmatch(r"between (.+) and (.+)", said):
            return _against(between[1], between[2], published_on)
        two = _VERSUS.split(said)
        if len(two) == 2 and all(two):
            return _against(two[0], two[1], published_on)
        found = None if len(said) >= _LONGEST else _span(said, published_on)
    except ValueError:
        found = None
    if found is None or found.end < found.start:
        raise BilateralError(f"{text!s} is no period.", remedy=_EXAMPLES)
    return found


def _against(first: str, second: str, published_on: date) -> Span:
    if re.fullmatch(_LAST_YEAR, first):
        later = read(second, published_on)
        return Span(later.start, later.end, later.before)
    earlier, later = (read(one, published_on) for one in (first, second))
    if later.start < earlier.start:
        earlier, later = later, earlier
    return Span(later.start, later.end, earlier)


def _span(said: str, published_on: date) -> Span | None:
    iso = r"\d{4}(?:-\d{2})?(?:-\d{2})?"
    if match := re.fullmatch(rf"({iso})(?:(?:\.\.|/|~| to ){'|'}\s+-\s+)({iso})|({iso})", said):
        ends = [one for text in match.groups() if text and (one := day(text))]
        return Span(ends[0].start, ends[-1].end) if ends else None
    if (days := _days(said, published_on)) is not None:
        return days
    within = r"(?:(?:in|over|during|for|of) )?(?:the )?(?:past|last|최근|지난)"
    ago = rf"{within}\s+(\d+|[a-z]+)\s*(years?|months?|년|개월)(?:간|\s*동안)?"
    if match := re.fullmatch(ago, said):
        number = _number(match[1])
        if match[2][:1] in "y년":
            return years(published_on.year - number, published_on.year - 1)
        last = published_on.year * 12 + published_on.month - 2
        return months((last - number + 1) // 12, (last - number + 1) % 12 + 1, last // 12, last % 12 + 1)
    two = re.split(r" to | through ", said.removeprefix("from "))
    if len(two) == 2 and all(re.search(r"[a-z]+ \d{4}$", one) for one in two):
        begin, end = (_span(one, published_on) for one in two)
        return Span(begin.start, end.end) if begin and end else None
    return _named(re.sub(_OPEN, "this year", re.sub(r"(?<=[a-z.])-(?=[a-z])", " to ", said)), published_on)


def _named(said: str, published_on: date) -> Span | None:
    """The one period of a text that says nothing else, as sentences name it."""
    from dagster_project.claims import dating

    parts = dating.spot(said.title(), published_on)
    found = [one for one in parts if one.kind == "period"]
    others = [one for one in parts if one.kind != "period"]
    if len(found) != 1 or not found[0].is_held or any(not _SILENT & one.senses.keys() for one in others):
        return None
    span = found[0].span
    is_through = span is not None and span.count == 1 and any("through" in one for one in others)
    return months(span.start.year, 1, span.end.year, span.end.month) if span and is_through else span


def _days(said: str, published_on: date) -> Span | None:
    """Some days of a month: the first ten days of March, March 1-10, 3월 1~10일."""
    if match := re.fullmatch(r"(?:in )?(?:the )?(first|last) (\d\d?|[a-z]+) days (?:of|in) (.+)", said):
        number, month = _number(match[2]), read(match[3], published_on)
        first = 1 if match[1] == "first" else month.end.day - number + 1
        last = first + number - 1
    elif match := re.fullmatch(rf"(?:from )?((?:{_NAMED})\.?) (\d\d?){_TO}(\d\d?)(?:,? (\d{{4}}))?", said):
        month, first, last = read(f"{match[1]} {match[4] or ''}", published_on), int(match[2]), int(match[3])
    elif match := re.fullmatch(r"(.*(?:월|달))\s*(\d\d?)일?\s*[~-]\s*(\d\d?)일.*", said):
        month, first, last = read(match[1], published_on), int(match[2]), int(match[3])
    elif match := re.fullmatch(r"(.*(?:월|달))\s*(초순|상순|중순|하순)(?:에|까지)?", said):
        month, first = read(match[1], published_on), {"중순": 11, "하순": 21}.get(match[2], 1)
        last = month.end.day if first > 20 else first + 9
    else:
        return None
    return Span(month.start.replace(day=first), month.start.replace(day=last)) if month.count == 1 else None


def _number(text: str) -> int:
    return NUMBERS.get(text) or int(text)
