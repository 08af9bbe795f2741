"""A season and a moving holiday that were put into a series come out of it again, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from dagster_project.analysis import load_analyses, seasonal
from dagster_project.analysis.calendars import make_holiday_regressors, read_calendars
from dagster_project.analysis.seasonal import COLUMNS, adjust_by_stl, estimate_holiday_effect, make_adjusted_rows
from dagster_project.project import Project

CALENDARS = read_calendars(Project.find().reference)
DATES = CALENDARS.new_years
MONTHS = pd.period_range("2005-01", periods=180, freq="M")
SEASON = np.array([-10, -18, 4, 1, 2, 0, 1, 2, 4, 3, 5, 6]) / 100
# A fifth more trade in the ten days before, a third less in the week of the holiday, a tenth less after it.
HABIT = np.array([0.20, -0.35, -0.10])


def series(seed: int = 0, *, habit: np.ndarray | None = HABIT, noise: float = 0.02) -> tuple[pd.Series, pd.Series]:
    """Make the logarithms of an invented series, and the same without season and holiday."""
    trend = 20 + 0.005 * np.arange(180) + 0.1 * np.sin(np.arange(180) / 20)
    plain = trend + noise * np.random.default_rng(seed).normal(size=180)
    held = plain + SEASON[MONTHS.month - 1]
    if habit is not None:
        held = held + make_holiday_regressors(DATES["CHN"], MONTHS).to_numpy() @ habit
    return pd.Series(held, index=MONTHS), pd.Series(plain, index=MONTHS)


def test_a_known_season_and_a_known_holiday_are_taken_out() -> None:
    held, plain = series()
    found = adjust_by_stl(held, make_holiday_regressors(DATES["CHN"], MONTHS))
    assert found["holiday"].any()
    # The season is known only up to its mean, which stays in the trend.
    apart = found["adjusted"] - plain - np.mean(found["adjusted"] - plain)
    assert np.std(apart) < 0.012
    by_month = apart.groupby(MONTHS.month).mean()
    # Fifteen years of noise of 2% leave a mean of half a per cent; the season was of ten and more.
    assert np.abs(by_month).max() < 0.016
    assert found["holiday"].to_numpy() == pytest.approx(
        make_holiday_regressors(DATES["CHN"], MONTHS).to_numpy() @ HABIT, abs=0.02
    )


def test_what_the_holiday_did_stays_if_nobody_looks_for_it() -> None:
    held, _ = series()
    holiday = make_holiday_regressors(DATES["CHN"], MONTHS)
    spring = MONTHS.month <= 2

    def left(adjusted: pd.Series) -> float:
        return abs(float(np.corrcoef(np.diff(adjusted)[spring[1:]], np.diff(holiday @ HABIT)[spring[1:]])[0, 1]))

    assert left(adjust_by_stl(held)["adjusted"]) > 0.6
    assert left(adjust_by_stl(held, holiday)["adjusted"]) < 0.25


def test_a_holiday_that_is_not_there_is_seldom_seen() -> None:
    """Three useless regressors lower the criterion of Akaike in about one case of eight; the bound is five sigma."""
    holiday = make_holiday_regressors(DATES["CHN"], MONTHS)
    seen = sum(estimate_holiday_effect(series(seed, habit=None)[0], holiday).any() for seed in range(200))
    assert seen < 200 * 0.125 + 5 * np.sqrt(200 * 0.125 * 0.875)


def rows(values: pd.Series, reporter: str = "KOR") -> list[dict[str, Any]]:
    found = make_adjusted_rows((reporter, "USA", "export"), values, CALENDARS, None, joint=reporter == "CHN")
    return [dict(zip(COLUMNS, [*row, ""], strict=True)) for row in found]


def test_only_the_longest_stretch_is_adjusted_and_a_gap_stays_a_gap() -> None:
    values = np.exp(series()[0])
    found = rows(values.drop(MONTHS[40]))
    assert len(found) == 179
    assert [row["status"] for row in found] == ["outside_span"] * 40 + ["adjusted"] * 139
    assert {(row["span_start"], row["span_end"]) for row in found} == {(date(2008, 6, 1), date(2019, 12, 1))}
    assert all((row["adjusted_usd"] is None) == (row["status"] != "adjusted") for row in found)


def test_too_few_years_are_not_adjusted() -> None:
    values = np.exp(series()[0])
    (short,) = rows(values[:59])
    assert (short["status"], short["period_start"], short["is_joint_month"]) == ("too_few_years", None, False)
    assert {row["status"] for row in rows(values[:60])} == {"adjusted"}


def test_the_largest_series_are_adjusted_and_the_others_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_project.analysis.seasonal.MOST_SERIES", 1)
    with duckdb.connect() as connection:
        connection.execute(
            "create schema core; create table core.goods_trade_monthly as "
            "select 'KOR' as reporter_code, partner_code, 'export' as flow, "
            "cast(date '2011-01-01' + to_months(cast(i as integer)) as date) as period_start, "
            "size * (10 + i % 12) as value_usd, false as is_joint_month "
            "from range(120) as months (i), (values ('CHN', 2e0), ('LAO', 1e0)) as partners (partner_code, size)"
        )
        found = [
            row
            for batch in load_analyses(Project.find())["seasonally_adjusted"].compute_batches(connection, {})
            for row in batch.rows
        ]
    named = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    assert [row["status"] for row in named if row["partner_code"] == "CHN"] == ["adjusted"] * 120
    assert [(row["status"], row["period_start"]) for row in named if row["partner_code"] == "LAO"] == [
        ("not_among_largest", None)
    ]


def test_only_changed_series_are_adjusted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = replace(Project.find(), warehouse=tmp_path)
    monkeypatch.setattr(Project, "reference", Project.find().reference)
    adjusted: list[str] = []
    made = seasonal.adjust_by_stl

    def note(logs: pd.Series, holiday: pd.DataFrame | None) -> pd.DataFrame:
        adjusted.append(f"{np.exp(logs.iloc[0]):.0f}")
        return made(logs, holiday)

    monkeypatch.setattr(seasonal, "adjust_by_stl", note)
    with duckdb.connect() as connection:
        connection.execute(
            "create schema core; create table core.goods_trade_monthly as "
            "select 'KOR' as reporter_code, partner_code, 'export' as flow, "
            "cast(date '2011-01-01' + to_months(cast(i as integer)) as date) as period_start, "
            "size * (10 + i % 12) as value_usd, false as is_joint_month "
            "from range(72) as months (i), (values ('JPN', 2e0), ('LAO', 1e0)) as partners (partner_code, size)"
        )
        first = list(seasonal.compute_rows(connection, project))
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"create table kept ({columns})")
        connection.executemany(f"insert into kept values ({', '.join('?' * len(COLUMNS))})", first)
        kept = project.analyses / "seasonally_adjusted" / "0.parquet"
        kept.parent.mkdir(parents=True)
        connection.execute(f"copy kept to '{kept}' (format parquet)")
        connection.execute("update core.goods_trade_monthly set value_usd = 11 where value_usd = 10")
        again = list(seasonal.compute_rows(connection, project))
    assert adjusted == ["20", "10", "11"]
    assert (again[:72], len(again)) == (first[:72], 144)
