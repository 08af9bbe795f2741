"""Read everything that the report needs about a pair of economies from a published file: names, answers, figures, rows.

Here: reading each of these once and caching it. Not here: the sections made from them (`sections`, `events`, `page`),
and queries for figures that a question or a metric already has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics, questions
from dagster_project.database import fetch_records
from dagster_project.files import load_yaml
from dagster_project.languages import translate
from dagster_project.metrics import NOBODY, Figure
from dagster_project.project import Project
from dagster_project.questions import Answer, Question, Vintage
from dagster_project.questions.wording import call_economy, cite_publishers, make_possessive, name_original
from dagster_project.report.elements import Column, Table

Row = Mapping[str, Any]
# The publisher of the project's own registers, which no chart names.
OWN = "Bilateral"


@dataclass
class Pair:
    """A reporter and a partner in a published file; names and answers are in the language chosen at their first use."""

    project: Project
    connection: duckdb.DuckDBPyConnection
    reporter: str
    partner: str
    answers: dict[str, Answer] = field(default_factory=dict)  # those read so far, by the name of the question
    _figures: dict[tuple[str, str | None], Sequence[Figure]] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of all economies by code, as in a sentence: for example, the United States."""
        found = self.connection.execute("select economy_code, name from core.economies").fetchall()
        return {code: call_economy(name) for code, name in found}

    @property
    def reporter_name(self) -> str:
        return self.names.get(self.reporter, self.reporter)

    @property
    def partner_name(self) -> str:
        return self.names.get(self.partner, self.partner)

    @property
    def words(self) -> dict[str, str]:
        """Return names for templates: `reporter` and `partner`; `whose` and `partners` are their possessive forms."""
        own, other = self.reporter_name, self.partner_name
        return {"reporter": own, "partner": other, "whose": make_possessive(own), "partners": make_possessive(other)}

    @cached_property
    def publication(self) -> dict[str, Any]:
        """Read the one row of meta.publication."""
        return self.query_rows("from meta.publication")[0]

    def ask_question(self, name: str, **more: int) -> Answer:
        """Answer a question about the pair; return the cached answer unless `more` has parameters such as years."""
        if name not in self.answers or more:
            # Read only the questions that are needed, because parsing is slow.
            question = Question.read_file(questions.locate_questions(self.project)[name])
            sides = {"reporter": self.reporter, "partner": self.partner}
            taken = {p.name: sides[p.name] for p in question.parameters if p.name in sides}
            given = questions.check_parameters(self.connection, question, {**taken, **more})
            self.answers[name] = questions.ask_question(self.connection, question, given)
        return self.answers[name]

    @cached_property
    def signs(self) -> dict[int, str | None]:
        """The sign of the balance by year; None if the year's figures are too incomplete (the coverage check)."""
        rows = self.ask_question("balance").rows
        return {row["year"]: row["balance_sign"] for row in rows if row["balance_usd"] is not None}

    def has_sign(self, *years: int) -> bool:
        """Return whether each year's balance has a known sign; a year without figures counts as the year before."""
        checked = [max((one for one in self.signs if one <= year), default=None) for year in years]
        return all(one is None or self.signs[one] is not None for one in checked)

    def get_figures(self, name: str, *, of: str | None = None) -> Mapping[str, Figure]:
        """Return the figures of a metric or item (`gdp_share.services`) by period, for the pair or the economy `of`."""
        metric, _, item = name.partition(".")
        figures = self._read_metric(metric, of)
        return {one.identity.period: one for one in figures if not item or one.identity.item == item}

    def _read_metric(self, metric: str, of: str | None) -> Sequence[Figure]:
        """Read and cache figures of all items of a metric, about the economy `of`, by default about the pair."""
        if (metric, of) not in self._figures:
            sides = (of, NOBODY) if of else (self.reporter, self.partner)
            known = metrics.load_metrics()[metric]
            self._figures[metric, of] = metrics.read_figures(self.connection, known, *sides)
        return self._figures[metric, of]

    def list_columns(self, table: str) -> list[Column]:
        """List the columns of a table of the report (`tables.yml`); the labels have the names of the economies."""
        columns = ((name, *text.split(" | ")) for name, text in _load_tables()[table].items())
        return [Column(name, translate(label, **self.words), *rest) for name, label, *rest in columns]

    def make_table(
        self, table: str, caption: str, rows: Sequence[Row], *, name: str | None = None, of: str | None = None
    ) -> Table:
        """Make a table of `tables.yml` from rows by year, newest first; add IDs to figures whose column has a metric.

        `rows` are ordered from the oldest. `name` is that of the CSV file, by default `table`. The figures are those of
        the economy `of`, by default those of the pair.
        """
        newest_first, columns = rows[::-1], self.list_columns(table)
        held = {column.name: self.get_figures(column.metric, of=of) for column in columns if column.metric}
        figures = {
            (number, column): figure
            for number, row in enumerate(newest_first)
            for column, known in held.items()
            if (figure := known.get(str(row["year"]))) is not None and figure.is_value(row[column])
        }
        return Table(name or table, caption, columns, newest_first, figures)

    def list_figures(self) -> list[Figure]:
        """List the figures of all metrics: of the pair in the reporter's statistics, and of each economy alone."""
        return [
            figure
            for one in metrics.load_metrics().values()
            for of in ([None] if one.has_partner else [self.reporter, self.partner])
            for figure in self._read_metric(one.name, of)
        ]

    def name_source(self, found: Iterable[Figure | Vintage], also: Iterable[str] = ()) -> str:
        """Write the source line of figures or vintages, with their publishers and the names in `also`."""
        ids = [one for f in found for one in ([f.snapshot_id] if isinstance(f, Vintage) else f.snapshot_ids)]
        names = Counter(self._publishers[one] for one in ids if one in self._publishers)
        return cite_publishers([*(name for name, _ in names.most_common()), *also])

    @cached_property
    def _publishers(self) -> dict[str, str]:
        wanted = "select snapshot_id, source, publisher from meta.figure_sources"
        rows = self.query_rows(f"{wanted} where publisher != '{OWN}'")
        return {row["snapshot_id"]: name_original(row["source"], row["publisher"]) for row in rows}

    def query_rows(self, sql: str, **given: Any) -> list[dict[str, Any]]:
        """Return the rows of a query as dictionaries; `$reporter` and `$partner` stand for the codes of the pair."""
        sides = {"reporter": self.reporter, "partner": self.partner}
        used = {name: value for name, value in (sides | given).items() if f"${name}" in sql}
        return fetch_records(self.connection, sql, used or None)


@cache
def _load_tables() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = load_yaml(Path(__file__).with_name("tables.yml").read_text(encoding="utf-8"))
    return tables
