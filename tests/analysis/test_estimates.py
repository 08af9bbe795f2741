"""The series that a stage is estimated on, their donors, and each reason to reject an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dagster_project.analysis import events
from dagster_project.analysis.estimates import PRIMARY, Estimate, Sample, estimate_effect, prepare_sample
from dagster_project.analysis.panels import Panels
from dagster_project.analysis.periods import get_month_ordinal
from dagster_project.analysis.stages import Key, Stage

BAN = Stage(
    event_id="E1",
    stage="implemented",
    day=date(2017, 3, 6),
    precision="day",
    event_class="informal_restriction",
    evaluation="red",
    implementing=frozenset({"CHN"}),
    affected=frozenset({"KOR"}),
    scope=("goods",),
)
EXPORTS = Key("goods", "M", "KOR", "CHN", "export", "TOTAL")
PARTNERS = ("CHN", "USA", "JPN", "DEU", "FRA", "GBR", "ITA", "CAN", "BRA", "IND", "ESP")
FIRST, LAST = get_month_ordinal(date(2011, 1, 1)), get_month_ordinal(date(2020, 12, 1))
MONTHS = pd.period_range("2011-01", "2020-12", freq="M")


def described(exports: Mapping[str, str] | None = None) -> dict[str, tuple[str, str]]:
    """Describe economies that export manufactures, except for those in `exports`."""
    return {partner: ((exports or {}).get(partner, "manufactures"), "east_asia") for partner in PARTNERS}


def held(
    effect: float = 0.0,
    *stages: Stage,
    until: int = LAST,
    since: int = FIRST,
    noise: float = 0.02,
    lacking: tuple[int, ...] = (),
    exports: Mapping[str, str] | None = None,
) -> Panels:
    """Make Korea's exports by month: all partners share one movement; China's fall by `effect` from March 2017."""
    rng = np.random.default_rng(0)
    shared = np.cumsum(rng.normal(size=120)) * 0.05
    series = {}
    for partner in PARTNERS:
        values = 20 + shared + noise * rng.normal(size=120)
        if partner == "CHN":
            values[BAN.start - FIRST :] += effect
        whole = pd.Series(values, index=MONTHS)[since - FIRST : until - FIRST + 1]
        gone = [MONTHS[month - FIRST] for month in lacking] if partner == "CHN" else []
        series[replace(EXPORTS, partner=partner)] = whole.drop(gone)
    return Panels(series, described(exports), [BAN, *stages])


def asked(panels: Panels, *others: Stage, stage: Stage = BAN) -> Estimate:
    return estimate_effect(stage, EXPORTS, panels, [stage, *others])


def test_an_effect_is_found_against_those_like_it() -> None:
    answer = asked(held(-0.3))
    assert answer.status == "estimated"
    assert answer.finding is not None
    assert answer.finding.test.change == pytest.approx(-0.3, abs=0.03)
    assert (answer.finding.test.rank, answer.finding.test.conclusion) == (1, "fall")
    assert len(answer.donors) == len(answer.finding.without) == 10
    assert all(other.conclusion == "fall" for other in answer.finding.without.values())


def test_where_nothing_happens_nothing_is_significant() -> None:
    answer = asked(held(0.0))
    assert answer.finding is not None
    assert answer.finding.test.conclusion == "none"


def test_the_other_designs_stand_beside() -> None:
    """Three windows against three bases and two weighted estimators, and each donor left out."""
    others = asked(held(-0.3)).others
    assert {one.left_out for one in others} == {None, *PARTNERS[1:]}
    tried = {(one.design.method, one.design.window, one.design.base) for one in others if one.left_out is None}
    bases = {(method, window, 60) for method in ("synthetic_control", "synthetic_did") for window in (6, 12, 24)}
    means = {("difference_in_differences", window, base) for window in (6, 12, 24) for base in (12, 24, 36)}
    assert tried == bases | means - {("difference_in_differences", 12, 12)}
    assert all(one.change == pytest.approx(-0.3, abs=0.05) for one in others)


def test_donors_are_alike_and_never_a_side() -> None:
    """An exporter of oil is no donor for a maker of machines; it may be a placebo, compared with all others."""
    panels = held(-0.3, exports={"CAN": "fuels", "BRA": "materials"})
    assert asked(panels).donors == tuple(
        partner for partner in asked(held(-0.3)).donors if partner not in ("CAN", "BRA")
    )
    finding = asked(panels).finding
    assert finding is not None
    assert finding.test.placebos == 10
    with_usa = replace(BAN, implementing=frozenset({"CHN", "USA"}))
    assert "USA" not in asked(held(), stage=with_usa).donors


def test_too_few_alike_are_refused() -> None:
    others = dict.fromkeys(PARTNERS[4:], "fuels")
    answer = asked(held(-0.3, exports=others))
    assert answer.refusal is not None
    assert answer.refusal.status == "too_few_donors"
    assert "Only 3 of the partners of KOR can be compared with CHN" in answer.refusal.reason
    del others["FRA"]
    assert asked(held(-0.3, exports=others)).status == "estimated"
    everyone = replace(BAN, affected=frozenset({"KOR", "WLD"}))
    answer = asked(held(), stage=everyone)
    assert answer.refusal is not None
    assert answer.refusal.reason.startswith("None of the partners of KOR can be compared with CHN")


def test_a_partner_that_another_measure_hits_in_the_window_is_no_donor() -> None:
    control = replace(BAN, event_id="E2", day=date(2017, 6, 1), implementing=frozenset({"JPN"}))
    donors = asked(held(-0.3, control), control).donors
    assert "JPN" not in donors
    assert len(donors) == 9
    later = replace(control, day=date(2019, 6, 1))
    assert "JPN" in asked(held(-0.3, later), later).donors


def test_a_series_that_ends_in_the_window_is_refused_unless_ten_months_are_held() -> None:
    answer = asked(held(-0.3, until=BAN.start + 8))
    assert answer.refusal is not None
    assert answer.refusal.status == "series_ends"
    assert "Figures are available from 2011-01 to 2017-11, but needed from 2016-03 to 2018-02." in answer.refusal.reason
    answer = asked(held(-0.3, until=BAN.start + 9))
    assert answer.status == "estimated"
    assert answer.note == (
        "The estimate covers 10 of the 12 months; the other months cannot be compared with those of a year earlier."
    )
    assert asked(held(-0.3)).note is None


def test_too_little_before_is_refused() -> None:
    assert asked(held(since=BAN.start - 9)).status == "too_few_before"
    short = asked(held(since=BAN.start - 44))
    assert short.refusal is not None
    assert short.refusal.reason.startswith("The figures of CHN have fewer than 24 earlier periods")
    assert asked(held(-0.3, since=BAN.start - 48)).status == "estimated"


def test_a_gap_in_the_window_is_refused() -> None:
    assert asked(held(lacking=(BAN.start + 3, BAN.start + 5, BAN.start + 7))).status == "gap"
    assert asked(held(-0.3, lacking=(BAN.start + 3, BAN.start + 5))).status == "estimated"


def test_others_that_do_not_follow_the_series_are_refused() -> None:
    answer = asked(held(-0.3, noise=2.0))
    assert answer.refusal is not None
    assert answer.refusal.status == "poor_fit"
    assert "the limit is 25%" in answer.refusal.reason


def test_a_series_that_left_the_others_before_is_refused() -> None:
    panels = held(-0.3)
    panels.series[EXPORTS] = panels.series[EXPORTS] - 0.3 * (pd.Period("2016-03", "M") <= MONTHS)
    answer = asked(panels)
    assert answer.refusal is not None
    assert answer.refusal.status == "poor_fit"
    assert "Trade had departed from the expected level before the event: by -2" in answer.refusal.reason


def surging(surge: float) -> Panels:
    """Make panels in which exports to China gain a little, and one donor of four surges by itself after the event."""
    panels = held(0.03, exports=dict.fromkeys(PARTNERS[5:], "fuels"))
    key = replace(EXPORTS, partner="JPN")
    panels.series[key] = panels.series[key] + surge * (BAN.start - FIRST <= np.arange(120))
    return panels


def test_an_effect_that_one_donor_makes_is_none_and_names_it() -> None:
    """As gold made Korea's exports to India surge in 2017, and those to China look low beside them."""
    panels = surging(0.6)
    answer = asked(panels)
    assert answer.refusal is not None
    assert answer.refusal.status == "unstable"
    assert answer.refusal.reason.startswith("The estimate depends on JPN, one of the 4 economies in the comparison: -")
    (row,) = [row for row in rows(BAN, panels) if row["is_primary"] and row["partner_code"] == "CHN"]
    assert (row["status"], row["most_influential_donor_code"]) == ("unstable", "JPN")
    assert row["reason"] == answer.refusal.reason
    assert all(row.get(name) is None for name in ("estimate_pct", "ci_low_pct", "placebo_rank", "q_value"))
    assert row["leave_one_out_low_pct"] < -10 < row["leave_one_out_high_pct"] == row["estimate_without_it_pct"]


