"""Answer questions about the trade of a pair of economies.

Here: checking parameters, running a question, and building its answer. Not here: the format of a question's file
(`questions.form`), the texts of amounts and names (`questions.wording`), the texts about missing figures
(`questions.gaps`), and the display of an answer (`cli`).

The SQL of a question runs unchanged when pasted into DuckDB. Its parameters are DuckDB variables with defaults: after
`set variable partner = 'JPN';` the answer is about another pair. The last columns of a row, `CLOSING`, name the missing
series and the snapshots. An answer has at least one row, if only to name missing series.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
from jinja2 import TemplateError

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.languages import get_language, translate
from dagster_project.project import Project
from dagster_project.questions import wording
from dagster_project.questions.form import CLOSING, KINDS, Question, load_questions, locate_questions
from dagster_project.questions.gaps import CODES, describe_gap
from dagster_project.questions.numbers import Sentence
from dagster_project.questions.series import Gap, list_gaps
from dagster_project.reference.economies import find_code

__all__ = ["CLOSING", "KINDS", "Question", "load_questions", "locate_questions"]

Value = str | int
Row = Mapping[str, Any]
State = Literal["answered", "partly", "missing"]
# The note on a figure with this SDMX status.
UNCERTAIN = {"P": "Provisional.", "E": "Estimated."}
# The columns of rows that Bilateral computes, and no publisher has.
COMPUTED = ("is_computed", "nowcast_usd", "exports_adjusted_usd", "estimate_pct")
# The errors of a faulty SELECT or template.
_FAULTS = duckdb.ProgrammingError, duckdb.DataError, TypeError, ValueError, ArithmeticError, LookupError, TemplateError


@dataclass(frozen=True)
class Vintage:
    """A snapshot that an answer depends on; `publisher` is the name by which newspapers cite the publisher."""

    snapshot_id: str
    source: str
    known_from: str
    edition: str | None
    title: str
    citation: str
    licence_name: str
    licence_url: str
    publisher: str


@dataclass(frozen=True)
class Answer:
    """The answer of the warehouse to a question."""

    question: Question
    # The value of each parameter: the given value, or the default, which may be a description in words.
    values: Mapping[str, Value]
    rows: Sequence[Row]  # at least one
    vintages: Sequence[Vintage]  # the snapshots that the rows depend on
    sentence: Sentence  # the answer in words, which begins with a figure and its year
    gaps: Sequence[tuple[str, str]]  # texts about missing figures, each with how to fetch them ('' if no refresh can)
    names: Mapping[str, str]  # the economies asked about, by parameter, as in a sentence: the United States
    arises: bool  # whether the question applies to the pair; a question about deficits needs a deficit

    @property
    def title(self) -> str:
        """Return the question with the names of its economies."""
        return wording.name_sides(self.question.question, self.names)

    @property
    def missing(self) -> list[str]:
        """Return the texts about missing figures and how to fetch them."""
        return [" ".join(filter(None, gap)) for gap in self.gaps]

    def cite_row(self, row: Row) -> str:
        """Write the citation line of a row: the publishers of its snapshots, and Bilateral if it computed the row."""
        named = set(row["snapshot_ids"] or ())
        publishers = [one.publisher for one in self.vintages if one.snapshot_id in named]
        is_computed = any(row.get(column) for column in COMPUTED)
        return wording.cite_publishers([*publishers, *([wording.CALCULATION] if is_computed else [])])

    @property
    def notes(self) -> list[str]:
        """Return for each row a text about figures that are missing or not final; the text is empty if none are."""
        texts = {(gap.code, gap.series): text for gap, (text, _) in zip(list_gaps(self.rows), self.gaps, strict=True)}
        lacking = ([texts[gap.code, gap.series] for gap in list_gaps([row])] for row in self.rows)
        status = (UNCERTAIN.get(str(row.get("observation_status")), "") for row in self.rows)
        return [" ".join([*found, word]).strip() for found, word in zip(lacking, status, strict=True)]

    @property
    def state(self) -> State:
        """Return how far the rows answer the question: fully, partly, or not at all."""
        if not any(row["is_answered"] for row in self.rows):
            return "missing"
        return "partly" if any(row["missing_code"] is not None for row in self.rows) else "answered"


def ask_question(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    given: Mapping[str, Value],
    *,
    then: duckdb.DuckDBPyConnection | None = None,
) -> Answer:
    """Answer a question from a published file, which is open for reading.

    `given` has parameters as `check_parameters` returns them. `then` is the warehouse as of an earlier day. If `then`
    is given, the rows come from `then`, and the texts about gaps name no command, because no refresh changes the past.

    Raises:
        BilateralError: Of two years to compare, given or default, the first is not before the second.
    """
    rows, found, arises = _read_rows(then or connection, question, given)
    names: dict[str, str] = dict(connection.execute("select economy_code, name from core.economies").fetchall())
    question = question.translate()
    values = {**{parameter.name: translate(parameter.default) for parameter in question.parameters}, **given}
    pair = str(values.get("reporter", "")), str(values.get("partner", ""))
    described = [describe_gap(connection, gap, names, pair) for gap in found]
    write = wording.spell_days if get_language() == "en" else translate
    gaps = [(write(lacking), translate(offer) if then is None else "") for lacking, offer in described]
    lacking = [gap for gap, _ in gaps]
    # A template also states that a question does not arise, and then nothing is missing.
    if lacking and not any(row["is_answered"] for row in rows):
        exchanged = _describe_exchanged(connection, question, given, values) if then is None else ""
        refusal = translate("This question cannot be answered.")
        sentence = Sentence([f"{refusal} {lacking[0]}"])
        gaps[0] = lacking[0], f"{gaps[0][1]} {translate(exchanged)}".strip()
    else:
        with _name_file(question):
            sentence = wording.write_sentences(question.template, rows, values, names, lacking)
    economies = {
        name: wording.call_economy(names.get(str(value), str(value)))
        for name, value in values.items()
        if KINDS[name] == "economy"
    }
    notes = {name: wording.name_sides(getattr(question, name), economies) for name in ("read", "limits")}
    question, vintages = question.model_copy(update=notes), list_vintages(connection, rows)
    return Answer(question, values, rows, vintages, sentence, gaps, economies, arises)


def answer_questions(
    project: Project, connection: duckdb.DuckDBPyConnection, asked: Mapping[str, str | None]
) -> tuple[list[Answer], list[BilateralError]]:
    """Answer every question, with its parameters from `asked`; also return the errors of faulty files."""
    answers, faults = list[Answer](), list[BilateralError]()
    for question in load_questions(project, faults):
        given = {each.name: asked[each.name] for each in question.parameters if each.name in asked}
        values = check_parameters(connection, question, given)
        try:
            answers.append(ask_question(connection, question, values))
        except BilateralError as error:
            faults.append(error)
    return answers, faults


@contextmanager
def _name_file(question: Question) -> Iterator[None]:
    """Add the name of a question's file to errors of its SELECT or its template.

    If a table is missing in the published file, the error stays unchanged, because `publication.versions` explains it.
    """
    place = f"sql/questions/{question.path.name}"
    try:
        yield
    except BilateralError as error:
        raise BilateralError(f"{place}: {error.message}", remedy=error.remedy) from error
    except _FAULTS as error:
        if str(error).startswith("Catalog Error: Table"):
            raise
        remedy = "Correct the file; if the published file is older than the question, run `bilateral build`."
        raise BilateralError(f"{place}: {str(error).splitlines()[0]}.", remedy=remedy) from error


def _read_rows(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, Value]
) -> tuple[list[dict[str, Any]], list[Gap], bool]:
    """Fetch and check the rows of a question; return them, their gaps, and whether the question applies to the pair."""
    with _name_file(question):
        rows = _fetch_rows(connection, question, given)
        gaps = list_gaps(rows)
        if unknown := {gap.code for gap in gaps} - CODES.keys():
            remedy = f"Write one of {', '.join(CODES)}."
            raise BilateralError(f"unknown missing_code {min(unknown)!r}.", remedy=remedy)
        arises = wording.is_worth_asking(question.arises, rows)
    if not rows:
        remedy = "This is a bug in Bilateral: please report it."
        raise BilateralError(f"Question {question.number} returned no rows.", remedy=remedy)
    first, last = rows[0].get("from_year"), rows[0].get("to_year")
    if first is not None and last is not None and first >= last:
        raise BilateralError(
            f"Question {question.number} compares an earlier year with a later one, got {first} and {last}.",
            remedy=f"Give both {name_option('from_year')} and a later {name_option('to_year')}.",
        )
    return rows, gaps, arises


def _fetch_rows(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, Value]
) -> list[dict[str, Any]]:
    """Set the variables of a question in DuckDB, fetch its rows, and reset the variables."""
    try:
        for statement in list_settings(given):
            connection.execute(statement)
        rows = fetch_records(connection, question.select)
        return [{column.name: row[column.name] for column in question.columns} for row in rows]
    finally:
        for parameter in question.parameters:
            connection.execute(f"reset variable {parameter.name}")


def _describe_exchanged(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    given: Mapping[str, Value],
    values: Mapping[str, Value],
) -> str:
    """Write a sentence with the command that asks about the pair in reverse order; return '' if it has no answer."""
    reporter, partner = values.get("partner"), values.get("reporter")
    if reporter is None or partner is None:
        return ""
    given = {**given, "reporter": reporter, "partner": partner}
    rows = _fetch_rows(connection, question, given)
    years = [row.get("year") or row.get("to_year") for row in rows if row["is_answered"]]
    if not years:
        return ""
    of_year = f" for {max(year for year in years if year)}" if all(years) else ""
    options = [f"{name_option(name)} {value}" for name, value in given.items() if name not in {"reporter", "partner"}]
    command = " ".join(["bilateral ask", str(question.number), str(reporter), str(partner), *options])
    return f"Asked from the other side, the question can be answered{of_year}: run `{command}`."


def list_settings(given: Mapping[str, Value]) -> list[str]:
    """List the SQL statements that set a question's parameters."""
    return [
        f"set variable {name} = {value}" if isinstance(value, int) else f"set variable {name} = '{value}'"
        for name, value in given.items()
    ]


