"""Store the parts of each input in this and earlier builds, so that a build can find what has changed in it.

Here: these states in `warehouse/archive/inputs`. Not here: the consequences of a change (`changes`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_project.files import atomic_write, read_stored_json
from dagster_project.project import Project

# How many states of an input are kept.
KEPT = 5


def remember_state(project: Project, name: str, fingerprint: str, made_of: Mapping[str, Any]) -> None:
    """Store the parts of an input, so that a later build can find what has changed in it.

    Args:
        project: The project with the archive.
        name: The name of the input in models.
        fingerprint: A hash of the whole input.
        made_of: Its parts, by name; two parts with equal values are the same.
    """
    folder = project.archive / "inputs" / name
    target = folder / f"{fingerprint}.json"
    if target.exists():
        # The states that tables were made from must stay the newest, because old ones are removed.
        target.touch()
        return
    with atomic_write(target) as half:
        half.write_text(json.dumps(made_of), encoding="utf-8")
    for old in _list_newest(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def read_states(project: Project, name: str) -> dict[str, dict[str, Any]]:
    """Read the parts of an input in this and earlier builds, by the hash of the whole input, newest first."""
    found = _list_newest(project.archive / "inputs" / name)
    return {path.stem: made_of for path in found if (made_of := read_stored_json(path)) is not None}


def _list_newest(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