def test_an_estimate_near_zero_whose_sign_one_donor_decides_is_none() -> None:
    first = asked(held(0.0)).finding
    assert first is not None
    answer = asked(held(-first.test.change - 1e-4))
    assert answer.refusal is not None
    assert answer.refusal.status == "unstable"
    assert "(the opposite sign)" in answer.refusal.reason
    (row,) = [row for row in rows(BAN, held(-first.test.change - 1e-4)) if row["is_primary"]]
    # Whatever its sign, nobody tells it from zero, though a fall by 20% would have been found.
    assert row["power_of_20_pct"] > 80
    assert row["conclusion"] == "none"


def test_another_measure_of_the_same_side_in_the_window_is_named_and_refuses() -> None:
    other = replace(BAN, event_id="E2", day=date(2017, 9, 1))
    answer = asked(held(-0.3, other), other)
    assert answer.refusal is not None
    assert answer.refusal.status == "overlaps"
    assert "E2 (implemented 2017-09-01)" in answer.refusal.reason


@pytest.mark.parametrize(
    "change",
    [
        {"stage": "announced"},
        {"event_class": "diplomatic"},
        # The other side's answer, and a measure that both sides know.
        {"implementing": frozenset({"KOR"}), "affected": frozenset({"CHN"}), "event_class": "security_shock"},
    ],
)
def test_talk_and_the_other_side_are_named_and_do_not_refuse(change: dict[str, Any]) -> None:
    other = replace(replace(BAN, event_id="E2", day=date(2017, 9, 1)), **change)
    answer = asked(held(-0.3, other), other)
    assert answer.status == "estimated"
    assert answer.events == ("E2",)


