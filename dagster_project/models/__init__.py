"""The SQL in `sql/`, read: what each model is, what it needs, in what order they run, where each column comes from.

Here: headers, dependencies, lineage. Not here: the running of them (`engines`), and no SQL.

A model is one file: a block comment that holds YAML (`what`, `grain`, `columns`, `required` for what else is never
null, for a macro `parameters`, for a large table `sliced_by` and `lookback`, and an `example` of how to ask it), then
one SELECT. Its name is its place: `sql/marts/trade_balance_annual.sql` is `marts.trade_balance_annual`. What it depends
on is read from the SELECT itself.

A model in `sql/main` is a view. No engine makes it: it is put into the DuckDB file when that is published, so it may
use what DuckDB 1.2 knows and Spark does not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import yaml
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dagster_project import quick_yaml
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from dagster_project.analysis import Analysis

DIALECT = "duckdb"
SCHEMAS = ("staging", "core", "marts", "meta")
# The schema whose models are views; names in it need no schema before them.
VIEWS = "main"
INPUT_SCHEMAS = ("raw", "reference", "analysis")
# What a table may be sliced by, and what a lookback counts.
SLICED_BY = {"period_start": "month", "year": "year"}

# The columns that say where a row comes from, beside the labels that its publisher uses.
ORIGINS = ("snapshot_id", "snapshot_ids", "row_number")

_HEADER = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\*/\s*(?P<select>.*)\Z", re.DOTALL)


@dataclass(frozen=True)
class ColumnDoc:
    """A column as its model's header documents it."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Slices:
    """How a model's table can be made a part at a time, as its header declares it (`incremental.slices`).

    Args:
        column: What its rows are sliced by.
        raw: What tells the slice of a row of a raw table, in SQL; "" if the model reads none.
        lookback: How many earlier months, or years, a slice is made of beside its own.
    """

    column: str
    raw: str = ""
    lookback: int = 0


@dataclass(frozen=True)
class Model:
    """A table, with `parameters` a table macro, or in `main` a view, of the warehouse.

    Args:
        schema: The folder: `staging`, `core`, `marts`, `meta` or `main`.
        table: The file's stem.
        what: What it is, in a sentence or two.
        grain: The columns that make a row unique.
        required: The columns that are never null: those of the grain, and those that the header names beside them.
        columns: Every column, in order.
        select: The SELECT, without the header.
        depends_on: The tables it reads, `schema.table`, inputs included; of an analysis also what that reads.
        parameters: The parameters of a macro; a table has none.
        slices: How it can be made a part at a time, if it can.
        example: A question to it, as the header has it.
        path: Where it is written.
    """

    schema: str
    table: str
    what: str
    grain: tuple[str, ...]
    columns: tuple[ColumnDoc, ...]
    select: str
    depends_on: frozenset[str]
    required: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    slices: Slices | None = None
    example: str | None = field(default=None, compare=False)
    path: Path = field(default=Path(), compare=False)

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def is_macro(self) -> bool:
        return bool(self.parameters)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the text that decides what the table holds and says."""
        return hashlib.sha256(
            repr((self.what, self.select, self.columns, self.parameters, self.required)).encode()
        ).hexdigest()

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that tell which row is meant, and where it comes from."""
        names = [column.name for column in self.columns]
        labels = (name for name in names if name.endswith("_label"))
        return tuple(dict.fromkeys((*self.grain, *labels, *(name for name in ORIGINS if name in names))))

    @classmethod
    def read(cls, path: Path) -> Model:
        """The model written at `path`.

        Raises:
            BilateralError: The header or the SELECT is not of the form above, or they name different columns.
        """
        return cls.parse(path.read_text(encoding="utf-8"), schema=path.parent.name, table=path.stem, path=path)

    @classmethod
    def parse(cls, text: str, *, schema: str, table: str, path: Path = Path()) -> Model:
        """The model called `schema.table` from its text."""
        name = f"sql/{schema}/{table}.sql"
        match = _HEADER.match(text)
        if match is None:
            raise BilateralError(
                f"{name} does not open with a block comment and a SELECT.",
                remedy="Begin the file with /*, the header in YAML, */ and then one SELECT.",
            )
        header = _header(match["yaml"], name)
        select = match["select"].strip().rstrip(";")
        tree = _parse(select, name)
        columns = tuple(_column(column, text, name) for column, text in header["columns"].items())
        _compare(tree, columns, name)
        required = (*header["grain"], *header.get("required", ()))
        unknown = [column for column in required if column not in {c.name for c in columns}]
        if unknown or len(set(required)) < len(required):
            raise BilateralError(
                f"{name}: required or grain names {unknown}, which are no columns of it."
                if unknown
                else f"{name}: grain and required name a column twice.",
                remedy="Name each column once; those of the grain are required as they are.",
            )
        return cls(
            schema=schema,
            table=table,
            what=" ".join(str(header["what"]).split()),
            grain=tuple(header["grain"]),
            columns=columns,
            select=select,
            depends_on=_tables(tree, name),
            required=required,
            parameters=tuple(header.get("parameters", ())),
            slices=_slices(header, columns, name),
            example=header["example"].strip() if "example" in header else None,
            path=path,
        )


