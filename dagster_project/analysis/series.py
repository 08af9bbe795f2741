"""Read and change time series: pandas `Series` with a `PeriodIndex` of months or years.

Here: reading series from a query, finding the longest stretch without a gap, joining months, rounding. Not here:
statistical methods.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.analysis.periods import MONTH

# Tables have few columns, whose names Python finds faster than Arrow.
pd.options.mode.string_storage = "python"
Monthly = TypeVar("Monthly", pd.Series, pd.DataFrame)
Floats = NDArray[np.floating[Any]]

PERIOD = 12
# Estimates are published to six significant digits; other libraries and processors give the same digits.
DIGITS = 6
# The number of series kept in memory at a time.
SERIES_AT_ONCE = 200


def fetch_series(connection: duckdb.DuckDBPyConnection, query: str, **given: int) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query; fetch `SERIES_AT_ONCE` of them at a time, because every pair may have a series."""
    connection.execute(query, given)
    while some := connection.fetchmany(SERIES_AT_ONCE):
        yield from some


def read_months(
    connection: duckdb.DuckDBPyConnection, reporter: str, partner: str, flow: str
) -> tuple[pd.Series, bool]:
    """Read the monthly values of a flow, and whether some months are released together."""
    (months, values, joint), *_ = connection.execute(
        f"""
        select list({MONTH} order by period_start), list(value_usd order by period_start), bool_or(is_joint_month)
        from core.goods_trade_monthly where reporter_code = ? and partner_code = ? and flow = ?
        """,
        [reporter, partner, flow],
    ).fetchall()
    return make_series(months, values, "M"), bool(joint)


def make_series(ordinals: Iterable[int] | None, values: Iterable[float] | None, frequency: str) -> pd.Series:
    """Build a monthly (M) or annual (A) series from ordinals of periods and values; None makes an empty series."""
    freq = "M" if frequency == "M" else "Y"
    index = pd.PeriodIndex.from_ordinals(list(ordinals or ()), freq=freq)  # type: ignore[attr-defined]
    return pd.Series(np.array(values or (), dtype=float), index=index)


def get_periods(found: pd.Series | pd.DataFrame) -> pd.PeriodIndex:
    """Return the index of a series or table as a `PeriodIndex`."""
    assert isinstance(found.index, pd.PeriodIndex)
    return found.index


def find_longest_stretch(found: pd.Series) -> pd.Series:
    """Return the longest run of periods without a gap; if two are equally long, the later one."""
    runs = np.cumsum(np.diff(get_periods(found).asi8, prepend=-math.inf) != 1)
    lengths = np.bincount(runs, minlength=1)
    stretch: pd.Series = found[runs == len(lengths) - 1 - np.argmax(lengths[::-1])]
    return stretch


def join_new_year_months(found: Monthly) -> Monthly:
    """Replace each January and February by their mean; drop a February at the start or a January at the end."""
    months = get_periods(found).month
    if len(months):
        found = found.iloc[int(months[0] == 2) : len(months) - int(months[-1] == 1)]
    months = get_periods(found).month
    return found.groupby(get_periods(found).year * PERIOD + months.where(months > 2, 1)).transform("mean")


def subtract_month_means(found: Monthly) -> Monthly:
    """Subtract the mean of each calendar month."""
    return found - found.groupby(get_periods(found).month).transform("mean")


def round_digits(value: float | None, digits: int = DIGITS) -> float | None:
    """Round a figure to significant digits; return None if it is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")


def to_percent(log_change: float) -> float:
    """Convert a difference of logarithms to a change in per cent."""
    return 100 * math.expm1(log_change) if log_change < 700 else math.inf