def test_a_measure_that_cannot_move_the_series_is_not_even_named() -> None:
    travel = replace(BAN, event_id="E2", day=date(2017, 9, 1), scope=("EBOPS:SD",))
    chips = replace(travel, scope=("HS8542",))
    outward = replace(travel, scope=("goods",), event_class="export_control")
    answer = asked(held(-0.3), travel, chips, outward)
    assert (answer.status, answer.events) == ("estimated", ())


def test_the_lifting_of_a_measure_is_not_compared_with_the_time_before_it() -> None:
    lifted = replace(BAN, stage="removed", day=date(2017, 9, 1), evaluation="green")
    assert asked(held(), BAN, stage=lifted).status == "overlaps"
    # That it was lifted later is part of what the measure was.
    assert asked(held(-0.3), lifted).status == "estimated"


def rows(stage: Stage, panels: Panels, *more: Stage) -> list[dict[str, Any]]:
    return list(events.make_rows(panels, [stage, *more], [stage, *more]))


def test_years_are_three_against_three() -> None:
    rng = np.random.default_rng(1)
    index = pd.period_range("1990", "2020", freq="Y")
    shared = np.cumsum(rng.normal(size=31)) * 0.1
    series = {}
    for partner in PARTNERS:
        values = 20 + shared + 0.03 * rng.normal(size=31)
        if partner == "CHN":
            values[27:] -= 0.4
        series[replace(EXPORTS, frequency="A", partner=partner)] = pd.Series(values, index=index)
    panels = Panels(series, described(), [BAN])
    key = replace(EXPORTS, frequency="A")
    answer = estimate_effect(BAN, key, panels, [BAN])
    assert answer.status == "estimated"
    assert answer.finding is not None
    own = panels.series[key].to_numpy()
    others = np.mean([panels.series[replace(key, partner=partner)].to_numpy() for partner in PARTNERS[1:]], axis=0)
    gap = own - others
    assert answer.finding.test.change == pytest.approx(gap[27:30].mean() - gap[24:27].mean())
    assert PRIMARY["A"].window == PRIMARY["A"].base == 3


def test_a_question_can_be_tried_with_an_effect_that_is_planted() -> None:
    question = prepare_sample(BAN, EXPORTS, held(0.0))
    assert isinstance(question, Sample)
    nothing, planted = question.find_effect(), question.find_effect(-0.3)
    assert nothing is not None
    assert planted is not None
    assert planted.test.change == pytest.approx(nothing.test.change - 0.3)
