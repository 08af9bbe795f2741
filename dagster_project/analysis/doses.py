"""Estimate the change of imports per percentage point of duty: a regression over products, with placebo years.

Here: the regression, its placebos (the same regression in years without a rise), and the reasons to reject it. Not
here: the rises in duty (doses) and their periods (`marts.tariff_doses`), and effects on one series (`events`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
from scipy.special import stdtr, stdtrit

from dagster_project.analysis import read_columns
from dagster_project.analysis.series import Floats, round_digits, to_percent
from dagster_project.project import Project

COLUMNS = read_columns("tariff_dose_effects")
# The significance level; the fewest products; the fewest placebo windows; the largest share of these with a significant
# change; the smallest distance between the quartiles of the doses, as a share of their median.
LEVEL, PRODUCTS, PLACEBOS, MAY_MOVE, SPREAD = 0.1, 20, 3, 0.2, 0.25
QUERY = """
    select window_id, weights, years_earlier, list(dose_points order by product_code),
        list(response_log order by product_code), list(trade_usd order by product_code)
    from marts.tariff_doses group by all order by window_id, years_earlier
"""


class Slope(NamedTuple):
    """The change in the logarithm of imports per percentage point of duty, with its standard error."""

    value: float
    error: float
    freedom: int

    @property
    def p_value(self) -> float:
        return float(2 * stdtr(self.freedom, -abs(self.value / self.error)))

    @property
    def conclusion(self) -> str:
        return "none" if self.p_value > LEVEL else "rise" if self.value > 0 else "fall"


def fit_line(dose: Floats, response: Floats, sizes: Floats) -> Slope:
    """Regress `response` on `dose`, weighted by `sizes`; the standard error allows for unequal variances (HC3)."""
    dose, response = (values - np.average(values, weights=sizes) for values in (dose, response))
    spread = float((sizes * dose**2).sum())
    slope = float((sizes * dose * response).sum()) / spread
    leverage = sizes * (1 / sizes.sum() + dose**2 / spread)
    error = math.sqrt(float(((sizes * dose * (response - slope * dose) / (1 - leverage)) ** 2).sum())) / spread
    return Slope(slope, error, len(dose) - 2)


def find_refusal(dose: Floats, placebos: Sequence[Slope], variants: Sequence[Slope]) -> tuple[str, str | None]:
    """Return an estimate's status and reason for rejection; `variants`: its slope, then slopes without one product."""
    low, middle, high = np.quantile(dose, [0.25, 0.5, 0.75])
    moved = sum(slope.conclusion != "none" for slope in placebos)
    if len(dose) < PRODUCTS:
        return "too_few_products", f"{len(dose)} products; {PRODUCTS} are needed."
    if high - low < SPREAD * abs(middle):
        return "doses_alike", (
            f"For the middle half of the products the duty rose by {low:.1f} to {high:.1f} percentage points, so they "
            "hardly differ. An effect that all products share cannot be told apart from other changes at the time."
        )
    if len(placebos) < PLACEBOS:
        reason = f"{PLACEBOS} earlier periods without a tariff step are needed; there are {len(placebos)}."
        return "too_few_placebos", reason
    if moved > MAY_MOVE * len(placebos):
        reason = f"The same additional tariffs also go with a change in {moved} of {len(placebos)} earlier periods."
        return "placebos_move", reason
    if len({slope.conclusion for slope in variants}) > 1:
        return "unstable", "Without one of the products the conclusion is another."
    return "estimated", None


def compute_rows(connection: duckdb.DuckDBPyConnection, _project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `tariff_dose_effects`: one for each window, and one for each earlier year as a placebo."""
    fits: dict[str, dict[int, Slope]] = {}
    samples: dict[str, list[Floats]] = {}
    for window, weights, years, *lists in connection.execute(QUERY).fetchall():
        dose, response, trade = (np.array(values) for values in lists)
        sample = [dose, response, trade if weights == "value" else np.ones(len(dose))]
        samples.setdefault(window, sample)
        fits.setdefault(window, {})[years] = fit_line(*sample)
    for window, slopes in fits.items():
        sample, found = samples[window], slopes[0]
        without = [fit_line(*(np.delete(values, one) for values in sample)) for one in range(len(sample[0]))]
        status, reason = find_refusal(sample[0], [slopes[years] for years in slopes if years], [found, *without])
        values = [slope.value for slope in without]
        low, high = (round_digits(float(dose)) for dose in np.quantile(sample[0], [0.25, 0.75]))
        range_ = {"leave_one_out_low_pct": min(values), "leave_one_out_high_pct": max(values)}
        for years, slope in slopes.items():
            reach = float(-stdtrit(slope.freedom, LEVEL / 2)) * slope.error
            ends = {"ci_low_pct": slope.value - reach, "ci_high_pct": slope.value + reach}
            changes = {"estimate_pct": slope.value, **ends, **({} if years else range_)}
            row = {"window_id": window, "years_earlier": years, "product_count": slope.freedom + 2}
            row |= {name: round_digits(to_percent(value)) for name, value in changes.items()}
            row |= {"p_value": round_digits(slope.p_value, 4), "conclusion": slope.conclusion}
            row |= {"status": "placebo"} if years else {"status": status, "reason": reason}
            row |= {} if years else {"dose_low_points": low, "dose_high_points": high}
            yield [row.get(column) for column in COLUMNS]
