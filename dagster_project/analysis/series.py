"""What the analyses share about series: pandas `Series` with a `PeriodIndex` of months or years.

Here: reading them from a query, their longest stretch, the rounding of what is published. Not here: any method.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

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
    freq = "M" if frequency == "M" else "Y"
    index = pd.PeriodIndex.from_ordinals(list(ordinals or ()), freq=freq)  # type: ignore[attr-defined]
    return pd.Series(np.array(values or (), dtype=float), index=index)


def get_periods(found: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a series."""
    assert isinstance(found.index, pd.PeriodIndex)
    return found.index


def find_longest_stretch(found: pd.Series) -> pd.Series:
    """Find the longest run of periods without a gap; of two equally long ones the later."""
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
