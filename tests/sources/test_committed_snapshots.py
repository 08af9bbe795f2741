"""Every committed snapshot is what its manifest and its dataset's declaration say."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from datetime import date

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


def test_every_dataset_that_no_api_fills_has_a_snapshot_and_no_other_is_there() -> None:
    found = {folder.parent.relative_to(SNAPSHOTS).as_posix() for folder in folders()}
    assert {d.path for d in list_datasets() if not is_live(d.path)} <= found <= {d.path for d in list_datasets()}


def test_the_repository_stays_light() -> None:
    assert sum(path.stat().st_size for path in SNAPSHOTS.rglob("*") if path.is_file()) < LARGEST_REPOSITORY


def test_bytes_are_those_of_the_manifest_and_carry_no_clock() -> None:
    for folder in folders():
        told = manifest(folder)
        content = (folder / told["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == told["sha256"], folder
        assert len(content) == told["bytes"], folder
        assert folder.name == told["sha256"][:12]
        assert name(folder).startswith(f"{told['source']}/{told['dataset']}/")
        assert sorted(path.name for path in folder.iterdir()) == sorted(["manifest.yml", told["file"]])
        if told["file"].endswith(".gz"):
            assert content[4:8] == b"\0\0\0\0", folder
            assert content[3] == 0, f"{folder}: no file name in the header"
            assert gzip.decompress(content).endswith(b"\n"), folder


def test_manifests_say_who_when_and_under_what_terms() -> None:
    for folder in folders():
        told = manifest(folder)
        assert [field for field in ("title", "url", "obtained", "citation") if not told[field].strip()] == [], folder
        assert told["licence"]["name"], folder
        assert told["licence"]["url"].startswith("https://"), folder
        assert isinstance(told["retrieved_at"], date), folder
        assert told["known_from"] == (told["published_at"] or told["retrieved_at"]), folder
        # A copy from a repository names its commit; of any other a sentence says where it was taken from.
        assert "GitHub" not in told["obtained"] or re.search(r"@[0-9a-f]{8,40}\b", told["obtained"]), folder
        assert len(told["obtained"].split()) >= 3, folder


def test_rows_meet_the_declaration() -> None:
    for folder in folders():
        declared = find_dataset(f"{manifest(folder)['source']}/{manifest(folder)['dataset']}")
        header, rows = table(folder)
        assert header == [column.name for column in declared.columns] == manifest(folder)["columns"], folder
        assert len(rows) == manifest(folder)["row_count"], folder
        assert all(len(row) == len(header) for row in rows), folder
        places = [header.index(column) for column in declared.key]
        keys = [tuple(row[place] for place in places) for row in rows]
        assert [key for key, times in Counter(keys).items() if times > 1] == [], folder
        assert keys == sorted(keys), f"{folder}: rows are sorted by key"
        for place, column in enumerate(declared.columns):
            assert _refused(column, {row[place] for row in rows}) == [], (folder, column.name)


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
