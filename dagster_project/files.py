"""Files that are written whole or not at all, and YAML that is read fast.

Here: writing a file or folder beside its place and renaming it, removing what did not become whole, the parsing of
YAML. Not here: outlasting a power cut, which `snapshots` and `publication` see to; nor what a file has to hold.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

# The C parser, where there is one: suites, headers and manifests are read each time Dagster loads.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_temporary: set[Path] = set()


@contextmanager
def temporary(place: Path) -> Iterator[Path]:
    """A place for a file or folder that is removed at the end, unless it has been renamed by then."""
    _temporary.add(place)
    try:
        yield place
    finally:
        _remove(place)
        _temporary.discard(place)


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A place to write to, which becomes `target` at the end: whoever is killed leaves no half file in its place.

    Others may be writing the same file; in containers on a shared folder even under the same process number.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with temporary(target.with_suffix(f".{uuid4().hex}.tmp")) as half:
        yield half
        half.replace(target)


@contextmanager
def atomic_folder(target: Path, half: Path) -> Iterator[Path]:
    """A folder to write in, `half`, which becomes `target` at the end; what an earlier process left there goes."""
    with temporary(half):
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(parents=True)
        yield half
        target.parent.mkdir(parents=True, exist_ok=True)
        half.replace(target)


def remove_temporary() -> None:
    """Removes whatever is temporary, for a process that ends at once."""
    for place in list(_temporary):
        _remove(place)


def load_yaml(text: str | bytes) -> Any:
    """The content of a YAML document; only plain values, never objects.

    Raises:
        yaml.YAMLError: It is not YAML.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is a safe one


def _remove(place: Path) -> None:
    # On a disk that has become read-only nothing goes; what is wrong has been said by then.
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)