def load(project: Project, analyses: Mapping[str, Analysis] = MappingProxyType({})) -> dict[str, Model]:
    """Every table and macro of the project, by name, in an order in which they can run.

    Args:
        project: The project.
        analyses: What Python works out for models, by name: a model that reads one needs what the analysis reads.

    Raises:
        BilateralError: A file is malformed, two models need each other, or one needs a table that nobody makes.
    """
    models = [Model.read(path) for schema in SCHEMAS for path in sorted((project.sql / schema).glob("*.sql"))]
    return {model.name: model for model in in_order(_with_what_analyses_read(model, analyses) for model in models)}


def load_views(project: Project, tables: Mapping[str, Model]) -> dict[str, Model]:
    """The views of the project, by name.

    Args:
        project: The project.
        tables: Its tables.

    Raises:
        BilateralError: A file is malformed, or reads what is no table of the published file.
    """
    views = [Model.read(path) for path in sorted((project.sql / VIEWS).glob("*.sql"))]
    for view in views:
        if unknown := sorted(view.depends_on - set(tables)):
            raise BilateralError(
                f"{view.name} reads {', '.join(unknown)}, which no model makes.",
                remedy=f"A view reads tables of {', '.join(SCHEMAS)}; mend the name in {view.path}.",
            )
    return {view.name: view for view in views}


