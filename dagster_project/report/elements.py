"""Elements of the report: sections with findings, charts and tables, as Python values before they become HTML.

Here: the classes of these elements, and the formats of numbers in tables. Not here: the content of sections
(`sections`), marked numbers in sentences (`questions.numbers`), and the page (`page`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import quote

from dagster_project import metrics
from dagster_project.files import guard_formula
from dagster_project.languages import translate
from dagster_project.metrics import Figure
from dagster_project.questions import Answer
from dagster_project.questions.numbers import Sentence
from dagster_project.questions.wording import format_number
from dagster_project.report.charts.scales import scale_amounts
from dagster_project.report.pictures import Picture

# The decimals of amounts in tables, by the size of their unit.
DECIMALS = {1e9: 2, 1e8: 1, 1e6: 2, 1e4: 0}


@dataclass(frozen=True)
class Finding:
    """A sentence of an answer, as the report prints it."""

    source: str  # the question or table from which the sentence's numbers come; each number names its column
    sentence: Sentence
    question: str | None = None  # the question that the sentence answers, if it is to be printed
    missing: Sequence[str] = ()  # the texts about missing figures


def make_findings(answers: Iterable[Answer]) -> list[Finding]:
    """Make findings from answers; leave out repeated sentences, and the text of a question that does not apply."""
    findings, told = [], set[str]()
    for answer in answers:
        question, parts = answer.question, [one for one in answer.sentence.parts if one not in told]
        told.update(parts)
        sentence = Sentence([piece for part in parts for piece in (" ", *part.pieces)][1:], parts)
        findings.append(
            Finding(question.name, sentence, answer.title if answer.arises else None, [what for what, _ in answer.gaps])
        )
    return findings


@dataclass(frozen=True)
class Column:
    """A column of a table in the report."""

    name: str  # its name in a row
    label: str
    unit: str = ""  # `US$`, `percent`, `persons` and so on; empty for words
    metric: str = ""  # for example `gdp_share.services`; empty if the values have no figure IDs

    @property
    def is_number(self) -> bool:
        return self.unit not in {"", "code", "year"}


@dataclass(frozen=True)
class Table:
    """The figures behind a chart."""

    name: str  # the name of its CSV file
    caption: str
    columns: Sequence[Column]  # the first names the row
    rows: Sequence[Mapping[str, Any]]
    # The figures with IDs, by the number of the row and the name of the column.
    figures: Mapping[tuple[int, str], Figure] = field(default_factory=dict)

    @cached_property
    def size(self) -> tuple[float, str]:
        """The divisor for amounts in US$, and the unit after division."""
        named = [column.name for column in self.columns if column.unit == "US$"]
        amounts = [row[name] for row in self.rows for name in named if row[name] is not None]
        return scale_amounts(amounts or [0.0])

    def print_heading(self, column: Column) -> str:
        """Return the heading of a column with its unit."""
        unit = {"US$": self.size[1], "percent": "%"}.get(column.unit, translate(column.unit))
        return f"{column.label} ({unit})" if column.is_number else column.label

    def print_cell(self, column: Column, value: Any) -> str:
        """Format a value for a cell."""
        if value is None:
            return "–"
        if isinstance(value, bool):
            return translate("yes") if value else translate("no")
        if isinstance(value, date):
            return value.isoformat()
        if not column.is_number:
            # A list of events has a day before each.
            return "; ".join(map(translate, re.split(r"; (?=\d{4}-)", str(value))))
        if column.unit == "US$":
            return format_number(value / self.size[0], DECIMALS[self.size[0]])
        return format_number(value, 1 if column.unit == "percent" else 0)

    def list_figure_ids(self, number: int) -> list[str]:
        """List the IDs of a row's figures, in the order of the columns."""
        return [self.figures[number, c.name].id for c in self.columns if (number, c.name) in self.figures]

    def link_csv(self) -> str:
        """Return a link that contains the table as CSV, with unrounded numbers, codes and figure IDs."""
        head = [column.name for column in self.columns]
        rows = [[row[name] for name in head] for row in self.rows]
        if self.figures:
            head.append("figure_ids")
            for number, row in enumerate(rows):
                row.append(" ".join(self.list_figure_ids(number)))
        return link_csv(head, rows)


def link_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a data URL that contains a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(map(guard_formula, row) for row in (head, *rows))
    return "data:text/csv;charset=utf-8," + quote(text.getvalue(), safe=",/@:-_. ~!*()")


def link_figures(figures: Iterable[Figure]) -> str:
    """Return a link that contains figures as CSV, each with its ID."""
    units = {name: metric.unit for name, metric in metrics.load_metrics().items()}
    rows = ([one.id, one.value, units[one.identity.metric], one.observation_status] for one in figures)
    return link_csv(["id", "value", "unit", "observation_status"], rows)


@dataclass(frozen=True)
class Section:
    """A section of the report: sentences, charts and tables under one heading."""

    anchor: str  # its ID in the page
    heading: str
    findings: Sequence[Finding]
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()  # the figures of the charts
    notes: Sequence[str] = ()  # caveats of the charts and tables
    events: Sequence[Mapping[str, Any]] = ()  # the policy events of the pair, some of which a chart names

    @property
    def missing(self) -> list[str]:
        """Return the texts of all findings about missing figures, each text once."""
        return list(dict.fromkeys(text for one in self.findings for text in one.missing))


def join_findings(findings: Sequence[Finding]) -> str:
    """Join the questions and sentences of findings into one text."""
    return " ".join(text for one in findings for text in (one.question, one.sentence) if text)
