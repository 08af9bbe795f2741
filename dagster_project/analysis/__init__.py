"""What SQL cannot work out: Python reads tables of the warehouse and gives rows that a model then reads.

Here: the form of an analysis, and those of series, which `analyses.yml` declares. Not here: the list of all
(`catalog`), the columns' documentation and the shape of the published table, which are in the model in `sql/` that
reads `analysis.<name>`.

An analysis is a pure function of the tables it names and of its own code and settings. It is worked out in a build just
before the first model that reads it, and its rows are an input like raw and reference tables: they reach the published
file only through that model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.files import load_yaml
from dagster_project.reference.rows import Rows

if TYPE_CHECKING:
    import duckdb

    from dagster_project.models import Model
    from dagster_project.project import Project

HERE = Path(__file__).parent
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


def load_analyses(project: Project) -> dict[str, Analysis]:
    """Load the analyses of series, by name; the code of one is imported when its rows are computed."""
    return {name: _build_analysis(project, name, **fields) for name, fields in _read_declarations().items()}


def read_columns(name: str) -> dict[str, str]:
    """Read the columns of an analysis of series, and their DuckDB types."""
    columns: dict[str, str] = _read_declarations()[name]["columns"]
    return columns


@cache
def _read_declarations() -> dict[str, dict[str, Any]]:
    path = HERE / "analyses.yml"
    declared: dict[str, dict[str, Any]] = load_yaml(path.read_text(encoding="utf-8"), path)
    return declared


def _build_analysis(
    project: Project,
    name: str,
    *,
    code: Sequence[str],
    libraries: Sequence[str],
    reads: Sequence[str],
    columns: Mapping[str, str],
    files: Sequence[str] = (),
) -> Analysis:
    digest = hashlib.sha256(repr(columns).encode())
    for path in (*(HERE / f"{module}.py" for module in code), *(project.reference / file for file in files)):
        digest.update(path.read_bytes())
    for library in libraries:
        digest.update(f"{library} {version(library)}\n".encode())
    compute = partial(_compute_rows, code[0], project)
    return Analysis(name, columns, frozenset(reads), compute, digest.hexdigest())


def _compute_rows(
    module: str, project: Project, connection: duckdb.DuckDBPyConnection, _models: Mapping[str, Model]
) -> Iterable[Sequence[Any]]:
    found: Iterable[Sequence[Any]] = import_module(f"{__name__}.{module}").compute_rows(connection, project)
    return found
