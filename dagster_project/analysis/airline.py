"""Forecast the rest of a year from each month of the year, by the airline model.

Here: the forecasts of the pairs in `seasonal_models.csv`. Not here, but in SQL: the other forecasts
(`marts.year_nowcasts`), and the record of past errors (`marts.nowcast_record`).

The airline model is ARIMA(0,1,1)(0,1,1) on logarithms (Box and Jenkins 1970). Fifteen years need hundreds of fits, so
`airline_forecasts.csv` stores the forecasts that the committed figures give, each with a hash of its monthly values.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from dagster_project.analysis.periods import get_first_day
from dagster_project.analysis.series import PERIOD, Floats, get_periods, read_months, round_digits
from dagster_project.analysis.x13 import read_models
from dagster_project.files import read_csv
from dagster_project.project import Project

# The two differences of the model need thirteen months; twelve more are the least from which to fit two parameters.
FEWEST_MONTHS = 25


def forecast_rest(values: Floats, months: int) -> float:
    """Forecast the sum of the next `months` months of a series."""
    # Imported here because the import takes seconds.
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    logs = np.log(values).tolist()
    with warnings.catch_warnings():
        # Two years give poor starting values, of which the library warns; the record shows how good the forecasts were.
        warnings.simplefilter("ignore")
        orders = {"order": (0, 1, 1), "seasonal_order": (0, 1, 1, PERIOD)}
        model = SARIMAX(logs, **orders, simple_differencing=True, concentrate_scale=True)
        changes = model.fit(disp=False, cov_type="none").forecast(months)
    for change in changes:
        logs.append(change + logs[-1] + logs[-PERIOD] - logs[-PERIOD - 1])
    return float(np.exp(logs[-months:]).sum())


def list_origins(values: pd.Series) -> Iterator[tuple[int, Floats]]:
    """Yield the months from which the rest of the year can be forecast, each with the values since the last gap."""
    months = get_periods(values).asi8
    starts = np.maximum.accumulate(np.where(np.diff(months, prepend=-1) != 1, np.arange(len(months)), 0))
    for place, (month, start) in enumerate(zip(months.tolist(), starts.tolist(), strict=True)):
        if place - start + 1 >= FEWEST_MONTHS and month % PERIOD != PERIOD - 1:
            yield month, values.to_numpy()[start : place + 1]


def compute_rows(connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `airline_forecasts`: for each pair, flow and month, the forecast of the rest of the year."""
    kept = {(*key,): rest for *key, rest in read_csv(project.reference / "airline_forecasts.csv")[1]}
    for reporter, partner, flow in read_models(project.reference / "seasonal_models.csv"):
        values, _ = read_months(connection, reporter, partner, flow)
        for month, known in list_origins(values[values > 0]):
            held = hashlib.sha256(known.tobytes()).hexdigest()[:12]
            key = (reporter, partner, flow, str(get_first_day(month)), held)
            rest = float(kept[key]) if key in kept else forecast_rest(known, PERIOD - 1 - month % PERIOD)
            yield [reporter, partner, flow, get_first_day(month), held, round_digits(rest)]
