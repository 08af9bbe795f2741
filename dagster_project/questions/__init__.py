"""The questions of `sql/questions/`, the balance of a pair and what is asked about it: read, asked, and summed up.

Here: their form, their parameters, asking them and what comes of it. Not here: how amounts and names are said
(`questions.wording`), what would bring a figure that is not held (`questions.missing`), how an answer is shown (`cli`),
and no figure: those are in the marts.

A question is one file: a block comment that holds YAML, one SELECT, and a block comment that holds the template of the
sentence that sums an answer up. It runs as it is when it is pasted. Its parameters are DuckDB variables with defaults:
`set variable partner = 'JPN';` before it asks about another pair. Every answer ends in the columns of `CLOSING` and has
at least one row: where a figure is not held, a row says which.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.models import DIALECT, ColumnDoc
from dagster_project.project import Project
from dagster_project.questions import missing, wording
from dagster_project.questions.missing import CODES
from dagster_project.reference.economies import code_of

if TYPE_CHECKING:
    import duckdb

Value = str | int
Row = Mapping[str, Any]
State = Literal["answered", "partly", "missing"]

# Of every answer's last columns those that mean the same in all; a header leaves them out.
MISSING = (
    ColumnDoc("missing_code", "code", f"What is the matter with figures that the row lacks: {', '.join(CODES)}."),
    ColumnDoc(
        "missing_series",
        "list",
        "The series that are lacking: domain, A for years or M for months, reporter, flow, partner and item.",
    ),
    ColumnDoc("missing_periods", "list", "The years (2024) or months (2024-03) of which they are; null if of any."),
)
# Every answer ends in these.
CLOSING = ("is_answered", *(column.name for column in MISSING), "snapshot_ids")
# What a parameter of this name holds. A question has those that it needs.
KINDS: Mapping[str, Literal["economy", "year", "code", "product"]] = {
    "reporter": "economy",
    "partner": "economy",
    "year": "year",
    "from_year": "year",
    "to_year": "year",
    "event": "code",
    "product": "product",
}

_FORM = re.compile(
    r"\A\s*/\*\n(?P<yaml>.*?)\*/\s*(?P<select>.*?)\s*/\*\n(?P<template>.*?)\*/\s*\Z",
    re.DOTALL,
)
_FIELDS = ("number", "question", "name", "read", "limits", "parameters", "columns")


@dataclass(frozen=True)
class Parameter:
    """What a question may be asked about.

    Args:
        name: Its name, which is that of the DuckDB variable.
        default: The value without one; or in words, where it depends on what is held.
        meaning: What it is.
    """

    name: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Question:
    """A question as its file asks it.

    Args:
        number: 0 for the series that the others are about, then from 1.
        name: A short name; the file is `<number>_<name>.sql`.
        question: The question.
        read: How to read the answer.
        limits: What the answer does not say.
        parameters: What it may be asked about.
        columns: Every column of the answer, in order.
        select: The SELECT, without what stands before and after it.
        template: The template of the sentence.
        reads: The tables and table macros that it reads, `schema.table`.
        series: Of an answer with a row a year the columns that a chart shows, each with what it is called there.
        path: Where it is written.
    """

    number: int
    name: str
    question: str
    read: str
    limits: str
    parameters: tuple[Parameter, ...]
    columns: tuple[ColumnDoc, ...]
    select: str
    template: str
    reads: frozenset[str]
    series: Mapping[str, str] = field(default_factory=dict)
    path: Path = field(default=Path(), compare=False)

    @classmethod
    def read_file(cls, path: Path) -> Question:
        """The question written at `path`."""
        return cls.parse(path.read_text(encoding="utf-8"), path)

    @classmethod
    def parse(cls, text: str, path: Path) -> Question:
        """The question from its text.

        Raises:
            BilateralError: The header or the SELECT is not of the form above, or they name different columns.
        """
        place = f"sql/questions/{path.name}"
        match = _FORM.match(text)
        if match is None:
            raise BilateralError(
                f"{place} is not a block comment, a SELECT and a block comment.",
                remedy="Write the header in YAML, then one SELECT, then the template of its sentence.",
            )
        header = _header(match["yaml"], place)
        select = match["select"].strip().rstrip(";")
        tree = _one_select(select, place)
        wording.check(match["template"], place)
        columns = tuple(ColumnDoc(name, *_halves(doc, name, place)) for name, doc in header["columns"].items())
        columns = (*columns[:-1], *MISSING, *columns[-1:])
        documented, produced = [column.name for column in columns], tree.named_selects
        if documented != produced:
            raise BilateralError(
                f"{place}: the header documents {documented}, and the SELECT produces {produced}.",
                remedy="Document every column in its order, and no other.",
            )
        if tuple(documented[-len(CLOSING) :]) != CLOSING:
            raise BilateralError(f"{place} does not end in {', '.join(CLOSING)}.")
        drawn = {str(name): str(label) for name, label in (header.get("series") or {}).items()}
        if drawn and not {"year", *drawn} <= set(documented):
            raise BilateralError(f"{place} has a series of {', '.join(drawn)}, and not a year and each of these.")
        parameters = tuple(
            Parameter(name, *_halves(doc, name, place)) for name, doc in (header["parameters"] or {}).items()
        )
        if unknown := [parameter.name for parameter in parameters if parameter.name not in KINDS]:
            raise BilateralError(f"{place} has parameters {unknown} of no known kind.")
        return cls(
            number=int(header["number"]),
            name=str(header["name"]),
            question=str(header["question"]),
            read=" ".join(str(header["read"]).split()),
            limits=" ".join(str(header["limits"]).split()),
            parameters=parameters,
            columns=columns,
            select=select,
            template=match["template"].strip("\n"),
            reads=_reads(tree, place),
            series=drawn,
            path=path,
        )


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
        given: The parameters that were given; the others had their defaults.
        rows: The rows, at least one.
        vintages: The snapshots they rest on.
        sentence: The answer in one sentence.
        missing: What is not held and what would bring it, each said once.
        names: The names of the economies that it was asked about, by parameter, as they stand in a sentence.
    """

    question: Question
    given: Mapping[str, Value]
    rows: Sequence[Row]
    vintages: Sequence[Vintage]
    sentence: str
    missing: Sequence[str]
    names: Mapping[str, str]

    @property
    def values(self) -> dict[str, Value]:
        """What each parameter was: as given, or by default, which may be in words."""
        return {p.name: self.given.get(p.name, p.default) for p in self.question.parameters}

    @property
    def state(self) -> State:
        return state(self.rows)


