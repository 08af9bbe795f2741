"""Parts of a text: quantities, periods and the words of a lexicon, wherever they stand.

Here: taking a text apart, each character once, with what no lexicon knows kept as unread. Not here: what the words are
(`lexicon`), and which parts belong together (`reader`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from dagster_project.claims import periods
from dagster_project.claims.lexicon import Lexicon, fold, language_of, lexicon, simplified
from dagster_project.claims.periods import Span

_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W_]+(?:['.&/][^\W_]+)*")
# A number is at most so many scales and numbers long (5억3000만).
_SCALES = 12
_MONEY = ("USD", "CNY", "KRW")
# What the value parser calls each unit.
_WRITTEN = {
    "USD": " dollars", "CNY": " yuan", "KRW": " won", "%": " percent", "pp": " percentage points",
    "persons": " people", "times": " times",
}  # fmt: skip
_QUANTITIES = {
    "USD": "money", "CNY": "money", "KRW": "money", "other": "money", "%": "percent", "pp": "points",
    "persons": "count", "times": "times", "years": "length", "months": "length", "decades": "length",
    "quarters": "length", "nth": "nth", "month": "month", "days": "day", "quarter": "quarter", "countries": "other",
}  # fmt: skip
# Marks between words; others are read as words, since they may say something.
_SILENT = set(" \n\r\"'“”‘`*_()[]{}<>《》「」『』|#·•…")
_ENDS = set(",.;:!?—")


@dataclass(frozen=True)
class Part:
    """A part of a text.

    Args:
        kind: What it is: a quantity, `period`, `word`, `unread`, or `,` for a mark that parts clauses.
        start: Where it begins.
        end: Where it ends.
        text: How it stands in the text.
        senses: What its words may be, by kind.
        says: A quantity in the form that values are read in.
        unit: The unit of a quantity.
        span: The period that is meant; None for the day of an event.
        is_said: Whether a period follows from what is written and the day of publication.
        is_held: Whether a period is made of whole months.
    """

    kind: str
    start: int
    end: int
    text: str
    senses: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    unit: str = ""
    span: Span | None = None
    is_said: bool = True
    is_held: bool = True

    def __contains__(self, sense: str) -> bool:
        return sense in self.senses

    def __getitem__(self, sense: str) -> str:
        return self.senses[sense]

    @property
    def number(self) -> float:
        """The digits of a quantity, without its scale."""
        return float(found[0].replace(",", "")) if (found := _DIGITS.search(self.says)) else 0.0


class _Text:
    """A text with what is compared to phrases, of the same length."""

    def __init__(self, text: str) -> None:
        language = language_of(text)
        self.text = text
        self.lexicon: Lexicon = lexicon(language)
        self.folded = fold(simplified(text) if language == "zh" else text)

    def parts(self) -> Iterator[Part]:
        at, size = 0, len(self.text)
        while at < size:
            letter = self.folded[at]
            if letter in _ENDS and not (letter == "." and self._is_inside(at)):
                yield Part(",", at, at + 1, letter)
                at += 1
            elif letter in _SILENT and not self._begins(at):
                # Brackets part clauses, too.
                if letter in "()[]":
                    yield Part(",", at, at + 1, letter)
                at += 1
            else:
                found = self._run(at)
                yield from found
                at = found[-1].end

    def _is_inside(self, at: int) -> bool:
        return self.folded[at + 1 : at + 2].isalnum()

    def _begins(self, at: int) -> bool:
        return any(self._fits(at, end) for end, _ in self.lexicon.phrases(self.folded, at))

    def _run(self, start: int) -> list[Part]:
        """The parts of what stands without a space from a place on: of a language with particles all, or none."""
        found: list[Part] = []
        at = start
        while at < len(self.text):
            is_first = at == start and self.folded[at - 1 : at] not in {")", "%", "'", '"'}
            letter, quantity, phrase = self.folded[at], self._quantity(at), self._phrase(at, is_first=is_first)
            part = phrase if phrase and (quantity is None or phrase.end + (not letter.isdigit()) > quantity.end) else quantity
            if part is None:
                break
            found.append(part)
            at = part.end
            # Only Korean and Chinese write on without a space.
            if self.lexicon.has_spaces and not self.lexicon.has_particles:
                return found
            if at < len(self.text) and (self.folded[at] in _SILENT or self.folded[at] in _ENDS):
                return found
            if not self.lexicon.has_spaces:
                return found
        if self.lexicon.has_particles and at < len(self.text):
            # An ending that is not known makes the whole word unknown; what a number says stays.
            kept = [one for one in found if one.kind not in {"word"}]
            begin = kept[-1].end if kept else start
            found = found[: found.index(kept[-1]) + 1] if kept else []
            word = _WORD.match(self.folded, begin)
            end = max(word.end() if word else begin + 1, at, begin + 1)
            return [*found, Part("unread", begin, end, self.text[begin:end])]
        if found:
            return found
        word = _WORD.match(self.folded, start) if self.lexicon.has_spaces else None
        end = word.end() if word else start + 1
        return [Part("unread", start, end, self.text[start:end])]

    def _fits(self, start: int, end: int) -> bool:
        """Whether a phrase ends where a word does, and a name is written as one."""
        if not self.lexicon.has_spaces or self.lexicon.has_particles:
            last = self.folded[end - 1]
            following = self.folded[end : end + 1]
            return not (last.isascii() and last.isalpha() and following.isascii() and following.isalpha())
        return not (self.folded[end - 1].isalnum() and self.folded[end : end + 1].isalnum())

    def _phrase(self, start: int, *, is_first: bool) -> Part | None:
        for end, senses in self.lexicon.phrases(self.folded, start):
            if not self._fits(start, end):
                continue
            kept = dict(senses)
            said = self.text[start:end]
            if "economy" in kept and said.isascii() and not (said.isupper() if len(said) < 4 else said[0].isupper()):
                del kept["economy"]
            if kept.get("month") and not said[0].isupper() and said.islower() and "deny" in kept:
                del kept["month"]
            elif "month" in kept:
                kept.pop("deny", None)
            if self.lexicon.has_particles:
                # A particle or an ending stands behind a word, and a short name before one.
                for sense in ("mark", "ending") if is_first else ("economy",) if end - start == 1 else ():
                    kept.pop(sense, None)
                if is_first and end - start == 1 and not self._is_alone(start, end, kept):
                    continue
            if kept:
                return Part("word", start, end, said, kept)
        return None

    def _is_alone(self, start: int, end: int, senses: Mapping[str, str]) -> bool:
        """Whether a Korean word of one syllable stands alone, or is written with a Chinese character."""
        if not "가" <= self.folded[start] <= "힣":
            return True
        return not self.folded[end : end + 1].isalnum() or not {"economy", "year", "days", "number"} & senses.keys()

    # Quantities.

    def _quantity(self, start: int) -> Part | None:
        at, currency, sign = start, "", ""
        if (found := self._sense(at, "sign")) and self._is_minus(start):
            at, sign = found[0], "-"
            at = self._space(at)
        if found := self._sense(at, "currency"):
            at, currency = found
            at = self._space(at)
            if (minus := self._sense(at, "sign")) and not sign:
                at, sign = minus[0], "-"
        if at > start and not self.folded[at : at + 1].isdigit():
            return None
        number = self._number(at)
        if number is None:
            return None
        at, digits = number
        is_digits = self.folded[start if not (sign or currency) else at - 1].isdigit() or "." in digits or sign
        says = [digits]
        for _ in range(_SCALES):
            if found := self._sense(self._space(at), "scale"):
                says.append(found[1])
                at = found[0]
            elif len(says) > 1 and (more := _DIGITS.match(self.folded, self._space(at))) and self.lexicon.has_particles:
                if not self._sense(self._space(more.end()), "scale") and not self._sense(more.end(), "unit"):
                    break
                says.append(more[0])
                at = more.end()
            else:
                break
        unit = currency
        if not currency and (found := self._sense(self._space(at), "unit")):
            at, unit = found
            if unit == "USD" and (more_of := self._sense(self._space(at), "unit")) and more_of[1] == "USD":
                at = more_of[0]
        if not is_digits and not unit and len(says) == 1:
            return None
        if unit == "years" and re.fullmatch(r"(?:19|20)\d\d", digits):
            unit = ""
        if unit == "decades":
            says = [str(int(float(digits) * 10))]
        written = f"{sign}{''.join(says)}{_WRITTEN.get(unit, '')}"
        kind = _QUANTITIES.get(unit, "number")
        if kind == "number" and re.fullmatch(r"(?:19|20)\d\d", self.folded[start:at].strip("년年 .'")):
            kind = "year"
        if kind == "length":
            unit = {"decades": "years"}.get(unit, unit)
        return Part(kind, start, at, self.text[start:at], says=written, unit=unit)

    def _is_minus(self, start: int) -> bool:
        before = self.folded[start - 1 : start]
        return not before.isalnum() and self.folded[start] != "~"

    def _number(self, at: int) -> tuple[int, str] | None:
        if at >= len(self.text):
            return None
        if found := _DIGITS.match(self.folded, at):
            end, digits = found.end(), found[0]
        elif (word := self._sense(at, "number")) and word[1] != "0":
            end, digits = word
        else:
            return None
        # 18-point-one, as some broadcasters write it.
        if point := self._sense(self._space(end), "point"):
            after = self._space(point[0])
            more = _DIGITS.match(self.folded, after)
            word = self._sense(after, "number") if more is None else (more.end(), more[0])
            if word:
                return word[0], f"{digits}.{word[1]}"
        return end, digits

    def _sense(self, at: int, kind: str) -> tuple[int, str] | None:
        if at >= len(self.text):
            return None
        for end, senses in self.lexicon.phrases(self.folded, at):
            last, after = self.folded[end - 1], self.folded[end : end + 1]
            runs_on = last.isascii() and last.isalpha() and after.isascii() and after.isalpha()
            if kind in senses and not runs_on:
                return end, senses[kind]
        return None

    def _space(self, at: int) -> int:
        return at + 1 if self.folded[at : at + 1] == " " else at


# Periods.


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
    found = _with_periods(list(_Text(text).parts()), published_on)
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


def _atoms(parts: Sequence[Part], start: int, published_on: date) -> tuple[int, _Atoms]:  # noqa: C901, PLR0912 - a list
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
        elif ("month" in one or one.kind == "month") and 1 <= _month(one) <= 12 and (
            not atoms.months or joined or (len(atoms.months) == 1 and after is not None and one.kind != "month")
        ) and len(atoms.months) < 2:
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
        elif one.text.strip() == "前" and after is not None and after.kind in {"length", "day"} and after.unit != "years":
            atoms.first, atoms.days = (int(after.number), 0) if after.kind == "length" else (0, int(after.number))
            step = 2
        elif "days" in one and (atoms.months or atoms.month_of is not None):
            atoms.days = 1
        elif one.kind == "day" and 1 <= one.number <= 31:
            atoms.day, atoms.days = int(one.number), atoms.days or int(joined and bool(atoms.day or atoms.months))
        elif one.kind in {"number", "nth"} and one.says.isdigit() and 1 <= one.number <= 31 and (
            _is_day(parts, at, atoms, joined=joined)
        ):
            atoms.days = atoms.days or int(joined or atoms.day > 0)
            atoms.day = int(one.number)
        elif one.kind == "number" and one.says.isdigit() and 1 <= one.number <= 12 and _opens_months(parts, at):
            atoms.months.append(int(one.number))
        elif end > start and (
            "joiner" in one or "through" in one or "within" in one or one.kind == "," or _is_between(parts, start, at)
        ):
            if one.kind == "," and one.text not in ",":
                break
            joined = joined or "joiner" in one or "and" in one
            atoms.is_through = atoms.is_through or (one.text.strip() in {"까지", "누적", "누계"})
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


def _period(parts: Sequence[Part], atoms: _Atoms, published_on: date, years: set[int]) -> Part | None:
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
        is_said, last = False, max(published_on.month - 1, 1)
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

