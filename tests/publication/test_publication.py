"""The atomic step: readers never see half a file, the earlier ones are kept, strays do no harm."""

from __future__ import annotations

import errno
import json
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from dagster_project import publication
from dagster_project.engines.duckdb import DuckDB
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY, FILE, KEPT, PAGE, Publication
from tests import making

ANSWER = making.parse_model(
    "/*\nwhat: The answer.\ngrain: [answer]\ncolumns:\n  answer: count | It.\n*/\nselect answer from marts.answer",
    schema="main",
    table="first_answer",
)
NOW = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)


@cache
def build_file(number: int) -> bytes:
    """Make the file of a publication that holds one number."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "work.duckdb")
        with DuckDB(file) as engine:
            engine.connection.execute(
                "create table meta.publication as select $id as publication_id", {"id": f"p{number}"}
            )
            engine.connection.execute("create table marts.answer as select $n as answer", {"n": number})
            engine.create_views([ANSWER])
            engine.connection.execute("checkpoint")
        return file.read_bytes()


def publish(
    project: Project, number: int, content: str | None = None, *, keep: int | None = None, room: int | None = None
) -> Publication:
    moment = NOW + timedelta(minutes=number)
    made = Publication(f"p{number}", moment, content or f"c{number}", 1, 1, 0, 0, "0.1.0", duckdb.__version__)
    project.archive.mkdir(parents=True, exist_ok=True)
    project.work_file.unlink(missing_ok=True)
    project.work_file.write_bytes(build_file(number))
    pages = {PAGE: "<html></html>", DICTIONARY: f"p{number}"}
    with no_file_beyond(room):
        publication.publish_file(project, made, project.work_file, pages, keep=keep)
    return made


def answer(project: Project) -> int:
    with publication.open_published(project) as connection:
        commented = connection.execute(
            "select v.comment, c.comment from duckdb_views() as v inner join duckdb_columns() as c "
            "on v.view_name = c.table_name where v.view_name = 'first_answer'"
        )
        assert commented.fetchall() == [("The answer.", "It. [count]")]
        return connection.execute("select answer from first_answer").fetchone()[0]


def test_a_publication_is_read_with_its_page_beside_it(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    made = publish(project, 1)
    assert answer(project) == 1
    assert publication.get_current_id(project) == "p1"
    assert (made.get_folder(project) / PAGE).read_text() == "<html></html>"
    assert project.published_dictionary.read_text() == "p1"
    assert publication.list_publications(project) == [made]
    assert [path.name for path in project.warehouse.glob(".*")] == []


def test_the_newest_are_kept_and_the_current_one_always(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for number in range(1, KEPT + 3):
        publish(project, number)
    kept = [made.publication_id for made in publication.list_publications(project)]
    assert kept == [f"p{number}" for number in range(KEPT + 2, 1, -1)]


def test_without_kept_ones_readers_have_the_only_copy(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    publish(project, 1)
    made = publish(project, 2, keep=0)
    assert answer(project) == 2
    assert publication.list_publications(project) == [made]
    assert (made.get_folder(project) / PAGE).exists()
    assert list(project.publications.rglob("*.duckdb")) == []
    assert publication.find_intact(project, "p2") == made
    with pytest.raises(BilateralError, match="no earlier publication") as refused:
        publication.roll_back(project)
    assert "bilateral build" in str(refused.value.remedy)
    with pytest.raises(BilateralError, match="No copy of p2 was kept"):
        publication.roll_back(project, "p2")
    # It stays so until it is said otherwise, and what cannot be gone back to is not listed as kept.
    publish(project, 3)
    assert list(project.publications.rglob("*.duckdb")) == []
    publish(project, 4, keep=1)
    publish(project, 5)
    publish(project, 6)
    assert [made.publication_id for made in publication.list_publications(project)] == ["p6", "p5"]


def test_half_a_copy_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    made = publish(project, 1, keep=0)
    copy = publication._copy_file

    def stopped(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(publication, "_copy_file", stopped)
    with pytest.raises(KeyboardInterrupt):
        publication.settle_publication(project, made, 1)
    assert not made.has_copy(project)
    # Nor is a publication what readers never had.
    with pytest.raises(KeyboardInterrupt):
        publish(project, 2, keep=0)
    assert publication.list_publications(project) == [made]
    assert answer(project) == 1
    monkeypatch.setattr(publication, "_copy_file", copy)
    publication.settle_publication(project, made, 1)
    publish(project, 3)
    assert publication.roll_back(project) == made
    assert answer(project) == 1


def test_what_was_killed_before_readers_had_it_is_nothing_to_go_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = making.project(tmp_path)
    made = publish(project, 1)
    with monkeypatch.context() as killed:
        killed.setattr(publication, "_replace_published_file", _stopped)
        # Whoever is killed clears nothing away.
        killed.setattr("shutil.rmtree", lambda _folder: None)
        with pytest.raises(KeyboardInterrupt):
            publish(project, 2)
    assert (project.publications / ".p2").exists()
    assert publication.list_publications(project) == [made]
    publish(project, 3)
    assert sorted(path.name for path in project.publications.iterdir()) == ["p1", "p3"]
    assert publication.roll_back(project) == made


def test_what_was_killed_once_readers_had_it_can_be_gone_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = making.project(tmp_path)
    replace_file = publication._replace_published_file

    def replace_and_stop(*given: Any) -> None:
        replace_file(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(publication, "_replace_published_file", replace_and_stop)
        # Whoever is killed settles nothing.
        killed.setattr(publication, "_settle_unfinished", lambda _project: None)
        with pytest.raises(KeyboardInterrupt):
            publish(project, 1, keep=1)
    assert answer(project) == 1
    assert [path.name for path in project.publications.iterdir()] == [".p1"]
    (listed,) = publication.list_publications(project)
    assert publication.find_intact(project, "p1") == listed
    # While the file cannot be opened, nobody knows whether it is the one in the folder.
    whole = project.published_file.read_bytes()
    _overwrite(project.published_file, b"damaged")
    publication._settle_unfinished(project)
    assert [path.name for path in project.publications.iterdir()] == [".p1"]
    _overwrite(project.published_file, whole)
    publish(project, 2)
    publish(project, 3)
    assert [one.publication_id for one in publication.list_publications(project)] == ["p3", "p2"]
    assert publication.roll_back(project).publication_id == "p2"


def _overwrite(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def test_what_0_7_left_before_readers_had_it_is_not_listed(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    first, second = publish(project, 1), publish(project, 2)
    for made in (first, second):
        record = made.get_folder(project) / "publication.json"
        record.write_text(json.dumps(json.loads(record.read_text()) | {"shown": False}))
    assert publication.list_publications(project) == [second]


def _stopped(*_: object) -> None:
    raise KeyboardInterrupt


def test_how_many_are_kept_is_settled_without_publishing(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    first, second = publish(project, 1), publish(project, 2)
    publication.settle_publication(project, second, 0)
    assert publication.list_publications(project) == [second]
    assert list(project.publications.rglob("*.duckdb")) == []
    publication.settle_publication(project, second, None)
    assert not second.has_copy(project)
    publication.settle_publication(project, second, 1)
    assert second.has_copy(project)
    assert publication.find_intact(project, "p2") == second
    assert not first.get_folder(project).exists()


def test_a_file_that_somebody_wrote_to_is_not_what_was_published(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    made = publish(project, 1)
    assert publication.find_intact(project, "p1") == made
    project.published_file.chmod(0o644)
    with duckdb.connect(str(project.published_file)) as connection:
        connection.execute("create table marts.mine as select 1 as one")
    assert publication.get_current_id(project) == "p1"
    assert publication.find_intact(project, "p1") is None


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    publish(project, 1)
    for number in (2, 3, 4):
        publish(project, number, "the same", keep=1)
    assert [made.publication_id for made in publication.list_publications(project)] == ["p4", "p1"]
    assert publication.roll_back(project).publication_id == "p1"


def test_rolling_back_goes_one_step_at_a_time_or_to_a_named_one(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for number in (1, 2, 3):
        publish(project, number)
    assert publication.roll_back(project).publication_id == "p2"
    assert answer(project) == 2
    assert project.published_dictionary.read_text() == "p2"
    assert publication.roll_back(project).publication_id == "p1"
    with pytest.raises(BilateralError, match="no earlier publication"):
        publication.roll_back(project)
    assert publication.roll_back(project, "p3").publication_id == "p3"
    assert answer(project) == 3
    with pytest.raises(BilateralError, match=r"Publication p9 does not exist.*p3, p2, p1"):
        publication.roll_back(project, "p9")


@pytest.mark.parametrize(("keep", "room"), [(1, 10_000), (0, 10), (0, 100), (0, 10_000)])
def test_a_full_disk_leaves_readers_and_the_archive_as_they_were(tmp_path: Path, keep: int, room: int) -> None:
    """No file may grow beyond some bytes: the copy, a page, the record or readers' file does not become whole."""
    project = making.project(tmp_path)
    made = publish(project, 1, keep=keep)
    before = {path: path.stat().st_mtime_ns for path in project.warehouse.rglob("*") if path.is_file()}
    del before[project.work_file]
    with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        publish(project, 2, keep=keep, room=room)
    after = {path: path.stat().st_mtime_ns for path in project.warehouse.rglob("*") if path.is_file()}
    del after[project.work_file]
    assert after == before
    assert publication.list_publications(project) == [made]
    assert answer(project) == 1
    publish(project, 3, keep=keep)
    assert answer(project) == 3


