"""Parse values as printed: `$55.6 billion`, `556억 달러`, `(55.6bn)`, `57 percent`, `twofold`, `third deficit`.

An unknown word is an error, because it may deny or narrow the value. Not here: splitting a text (`tokens`), formatting
values (`notation`), and deciding which values a metric takes (`statements`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum, auto

from dagster_project.claims.tokens import Token, tokenize_text
from dagster_project.errors import BilateralError


class Comparator(StrEnum):
    """The ways to compare a claimed value with a figure."""

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
    # Only for claims without SQL; `compiling` replaces them by one of the above.
    FIRST_IN = auto()
    FIRST_EVER = auto()
    RECORD_SINCE = auto()
    STREAK = auto()
    EACH = auto()


# The bounds of a number, each with that of its negative: at least 5, at most −5.
OPPOSITE = {
    Comparator.AT_LEAST: Comparator.AT_MOST,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.MORE_THAN: Comparator.LESS_THAN,
    Comparator.LESS_THAN: Comparator.MORE_THAN,
}
BOUNDS = tuple(OPPOSITE)
# The kinds of numbers that a value may have, in words.
KINDS = {
    "money": "an amount of money", "percent": "per cent", "points": "percentage points", "times": "a multiple",
    "count": "a number of people", "number": "a number", "nth": "a rank", "length": "a length of time",
    "year": "a year",
}  # fmt: skip


@dataclass(frozen=True)
class ParsedValue:
    """A parsed value: its number, and the words around it."""

    text: str = ""
    quantity: Token | None = None  # the number, below zero with a minus or in brackets; None if only words
    bound: Comparator | None = None  # a bound such as `at_least`, or `approximately`; None without one
    side: int = 0  # -1 for a deficit, 1 for a surplus, else 0
    move: int = 0  # -1 for a fall, 1 for a rise, else 0
    is_difference: bool | None = None  # True for "rose by", False for "rose to", None if neither is said

    @property
    def kind(self) -> str:
        """Return the kind of the number, one of `KINDS`; empty without a number."""
        return self.quantity.kind if self.quantity else ""


# The most characters, and the most digits, of a value.
_LONGEST, _DIGITS = 300, 24
_EXAMPLES = "Write it as printed: $55.6 billion, -18bn, 556억 달러, 1.2 trillion won, 57 percent, twofold."
# The kinds of words that are numbers, with the kind of number; and the kinds that may stand beside a number.
_NUMBER_WORDS = {"part": "percent", "ratio": "times", "ordinal": "nth", "number": "nth"}
_WORDS_BESIDE = {
    "filler", "ending", "mark", "within", "level", "by", "base", "basis", "earlier", "streak", "first", "rank", "after",
    "since", "degree", "trade", "start", "hedge", "side", "move", "remained", "largest", "joiner",
}  # fmt: skip
_SIGNS = {">=": "at least", "≥": "at least", "<=": "at most", "≤": "at most", ">": "more than", "<": "less than",
          "~": "about"}  # fmt: skip
_SIGN = re.compile("|".join(_SIGNS))
_OTHER_LANGUAGE = re.compile(r"(?<=[a-zA-Z])\s+(?=[^a-zA-Z]*[가-힣])|(?<=[가-힣])\s+(?=[a-zA-Z])")
# The whole of a share ("of its exports"), which the metric already names.
_OF_WHOLE = re.compile(r"\bof (?:(?:its|all|total|the) ){0,3}(?:exports|imports|trade|gdp|economy)\b", re.IGNORECASE)
# A number below zero, as accountants write it.
_BRACKETS = re.compile(r"((?:us)?\$|[₩€])?\s*\(\s*([^()]*\d[^()]*)\)\s*(.*)", re.IGNORECASE)


def find_side(text: str) -> int:
    """Return -1 for a text with a word for deficit, 1 for surplus, else 0."""
    found = {token["side"] for token in tokenize_text(text) if "side" in token}
    return -1 if "deficit" in found else int("surplus" in found)


def parse_value(text: object) -> ParsedValue:
    """Parse a printed value, such as "deficit of $18.0bn"."""
    written = " ".join(str(text)[: _LONGEST + 1].replace("−", "-").replace("–", "-").replace("’", "'").split())
    has_digits = re.search(rf"\d{{{_DIGITS + 1}}}", written.replace(",", ""))
    if len(written) > _LONGEST or has_digits:
        most = f"a number has at most {_DIGITS} digits" if has_digits else f"a value has at most {_LONGEST} characters"
        raise BilateralError(f"The value that begins {written[:40]!r} is too long: {most}.", remedy=_EXAMPLES)
    bracketed = _BRACKETS.fullmatch(written)
    plain = f"{bracketed[1] or ''}{bracketed[2]} {bracketed[3]}" if bracketed else written
    sign = _SIGN.match(plain)
    tokens = _tokenize_value(written, plain[sign.end() :] if sign else plain)
    index, quantity = _find_quantity(written, tokens)
    signs = {token.sign for token in tokens} | ({"-"} if bracketed else set())
    hedges = {token["hedge"] for token in tokens if "hedge" in token} | ({_SIGNS[sign[0]]} if sign else set())
    ways = {-1 if token["move"] == "down" else 1 for token in tokens if "move" in token and "hedge" not in token}
    sides = {-1 if token["side"] == "deficit" else 1 for token in tokens if "side" in token}
    if "+" in signs:
        (ways if quantity and quantity.kind in {"percent", "points"} else sides).add(1)
    if max(len(hedges), len(ways), len(sides)) > 1 or ("-" in signs and 1 in ways | sides):
        opposite = f"{written!r} is not a valid value: two words, or a sign and a word, contradict each other."
        raise BilateralError(opposite, remedy="Keep one of the two.")
    if quantity is None and not (ways or sides):
        raise BilateralError(f"{written!r} is not a valid value.", remedy=_EXAMPLES)
    if quantity is not None and "-" in signs:
        quantity = replace(quantity, number=-quantity.number)
    bound = _find_bound(hedges, quantity)
    return ParsedValue(written, quantity, bound, sum(sides), sum(ways), _is_difference(tokens, index) if ways else None)


def _tokenize_value(written: str, plain: str) -> list[Token]:
    """Split a value into tokens; number and words may be in different languages."""
    found = [token for piece in _OTHER_LANGUAGE.split(_OF_WHOLE.sub("", plain)) for token in tokenize_text(piece)]
    tokens = [token for token in found if token.kind != "," or token.text in "?!—"]
    if words := ", ".join(token.text for token in tokens if not _is_known(token)):
        unknown = f"{written!r} is not a valid value: {words} is not understood, and may change the meaning."
        raise BilateralError(unknown, remedy="Write only the value, as in $55.6 billion, 556억 달러 or 57 percent.")
    return tokens


def _is_known(token: Token) -> bool:
    if token.kind != "word":
        return token.kind in KINDS and token.unit != "quarters"
    return token.is_any_of(*_NUMBER_WORDS, *_WORDS_BESIDE) and not token.is_any_of("deny", "narrow")


def _find_quantity(written: str, tokens: Sequence[Token]) -> tuple[int, Token | None]:
    """Find the index and the token of a value's number; -1 and None if it has only words."""
    senses = {sense for token in tokens for sense in token.senses}
    # In "third deficit", third is a rank; in "fell by a third", a share.
    is_place = bool({"side", "streak"} & senses) and not {"by", "move"} & senses
    read = [(index, _read_number(token, is_place=is_place)) for index, token in enumerate(tokens)]
    found = [(index, quantity) for index, quantity in read if quantity]
    if not found:
        # "The largest" and "the first" are rank 1.
        firsts = [index for index, token in enumerate(tokens) if token.is_any_of("largest", "first")]
        found = [(index, replace(tokens[index], kind="nth", number=1.0)) for index in firsts[:1]]
    if len(found) > 1:
        raise BilateralError(f"{written!r} is not a valid value: it has more than one number.", remedy=_EXAMPLES)
    return found[0] if found else (-1, None)


