"""What models read beside raw: the tables of the `reference` catalog.

Here: gathering them from `warehouse/reference`, the corrections, the claims and the manifests; what an input was made
of in earlier builds. Not here: the making of code lists (`reference`) or the reading of a manifest (`snapshots`).
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dagster_project import corrections, reference, snapshots, sources
from dagster_project.claims import tables as claims
from dagster_project.project import Project
from dagster_project.rows import Rows
from dagster_project.snapshots import Snapshot
from dagster_project.written import beside

SNAPSHOT_COLUMNS = {
    "snapshot_id": "varchar",
    "publisher": "varchar",
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
# How many earlier states of an input are told apart.
REMEMBERED = 5


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


def parts(rows: Rows) -> dict[str, str]:
    """A hash of each row of a table, by its first column, which makes it unique."""
    return {row[0]: hashlib.sha256(repr(row).encode()).hexdigest() for row in rows.rows}


def remember(project: Project, name: str, fingerprint: str, made_of: Mapping[str, Any]) -> None:
    """Keeps what an input is made of, so that a later build can tell what has changed in it.

    Args:
        project: Where.
        name: The input, as models read it.
        fingerprint: A hash of the whole of it.
        made_of: Its parts, by their names; two that are equal are the same.
    """
    folder = project.archive / "inputs" / name
    target = folder / f"{fingerprint}.json"
    if target.exists():
        # The newest are the ones that tables are made from.
        target.touch()
        return
    with beside(target) as half:
        half.write_text(json.dumps(made_of), encoding="utf-8")
    for old in _newest(folder)[REMEMBERED:]:
        old.unlink(missing_ok=True)


def remembered(project: Project, name: str) -> dict[str, dict[str, Any]]:
    """What an input was made of in this and in earlier builds, by its hash, the newest first."""
    found = _newest(project.archive / "inputs" / name)
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def _newest(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)


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
            "publisher": sources.source(manifest.source).title,
            "retrieved_at": manifest.retrieved_moment,
            "licence_name": manifest.licence.name,
            "licence_url": manifest.licence.url,
        }
        rows.append([known[name] for name in SNAPSHOT_COLUMNS])
    return Rows("snapshots", SNAPSHOT_COLUMNS, rows)
