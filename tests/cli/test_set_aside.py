"""`bilateral set-aside` shows the rows of a decision before it is made, writes the decision, and removes it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from dagster_project.project import Project
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from tests.cli.test_commands import run

SHARE = ("-w", "indicator_code=NV.AGR.TOTL.ZS", "-w", "economy_code=CHN", "-w", "year=2024")
WRONG = ("-w", "value=6.7975741844132", "--reason", "The  yearbook has 6.8.")


@pytest.mark.long
def test_a_figure_of_any_dataset_is_set_aside_and_taken_in_again(warehouse: Project) -> None:
    assert "Nothing is set aside" in run(warehouse, "set-aside", "list")
    said = run(warehouse, "set-aside", "add", "farms", "worldbank/wdi", *SHARE, *WRONG, "--dry-run")
    assert "1 row would be set aside" in said
    assert "6.7975741844132" in said
    assert set_aside.find_all_decisions(warehouse) == []
    run(warehouse, "set-aside", "add", "farms", "worldbank/wdi", *SHARE, *WRONG)
    (decision,) = set_aside.find_all_decisions(warehouse)
    assert (decision.by, decision.reason) == ("person", "The yearbook has 6.8.")
    guests = ("-w", "month=2015-05", "--reason", "A misprint.")
    run(warehouse, "set-aside", "add", "guests", "kto/arrivals_monthly", *guests)
    listed = json.loads(run(warehouse, "set-aside", "list", "--format", "json"))
    assert {(row["name"], row["dataset"], row["decided by"]) for row in listed} == {
        ("farms", "worldbank/wdi", "person"),
        ("guests", "kto/arrivals_monthly", "person"),
    }
    assert all(row["rows"] for row in listed)
    assert "6.7975741844132" in run(warehouse, "set-aside", "show", "farms")
    run(warehouse, "set-aside", "lift", "farms")
    assert [one.name for one in set_aside.find_all_decisions(warehouse)] == ["guests"]


@pytest.mark.long
def test_what_is_asked_wrongly_says_so(warehouse: Project) -> None:
    def fails(*words: str) -> str:
        return run(warehouse, "set-aside", *words, code=1)

    why = ("--reason", "So.")
    assert "no column indicator" in fails("add", "x", "worldbank/wdi", "-w", "indicator=1", *why)
    assert "No row of worldbank/wdi has year=1800" in fails("add", "x", "worldbank/wdi", "-w", "year=1800", *why)
    snapshot = ("-w", "year=2024", "--snapshot", "worldbank/wdi/20260101T000000Z-0123456789ab")
    said = " ".join(fails("add", "x", "worldbank/wdi", *snapshot, *why).split())
    assert "no snapshot of worldbank/wdi worldbank/wdi/20260101T000000Z-0123456789ab" in said
    assert "bilateral snapshots list" in said or "Did you mean" in said
    said = " ".join(fails("add", "x", "worldbank/wdi", "-w", "indicator=1", *why).split())
    assert "worldbank/wdi has no column indicator. The columns of worldbank/wdi are indicator_code, " in said
    assert "'year' has no equals sign. Write COLUMN=VALUE." in fails("add", "x", "worldbank/wdi", "-w", "year", *why)
    assert "is not a valid name" in fails("add", "../x", "worldbank/wdi", "-w", "year=2024", *why)
    assert "No source declares" in fails("add", "x", "worldbank/wid", "-w", "year=2024", *why)
    assert "There is no decision farm. See `bilateral set-aside list`." in fails("show", "farm")
    assert set_aside.find_all_decisions(warehouse) == []


@pytest.mark.long
def test_what_a_build_decided_is_lifted_by_its_snapshot(warehouse: Project) -> None:
    snapshot = "worldbank/wdi/20260915T000000Z-0123456789ab"
    made = SetAside("worldbank/wdi", "A rule.", "build", date(2026, 9, 15), snapshots=(snapshot,), rule="staging.x: y")
    made.write_file(set_aside.get_build_file(warehouse, snapshot))
    assert "staging.x: y" in run(warehouse, "set-aside", "show", snapshot)
    run(warehouse, "set-aside", "lift", snapshot)
    assert set_aside.find_all_decisions(warehouse) == []
