"""Parse values as printed: `$55.6 billion`, `556억 달러`, `(55.6bn)`, `57 percent`, `twofold`, `third deficit`.

Here: the closed types of a value and of a comparator, and parsing a printed value. Not here: its tokens (`tokens`),
writing values (`notation`), periods, which values a metric takes (`statements`), and comparing (`comparison`).

Every word must say something of the value or nothing at all: an unknown one may deny or narrow it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from dagster_project.claims.notation import SCALES
from dagster_project.claims.tokens import NUMBERS, Token, tokenize
from dagster_project.errors import BilateralError


class Comparator(StrEnum):
    """How a claimed value is compared with the figures."""

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
    # Only claims without SQL have these; the register has one of those above instead.
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
    """The kind of a value, in the words of a refusal."""

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
    """A number with its kind, as printed.

    Args:
        kind: Its kind.
        number: The number in its scale; below zero with a minus or in brackets.
        unit: The currency of money; years or months of a length; None for other kinds.
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
        """Return the number in full units."""
        return self.number * (SCALES[self.scale][0] if self.scale else 1.0)


@dataclass(frozen=True)
class ParsedValue:
    """A value as printed, parsed into its number and the words about it.

    Args:
        text: The text.
        quantity: The number; None if there are only words.
        bound: A bound, or approximately; None without one.
        side: -1 for a deficit, 1 for a surplus, 0 if neither is said.
        move: -1 for a fall, 1 for a rise, 0 if neither is said.
        is_difference: Whether something moved by the number (True) or to it (False); None if the text does not say.
    """

    text: str = ""
    quantity: Quantity | None = None
    bound: Comparator | None = None
    side: int = 0
    move: int = 0
    is_difference: bool | None = None

    @property
    def kind(self) -> Kind | None:
        """Return the kind of its number."""
        return self.quantity.kind if self.quantity else None


# A longer text is no value, and more digits than any figure has are no amount.
_LONGEST, _DIGITS = 300, 24
_EXAMPLES = "Write it as printed: $55.6 billion, -18bn, 556억 달러, 1.2 trillion won, 57 percent, twofold."
_KINDS = {
    "money": Kind.MONEY, "percent": Kind.PERCENT, "points": Kind.POINTS, "count": Kind.COUNT, "times": Kind.TIMES,
    "nth": Kind.PLACE, "length": Kind.LENGTH, "year": Kind.TIME, "number": Kind.PLAIN,
}  # fmt: skip
# The kinds of words that are numbers, and the words that may stand beside a number.
_NUMBER_WORDS = {"part": Kind.PERCENT, "ratio": Kind.TIMES, "ordinal": Kind.PLACE, "number": Kind.PLACE}
_WORDS_BESIDE = {
    "filler", "ending", "mark", "within", "level", "by", "base", "basis", "earlier", "streak", "first", "rank", "after",
    "since", "degree", "trade", "start", "hedge", "side", "move", "remained", "largest", "joiner",
}  # fmt: skip
_SIGNS = {">=": "at least", "≥": "at least", "<=": "at most", "≤": "at most", ">": "more than", "<": "less than",
          "~": "about"}  # fmt: skip
_SIGN = re.compile("|".join(_SIGNS))
_OTHER_LANGUAGE = re.compile(r"(?<=[a-zA-Z])\s+(?=[^a-zA-Z]*[가-힣])|(?<=[가-힣])\s+(?=[a-zA-Z])")
# The whole of a share says nothing that the metric does not.
_OF_WHOLE = re.compile(r"\bof (?:(?:its|all|total|the) ){0,3}(?:exports|imports|trade|gdp|economy)\b", re.IGNORECASE)
# A number below zero, as accountants write it.
_BRACKETS = re.compile(r"((?:us)?\$|[₩€])?\s*\(\s*([^()]*\d[^()]*)\)\s*(.*)", re.IGNORECASE)


def find_side(text: str) -> int:
    """Return -1 if a text says deficit, 1 if it says surplus, else 0."""
    found = {token["side"] for token in tokenize(text) if "side" in token}
    return -1 if "deficit" in found else int("surplus" in found)


def list_quantities(text: str) -> list[Quantity]:
    """List the numbers of a text that have a scale, a unit or decimals."""
    return [
        Quantity(_KINDS[token.kind], token.number, None, token.scale, token.decimals)
        for token in tokenize(text)
        if token.kind in NUMBERS - {"nth"}
        or (token.kind == "number" and not (token.is_whole and "," not in token.text))
    ]


