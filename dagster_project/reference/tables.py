"""The tables of the `reference` catalog, gathered from `warehouse/reference`, the corrections and the manifests.

Here: the gathering, the completing by what publishers say, and the table of snapshots. Not here: the making of code
lists (`code_lists`), the reading of a manifest (`snapshots`) and the table of claims (`catalog`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from dagster_project import snapshots, sources
from dagster_project.files import read_csv
from dagster_project.project import Project
from dagster_project.reference import code_lists, corrections
from dagster_project.reference.rows import COLUMNS, Rows
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Request, Response, Unusable

# These two files only complete what maintained packages know; `code_lists` makes the tables out of both.
COMPLETED = ("economies", "products")


def load_tables(project: Project, found: Mapping[str, Iterable[Snapshot]] | None = None) -> list[Rows]:
    """Load every table of the `reference` catalog except that of the claims.

    Args:
        project: Where its files are.
        found: The snapshots of each dataset, if they are not to be looked up.
    """
    found = snapshots.find_all_snapshots(project) if found is None else found
    tables = [_read_csv(path) for path in sorted(project.reference.glob("*.csv")) if path.stem not in COMPLETED]
    tables = [_complete_table(table, found) for table in tables]
    return [
        *tables,
        code_lists.load_economies(project),
        code_lists.load_products(project),
        code_lists.load_hs_labels(),
        corrections.load_corrections(project),
        _list_manifests(found, _list_passed_on(tables)),
    ]


def list_columns(project: Project) -> dict[str, tuple[str, ...]]:
    """Return the columns of each table of the `reference` catalog but that of the claims, without reading its rows."""
    files = (path for path in project.reference.glob("*.csv") if path.stem not in COMPLETED)
    declared = {name: tuple(columns) for name, columns in COLUMNS.items()}
    return {path.stem: tuple(read_csv(path)[0]) for path in files} | declared


def _read_csv(path: Path) -> Rows:
    header, rows = read_csv(path)
    return Rows(path.stem, dict.fromkeys(header, "varchar"), [[value or None for value in row] for row in rows])


def _complete_table(table: Rows, found: Mapping[str, Iterable[Snapshot]]) -> Rows:
    """Add to a table what publishers say of codes that were asked for and that it lacks; the newest counts."""
    key = next(iter(table.columns))
    known = {row[0] for row in table.rows}
    said: dict[str, Mapping[str, str]] = {}
    for path, every in found.items():
        api = sources.find_source(path.partition("/")[0]).api
        if api is None or table.name not in api.completes:
            continue
        for snapshot in every:
            parameters = snapshot.manifest.parameters
            asked = Request.from_parameters(path, parameters).only if snapshot.manifest.form == "answer" else {}
            if known.issuperset(asked.get(key, ())):
                continue
            response = Response(200, parameters.get("headers", {}), snapshot.data.read_bytes())
            with suppress(Unusable):  # What cannot be read is told where its figures are read.
                row = api.completes[table.name](response)
                said |= {row[key]: row} if row[key] not in known else {}
    rows = [[said[code].get(name) for name in table.columns] for code in sorted(said)]
    return Rows(table.name, table.columns, [*table.rows, *rows])


def _list_passed_on(tables: Iterable[Rows]) -> dict[str, str]:
    """List the datasets that a source passes on for another source, from `publishers.csv`."""
    (rows,) = [table.rows for table in tables if table.name == "publishers"] or [[]]
    return {f"{source}/{dataset}": publisher for source, dataset, publisher, *_ in rows}


def _list_manifests(found: Mapping[str, Iterable[Snapshot]], passed_on: Mapping[str, str]) -> Rows:
    rows, columns = [], COLUMNS["snapshots"]
    for snapshot in (one for every in found.values() for one in every):
        manifest = snapshot.manifest
        whose = passed_on.get(f"{manifest.source}/{manifest.dataset}", manifest.source)
        known = vars(manifest) | {
            "snapshot_id": snapshot.id,
            "publisher": sources.find_source(whose).publisher,
            "source_title": sources.find_source(manifest.source).title,
            "retrieved_at": manifest.retrieved_moment,
            "licence_name": manifest.licence.name,
            "licence_url": manifest.licence.url,
        }
        rows.append([known[name] for name in columns])
    return Rows("snapshots", columns, rows)
