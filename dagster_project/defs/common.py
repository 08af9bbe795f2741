"""Helpers of several declarations: the project and its catalog at the time of loading, keys, links.

Here: small helpers. Not here: definitions.
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
# What reaches the network; a build does not select it.
REFRESH_GROUP = "refresh"
# On the jobs that ask publishers: `dagster.yaml` keeps places free of them, for builds.
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
# Where a browser finds the pages of the warehouse; `make ui` sets it.
PAGES_VARIABLE = "BILATERAL_PAGES"
# With `json` in BILATERAL_LOG the log of a run is a JSON object a line. Dagster takes a logger only by configuration.
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
    """Find the executor that an environment variable names as `module:name`; by default the in-process executor.

    Raises:
        BilateralError: There is no executor of that name.
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
    """Build the asset key of `schema.table`."""
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
    """Build metadata that leads to a page: a link if pages are served, otherwise the path.

    Args:
        where: The project that it is of.
        file: The page.
        anchor: A place in it.
    """
    served = os.environ.get(PAGES_VARIABLE)
    if served is None:
        return dg.MetadataValue.path(str(file))
    return dg.MetadataValue.url(f"{served}/{file.relative_to(where.warehouse).as_posix()}{f'#{anchor}' * bool(anchor)}")


@cache
def read_published_types() -> dict[str, dict[str, str]]:
    """Read the type of each column of each published table; return nothing before the first publication."""
    try:
        with publication.open_published(find_project()) as connection:
            return read_all_types(connection)
    except (BilateralError, duckdb.Error):
        return {}


def describe_rows(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Build metadata that shows rows as a table, with the columns of the first."""
    names = list(rows[0]) if rows else []
    return dg.MetadataValue.table(
        records=[dg.TableRecord({name: "" if row[name] is None else str(row[name]) for name in names}) for row in rows],
        schema=dg.TableSchema(columns=[dg.TableColumn(name=name) for name in names]),
    )


def build_column_schema(columns: Iterable[ColumnDoc], types: Mapping[str, str]) -> dg.TableSchema:
    """Build the description of a table's columns.

    Args:
        columns: The columns.
        types: The type of each column, if known; a macro, and a table that was not made yet, have none.
    """
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
