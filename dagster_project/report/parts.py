"""What the report is made of: sections with sentences, charts and tables, as values and not yet as HTML.

Here: the parts, numbers as they are printed, and sentences whose numbers are marked. Not here: what a section says
(`sections`), and the page (`page`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dagster_project.questions import wording
from dagster_project.report.charts import scale

if TYPE_CHECKING:
    from dagster_project.metrics import Figure
    from dagster_project.questions import Answer
    from dagster_project.report.drawing import Picture

_NUMBER = re.compile(r"−?US\$[\d,.]*\d(?:bn|m)?|−?\d[\d,.]*%")


@dataclass(frozen=True)
class Mark:
    """A number within a sentence: as printed, what the warehouse has, and in which column of which answer."""

    text: str
    value: float
    of: str


@dataclass(frozen=True)
class Said:
    """A sentence in pieces: words, and marked numbers."""

    question: str
    pieces: Sequence[str | Mark]

    def __str__(self) -> str:
        return "".join(piece if isinstance(piece, str) else piece.text for piece in self.pieces)


def said(answer: Answer) -> Said:
    """The sentence of an answer, each of its numbers with the figure of the answer that it prints."""
    printed = {text: mark for mark in _printed(answer) for text in [mark.text]}
    pieces: list[str | Mark] = []
    end = 0
    for found in _NUMBER.finditer(answer.sentence):
        mark = printed.get(found[0])
        if mark is not None:
            pieces += [answer.sentence[end : found.start()], mark]
            end = found.end()
    pieces.append(answer.sentence[end:])
    return Said(answer.question.name, [piece for piece in pieces if piece])


def _printed(answer: Answer) -> Iterator[Mark]:
    """Every figure of an answer in each way in which its sentence may print it; of two the earlier row comes last."""
    for row in reversed(answer.rows):
        for column, value in row.items():
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            of = f"{answer.question.name}.{column}"
            if column.endswith("_usd"):
                yield from (Mark(wording.usd(signed), value, of) for signed in (value, -value))
            elif column.endswith(("_pct", "_pp")):
                for decimals in range(1, 7):
                    yield from (Mark(wording.percent(signed, decimals), value, of) for signed in (-value, value))


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        name: The key of its values in a row.
        label: What stands above it.
        unit: `US$`, `percent`, `persons` and so on; none for words.
    """

    name: str
    label: str
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """The figures behind a chart.

    Args:
        name: What its file is called.
        caption: What it shows.
        columns: The columns; the first names the row.
        rows: The rows.
        figures: For a row and a column the figure that stands there.
    """

    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    figures: Mapping[tuple[int, str], Figure] = field(default_factory=dict)

    @property
    def size(self) -> tuple[float, str]:
        """What amounts in US$ are divided by, and how the unit is written then."""
        named = [column.name for column in self.columns if column.unit == "US$"]
        amounts = [row[name] for row in self.rows for name in named if row[name] is not None]
        return scale(amounts or [0.0])

    def heading(self, column: Column) -> str:
        """The label of a column with its unit."""
        unit = {"US$": self.size[1], "percent": "%"}.get(column.unit, column.unit)
        return f"{column.label} ({unit})" if unit and unit not in {"year", "code"} else column.label

    def printed(self, column: Column, value: Any) -> str:
        """A value as a cell shows it."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return value.isoformat()
        if column.unit == "US$":
            return f"{value / self.size[0]:,.2f}".replace("-", "−")
        if column.unit in {"percent", "points", "times"}:
            return f"{value:,.1f}".replace("-", "−")
        if isinstance(value, int | float) and column.unit not in {"year", "code"}:
            return f"{value:,.0f}".replace("-", "−")
        return str(value)

    @property
    def has_identities(self) -> bool:
        return bool(self.figures)

    def identities(self, number: int) -> list[str]:
        """The identities of a row's figures, in the order of the columns."""
        return [self.figures[number, c.name].id for c in self.columns if (number, c.name) in self.figures]

    def csv(self) -> str:
        """The table as a file for other hands: whole numbers, codes and identities."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*(c.name for c in self.columns), *(["identities"] if self.has_identities else [])])
        for number, row in enumerate(self.rows):
            values = ["" if row[c.name] is None else row[c.name] for c in self.columns]
            writer.writerow([*values, *([" ".join(self.identities(number))] if self.has_identities else [])])
        return text.getvalue()

    def link(self) -> str:
        """The file as an address that holds it."""
        return "data:text/csv;charset=utf-8," + quote(self.csv(), safe=",/@:-_. ~!*()")


@dataclass(frozen=True)
class Key:
    """What a colour or a form in the charts means: its class in the page, and the words."""

    form: str
    label: str


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Args:
        anchor: Its address within the page.
        heading: What it is about.
        sentences: What is found.
        pictures: The charts.
        key: What their colours mean.
        tables: The figures behind them.
        notes: What a reader must know of them.
        listed: What the numbers in a chart stand for.
        lacking: What is not held, and what would bring it.
    """

    anchor: str
    heading: str
    sentences: Sequence[Said]
    pictures: Sequence[Picture] = ()
    key: Sequence[Key] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    listed: Sequence[Mapping[str, Any]] = ()
    lacking: Sequence[str] = ()


def described(sentences: Sequence[Said]) -> str:
    """Sentences as one text."""
    return " ".join(str(sentence) for sentence in sentences)
