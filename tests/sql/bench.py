"""Run a model of `sql/` on small tables (frames) written by hand, and compare its rows.

Here: turning a frame into the tables that a model reads, and running it in memory. Not here: figures of any snapshot;
expected values are computed by hand or taken from a publication.
"""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

import pytest

from dagster_project.catalog import Catalog
from dagster_project.engines import Table
from dagster_project.engines.duckdb import DuckDB
from dagster_project.models import ColumnDoc, Model
from dagster_project.project import Project
from dagster_project.reference import tables
from dagster_project.reference.rows import COLUMNS, Rows
from dagster_project.sources import list_datasets

PROJECT = Project.find()
TYPES = {
    "US$": "double",
    "CNY": "double",
    "JPY": "double",
    "own unit": "double",
    "kg": "double",
    "percent": "double",
    "ratio": "double",
    "count": "integer",
    "rank": "integer",
    "year": "integer",
    "date": "date",
    "true/false": "boolean",
    "days": "integer",
}
# The tables that a query names.
TABLE = re.compile(r"\b(?:staging|core|marts|meta)\.\w+")
FLOWS = ("export", "import")
# Of a frame's texts with commas.
LIST = "varchar[]"


@cache
def every_model() -> dict[str, Model]:
    catalog = Catalog(PROJECT)
    return {**catalog.models, **catalog.views}


def model(name: str) -> Model:
    """Return the model of that name in the repository."""
    return every_model()[name]


