"""Taking away fetched snapshots that nothing rests on.

Here: which those are, and their removal. Not here: committed snapshots, which are never taken away, and the
publications that are kept (`publication`).

A fetched snapshot stays while a kept publication names it, so that its figures can be traced, and while a figure that
is known now rests on it. What is left was fetched and superseded between two builds.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import publication, snapshots
from dagster_project.project import Project
from dagster_project.refresh.acceptance import HeldFigures
from dagster_project.snapshots import Snapshot
from dagster_project.sources import find_dataset

# What a pruning takes away stands under such a name meanwhile; what is being archived has none with a time.
LEAVING = "*.*T*Z-*"


@dataclass(frozen=True)
class Pruning:
    """What a pruning takes away, and what it leaves.

    Args:
        unused: Fetched snapshots that nothing rests on.
        named: How many others a kept publication names.
        standing: How many of the rest a figure that is known now rests on.
    """

    unused: tuple[Snapshot, ...]
    named: int
    standing: int


def find_unused(project: Project) -> Pruning:
    """Find the fetched snapshots that nothing rests on."""
    names = _list_named(project)
    unused, named, standing = [], 0, 0
    for path, found in snapshots.find_all_snapshots(project).items():
        fetched = [snapshot for snapshot in found if snapshot.manifest.is_fetched]
        loose = [snapshot for snapshot in fetched if snapshot.id not in names]
        named += len(fetched) - len(loose)
        if loose:
            with HeldFigures(project, find_dataset(path)) as held:
                needed = _list_standing(held)
            unused += [snapshot for snapshot in loose if snapshot.id not in needed]
            standing += sum(snapshot.id in needed for snapshot in loose)
    return Pruning(tuple(unused), named, standing)


def prune_snapshots(project: Project) -> Pruning:
    """Remove them, with the raw Parquet made of them; waits for a build to end first."""
    half = project.fetched / ".half"
    with publication.lock_warehouse(project):
        for left in half.glob(LEAVING):
            _remove_leftover(project, left)
        found = find_unused(project)
        for snapshot in found.unused:
            # The name goes first: half a folder is never taken for a snapshot.
            leaving = half / f"{snapshot.manifest.source}.{snapshot.folder.name}"
            half.mkdir(exist_ok=True)
            snapshot.folder.replace(leaving)
            _remove_leftover(project, leaving)
    return found


def _list_standing(held: HeldFigures) -> set[str]:
    """List the snapshots that the figures known now rest on: those that showed them first, or did so last.

    The first gives the day from which a figure is known. Which one that is depends on the columns that a table keeps:
    all of them, or no more than the measures.
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
    """Remove a snapshot that has lost its name. Its folder goes last: by it the next pruning knows of the rest."""
    source, _, name = leaving.name.partition(".")
    for parquet in project.raw.glob(f"{source}__*/{name}.*"):
        parquet.unlink()
    shutil.rmtree(leaving)


def _list_named(project: Project) -> set[str]:
    """List the snapshots that a publication names: the kept ones and the published file."""
    files = [made.get_folder(project) / publication.FILE for made in publication.list_publications(project)]
    found: set[str] = set()
    for file in (file for file in [*files, project.published_file] if file.exists()):
        with duckdb.connect(str(file), read_only=True) as connection:
            found.update(row[0] for row in connection.execute("select snapshot_id from meta.snapshots").fetchall())
    return found
