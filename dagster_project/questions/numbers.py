"""Track from which column of a row each number in a sentence comes.

Here: the numbers passed to a template, the marks that its filters put around printed numbers, and splitting a sentence
at these marks. Not here: the formatting of numbers (`wording`).

A template produces text, so a mark is text: the value, the column and the printed number, between private-use
characters, which no template contains.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self

# The start of a mark: the value and the column, before the printed number.
MARK_START = "\ue000[^\ue001]*\ue001[^\ue001]*\ue001"
_MARK = re.compile("\ue000([^\ue001]*)\ue001([^\ue001]*)\ue001([^\ue002]*)\ue002")


@dataclass(frozen=True)
class Mark:
    """A number within a sentence."""

    text: str  # as printed
    value: float  # as in the row, with its sign even if the sentence states the sign in words
    column: str  # the column of the row, or an expression of columns such as `a - b`


class Sentence(str):
    """A text; `pieces` are the plain texts and marked numbers in it, `parts` are the sentences in it."""

    __slots__ = ("parts", "pieces")

    pieces: tuple[str | Mark, ...]
    parts: tuple[Self, ...]

    def __new__(cls, pieces: Sequence[str | Mark], parts: Iterable[Self] = ()) -> Self:
        made = super().__new__(cls, "".join(one.text if isinstance(one, Mark) else one for one in pieces))
        made.pieces = tuple(pieces)
        made.parts = tuple(parts) or (made,)
        return made


class _Number:
    """A number in a template, with the name of its column and its unchanged value in the row."""

    column: str
    held: float

    def __str__(self) -> str:
        return _mark_text(str(_strip_column(self)), self)

    def __neg__(self) -> Any:
        return _make_number(-_strip_column(self), self.column, self.held)

    def __abs__(self) -> Any:
        return _make_number(abs(_strip_column(self)), self.column, self.held)

    def __add__(self, other: Any) -> Any:
        return _make_number(_strip_column(self) + _strip_column(other), f"{self.column} + {_name_column(other)}")

    def __sub__(self, other: Any) -> Any:
        return _make_number(_strip_column(self) - _strip_column(other), f"{self.column} - {_name_column(other)}")

    def __truediv__(self, other: Any) -> Any:
        return _make_number(_strip_column(self) / _strip_column(other), f"{self.column} / {_name_column(other)}")


class _Whole(_Number, int):
    pass


class _Decimal(_Number, float):
    pass


def _strip_column(value: Any) -> Any:
    if isinstance(value, _Whole):
        return int(value)
    return float(value) if isinstance(value, _Decimal) else value


def _name_column(value: Any) -> str:
    return value.column if isinstance(value, _Number) else f"{value}"


def _make_number(value: Any, column: str, held: float | None = None) -> Any:
    made: Any = _Whole(value) if isinstance(value, int) else _Decimal(value)
    made.column, made.held = column, value if held is None else held
    return made


def mark_columns(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attach to each number of a row the name of its column; yield columns and values."""
    for column, value in row.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        yield column, _make_number(value, column) if is_number else value


def _mark_text(text: str, value: Any) -> str:
    """Put the marks around a printed number that carry its value and its column."""
    return f"\ue000{value.held!r}\ue001{value.column}\ue001{text}\ue002" if isinstance(value, _Number) else text


def mark_output(say: Callable[..., str]) -> Callable[..., str]:
    """Wrap a filter so that it marks the number that it prints."""

    @wraps(say)
    def format_and_mark(value: Any, *rest: Any) -> str:
        return _mark_text(say(_strip_column(value), *rest), value)

    return format_and_mark


def is_rounded_apart(exports: float, imports: float, balance: float) -> bool:
    """Return whether exports less imports differ from the balance as texts print the largest of the three."""
    largest = max(abs(value) for value in (exports, imports, balance))
    # Below US$10,000 amounts are whole; else they have two decimals of millions or billions.
    step = 1e7 if round(largest / 1e6, 2) >= 1000 else 1e4 if round(largest) >= 10_000 else 1
    return round(exports / step) - round(imports / step) != round(balance / step)


def split_pieces(text: str) -> Iterator[str | Mark]:
    """Split a text with marks into plain texts and marked numbers."""
    end = 0
    for found in _MARK.finditer(text):
        if words := text[end : found.start()]:
            yield words
        yield Mark(found[3], json.loads(found[1]), found[2])
        end = found.end()
    if words := text[end:]:
        yield words
