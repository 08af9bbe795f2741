"""A decision removes its rows from its snapshots, with its reason, and no other rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import raw, snapshots
from dagster_project.project import Project
from dagster_project.raw import RawTable
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from tests import making
from tests.refresh import example

TRADE = making.TRADE
HEAD = "partner_code,year,flow,value_usd,month,day,ships\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make two snapshots: China's exports are a thousand times larger in the second, which also adds Japan's."""
    example.register(monkeypatch)
    made = making.project(tmp_path)
    making.snapshot(made, HEAD + "CHN,2022,export,1200.5,,,3\n", known_from=date(2024, 1, 1))
    second = HEAD + "CHN,2022,export,1200500,,,4\nJPN,2022,export,7,,,5\n"
    making.snapshot(made, second, known_from=date(2024, 2, 1))
    return made


def decide(where: Project, name: str = "decided", **said: Any) -> SetAside:
    given: dict[str, Any] = {"dataset": TRADE.path, "reason": "So.", "by": "person", "decided_on": date(2026, 1, 1)}
    return SetAside(**(given | said)).write_file(set_aside.get_persons_folder(where) / f"{name}.yml")


def held(received: RawTable) -> list[tuple[Any, ...]]:
    files = [str(file) for file in received.files]
    return duckdb.sql(
        f"select partner_code, value_usd, ships, row_number from read_parquet({files}) order by snapshot_id, row_number"
    ).fetchall()


def told(received: RawTable) -> list[tuple[Any, ...]]:
    files = [str(file) for file in received.quarantine]
    return duckdb.sql(
        f"select row_number, column_name, value, reason, set_aside_by, is_current from read_parquet({files})"
    ).fetchall()


def values(received: RawTable) -> set[tuple[Any, ...]]:
    return {row[:3] for row in held(received)}


WRONG = {"partner_code": "CHN", "value_usd": "1200500.0"}


def test_a_row_goes_and_the_others_stay(project: Project) -> None:
    before = raw.receive_dataset(project, TRADE)
    decide(project, rows=(WRONG,))
    received = raw.receive_dataset(project, TRADE)
    assert values(received) == {("CHN", "1200.5", "3"), ("JPN", "7", "5")}
    assert told(received) == [(1, "partner_code, year, flow", "CHN | 2022 | export", "So.", "person", True)]
    assert (received.row_count, received.quarantined_count) == (2, 1)
    assert received.fingerprint != before.fingerprint


def test_without_rows_a_whole_snapshot_goes(project: Project) -> None:
    latest = snapshots.find_snapshots(project, TRADE.path)[-1]
    # Nor does what the response no longer lists stay.
    withdrawn = ["JPN", "2021", "export", None, None, None, None]
    replace(latest.manifest, parameters={"withdrawn": [withdrawn]}).write_file(latest.folder / "manifest.yml")
    assert len(held(raw.receive_dataset(project, TRADE))) == 4
    decide(project, snapshots=(latest.id,))
    received = raw.receive_dataset(project, TRADE)
    assert values(received) == {("CHN", "1200.5", "3")}
    assert {row[0] for row in told(received)} == {1, 2}


def test_a_later_snapshot_that_has_the_row_again_ends_it(project: Project) -> None:
    second = raw.receive_dataset(project, TRADE).snapshots[-1]
    decide(project, rows=({"partner_code": "CHN"},), snapshots=(second.id,))
    assert [row[-1] for row in told(raw.receive_dataset(project, TRADE))] == [True]
    making.snapshot(project, HEAD + "CHN,2022,export,1201,,,6\n", known_from=date(2024, 3, 1))
    received = raw.receive_dataset(project, TRADE)
    assert ("CHN", "1201", "6") in values(received)
    assert [row[-1] for row in told(received)] == [False]


def test_what_asks_for_nothing_changes_nothing(project: Project) -> None:
    before = raw.receive_dataset(project, TRADE)
    decide(project, rows=({"partner_code": "NOR"},))
    received = raw.receive_dataset(project, TRADE)
    assert held(received) == held(before)
    assert told(received) == []
    assert received.files == before.files
