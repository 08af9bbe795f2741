"""Bytes become raw Parquet by the contract; rows that break it are set aside or refused, and never lost."""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from dagster_project import raw, snapshots
from dagster_project.errors import BilateralError
from dagster_project.sources import Request, gateway, responses
from tests import making
from tests.refresh import example


def rows(files) -> list[dict]:
    found = duckdb.sql(f"select * from read_parquet({[str(file) for file in files]}) order by row_number")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_every_column_is_text_as_received_with_its_place(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    sealed = making.snapshot(project, zipped=True)
    received = raw.receive_dataset(project, making.TRADE)
    found = rows(received.files)
    assert [row["value_usd"] for row in found] == ["1200.5", None, "0"]
    assert [row["row_number"] for row in found] == [1, 2, 3]
    assert {row["snapshot_id"] for row in found} == {sealed.id}
    assert (received.row_count, received.quarantined_count) == (3, 0)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("USA,20x2,export,1,,,", "year", "it is not a year"),
        ("USA,2022,export,1.5.2,,,", "value_usd", "it is not a number"),
        ("USA,2022,export,nan,,,", "value_usd", "it is not a number"),
        ("USA,2022,export,-1,,,", "value_usd", "it is below 0"),
        ("USA,2022,export,1,2022-13,,", "month", "it is not a month"),
        ("USA,2022,export,1,,2022-02-30,", "day", "it is not a date"),
        ("USA,2022,export,1,,,2.5", "ships", "it is not a integer"),
        ("USA,2022,export,1,,,1001", "ships", "it is above 1000"),
        ("USA,2022,transit,1,,,", "flow", "it is none of export import"),
        (",2022,export,1,,,", "partner_code", "it is empty"),
    ],
)
def test_a_row_that_breaks_the_contract_is_set_aside_with_its_reason(tmp_path: Path, line, column, reason) -> None:
    project = making.project(tmp_path)
    sealed = making.snapshot(project, making.CLEAN + line + "\n")
    received = raw.receive_dataset(project, making.TRADE)
    assert [row["row_number"] for row in rows(received.files)] == [1, 2, 3]
    (broken,) = rows(received.quarantine)
    assert (broken["snapshot_id"], broken["row_number"]) == (sealed.id, 4)
    assert (broken["column_name"], broken["reason"]) == (column, reason)
    assert json.loads(broken["row_text"])["partner_code"] == (line.split(",")[0] or None)


