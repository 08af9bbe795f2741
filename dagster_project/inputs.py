"""What models read beside raw: the tables of the `reference` catalog.

Here: gathering them from `warehouse/reference`, the corrections, the claims and the manifests. Not here: the
making of code lists (`reference`) or the reading of a manifest (`snapshots`).
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from dagster_project import corrections, reference, snapshots
from dagster_project.claims import tables as claims
from dagster_project.project import Project
from dagster_project.rows import Rows
from dagster_project.snapshots import Snapshot

SNAPSHOT_COLUMNS = {
    "snapshot_id": "varchar",
    "source": "varchar",
    "dataset": "varchar",
    "title": "varchar",
    "url": "varchar",
    "retrieved_at": "timestamp",
    "published_at": "date",
    "edition": "varchar",
    "known_from": "date",
    "sha256": "varchar",
    "bytes": "bigint",
    "media_type": "varchar",
    "row_count": "bigint",
    "licence_name": "varchar",
    "licence_url": "varchar",
    "citation": "varchar",
    "obtained": "varchar",
    "form": "varchar",
}
# These two files only complete what maintained packages know; `reference` makes the tables out of both.
COMPLETED = ("economies", "products")


def load(project: Project, found: Mapping[str, Iterable[Snapshot]] | None = None) -> list[Rows]:
    """Every table of the `reference` catalog.

    Args:
        project: Where its files are.
        found: The snapshots of each dataset, if they are not to be looked up.
    """
    tables = [_csv(path) for path in sorted(project.reference.glob("*.csv")) if path.stem not in COMPLETED]
    return [
        *tables,
        reference.economies(project),
        reference.products(project),
        reference.hs_labels(),
        corrections.load(project),
        claims.load(project),
        _manifests(snapshots.find_all(project) if found is None else found),
    ]


def fingerprint(rows: Rows) -> str:
    """A hash of a table's columns and rows."""
    return hashlib.sha256(repr((dict(rows.columns), rows.rows)).encode()).hexdigest()


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as lines:
        header, *rows = csv.reader(lines)
    return Rows(path.stem, dict.fromkeys(header, "varchar"), [[value or None for value in row] for row in rows])


def _manifests(found: Mapping[str, Iterable[Snapshot]]) -> Rows:
    rows = []
    for snapshot in (one for every in found.values() for one in every):
        manifest = snapshot.manifest
        known = vars(manifest) | {
            "snapshot_id": snapshot.id,
            "retrieved_at": manifest.retrieved_moment,
            "licence_name": manifest.licence.name,
            "licence_url": manifest.licence.url,
        }
        rows.append([known[name] for name in SNAPSHOT_COLUMNS])
    return Rows("snapshots", SNAPSHOT_COLUMNS, rows)