def write_script(question: Question, given: Mapping[str, Value]) -> str:
    """Write a question as a script for DuckDB: the statements that set its parameters, then its SELECT."""
    return "".join(f"{statement};\n" for statement in list_settings(given)) + f"{question.select};"


def check_parameters(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, object]
) -> dict[str, Value]:
    """Check and parse the values of a question's parameters; leave out those with the value None.

    Raises:
        BilateralError: The question has no such parameter, a value is invalid, or the years are in the wrong order.
    """
    taken = [parameter.name for parameter in question.parameters]
    values: dict[str, Value] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name not in taken:
            raise BilateralError(
                f"Question {question.number} ({question.name}) has no option {name_option(name)}.",
                remedy=f"Its options: {', '.join(name_option(known) for known in taken) or 'none'}.",
            )
        values[name] = _parse_value(connection, name, value)
    pair = [values.get(p.name, p.default) for p in question.parameters if p.name in {"reporter", "partner"}]
    if len(pair) == 2 and pair[0] == pair[1]:
        found = f"The reporter and the partner are both {pair[0]}."
        raise BilateralError(found, remedy="Give two different economies.")
    first, last = values.get("from_year"), values.get("to_year")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        raise BilateralError(
            f"{name_option('from_year')} {first} is after {name_option('to_year')} {last}.",
            remedy="Give the earlier year first.",
        )
    return values


