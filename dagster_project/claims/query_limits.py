"""Limit the time and memory of somebody else's question, wherever it is asked.

Not here: what may be asked (`evidence`).

DuckDB's own limit of memory holds for its buffers, and not for a single value that grows. The limit of the process
(RLIMIT_AS) holds for all of it, so it is lowered while a question runs. Without /proc only DuckDB's limit holds.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock, Timer

import duckdb

from dagster_project.errors import BilateralError

# Bytes that a question may take beyond what the process has already.
MEMORY = 4_000_000_000

# The limit is the process's, so questions run one after another.
_lock = RLock()


class EvidenceError(BilateralError):
    """A question is not allowed, takes too long or too much memory, or its answer cannot be compared."""


class EvidenceTimeoutError(EvidenceError):
    """A question was stopped; another try may end in time."""


class EvidenceMemoryError(EvidenceError):
    """The error of a SELECT that took too much memory."""


@contextmanager
def limit_question(
    connection: duckdb.DuckDBPyConnection, *, seconds: float | None = None, memory: int = MEMORY
) -> Iterator[None]:
    """Stop the questions of a block that take more than some seconds, if any, or bytes of memory.

    Raises:
        EvidenceTimeoutError: A question took too long.
        EvidenceMemoryError: A question took too much memory.
    """
    timer = Timer(seconds or 0, connection.interrupt)
    timer.daemon = True
    remedy = "Ask for less, or in another way."
    with _lock:
        before = resource.getrlimit(resource.RLIMIT_AS)
        try:
            _lower_memory(before, memory)
            if seconds is not None:
                timer.start()
            yield
        except duckdb.InterruptException as error:
            raise EvidenceTimeoutError(f"it took more than {seconds:g} seconds.", remedy=remedy) from error
        except (MemoryError, duckdb.OutOfMemoryException):
            raise EvidenceMemoryError(f"it took more than {memory / 1e9:g} GB of memory.", remedy=remedy) from None
        finally:
            timer.cancel()
            resource.setrlimit(resource.RLIMIT_AS, before)


def _lower_memory(before: tuple[int, int], memory: int) -> None:
    """Lower the process's limit of addresses to what it has and so much more, if the system has one."""
    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        known = [limit for limit in (*before, taken + memory) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(known), before[1]))
