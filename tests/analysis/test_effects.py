"""Estimators agree with other programs and published results; tests keep to their error rate and find planted falls."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from benchmarks.effects import SEED, simulated
from dagster_project.analysis import effects
from dagster_project.analysis.effects import (
    Design,
    Placebos,
    compute_changes,
    estimate_synthetic_control,
    estimate_synthetic_did,
    get_last_significant_rank,
    subtract_donors,
)
from dagster_project.analysis.estimates import PRIMARY, Sample, find_refusal
from dagster_project.analysis.stages import Key

MONTHS = Design("difference_in_differences", 12, 12)


def panel(rng: np.random.Generator, effect: float, *, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Make ten series that share two movements to different degrees, plus noise; the first is treated at the end."""
    movements = np.cumsum(rng.normal(size=(72, 2)), axis=0) * 0.05
    values = movements @ rng.dirichlet(np.ones(2), size=10).T + noise * rng.normal(size=(72, 10)) + rng.normal(size=10)
    values[60:, 0] += effect
    return values[:60], values[60:]


def wide(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make more series than periods, so that the weights of periods have only one optimum."""
    movements = np.cumsum(rng.normal(size=(18, 2)), axis=0) * 0.05
    values = movements @ rng.dirichlet(np.ones(2), size=40).T + 0.05 * rng.normal(size=(18, 40)) + rng.normal(size=40)
    values[12:, 0] -= 0.2
    return values[:12], values[12:]


def monthly(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=pd.period_range("2011-01", periods=len(values), freq="M"))


# Changes and the declared estimator


def test_a_change_of_a_year_is_the_mean_of_twelve_months_against_the_same_months() -> None:
    values = np.random.default_rng(0).normal(size=(48, 3))
    found = compute_changes(monthly(values), MONTHS)
    expected = (values[24:36] - values[12:24]).mean(axis=0)
    assert found.iloc[24].to_numpy() == pytest.approx(expected)
    assert found.iloc[:10].isna().to_numpy().all()


def test_a_season_leaves_nothing_in_a_change_whatever_the_window() -> None:
    season = np.tile(np.random.default_rng(1).normal(size=12), 10)[:, None]
    for window in (6, 12, 24):
        for base in (12, 24, 36):
            found = compute_changes(monthly(season), Design("difference_in_differences", window, base)).dropna()
            assert len(found)
            assert found.to_numpy() == pytest.approx(0)


def test_two_years_after_are_held_against_the_base_and_not_against_each_other() -> None:
    values = np.zeros((96, 1))
    values[48:] = -0.3
    for window in (6, 12, 24):
        for base in (12, 24, 36):
            found = compute_changes(monthly(values), Design("difference_in_differences", window, base))
            assert found.iloc[48, 0] == pytest.approx(-0.3)


def test_years_are_means_of_three() -> None:
    values = np.random.default_rng(2).normal(size=(12, 2))
    logs = pd.DataFrame(values, index=pd.period_range("2001", periods=12, freq="Y"))
    found = compute_changes(logs, Design("difference_in_differences", 3, 3))
    assert found.iloc[6].to_numpy() == pytest.approx(values[6:9].mean(axis=0) - values[3:6].mean(axis=0))
    assert found.iloc[[2, 10]].isna().to_numpy().all()


@pytest.mark.parametrize(("lacking", "is_held"), [(2, True), (3, False)])
def test_ten_of_twelve_months_are_enough(lacking: int, is_held: bool) -> None:
    values = np.random.default_rng(3).normal(size=(48, 1))
    values[30 : 30 + lacking] = np.nan
    assert compute_changes(monthly(values), MONTHS).notna().iloc[24, 0] == is_held


def test_months_after_the_last_one_are_lacking_months() -> None:
    values = np.random.default_rng(4).normal(size=(46, 1))
    found = compute_changes(monthly(values), MONTHS)
    assert found.iloc[36, 0] == pytest.approx((values[36:46] - values[24:34]).mean())
    assert np.isnan(found.iloc[37, 0])


def test_the_declared_estimate_is_the_regression_with_two_way_fixed_effects() -> None:
    """Held against least squares on a balanced panel: an effect of the first series in the last year of two."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(24, 6))
    periods, units = values.shape
    treated = np.zeros_like(values)
    treated[12:, 0] = 1
    unit = np.tile(np.eye(units), (periods, 1))
    period = np.repeat(np.eye(periods), units, axis=0)
    design = np.hstack([unit, period, treated.reshape(-1, 1)])
    coefficient = np.linalg.lstsq(design, values.ravel(), rcond=None)[0][-1]
    donors = np.ones((units, units), dtype=bool)
    np.fill_diagonal(donors, val=False)
    assert subtract_donors(compute_changes(monthly(values), MONTHS).to_numpy(), donors)[12, 0] == pytest.approx(
        coefficient
    )


def test_a_mean_of_too_few_donors_is_none() -> None:
    changed = np.ones((1, 5))
    changed[0, 4] = np.nan
    donors = np.ones((5, 5), dtype=bool)
    np.fill_diagonal(donors, val=False)
    assert np.isnan(subtract_donors(changed[:, :4], donors[:4, :4])[0]).sum() == 0
    donors[0, 3] = False
    assert np.isnan(subtract_donors(changed, donors)[0]).tolist() == [True, False, False, False, True]


# Weights, against other implementations


def test_a_synthetic_control_that_can_be_exact_is_exact() -> None:
    rng = np.random.default_rng(6)
    donors = np.cumsum(rng.normal(size=(40, 6)), axis=0)
    weights = np.array([0.5, 0.3, 0.2, 0, 0, 0])
    treated = donors @ weights + 7
    treated[30:] -= 0.4
    values = np.column_stack([treated, donors])
    assert effects.fit_weights(
        donors[:30] - donors[:30].mean(axis=0), treated[:30] - treated[:30].mean()
    ) == pytest.approx(weights, abs=1e-6)
    assert estimate_synthetic_control(values[:30], values[30:]) == pytest.approx(-0.4, abs=1e-6)


def test_weights_are_those_of_pysyncon() -> None:
    """A general optimiser: where ours ends at the optimum, it stops near it."""
    synth = pytest.importorskip("pysyncon", reason="pysyncon, the other implementation, is not installed").Synth
    rng = np.random.default_rng(7)
    for _ in range(5):
        before, after = panel(rng, -0.2)
        means = before.mean(axis=0)
        apart = before - means
        weights = effects.fit_weights(apart[:, 1:], apart[:, 0])
        # In larger units its absolute tolerance is a smaller one.
        peer, _ = synth.w_optimize(V_mat=np.eye(60) * 1e4, X0=apart[:, 1:], X1=apart[:, 0])
        ours, theirs = (float(np.sum((apart[:, 0] - apart[:, 1:] @ tried) ** 2)) for tried in (weights, peer))
        assert weights.sum() == pytest.approx(1)
        assert (weights >= 0).all()
        assert ours <= theirs * (1 + 1e-6)
        assert weights == pytest.approx(peer, abs=2e-3)
        gaps = (after - means)[:, 0] - (after - means)[:, 1:] @ peer
        assert estimate_synthetic_control(before, after) == pytest.approx(float(gaps.mean()), abs=2e-3)


def test_synthetic_did_gives_the_published_estimate_for_california() -> None:
    """-15.604 packs of cigarettes (Arkhangelsky and others 2021, table 1), where steps that go on reach -15.6054."""
    synthdid = pytest.importorskip("synthdid", reason="synthdid-py, which has the figures, is not installed")
    table = synthdid.load_california_prop99().pivot(index="Year", columns="State", values="PacksPerCapita")
    packs = table[["California", *(state for state in table if state != "California")]]
    before, after = packs.loc[:1988].to_numpy(dtype=float), packs.loc[1989:].to_numpy(dtype=float)
    assert estimate_synthetic_did(before, after) == pytest.approx(-15.604, abs=0.002)


def test_synthetic_did_is_that_of_synthdid() -> None:
    synthdid = pytest.importorskip("synthdid", reason="synthdid-py, the other implementation, is not installed")
    rng = np.random.default_rng(8)
    for _ in range(3):
        before, after = wide(rng)
        values = np.vstack([before, after]).T
        treated_last = np.vstack([values[1:], values[:1]])
        peer = synthdid.synthdid_estimate(treated_last, len(values) - 1, len(before))
        assert estimate_synthetic_did(before, after) == pytest.approx(float(peer), abs=1e-4)


@pytest.mark.long
def test_synthetic_did_is_that_of_diff_diff() -> None:
    diff_diff = pytest.importorskip("diff_diff", reason="diff-diff, the other implementation, is not installed")
    before, after = wide(np.random.default_rng(9))
    values = np.vstack([before, after])
    long = pd.DataFrame(
        [
            {"unit": unit, "period": period, "value": values[period, unit], "treated": int(unit == 0)}
            for unit in range(values.shape[1])
            for period in range(len(values))
        ]
    )
    fitted = diff_diff.SyntheticDiD(n_bootstrap=2, seed=0, variance_method="placebo").fit(
        long, outcome="value", treatment="treated", unit="unit", time="period", post_periods=list(range(12, 18))
    )
    assert estimate_synthetic_did(before, after) == pytest.approx(float(fitted.att), abs=1e-4)


@pytest.mark.parametrize("estimate", [estimate_synthetic_control, estimate_synthetic_did])
def test_the_weighted_estimators_find_what_is_planted(estimate: effects.Weighted) -> None:
    rng = np.random.default_rng(10)
    assert np.mean([estimate(*panel(rng, -0.3)) for _ in range(60)]) == pytest.approx(-0.3, abs=0.03)
    assert np.mean([estimate(*panel(rng, 0.0)) for _ in range(60)]) == pytest.approx(0, abs=0.03)


# The test


def placebos(effects_of: np.ndarray, place: int = 40, window: int = 12) -> Placebos:
    return Placebos(effects_of, np.ones_like(effects_of, dtype=bool), place, window, (24, 72))


def test_a_rank_is_two_sided_and_in_units_of_what_is_usual() -> None:
    """A fall is as far as a rise; a calm series that moves as much as a restless one is the more unusual."""
    moves = np.tile([[1.0], [-1.0]], (21, 3))[:41] * [0.1, 0.2, 0.05]
    moves[40] = [-0.3, 0.4, 0.1]
    found = placebos(moves).run_test()
    assert found is not None
    assert (found.rank, found.placebos) == (1, 2)
    moves[40] = [0.3, 0.4, -0.2]
    found = placebos(moves).run_test()
    assert found is not None
    assert found.rank == 2


@pytest.mark.parametrize(("count", "last"), [(8, 0), (9, 1), (13, 1), (18, 1), (19, 2), (49, 5)])
def test_the_level_is_the_largest_that_so_many_placebos_allow(count: int, last: int) -> None:
    assert get_last_significant_rank(count) == last
    moves = np.random.default_rng(11).normal(size=(41, count + 1))
    moves[40, 0] = 50
    found = placebos(moves).run_test()
    assert found is not None
    assert found.attainable == pytest.approx(max(last, 1) / (count + 1))
    assert found.conclusion == ("rise" if last else "untestable")
    assert math.isinf(found.critical) == (not last)


def test_an_interval_leaves_out_what_the_ranks_tell_from_zero() -> None:
    rng = np.random.default_rng(12)
    for _ in range(200):
        found = placebos(rng.normal(size=(41, 14))).run_test()
        assert found is not None
        assert found.is_significant == (abs(found.change) > found.critical * found.scale)


def test_only_quiet_windows_that_were_over_tell_what_is_usual() -> None:
    moves = np.full((41, 3), 0.1)
    moves[29:40] = 9.0  # their windows reach over the event
    asked = placebos(moves)
    assert asked.compute_scales() == pytest.approx(0.1)
    moves[5] = 9.0
    quiet = np.ones_like(moves, dtype=bool)
    quiet[5] = False
    assert Placebos(moves, quiet, 40, 12, (24, 72)).compute_scales() == pytest.approx(0.1)
    assert np.isnan(Placebos(moves, quiet, 40, 12, (29, 72)).compute_scales()).all()
    assert placebos(moves).compute_scales()[0] > 1


def test_a_rank_in_time_is_among_whole_windows_before() -> None:
    moves = np.full((61, 2), 0.01)
    moves[[12, 24, 36, 48], 0] = [0.5, -0.4, 0.1, 0.2]
    moves[60, 0] = -0.45
    assert Placebos(moves, np.ones_like(moves, dtype=bool), 60, 12, (24, 72)).rank_in_time() == (2, 5)


def test_false_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    """By hand: 0.01 x 4 / 1, 0.02 x 4 / 2, and the last two by the larger one."""
    assert effects.compute_q_values([0.02, 0.01, 0.5, 0.4]) == pytest.approx([0.04, 0.04, 0.5, 0.5])
    assert effects.compute_q_values([]) == []


@pytest.mark.parametrize(
    ("ranks", "power", "conclusion"),
    [
        ((7, 7, 7), 0.80, "none"),
        ((7, 7, 7), 0.79, "uninformative"),
        ((7, 7, 7), math.nan, "uninformative"),
        ((1, 1, 1), 0.04, "fall"),
        ((1, 1, 2), 0.90, None),
    ],
)
def test_nothing_found_with_little_power_is_uninformative(
    ranks: tuple[int, ...], power: float, conclusion: str | None
) -> None:
    full, *without = (effects.Test(change=-0.2, scale=0.1, rank=rank, placebos=13, critical=2.0) for rank in ranks)
    found = effects.Finding(full, None, dict(enumerate(without)), (1, 3), 30, power=(0.0, 0.0, power))
    assert found.conclusion == conclusion


def asked(runs: int, seed: int) -> list[Sample]:
    rng = np.random.default_rng(seed)
    return list(islice(simulated(rng, "M", 14, 120, 75), runs))


@pytest.mark.long
def test_a_change_of_nothing_is_significant_as_seldom_as_is_said() -> None:
    """One in fourteen, and one of the first three in fourteen as often, within five deviations of a binomial count."""
    runs = 300
    found = [finding.test for question in asked(runs, SEED + 1) if (finding := question.find_effect()) is not None]
    assert len(found) == runs
    for rate, count in (
        (1 / 14, sum(test.is_significant for test in found)),
        (3 / 14, sum(test.rank <= 3 for test in found)),
    ):
        assert abs(count - runs * rate) <= 5 * math.sqrt(runs * rate * (1 - rate))
        assert count > 0


@pytest.mark.long
def test_a_planted_fall_is_estimated_with_the_chance_that_is_stated() -> None:
    stated, estimated = [], 0
    for question in asked(150, SEED + 2):
        nothing = question.find_effect()
        assert nothing is not None
        stated.append(nothing.power[2])
        planted = question.find_effect(math.log(0.8))
        assert planted is not None
        if find_refusal(planted, question) is None and planted.test.conclusion == "fall":
            estimated += 1
    assert estimated / 150 == pytest.approx(np.mean(stated), abs=0.12)
    assert estimated > 100


def test_what_one_donor_decides_is_no_estimate() -> None:
    """Four donors, of which one leaps: with it the series falls behind, without it the series leads."""
    rng = np.random.default_rng(13)
    moves = rng.normal(size=(60, 14)) * 0.02
    donors = np.zeros((14, 14), dtype=bool)
    donors[0, 1:5] = True
    donors[1:] = True
    np.fill_diagonal(donors, val=False)
    donors[:, 0] = False
    moves[50, :6] = [0.02, 1.0, -0.04, 0.01, 0.0, 0.0]
    found = effects.find_effect(moves, donors, np.ones_like(moves, dtype=bool), 50, PRIMARY["M"].window, (24, 72))
    assert found is not None
    assert found.test.change < 0
    assert found.without[1].change > 0
    sample = Sample(
        Key("goods", "M", "KOR", "p0", "export", "TOTAL"), [f"p{n}" for n in range(14)], donors, 50, moves, donors
    )
    refused = find_refusal(found, sample)
    assert refused is not None
    assert refused.status == "unstable"
    assert refused.reason.startswith("The estimate depends on p1, one of the ")
    assert sorted(found.without) == [1, 2, 3, 4]