def test_rows_that_share_a_key_are_all_set_aside(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    making.snapshot(project, making.CLEAN + "CHN,2022,export,7,,,\n")
    received = raw.receive_dataset(project, making.TRADE)
    assert [row["row_number"] for row in rows(received.files)] == [2, 3]
    assert [(row["row_number"], row["value"]) for row in rows(received.quarantine)] == [
        (1, "CHN | 2022 | export"),
        (4, "CHN | 2022 | export"),
    ]
    assert received.quarantined_count == 2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            making.CLEAN.replace(",ships", "").replace(",3\n", "\n").replace(",\n", "\n"),
            "missing: ships; unknown: none",
        ),
        (making.CLEAN.replace("ships", "boats"), "missing: ships; unknown: boats"),
        (making.CLEAN.replace("partner_code,year", "year,partner_code"), "the order is year, partner_code"),
        (making.CLEAN + "CHN,2023,export\n", "cannot be read as CSV"),
        ("<html><body>Try again later</body></html>\n", "differ from those declared"),
        ("", "differ from those declared"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused(tmp_path: Path, text, complaint) -> None:
    project = making.project(tmp_path)
    making.snapshot(project, text)
    with pytest.raises(BilateralError, match=complaint) as caught:
        raw.receive_dataset(project, making.TRADE)
    assert "example/trade_annual/" in str(caught.value)


def test_a_file_with_fewer_rows_than_its_manifest_says_is_refused(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    sealed = making.snapshot(project)
    manifest = sealed.folder / "manifest.yml"
    manifest.write_text(manifest.read_text().replace("row_count: 3", "row_count: 4"))
    with pytest.raises(BilateralError, match="has 3 rows, but its manifest says 4"):
        raw.receive_dataset(project, making.TRADE)


def test_a_second_reading_takes_the_parquet_of_the_first(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    making.snapshot(project)
    first = raw.receive_dataset(project, making.TRADE)
    before = first.files[0].stat().st_mtime_ns
    second = raw.receive_dataset(project, making.TRADE)
    assert second == first
    assert second.files[0].stat().st_mtime_ns == before


def test_another_contract_or_vintage_is_another_fingerprint(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    making.snapshot(project)
    first = raw.receive_dataset(project, making.TRADE)
    looser = replace(making.TRADE, key=("partner_code", "year", "flow", "month"))
    assert raw.receive_dataset(project, looser).fingerprint != first.fingerprint
    making.snapshot(project, making.CLEAN.replace("1200.5", "1300"), known_from=date(2025, 1, 1))
    second = raw.receive_dataset(project, making.TRADE)
    assert second.fingerprint != first.fingerprint
    # The first row of each vintage; which of the two files comes first in a union is nobody's promise.
    assert sorted(row["value_usd"] for row in rows(second.files) if row["row_number"] == 1) == ["1200.5", "1300"]


def test_a_reading_that_was_killed_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path / "it's a folder")
    making.snapshot(project)
    with monkeypatch.context() as patched:
        patched.setattr("json.dumps", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            raw.receive_dataset(project, making.TRADE)
    assert raw.receive_dataset(project, making.TRADE).row_count == 3


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["json", "parquet", "quarantine.parquet"])
def test_what_a_power_cut_left_empty_is_read_again(tmp_path: Path, kind: str) -> None:
    project = making.project(tmp_path)
    making.snapshot(project)
    whole = rows(raw.receive_dataset(project, making.TRADE).files)
    (left,) = [one for one in (project.raw / making.TRADE.table).iterdir() if one.name.split(".", 2)[2] == kind]
    left.write_bytes(b"")
    received = raw.receive_dataset(project, making.TRADE)
    assert rows(received.files) == whole
    assert (received.row_count, received.quarantined_count) == (3, 0)


def test_an_answer_becomes_the_table_of_its_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    figures = (*example.FIGURES, ("JPN", "2022", "transit", "5"), ("JPN", "2022", "import", None))
    archived = snapshots.archive_snapshot(project, example.manifest(NOON), example.body(figures))
    received = raw.receive_dataset(project, making.TRADE)
    found = rows(received.files)
    assert [row["value_usd"] for row in found] == ["1200.5", "900", "1300", "1400", None]
    assert {row["snapshot_id"] for row in found} == {archived.id}
    (broken,) = rows(received.quarantine)
    assert (broken["row_number"], broken["reason"]) == (5, "it is none of export import")


def test_tables_and_answers_of_a_dataset_stand_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    making.snapshot(project)
    snapshots.archive_snapshot(project, example.manifest(NOON), example.body())
    received = raw.receive_dataset(project, making.TRADE)
    assert received.row_count == 3 + 4
    assert len(received.files) == 2


def test_a_dataset_without_snapshots_has_its_columns_and_no_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    received = raw.receive_dataset(project, making.TRADE)
    assert (received.row_count, received.quarantined_count, received.quarantine) == (0, 0, ())
    found = duckdb.read_parquet([str(file) for file in received.files])
    assert found.columns == [*(column.name for column in making.TRADE.columns), "snapshot_id", "row_number"]
    assert found.fetchall() == []
    assert raw.receive_dataset(project, making.TRADE) == received


def test_another_reader_reads_the_same_bytes_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path / "project")
    example.register(monkeypatch)
    snapshots.archive_snapshot(project, example.manifest(NOON), example.body())
    first = raw.receive_dataset(project, making.TRADE)
    module = tmp_path / "another_example.py"
    module.write_text(Path(example.__file__).read_text().replace('row["usd"], None', 'row["usd"] + "0", None'))
    monkeypatch.syspath_prepend(tmp_path)
    other = importlib.import_module("another_example")
    example.register(monkeypatch, read=other.read)
    second = raw.receive_dataset(project, making.TRADE)
    assert second.fingerprint != first.fingerprint
    assert [row["value_usd"] for row in rows(second.files)] == ["1200.50", "9000", "13000", "14000"]


@pytest.mark.parametrize("shared", [gateway, responses])
def test_what_readers_share_is_of_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: ModuleType
) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    snapshots.archive_snapshot(project, example.manifest(NOON), example.body())
    first = raw.receive_dataset(project, making.TRADE)
    monkeypatch.setattr(shared, "__file__", str(tmp_path / "shared.py"))
    Path(str(shared.__file__)).write_text("# Reads otherwise.\n")
    assert raw.receive_dataset(project, making.TRADE).fingerprint != first.fingerprint


def test_an_answer_that_cannot_be_read_any_more_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    archived = snapshots.archive_snapshot(
        project, example.manifest(NOON), example.body().replace(b"partner", b"counterpart")
    )
    with pytest.raises(BilateralError, match="the fields partner are missing") as caught:
        raw.receive_dataset(project, making.TRADE)
    assert archived.id in str(caught.value)


def test_an_answer_that_lost_all_its_rows_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = making.project(tmp_path)
    example.register(monkeypatch)
    snapshots.archive_snapshot(project, example.manifest(NOON), example.body(()))
    with pytest.raises(BilateralError, match="has 0 rows, but its manifest says 4"):
        raw.receive_dataset(project, making.TRADE)


def test_a_request_comes_back_from_its_manifest(tmp_path: Path) -> None:
    asked = Request(
        dataset=making.TRADE.path,
        path="/trade",
        subject="CHN",
        query=(("partner", "CHN"), ("partner", "JPN")),
        body={"limit": 10, "of": ["CHN"]},
        accept="text/csv",
        only={"partner_code": ("CHN", "JPN")},
        periods=("2020", "2021"),
        period_column="year",
    )
    manifest = replace(example.manifest(NOON), parameters=asked.parameters)
    manifest.write_file(tmp_path / "manifest.yml")
    kept = snapshots.Manifest.read_file(tmp_path / "manifest.yml")
    assert Request.from_parameters(making.TRADE.path, kept.parameters) == asked
