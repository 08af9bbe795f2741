"""Every committed snapshot is what its manifest and its dataset's declaration say."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from dagster_project.sources import Column, find_dataset, is_live, list_datasets
from tests.sources.committed import SNAPSHOTS, folders, manifest, name, table

LARGEST_REPOSITORY = 15 * 1024 * 1024
PATTERNS = {
    "integer": r"-?\d+",
    "number": r"-?\d+(\.\d+)?",
    "year": r"(19|20)\d\d",
    "month": r"(19|20)\d\d-(0[1-9]|1[0-2])",
    "date": r"(19|20)\d\d(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?",
}
each_snapshot = pytest.mark.parametrize("folder", folders(), ids=name)


def test_every_dataset_that_no_api_fills_has_a_snapshot_and_no_other_is_there() -> None:
    found = {folder.parent.relative_to(SNAPSHOTS).as_posix() for folder in folders()}
    assert {d.path for d in list_datasets() if not is_live(d.path)} <= found <= {d.path for d in list_datasets()}


def test_the_repository_stays_light() -> None:
    assert sum(path.stat().st_size for path in SNAPSHOTS.rglob("*") if path.is_file()) < LARGEST_REPOSITORY


@each_snapshot
def test_bytes_are_those_of_the_manifest(folder: Path) -> None:
    told = manifest(folder)
    content = (folder / told["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == told["sha256"]
    assert len(content) == told["bytes"]
    assert folder.name == told["sha256"][:12]
    assert name(folder).startswith(f"{told['source']}/{told['dataset']}/")
    assert sorted(path.name for path in folder.iterdir()) == sorted(["manifest.yml", told["file"]])


@each_snapshot
def test_compressed_bytes_carry_no_clock(folder: Path) -> None:
    if manifest(folder)["file"].endswith(".gz"):
        content = (folder / manifest(folder)["file"]).read_bytes()
        assert content[4:8] == b"\0\0\0\0"
        assert content[3] == 0, "no file name in the header"
        assert gzip.decompress(content).endswith(b"\n")


@each_snapshot
def test_manifest_says_who_when_and_under_what_terms(folder: Path) -> None:
    told = manifest(folder)
    for field in ("title", "url", "obtained", "citation"):
        assert told[field].strip()
    assert told["licence"]["name"]
    assert told["licence"]["url"].startswith("https://")
    assert isinstance(told["retrieved_at"], date)
    assert told["known_from"] == (told["published_at"] or told["retrieved_at"])
    assert "@" in told["obtained"] or "generated" in told["obtained"] or told["source"] == "register"
    assert told["source"] == "register" or re.search(r"@[0-9a-f]{8,40}\b", told["obtained"])


@each_snapshot
def test_rows_meet_the_declaration(folder: Path) -> None:
    declared = find_dataset(f"{manifest(folder)['source']}/{manifest(folder)['dataset']}")
    header, rows = table(folder)
    assert header == [column.name for column in declared.columns] == manifest(folder)["columns"]
    assert len(rows) == manifest(folder)["row_count"]
    assert all(len(row) == len(header) for row in rows)
    places = [header.index(column) for column in declared.key]
    keys = [tuple(row[place] for place in places) for row in rows]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    assert keys == sorted(keys), "rows are sorted by key"
    for place, column in enumerate(declared.columns):
        assert _refused(column, {row[place] for row in rows}) == []


def _refused(column: Column, values: set[str]) -> list[str]:
    return sorted(value for value in values if not _accepts(column, value))[:5]


def _accepts(column: Column, value: str) -> bool:
    if not value:
        return not column.required
    if value != value.strip():
        return False
    pattern = PATTERNS.get(column.kind)
    if pattern and not re.fullmatch(pattern, value):
        return False
    if column.kind == "date" and len(value) == len("2000-01-01"):
        date.fromisoformat(value)
    if column.values is not None and value not in column.values:
        return False
    if column.minimum is not None and float(value) < column.minimum:
        return False
    return column.maximum is None or float(value) <= column.maximum
