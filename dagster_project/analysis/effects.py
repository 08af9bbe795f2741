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
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dagster_project.analysis.series import Floats

Method = Literal["before_after", "difference_in_differences", "synthetic_control"]
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

    @property
    def leaves_out_zero(self) -> bool:
        """Whether it is told from zero."""
        return self.low > 0 or self.high < 0


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
    from scipy.special import stdtrit

    changes = after.mean(axis=0) - before.mean(axis=0)
    others = changes[1:]
    change = float(changes[0] - others.mean())
    error = float(np.std(others, ddof=1)) * math.sqrt(1 + 1 / len(others))
    reach = float(stdtrit(len(others) - 1, (1 + LEVEL) / 2)) * error
    # The deviation from the mean of all others is this times a constant, so it ranks alike.
    unusual = np.abs(changes - changes.mean())
    apart = before[:, 0] - before[:, 1:].mean(axis=1)
    return Estimate(
        change=change,
        low=change - reach,
        high=change + reach,
        level=LEVEL,
        rank=_rank(unusual),
        placebos=len(others),
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
    before, after = _deviations(before, after)
    return _against_placebos(before, after, _weights_of_all(before))


def without_each(method: Method, before: Floats, after: Floats) -> tuple[Estimate, ...]:
    """The same estimate with each donor left out in turn, as donor and as placebo, in the order of the columns.

    Abadie, Diamond and Hainmueller ("Comparative politics and the synthetic control method", AJPS 59, 2015) leave out
    those that have a weight. One without is left out too: it is a placebo, and may decide how far an interval reaches.

    Args:
        method: Difference in differences or synthetic control.
        before: A row a period, a column a series, the treated one first.
        after: The same after the event.
    """
    import numpy as np

    count = before.shape[1]
    if method == "difference_in_differences":
        return tuple(
            difference_in_differences(np.delete(before, donor, axis=1), np.delete(after, donor, axis=1))
            for donor in range(1, count)
        )
    before, after = _deviations(before, after)
    weights = _weights_of_all(before)
    found = []
    for donor in range(1, count):
        kept = [place for place in range(count) if place != donor]
        # Only what leant on the donor is fitted anew: the optimum of the others is the same without it.
        leaning = [kept.index(place) for place in np.flatnonzero(weights[:, donor]).tolist()]
        fitted = _weights_of_all(before[:, kept], leaning)
        rest = weights[np.ix_(kept, kept)]
        rest[leaning] = fitted[leaning]
        found.append(_against_placebos(before[:, kept], after[:, kept], rest))
    return tuple(found)


def _deviations(before: Floats, after: Floats) -> tuple[Floats, Floats]:
    means = before.mean(axis=0)
    return before - means, after - means


def _weights_of_all(before: Floats, places: Iterable[int] | None = None) -> Floats:
    """The weights, a row a series and a column a donor; the first series and the series itself are no donors.

    Args:
        before: Deviations, a column a series.
        places: The series that are fitted; all if None.
    """
    import numpy as np

    count = before.shape[1]
    weights: Floats = np.zeros((count, count))
    for place in range(count) if places is None else places:
        donors = [donor for donor in range(1, count) if donor != place]
        weights[place, donors] = donor_weights(before[:, donors], before[:, place])
    return weights


def _against_placebos(before: Floats, after: Floats, weights: Floats) -> Estimate:
    import numpy as np

    errors, gaps = before - before @ weights.T, after - after @ weights.T
    fits = np.sqrt(np.mean(errors**2, axis=0))
    ratios = np.sqrt(np.mean(gaps**2, axis=0)) / np.maximum(fits, 1e-12)
    change, placebos = float(gaps[:, 0].mean()), len(fits) - 1
    needed = min(math.ceil(LEVEL * (placebos + 1)), placebos)
    multiples = np.sort(np.abs(gaps[:, 1:].mean(axis=0)) / np.maximum(fits[1:], 1e-12))
    reach = float(multiples[needed - 1] * fits[0])
    spread = float(np.mean(before[:, 0] ** 2))
    return Estimate(
        change=change,
        low=change - reach,
        high=change + reach,
        level=needed / (placebos + 1),
        rank=_rank(ratios),
        placebos=placebos,
        ratio=float(ratios[0]),
        fit=float(fits[0]),
        explained=1 - float(fits[0]) ** 2 / spread if spread > 0 else None,
        weights=tuple(weights[0, 1:].tolist()),
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
