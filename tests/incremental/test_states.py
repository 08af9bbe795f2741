"""The parts of inputs of earlier builds are stored, newest first; an incomplete file is ignored."""

from __future__ import annotations

from pathlib import Path

from dagster_project.incremental import states
from tests import making


def test_what_a_power_cut_left_empty_is_not_remembered(tmp_path: Path) -> None:
    project = making.project(tmp_path)
    states.remember_state(project, "raw.trade", "one", {"a": "1"})
    states.remember_state(project, "raw.trade", "two", {"a": "2"})
    (project.archive / "inputs" / "raw.trade" / "one.json").write_bytes(b"")
    assert states.read_states(project, "raw.trade") == {"two": {"a": "2"}}
