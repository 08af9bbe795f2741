"""Decisions to set figures aside: valid and invalid files, and the decisions read from them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dagster_project.errors import BilateralError
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from tests import making
from tests.making import TRADE
from tests.refresh import example


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    example.register(monkeypatch)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rows: [", "is not YAML"),
        ("reason: x", "missing"),
        ("dataset: a/b", "missing"),
        ("more: 1", "unknown"),
        ("rows: [{partner: CHN}]", "no column partner"),
        ("rows: [{partner_code: NO}]", "YAML reads as true or false"),
        ("rows: CHN", "as a list with at least one entry"),
        ("rows: []", "expected `rows` or `snapshots`"),
        ("fields: [value_usd]\nrows: [{partner_code: CHN}]", "unknown"),
        ("by: nobody\nrows: [{partner_code: CHN}]", "`by` .'nobody'"),
        ("decided_on: soon\nrows: [{partner_code: CHN}]", "`decided_on` .'soon'"),
    ],
)
def test_a_malformed_decision_is_named_and_stops(tmp_path: Path, text: str, said: str) -> None:
    project = making.project(tmp_path)
    whole = {"dataset": TRADE.path, "reason": "x", "by": "person", "decided_on": "2026-01-01"}
    lines = [f"{name}: {value}" for name, value in whole.items() if name not in text]
    path = set_aside.get_persons_folder(project) / "odd.yml"
    path.parent.mkdir()
    path.write_text("\n".join(text.splitlines() if said == "missing" else [*lines, text]), encoding="utf-8")
    with pytest.raises(BilateralError, match=said) as caught:
        set_aside.find_decisions(project, TRADE.path)
    assert "odd.yml" in str(caught.value)


def test_what_is_written_reads_the_same(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    rows = ({"partner_code": "NO", "year": "2022", "value_usd": None},)
    decision = SetAside(TRADE.path, "So.", "person", date(2026, 1, 1), rows=rows)
    decision = decision.write_file(set_aside.get_persons_folder(project) / "decided.yml")
    assert set_aside.find_all_decisions(project) == [decision]
    assert decision.rows == rows
    assert decision.name == "decided"
