"""Read the models in `sql/`: their headers, dependencies, order and column lineage.

Here: the class of a model, and the order of models. In other modules: headers (`header`), reading files (`reading`),
caching models (`cache`), expanding stars (`expansion`), and lineage. Not here: running models (`engines`).

A model is one file: a block comment with YAML (the fields of `Header`), then one SELECT. Its path is its name:
`sql/marts/trade_balance_annual.sql` is `marts.trade_balance_annual`. Its dependencies are the tables that the SELECT
names; `feeds` in a SELECT stands for all tables whose headers say that they feed this model (`expansion`).

The header lists the columns in order; `sql/glossary.yml` describes a column that the header only names. The SELECT may
produce the columns in another order. Columns that a star adds beyond the header are dropped, so that a SELECT need not
list the columns that it takes unchanged.

A model in `sql/main` is a view. No engine makes it: a publication creates the view in the DuckDB file, so the view may
use SQL that DuckDB 1.2 knows and Spark does not.
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
# The schema of the views; its names can be used without a schema.
VIEWS = "main"
INPUT_SCHEMAS = ("raw", "reference", "analysis")
# The columns that every raw table has besides those of its dataset.
RECEIVED = ("snapshot_id", "row_number")
# The columns that name the snapshots of a row and its place in them.
ORIGINS = ("snapshot_id", "snapshot_ids", "row_number")


@dataclass(frozen=True, kw_only=True)
class Model(Header):
    """A model of the warehouse: a table, a table macro (if it has `parameters`), or a view (in `main`).

    Args:
        schema: The folder: `staging`, `core`, `marts`, `meta` or `main`.
        table: The file's stem.
        select: The SELECT, without the header, and with its columns in the header's order.
        depends_on: The tables, inputs and analyses that it reads, as `schema.table`, and all that these analyses read.
        known: The columns of the tables that it may read, by `schema.table`, for expanding stars.
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
        """Hash the text on which the content and the documentation of the table depend."""
        return hashlib.sha256(
            repr((self.what, self.select, self.columns, self.parameters, self.required)).encode()
        ).hexdigest()

    @cached_property
    def expanded(self) -> exp.Query:
        """Parse the SELECT, and expand each `*` and `union by name`; callers must copy the tree before changing it.

        Raises:
            BilateralError: A star stands for columns of an unknown table, or repeats a column.
        """
        from dagster_project.models import reading

        return reading.expand_model_query(reading.parse_query(self.select, self.name), self.known, self.name)

    @property
    def shown(self) -> tuple[str, ...]:
        """List the columns of a row that messages show: the key, the labels, and the columns that name snapshots."""
        labels = (name for name in self.column_names if name.endswith("_label"))
        return tuple(dict.fromkeys((*self.grain, *labels, *(name for name in ORIGINS if name in self.column_names))))


def sort_models(models: Iterable[Model]) -> list[Model]:
    """Sort models by schema, and within a schema after the models that they read.

    Raises:
        BilateralError: Two models depend on each other, or one reads a table of a later schema or an unknown table.
    """
    by_name = {model.name: model for model in models}
    for model in by_name.values():
        for needed in sorted(model.depends_on):
            if needed in by_name and SCHEMAS.index(by_name[needed].schema) > SCHEMAS.index(model.schema):
                raise BilateralError(
                    f"{model.name} reads {needed}, a table of a later schema ({' → '.join(SCHEMAS)}).",
                    remedy="Move one of the two: a model may read only tables of its own or an earlier schema.",
                )
            if needed not in by_name and needed.partition(".")[0] not in INPUT_SCHEMAS:
                raise BilateralError(
                    f"{model.name} reads {needed}, which no model makes.",
                    remedy=f"Write sql/{needed.replace('.', '/')}.sql, or correct the name in {model.path}.",
                )
    graph = {name: sorted(need for need in model.depends_on if need in by_name) for name, model in by_name.items()}
    try:
        order = [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise BilateralError(
            f"These models depend on each other: {' → '.join(error.args[1])}.", remedy="Remove one dependency."
        ) from error
    return sorted(order, key=lambda model: SCHEMAS.index(model.schema))


def find_upstream(models: Mapping[str, Model], name: str) -> set[str]:
    """Find all tables that a model depends on, directly or not, including raw and reference tables."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for needed in models[waiting.pop()].depends_on:
            if needed not in found:
                found.add(needed)
                if needed in models:
                    waiting.append(needed)
    return found
