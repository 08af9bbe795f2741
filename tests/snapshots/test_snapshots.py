"""The archive keeps the received bytes, and detects a change."""

from __future__ import annotations

import errno
import gzip
import os
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from tests import making
from tests.refresh import example


def test_a_sealed_snapshot_has_the_place_its_bytes_ask_for(tmp_path: Path) -> None:
    sealed = making.snapshot(making.project(tmp_path))
    assert sealed.folder.name == sealed.manifest.sha256[:12]
    assert sealed.manifest.row_count == 3
    assert sealed.manifest.columns == ["partner_code", "year", "flow", "value_usd", "month", "day", "ships"]
    snapshots.verify_snapshot(sealed)


@pytest.mark.parametrize("zipped", [False, True])
def test_a_pipe_is_not_waited_for(tmp_path: Path, zipped: bool) -> None:
    made = making.snapshot(making.project(tmp_path), zipped=zipped)
    made.data.unlink()
    os.mkfifo(made.data)
    with pytest.raises(BilateralError, match="is not a file"):
        snapshots.seal_snapshot(made.folder)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    first = making.snapshot(project, known_from=date(2024, 1, 1))
    again = making.snapshot(project, known_from=date(2025, 1, 1))
    assert first.id == again.id
    assert len(snapshots.find_snapshots(project, making.TRADE.path)) == 1


