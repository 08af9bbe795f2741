"""Values as they are printed: `$55.6 billion`, `556억 달러`, `(55.6bn)`, `57 percent`, `twofold`, `third deficit`.

Here: the closed types of a value and of a comparator, and reading a printed value. Not here: its words (`values.yml`),
writing values (`printed`), periods, which values a metric takes (`compiling`), and comparing (`comparison`).

A text is read word by word. A word that is not known is refused: it may deny or narrow what the others say.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from pathlib import Path

from dagster_project.claims.periods import NUMBERS
from dagster_project.claims.printed import SCALES
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml


class Comparator(StrEnum):
    """How a claimed value is held against the figures."""

    EQUALS = auto()
    APPROXIMATELY = auto()
    AT_LEAST = auto()
    AT_MOST = auto()
    MORE_THAN = auto()
    LESS_THAN = auto()
    SHARE = auto()
    SIGN = auto()
    SIGN_CHANGE = auto()
    FIRST_SINCE = auto()
    RECORD = auto()
    TREND = auto()
    BEFORE = auto()
    AFTER = auto()
    COUNT = auto()
    # Only claims without SQL have these, which become some of those above.
    FIRST_IN = auto()
    FIRST_EVER = auto()
    RECORD_SINCE = auto()
    STREAK = auto()
    EACH = auto()


WITHOUT_SQL = tuple(Comparator)[tuple(Comparator).index(Comparator.FIRST_IN) :]
# The same bound of the negative number.
OPPOSITE = {
    Comparator.AT_LEAST: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.MORE_THAN: Comparator.LESS_THAN,
    Comparator.LESS_THAN: Comparator.MORE_THAN,
}
BOUNDS = tuple(OPPOSITE)


class Kind(StrEnum):
    """What a value is of, as a refusal calls it."""

    MONEY = "an amount of money"
    PERCENT = "per cent"
    POINTS = "percentage points"
    TIMES = "a multiple"
    COUNT = "a number of people"
    PLAIN = "a number"
    PLACE = "a place in a row"
    LENGTH = "how long"
    TIME = "when"


@dataclass(frozen=True)
class Quantity:
    """A number with its kind, as it was printed.

    Args:
        kind: What it is of.
        number: The number, in its scale; below zero with a minus or in brackets.
        unit: The currency of money, or years or months of a length; None of other kinds.
        scale: The power of ten it is printed in.
        decimals: Its decimals, in that scale.
    """

    kind: Kind
    number: float
    unit: str | None = None
    scale: str | None = None
    decimals: int = 0

    @property
    def full(self) -> float:
        """The number in full units."""
        return self.number * (SCALES[self.scale][0] if self.scale else 1.0)


@dataclass(frozen=True)
class Said:
    """A printed value, read.

    Args:
        text: The text.
        quantity: The number; None if there are only words.
        bound: A bound or approximately; None if it is said as it is.
        side: -1 for a deficit, 1 for a surplus, 0 if neither is said.
        move: -1 for a fall, 1 for a rise, 0 if neither is said.
        by: True if the number is by how much something moved, False if to how much; None if it does not say.
    """

    text: str = ""
    quantity: Quantity | None = None
    bound: Comparator | None = None
    side: int = 0
    move: int = 0
    by: bool | None = None

    @property
    def is_of(self) -> Kind | None:
        """The kind of its number."""
        return self.quantity.kind if self.quantity else None


_KNOWN = load_yaml(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
_SCALED = {word: scale for scale, words in _KNOWN["scales"].items() for word in words}
_WORTH, _MULTIPLES, _PARTS = _KNOWN["worth"], _KNOWN["multiples"], _KNOWN["parts"]
_BY_FACTOR = {factor: name for name, (factor, _) in SCALES.items()}
_BESIDE = {word for words in _KNOWN["beside"].values() for word in words.split()} | NUMBERS.keys()
# More digits than any figure has are no amount, and a longer text is no value.
_DIGITS, _LONGEST = 24, 300
_CURRENCIES: list[tuple[str, re.Pattern[str]]] = [
    (name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _KNOWN["currencies"].items()
]
_FILLED = {
    "currencies": "|".join(_KNOWN["currencies"].values()),
    "counted": "|".join(one for one in NUMBERS if one.isascii()),
    "scales": "|".join(sorted(_SCALED, key=len, reverse=True)),
    "multiples": "|".join(_MULTIPLES),
}
_PATTERNS = {name: "|".join(patterns) for name, patterns in _KNOWN["words"].items()}
for _name, _words in _FILLED.items():
    _PATTERNS = {one: pattern.replace(f"{{{_name}}}", _words) for one, pattern in _PATTERNS.items()}
_TOKENS = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()), re.IGNORECASE)
_KINDS = {
    "people": Kind.COUNT, "points": Kind.POINTS, "percent": Kind.PERCENT, "times": Kind.TIMES, "money": Kind.MONEY,
    "years": Kind.LENGTH, "months": Kind.LENGTH, "decades": Kind.LENGTH,
}  # fmt: skip
# In Korean an amount without 로 before the word of movement is by how much: 43억 달러 증가했다.
_BY = re.compile(
    r"[러안원명]\s*(?:이상|초과|미만|이하|넘게|가까이|가량|안팎|정도|쯤)?\s*(?:증가|감소|늘|줄|상승|하락|급증|급감)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_BRACKETS = re.compile(r"((?:us)?\$|[₩€])?\s*\(\s*([^()]*\d[^()]*)\)\s*(.*)", re.IGNORECASE)
_EXAMPLES = "Write it as printed: $55.6 billion, -18bn, 556억 달러, 1.2 trillion won, 57 percent, twofold."
_Number = tuple[float, str | None, int]


def side(text: str) -> int:
    """-1 if a text says deficit, 1 if it says surplus, else 0."""
    found = (bool(re.search(_PATTERNS[one], text, re.IGNORECASE)) for one in ("deficit", "surplus"))
    return -1 if next(found) else int(next(found))


def amounts(text: str) -> list[Quantity]:
    """The numbers with a scale, a unit or decimals that a text prints."""
    found = _read_words(text)
    numbers = []
    for at, (name, word) in enumerate(found):
        number = _number(word) if name in {"number", "korean"} else None
        beside = [one for one, _ in [*found[at + 1 : at + 2], *found[max(at - 1, 0) : at]]]
        kind = next((_KINDS[one] for one in beside if one in _KINDS), Kind.PLAIN)
        if number and (kind is not Kind.PLAIN or number[1] or number[2] or "," in word):
            numbers.append(Quantity(kind, number[0], None, *number[1:]))
    return numbers


def read(text: object) -> Said:
    """Read a printed value.

    Raises:
        BilateralError: It has more than one number, a word that is not known, or nothing that is.
    """
    said = " ".join(str(text)[: _LONGEST + 1].replace("−", "-").replace("–", "-").replace("’", "'").split())
    if len(said) > _LONGEST:
        raise BilateralError(f"A value has at most {_LONGEST} characters.", remedy=_EXAMPLES)
    if _YEAR.fullmatch(said):
        return Said(said, Quantity(Kind.TIME, float(said)))
    bracketed = _BRACKETS.fullmatch(said)
    # So accountants write a number below zero.
    plain = f"{bracketed[1] or ''}{bracketed[2]} {bracketed[3]}" if bracketed else said
    found = _read_words(plain)
    names = {name for name, _ in found}
    others = [word for name, word in found if name == "word" and word not in _BESIDE]
    others += re.findall(r"[^\w\s,.;:'\"()/-]", _TOKENS.sub("", plain))
    if others:
        raise BilateralError(
            f"{said} is no value: {', '.join(others)} is not understood, and may change what is said.",
            remedy="Leave it out if it does not: $55.6 billion, 556억 달러, 57 percent.",
        )
    if "plus" in names:
        names.add("rose" if names & {"percent", "points"} else "surplus")
    bounds = {Comparator(name) for name in names & {*BOUNDS, Comparator.APPROXIMATELY}}
    move, which = ((two[1] in names) - (two[0] in names) for two in (("fell", "rose"), ("deficit", "surplus")))
    is_negative = bracketed is not None or "minus" in names
    twice = ({"fell", "rose"} <= names) or ({"deficit", "surplus"} <= names)
    if len(bounds) > 1 or twice or (is_negative and max(move, which) > 0):
        raise BilateralError(f"{said} is no value: it says two things.", remedy="Write one of them.")
    quantity = _quantity(said, found, names)
    if quantity is None and not (move or which):
        raise BilateralError(f"{said} is no value.", remedy=_EXAMPLES)
    if quantity is not None and is_negative:
        quantity = replace(quantity, number=-quantity.number)
    if names & {"part", "multiple"}:
        bounds = bounds or {Comparator.APPROXIMATELY}
    by = False if "to" in names else True if "by" in names or _BY.search(said) else None
    return Said(said, quantity, next(iter(bounds), None), which, move, by if move else None)


def _read_words(text: str) -> list[tuple[str, str]]:
    """The words of a text, each with what it is."""
    return [(match.lastgroup or "", match[0].casefold()) for match in _TOKENS.finditer(text)]


def _quantity(said: str, found: list[tuple[str, str]], names: set[str]) -> Quantity | None:
    """The one number of a text; None if it has only words."""
    numeric = {"number", "korean", "multiple", "part", "time", "place"}
    numbers = [one for one in found if one[0] in numeric or (one[0] == "word" and one[1] in NUMBERS)]
    if len(numbers) > 1:
        raise BilateralError(f"{said} is no value: it has more than one number.", remedy=_EXAMPLES)
    if not numbers:
        return None
    ((name, word),) = numbers
    if name == "time":
        return Quantity(Kind.TIME, float(re.sub(r"\D", "", word)))
    if name == "part":
        return Quantity(Kind.PERCENT, float(_PARTS[re.split(r"[ -]", word)[-1]]))
    if name == "multiple":
        return Quantity(Kind.TIMES, float(_MULTIPLES[word]), decimals=int(_MULTIPLES[word] < 1))
    unit = _unit(said, names)
    kind = _KINDS.get(unit, Kind.PLAIN)
    if name in {"word", "place"}:
        first = re.split(r"[ -]", word)[0]
        number: _Number | None = (float(NUMBERS.get(first) or re.sub(r"\D", "", first)), None, 0)
    else:
        number = _number(word)
    if number is None:
        raise BilateralError(f"{said} is no value.", remedy=_EXAMPLES)
    if kind is Kind.PLAIN and (name in {"word", "place"} or re.search(r"(?:st|nd|rd|th|위|번째)$", word)):
        kind = Kind.PLACE
    if kind is Kind.LENGTH:
        if number[1]:
            # An amount of so much in the year.
            return Quantity(Kind.PLAIN, number[0], None, *number[1:])
        if unit == "decades":
            # Rounded to tens.
            return Quantity(kind, 10 * number[0], "years", decimals=-1)
        return Quantity(kind, number[0], unit)
    return Quantity(kind, number[0], _currency(said, found) if kind is Kind.MONEY else None, *number[1:])


def _unit(said: str, names: set[str]) -> str:
    """The one unit that is named; nothing if none is."""
    units = names & _KINDS.keys()
    # A year beside a number with a unit of its own is no length: 3% from a year earlier.
    units = {one for one in units if _KINDS[one] is not Kind.LENGTH} or units
    if len(units) > 1:
        raise BilateralError(f"{said} is no value: it has two units.", remedy=_EXAMPLES)
    return next(iter(units), "")


def _currency(said: str, found: list[tuple[str, str]]) -> str:
    """The one currency that is named."""
    names = {
        next(code for code, pattern in _CURRENCIES if pattern.fullmatch(word))
        for name, word in found
        if name == "money"
    }
    if len(names) > 1:
        raise BilateralError(f"{said} is no value: it has two units.", remedy=_EXAMPLES)
    return names.pop()


def _number(word: str) -> _Number | None:
    """A number in either language, with its scale and decimals; None if it is none."""
    if sum(one.isdigit() for one in word) > _DIGITS:
        raise BilateralError(f"A value has at most {_DIGITS} digits.", remedy=_EXAMPLES)
    if re.search(r"[조억만천백십]", word):
        return _korean(re.sub(r"[\s,]", "", word).rstrip("."))
    found = re.fullmatch(r"([\d,]*\.?\d+|[\d,]+)(?:st|nd|rd|th|\s*(?:위|번째))?(?:\s*-?\s*([a-z ]+))?", word)
    if found is None:
        return None
    digits, scale = found[1].replace(",", ""), found[2] or ""
    scale = _SCALED.get(scale) or _SCALED.get(scale.removesuffix("s"))
    return _without_zeros(float(digits), scale, len(digits.partition(".")[2]))


def _korean(number: str) -> _Number | None:
    """A number of parts such as 5억3000만 or 3백57억, with its last printed digit as its precision.

    Zeros at the end of a part below another one are not counted as printed: 5억3000만 is 5.3억.
    """
    if not re.fullmatch(r"(?:(?:\d+(?:\.\d+)?)?[조억만천백십])*(?:\d+(?:\.\d+)?)?", number):
        return None
    parts = re.findall(r"([\d.천백십]+)([조억만]?)", number)
    total, digit, largest = 0.0, 1.0, 1.0
    for digits, unit in parts:
        factor, value, rest, smallest = _WORTH.get(unit, 1.0), 0.0, digits, 1.0
        for letter in "천백십":
            before, mark, after = rest.partition(letter)
            if mark:
                value, rest, smallest = value + float(before or 1) * _WORTH[letter], after, _WORTH[letter]
        if rest:
            value, smallest = value + float(rest), 10.0 ** -len(rest.partition(".")[2])
        total, digit, largest = total + value * factor, smallest * factor, max(largest, factor)
    while len(parts) > 1 and digit < largest and round(total / digit) % 10 == 0:
        digit *= 10
    decimals = max(0, round(math.log10(largest / digit)))
    return _without_zeros(round(total / largest, decimals), _BY_FACTOR.get(largest), decimals)


def _without_zeros(number: float, scale: str | None, decimals: int) -> _Number:
    """A number in a larger scale, where the zeros that a long one ends with are rounding: 8,070,000 is 8.07 million."""
    digits = f"{number:.0f}"
    zeros = len(digits) - len(digits.rstrip("0"))
    is_long = len(digits) >= 7 and zeros and scale is None
    if decimals or not (is_long or (len(digits) >= 5 and zeros >= 3)):
        return number, scale, decimals
    factor = SCALES[scale][0] if scale else 1.0
    larger = max((one for one in (1e3, 1e6, 1e9, 1e12) if one <= number * factor), default=1.0)
    decimals = max(0, round(math.log10(larger / factor)) - zeros)
    return round(number * factor / larger, decimals), _BY_FACTOR.get(larger), decimals
