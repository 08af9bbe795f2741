"""A planted break is found where it was planted, and noise has none."""

from __future__ import annotations

from datetime import date
from itertools import accumulate, combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from dagster_project.analysis import breaks
from dagster_project.analysis.breaks import COLUMNS, estimate_persistence, find_breaks


def noise(seed: int, length: int = 120, keeps: float = 0.0) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=length + 50)
    return np.array(list(accumulate(shocks, lambda before, shock: keeps * before + shock))[50:])


def monthly(values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=pd.period_range("2001-01", periods=len(values), freq="M"))


def test_a_planted_break_is_found_with_its_size() -> None:
    time = np.arange(120)
    near = []
    for seed in range(40):
        planted = 0.01 * time + np.where(time >= 70, -0.3, 0.0) + 0.03 * noise(seed)
        found = find_breaks(monthly(planted), shortest=12, lines=True)
        near.append(len(found) == 1 and abs(found[0].place - 70) <= 1)
        if near[-1]:
            assert found[0].after - found[0].before == pytest.approx(-0.3, abs=0.06)
            assert (found[0].slope_before, found[0].slope_after) == pytest.approx((0.01, 0.01), abs=0.003)
            assert found[0].gain > 1
    assert sum(near) >= 38


def test_a_kink_is_a_turning_point() -> None:
    time = np.arange(120)
    bent = 0.02 * np.minimum(time, 60) - 0.02 * np.maximum(time - 60, 0)
    found = find_breaks(monthly(bent + 0.03 * noise(1)), shortest=12, lines=True)
    assert len(found) == 1
    assert abs(found[0].place - 60) <= 4
    assert found[0].slope_before > 0 > found[0].slope_after


@pytest.mark.long
def test_noise_has_no_breaks() -> None:
    """Without memory in less than one series of a hundred; with a month's memory of 0.6 in about one of ten."""
    plain = sum(bool(find_breaks(monthly(noise(seed)), shortest=12, lines=True)) for seed in range(200))
    kept = sum(bool(find_breaks(monthly(noise(seed, keeps=0.6)), shortest=12, lines=True)) for seed in range(200))
    levels = sum(bool(find_breaks(monthly(noise(seed, 40)), shortest=3, lines=False)) for seed in range(200))
    growth = 0.7 * np.arange(120)
    rising = sum(bool(find_breaks(monthly(noise(seed) + growth), shortest=12, lines=True)) for seed in range(200))
    assert max(plain, rising) <= 4
    assert kept <= 200 * 0.1 + 4 * np.sqrt(200 * 0.1 * 0.9)
    assert levels <= 10


def test_the_cuts_are_the_cheapest_of_all() -> None:
    """Held against every way of cutting a short series, with costs by numpy's own regressions."""
    values = noise(3, 26) + np.where(np.arange(26) >= 15, 4.0, 0.0)
    costs = breaks._compute_costs(values, lines=True)

    def cost(start: int, end: int) -> float:
        time = np.arange(start, end)
        residual = values[start:end] - np.polyval(np.polyfit(time, values[start:end], 1), time)
        return float(residual @ residual)

    def total(cuts: tuple[int, ...], price: float) -> float:
        edges = [0, *cuts, 26]
        return price * len(cuts) + sum(cost(*edge) for edge in pairwise(edges))

    assert costs[4, 19] == pytest.approx(cost(4, 19))
    for price in (2.0, 8.0, 30.0):
        ways = [
            cuts
            for count in range(5)
            for cuts in combinations(range(5, 22), count)
            if all(later - cut >= 5 for cut, later in pairwise(cuts))
        ]
        best = min(ways, key=lambda cuts: total(cuts, price))
        assert breaks._find_cuts(costs, price, 5) == [*best, 26]


def test_the_cuts_are_those_of_dynamic_programming_in_ruptures() -> None:
    from ruptures import Dynp

    for seed in range(5):
        values = noise(seed, 60) + 3.0 * (np.arange(60) // 20)
        found = breaks._find_cuts(breaks._compute_costs(values, lines=False), 12.0, 4)
        peer = Dynp(model="l2", min_size=4, jump=1).fit(values).predict(n_bkps=len(found) - 1)
        assert found == peer


def test_the_memory_of_a_series_is_measured_past_a_break() -> None:
    for kept in (0.0, 0.4, 0.7):
        values = noise(1, 4000, keeps=kept) + np.where(np.arange(4000) >= 2000, 30, 0)
        assert estimate_persistence(values, lines=False) == pytest.approx(kept, abs=0.1)
        growing = values + 0.7 * np.arange(4000)
        assert estimate_persistence(growing, lines=True) == pytest.approx(kept, abs=0.12)
    assert estimate_persistence(np.ones(20), lines=True) == 0


def test_a_series_without_a_break_or_too_short_has_a_row_that_says_so() -> None:
    def rows(values: np.ndarray) -> list[dict[str, object]]:
        found = breaks._make_rows(("KOR", "CHN", "exports"), "M", monthly(values), breaks.FEWEST_MONTHS)
        return [dict(zip(COLUMNS, row, strict=True)) for row in found]

    (none,) = rows(20 + 0.01 * noise(0))
    assert (none["status"], none["break_number"], none["break_count"]) == ("none_found", 0, 0)
    (short,) = rows(noise(0, 59))
    assert (short["status"], short["reason"]) == (
        "too_short",
        "The longest stretch without a gap has 59 months; 60 are needed.",
    )
    (flat,) = rows(np.full(80, 3.0))
    assert flat["status"] == "none_found"
    (one,) = rows(20 + 0.01 * noise(0) + np.where(np.arange(120) >= 60, np.log(0.8), 0))
    assert (one["status"], one["break_start"]) == ("found", date(2006, 1, 1))
    assert one["level_change_pct"] == pytest.approx(-20, abs=1.5)
