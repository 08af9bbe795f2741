"""How much memory a case takes.

Here: the peak of this process, as Linux counts it. Not here: what is too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")


@contextmanager
def peak(found: list[int]) -> Iterator[None]:
    """Adds to a list by how many bytes the process grew meanwhile at most; nothing where the system does not tell."""
    with suppress(OSError):
        _RESET.write_text("5")
    before = _read("VmRSS")
    try:
        yield
    finally:
        if before is not None:
            found.append(max(0, (_read("VmHWM") or before) - before))


def reserved() -> int:
    """Bytes of addresses that the process has and does not use; a limit of addresses does not hold for them."""
    return (_read("VmSize") or 0) - (_read("VmRSS") or 0)


def _read(name: str) -> int | None:
    try:
        said = re.search(rf"^{name}:\s*(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(said[1]) * 1024 if said else None