def name_option(name: str) -> str:
    """Return the name of a parameter's command-line option."""
    return f"--{name.replace('_', '-')}"


def _parse_value(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> Value:
    kind = KINDS[name]
    text = str(value).strip()
    if kind == "year":
        if not re.fullmatch(r"\d{1,4}", text):
            remedy = "Give a year as a number, such as 2023."
            raise BilateralError(f"{name_option(name)} {text!r} is not a year.", remedy=remedy)
        return int(text)
    if kind == "economy":
        return find_code(connection, text)
    if kind == "product":
        if not re.fullmatch(r"(?!00)(\d\d){1,3}", text):
            raise BilateralError(
                f"{text!r} is not a product code.",
                remedy="Give a code of the Harmonized System of two, four or six digits, such as 8542.",
            )
        return text
    text = text.upper()
    if not re.fullmatch(r"[A-Z0-9_]{1,20}", text):
        remedy = "A code has 1 to 20 letters, digits and underscores."
        raise BilateralError(f"{name_option(name)} {text!r} is not a code.", remedy=remedy)
    return text


def list_vintages(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Vintage]:
    """List the snapshots that rows name in `snapshot_ids` or `snapshot_id`, ordered by source and day."""
    named = {name for row in rows for column in ("snapshot_ids", "snapshot_id") for name in _split_ids(row.get(column))}
    found = fetch_records(
        connection,
        """
        select snapshot_id, source, cast(known_from as varchar) as known_from, edition, title, citation, licence_name,
            licence_url, publisher
        from meta.snapshots
        inner join (select snapshot_id, publisher from meta.figure_sources) using (snapshot_id)
        where list_contains($named, snapshot_id)
        order by source, known_from, snapshot_id
        """,
        {"named": sorted(named)},
    )
    return [Vintage(**row | {"publisher": wording.name_original(row["source"], row["publisher"])}) for row in found]


def _split_ids(value: object) -> Sequence[str]:
    """Return a list of snapshot IDs; `value` is such a list, or a text with commas between the IDs."""
    if isinstance(value, str):
        return [name for name in value.split(", ") if name]
    return value if isinstance(value, list) else []
