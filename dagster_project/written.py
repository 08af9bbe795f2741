"""Files that come to be whole or not at all.

Here: writing one beside its place. Not here: folders that are put in their place whole; `snapshots` and `publication`
have their own ways, since those also have to outlast a power cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A place to write to, which becomes `target` at the end: whoever is killed leaves no half file in its place.

    Others may be writing the same file; in containers on a shared folder even under the same process number.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_suffix(f".{uuid4().hex}.tmp")
    try:
        yield half
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
