"""Read a question's file: a header in YAML, one SELECT, and the template of the sentences that state the answer.

Here: reading and checking a file of `sql/questions/`. Not here: running it (`questions`), and the filters that its
template may use (`questions.wording`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml, read_text
from dagster_project.languages import get_language, translate
from dagster_project.models import DIALECT, ColumnDoc
from dagster_project.models.header import read_columns, read_glossary
from dagster_project.project import Project
from dagster_project.questions import wording
from dagster_project.questions.gaps import CODES

if TYPE_CHECKING:
    from sqlglot import exp

# The columns near the end of every answer, which headers do not document because they always mean the same.
MISSING = (
    ColumnDoc("missing_code", "code", f"The reason why the row lacks figures: {', '.join(CODES)}."),
    ColumnDoc(
        "missing_series",
        "list",
        "The missing series: domain, A (annual) or M (monthly), reporter, flow, partner and item.",
    ),
    ColumnDoc("missing_periods", "list", "The missing years (2024) or months (2024-03); null if all are missing."),
)
# The last columns of every answer.
CLOSING = ("is_answered", *(column.name for column in MISSING), "snapshot_ids")
# The kind of value of each parameter. A question has only the parameters that it needs.
KINDS: Mapping[str, Literal["economy", "year", "code", "product"]] = {
    "reporter": "economy",
    "partner": "economy",
    "year": "year",
    "from_year": "year",
    "to_year": "year",
    "event": "code",
    "product": "product",
}


_REMEDY = "CONTRIBUTING.md describes the file of a question."
_FORM = re.compile(r"\A\s*/\*\n(?P<header>.*?)\*/\s*(?P<select>.*?)\s*/\*\n(?P<template>.*?)\*/\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question; in the question's SELECT, the parameter is a variable of DuckDB.

    The default is a value or, if it depends on the available figures, a description in words.
    """

    name: str
    default: str
    meaning: str


def _read_parameters(given: object) -> tuple[Parameter, ...]:
    """Parse the parameters that a header documents as `name: default | meaning`."""
    found = []
    for name, text in (given if isinstance(given, dict) else {str(given): ""} if given else {}).items():
        default, _, meaning = (part.strip() for part in str(text).partition("|"))
        if not default or not meaning:
            raise ValueError(f"parameter {name}: expected `default | meaning`, got {text!r}")
        found.append(Parameter(name, default, " ".join(meaning.split())))
    return tuple(found)


Folded = Annotated[str, AfterValidator(lambda text: " ".join(text.split()))]


