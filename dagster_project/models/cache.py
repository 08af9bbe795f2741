"""Cache the models that a build has read, because reading and checking all SQL takes a second.

Here: the cache file in the archive of the warehouse, and the hash of the files that must be unchanged to use it. Not
here: reading models (`reading`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, replace
from pathlib import Path
from typing import Any

from dagster_project.files import read_bytes, read_stored_json, write_text
from dagster_project.models import Columns, Model
from dagster_project.models.header import ColumnDoc, Slices
from dagster_project.project import PACKAGE, Project

# The models that this process used last; a program that answers many questions uses the same ones for each.
_loaded: dict[str, dict[str, Model]] = {}
HELD = 2


def load_cached_models(project: Project, read: Callable[[], dict[str, Model]]) -> dict[str, Model]:
    """Load the models from the cache, or call `read` if a file has changed since the last build."""
    content_hash = _hash_declarations(project)
    if content_hash not in _loaded:
        found = _read_file(project, content_hash) or read()
        while len(_loaded) >= HELD:
            _loaded.pop(next(iter(_loaded)))
        _loaded[content_hash] = found
    return dict(_loaded[content_hash])


def cache_models(project: Project, models: Mapping[str, Model]) -> None:
    """Write models to the cache, unless the cache already has them."""
    content_hash = _hash_declarations(project)
    if _read_file(project, content_hash) is None:
        # All models know the same columns.
        known = next((model.known for model in models.values()), {})
        plain = [
            asdict(replace(model, columns=(), known={}))
            | {"columns": [astuple(column) for column in model.columns], "depends_on": sorted(model.depends_on)}
            for model in models.values()
        ]
        content = {"content_hash": content_hash, "known": known, "models": plain}
        write_text(project.model_cache, json.dumps(content, default=str))


def _read_file(project: Project, content_hash: str) -> dict[str, Model] | None:
    found = read_stored_json(project.model_cache)
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
    """Hash the files that models depend on: SQL, reference tables, the register of claims, and this package."""
    digest = hashlib.sha256(str(project.root).encode())
    for folder in (PACKAGE, project.sql, project.reference, project.claims):
        for place, inner, names in os.walk(folder):
            inner[:] = sorted(set(inner) - {"__pycache__"})
            for name in sorted(names):
                digest.update(name.encode() + b"\0" + read_bytes(Path(place, name)) + b"\0")
    return digest.hexdigest()