def _read_number(token: Token, *, is_place: bool) -> Token | None:
    """Return the number that a token, perhaps a word such as "third", stands for; None if it is no number."""
    if token.kind != "word":
        if token.unit == "decades" and not token.scale:
            # Decades are rounded to tens of years.
            return replace(token, number=token.number * 10, unit="years", decimals=-1)
        return replace(token, kind="number") if token.kind == "length" and token.scale else token
    left_out = {"part" if is_place and "ordinal" in token else "", "number" if "filler" in token else ""}
    sense = next((word for word in _NUMBER_WORDS if word in token and word not in left_out), "")
    number = float(token[sense]) if sense else 0.0
    return replace(token, kind=_NUMBER_WORDS[sense], number=number, decimals=int(0 < number < 1)) if sense else None


def _find_bound(hedges: set[str], quantity: Token | None) -> Comparator | None:
    """Find the comparator in the words of a value; for example, "more than halved" means less than half."""
    is_word = quantity is not None and quantity.kind != "nth" and quantity.is_any_of("part", "ratio")
    hedge = next(iter(hedges), "about" if is_word else "")
    bound = Comparator.APPROXIMATELY if hedge == "about" else Comparator(hedge.replace(" ", "_")) if hedge else None
    is_below_one = quantity is not None and "ratio" in quantity and quantity.kind == "times" and quantity.full < 1
    return OPPOSITE.get(bound, bound) if bound and is_below_one else bound


def _is_difference(tokens: Sequence[Token], index: int) -> bool | None:
    """Return True for a move by a number ("rose by"), False for a move to it ("rose to"), else None."""
    after = next((token for token in tokens[index + 1 :] if "hedge" not in token), None)
    is_to = after is not None and after.senses.get("mark") == "after_to"
    if is_to or any(token.text.casefold() == "to" for token in tokens):
        return False
    # In Korean, an amount directly before the verb is a difference: 43억 달러 증가했다.
    is_amount = index >= 0 and tokens[index].kind in {"money", "count"}
    is_by = is_amount and after is not None and "move" in after and after.is_korean
    return True if is_by or any("by" in token for token in tokens) else None
