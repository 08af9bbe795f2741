"""Three ways to ask what an event did to a series, on arrays.

Here: before and after, difference in differences, synthetic control, each with its interval and its assumption. Not
here: which event is asked about which series, and when no answer is given (`events`).

Values are logarithms; an effect is a difference of logarithms until it is published in per cent. Three things the
methods do not share are said here once:

* Before and after is a change, whatever caused it.
* Difference in differences is an effect if the series would have moved as the others on average did.
* A synthetic control is an effect if the weighted others, which moved as the series did before, would have gone on so.

An interval speaks of the noise that was seen, not of an assumption that does not hold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dagster_project.analysis.series import Floats

LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """An answer.

    Args:
        change: The estimate, a difference of logarithms.
        low: The lower end of its interval.
        high: The upper end.
        level: How often such an interval holds the truth if the assumption is right.
        rank: The series' place among itself and its placebos, 1 the most unusual; None without placebos.
        placebos: How many placebos.
        ratio: Root mean squared error after the event over that before it (synthetic control).
        fit: Root mean squared error before the event, a difference of logarithms.
        explained: What part of the series' movement before the event the others explain.
        weights: The weight of each other series (synthetic control).
    """

    change: float
    low: float
    high: float
    level: float
    rank: int | None = None
    placebos: int | None = None
    ratio: float | None = None
    fit: float | None = None
    explained: float | None = None
    weights: tuple[float, ...] = ()


def before_after(before: Floats, after: Floats) -> Estimate:
    """The mean change between the same seasons before and after.

    Its variance is that of Newey and West ("A simple, positive semi-definite, heteroskedasticity and autocorrelation
    consistent covariance matrix", Econometrica 55, 1987). A dozen months are few for it, so the bandwidth is 1.3 times
    the root of their number (Lazarus, Lewis, Stock and Watson, "HAR inference", JBES 36, 2018) and the critical value
    that of Kiefer and Vogelsang ("A new asymptotic theory for heteroskedasticity-autocorrelation robust tests",
    Econometric Theory 21, 2005), which knows the bandwidth.

    Args:
        before: A period each.
        after: The same seasons later, in the same order.
    """
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    changes = after - before
    lags = math.ceil(1.3 * math.sqrt(len(changes))) - 1
    fitted = OLS(changes, np.ones(len(changes))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    change, error = float(fitted.params[0]), float(fitted.bse[0])
    reach = fixed_bandwidth_critical_value((lags + 1) / len(changes)) * error
    return Estimate(change, change - reach, change + reach, LEVEL)


def fixed_bandwidth_critical_value(share: float) -> float:
    """The critical value of a t-test at 5% with the kernel of Bartlett, by the bandwidth's share of the observations.

    The cubic of Kiefer and Vogelsang 2005, table 1.
    """
    return 1.9600 + 2.9694 * share + 0.4160 * share**2 - 0.5324 * share**3


def before_after_yearly(before: Floats, after: Floats) -> Estimate | None:
    """The change of a mean of years, held against earlier changes of the same kind.

    The interval takes its width from the spread of the changes between earlier blocks of as many years (a t interval):
    what is usual for the series counts as noise.

    Args:
        before: All earlier years.
        after: The years after; a block is as long.

    Returns:
        None if there are fewer than four earlier changes.
    """
    import numpy as np
    from scipy.special import stdtrit

    length = len(after)
    blocks = len(before) // length
    means = before[len(before) - blocks * length :].reshape(blocks, length).mean(axis=1)
    earlier = np.diff(means)
    if len(earlier) < 4:
        return None
    change = float(after.mean() - means[-1])
    reach = float(stdtrit(len(earlier) - 1, (1 + LEVEL) / 2) * np.std(earlier, ddof=1))
    return Estimate(change, change - reach, change + reach, LEVEL)


def difference_in_differences(before: Floats, after: Floats) -> Estimate:
    """The change of the first series less the mean change of the others.

    Two-way fixed effects on a balanced panel with one treated series. The periods are collapsed into before and after,
    as Bertrand, Duflo and Mullainathan ("How much should we trust differences-in-differences estimates?", QJE 119,
    2004) advise against serial correlation, and the interval is the t interval between series (Donald and Lang,
    "Inference with difference-in-differences and other panel data", REStat 89, 2007): with one treated series no
    clustered error is of use. Each other series in turn is a placebo.

    Args:
        before: A row a period, a column a series, the treated one first.
        after: The same after the event.
    """
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    changes = after.mean(axis=0) - before.mean(axis=0)
    treated = np.zeros(len(changes))
    treated[0] = 1
    fitted = OLS(changes, np.column_stack([np.ones(len(changes)), treated])).fit()
    low, high = fitted.conf_int(alpha=1 - LEVEL)[1]
    # The deviation from the mean of all others is this times a constant, so it ranks alike.
    unusual = np.abs(changes - changes.mean())
    apart = before[:, 0] - before[:, 1:].mean(axis=1)
    return Estimate(
        change=float(fitted.params[1]),
        low=float(low),
        high=float(high),
        level=LEVEL,
        rank=_rank(unusual),
        placebos=len(changes) - 1,
        # One period has nothing to differ from.
        fit=float(np.std(apart)) if len(apart) > 1 else None,
    )


def synthetic_control(before: Floats, after: Floats) -> Estimate:
    """The first series less a weighted mean of the others that moved as it did before the event.

    Abadie, Diamond and Hainmueller ("Synthetic control methods for comparative case studies", JASA 105, 2010), with
    every period before the event as a predictor, and on deviations from each series' own mean before the event (Ferman
    and Pinto, "Synthetic controls with imperfect pretreatment fit", Quantitative Economics 12, 2021): the series need
    to move alike, not to be as large. Each other series in turn is a placebo with the same donors but itself; the
    treated series is no donor.

    The interval turns the placebos' mean gaps after the event, in units of their own error before it, around: the
    smallest multiple that holds the needed part of them. With n placebos it can hold at most n of n + 1 series, so
    with fewer than nineteen its level is n / (n + 1) instead of 95%.

    Args:
        before: A row a period, a column a series, the treated one first.
        after: The same after the event.
    """
    import numpy as np

    means = before.mean(axis=0)
    before, after = before - means, after - means
    count = before.shape[1]
    gaps, fits, ratios = np.empty(count), np.empty(count), np.empty(count)
    weights: Floats = np.empty(0)
    for place in range(count):
        donors = [donor for donor in range(1, count) if donor != place]
        found = donor_weights(before[:, donors], before[:, place])
        error = before[:, place] - before[:, donors] @ found
        gap = after[:, place] - after[:, donors] @ found
        gaps[place] = gap.mean()
        fits[place] = math.sqrt(float(error @ error) / len(error))
        ratios[place] = math.sqrt(float(gap @ gap) / len(gap)) / max(fits[place], 1e-12)
        if place == 0:
            weights = found
    placebos = count - 1
    needed = min(math.ceil(LEVEL * (placebos + 1)), placebos)
    multiples = np.sort(np.abs(gaps[1:]) / np.maximum(fits[1:], 1e-12))
    reach = float(multiples[needed - 1] * fits[0])
    spread = float(np.mean(before[:, 0] ** 2))
    return Estimate(
        change=float(gaps[0]),
        low=float(gaps[0]) - reach,
        high=float(gaps[0]) + reach,
        level=needed / (placebos + 1),
        rank=_rank(ratios),
        placebos=placebos,
        ratio=float(ratios[0]),
        fit=float(fits[0]),
        explained=1 - float(fits[0]) ** 2 / spread if spread > 0 else None,
        weights=tuple(float(weight) for weight in weights),
    )


def donor_weights(donors: Floats, series: Floats) -> Floats:
    """Weights of donors, none negative, that sum to one and fit the series best.

    Least squares with non-negative coefficients (Lawson and Hanson 1974) and one more, heavily weighted row for the
    sum. It ends at the optimum itself after a few steps, where a general optimiser stops near it: weights are then the
    same on every machine.

    Args:
        donors: A row a period, a column a donor.
        series: The series, a period each.
    """
    import numpy as np
    from scipy.optimize import nnls

    heavy = 1e4 * max(float(np.abs(donors).max()), float(np.abs(series).max()), 1e-12)
    found, _ = nnls(np.vstack([donors, np.full(donors.shape[1], heavy)]), np.append(series, heavy))
    weights: Floats = found / found.sum()
    return weights


def _rank(unusual: Floats) -> int:
    """The first one's place from the top; what is equal counts against it."""
    return 1 + int((unusual[1:] >= unusual[0]).sum())
