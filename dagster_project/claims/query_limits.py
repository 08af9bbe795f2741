"""Limit the time and memory of SQL that users wrote.

Not here: checking the SQL (`evidence`). DuckDB's own memory limit covers its buffers, but not a value that grows, such
as a long text. The limit of the process (RLIMIT_AS) covers all memory, so it is lowered while the SQL runs. Without
/proc only DuckDB's limit holds.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock, Timer

import duckdb

from dagster_project.errors import BilateralError

# Bytes that a SELECT may use in addition to the present memory of the process.
MEMORY = 4_000_000_000

# The limit is that of the whole process, so limited SELECTs run one at a time.
_lock = RLock()


class EvidenceError(BilateralError):
    """An error of a SELECT: it is not allowed, fails, or gives an answer that cannot be compared."""


class EvidenceTimeoutError(EvidenceError):
    """An error of a SELECT that took too long; the next try may be faster."""


class EvidenceMemoryError(EvidenceError):
    """An error of a SELECT that took too much memory."""


@contextmanager
def limit_question(
    connection: duckdb.DuckDBPyConnection, *, seconds: float | None = None, memory: int = MEMORY
) -> Iterator[None]:
    """Stop the SELECTs in Python's `with` block after `seconds` (None: no limit), or after `memory` more bytes.

    Raises:
        EvidenceTimeoutError: A SELECT took too long.
        EvidenceMemoryError: A SELECT took too much memory.
    """
    timer = Timer(seconds or 0, connection.interrupt)
    timer.daemon = True
    remedy = "Read fewer rows, or simplify the SQL."
    with _lock:
        before = resource.getrlimit(resource.RLIMIT_AS)
        try:
            _lower_memory(before, memory)
            if seconds is not None:
                timer.start()
            yield
        except duckdb.InterruptException as error:
            raise EvidenceTimeoutError(f"the SELECT took more than {seconds:g} seconds.", remedy=remedy) from error
        except (MemoryError, duckdb.OutOfMemoryException):
            most = f"the SELECT took more than {memory / 1e9:g} GB of memory."
            raise EvidenceMemoryError(most, remedy=remedy) from None
        finally:
            timer.cancel()
            resource.setrlimit(resource.RLIMIT_AS, before)


def _lower_memory(before: tuple[int, int], memory: int) -> None:
    """Lower the address-space limit of the process to its present use plus `memory` bytes, if possible."""
    with suppress(OSError, ValueError):
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        known = [limit for limit in (*before, taken + memory) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(known), before[1]))
