"""Periods as people write them, in English and Korean: `2018`, `last year`, `1~11월`, `지난해 상반기`, `2018->2023`.

Here: reading them, by the day of the publication where they name no year. Not here: what is claimed of them.

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
_MONTH = rf"(?:(?:{_NAMED})\.?|\d{{1,2}}월?)"
_TO = r"\s*(?:~|-|–|—|\.\.|/|to|through|until|에서|부터)\s*"
_VERSUS = re.compile(r"\s*(?:->|→|\bvs\.?|대비|보다)\s*")
# Words that name a year by the year of the publication.
_YEARS = (
    (r"(?:the )?year before last|재작년|지지난해", -2),
    (r"last year|(?:the )?previous year|a year (?:ago|earlier)|지난\s*해|작년|전년|지난해", -1),
    (r"this year|올\s*해|금년|올(?=\s)", 0),
)
# What is left of `this year`.
_OPEN = "open"
_FILLER = re.compile(
    rf"\blast(?= (?:{_NAMED}))|\b(?:in|of|the|for|during|from|months?|year|over|a|whole|full)\b|[,()]"
    r"|들어|까지|동안|누적|기준|년|\s+에\b"
)
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
    if re.fullmatch(_YEARS[1][0], first):
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
    if match := re.search(rf"((?:19|20)\d\d)\s*년?{_TO}((?:19|20)\d\d)(?!\d|-)", said):
        return years(int(match[1]), int(match[2]))
    two = re.split(r" to | through ", said.removeprefix("from "))
    if len(two) == 2 and all(re.search(r"[a-z]+ \d{4}$", one) for one in two):
        begin, end = (_span(one, published_on) for one in two)
        return Span(begin.start, end.end) if begin and end else None
    month = r"(?:in |during )?((?:this|이번|이)\s*(?:month|달)|이달|금월|last month|지난\s*달|전월)(?:에|의|까지)?"
    if match := re.fullmatch(month, said):
        back = 0 if re.match("this|이|금", match[1]) else 1
        last = published_on.year * 12 + published_on.month - 1 - back
        return months(last // 12, last % 12 + 1, last // 12, last % 12 + 1)
    year, rest = _year(said, published_on)
    if not re.search(_TO + r"\d", rest):
        rest = re.sub(rf"^(\D*?)({_MONTH})\s*(?:까지|누적).*", r"through \2", rest)
    part = _part(" ".join(_FILLER.sub(" ", rest).split()), published_on, year)
    if part is None:
        return None
    if year is None:
        # The last one that was over on the day.
        this = months(published_on.year, part[1], published_on.year, part[1])
        year = published_on.year - (this.end >= published_on)
    return months(year, part[0], year, part[1])


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


def _year(said: str, published_on: date) -> tuple[int | None, str]:
    if match := re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)\s*년?[.\s]*", said):
        return int(match[1]), said.replace(match[0], " ", 1)
    for words, offset in _YEARS:
        if match := re.search(words, said):
            rest = said.replace(match[0], " ", 1).strip()
            return published_on.year + offset, rest if rest and rest != "들어" else _OPEN
    return None, said


def _part(rest: str, published_on: date, year: int | None) -> tuple[int, int] | None:
    """The first and last month within a year."""
    if re.fullmatch(r"(?:first|1st) half|상반기|h1|1h", rest):
        return 1, 6
    if re.fullmatch(r"(?:second|2nd|latter) half|하반기|h2|2h", rest):
        return 7, 12
    if match := re.fullmatch(r"([1-4]|first|second|third|fourth)(?:st|nd|rd|th)?\s*(?:quarter|분기|q)|q([1-4])", rest):
        quarter = _number(match[1] or match[2])
        return 3 * quarter - 2, 3 * quarter
    if match := re.search(r"^first (\d+|[a-z]+)$", rest):
        return 1, _number(match[1])
    if match := re.fullmatch(rf"({_MONTH}){_TO}({_MONTH})", rest):
        return _month(match[1]), _month(match[2])
    if match := re.fullmatch(rf"(?:to|through|until) ({_MONTH})", rest):
        return 1, _month(match[1])
    if re.fullmatch(rf"(?:{_NAMED})\.?|\d{{1,2}}월", rest):
        return _month(rest), _month(rest)
    over = published_on.month - 1
    if rest in {"so far", "to date", "ytd", "year to date", "현재", _OPEN}:
        # A year that was not over on the day goes to the last month that was.
        is_open = year in {None, published_on.year} and over
        return 1, over if is_open else 12
    return (1, 12) if year and not rest else None


def _month(text: str) -> int:
    name = text.rstrip(".월")
    return _MONTHS.get(name) or int(name)


def _number(text: str) -> int:
    return NUMBERS.get(text) or int(text)
