"""Helpers for time series: pandas `Series` with a `PeriodIndex` of months or years, which all analyses share.

Here: reading series from a query, finding the longest stretch without a gap, rounding. Not here: statistical methods.
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

# Estimates are published to six significant digits; versions of libraries and processors differ only beyond these.
DIGITS = 6
# The number of series kept in memory at a time.
SOME = 200


def fetch_series(connection: duckdb.DuckDBPyConnection, query: str, **given: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query with at most `SOME` in memory, because every pair of economies may have a series."""
    connection.execute(query, given)
    while some := connection.fetchmany(SOME):
        yield from some


def make_series(ordinals: Iterable[int] | None, values: Iterable[float] | None, frequency: str) -> pd.Series:
    """Build a series from two lists that a query returns; return an empty series if they are null.

    Args:
        ordinals: The periods, as ordinals.
        values: The values.
        frequency: M (monthly) or A (annual), the codes of SDMX.
    """
    freq = "M" if frequency == "M" else "Y"
    index = pd.PeriodIndex.from_ordinals(list(ordinals or ()), freq=freq)  # type: ignore[attr-defined]
    return pd.Series(np.array(values or (), dtype=float), index=index)


def get_periods(found: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a series or table as a `PeriodIndex`."""
    assert isinstance(found.index, pd.PeriodIndex)
    return found.index


def find_longest_stretch(found: pd.Series) -> pd.Series:
    """Return the longest run of periods without a gap; the later one if two are equally long."""
    runs = np.cumsum(np.diff(get_periods(found).asi8, prepend=-math.inf) != 1)
    lengths = np.bincount(runs, minlength=1)
    stretch: pd.Series = found[runs == len(lengths) - 1 - np.argmax(lengths[::-1])]
    return stretch


def round_digits(value: float | None, digits: int = DIGITS) -> float | None:
    """Round a figure to significant digits; return None if it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def to_percent(log_change: float) -> float:
    """Convert a difference of logarithms to a change in per cent."""
    return 100 * math.expm1(log_change) if log_change < 700 else math.inf
