"""Split a text into tokens: quantities such as `$18bn`, phrases of a lexicon, and `unread` words of no lexicon.

Not here: the meanings of words (`lexicon`), and combining tokens into a period (`periods`), a value (`values`) or a
claim (`clause`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from dagster_project.claims.lexicon import Lexicon, detect_language, fold_text, load_lexicon, simplify_chinese
from dagster_project.claims.notation import SCALES, Span

# The kinds of quantities that can make a claim.
NUMBERS = {"money", "percent", "points", "nth", "count", "times"}
# The kind of a quantity by its unit; other units are currencies, of the kind `money`.
_KINDS = {
    "%": "percent", "pp": "points", "persons": "count", "times": "times", "years": "length", "months": "length",
    "decades": "length", "quarters": "length", "nth": "nth", "month": "month", "days": "day", "quarter": "quarter",
    "countries": "other", "": "number",
}  # fmt: skip
# The English for units and scales, with which a quantity is written in a claim.
_UNITS = {
    "USD": " dollars", "CNY": " yuan", "KRW": " won", "JPY": " yen", "%": " percent", "pp": " percentage points",
    "persons": " people", "times": " times",
}  # fmt: skip
_IN_ENGLISH = {"hundred million": (0.1, 1, "billion"), "ten thousand": (0.01, 2, "million")}
_NAMES = {factor: name for name, (factor, _) in SCALES.items()}
# The limits on digits are above those of any figure.
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?|\d{1,24}(?:\.\d{1,24})?|(?<!\d)\.\d{1,9})"
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W_]+(?:['.&/][^\W_]+)*")
# The most pairs of digits and scale in a number such as 5억3000만.
_LONGEST = 12
# Marks without a meaning, and marks that end a clause; other marks are read as words.
_SILENT = set(" \n\r\"'“”‘`*_()[]{}<>《》「」『』|#·•…")
_ENDS = set(",.;:!?—")
_BREAKS = _SILENT | _ENDS | {""}


@dataclass(frozen=True)
class Token:
    """A quantity, a period, a phrase or a mark of a text."""

    kind: str  # a kind of quantity such as `money`, or `period`, `word`, `unread`, or `,` for a mark between clauses
    start: int  # the offset of its first character
    end: int  # the offset after its last character
    text: str  # its characters in the text
    senses: dict[str, str] = field(default_factory=dict)  # its meanings by kind of word: {"move": "up"}
    number: float = 0.0  # the number of a quantity, in its scale: 18.0 of $18.0bn
    scale: str | None = None  # the name of its scale, such as `billion`
    decimals: int = 0  # the decimals in that scale; below zero if digits before the point are rounded
    unit: str = ""
    sign: str = ""  # a plus or minus before it
    span: Span | None = None  # the dates of a period
    is_certain: bool = True  # whether the text and the day of publication decide the dates; else they are a guess

    def __contains__(self, sense: str) -> bool:
        return sense in self.senses

    def __getitem__(self, sense: str) -> str:
        return self.senses[sense]

    def is_any_of(self, *kinds: str) -> bool:
        """Return whether the token is of one of these kinds, or has a meaning in one of these kinds."""
        return self.kind in kinds or any(kind in self.senses for kind in kinds)

    @property
    def is_korean(self) -> bool:
        """Return whether the token is written in Hangul."""
        return "가" <= self.text[:1] <= "힣"

    @property
    def full(self) -> float:
        """Return the number in full units, for example 18e9 for $18bn."""
        return self.number * (SCALES[self.scale][0] if self.scale else 1.0)

    @property
    def is_whole(self) -> bool:
        """Return whether the number has no scale, decimals or sign."""
        return not (self.scale or self.decimals or self.sign)

    @property
    def can_have_figures(self) -> bool:
        """Return whether the token is a period that can have figures: whole months or years."""
        return self.span is not None and self.span.frequency != "D"

    @property
    def is_day(self) -> bool:
        return self.span is not None and self.span.start == self.span.end

    @property
    def printed_value(self) -> str:
        """Write a quantity in English: "18.0 billion dollars"; return a word such as "Doubled" in lower case."""
        if self.senses:
            return self.text.lower()
        number, scale, decimals = self.number, self.scale, self.decimals
        if scale == "ten thousand" and decimals == 4:
            number, scale, decimals = number * 1e4, None, 0
        elif scale in _IN_ENGLISH:
            times, more, scale = _IN_ENGLISH[scale]
            number, decimals = number * times, decimals + more
        written = f"{self.sign}{number:,.{decimals}f}"
        return f"{written}{f' {scale}' if scale else ''}{_UNITS.get(self.unit, '')}"


def _read_scaled_number(pieces: Sequence[tuple[str, str]]) -> tuple[float, str | None, int]:
    """Add up the pieces of a number; return the number, its largest scale and its decimals.

    For example, 5억3000만 is 5.3 hundred million with 1 decimal. Zeros that end a long number are not exact digits.

    Args:
        pieces: Pairs (digits, scale), each with one part empty. A scale is in `SCALES`, or is "1000", "100" or "10".
    """
    total = group = number = 0.0
    digit = largest = 1.0
    for digits, scale in pieces:
        if digits:
            number, digit = float(digits.replace(",", "")), 10.0 ** -len(digits.partition(".")[2])
            continue
        factor = SCALES[scale][0] if scale in SCALES else float(scale)
        digit *= factor
        if scale in SCALES:
            total, group, largest = total + (group + number) * factor, 0.0, max(largest, factor)
        else:
            group += number * factor
        number = 0.0
    total += group + number
    is_sum = sum(bool(digits) for digits, _ in pieces) > 1
    while is_sum and digit < largest and round(total / digit) % 10 == 0:
        digit *= 10
    decimals = max(0, round(math.log10(largest / digit)))
    return _drop_rounded_zeros(round(total / largest, decimals), _NAMES.get(largest), decimals)


def _drop_rounded_zeros(number: float, scale: str | None, decimals: int) -> tuple[float, str | None, int]:
    """Convert a number that ends with rounded zeros to a larger scale, for example 8,070,000 to 8.07 million."""
    digits = f"{number:.0f}"
    zeros = len(digits) - len(digits.rstrip("0"))
    is_long = len(digits) >= 7 and zeros and scale is None
    # 1,300억 달러 is the Korean of $130 billion.
    is_long = is_long or (scale == "hundred million" and zeros >= 2)
    if decimals or not (is_long or (len(digits) >= 5 and zeros >= 3)):
        return number, scale, decimals
    factor = SCALES[scale][0] if scale else 1.0
    larger = max((one for one in (1e3, 1e6, 1e9, 1e12) if one <= number * factor), default=1.0)
    decimals = max(0, round(math.log10(larger / factor)) - zeros)
    return round(number * factor / larger, decimals), _NAMES.get(larger), decimals


class _Tokenizer:
    """The splitter of one text; `folded` is the text in lower case and plain characters."""

    def __init__(self, text: str) -> None:
        language = detect_language(text)
        self.text = text
        self.lexicon = load_lexicon(language)
        self.folded = fold_text(simplify_chinese(text) if language == "zh" else text)

    def list_tokens(self) -> Iterator[Token]:
        index = 0
        while index < len(self.text):
            letter = self.folded[index]
            is_silent = letter in _SILENT and next(self._list_phrases(index), None) is None
            if is_silent or (letter in _ENDS and not (letter == "." and self.folded[index + 1 : index + 2].isalnum())):
                # Brackets separate clauses, too.
                if letter in "()[]" or not is_silent:
                    yield Token(",", index, index + 1, letter)
                index += 1
            else:
                found = self._read_run(index)
                yield from found
                index = found[-1].end

    def _read_run(self, start: int) -> list[Token]:
        """Read the token at an offset; in a language with particles, all tokens up to the next space or mark."""
        found: list[Token] = []
        index = start
        while index < len(self.text):
            is_first = index == start and self.folded[index - 1 : index] not in {")", "%", "'", '"'}
            quantity, phrase = self._read_quantity(index), self._read_phrase(index, is_first=is_first)
            # Take the longer of quantity and phrase; of equally long ones the quantity if it has digits.
            is_longer = phrase and quantity and phrase.end + (not self.folded[index].isdigit()) > quantity.end
            token = phrase if is_longer else quantity or phrase
            if token is None:
                break
            found.append(token)
            index = token.end
            if not self.lexicon.has_particles or self.folded[index : index + 1] in _BREAKS:
                return found
        # An unknown ending makes the whole word unknown, but not a quantity in it.
        while found and found[-1].kind == "word":
            found.pop()
        begin = found[-1].end if found else start
        word = _WORD.match(self.folded, begin) if self.lexicon.has_spaces else None
        end = max(word.end() if word else 0, index, begin + 1)
        return [*found, Token("unread", begin, end, self.text[begin:end])]

    def _list_phrases(self, index: int) -> Iterator[tuple[int, Mapping[str, str]]]:
        """List the ends and meanings of phrases that begin at an offset and end with a word, the longest first."""
        stand_apart = self.lexicon.has_spaces and not self.lexicon.has_particles
        for end, senses in self.lexicon.list_phrases(self.folded, index):
            beside = self.folded[end - 1 : end + 1]
            is_joined = stand_apart or (beside.isascii() and beside.isalpha())
            is_inside = len(beside) == 2 and beside.isalnum() and is_joined
            if not is_inside:
                yield end, senses

    def _read_phrase(self, start: int, *, is_first: bool) -> Token | None:
        for end, senses in self._list_phrases(start):
            kept, written = dict(senses), self.text[start:end]
            is_name = written[0].isupper() and (len(written) >= 4 or written[-1].isupper())
            if "economy" in kept and written.isascii() and not is_name:
                del kept["economy"]
            if "month" in kept:
                # "May" is a month, but "may" is not.
                kept.pop("month" if written.islower() and "deny" in kept else "deny", None)
            if self.lexicon.has_particles:
                # A particle or an ending follows a word, and a name of one syllable begins one.
                for sense in ("mark", "ending") if is_first else ("economy",) if end - start == 1 else ():
                    kept.pop(sense, None)
                if is_first and end - start == 1 and self._is_part_of_word(start, kept):
                    continue
            if kept:
                return Token("word", start, end, written, kept)
        return None

    def _is_part_of_word(self, index: int, senses: Mapping[str, str]) -> bool:
        """Return whether a Korean syllable is only the beginning of a longer word."""
        is_part = "가" <= self.folded[index] <= "힣" and self.folded[index + 1 : index + 2].isalnum()
        return is_part and bool({"economy", "year", "days", "number"} & senses.keys())

    def _read_quantity(self, start: int) -> Token | None:
        """Read the quantity at an offset: number, sign, currency, scales and unit."""
        found = _compile_quantity(self.lexicon).match(self.folded, start)
        if found is None or (found["before"] and found["sign"]):
            return None
        currency, unit = self._find_meaning(found["currency"], "currency"), self._find_meaning(found["unit"], "unit")
        first = found["number"] if found["number"][-1].isdigit() else self._find_meaning(found["number"], "number")
        if found["decimals"]:
            decimals = self._find_meaning(found["decimals"], "number") or found["decimals"]
            first = f"{first}.{re.sub('[.,]', '', decimals)}"
        scaled = _compile_pieces(self.lexicon).findall(found["scaled"] or "")
        pieces = [(first, ""), *((digits, self._find_meaning(scale, "scale")) for digits, scale in scaled)]
        if not (unit or currency or scaled or found["number"][0] in ".0123456789"):
            return None
        is_year = unit == "years" and _YEAR.fullmatch(first)
        end = found.end()
        if currency and unit not in {"", currency}:
            end = max(found.end(name) for name in ("number", "decimals", "scaled"))
        written = self.folded[start:end]
        kind = "number" if is_year else _KINDS.get(currency or unit, "money")
        if kind == "number" and _YEAR.fullmatch(written.strip("년年 .'")) and self.folded[end : end + 1] != "s":
            kind = "year"
        sign = self._find_meaning(found["before"] or found["sign"], "sign")
        number, scale, decimals = _read_scaled_number(pieces)
        unit = "" if is_year else currency or unit
        return Token(kind, start, end, self.text[start:end], {}, number, scale, decimals, unit, sign)

    def _find_meaning(self, phrase: str | None, kind: str) -> str:
        """Return the meaning of a phrase as a word of `kind`; empty if there is none."""
        return self.lexicon.senses.get(phrase or "", {}).get(kind, "")


def _join_phrases(words: Lexicon, kind: str) -> str:
    """Write a regular expression for any phrase of a kind, such as `currency`, that ends at the end of a word."""
    phrases = sorted((one for one, senses in words.senses.items() if kind in senses), key=len, reverse=True)
    ends = (f"{re.escape(one)}{'(?![a-z])' if one[-1].isascii() and one[-1].isalpha() else ''}" for one in phrases)
    return f"(?:{'|'.join(ends) or '(?!)'})"


@cache
def _compile_quantity(words: Lexicon) -> re.Pattern[str]:
    kinds = ("sign", "currency", "scale", "unit", "number", "point")
    sign, currency, scale, unit, word, point = (_join_phrases(words, kind) for kind in kinds)
    # Languages with particles add up several scales, as in 5억3000만.
    more = rf"(?: ?{_DIGITS}(?= ?{scale}|{unit})(?: ?{scale})*){{0,{_LONGEST}}}" if words.has_particles else ""
    return re.compile(
        rf"(?:(?<![^\W_])(?P<before>{sign}) ?)?(?:(?P<currency>{currency}) ?)?(?:(?<![^\W_])(?P<sign>{sign}) ?)?"
        rf"(?P<number>{_DIGITS}|{word})(?: ?{point} ?(?P<decimals>{_DIGITS}|{word}))?"
        rf"(?P<scaled>(?: ?{scale}){{1,{_LONGEST}}}{more})?(?: ?(?P<unit>{unit}))?"
    )


@cache
def _compile_pieces(words: Lexicon) -> re.Pattern[str]:
    return re.compile(f"({_DIGITS})|({_join_phrases(words, 'scale')})")


def has_any_of(tokens: Iterable[Token], *kinds: str) -> bool:
    return any(one.is_any_of(*kinds) for one in tokens)


def tokenize_text(text: str) -> list[Token]:
    """Split a text into tokens; `periods.spot_periods` also joins the words of a period."""
    return list(_Tokenizer(text).list_tokens())
