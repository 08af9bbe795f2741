"""Questions about the trade of a pair of economies, and their answers.

Here: their parameters, asking them, and the answer. Not here: the form of a file (`questions.form`), how amounts and
names are worded (`questions.wording`), what would bring a figure that is not held (`questions.missing`), how an answer
is shown (`cli`), and figures, which are in the marts.

A question runs as it is when it is pasted. Its parameters are DuckDB variables with defaults: `set variable partner =
'JPN';` before it asks about another pair. Every answer ends in the columns of `CLOSING` and has at least one row: where
a figure is not held, a row names it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.questions import wording
from dagster_project.questions.form import CLOSING, KINDS, Parameter, Question, load_questions, locate_questions
from dagster_project.questions.missing import describe_gap
from dagster_project.questions.numbers import Sentence
from dagster_project.questions.series import list_gaps
from dagster_project.reference.economies import find_code

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "CLOSING",
    "KINDS",
    "Answer",
    "Parameter",
    "Question",
    "Vintage",
    "ask_question",
    "check_parameters",
    "list_vintages",
    "load_questions",
    "locate_questions",
]

Value = str | int
Row = Mapping[str, Any]
State = Literal["answered", "partly", "missing"]


@dataclass(frozen=True)
class Vintage:
    """A snapshot that an answer rests on, and how it asks to be cited."""

    snapshot_id: str
    source: str
    known_from: str
    edition: str | None
    title: str
    citation: str
    licence_name: str
    licence_url: str


@dataclass(frozen=True)
class Answer:
    """What the warehouse answers to a question.

    Args:
        question: The question.
        values: What each parameter was: as given, or by default, which may be in words.
        rows: The rows, at least one.
        vintages: The snapshots they rest on.
        sentence: The answer in words, a figure and its year first.
        gaps: What is not held, and for each what would bring it, or nothing if no source does.
        names: The names of the economies that it was asked about, by parameter, as they stand in a sentence.
        arises: Whether the question makes sense for the pair, as one about deficits does where there is any.
    """

    question: Question
    values: Mapping[str, Value]
    rows: Sequence[Row]
    vintages: Sequence[Vintage]
    sentence: Sentence
    gaps: Sequence[tuple[str, str]]
    names: Mapping[str, str]
    arises: bool

    @property
    def missing(self) -> list[str]:
        """What is not held and what would bring it, in words."""
        return [" ".join(filter(None, gap)) for gap in self.gaps]

    @property
    def state(self) -> State:
        """Whether the rows answer the question: wholly, in part, or not at all."""
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
    """Ask a question of a warehouse.

    Args:
        connection: A published file, open for reading; its variables are set, and reset afterwards.
        question: The question.
        given: Parameters by name, as `check_parameters` returns them.
        then: The file as of a day, where the rows come from there. What was not held then, nothing can bring any more.

    Raises:
        BilateralError: The two years that it compares are one, or in the wrong order: one was given, and the other is
            the default.
    """
    rows = _fetch_rows(then or connection, question, given)
    if not rows:
        raise BilateralError(f"Question {question.number} has no row.", remedy="This is a defect: report it.")
    first, last = rows[0].get("from_year"), rows[0].get("to_year")
    if first is not None and last is not None and first >= last:
        raise BilateralError(
            f"Question {question.number} compares two years, not {first} with {last}.",
            remedy=f"Give {name_option('from_year')} and a later {name_option('to_year')}.",
        )
    names: dict[str, str] = dict(connection.execute("select economy_code, name from core.economies").fetchall())
    values = {**{parameter.name: parameter.default for parameter in question.parameters}, **given}
    pair = str(values.get("reporter", "")), str(values.get("partner", ""))
    gaps = [describe_gap(connection, gap, names, pair) for gap in list_gaps(rows)]
    if then is not None:
        gaps = [(lacking, "") for lacking, _ in gaps]
    lacking = [" ".join(filter(None, gap)) for gap in gaps]
    # What cannot be is not missing: the template says so.
    if lacking and not any(row["is_answered"] for row in rows):
        exchanged = _describe_exchanged(connection, question, given, values) if then is None else ""
        said = Sentence([f"No answer from what is held. {lacking[0]}{exchanged}"])
    else:
        said = wording.write_sentences(question.template, rows, values, names, lacking)
    economies = {
        name: wording.add_article(names.get(str(value), str(value)))
        for name, value in values.items()
        if KINDS[name] == "economy"
    }
    arises = wording.is_worth_asking(question.arises, rows)
    return Answer(question, values, rows, list_vintages(connection, rows), said, gaps, economies, arises)


def _fetch_rows(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, Value]
) -> list[dict[str, Any]]:
    """Fetch the rows of a question; its variables are set, and reset afterwards."""
    try:
        for statement in list_settings(given):
            connection.execute(statement)
        return fetch_records(connection, question.select)
    finally:
        for parameter in question.parameters:
            connection.execute(f"reset variable {parameter.name}")


def _describe_exchanged(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, Value], values: Mapping[str, Value]
) -> str:
    """Describe how to ask about the pair exchanged, where that has an answer; return nothing where it has none."""
    reporter, partner = values.get("partner"), values.get("reporter")
    if reporter is None or partner is None:
        return ""
    given = {**given, "reporter": reporter, "partner": partner}
    rows = _fetch_rows(connection, question, given)
    years = [row.get("year") or row.get("to_year") for row in rows if row["is_answered"]]
    if not years:
        return ""
    of_year = f", of {max(year for year in years if year)}" if all(years) else ""
    options = [f"{name_option(name)} {value}" for name, value in given.items() if name not in {"reporter", "partner"}]
    command = " ".join(["bilateral ask", str(question.number), str(reporter), str(partner), *options])
    return f" The pair the other way round has one{of_year}: `{command}`."


def list_settings(given: Mapping[str, Value]) -> list[str]:
    """List the statements that give a question its parameters."""
    return [
        f"set variable {name} = {value}" if isinstance(value, int) else f"set variable {name} = '{value}'"
        for name, value in given.items()
    ]


def write_script(question: Question, given: Mapping[str, Value]) -> str:
    """Write the question as it can be pasted, parameters first."""
    return "".join(f"{statement};\n" for statement in list_settings(given)) + f"{question.select};"


def check_parameters(
    connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, object]
) -> dict[str, Value]:
    """Check parameters, and return them as they may be set.

    Args:
        connection: The published file, which knows the economies.
        question: The question they are for.
        given: Values by name; None where nothing was given.

    Raises:
        BilateralError: The question has no such parameter, the value is none of its kind, or the years are in the wrong
            order.
    """
    taken = [parameter.name for parameter in question.parameters]
    values: dict[str, Value] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name not in taken:
            raise BilateralError(
                f"Question {question.number} ({question.name}) takes no {name_option(name)}.",
                remedy=f"It takes {', '.join(name_option(known) for known in taken) or 'nothing'}.",
            )
        values[name] = _parse_value(connection, name, value)
    if "reporter" in values or "partner" in values:
        pair = [values.get(p.name, p.default) for p in question.parameters if p.name in {"reporter", "partner"}]
        if len(pair) == 2 and pair[0] == pair[1]:
            raise BilateralError(
                f"{pair[0]} does not trade with itself here.", remedy="Give a reporter and another partner."
            )
    first, last = values.get("from_year"), values.get("to_year")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        raise BilateralError(
            f"{name_option('from_year')} {first} is after {name_option('to_year')} {last}.",
            remedy="Give the earlier year first.",
        )
    return values


def name_option(name: str) -> str:
    """Name a parameter as the command line does."""
    return f"--{name.replace('_', '-')}"


def _parse_value(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> Value:
    kind = KINDS[name]
    text = str(value).strip()
    if kind == "year":
        if not re.fullmatch(r"\d{1,4}", text):
            raise BilateralError(f"{name_option(name)} {text!r} is no year.", remedy="Give a number.")
        return int(text)
    if kind == "economy":
        return find_code(connection, text)
    if kind == "product":
        if not re.fullmatch(r"(?!00)(\d\d){1,3}", text):
            raise BilateralError(
                f"There is no product {text!r}.",
                remedy="Give a code of the Harmonized System of two, four or six digits, such as 8542.",
            )
        return text
    text = text.upper()
    if not re.fullmatch(r"[A-Z0-9_]{1,20}", text):
        raise BilateralError(f"{name_option(name)} {text!r} is no code.", remedy="Give letters and digits.")
    return text


def list_vintages(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Vintage]:
    """List the snapshots that rows name in `snapshot_ids` or `snapshot_id`, by source and day."""
    named = {name for row in rows for column in ("snapshot_ids", "snapshot_id") for name in _split_ids(row.get(column))}
    found = connection.execute(
        """
        select snapshot_id, source, cast(known_from as varchar), edition, title, citation, licence_name, licence_url
        from meta.snapshots
        where list_contains($named, snapshot_id)
        order by source, known_from, snapshot_id
        """,
        {"named": sorted(named)},
    ).fetchall()
    return [Vintage(*row) for row in found]


def _split_ids(value: object) -> Sequence[str]:
    """Split snapshots from a list of them, or from a text with commas between them."""
    if isinstance(value, str):
        return [name for name in value.split(", ") if name]
    return value if isinstance(value, list) else []
