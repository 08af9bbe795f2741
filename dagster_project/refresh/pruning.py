"""Remove fetched snapshots that nothing depends on.

Not here: committed snapshots, which are never removed, and the publications that are kept (`publication`).

A fetched snapshot is kept while a kept publication names it, so that its figures can be traced, and while a currently
known figure depends on it. So snapshots that were fetched and superseded between two builds are removed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import publication, snapshots
from dagster_project.project import Project
from dagster_project.refresh.acceptance import StoredFigures
from dagster_project.snapshots import Snapshot
from dagster_project.sources import find_dataset

# Folder names of snapshots that are being removed; the folders of snapshots being archived contain no time.
LEAVING = "*.*T*Z-*"


@dataclass(frozen=True)
class Pruning:
    """The snapshots to remove, and the numbers kept.

    Args:
        unused: Fetched snapshots that nothing depends on.
        named: The number of other fetched snapshots that a kept publication names.
        standing: The number of the remaining ones on which a currently known figure depends.
    """

    unused: tuple[Snapshot, ...]
    named: int
    standing: int


def find_unused(project: Project) -> Pruning:
    """Find the fetched snapshots that nothing depends on."""
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
    """Remove unused snapshots and the raw Parquet made from them; wait for a running build to end first."""
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
    """List the snapshots that current figures depend on: the first and the last one that shows each figure.

    The first determines the day from which a figure is known. Which snapshot is first depends on the columns that a
    table keeps: all of them, or only the measures.
    """
    key = ", ".join(f'"{name}"' for name in held.dataset.key)
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
    """Remove a renamed snapshot; its folder goes last, so that the next pruning finds what is left."""
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
