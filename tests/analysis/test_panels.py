"""Panels hold the series that a stage is asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dagster_project.analysis.panels import Panels
from tests.analysis.test_estimates import BAN, FIRST, MONTHS, asked, held


def test_travellers_are_alike_by_where_they_come_from() -> None:
    panels = Panels(
        {}, {"KEN": ("materials", "africa"), "USA": ("manufactures", "americas"), "FRA": ("fuels", "europe")}, []
    )
    assert panels.get_likeness("arrivals", "KEN") == panels.get_likeness("arrivals", "USA") == "overseas"
    assert panels.get_likeness("arrivals", "FRA") == "europe"
    assert panels.get_likeness("goods", "KEN") == "materials"
    assert panels.get_likeness("goods", "XXX") is None


def test_windows_with_another_measure_do_not_tell_what_is_usual() -> None:
    earlier = replace(BAN, event_id="E2", day=date(2014, 6, 1))
    finding = asked(held(-0.3, earlier), earlier).finding
    alone = asked(held(-0.3)).finding
    assert finding is not None
    assert alone is not None
    # Twelve months before it to eleven months after it begin a window that it falls into.
    assert alone.earlier - finding.earlier == 23


def test_a_month_that_most_partners_lack_is_left_out_for_all() -> None:
    """As April 2017 of Korea, which the IMF has wrong with every partner; China alone has another source."""
    panels = held(-0.3)
    bad = MONTHS[BAN.start + 1 - FIRST]
    for key, series in panels.series.items():
        panels.series[key] = series + 5 * (series.index == bad) if key.partner == "CHN" else series.drop([bad])
    answer = asked(panels)
    assert answer.finding is not None
    assert answer.finding.test.change == pytest.approx(-0.3, abs=0.03)
    assert (
        answer.note == "The estimate covers 11 of the 12 months; "
        "the other month cannot be compared with that of a year earlier."
    )
