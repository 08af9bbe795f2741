"""Files that come to be whole or not at all.

Here: writing one beside its place, and taking away what did not become whole. Not here: folders that are put in their
place whole; `snapshots` and `publication` have their own ways, since those also have to outlast a power cut.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_passing: set[Path] = set()


@contextmanager
def passing(place: Path) -> Iterator[Path]:
    """A place for what is not whole yet: a file or folder that is taken away at the end, unless it has been renamed."""
    _passing.add(place)
    try:
        yield place
    finally:
        _take_away(place)
        _passing.discard(place)


def take_away_all() -> None:
    """Takes away what is not whole, for a process that ends at once."""
    for place in list(_passing):
        _take_away(place)


def _take_away(place: Path) -> None:
    # On a disk that has become read-only nothing goes; what is wrong has been said by then.
    with suppress(OSError):
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A place to write to, which becomes `target` at the end: whoever is killed leaves no half file in its place.

    Others may be writing the same file; in containers on a shared folder even under the same process number.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with passing(target.with_suffix(f".{uuid4().hex}.tmp")) as half:
        yield half
        half.replace(target)


@contextmanager
def whole_folder(target: Path, half: Path) -> Iterator[Path]:
    """A folder to write in, `half`, which becomes `target` at the end; what an earlier process left there goes."""
    with passing(half):
        if half.exists():
            shutil.rmtree(half)
        half.mkdir(parents=True)
        yield half
        target.parent.mkdir(parents=True, exist_ok=True)
        half.replace(target)
