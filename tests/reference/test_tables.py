"""The tables of the reference catalog come from files, corrections and manifests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_project.project import Project
from dagster_project.reference import tables
from dagster_project.reference.rows import Rows
from tests import making


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with the committed reference tables and one snapshot."""
    from tests.refresh import example

    example.register(monkeypatch)
    made = making.project(tmp_path)
    shutil.copytree(Project.find().reference, made.reference, dirs_exist_ok=True)
    making.snapshot(made)
    return made


def load(project: Project) -> dict[str, Rows]:
    return {table.name: table for table in tables.load_tables(project)}


def test_each_table_has_the_columns_that_are_listed_without_reading_rows(project: Project) -> None:
    loaded, listed = load(project), tables.list_columns(project)
    assert loaded.keys() == listed.keys() - {"claims"}
    assert {name: tuple(table.columns) for name, table in loaded.items()} == {name: listed[name] for name in loaded}


def test_a_file_becomes_a_table_whose_empty_fields_are_null(project: Project) -> None:
    (project.reference / "ports.csv").write_text("port_code,name\nKRPUS,Busan\nCNSHA,\n", encoding="utf-8")
    ports = load(project)["ports"]
    assert (dict(ports.columns), ports.rows) == (
        {"port_code": "varchar", "name": "varchar"},
        [["KRPUS", "Busan"], ["CNSHA", None]],
    )


def test_each_snapshot_is_listed_with_its_publisher_and_terms(project: Project) -> None:
    snapshots = load(project)["snapshots"]
    (row,) = (dict(zip(snapshots.columns, row, strict=True)) for row in snapshots.rows)
    assert row["snapshot_id"].startswith("example/trade_annual/")
    assert (row["licence_name"], row["citation"]) == ("CC0", "An example")
