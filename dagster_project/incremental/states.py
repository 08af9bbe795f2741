"""Store the parts of each input, such as its snapshots, so that later builds can find the parts that changed.

Here: the files in `warehouse/archive/inputs`. Not here: the consequences of a change (`changes`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_project.files import read_stored_json, write_text
from dagster_project.project import Project

# The number of states of an input to keep.
KEPT = 5


def remember_state(project: Project, name: str, fingerprint: str, made_of: Mapping[str, Any]) -> None:
    """Store the parts of an input (`made_of`: a value for each part) under `fingerprint`, a hash of the whole input."""
    folder = project.archive / "inputs" / name
    target = folder / f"{fingerprint}.json"
    if target.exists():
        # Make it the newest again, because old states are removed.
        target.touch()
        return
    write_text(target, json.dumps(made_of))
    for old in _list_newest(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def read_states(project: Project, name: str) -> dict[str, dict[str, Any]]:
    """Read the parts of an input in this and earlier builds, by the hash of the whole input, newest first."""
    found = _list_newest(project.archive / "inputs" / name)
    return {path.stem: made_of for path in found if (made_of := read_stored_json(path)) is not None}


def _list_newest(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
