"""Series of logarithms, without gaps, and their figures."""

from __future__ import annotations

import numpy as np
import pytest

from dagster_project.analysis.series import find_longest_stretch, round_digits, to_percent
from dagster_project.analysis.series import make_series as series_of
from tests.analysis.test_seasonal import MONTHS, rows, series


def test_a_month_without_trade_has_no_logarithm() -> None:
    values = np.exp(series()[0])
    values.iloc[100] = 0
    found = rows(values)
    assert [row["status"] for row in found] == ["adjusted"] * 100 + ["not_positive"] + ["outside_span"] * 79


def test_chinas_january_and_february_are_taken_together() -> None:
    values = np.exp(series()[0])
    shifted = values.copy()
    for january in MONTHS[MONTHS.month == 1]:
        # Most of February's trade is booked in January.
        shifted[january], shifted[january + 1] = values[january] + 0.9 * values[january + 1], 0.1 * values[january + 1]
    plain, moved = rows(values, "CHN"), rows(shifted, "CHN")
    assert [row["adjusted_usd"] for row in plain] == [row["adjusted_usd"] for row in moved]
    assert [row["value_usd"] for row in plain] == values.tolist()
    assert [row["is_joint_month"] for row in plain] == (MONTHS.month <= 2).tolist()
    assert [row["adjusted_usd"] for row in rows(values)] != [row["adjusted_usd"] for row in rows(shifted)]
    # Half of a pair is no pair.
    late = rows(values[1:], "CHN")
    assert [row["status"] for row in late[:2]] == ["outside_span", "adjusted"]


def test_the_longest_stretch_is_the_later_of_equals() -> None:
    months = series_of([1, 2, 5, 6, 9], range(5), "M")
    assert find_longest_stretch(months).tolist() == [2, 3]
    assert find_longest_stretch(months[:0]).empty


def test_figures_are_rounded_to_six_digits_and_never_infinite() -> None:
    assert round_digits(123456789.0) == 123457000.0
    assert round_digits(float("inf")) is None
    assert to_percent(np.log(0.682)) == pytest.approx(-31.8)
    assert round_digits(to_percent(1e4)) is None
