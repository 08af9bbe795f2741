"""What the analyses share about series: pandas `Series` with a `PeriodIndex` of months or years.

Here: reading them from a query, their longest stretch, the rounding of what is published. Not here: any method.

A period is counted as pandas counts it, by its ordinal: months or years since 1970. pandas is imported when a series
is read, not when an analysis is declared.
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
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

# The ordinal of a month and of a year, in SQL.
MONTH, YEAR = "date_diff('month', date '1970-01-01', period_start)", "year - 1970"
# Estimates are published to six significant digits: what libraries and processors disagree about lies beyond them.
DIGITS = 6
# How many series are held at a time.
SOME = 200


def fetch_series(connection: duckdb.DuckDBPyConnection, query: str, **given: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query, `SOME` in memory at a time: there may be a series for every pair of economies."""
    connection.execute(query, given)
    while some := connection.fetchmany(SOME):
        yield from some


def make_series(ordinals: Iterable[int] | None, values: Iterable[float] | None, frequency: str) -> pd.Series:
    """Make a series of two lists of a query; of none it is empty.

    Args:
        ordinals: Its periods.
        values: Its values.
        frequency: M or A, as SDMX has it.
    """
    import numpy as np
    import pandas as pd

    freq = "M" if frequency == "M" else "Y"
    index = pd.PeriodIndex.from_ordinals(list(ordinals or ()), freq=freq)  # type: ignore[attr-defined]
    return pd.Series(np.array(values or (), dtype=float), index=index)


def get_periods(found: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a series."""
    import pandas as pd

    assert isinstance(found.index, pd.PeriodIndex)
    return found.index


def get_month_ordinal(day: date) -> int:
    """Return the ordinal of a day's month."""
    return 12 * (day.year - 1970) + day.month - 1


def get_first_day(month: int) -> date:
    """Return the first day of a month, by its ordinal."""
    return date(1970 + month // 12, month % 12 + 1, 1)


def find_longest_stretch(found: pd.Series) -> pd.Series:
    """Find the longest run of periods without a gap; of two equally long ones the later."""
    import numpy as np

    runs = np.cumsum(np.diff(get_periods(found).asi8, prepend=-math.inf) != 1)
    lengths = np.bincount(runs, minlength=1)
    stretch: pd.Series = found[runs == len(lengths) - 1 - np.argmax(lengths[::-1])]
    return stretch


def round_digits(value: float | None, digits: int = DIGITS) -> float | None:
    """Round a figure to significant digits; what is not a finite number is null."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def to_percent(log_change: float) -> float:
    """Convert a difference of logarithms into a change in per cent."""
    return 100 * math.expm1(log_change) if log_change < 700 else math.inf


def hash_code(modules: Iterable[str], libraries: Iterable[str], *files: Path) -> str:
    """Hash what decides an analysis' rows beside its tables.

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
