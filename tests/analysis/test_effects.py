"""A known effect is found within its interval, none is found where there is none, and other code agrees.

Coverage is held against a binomial bound: with n series and a rate p, five standard deviations around n p.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter
from scipy.stats import t as student

from dagster_project.analysis import effects
from dagster_project.analysis.effects import Estimate, before_after, difference_in_differences, synthetic_control


def holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


def within(count: int, runs: int, rate: float, sigmas: float = 5) -> bool:
    return abs(count - runs * rate) <= sigmas * np.sqrt(runs * rate * (1 - rate))


def test_before_and_after_uses_the_variance_of_newey_and_west() -> None:
    before, after = np.random.default_rng(0).normal(size=(2, 12))
    changes = after - before
    deviations = changes - changes.mean()
    lags = 4  # the bandwidth is 5, 1.3 times the root of twelve and up
    variance = deviations @ deviations
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * deviations[lag:] @ deviations[:-lag]
    error = np.sqrt(variance) / 12
    found = before_after(before, after)
    assert found.change == pytest.approx(changes.mean())
    assert found.high - found.change == pytest.approx(effects.fixed_bandwidth_critical_value(5 / 12) * error)


def test_the_critical_value_knows_the_bandwidth() -> None:
    """Without bandwidth it is that of the normal; with all of it, 6.747 / sqrt(2) (Kiefer, Vogelsang, Bunzel 2000)."""
    assert effects.fixed_bandwidth_critical_value(0) == 1.96
    assert effects.fixed_bandwidth_critical_value(1) == pytest.approx(6.747 / np.sqrt(2), abs=0.06)


@pytest.mark.parametrize("effect", [0.0, -0.3])
def test_before_and_after_holds_the_change_as_often_as_it_says(effect: float) -> None:
    """Months that keep 0.3 of a deviation; twelve of them are few, so the rate may fall short by three points."""
    held, runs = 0, 600
    rng = np.random.default_rng(1)
    for _ in range(runs):
        months = lfilter([1], [1, -0.3], rng.normal(size=74))[50:] * 0.05
        held += holds(before_after(months[:12], months[12:] + effect), effect)
    assert held >= runs * 0.92 - 5 * np.sqrt(runs * 0.92 * 0.08)
    assert held < runs


def test_a_yearly_change_is_held_against_earlier_ones() -> None:
    """By hand: earlier changes 0.1, 0.3, 0.2, 0.2; their standard deviation is sqrt(0.02 / 3), t(3) at 97.5% 3.1824."""
    found = effects.before_after_yearly(np.array([1.0, 1.1, 1.4, 1.6, 1.8]), np.array([1.5]))
    assert found is not None
    assert found.change == pytest.approx(-0.3)
    assert found.high - found.change == pytest.approx(3.1824 * np.sqrt(0.02 / 3), abs=1e-4)
    assert effects.before_after_yearly(np.array([1.0, 1.1, 1.4, 1.6]), np.array([1.5])) is None


def test_a_yearly_change_of_nothing_is_called_one_in_twenty_times() -> None:
    runs = 1000
    walks = np.random.default_rng(2).normal(size=(runs, 13)).cumsum(axis=1)
    found = [effects.before_after_yearly(walk[:12], walk[12:]) for walk in walks]
    assert within(sum(not holds(one, 0.0) for one in found if one is not None), runs, 0.05)


def panel(rng: np.random.Generator, effect: float, *, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Ten series that share two movements to different degrees, and noise; the first one is treated in the end."""
    movements = rng.normal(size=(72, 2)).cumsum(axis=0) * 0.05
    values = movements @ rng.dirichlet(np.ones(2), size=10).T + noise * rng.normal(size=(72, 10)) + rng.normal(size=10)
    values[60:, 0] += effect
    return values[:60], values[60:]


def test_difference_in_differences_is_the_regression_with_two_way_fixed_effects() -> None:
    before, after = panel(np.random.default_rng(3), -0.2)
    values = np.vstack([before, after])
    periods, units = values.shape
    treated = np.zeros_like(values)
    treated[60:, 0] = 1
    unit = np.tile(np.eye(units), (periods, 1))
    period = np.repeat(np.eye(periods), units, axis=0)
    design = np.hstack([unit, period, treated.reshape(-1, 1)])
    coefficient = np.linalg.lstsq(design, values.ravel(), rcond=None)[0][-1]
    assert difference_in_differences(before, after).change == pytest.approx(coefficient)