def state(rows: Sequence[Row]) -> State:
    """Whether rows answer their question: wholly, in part, or not at all."""
    if not any(row["is_answered"] for row in rows):
        return "missing"
    return "partly" if any(row["missing_code"] is not None for row in rows) else "answered"


def load(project: Project) -> list[Question]:
    """Every question of the project, by number.

    Raises:
        BilateralError: A file is malformed, is not called after its header, or a number stands twice.
    """
    found = [Question.read_file(path) for path in sorted((project.sql / "questions").glob("*.sql"))]
    for question in found:
        if question.path.stem != f"{question.number:02}_{question.name}":
            raise BilateralError(
                f"sql/questions/{question.path.name} is question {question.number}, {question.name}.",
                remedy=f"Call it {question.number:02}_{question.name}.sql.",
            )
    numbers = [question.number for question in found]
    if len(set(numbers)) != len(numbers):
        raise BilateralError(f"sql/questions/ has a number twice: {numbers}.", remedy="Give each question its own.")
    return found


def ask(connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, Value]) -> Answer:
    """Asks a question of a warehouse.

    Args:
        connection: A published file, open for reading; its variables are set, and reset afterwards.
        question: The question.
        given: Parameters by name, as `checked` returns them.

    Raises:
        BilateralError: The two years that it compares are one, or in the wrong order: one was given, and the other is
            the default.
    """
    reset = [f"reset variable {parameter.name}" for parameter in question.parameters]
    try:
        for statement in settings(given):
            connection.execute(statement)
        found = connection.execute(question.select)
        columns = [column[0] for column in found.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    finally:
        for statement in reset:
            connection.execute(statement)
    if not rows:
        raise BilateralError(f"Question {question.number} has no row.", remedy="This is a defect: report it.")
    _in_order(question, rows[0].get("from_year"), rows[0].get("to_year"))
    names: dict[str, str] = dict(connection.execute("select economy_code, name from core.economies").fetchall())
    values = {**{parameter.name: parameter.default for parameter in question.parameters}, **given}
    pair = str(values.get("reporter", "")), str(values.get("partner", ""))
    lacking = [missing.text(connection, gap, names, pair) for gap in missing.gaps(rows)]
    # What cannot be is not missing: the template says so.
    if lacking and not any(row["is_answered"] for row in rows):
        said = f"Not to be said from what is held. {lacking[0]}"
    else:
        said = wording.sentence(question.template, rows, values, names, lacking)
    economies = {
        name: wording.with_article(names.get(str(value), str(value)))
        for name, value in values.items()
        if KINDS[name] == "economy"
    }
    return Answer(question, given, rows, vintages(connection, rows), said, lacking, economies)


def _in_order(question: Question, first: int | None, last: int | None) -> None:
    if first is not None and last is not None and first >= last:
        raise BilateralError(
            f"Question {question.number} compares two years, not {first} with {last}.",
            remedy=f"Give {option('from_year')} and a later {option('to_year')}.",
        )


def settings(given: Mapping[str, Value]) -> list[str]:
    """The statements that give a question its parameters."""
    return [
        f"set variable {name} = {value}" if isinstance(value, int) else f"set variable {name} = '{value}'"
        for name, value in given.items()
    ]


def script(question: Question, given: Mapping[str, Value]) -> str:
    """The question as it can be pasted, parameters first."""
    return "".join(f"{statement};\n" for statement in settings(given)) + f"{question.select};"


def checked(connection: duckdb.DuckDBPyConnection, question: Question, given: Mapping[str, object]) -> dict[str, Value]:
    """Parameters as they may be set.

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
                f"Question {question.number} ({question.name}) takes no {option(name)}.",
                remedy=f"It takes {', '.join(option(known) for known in taken) or 'nothing'}.",
            )
        values[name] = _value(connection, name, value)
    if "reporter" in values or "partner" in values:
        pair = [values.get(p.name, p.default) for p in question.parameters if p.name in {"reporter", "partner"}]
        if len(pair) == 2 and pair[0] == pair[1]:
            raise BilateralError(
                f"{pair[0]} does not trade with itself here.", remedy="Give a reporter and another partner."
            )
    first, last = values.get("from_year"), values.get("to_year")
    if isinstance(first, int) and isinstance(last, int) and first > last:
        raise BilateralError(
            f"{option('from_year')} {first} is after {option('to_year')} {last}.", remedy="Give the earlier year first."
        )
    return values


def option(name: str) -> str:
    """What a parameter is called on the command line."""
    return f"--{name.replace('_', '-')}"


def _value(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> Value:
    kind = KINDS[name]
    text = str(value).strip()
    if kind == "year":
        if not re.fullmatch(r"\d{1,4}", text):
            raise BilateralError(f"{option(name)} {text!r} is no year.", remedy="Give a number.")
        return int(text)
    if kind == "economy":
        return code_of(connection, text)
    if kind == "product":
        if not re.fullmatch(r"(?!00)(\d\d){1,3}", text):
            raise BilateralError(
                f"There is no product {text!r}.",
                remedy="Give a code of the Harmonized System of two, four or six digits, such as 8542.",
            )
        return text
    text = text.upper()
    if not re.fullmatch(r"[A-Z0-9_]{1,20}", text):
        raise BilateralError(f"{option(name)} {text!r} is no code.", remedy="Give letters and digits.")
    return text


def vintages(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> list[Vintage]:
    """The snapshots that rows name in `snapshot_ids` or `snapshot_id`, by source and day."""
    named = {name for row in rows for column in ("snapshot_ids", "snapshot_id") for name in _ids(row.get(column))}
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


def _ids(value: object) -> Sequence[str]:
    """Snapshots from a list of them, or from a text with commas between them."""
    if isinstance(value, str):
        return [name for name in value.split(", ") if name]
    return value if isinstance(value, list) else []


def _header(text: str, place: str) -> dict[str, Any]:
    try:
        header = load_yaml(text)
    except yaml.YAMLError as error:
        raise BilateralError(
            f"{place}: the header is not YAML: {error}.", remedy="Quote a text that holds ': '."
        ) from error
    if not isinstance(header, dict) or tuple(name for name in header if name != "series") != _FIELDS:
        raise BilateralError(
            f"{place}: a header has {', '.join(_FIELDS)}, in this order, and perhaps series; "
            f"this one has {list(header) if isinstance(header, dict) else 'no fields'}."
        )
    return header


def _one_select(select: str, place: str) -> exp.Query:
    try:
        found = parse(select, dialect=DIALECT)
    except SqlglotError as error:
        raise BilateralError(f"{place} is not one SELECT: {str(error).splitlines()[0]}") from error
    if len(found) != 1:
        raise BilateralError(f"{place} is not one SELECT, but {len(found)} statements.")
    tree = found[0]
    if not isinstance(tree, exp.Query):
        raise BilateralError(f"{place} is a {type(tree).__name__}, not a SELECT.")
    return tree


def _reads(tree: exp.Query, place: str) -> frozenset[str]:
    """The tables and table macros of the warehouse that a SELECT reads."""
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        name = table.this.this if isinstance(table.this, exp.Anonymous) else table.name
        if table.db:
            found.add(f"{table.db}.{name}")
        elif name not in inner:
            raise BilateralError(f"{place} reads {name} without saying its schema.", remedy="Write schema.table.")
    return frozenset(found)


def _halves(text: object, name: str, place: str) -> tuple[str, str]:
    first, bar, second = str(text).partition("|")
    if not (bar and first.strip() and second.strip()):
        raise BilateralError(
            f"{place}: {name} is documented as {text!r}.", remedy="Write `unit | meaning`, or `default | meaning`."
        )
    return first.strip(), " ".join(second.split())
