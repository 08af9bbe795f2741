"""The regression on doses of duty agrees with statsmodels, finds known slopes, and rejects what it cannot estimate."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest

from dagster_project.analysis import doses
from dagster_project.analysis.doses import COLUMNS, Slope, compute_rows, find_refusal, fit_line
from dagster_project.project import Project

RANDOM = np.random.default_rng(20180706)
DOSE = RANDOM.uniform(0, 25, 60)
NOTHING = [Slope(0.001, 0.01, 58)] * 3
# Changes without a slope, of the window and of three placebo years.
NOISE = [one - np.polyval(np.polyfit(DOSE, one, 1), DOSE) for one in RANDOM.normal(0, 0.1, (4, 60))]


@pytest.mark.parametrize("sizes", [np.ones(60), RANDOM.uniform(1, 1000, 60)])
def test_slope_and_error_are_those_of_statsmodels(sizes: np.ndarray[Any, Any]) -> None:
    response = 0.1 - 0.02 * DOSE + RANDOM.normal(0, 0.2, 60) * DOSE / 10
    slope = fit_line(DOSE, response, sizes)
    import statsmodels.api as sm

    other = sm.WLS(response, sm.add_constant(DOSE), sizes).fit(cov_type="HC3", use_t=True)
    assert slope.value == pytest.approx(other.params[1])
    assert slope.error == pytest.approx(other.bse[1])
    assert slope.p_value == pytest.approx(other.pvalues[1])


def run(**responses: Any) -> list[dict[str, Any]]:
    """Compute the rows for windows of 60 products, from the changes in the window and in the years before it."""
    with duckdb.connect() as connection:
        connection.execute("""
            create schema marts; create table marts.tariff_doses (window_id text, weights text, years_earlier integer,
                product_code text, dose_points double, response_log double, trade_usd double)
        """)
        rows = [
            [window, "equal", years, f"{product:02}", dose, value, 1e8]
            for window, response in responses.items()
            for years, values in enumerate(response)
            for product, (dose, value) in enumerate(zip(DOSE, values, strict=True))
        ]
        connection.executemany("insert into marts.tariff_doses values (?, ?, ?, ?, ?, ?, ?)", rows)
        return [dict(zip(COLUMNS, row, strict=True)) for row in compute_rows(connection, Project.find())]


def test_a_planted_slope_is_found_and_placebos_without_it_are_quiet() -> None:
    found = run(told=[NOISE[0] - 0.02 * DOSE, *NOISE[1:]])
    assert [row["status"] for row in found] == ["estimated", "placebo", "placebo", "placebo"]
    assert found[0]["estimate_pct"] == pytest.approx(100 * (np.exp(-0.02) - 1), abs=1e-4)
    assert found[0]["conclusion"] == "fall"
    assert found[0]["leave_one_out_low_pct"] <= found[0]["estimate_pct"] <= found[0]["leave_one_out_high_pct"]
    assert {row["conclusion"] for row in found[1:]} == {"none"}


def test_a_trend_that_was_there_before_is_no_effect() -> None:
    (first, *_) = run(before=[one - 0.02 * DOSE for one in NOISE])
    assert (first["status"], first["reason"]) == (
        "placebos_move",
        "The same additional tariffs also go with a change in 3 of 3 earlier periods.",
    )


def test_it_refuses_without_products_placebos_or_differing_doses() -> None:
    def refuse(dose: Any, placebos: Any = NOTHING, variants: Any = NOTHING) -> str:
        return find_refusal(dose, placebos, variants)[0]

    assert refuse(DOSE) == "estimated"
    assert refuse(DOSE[:19]) == "too_few_products"
    assert refuse(20 + DOSE / 10) == "doses_alike"
    assert refuse(DOSE, NOTHING[:2]) == "too_few_placebos"
    assert refuse(DOSE, variants=[NOTHING[0], Slope(-0.02, 0.001, 58)]) == "unstable"


def test_its_level_is_that_of_independent_noise() -> None:
    """Of 400 responses without a slope a tenth is told, give or take three errors of such a count."""
    random = np.random.default_rng(1)
    told = [fit_line(DOSE, random.normal(0, 0.2, 60), np.ones(60)).conclusion != "none" for _ in range(400)]
    assert doses.LEVEL == 0.1
    assert 0.055 < np.mean(told) < 0.145
