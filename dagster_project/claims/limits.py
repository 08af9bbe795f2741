"""How long a question of somebody else's may take, how much memory, and in which time zone it is asked.

Here: that, wherever it is asked, and the errors of a question. Not here: what may be asked (`evidence`).

DuckDB's own limit of memory holds for its buffers and not for a single value that grows. What the system grants the
process holds for all of it, so that is narrowed while a question runs, and widened again. Where the
system does not tell what the process has already, as without /proc, only DuckDB's limit holds.
"""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Timer

import duckdb

from dagster_project.errors import BilateralError

# Bytes that a question may take beyond what the process has already.
MEMORY = 4_000_000_000

_lock = Lock()
# How many questions run under the limit, and what the limit was before the first; None where it was not narrowed.
_running = 0
_before: tuple[int, int] | None = None


class EvidenceError(BilateralError):
    """A question that may not be asked, takes too long or too much, or whose answer is not one that can be compared."""


class TooLong(EvidenceError):
    """A question that was stopped: another try may end in time, so nothing may be concluded from it."""


class TooLarge(EvidenceError):
    """A question that took too much memory."""


def in_utc(connection: duckdb.DuckDBPyConnection) -> None:
    """Has days told in UTC, wherever it is asked.

    Connections of a process to one file share its settings, and one of them may have locked these: they are UTC then.
    """
    if connection.execute("select current_setting('TimeZone')").fetchone() != ("UTC",):
        connection.execute("set global TimeZone = 'UTC'")


@contextmanager
def limited(
    connection: duckdb.DuckDBPyConnection, *, seconds: float | None = None, memory: int = MEMORY
) -> Iterator[None]:
    """Stops what is asked in the meantime if it takes too long or too much.

    Args:
        connection: Where it is asked.
        seconds: After how long it is stopped; None waits.
        memory: Bytes that it may take.

    Raises:
        TooLong: It took too long.
        TooLarge: It took too much memory.
    """
    timer = Timer(seconds, connection.interrupt) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    _narrow(memory)
    try:
        yield
    except duckdb.InterruptException as error:
        raise TooLong(f"it took more than {seconds:g} seconds.", remedy="Ask for less, or in another way.") from error
    except (MemoryError, duckdb.OutOfMemoryException):
        raise TooLarge(
            f"it took more than {memory / 1e9:g} GB of memory.", remedy="Ask for less, or in another way."
        ) from None
    finally:
        if timer is not None:
            timer.cancel()
        _widen()


def _narrow(memory: int) -> None:
    global _running, _before
    with _lock:
        _running += 1
        taken = _taken()
        if _running > 1 or taken is None:
            return
        _before = resource.getrlimit(resource.RLIMIT_AS)
        known = [limit for limit in (*_before, taken + memory) if limit != resource.RLIM_INFINITY]
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (min(known), _before[1]))


def _widen() -> None:
    global _running, _before
    with _lock:
        _running -= 1
        if not _running and _before is not None:
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_AS, _before)
            _before = None


def _taken() -> int | None:
    """Bytes of addresses that the process has; None where the system does not tell."""
    try:
        said = re.search(r"^VmSize:\s*(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(said[1]) * 1024 if said else None
