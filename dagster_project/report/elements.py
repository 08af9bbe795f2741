"""What the report is made of: sections with findings, charts and tables, as values and not yet as HTML.

Here: the elements, and numbers as a table prints them. Not here: what a section says (`sections`), how numbers are
marked in sentences (`questions.numbers`), and the page (`page`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dagster_project import metrics
from dagster_project.report.charts import format_number, scale_amounts

if TYPE_CHECKING:
    from dagster_project.metrics import Figure
    from dagster_project.questions import Answer
    from dagster_project.questions.numbers import Sentence
    from dagster_project.report.pictures import Picture


@dataclass(frozen=True)
class Finding:
    """A sentence, and what it answers.

    Args:
        source: Where its numbers are columns: a question, or a table.
        sentence: The sentence.
        question: The question that it answers, if a reader needs to know it.
        missing: What is not held, and what would bring it.
    """

    source: str
    sentence: Sentence
    question: str | None = None
    missing: Sequence[str] = ()


def make_finding(answer: Answer) -> Finding:
    """Make the finding of an answer; a question that does not arise is not printed above it."""
    question = answer.question
    return Finding(question.name, answer.sentence, question.question if answer.arises else None, answer.missing)


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        name: The key of its values in a row.
        label: What stands above it.
        unit: `US$`, `percent`, `persons` and so on; none for words.
        metric: The metric that its values are figures of, with its item after a point, if they have identities.
    """

    name: str
    label: str
    unit: str = ""
    metric: str = ""

    @property
    def is_number(self) -> bool:
        return self.unit not in {"", "code", "year"}


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
        """The number that amounts in US$ are divided by, and the unit that they have then."""
        named = [column.name for column in self.columns if column.unit == "US$"]
        amounts = [row[name] for row in self.rows for name in named if row[name] is not None]
        return scale_amounts(amounts or [0.0])

    def print_heading(self, column: Column) -> str:
        """Print the label of a column with its unit."""
        unit = {"US$": self.size[1], "percent": "%"}.get(column.unit, column.unit)
        return f"{column.label} ({unit})" if column.is_number else column.label

    def print_cell(self, column: Column, value: Any) -> str:
        """Print a value as a cell shows it."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, date):
            return value.isoformat()
        if not column.is_number:
            return str(value)
        decimals = {"US$": 2, "percent": 1}.get(column.unit, 0)
        return format_number(value / (self.size[0] if column.unit == "US$" else 1), decimals)

    def list_identities(self, number: int) -> list[str]:
        """List the identities of a row's figures, in the order of the columns."""
        return [self.figures[number, c.name].id for c in self.columns if (number, c.name) in self.figures]

    def link_csv(self) -> str:
        """Return a link to the table as a file: whole numbers, codes and identities."""
        head = [*(c.name for c in self.columns), *(["identities"] if self.figures else [])]
        rows = [
            [*(row[c.name] for c in self.columns), *([" ".join(self.list_identities(number))] if self.figures else [])]
            for number, row in enumerate(self.rows)
        ]
        return link_csv(head, rows)


def link_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return an address that holds a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return "data:text/csv;charset=utf-8," + quote(text.getvalue(), safe=",/@:-_. ~!*()")


def link_figures(figures: Iterable[Figure]) -> str:
    """Return a link to figures as a file, each under its identity."""
    units = {name: metric.unit for name, metric in metrics.load_metrics().items()}
    rows = ([one.id, one.value, units[one.identity.metric], one.observation_status] for one in figures)
    return link_csv(["id", "value", "unit", "observation_status"], rows)


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Args:
        anchor: Its address within the page.
        heading: What it is about.
        findings: What is found.
        pictures: The charts.
        key: What each colour or form in them means, by its class in the page.
        tables: The figures behind them.
        notes: What a reader must know of them.
        events: What the numbers in a chart stand for.
    """

    anchor: str
    heading: str
    findings: Sequence[Finding]
    pictures: Sequence[Picture] = ()
    key: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    events: Sequence[Mapping[str, Any]] = ()

    @property
    def missing(self) -> list[str]:
        """What is not held, each said once."""
        return list(dict.fromkeys(text for one in self.findings for text in one.missing))


def join_findings(findings: Sequence[Finding]) -> str:
    """Join findings to one text."""
    return " ".join(one.sentence for one in findings)
