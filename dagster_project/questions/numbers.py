"""Numbers of rows that know their column, wherever a template takes them, and sentences in which they are marked.

Here: the numbers that a template is given, the marks that its filters leave around what they print of them, and the
sentence that is made of that. Not here: how a number is printed (`wording`), and figures.

A template is text, so a mark is text, too, between characters that nobody writes: the value, the column, and the words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self

# How the mark of a number begins: its value and its column, before its words.
MARK_START = "\ue000[^\ue001]*\ue001[^\ue001]*\ue001"
_MARK = re.compile("\ue000([^\ue001]*)\ue001([^\ue001]*)\ue001([^\ue002]*)\ue002")


@dataclass(frozen=True)
class Mark:
    """A number within a sentence.

    Args:
        text: How it is printed.
        value: What the row has; a sign that the words say is not left out of it.
        column: The column of the row, or a sum or a difference of columns.
    """

    text: str
    value: float
    column: str


class Sentence(str):
    """A sentence as it is read, and in pieces: words, and its numbers."""

    __slots__ = ("pieces",)

    pieces: tuple[str | Mark, ...]

    def __new__(cls, pieces: Sequence[str | Mark]) -> Self:
        made = super().__new__(cls, "".join(one.text if isinstance(one, Mark) else one for one in pieces))
        made.pieces = tuple(pieces)
        return made


class _Number:
    """A number with the column that it is of, and the value that stands there."""

    column: str
    held: float

    def __str__(self) -> str:
        return _marked(str(_plain(self)), self)

    def __neg__(self) -> Any:
        return _of(-_plain(self), self.column, self.held)

    def __abs__(self) -> Any:
        return _of(abs(_plain(self)), self.column, self.held)

    def __add__(self, other: Any) -> Any:
        return _of(_plain(self) + _plain(other), f"{self.column} + {_column(other)}")

    def __sub__(self, other: Any) -> Any:
        return _of(_plain(self) - _plain(other), f"{self.column} - {_column(other)}")

    def __truediv__(self, other: Any) -> Any:
        return _of(_plain(self) / _plain(other), f"{self.column} / {_column(other)}")


class _Whole(_Number, int):
    pass


class _Decimal(_Number, float):
    pass


def _plain(value: Any) -> Any:
    if isinstance(value, _Whole):
        return int(value)
    return float(value) if isinstance(value, _Decimal) else value


def _column(value: Any) -> str:
    return value.column if isinstance(value, _Number) else f"{value}"


def _of(value: Any, column: str, held: float | None = None) -> Any:
    made: Any = _Whole(value) if isinstance(value, int) else _Decimal(value)
    made.column, made.held = column, value if held is None else held
    return made


def known(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The columns of a row, each number of them with the column that it is of."""
    for column, value in row.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        yield column, _of(value, column) if is_number else value


def _marked(text: str, value: Any) -> str:
    return f"\ue000{value.held!r}\ue001{value.column}\ue001{text}\ue002" if isinstance(value, _Number) else text


def marking(say: Callable[..., str]) -> Callable[..., str]:
    """A filter that prints a number, and marks it."""

    @wraps(say)
    def marked(value: Any, *rest: Any) -> str:
        return _marked(say(_plain(value), *rest), value)

    return marked


def pieces(text: str) -> Iterator[str | Mark]:
    """A text with marks as words and numbers."""
    end = 0
    for found in _MARK.finditer(text):
        if words := text[end : found.start()]:
            yield words
        yield Mark(found[3], json.loads(found[1]), found[2])
        end = found.end()
    if words := text[end:]:
        yield words