@contextmanager
def no_file_beyond(room: int | None) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft if room is None else room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_is_not_whole_is_not_published(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    publish(project, 1)
    publication.get_wal(project.work_file).touch()
    made = Publication("p2", NOW, "c0ffee", 1, 1, 0, 0, "0.1.0", duckdb.__version__)
    with pytest.raises(BilateralError, match="write-ahead log"):
        publication.publish_file(project, made, project.work_file, {})
    assert answer(project) == 1


def test_a_log_left_beside_the_published_file_is_moved_away(tmp_path: Path) -> None:
    """DuckDB 1.5 replays such a log into whatever file has the name."""
    project = making.project(tmp_path)
    publish(project, 1)
    publication.get_wal(project.published_file).write_bytes(b"left by a writer")
    publish(project, 2)
    assert not publication.get_wal(project.published_file).exists()
    assert answer(project) == 2
    assert [path.read_bytes() for path in project.archive.glob("*.stray-wal")] == [b"left by a writer"]


def test_halves_that_a_killed_build_left_are_cleared_away(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    publish(project, 1)
    (project.publications / ".p2").mkdir()
    project.published_file.with_name(".bilateral.duckdb.p2").write_bytes(b"half")
    publish(project, 3)
    assert [path.name for path in project.publications.glob(".*")] == []
    assert [path.name for path in project.warehouse.glob(".*")] == []


def test_a_reader_cannot_write_or_reach_outside(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    publish(project, 1)
    with publication.open_published(project) as connection:
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            connection.execute("create table marts.mine as select 1 as one")
        for way_out in (f"copy marts.answer to '{tmp_path}/out.csv'", "select * from read_csv('/etc/passwd')"):
            with pytest.raises(duckdb.Error, match="disabled"):
                connection.execute(way_out)


def test_nothing_published_is_said_with_the_remedy(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    assert publication.get_current_id(project) is None
    with pytest.raises(BilateralError, match="Run `bilateral build` first"), publication.open_published(project):
        pass


def test_a_damaged_file_is_mended_by_rolling_back(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for number in (1, 2):
        publish(project, number)
    project.published_file.chmod(0o644)
    project.published_file.write_bytes(b"no database")
    with pytest.raises(BilateralError, match="bilateral rollback"), publication.open_published(project):
        pass
    assert publication.get_current_id(project) is None
    assert publication.roll_back(project).publication_id == "p2"
    assert answer(project) == 2


def test_what_readers_have_is_what_is_kept_one_file_that_nobody_writes_to(tmp_path: Path) -> None:
    project = making.project(tmp_path)

    def one_file(made: Publication) -> bool:
        kept = made.get_folder(project) / FILE
        assert not project.published_file.stat().st_mode & 0o222
        return kept.samefile(project.published_file) and not kept.samefile(project.work_file)

    first, second = publish(project, 1), publish(project, 2)
    assert one_file(second)
    assert publication.roll_back(project) == first
    assert one_file(first)
    assert publication.roll_back(project, "p2") == second
    assert one_file(second)
    # Once nothing was kept, what is kept from then on is no copy either.
    last = publish(project, 3, keep=0)
    publication.settle_publication(project, last, 1)
    assert one_file(last)


def test_without_links_what_is_kept_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    monkeypatch.setattr("os.copy_file_range", refused)
    project = making.project(tmp_path)
    first, second = publish(project, 1), publish(project, 2)
    for made in (first, second):
        assert not (made.get_folder(project) / FILE).samefile(project.published_file)
        assert not (made.get_folder(project) / FILE).stat().st_mode & 0o222
    assert publication.find_intact(project, "p2") == second
    assert publication.roll_back(project) == first
    assert answer(project) == 1


def test_a_copy_that_somebody_wrote_to_is_not_gone_back_to(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for number in (1, 2, 3):
        publish(project, number)
    copy = publication.list_publications(project)[1].get_folder(project) / FILE
    copy.chmod(0o644)
    copy.write_bytes(b"no database")
    with pytest.raises(BilateralError, match="copy of p2 was changed after"):
        publication.roll_back(project)
    assert answer(project) == 3
    assert publication.roll_back(project, "p1").publication_id == "p1"
    assert answer(project) == 1


def test_rolling_back_waits_for_a_build_to_end(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for number in (1, 2):
        publish(project, number)
    done: list[str] = []
    with publication.lock_warehouse(project):
        thread = threading.Thread(target=lambda: done.append(publication.roll_back(project).publication_id))
        thread.start()
        thread.join(timeout=0.5)
        assert done == []
    thread.join(timeout=10)
    assert done == ["p1"]
