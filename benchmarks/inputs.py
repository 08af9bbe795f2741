"""What every contender reads: the same snapshots, and beside them what this project keeps in Python.

Here: the snapshots of each dataset, the reference tables and the worked-out analyses as Parquet. Not here: the SQL or
the project that reads them (`bare`, `dbt_project`).

Bare DuckDB and dbt cannot work out an analysis. They are given its rows, and so do less than this project.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import snapshots
from dagster_project.catalog import Catalog
from dagster_project.database import quote_literal
from dagster_project.engines.duckdb import DuckDB
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.raw.parsed import QUARANTINE_COLUMNS, write_parquet
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Dataset, list_datasets


@dataclass(frozen=True)
class Inputs:
    """What is built from, and by which models.

    Args:
        models: Every model, in an order in which they can run.
        selects: A SELECT for each table that they read and that none of them makes, by `schema.table`.
    """

    models: dict[str, Model]
    selects: dict[str, str]


def gather(given: Project, project: Project, folder: Path) -> Inputs:
    """Gathers the inputs of a project that was built before.

    Args:
        given: Where its snapshots stay.
        project: The project; its last build worked the analyses out.
        folder: Where Parquet goes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = snapshots.find_all_snapshots(given)
    catalog = Catalog(project)
    selects = {f"raw.{dataset.table}": _csv(dataset, found[dataset.path]) for dataset in list_datasets()}
    nothing = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in QUARANTINE_COLUMNS.items())
    selects["raw.quarantine"] = f"select {nothing} where false"
    with DuckDB() as engine:
        tables = Catalog(given).reference_tables(found)
        engine.attach_reference(tables)
        for table in tables:
            file = folder / f"reference.{table.name}.parquet"
            write_parquet(engine.connection, f"from reference.{table.name}", file)
            selects[f"reference.{table.name}"] = _parquet(file)
    for name in catalog.analyses:
        newest = max((project.analyses / name).glob("*.parquet"), key=lambda path: path.stat().st_mtime)
        selects[f"analysis.{name}"] = _parquet(Path(shutil.copyfile(newest, folder / f"analysis.{name}.parquet")))
    return Inputs(catalog.models, selects)


def hashes(file: Path, names: dict[str, Model]) -> dict[str, str]:
    """The content of each table that a contender made, as `meta.table_hashes` has it of ours."""
    from dagster_project.engines.work_file import describe_table

    with duckdb.connect(str(file), read_only=True) as connection:
        return {
            name: describe_table(connection, name).content_hash for name, model in names.items() if not model.is_macro
        }


def _csv(dataset: Dataset, found: list[Snapshot]) -> str:
    """The SELECT that reads a dataset's snapshots as they came, every column as text.

    A snapshot is known by its folder. The place of a row in its file is left out: no table from core on holds it, and
    to count rows takes a reader of CSV as long as to read them.
    """
    names = ", ".join(f'"{column.name}"' for column in dataset.columns)
    if not found:
        names = ", ".join(f'cast(null as varchar) as "{column.name}"' for column in dataset.columns)
        return f"select {names}, cast(null as varchar) as snapshot_id, cast(null as bigint) as row_number where false"
    columns = ", ".join(f"'{column.name}': 'varchar'" for column in dataset.columns)
    paths = ", ".join(quote_literal(str(snapshot.data)) for snapshot in found)
    return (
        f"select {names}, '{dataset.path}/' || split_part(filename, '/', -2) as snapshot_id, "
        f"cast(null as bigint) as row_number "
        f"from read_csv([{paths}], header = true, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        f"auto_detect = false, columns = {{{columns}}}, filename = true)"
    )


def _parquet(file: Path) -> str:
    return f"select * from read_parquet({quote_literal(str(file))})"
