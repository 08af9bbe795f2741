"""The models in `sql/`: what each is, what it needs, in what order they run, where each column comes from.

Here: what a model is, and their order. Beside it: headers (`header`), from a file to a model (`reading`), what was read
the last time (`keeping`), what stars stand for (`expansion`), lineage. Not here: the running of them (`engines`), and
no SQL.

A model is one file: a block comment that holds YAML (`what`, `grain`, `columns`, `required` for what else is never
null, for a macro `parameters`, for a large table `sliced_by` and `lookback`, an `example` of how to ask it, and what it
`feeds`), then one SELECT. Its name is its place: `sql/marts/trade_balance_annual.sql` is `marts.trade_balance_annual`.
What it depends on is read from the SELECT itself; a model that reads `feeds` reads every table whose header says that
it feeds it (`expansion`).

The header has the columns and their order; `sql/glossary.yml` says what a column is that a header only names. A SELECT
may produce them in another order. What a star brings beyond them is left out, so that a SELECT that takes columns as
they are need not list them again.

A model in `sql/main` is a view. No engine makes it: it is put into the DuckDB file when that is published, so it may
use what DuckDB 1.2 knows and Spark does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import BilateralError
from dagster_project.models.header import SLICED_BY, ColumnDoc, Header, Slices

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["SLICED_BY", "ColumnDoc", "Slices"]

DIALECT = "duckdb"
# The columns of tables, by `schema.table`.
Columns = Mapping[str, Sequence[str]]
SCHEMAS = ("staging", "core", "marts", "meta")
# The schema whose models are views; names in it need no schema before them.
VIEWS = "main"
INPUT_SCHEMAS = ("raw", "reference", "analysis")
# What a raw table has beside the columns of its dataset.
RECEIVED = ("snapshot_id", "row_number")
# The columns that say where a row comes from, beside the labels that its publisher uses.
ORIGINS = ("snapshot_id", "snapshot_ids", "row_number")


@dataclass(frozen=True, kw_only=True)
class Model(Header):
    """A table, with `parameters` a table macro, or in `main` a view, of the warehouse: its header, and its SELECT.

    Args:
        schema: The folder: `staging`, `core`, `marts`, `meta` or `main`.
        table: The file's stem.
        select: The SELECT, without the header, and with its columns in the header's order.
        depends_on: The tables it reads, `schema.table`, inputs included; of an analysis also what that reads.
        path: Where it is written.
        known: The columns of the tables that it may read, `schema.table`: what a star stands for.
    """

    schema: str
    table: str
    select: str
    depends_on: frozenset[str]
    path: Path = field(default=Path(), compare=False)
    known: Columns = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def is_macro(self) -> bool:
        return bool(self.parameters)

    @cached_property
    def fingerprint(self) -> str:
        """Hash the text that decides what the table holds and says."""
        return hashlib.sha256(
            repr((self.what, self.select, self.columns, self.parameters, self.required)).encode()
        ).hexdigest()

    @cached_property
    def expanded(self) -> exp.Query:
        """Spell out every star and union by name of the SELECT: a tree of its own, to be changed in a copy.

        Raises:
            BilateralError: A star stands for columns of a table that no model makes.
        """
        from dagster_project.models import reading

        return reading.spell_out_query(reading.parse_query(self.select, self.name), self.known, self.name)

    @property
    def shown(self) -> tuple[str, ...]:
        """List the columns that tell which row is meant, and where it comes from."""
        names = [column.name for column in self.columns]
        labels = (name for name in names if name.endswith("_label"))
        return tuple(dict.fromkeys((*self.grain, *labels, *(name for name in ORIGINS if name in names))))

    @classmethod
    def parse(cls, text: str, *, schema: str, table: str) -> Model:
        """Parse the model called `schema.table` from its text, which names every column that it takes.

        Raises:
            BilateralError: The header or the SELECT is not of the form above, or they name different columns.
        """
        from dagster_project.models import header, reading

        path = Path(schema, f"{table}.sql")
        return reading.build_model(path, *header.read_header(text, f"sql/{path}"))


def sort_models(models: Iterable[Model]) -> list[Model]:
    """Sort models schema by schema, each after those it depends on; names decide where that leaves a choice.

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
    """List everything that `name` rests on, raw and reference tables included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for needed in models[waiting.pop()].depends_on:
            if needed not in found:
                found.add(needed)
                if needed in models:
                    waiting.append(needed)
    return found