class Same(dict[str, str]):
    """Values that are the same in every row: `column=value …` in a text, keywords of `Bench.given` elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__(pair.split("=", 1) for pair in shlex.split(text))
        self.text = text

    def __str__(self) -> str:
        return self.text


class Engine(DuckDB):
    """DuckDB for a few rows, of which planning takes longer than running.

    It runs on one thread without optimizing, and writes neither hashes nor comments.
    """

    def __init__(self) -> None:
        super().__init__()
        self.connection.execute("set threads = 1; pragma disable_optimizer")
        # The tables that there are, and those of them that stay as they are from one test to the next.
        self.present: set[str] = set()
        self.kept: set[str] = set()

    def fill_table(self, model: Model, *selects: str) -> Table:
        (select,) = selects
        self.run_statement(model, f"create or replace table {model.name} as {select}")
        self.present.add(model.name)
        return Table(model.name, 0, "", {})

    def write_rows(self, name: str, table: Rows) -> None:
        super().write_rows(name, table)
        self.present.add(name)

    def write_comments(self, name: str, what: str, columns: Iterable[ColumnDoc], *, kind: str = "table") -> None:
        """Write no comments."""

    def clear(self) -> None:
        """Drop every table that is not kept, so that the next test finds none."""
        gone = self.present - self.kept
        self.connection.execute("".join(f"drop table {name};" for name in gone) or "select 1")
        self.present -= gone


class Bench:
    """An engine with the tables that a test gives it; tables of an earlier bench are dropped."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.engine.clear()
        self.tables: set[str] = set()
        # The models that were run, and those of them that read a table which is another one by now.
        self.made: set[str] = set()
        self.stale: set[str] = set()

    def given(self, name: str, frame: str = "", **everywhere: object) -> None:
        """Make an input.

        Args:
            name: The table, `schema.table`.
            frame: A line of column names, then a line a row; `-` is null, and a text with spaces stands in quotes.
                Columns `export` and `import` have the `value_usd` of both flows; `.` is no row.
            everywhere: Values that are the same in every row.
        """
        header, *lines = [shlex.split(line) for line in frame.splitlines() if line.strip()] or [[]]
        columns = _columns(name)
        unknown = {*header, *everywhere} - {*columns, *FLOWS}
        assert not unknown, f"{name} has no columns {unknown}"
        rows = []
        for line in lines:
            for row in _split_flows(dict(zip(header, line, strict=True))):
                known: dict[str, Any] = {**everywhere, **row}
                rows.append([_value(known.get(column), kind) for column, kind in columns.items()])
        self.engine.write_rows(name, Rows(name, columns, rows))
        self.engine.kept.discard(name)
        self._add(name)

    def check(self, text: str) -> None:
        """Make inputs, run models and compare tables, as a text lists them.

        Each part begins with a line of its own; frames are those of `given`, and lines that begin with # are comments.
        `given TABLE column=value …` makes an input with values that are the same in every row. `run MODEL …` runs
        models. `expect [distinct] TABLE [where …]` compares rows in any order: its frame's first line has columns or
        expressions, with quotes around those with spaces; without a frame there are no rows. A number may be given as
        `1.5±0.1`, or as `~1.5`, which is as near as floating point comes.
        """
        lines = [line.strip() for line in text.splitlines()]
        parts: list[list[str]] = []
        for line in lines:
            if line.startswith(("given ", "run ", "expect ")):
                parts.append([line])
            elif line and not line.startswith("#"):
                parts[-1].append(line)
        for head, *frame in parts:
            what, _, rest = head.partition(" ")
            if what == "expect":
                self._expect(rest, frame)
            elif what == "run":
                self.run(*rest.split())
            else:
                table, *same = shlex.split(rest)
                self.given(table, "\n".join(frame), **Same(shlex.join(same)))

    def _expect(self, tables: str, frame: list[str]) -> None:
        distinct = "distinct " * tables.startswith("distinct ")
        columns, *rows = [shlex.split(line) for line in frame] or [["*"]]
        found = self.ask(f"select {distinct}{', '.join(columns)} from {tables.removeprefix(distinct)}")
        kinds = [str(column[1]) for column in self.engine.connection.description]
        expected = [tuple(_read_cell(*cell) for cell in zip(row, kinds, strict=True)) for row in rows]
        assert sorted(found, key=_sort_key) == sorted(expected, key=_sort_key), f"{tables} has {found}"

    def committed(self, *tables: str) -> None:
        """Make `reference.<table>` from warehouse/reference, for each name."""
        for table in tables:
            if f"reference.{table}" not in self.engine.kept:
                with (PROJECT.reference / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
                    header, *rows = csv.reader(lines)
                held = Rows(table, dict.fromkeys(header, "varchar"), [[cell or None for cell in row] for row in rows])
                self.engine.write_rows(f"reference.{table}", held)
                self.engine.kept.add(f"reference.{table}")
            self._add(f"reference.{table}")

    def run(self, *names: str) -> None:
        """Run models in order; tables that they read and that were neither given nor run are empty.

        A frame has only the columns that its test needs, so required columns may be null.
        """
        for name in names:
            ready = model(name)
            for needed in sorted(ready.depends_on - self.tables):
                self.given(needed)
            self.engine.make_table(ready)
            self._add(name)
            self.made.add(name)
            self.stale.discard(name)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; first run models that it names, unless they have run on the current inputs."""
        named = every_model().keys() & set(TABLE.findall(sql))
        self.run(*sorted(named - self.tables | named & self.stale))
        return self.engine.connection.execute(sql).fetchall()

    def _add(self, table: str) -> None:
        """Record a new table, and forget the models that were made from its earlier rows."""
        self.tables.add(table)
        self.stale |= {name for name in self.made if table in model(name).depends_on}


def _split_flows(row: dict[str, str]) -> list[dict[str, str]]:
    """Split a row with the values of both flows into one row for each flow."""
    values = {flow: row.pop(flow) for flow in FLOWS if flow in row}
    split = [row | {"flow": flow, "value_usd": value} for flow, value in values.items() if value != "."]
    return split if values else [row]


def _value(written: object, kind: str) -> object:
    if written in (None, "-"):
        return None
    return str(written).split(", ") if kind == LIST else str(written)


def _read_cell(written: str, kind: str) -> object:
    """Read a cell of an expected frame as a value of DuckDB's type."""
    if written == "-":
        return None
    if kind == LIST.upper():
        return written.split(", ")
    if kind == "DATE":
        return date.fromisoformat(written)
    if kind == "BOOLEAN":
        return {"true": True, "false": False}[written]
    if kind == "VARCHAR":
        return written
    number, _, tolerance = written.removeprefix("~").partition("±")
    if tolerance or written.startswith("~"):
        return pytest.approx(float(number), rel=1e-12, abs=float(tolerance) if tolerance else 0)
    return float(number)


def _sort_key(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, getattr(value, "expected", value)) for value in row]


@cache
def _columns_of_files() -> dict[str, tuple[str, ...]]:
    return tables.list_columns(PROJECT)


@cache
def _columns(name: str) -> dict[str, str]:
    schema, _, table = name.partition(".")
    if schema == "raw":
        found = next(dataset for dataset in list_datasets() if dataset.table == table)
        return dict.fromkeys((column.name for column in found.columns), "varchar") | {
            "snapshot_id": "varchar",
            "row_number": "bigint",
        }
    if schema == "analysis":
        return dict(Catalog(PROJECT).analyses[table].columns)
    if schema == "reference":
        return dict(COLUMNS.get(table) or dict.fromkeys(_columns_of_files()[table], "varchar"))
    return {
        column.name: "double"
        if column.name == "value"
        else LIST
        if column.name.endswith("snapshot_ids")
        else TYPES.get(column.unit, "varchar")
        for column in model(name).columns
    }