def in_order(models: Iterable[Model]) -> list[Model]:
    """The models, schema by schema, each after those it depends on; names decide where that leaves a choice.

    Raises:
        BilateralError: Two models need each other, or one needs a table that nobody makes, or one of a later schema.
    """
    by_name = {model.name: model for model in models}
    for model in by_name.values():
        for needed in sorted(model.depends_on):
            if needed in by_name and SCHEMAS.index(by_name[needed].schema) > SCHEMAS.index(model.schema):
                raise BilateralError(
                    f"{model.name} reads {needed}: data goes one way, {' → '.join(SCHEMAS)}.",
                    remedy="Move what it needs up, or the model down.",
                )
            if needed not in by_name and needed.partition(".")[0] not in INPUT_SCHEMAS:
                raise BilateralError(
                    f"{model.name} reads {needed}, which no model makes.",
                    remedy=f"Write sql/{needed.replace('.', '/')}.sql, or mend the name in {model.path}.",
                )
    graph = {name: sorted(need for need in model.depends_on if need in by_name) for name, model in by_name.items()}
    try:
        order = [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise BilateralError(
            f"These models need each other: {' → '.join(error.args[1])}.", remedy="Break the circle."
        ) from error
    return sorted(order, key=lambda model: SCHEMAS.index(model.schema))


def upstream(models: Mapping[str, Model], name: str) -> set[str]:
    """Everything that `name` rests on, raw and reference tables included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for needed in models[waiting.pop()].depends_on:
            if needed not in found:
                found.add(needed)
                if needed in models:
                    waiting.append(needed)
    return found


def _with_what_analyses_read(model: Model, analyses: Mapping[str, Analysis]) -> Model:
    needed = set(model.depends_on)
    for table in model.depends_on:
        schema, _, name = table.partition(".")
        if schema == "analysis":
            if name not in analyses:
                raise BilateralError(
                    f"{model.name} reads {table}, and there is no such analysis.",
                    remedy="Declare it in dagster_project/analysis/, or mend the name.",
                )
            needed |= analyses[name].reads
    return replace(model, depends_on=frozenset(needed))


def _header(text: str, name: str) -> dict[str, Any]:
    try:
        header = quick_yaml.load(text)
    except yaml.YAMLError as error:
        raise BilateralError(
            f"{name}: the header is not YAML: {error}.", remedy="Quote a text that holds ': '."
        ) from error
    needed = {"what", "grain", "columns"}
    allowed = needed | {"required", "parameters", "sliced_by", "lookback", "example"}
    if not isinstance(header, dict) or not needed <= set(header) <= allowed:
        raise BilateralError(
            f"{name}: a header has what, grain and columns, and may have {', '.join(sorted(allowed - needed))}; "
            f"this one has {sorted(header) if isinstance(header, dict) else 'no fields'}.",
        )
    return header


def _slices(header: Mapping[str, Any], columns: Iterable[ColumnDoc], name: str) -> Slices | None:
    sliced_by, lookback = header.get("sliced_by"), header.get("lookback")
    if sliced_by is None and lookback is None:
        return None
    column, _, raw = (part.strip() for part in str(sliced_by).partition("="))
    unit, names = SLICED_BY.get(column), {one.name for one in columns}
    if unit is None or (column not in names and "period_start" not in names):
        raise BilateralError(
            f"{name}: it cannot be sliced by {column}.",
            remedy="Slice a table by its period_start or its year; one with a period_start alone may have both.",
        )
    match = re.fullmatch(rf"(\d+) {unit}s?", str(lookback)) if lookback is not None else None
    if lookback is not None and match is None:
        raise BilateralError(f"{name}: lookback is {lookback!r}.", remedy=f"Write `12 {unit}s`, for example.")
    return Slices(column, raw, int(match[1]) if match else 0)


def _column(name: str, text: str, model: str) -> ColumnDoc:
    unit, bar, meaning = str(text).partition("|")
    if not (bar and unit.strip() and meaning.strip()):
        raise BilateralError(
            f"{model}: column {name} is documented as {text!r}.",
            remedy="Write `unit | meaning`, for example `US$ | Exports, FOB.`",
        )
    return ColumnDoc(name=name, unit=unit.strip(), meaning=" ".join(meaning.split()))


def _parse(select: str, name: str) -> exp.Query:
    try:
        tree = parse_one(select, dialect=DIALECT)
    except SqlglotError as error:
        raise BilateralError(f"{name} is not SQL: {str(error).splitlines()[0]}") from error
    if not isinstance(tree, exp.Query):
        raise BilateralError(f"{name} is a {type(tree).__name__}, not a SELECT.", remedy="A model only selects.")
    return tree


def _compare(tree: exp.Query, columns: tuple[ColumnDoc, ...], name: str) -> None:
    produced, documented = tree.named_selects, [column.name for column in columns]
    if produced != documented:
        raise BilateralError(
            f"{name}: the header and the SELECT differ: documented but not produced "
            f"{[c for c in documented if c not in produced]}, produced but not documented "
            f"{[c for c in produced if c not in documented]}; the order counts too.",
            remedy="Document every column the SELECT produces, in its order, and no other.",
        )


def _tables(tree: exp.Query, name: str) -> frozenset[str]:
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        if table.db:
            found.add(f"{table.db}.{table.name}")
        elif table.name and table.name not in inner:
            raise BilateralError(f"{name} reads {table.name} without saying its schema.", remedy="Write schema.table.")
    return frozenset(found)
