"""Answers about adjusted months, the year in progress and first figures agree with the figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from dagster_project.project import Project
from tests.cli.test_commands import run
from tests.questions.conftest import Ask


@pytest.mark.long
def test_the_year_in_progress_is_forecast_with_its_record(ask: Ask) -> None:
    answer = ask("year_in_progress")
    rows = {row["series"]: row for row in answer.rows[:3]}
    assert list(rows) == ["balance", "exports", "imports"]
    assert [row["origin_month"] for row in answer.rows[::3]] == [7, 6, 5, 4, 3, 2, 1]
    exports = rows["exports"]
    assert (exports["year"], exports["origin_month"], exports["origin_count"]) == (2026, 7, 15)
    # Korea's exports of January to July 2026 and 2025, and of 2025, in KOSIS and ECOS.
    assert exports["year_to_date_usd"] == 121_223_951_000
    assert exports["seasonal_naive_usd"] == pytest.approx(180.45e9, abs=0.01e9)
    assert exports["nowcast_usd"] == pytest.approx(
        (exports["seasonal_naive_usd"] + exports["ytd_growth_usd"] + exports["airline_usd"]) / 3
    )
    assert exports["low_usd"] < exports["nowcast_usd"] < exports["high_usd"]
    assert rows["balance"]["nowcast_usd"] == pytest.approx(exports["nowcast_usd"] - rows["imports"]["nowcast_usd"])
    says = "Based on the figures for January to July, South Korea is forecast to have a surplus of US$"
    assert answer.sentence.startswith(says)
    assert answer.sentence.count("orecasts") == 1
    record = (
        "In 15 earlier years, forecasts from the figures for the same months missed exports by 2.2% on average, "
        "imports by 1.9% and the balance by 0.9% of exports plus imports."
    )
    assert record in answer.sentence
    assert " the 80% interval in 15 of 15 years for the balance, in 13 for exports and in 12 for" in answer.sentence


@pytest.mark.long
def test_a_pair_without_a_model_is_not_forecast(ask: Ask) -> None:
    answer = ask("year_in_progress", partner="VNM")
    assert answer.state == "missing"
    assert answer.rows[0]["missing_code"] == "no_model"


@pytest.mark.long
def test_a_loss_to_the_better_naive_forecast_is_said(ask: Ask, published: duckdb.DuckDBPyConnection) -> None:
    """China's balance with the United States from July on: the sentence follows the record."""
    answer = ask("year_in_progress", reporter="CHN", partner="USA")
    last = answer.rows[0]["origin_month"]
    lost = [row["series"] for row in answer.rows if row["is_mean_worse"] and row["origin_month"] == last]
    assert answer.sentence.count("less than the forecasts made here") == len(lost)


def test_the_last_month_is_compared_without_season_and_per_working_day(ask: Ask) -> None:
    answer = ask("adjusted_month")
    last, before = answer.rows[0], answer.rows[1]
    assert (last["period_start"], last["method"], len(answer.rows)) == (date(2026, 7, 1), "X-13", 13)
    assert last["exports_adjusted_change_pct"] == pytest.approx(
        100 * (last["exports_adjusted_usd"] / before["exports_adjusted_usd"] - 1)
    )
    # 24 working days after 25: July 2025 had one more Tuesday, Wednesday and Thursday less a Friday.
    july = answer.rows[12]
    assert (last["working_days"], july["working_days"]) == (24, 25)
    growth = 100 * (last["exports_usd"] / 24 / (july["exports_usd"] / 25) - 1)
    assert last["exports_per_day_yoy_pct"] == pytest.approx(growth)
    assert "adjusted for seasonal and working-day effects" in answer.sentence


def test_first_figures_are_told_with_their_number(ask: Ask) -> None:
    answer = ask("first_figures", reporter="USA")
    rows: list[Any] = [row for row in answer.rows if row["is_first_print"] and row["frequency"] == "M"]
    assert {row["flow"]: row["case_count"] for row in rows} == {"export": 13, "import": 13}
    assert all(row["revision_kind"] == "too_few" for row in rows)
    assert (
        "About three months after the first release, 12 of 13 figures on the United States' monthly exports to 3 "
        "partners and 12 of 13 figures on its monthly imports had been revised. Regardless of direction, "
        "revisions averaged 0.61% for exports and 0.71% for imports, counting unrevised figures as zero. On balance, "
        "export figures were lowered by 0.48% and import figures raised by 0.15%."
    ) in answer.sentence


@pytest.mark.long
def test_growth_per_working_day_can_be_judged(built: Project) -> None:
    """Exports to China of February 2025 per working day: 22 days after 20.5, and 1.5% less in all."""
    assert run(built, "judge", "exports_growth_per_day KOR CHN 2025-02 = -8.2%").startswith("Supported when rounded")