def parse_value(text: object) -> ParsedValue:
    """Parse a printed value.

    Raises:
        BilateralError: It has several numbers, an unknown word, or nothing that is known.
    """
    written = " ".join(str(text)[: _LONGEST + 1].replace("−", "-").replace("–", "-").replace("’", "'").split())
    if len(written) > _LONGEST:
        raise BilateralError(f"A value has at most {_LONGEST} characters.", remedy=_EXAMPLES)
    if re.search(rf"\d{{{_DIGITS + 1}}}", written.replace(",", "")):
        raise BilateralError(f"A value has at most {_DIGITS} digits.", remedy=_EXAMPLES)
    bracketed = _BRACKETS.fullmatch(written)
    plain = f"{bracketed[1] or ''}{bracketed[2]} {bracketed[3]}" if bracketed else written
    sign = _SIGN.match(plain)
    plain = _OF_WHOLE.sub("", plain[sign.end() :] if sign else plain)
    # An amount may stand in one language, and a word beside it in another.
    tokens = [token for piece in _OTHER_LANGUAGE.split(plain) for token in tokenize(piece)]
    tokens = [token for token in tokens if token.kind != "," or token.text in "?!—"]
    if others := [token.text for token in tokens if not _is_known(token)]:
        unknown = f"{written} is no value: {', '.join(others)} is not understood, and may change what is said."
        raise BilateralError(unknown, remedy="Leave it out if it does not: $55.6 billion, 556억 달러, 57 percent.")
    index, quantity = _find_quantity(written, tokens)
    signs = {token.sign for token in tokens} | ({"-"} if bracketed else set())
    hedges = {_SIGNS[sign[0]]} if sign else set()
    hedges |= {token["hedge"] for token in tokens if "hedge" in token}
    moves = {"down": -1, "up": 1}
    ways = {moves[token["move"]] for token in tokens if "move" in token and "hedge" not in token}
    sides = {-1 if token["side"] == "deficit" else 1 for token in tokens if "side" in token}
    if "+" in signs:
        (ways if quantity and quantity.kind in {Kind.PERCENT, Kind.POINTS} else sides).add(1)
    if len(hedges) > 1 or len(ways) > 1 or len(sides) > 1 or ("-" in signs and 1 in ways | sides):
        raise BilateralError(f"{written} is no value: it says two things.", remedy="Write one of them.")
    if quantity is None and not (ways or sides):
        raise BilateralError(f"{written} is no value.", remedy=_EXAMPLES)
    if quantity is not None and "-" in signs:
        quantity = replace(quantity, number=-quantity.number)
    is_in_words = {"part", "ratio"} & tokens[index].senses.keys()
    is_round = quantity is not None and quantity.kind is not Kind.PLACE and is_in_words
    if not hedges and is_round:
        hedges = {"about"}
    bound = Comparator.APPROXIMATELY if "about" in hedges else None
    bound = bound or next((Comparator(hedge.replace(" ", "_")) for hedge in hedges), None)
    if quantity is not None and quantity.kind is Kind.TIMES and quantity.full < 1 and "ratio" in tokens[index]:
        # More than halved is less than half.
        bound = OPPOSITE.get(bound, bound) if bound else None
    return ParsedValue(written, quantity, bound, sum(sides), sum(ways), _is_difference(tokens, index) if ways else None)


def _is_known(token: Token) -> bool:
    """Return whether a token says something of a value, or nothing at all."""
    if token.kind != "word":
        return token.kind in _KINDS and token.unit != "quarters"
    is_harmful = {"deny", "narrow"} & token.senses.keys()
    return not is_harmful and bool(({*_NUMBER_WORDS} | _WORDS_BESIDE) & token.senses.keys())


def _find_quantity(written: str, tokens: Sequence[Token]) -> tuple[int, Quantity | None]:
    """Find the one number of a value and its index; None if there are only words."""
    senses = {sense for token in tokens for sense in token.senses}
    # A third deficit is one of a row, and a fall by a third is a share.
    is_place = bool({"side", "streak"} & senses) and not {"by", "move"} & senses
    read = [(index, _read_number(token, is_place=is_place)) for index, token in enumerate(tokens)]
    found = [(index, quantity) for index, quantity in read if quantity]
    if not found:
        # The largest is the first.
        firsts = [index for index, token in enumerate(tokens) if {"largest", "first"} & token.senses.keys()]
        found = [(index, Quantity(Kind.PLACE, 1.0)) for index in firsts[:1]]
    if len(found) > 1:
        raise BilateralError(f"{written} is no value: it has more than one number.", remedy=_EXAMPLES)
    return found[0] if found else (-1, None)


def _read_number(token: Token, *, is_place: bool) -> Quantity | None:
    """Read the number that a token says."""
    if token.kind == "word":
        left_out = {"part" if is_place and "ordinal" in token else "", "number" if "filler" in token else ""}
        sense = next((word for word in _NUMBER_WORDS if word in token and word not in left_out), "")
        number = float(token[sense]) if sense else 0.0
        return Quantity(_NUMBER_WORDS[sense], number, decimals=int(0 < number < 1)) if sense else None
    kind = _KINDS[token.kind]
    if kind is Kind.LENGTH and not token.scale:
        # Decades are rounded to tens of years.
        is_rounded = token.unit == "decades"
        number, unit = token.number * (10 if is_rounded else 1), token.unit.replace("decades", "years")
        return Quantity(kind, number, unit, None, -is_rounded)
    kind = Kind.PLAIN if kind is Kind.LENGTH else kind
    return Quantity(kind, token.number, token.unit if kind is Kind.MONEY else None, token.scale, token.decimals)


def _is_difference(tokens: Sequence[Token], index: int) -> bool | None:
    """Return whether something moved by a number (True) or to it (False); None if the value does not say."""
    after = [token for token in tokens[index + 1 :] if "hedge" not in token][:1]
    is_to = any(token.senses.get("mark") == "after_to" for token in after)
    if is_to or any(token.text.casefold() == "to" for token in tokens):
        return False
    # In Korean an amount without a particle before the word of movement is by how much: 43억 달러 증가했다.
    is_by = index >= 0 and tokens[index].kind in {"money", "count"} and any("move" in token for token in after)
    is_korean = is_by and "가" <= after[0].text[:1] <= "힣"
    return True if is_korean or any("by" in token for token in tokens) else None
