"""Compute tables that SQL cannot: seasonal adjustment, breaks in trade, effects of policy events, forecasts.

Here: the class of an analysis, and loading the analyses of `analyses.yml`. Not here: the list of all analyses
(`catalog`), and the documentation of their columns (the model in `sql/` that reads `analysis.<name>`).

The rows of an analysis depend only on the tables that it reads, on its code and on its settings. The rows
are computed once for the same tables, code and settings. Like raw tables, they are published only as rows of a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.files import load_yaml
from dagster_project.reference.rows import Rows

if TYPE_CHECKING:
    from dagster_project.models import Model
    from dagster_project.project import Project

HERE = Path(__file__).parent
# The number of rows that Python keeps in memory at a time.
BATCH = 50_000

Compute = Callable[[duckdb.DuckDBPyConnection, "Mapping[str, Model]"], "Iterable[Sequence[Any]]"]


@dataclass(frozen=True)
class Analysis:
    """A table that Python computes from other tables.

    Args:
        name: The name; models read the table as `analysis.<name>`.
        columns: The DuckDB type of each column.
        reads: The tables that `compute` reads, as `schema.table`.
        compute: The function that returns the rows. It takes a connection with these tables, and the models by name.
        fingerprint: A hash of the code and the settings.
        is_separable: Whether another process can compute the rows from copies of these tables alone.
    """

    name: str
    columns: Mapping[str, str]
    reads: frozenset[str]
    compute: Compute
    fingerprint: str
    is_separable: bool = False

    def compute_batches(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Iterator[Rows]:
        """Compute the rows from the current tables; yield batches of `BATCH` rows, because there may be millions."""
        rows = iter(self.compute(connection, models))
        while batch := list(islice(rows, BATCH)):
            yield Rows(self.name, self.columns, batch)


def load_analyses(project: Project) -> dict[str, Analysis]:
    """Load the declared analyses by name; the code of an analysis is imported when its rows are computed."""
    return {name: _build_analysis(project, name, **fields) for name, fields in _read_declarations().items()}


def read_columns(name: str) -> dict[str, str]:
    """Read the DuckDB type of each column of a declared analysis from `analyses.yml`."""
    columns: dict[str, str] = _read_declarations()[name]["columns"]
    return columns


def read_kept_rows(
    connection: duckdb.DuckDBPyConnection, project: Project, name: str, hashes: Collection[str]
) -> dict[str, list[list[Any]]]:
    """Read the rows of an analysis in the last build; return those whose `input_hash` is in `hashes`, by this hash."""
    files = (project.analyses / name).glob("*.parquet")
    newest = max(files, key=lambda file: file.stat().st_mtime_ns, default=None)
    if newest is None:
        return {}
    columns = read_columns(name)
    try:
        with connection.cursor() as cursor:
            rows = cursor.execute(
                f"select {', '.join(columns)} from read_parquet($file) where input_hash in (select unnest($hashes)) "
                "order by input_hash, file_row_number",
                {"file": str(newest), "hashes": list(hashes)},
            ).fetchall()
    except duckdb.BinderException:
        return {}  # The file of an earlier version has other columns.
    place = list(columns).index("input_hash")
    return {held: [list(row) for row in found] for held, found in groupby(rows, key=itemgetter(place))}


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
        # An installation without the library reads the columns, but cannot compute the rows.
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}\n".encode())
    module = f"{__name__}.{code[0]}"
    return Analysis(
        name,
        columns,
        frozenset(reads),
        lambda connection, _models: import_module(module).compute_rows(connection, project),
        digest.hexdigest(),
        # An analysis that reads files only takes no time worth another process.
        is_separable=bool(reads),
    )
