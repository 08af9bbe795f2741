"""Parts of a text: quantities, periods and the words of a lexicon, wherever they stand.

Here: taking a text apart, each character once, with what no lexicon knows kept as unread. Not here: what the words are
(`lexicon`), which of them make a period (`dating`), and which parts belong together (`clause`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dagster_project.claims.lexicon import Lexicon, fold, language_of, lexicon, simplified
from dagster_project.claims.periods import Span

# The kinds of parts for which a claim is made.
NUMBERS = {"money", "percent", "points", "nth", "count", "times"}
_DIGITS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_WORD = re.compile(r"[^\W_]+(?:['.&/][^\W_]+)*")
# A number is at most so many scales and numbers long (5억3000만).
_SCALES = 12
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
            part = (
                phrase
                if phrase and (quantity is None or phrase.end + (not letter.isdigit()) > quantity.end)
                else quantity
            )
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
            kept = [one for one in found if one.kind != "word"]
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

    def _quantity(self, start: int) -> Part | None:  # noqa: C901 - a number has many pieces
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
        written = f"{sign}{''.join(says)}{_WRITTEN.get(unit, '')}"
        kind = _QUANTITIES.get(unit, "number")
        is_year = (
            re.fullmatch(r"(?:19|20)\d\d", self.folded[start:at].strip("년年 .'")) and self.folded[at : at + 1] != "s"
        )
        if kind == "number" and is_year:
            kind = "year"
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


def parts_of(text: str) -> list[Part]:
    """Return the parts of a text, in order, its periods still in pieces."""
    return list(_Text(text).parts())
