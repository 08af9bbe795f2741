"""Share small helpers among declarations: the loaded project and its catalog, keys of assets, links, tables.

Here: helpers. Not here: definitions.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.engines.work_file import read_all_types
from dagster_project.errors import BilateralError
from dagster_project.models import ColumnDoc
from dagster_project.project import Project

PUBLICATION = dg.AssetKey("publication")
REPORT = dg.AssetKey("report")
# The tag of runs that ask publishers, whose number `dagster.yaml` limits so that builds need not wait for them.
REFRESH_TAGS = {"bilateral/asks": "publishers"}
UPDATE_JOB = "update_warehouse"
# The executor of jobs whose steps need not share a process (docs/workers.md).
EXECUTOR_VARIABLE = "BILATERAL_EXECUTOR"

# The jobs that build: ours, and the one behind Dagster's "Materialize all".
BUILD_JOBS = frozenset({"build_warehouse", UPDATE_JOB, "__ASSET_JOB"})
# The states of a run that has not ended.
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
# The variable with the address of the server for the warehouse's pages; `make ui` sets it.
PAGES_VARIABLE = "BILATERAL_PAGES"
# With BILATERAL_LOG=json a run logs one JSON object per line; Dagster takes a logger only by configuration.
JSON_LOGS: dict[str, Any] = {}
if os.environ.get("BILATERAL_LOG") == "json":
    JSON_LOGS = {"loggers": {"console": {"config": {"name": "dagster", "log_level": "DEBUG"}}}}


@cache
def find_project() -> Project:
    return Project.find()


@cache
def load_catalog() -> Catalog:
    return Catalog(find_project())


def find_executor() -> dg.ExecutorDefinition:
    """Import the executor that an environment variable names as `module:name`; by default the in-process executor.

    Raises:
        BilateralError: The executor does not exist.
    """
    named = os.environ.get(EXECUTOR_VARIABLE) or "dagster:in_process_executor"
    module, _, name = named.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not isinstance(found, dg.ExecutorDefinition):
        raise BilateralError(
            f"{EXECUTOR_VARIABLE} is {named!r}, which is not an executor of Dagster.",
            remedy="Write module:name, such as dagster:multiprocess_executor, and install its package.",
        )
    return found


def build_table_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(table.split("."))


def build_snapshot_key(dataset_path: str) -> dg.AssetKey:
    return dg.AssetKey(["snapshots", dataset_path.replace("/", "__")])


def build_refresh_key(dataset_path: str) -> dg.AssetKey:
    return dg.AssetKey(["refresh", dataset_path.replace("/", "__")])


def link_code(*paths: Path) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Build metadata that links an asset to the files that define it."""
    references = [dg.LocalFileCodeReference(file_path=str(path), line_number=1) for path in paths]
    return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=list(references))}


def find_declaration(source: str) -> Path:
    """Return the file that declares a source."""
    return find_project().root / "dagster_project" / "sources" / f"{source}.yml"


def link_page(where: Project, file: Path, anchor: str = "") -> dg.MetadataValue[Any]:
    """Build metadata that leads to an anchor of a page: a link if pages are served, otherwise the path."""
    served = os.environ.get(PAGES_VARIABLE)
    if served is None:
        return dg.MetadataValue.path(str(file))
    return dg.MetadataValue.url(f"{served}/{file.relative_to(where.warehouse).as_posix()}{f'#{anchor}' * bool(anchor)}")


@cache
def read_published_types() -> dict[str, dict[str, str]]:
    """Read the type of each column of each published table; return an empty mapping before the first publication."""
    try:
        with publication.open_published(find_project()) as connection:
            return read_all_types(connection)
    except (BilateralError, duckdb.Error):
        return {}


def describe_rows(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Build metadata that shows rows as a table, with the columns of the first row."""
    names = list(rows[0]) if rows else []
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: "" if row[name] is None else str(row[name]) for name in names}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name=name) for name in names]),
    )


def build_column_schema(columns: Iterable[ColumnDoc], types: Mapping[str, str]) -> dg.TableSchema:
    """Describe the columns of a table; the columns of a macro, or of a table that was not made yet, have no type."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=types.get(column.name) or "unknown",
                description=f"{column.meaning} [{column.unit}]",
            )
            for column in columns
        ]
    )
