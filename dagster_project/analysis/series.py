"""Series of months or years as arrays, as the analyses share them.

Here: months as numbers, the longest stretch without a gap, the rounding of what is published. Not here: any method.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Integers = NDArray[np.integer[Any]]

# Estimates are published to six significant digits: what libraries and processors disagree about lies beyond them.
DIGITS = 6
# How many series are held at a time.
SOME = 200


def each(connection: duckdb.DuckDBPyConnection, query: str, **given: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, of which Python holds some at a time: there may be a series for every pair of economies."""
    connection.execute(query, given)
    while some := connection.fetchmany(SOME):
        yield from some


def month_number(day: date) -> int:
    """Months since the year 0, so that a month's neighbours are one apart."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a numbered month."""
    return date(month // 12, month % 12 + 1, 1)


def longest_stretch(periods: Integers) -> slice:
    """The longest run of periods without a gap, of ascending numbers; of two equally long ones the later."""
    import numpy as np

    if not len(periods):
        return slice(0, 0)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(periods) != 1) + 1])
    ends = np.append(starts[1:], len(periods))
    lengths = ends - starts
    longest = len(lengths) - 1 - int(np.argmax(lengths[::-1]))
    return slice(int(starts[longest]), int(ends[longest]))


def rounded(value: float | None, digits: int = DIGITS) -> float | None:
    """A figure to that many significant digits; what is no number is null."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def percent(log_change: float) -> float:
    """A difference of logarithms as a change in per cent."""
    return 100 * math.expm1(log_change) if log_change < 700 else math.inf


def fingerprint(modules: Iterable[str], libraries: Iterable[str], *files: Path) -> str:
    """A hash of what decides an analysis' rows beside its tables.

    Args:
        modules: The code, as names of files in this folder.
        libraries: Installed libraries, whose versions count.
        files: Further files that are read.
    """
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in (*(here / f"{module}.py" for module in modules), *files):
        digest.update(path.read_bytes())
    for library in libraries:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()
