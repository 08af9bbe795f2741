"""Models as they were read the last time, since reading and checking all SQL takes a second.

Here: one file that a build leaves in the archive of its warehouse, and what has to be the same for it to hold. Not
here: the reading itself (`reading`), which commands do by themselves until there has been a build.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, replace
from pathlib import Path
from typing import Any

from dagster_project.files import atomic_write, read_kept_json
from dagster_project.models import Columns, Model
from dagster_project.models.header import ColumnDoc, Slices
from dagster_project.project import PACKAGE, Project

# The last ones of this process: whoever answers one question after another needs the same for each.
_loaded: dict[str, dict[str, Model]] = {}
HELD = 2


def load_kept_models(project: Project, read: Callable[[], dict[str, Model]]) -> dict[str, Model]:
    """Load the models that the last build kept, or read them if anything has changed since.

    Args:
        project: The project.
        read: What reads them.

    Raises:
        BilateralError: As reading them does.
    """
    content_hash = _hash_declarations(project)
    if content_hash not in _loaded:
        found = _read_file(project, content_hash) or read()
        while len(_loaded) >= HELD:
            _loaded.pop(next(iter(_loaded)))
        _loaded[content_hash] = found
    return dict(_loaded[content_hash])


def keep_models(project: Project, models: Mapping[str, Model]) -> None:
    """Store models for later commands, unless they are stored already."""
    content_hash = _hash_declarations(project)
    if _read_file(project, content_hash) is None:
        # All models know the same columns.
        known = next((model.known for model in models.values()), {})
        plain = [
            asdict(replace(model, columns=(), known={}))
            | {"columns": [astuple(column) for column in model.columns], "depends_on": sorted(model.depends_on)}
            for model in models.values()
        ]
        with atomic_write(project.kept_models) as half:
            text = json.dumps({"content_hash": content_hash, "known": known, "models": plain}, default=str)
            half.write_text(text, encoding="utf-8")


def _read_file(project: Project, content_hash: str) -> dict[str, Model] | None:
    found = read_kept_json(project.kept_models)
    if not isinstance(found, dict) or found.get("content_hash") != content_hash:
        return None
    models = [_build_model(fields, found["known"]) for fields in found["models"]]
    return {model.name: model for model in models}


def _build_model(found: dict[str, Any], known: Columns) -> Model:
    tuples = {name: tuple(value) for name, value in found.items() if isinstance(value, list)}
    given = {
        "columns": tuple(ColumnDoc(*column) for column in found["columns"]),
        "slices": found["slices"] and Slices(**found["slices"]),
        "depends_on": frozenset(found["depends_on"]),
        "path": Path(found["path"]),
        "known": known,
    }
    return Model(**found | tuples | given)


def _hash_declarations(project: Project) -> str:
    """Hash all that decides the models: SQL, the tables that are given, the register of claims, and this package."""
    digest = hashlib.sha256(str(project.root).encode())
    for folder in (PACKAGE, project.sql, project.reference, project.claims):
        for place, inner, names in os.walk(folder):
            inner[:] = sorted(set(inner) - {"__pycache__"})
            for name in sorted(names):
                digest.update(name.encode() + b"\0" + Path(place, name).read_bytes() + b"\0")
    return digest.hexdigest()