def test_vintages_come_in_the_order_in_which_they_became_known(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    later = making.snapshot(project, making.CLEAN.replace("1200.5", "1300"), known_from=date(2025, 1, 1))
    earlier = making.snapshot(project, known_from=date(2024, 1, 1))
    assert [s.id for s in snapshots.find_snapshots(project, making.TRADE.path)] == [earlier.id, later.id]


def test_changed_bytes_are_an_error_that_names_the_snapshot_and_the_remedy(tmp_path: Path) -> None:
    sealed = making.snapshot(making.project(tmp_path))
    sealed.data.write_text(making.CLEAN.replace("1200.5", "9200.5"))
    with pytest.raises(BilateralError, match=sealed.id) as caught:
        snapshots.verify_snapshot(sealed)
    assert "snapshots seal" in str(caught.value)


def test_a_missing_file_and_a_missing_snapshot_are_errors(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    with pytest.raises(BilateralError, match="no snapshot of example/trade_annual"):
        snapshots.find_snapshots(project, making.TRADE.path)
    sealed = making.snapshot(project)
    sealed.data.unlink()
    with pytest.raises(BilateralError, match=r"has no file data\.csv"):
        snapshots.verify_snapshot(sealed)


def test_a_folder_that_is_not_where_its_manifest_says_is_an_error(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    sealed = making.snapshot(project)
    sealed.folder.rename(sealed.folder.with_name("0" * 12))
    with pytest.raises(BilateralError, match="has the manifest of another snapshot"):
        snapshots.find_snapshots(project, making.TRADE.path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace("citation:", "quotation:"), "missing fields: citation; unknown fields: quotation"),
        (
            lambda text: text.replace("known_from: 2024-01-01", "known_from: soon"),
            "known_from: expected a date as YYYY-MM-DD, unquoted, got 'soon'",
        ),
        (lambda text: text.replace("form: table", "form: picture"), "form: expected table or answer, got 'picture'"),
        (lambda text: text.replace("known_from: 2024-01-01", "known_from: 2024-01-01 10:00:00"), "expected a date"),
        (lambda text: text + "\n  - : [", "is not YAML"),
        (
            lambda text: text.replace("url: https://example.org/trade", "url: javascript:alert(1)"),
            "url: expected .*got 'javascript",
        ),
        (lambda text: re.sub("https://example.org/licence", "'java script:x'", text), "licence: expected"),
    ],
)
def test_a_manifest_that_is_none_is_an_error(tmp_path: Path, change, complaint) -> None:
    sealed = making.snapshot(making.project(tmp_path))
    manifest = sealed.folder / snapshots.MANIFEST
    manifest.write_text(change(manifest.read_text()))
    with pytest.raises(BilateralError, match=complaint):
        snapshots.Manifest.read_file(manifest)


def test_the_fingerprint_follows_bytes_and_manifests(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    sealed = making.snapshot(project)
    before = snapshots.hash_snapshots(snapshots.find_snapshots(project, making.TRADE.path))
    manifest = sealed.folder / snapshots.MANIFEST
    manifest.write_text(manifest.read_text().replace("CC0", "CC BY 4.0"))
    assert snapshots.hash_snapshots(snapshots.find_snapshots(project, making.TRADE.path)) != before


@pytest.mark.parametrize("zipped", [False, True])
def test_a_new_table_needs_no_order_and_only_what_its_bytes_do_not_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zipped: bool
) -> None:
    monkeypatch.setattr("dagster_project.sources.list_datasets", lambda: [making.TRADE])
    header, *lines = making.CLEAN.splitlines(keepends=True)
    made = making.snapshot(making.project(tmp_path), making.CLEAN, zipped=zipped)
    bare = yaml.safe_load((made.folder / snapshots.MANIFEST).read_text())
    for field in ("sha256", "bytes", "row_count", "columns", "media_type", "form", "published_at", "edition", "notes"):
        del bare[field]
    new = made.folder.with_name("new")
    new.mkdir()
    (new / snapshots.MANIFEST).write_text(yaml.safe_dump(bare))
    content = "".join([header, *reversed(lines)]).encode()
    (new / made.data.name).write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    shutil.rmtree(made.folder)
    sealed = snapshots.seal_snapshot(new)
    assert (sealed.id, sealed.manifest.row_count) == (made.id, 3)
    assert sealed.manifest.columns == header.strip().split(",")
    assert sealed.manifest.media_type == ("application/gzip" if zipped else "text/csv")
    sealed.data.write_text("partner_code,flow\n") if not zipped else sealed.data.write_bytes(gzip.compress(b"year\n"))
    with pytest.raises(BilateralError, match=r"lacks the key column"):
        snapshots.seal_snapshot(sealed.folder)


@pytest.mark.parametrize("method", ["write_bytes", "write_text"])
def test_a_disk_that_is_full_leaves_the_files_to_seal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    example.register(monkeypatch)
    folder = making.snapshot(making.project(tmp_path)).folder
    header, *rows = (folder / "data.csv").read_text().splitlines(keepends=True)
    (folder / "data.csv").write_text("".join([header, *reversed(rows)]))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write = getattr(Path, method)

    def fill(path: Path, content: bytes | str, **options: str) -> None:
        write(path, content[:9], **options)
        raise OSError(errno.ENOSPC, "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Path, method, fill)
        with pytest.raises(OSError, match="full"):
            snapshots.seal_snapshot(folder)
    if method == "write_text":
        del before["data.csv"]
    assert before.items() <= {path.name: path.read_bytes() for path in folder.iterdir()}.items()
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv", "manifest.yml"]
    snapshots.verify_snapshot(snapshots.seal_snapshot(folder))


@pytest.mark.parametrize("known_from", [None, date(2024, 1, 1), date(2025, 1, 1)])
def test_bytes_that_are_held_are_sealed_as_known_from_the_same_day_alone(
    tmp_path: Path, known_from: date | None
) -> None:
    project = making.project(tmp_path)
    held = making.snapshot(project)
    copy = held.folder.with_name("unsealed")
    shutil.copytree(held.folder, copy)
    before = (copy / snapshots.MANIFEST).read_bytes()
    if known_from in (None, held.manifest.known_from):
        assert snapshots.seal_snapshot(copy, known_from=known_from) == held
        assert not copy.exists()
    else:
        with pytest.raises(BilateralError, match=r"already archived in .* as known from 2024-01-01"):
            snapshots.seal_snapshot(copy, known_from=known_from)
        assert (copy / snapshots.MANIFEST).read_bytes() == before
        assert snapshots.seal_snapshot(held.folder, known_from=known_from).manifest.known_from == known_from


def fetched(project: Project, content: bytes, hour: int) -> snapshots.Snapshot:
    """Archive a response of the example publisher."""
    return snapshots.archive_snapshot(project, example.manifest(datetime(2026, 11, 25, hour, 30, tzinfo=UTC)), content)


def test_a_dataset_that_an_api_fills_may_have_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    assert snapshots.find_snapshots(project, making.TRADE.path) == []
    assert snapshots.find_all_snapshots(project) == {making.TRADE.path: []}


def test_the_snapshots_of_datasets_are_listed_by_their_folders(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    for home, folder in [
        (project.snapshots, "kosis/goods_annual/0a"),
        (project.fetched, "kosis/goods_annual/0b"),
        (project.fetched, "kosis/no_dataset/0c"),
    ]:
        (home / folder).mkdir(parents=True)
        (home / folder / snapshots.MANIFEST).touch()
    assert snapshots.list_snapshot_ids(project) == {"kosis/goods_annual/0a", "kosis/goods_annual/0b"}


def test_what_was_fetched_is_found_beside_what_is_committed(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    committed = making.snapshot(project, known_from=date(2026, 11, 1))
    late = fetched(project, example.body(edition="2"), 9)
    early = fetched(project, example.body(), 3)
    assert late.id.startswith("example/trade_annual/20261125T093000Z-")
    assert [s.id for s in snapshots.find_snapshots(project, making.TRADE.path)] == [committed.id, early.id, late.id]
    for found in snapshots.find_snapshots(project, making.TRADE.path):
        snapshots.verify_snapshot(found)
    assert snapshots.Manifest.read_file(late.folder / snapshots.MANIFEST) == late.manifest
    assert f"{late.manifest.retrieved_moment:%Y-%m-%d %H:%M}" == "2026-11-25 09:30"


def test_what_was_fetched_is_not_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example.register(monkeypatch)
    project = making.project(tmp_path)
    made = fetched(project, example.body(), 3)
    with pytest.raises(BilateralError, match="is a fetched snapshot") as refused:
        snapshots.seal_snapshot(made.folder, known_from=date(2025, 1, 1))
    assert "refresh again" in str(refused.value)
    assert snapshots.find_snapshots(project, making.TRADE.path) == [made]
    made.folder.rename(made.folder.with_name(made.manifest.sha256[:12]))
    with pytest.raises(BilateralError, match="has the manifest of another snapshot") as caught:
        snapshots.find_snapshots(project, making.TRADE.path)
    assert "seal" not in str(caught.value)


def test_bytes_that_come_back_after_others_are_news_and_are_kept_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example.register(monkeypatch)
    project = making.project(tmp_path)
    first = fetched(project, example.body(), 3)
    other = fetched(project, example.body(example.FIGURES[:2]), 6)
    again = fetched(project, example.body(), 9)
    assert [s.id for s in snapshots.find_snapshots(project, making.TRADE.path)] == [first.id, other.id, again.id]
    assert first.manifest.sha256 == again.manifest.sha256
    assert first.data.samefile(again.data)


def test_archiving_reads_no_manifest_but_of_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example.register(monkeypatch)
    project = making.project(tmp_path)
    making.snapshot(project)
    first = fetched(project, example.body(), 3)
    fetched(project, example.body(example.FIGURES[:2]), 6)
    read: list[str] = []
    original = snapshots.Manifest.read_file

    def reading(path: Path) -> snapshots.Manifest:
        read.append(path.parent.name)
        return original(path)

    monkeypatch.setattr(snapshots.Manifest, "read_file", reading)
    fetched(project, example.body(example.FIGURES[:3]), 9)
    fetched(project, example.body(), 12)
    # Each reads its own back.
    assert read == ["example.trade_annual", first.folder.name, "example.trade_annual"]


def test_what_is_archived_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = making.project(tmp_path)
    home = project.fetched / making.TRADE.path
    synced: list[tuple[str, int]] = []
    monkeypatch.setattr(snapshots, "sync_to_disk", lambda path: synced.append((path.name, len(list(home.glob("*"))))))
    making.snapshot(project)
    fetched(project, example.body(), 3)
    assert sorted(synced[:2]) == [("answer.json", 0), ("manifest.yml", 0)]
    assert synced[2:] == [("example.trade_annual", 0), ("trade_annual", 1)]


def test_a_copy_of_the_archive_is_the_same_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example.register(monkeypatch)
    project = making.project(tmp_path / "one")
    fetched(project, example.body(), 3)
    fetched(project, example.body(example.FIGURES[:2]), 6)
    other = making.project(tmp_path / "other")
    shutil.copytree(project.fetched, other.fetched)
    found = [snapshots.find_snapshots(place, making.TRADE.path) for place in (project, other)]
    assert snapshots.hash_snapshots(found[0]) == snapshots.hash_snapshots(found[1])


def test_an_archiving_that_was_killed_leaves_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    with monkeypatch.context() as patched:
        patched.setattr(snapshots.Manifest, "write_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            snapshots.archive_snapshot(project, example.manifest(datetime(2026, 11, 25, tzinfo=UTC)), example.body())
    assert snapshots.find_snapshots(project, making.TRADE.path) == []
    assert snapshots.archive_snapshot(
        project, example.manifest(datetime(2026, 11, 25, tzinfo=UTC)), example.body()
    ).folder.is_dir()
    assert len(snapshots.find_snapshots(project, making.TRADE.path)) == 1
