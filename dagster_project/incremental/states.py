"""What an input was made of in this and in earlier builds, so that a build can tell what has changed in it.

Here: keeping these states in `warehouse/archive/inputs`. Not here: what follows from a change (`changes`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_project.files import atomic_write, read_kept_json
from dagster_project.project import Project

# How many earlier states of an input are told apart.
KEPT = 5


def remember_state(project: Project, name: str, fingerprint: str, made_of: Mapping[str, Any]) -> None:
    """Keep what an input is made of, so that a later build can tell what has changed in it.

    Args:
        project: Where.
        name: The input, as models read it.
        fingerprint: A hash of the whole of it.
        made_of: Its parts, by their names; two that are equal are the same.
    """
    folder = project.archive / "inputs" / name
    target = folder / f"{fingerprint}.json"
    if target.exists():
        # The newest are the ones that tables are made from.
        target.touch()
        return
    with atomic_write(target) as half:
        half.write_text(json.dumps(made_of), encoding="utf-8")
    for old in _list_newest(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def read_states(project: Project, name: str) -> dict[str, dict[str, Any]]:
    """Read what an input was made of in this and in earlier builds, by its hash, the newest first."""
    found = _list_newest(project.archive / "inputs" / name)
    return {path.stem: made_of for path in found if (made_of := read_kept_json(path)) is not None}


def _list_newest(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
