"""What SQL cannot work out: Python reads tables of the warehouse and gives rows that a model then reads.

Here: the form of an analysis, and those of series. Not here: the list of all (`catalog`), the columns' documentation
and the shape of the published table, which are in the model in `sql/` that reads `analysis.<name>`.

An analysis is a pure function of the tables it names and of its own code and settings. It is worked out in a build just
before the first model that reads it, and its rows are an input like raw and reference tables: they reach the published
file only through that model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from dagster_project.reference.rows import Rows

if TYPE_CHECKING:
    import duckdb

    from dagster_project.models import Model

# How many rows Python holds at a time.
BATCH = 50_000

Compute = Callable[["duckdb.DuckDBPyConnection", "Mapping[str, Model]"], "Iterable[Sequence[Any]]"]


@dataclass(frozen=True)
class Analysis:
    """Rows that Python works out from tables.

    Args:
        name: Models read it as `analysis.<name>`.
        columns: Its columns and their DuckDB types.
        reads: The tables that `compute` reads, `schema.table`.
        compute: From a connection on which those tables can be read, and all models, to rows in the order of `columns`.
        fingerprint: A hash of all else that decides the rows: code and settings.
    """

    name: str
    columns: Mapping[str, str]
    reads: frozenset[str]
    compute: Compute
    fingerprint: str

    def compute_batches(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Iterator[Rows]:
        """Yield the rows, from the tables as they are now, `BATCH` at a time: all pairs of the world have millions."""
        rows = iter(self.compute(connection, models))
        while batch := list(islice(rows, BATCH)):
            yield Rows(self.name, self.columns, batch)
