"""Load the tables of the `reference` catalog: the files of `warehouse/reference`, code lists, corrections, snapshots.

The settings may request an item whose code a file lacks, for example an indicator. The row of this item is then built
from the publisher's response.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from dagster_project import snapshots, sources
from dagster_project.files import read_csv
from dagster_project.project import Project
from dagster_project.reference import code_lists, corrections
from dagster_project.reference.rows import COLUMNS, Rows
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Request, Response, Unusable

# The files that only complete the lists of packages; `code_lists` builds these tables.
COMPLETED = ("economies", "products")


def load_tables(project: Project, found: Mapping[str, Iterable[Snapshot]] | None = None) -> list[Rows]:
    """Load the `reference` tables except claims; `found` has the snapshots of each dataset, by default all of them."""
    found = snapshots.find_all_snapshots(project) if found is None else found
    tables = []
    for path in (path for path in sorted(project.reference.glob("*.csv")) if path.stem not in COMPLETED):
        header, rows = read_csv(path)
        table = Rows(path.stem, dict.fromkeys(header, "varchar"), [[value or None for value in row] for row in rows])
        tables.append(_complete_table(table, found))
    return [
        *tables,
        code_lists.load_economies(project),
        code_lists.load_products(project),
        code_lists.load_hs_labels(),
        corrections.load_corrections(project),
        _list_manifests(found, _list_republished(tables)),
    ]


def list_columns(project: Project) -> dict[str, tuple[str, ...]]:
    """List the columns of each table of the `reference` catalog except claims, without loading the tables."""
    files = (path for path in project.reference.glob("*.csv") if path.stem not in COMPLETED)
    declared = {name: tuple(columns) for name, columns in COLUMNS.items()}
    return {path.stem: tuple(read_csv(path)[0]) for path in files} | declared


def _complete_table(table: Rows, found: Mapping[str, Iterable[Snapshot]]) -> Rows:
    """Add rows for requested codes that a table lacks, each from the newest response about the code."""
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
            with suppress(Unusable):  # A response that cannot be parsed is reported by `raw`.
                row = api.completes[table.name](response)
                said |= {row[key]: row} if row[key] not in known else {}
    rows = [[said[code].get(name) for name in table.columns] for code in sorted(said)]
    return Rows(table.name, table.columns, [*table.rows, *rows])


def _list_republished(tables: Iterable[Rows]) -> dict[str, str]:
    """Map each dataset in `publishers.csv`, `source/name`, to the code of the source that first published it."""
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