class Question(BaseModel):
    """A question, as its file defines it."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    number: int  # 0 for the series of balances that all other questions are about; the others count from 1
    name: str  # a short name; the file is `<number>_<name>.sql`
    question: str
    read: Folded  # how to read the answer
    limits: Folded  # what the answer does not say
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(_read_parameters)]
    columns: tuple[ColumnDoc, ...]  # in the order of display; a narrow terminal drops the last ones
    # The columns to draw in a chart, each with its label there; only for an answer with one row for each year.
    series: dict[str, str] = {}
    chart: Literal["line", "balance"] = "line"  # lines, or bars from zero
    # A condition on the rows, as in the template: a report shows the question only if it holds. Empty means always.
    arises: str = ""
    select: str  # without the comments around it
    template: str  # the template of the sentences
    path: Path

    @property
    def reads(self) -> frozenset[str]:
        """Find the tables and table macros that the SELECT reads, `schema.table`."""
        return _find_tables(self.select, f"sql/questions/{self.path.name}")

    @classmethod
    def read_file(cls, path: Path) -> Question:
        """Read the question in a file of `sql/questions` without checking its SELECT."""
        return cls.parse_text(read_text(path), path, tuple(read_glossary(path.parent.parent).items()))

    @classmethod
    @lru_cache(maxsize=64)  # Parsing is slow. An edited text has a cache entry of its own.
    def parse_text(cls, text: str, path: Path, glossary: tuple[tuple[str, str], ...] = ()) -> Question:
        """Parse the text of a question's file without checking the SELECT; `glossary` describes common columns.

        Raises:
            BilateralError: The header or the template is malformed.
        """
        place = f"sql/questions/{path.name}"
        match = _FORM.match(text)
        if match is None:
            raise BilateralError(
                f"{place}: expected a block comment, a SELECT and another block comment.",
                remedy="Write the header in YAML as a comment, then one SELECT, then the template as a comment.",
            )
        select = match["select"].strip().rstrip(";")
        template = match["template"].strip("\n")
        wording.check_template(template, place)
        header = load_yaml(match["header"], f"{place}: the header")
        header = header if isinstance(header, dict) else {}
        columns = read_columns(header.get("columns", []), dict(glossary), place)
        rest = {"columns": columns, "select": select, "template": template, "path": path}
        try:
            found = cls.model_validate(header | rest)
        except ValidationError as error:
            faults = (f"{place}: {'.'.join(map(str, one['loc']))}: {one['msg']}." for one in error.errors())
            raise BilateralError("\n".join(faults), remedy=_REMEDY) from error
        columns = (*found.columns[:-1], *MISSING, *found.columns[-1:])
        documented = [column.name for column in columns]
        if tuple(documented[-len(CLOSING) :]) != CLOSING:
            raise BilateralError(f"{place}: the last columns must be {', '.join(CLOSING)}.", remedy=_REMEDY)
        if found.series and not {"year", *found.series} <= set(documented):
            needed = f"`series` needs the columns year, {', '.join(found.series)} in the SELECT."
            raise BilateralError(f"{place}: {needed}", remedy=_REMEDY)
        if unknown := [parameter.name for parameter in found.parameters if parameter.name not in KINDS]:
            remedy = f"The parameters of questions are {', '.join(KINDS)}."
            raise BilateralError(f"{place}: unknown parameters {', '.join(unknown)}.", remedy=remedy)
        return found.model_copy(update={"columns": columns})

    def translate(self) -> Question:
        """Return the question with its texts and its template in the chosen language."""
        if get_language() == "en":
            return self
        path = self.path.parent / get_language() / f"{self.path.stem}.j2"
        texts = {name: translate(getattr(self, name)) for name in ("question", "read", "limits")}
        columns = [replace(one, unit=translate(one.unit), meaning=translate(one.meaning)) for one in self.columns]
        series = {name: translate(label) for name, label in self.series.items()}
        template = read_text(path) if path.is_file() else self.template
        return self.model_copy(update={**texts, "columns": tuple(columns), "series": series, "template": template})

    def check_select(self) -> None:
        """Check that `select` is one SELECT with the columns of the header, and with a schema before each table."""
        _check_select(self.select, tuple(column.name for column in self.columns), f"sql/questions/{self.path.name}")


def load_questions(project: Project, faults: list[BilateralError] | None = None) -> list[Question]:
    """Load every question of the project, in the order of the files; if `faults` is given, add errors to this list.

    Raises:
        BilateralError: `faults` is None, and a file is malformed, is named wrongly, or has another file's number.
    """
    found: dict[int, Question] = {}
    for path in sorted((project.sql / "questions").glob("*.sql")):
        try:
            question = _read_checked(project, path, found)
        except BilateralError as error:
            if faults is None:
                raise
            faults.append(error)
        else:
            found[question.number] = question
    return list(found.values())


def _read_checked(project: Project, path: Path, others: Mapping[int, Question]) -> Question:
    """Read a question and check its SELECT, its name and its number."""
    question, place = Question.read_file(path), f"sql/questions/{path.name}"
    question.check_select()
    # An installed wheel has the questions without the models that they read.
    for table in sorted(question.reads) if (project.sql / "marts").is_dir() else ():
        path_of = project.sql / f"{table.replace('.', '/')}.sql"
        if table.startswith(("staging.", "core.", "marts.")) and not path_of.is_file():
            raise BilateralError(f"{place} reads {table}, which does not exist.", remedy="Correct the name.")
    if path.stem != (name := f"{question.number:02}_{question.name}"):
        names = f"{place}: the header says number {question.number} and name {question.name}."
        raise BilateralError(names, remedy=f"Rename the file to {name}.sql.")
    if question.number in others:
        twice = f"{place} has the same number as {others[question.number].path.name}."
        raise BilateralError(twice, remedy="Give each question its own number.")
    return question


def locate_questions(project: Project) -> dict[str, Path]:
    """Map the number and the name of each question to its file, without reading the file."""
    paths = sorted((project.sql / "questions").glob("*.sql"))
    parts = [(path, *path.stem.partition("_")) for path in paths]
    return {name: path for path, number, _, word in parts for name in (word, number.lstrip("0") or "0")}


@lru_cache(maxsize=64)  # Parsing one takes a while.
def _check_select(select: str, documented: tuple[str, ...], place: str) -> None:
    tree = _parse_select(select, place)
    _find_tables(select, place)
    # Only a published file knows the columns of a star.
    if not tree.is_star and sorted(documented) != sorted(tree.named_selects):
        raise BilateralError(
            f"{place}: the header documents {list(documented)}, but the SELECT produces {tree.named_selects}.",
            remedy="Document exactly the columns of the SELECT.",
        )


@lru_cache(maxsize=64)
def _parse_select(select: str, place: str) -> exp.Query:
    # Imported here because the import takes long.
    from sqlglot import exp, parse
    from sqlglot.errors import SqlglotError

    try:
        tree, *others = parse(select, dialect=DIALECT)
    except SqlglotError as error:
        raise BilateralError(f"{place}: expected one SELECT: {str(error).splitlines()[0]}", remedy=_REMEDY) from error
    if others:
        raise BilateralError(f"{place}: expected one SELECT, got {1 + len(others)} statements.", remedy=_REMEDY)
    if not isinstance(tree, exp.Query):
        raise BilateralError(f"{place}: expected a SELECT, got {type(tree).__name__.upper()}.", remedy=_REMEDY)
    return tree


@lru_cache(maxsize=64)
def _find_tables(select: str, place: str) -> frozenset[str]:
    """Find the tables and table macros of the warehouse that a SELECT reads."""
    from sqlglot import exp

    tree = _parse_select(select, place)
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        name = table.this.this if isinstance(table.this, exp.Anonymous) else table.name
        if table.db:
            found.add(f"{table.db}.{name}")
        elif name not in inner:
            raise BilateralError(f"{place} reads {name} without a schema.", remedy="Write schema.table.")
    return frozenset(found)
