"""A power cut loses only unsynced data; an incomplete publication that it leaves stops no build."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project import publication
from dagster_project.errors import BilateralError
from dagster_project.publication import DICTIONARY, FILE, PAGE, RECORD
from tests import making
from tests.publication.test_publication import answer, publish


@pytest.mark.parametrize("left", [b"", b"\0" * 300, b'{"publication_id": "p'])
def test_a_record_that_a_power_cut_left_stops_nobody(tmp_path: Path, left: bytes) -> None:
    project = making.project(tmp_path)
    made = [publish(project, number) for number in (1, 2, 3, 4)]
    for lost in ("p2", "p4"):
        (project.publications / lost / RECORD).write_bytes(left)
    # Readers have p4, and nobody knows any more what was published as p4, or as p2.
    assert publication.list_publications(project) == [made[2], made[0]]
    assert publication.find_intact(project, "p4") is None
    last = publish(project, 5)
    assert answer(project) == 5
    assert publication.list_publications(project) == [last, made[2], made[0]]
    assert sorted(path.name for path in project.publications.iterdir()) == ["p1", "p3", "p5"]
    (project.publications / "p5" / RECORD).write_bytes(left)
    assert publication.roll_back(project) == made[2]


def test_the_only_copy_stays_where_its_record_is_lost(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    made = publish(project, 1)
    (made.get_folder(project) / RECORD).write_bytes(b"")
    project.published_file.unlink()
    with pytest.raises(BilateralError, match="no earlier publication"):
        publication.roll_back(project)
    assert made.has_copy(project)
    publish(project, 2)
    assert answer(project) == 2


def test_a_publication_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    synced: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        publication, "sync_to_disk", lambda path: synced.append((path.name, (project.publications / "p1").exists()))
    )
    publish(project, 1)
    assert {(name, False) for name in (FILE, PAGE, DICTIONARY, RECORD, ".p1")} <= set(synced)
    # It gets its name once readers have it.
    assert synced.index((project.warehouse.name, False)) < synced.index((project.publications.name, True))
