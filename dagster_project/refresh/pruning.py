"""Remove fetched snapshots that no publication names and no current figure comes from.

A snapshot is kept while a kept publication names it, so that figures can be traced to their bytes. It is also kept
while a current figure comes from it. So snapshots that were fetched and superseded between two builds are removed.
Committed snapshots are never removed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import publication, snapshots
from dagster_project.database import quote_names
from dagster_project.project import Project
from dagster_project.refresh.acceptance import StoredFigures
from dagster_project.snapshots import Snapshot
from dagster_project.sources import find_dataset

# The folder names of snapshots that are being removed, which contain a time; those being archived have none.
LEAVING = "*.*T*Z-*"


@dataclass(frozen=True)
class Pruning:
    """The fetched snapshots to remove (`unused`), and the number of those to keep.

    A kept publication names `named` fetched snapshots; a current figure comes from `standing` others.
    """

    unused: tuple[Snapshot, ...]
    named: int
    standing: int


def find_unused(project: Project) -> Pruning:
    """Find the fetched snapshots that no kept publication names and no current figure comes from."""
    names = _list_named(project)
    unused, named, standing = [], 0, 0
    for path, found in snapshots.find_all_snapshots(project).items():
        fetched = [snapshot for snapshot in found if snapshot.manifest.is_fetched]
        loose = [snapshot for snapshot in fetched if snapshot.id not in names]
        named += len(fetched) - len(loose)
        if loose:
            with StoredFigures(project, find_dataset(path)) as held:
                needed = _list_standing(held)
            unused += [snapshot for snapshot in loose if snapshot.id not in needed]
            standing += sum(snapshot.id in needed for snapshot in loose)
    return Pruning(tuple(unused), named, standing)


def prune_snapshots(project: Project) -> Pruning:
    """Wait for a running build to end, and remove unused snapshots and the raw Parquet made from them."""
    half = project.fetched / ".half"
    with publication.lock_warehouse(project):
        for left in half.glob(LEAVING):
            _remove_leftover(project, left)
        found = find_unused(project)
        for snapshot in found.unused:
            # The folder is renamed first, so that a half-removed folder is never taken for a snapshot.
            leaving = half / f"{snapshot.manifest.source}.{snapshot.folder.name}"
            half.mkdir(exist_ok=True)
            snapshot.folder.replace(leaving)
            _remove_leftover(project, leaving)
    return found


def _list_standing(held: StoredFigures) -> set[str]:
    """List the snapshots that current figures come from: the first and the last snapshot with each figure.

    The first snapshot determines the day from which the figure is known. The query runs twice: for tables in which a
    change in any column makes a new figure, and for tables in which only a change of amounts does.
    """
    key = quote_names(held.dataset.key)
    found = held.connection.execute("select distinct snapshot_id from newest()").fetchall()
    for figure in ("figure", "amounts"):
        found += held.connection.execute(
            f"""
            with days as (
                select * from known
                qualify row_number() over (
                    partition by {key}, known_from order by retrieved_at desc, snapshot_id desc
                ) = 1
            ), changes as (
                select * from days
                qualify {figure} is distinct from lag({figure}) over (partition by {key} order by known_from)
            )
            select snapshot_id from changes
            qualify row_number() over (partition by {key} order by known_from desc) = 1
            """
        ).fetchall()
    return {row[0] for row in found}


def _remove_leftover(project: Project, leaving: Path) -> None:
    """Remove the Parquet of a renamed snapshot, and last its folder, so that an interrupted removal can continue."""
    source, _, name = leaving.name.partition(".")
    for parquet in project.raw.glob(f"{source}__*/{name}.*"):
        parquet.unlink()
    shutil.rmtree(leaving)


def _list_named(project: Project) -> set[str]:
    """List the snapshots that a kept publication or the published file names."""
    files = [made.get_folder(project) / publication.FILE for made in publication.list_publications(project)]
    found: set[str] = set()
    for file in (file for file in [*files, project.published_file] if file.exists()):
        with duckdb.connect(str(file), read_only=True) as connection:
            found.update(row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall())
    return found