def test_difference_in_differences_has_the_t_interval_between_series() -> None:
    before, after = panel(np.random.default_rng(4), -0.2)
    changes = after.mean(axis=0) - before.mean(axis=0)
    others = changes[1:]
    error = np.std(others, ddof=1) * np.sqrt(1 + 1 / len(others))
    found = difference_in_differences(before, after)
    assert found.low == pytest.approx(changes[0] - others.mean() - student.ppf(0.975, len(others) - 1) * error)


@pytest.mark.parametrize("effect", [0.0, -0.25])
def test_difference_in_differences_holds_the_effect_as_often_as_it_says(effect: float) -> None:
    runs, rng = 600, np.random.default_rng(5)
    found = []
    for _ in range(runs):
        # Memory within a series does not matter: an interval between series does not look there.
        values = lfilter([1], [1, -0.6], rng.normal(size=(74, 8)), axis=0)[50:]
        values[12:, 0] += effect
        found.append(difference_in_differences(values[:12], values[12:]))
    assert within(sum(holds(one, effect) for one in found), runs, 0.95)
    if not effect:
        assert within(sum(one.rank == 1 for one in found), runs, 1 / 8)


def test_a_synthetic_control_that_can_be_exact_is_exact() -> None:
    rng = np.random.default_rng(6)
    donors = rng.normal(size=(40, 6)).cumsum(axis=0)
    weights = np.array([0.5, 0.3, 0.2, 0, 0, 0])
    treated = donors @ weights + 7
    treated[30:] -= 0.4
    values = np.column_stack([treated, donors])
    found = synthetic_control(values[:30], values[30:])
    assert found.weights == pytest.approx(weights, abs=1e-6)
    assert found.change == pytest.approx(-0.4, abs=1e-6)
    assert (found.rank, found.placebos) == (1, 6)
    assert found.explained == pytest.approx(1)


def test_weights_are_those_of_pysyncon() -> None:
    """Held against another implementation, a general optimiser."""
    from pysyncon import Synth

    rng = np.random.default_rng(7)
    for _ in range(5):
        before, _ = panel(rng, 0.0)
        before = before - before.mean(axis=0)
        series, donors = before[:, 0], before[:, 1:]
        weights = effects.donor_weights(donors, series)
        # In larger units its absolute tolerance is a smaller one.
        peer, _ = Synth.w_optimize(V_mat=np.eye(60) * 1e4, X0=donors, X1=series)

        def loss(tried: np.ndarray, donors: np.ndarray = donors, series: np.ndarray = series) -> float:
            error = series - donors @ tried
            return float(error @ error)

        assert weights.sum() == pytest.approx(1)
        assert (weights >= 0).all()
        assert loss(weights) <= loss(peer) * (1 + 1e-6)
        assert weights == pytest.approx(peer, abs=2e-3)


def test_a_synthetic_control_finds_an_effect_and_seldom_one_that_is_not_there() -> None:
    """Nine placebos: the interval holds the truth for nine in ten, and the series is the most unusual one in ten."""
    runs, rng = 250, np.random.default_rng(8)
    none = [synthetic_control(*panel(rng, 0.0)) for _ in range(runs)]
    assert none[0].level == 0.9
    assert within(sum(holds(one, 0.0) for one in none), runs, 0.9)
    assert within(sum(one.rank == 1 for one in none), runs, 0.1)
    some = [synthetic_control(*panel(rng, -0.3)) for _ in range(100)]
    assert within(sum(holds(one, -0.3) for one in some), 100, 0.9)
    assert sum(one.high < 0 for one in some) > 80
    assert np.mean([one.change for one in some]) == pytest.approx(-0.3, abs=0.03)


def test_twenty_placebos_give_an_interval_of_95_per_cent() -> None:
    values = np.random.default_rng(9).normal(size=(60, 21))
    assert synthetic_control(values[:50], values[50:]).level == pytest.approx(20 / 21)
    assert synthetic_control(values[:50, :5], values[50:, :5]).level == 0.8


def test_leaving_out_a_donor_is_the_estimate_on_the_panel_without_it() -> None:
    before, after = panel(np.random.default_rng(10), -0.2)
    for method in (difference_in_differences, synthetic_control):
        without = effects.without_each(method.__name__, before, after)  # type: ignore[arg-type]
        assert len(without) == 9
        for donor, found in enumerate(without, start=1):
            anew = method(np.delete(before, donor, axis=1), np.delete(after, donor, axis=1))
            assert (found.rank, found.placebos, found.level) == (anew.rank, 8, anew.level)
            assert (found.change, found.low, found.high) == pytest.approx((anew.change, anew.low, anew.high))
            assert found.weights == pytest.approx(anew.weights, abs=1e-9)
