"""Analyses: tables computed in Python because SQL cannot.

Here: the class of an analysis, and the analyses of series, which `analyses.yml` declares. Not here: the list of all
analyses (`catalog`), and the columns of the published table with their documentation, which are in the model in `sql/`
that reads `analysis.<name>`.

The rows of an analysis depend only on the tables it reads and on its own code and settings. A build computes them just
before the first model that reads them. Like raw and reference tables they are an input: they reach the published file
only through a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
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
# The number of rows that Python keeps in memory at a time.
BATCH = 50_000

Compute = Callable[["duckdb.DuckDBPyConnection", "Mapping[str, Model]"], "Iterable[Sequence[Any]]"]


@dataclass(frozen=True)
class Analysis:
    """A table that Python computes from other tables.

    Args:
        name: The name; models read the table as `analysis.<name>`.
        columns: The columns and their DuckDB types.
        reads: The tables that `compute` reads, as `schema.table`.
        compute: The function that returns the rows, in the order of `columns`. It takes a connection with the tables of
            `reads`, and all models by name.
        fingerprint: A hash of the code and settings, on which the rows depend besides the tables.
    """

    name: str
    columns: Mapping[str, str]
    reads: frozenset[str]
    compute: Compute
    fingerprint: str

    def compute_batches(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Iterator[Rows]:
        """Yield the rows, computed from the current tables, in batches of `BATCH`, because there may be millions."""
        rows = iter(self.compute(connection, models))
        while batch := list(islice(rows, BATCH)):
            yield Rows(self.name, self.columns, batch)


def load_analyses(project: Project) -> dict[str, Analysis]:
    """Load the analyses of series by name; an analysis imports its code only when its rows are computed."""
    return {name: _build_analysis(project, name, **fields) for name, fields in _read_declarations().items()}


def read_columns(name: str) -> dict[str, str]:
    """Return the columns of an analysis of series with their DuckDB types, from `analyses.yml`."""
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
        digest.update(path.read_bytes() if path.exists() else b"")
    for library in libraries:
        # Without it an analysis only declares its columns.
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}\n".encode())
    compute = partial(_compute_rows, code[0], project)
    return Analysis(name, columns, frozenset(reads), compute, digest.hexdigest())


def _compute_rows(
    module: str, project: Project, connection: duckdb.DuckDBPyConnection, _models: Mapping[str, Model]
) -> Iterable[Sequence[Any]]:
    found: Iterable[Sequence[Any]] = import_module(f"{__name__}.{module}").compute_rows(connection, project)
    return found
