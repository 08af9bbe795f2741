"""Which stage is asked about which series, beside whom, and each reason for which it is not answered."""

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
from dagster_project.analysis.events import COLUMNS
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
    """All of them export manufactures, but those that are named."""
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
    """Korea's exports by month: the partners share one movement, and China's fall by `effect` from March 2017."""
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


def test_travellers_are_alike_by_where_they_come_from() -> None:
    panels = Panels(
        {}, {"KEN": ("materials", "africa"), "USA": ("manufactures", "americas"), "FRA": ("fuels", "europe")}, []
    )
    assert panels.get_likeness("arrivals", "KEN") == panels.get_likeness("arrivals", "USA") == "overseas"
    assert panels.get_likeness("arrivals", "FRA") == "europe"
    assert panels.get_likeness("goods", "KEN") == "materials"
    assert panels.get_likeness("goods", "XXX") is None


def test_too_few_alike_are_refused() -> None:
    others = dict.fromkeys(PARTNERS[4:], "fuels")
    answer = asked(held(-0.3, exports=others))
    assert answer.refusal is not None
    assert answer.refusal.status == "too_few_donors"
    assert "3 partners of KOR are like CHN" in answer.refusal.reason
    del others["FRA"]
    assert asked(held(-0.3, exports=others)).status == "estimated"
    everyone = replace(BAN, affected=frozenset({"KOR", "WLD"}))
    answer = asked(held(), stage=everyone)
    assert answer.refusal is not None
    assert "the event affects all" in answer.refusal.reason


def test_a_partner_that_another_measure_hits_in_the_window_is_no_donor() -> None:
    control = replace(BAN, event_id="E2", day=date(2017, 6, 1), implementing=frozenset({"JPN"}))
    donors = asked(held(-0.3, control), control).donors
    assert "JPN" not in donors
    assert len(donors) == 9
    later = replace(control, day=date(2019, 6, 1))
    assert "JPN" in asked(held(-0.3, later), later).donors


def test_windows_with_another_measure_do_not_tell_what_is_usual() -> None:
    earlier = replace(BAN, event_id="E2", day=date(2014, 6, 1))
    finding = asked(held(-0.3, earlier), earlier).finding
    alone = asked(held(-0.3)).finding
    assert finding is not None
    assert alone is not None
    # Twelve months before it to eleven months after it begin a window that it falls into.
    assert alone.earlier - finding.earlier == 23


def test_a_series_that_ends_in_the_window_is_refused_unless_ten_months_are_held() -> None:
    answer = asked(held(-0.3, until=BAN.start + 8))
    assert answer.refusal is not None
    assert answer.refusal.status == "series_ends"
    assert "Available from 2011-01 to 2017-11; needed from 2016-03 to 2018-02." in answer.refusal.reason
    answer = asked(held(-0.3, until=BAN.start + 9))
    assert answer.status == "estimated"
    assert answer.note == "The estimate rests on 10 of the 12 months; the others cannot be compared with a year before."
    assert asked(held(-0.3)).note is None


def test_too_little_before_is_refused() -> None:
    assert asked(held(since=BAN.start - 9)).status == "too_few_before"
    short = asked(held(since=BAN.start - 44))
    assert short.refusal is not None
    assert short.refusal.reason.startswith("Fewer than 24 earlier windows")
    assert asked(held(-0.3, since=BAN.start - 48)).status == "estimated"


def test_a_gap_in_the_window_is_refused() -> None:
    assert asked(held(lacking=(BAN.start + 3, BAN.start + 5, BAN.start + 7))).status == "gap"
    assert asked(held(-0.3, lacking=(BAN.start + 3, BAN.start + 5))).status == "estimated"


def test_a_month_that_most_partners_lack_is_left_out_for_all() -> None:
    """As April 2017 of Korea, which the IMF has wrong with every partner; China alone has another source."""
    panels = held(-0.3)
    bad = MONTHS[BAN.start + 1 - FIRST]
    for key, series in panels.series.items():
        panels.series[key] = series + 5 * (series.index == bad) if key.partner == "CHN" else series.drop([bad])
    answer = asked(panels)
    assert answer.finding is not None
    assert answer.finding.test.change == pytest.approx(-0.3, abs=0.03)
    assert answer.note == "The estimate rests on 11 of the 12 months; the others cannot be compared with a year before."


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
    assert "It departed from the donors before the event: by -2" in answer.refusal.reason


def surging(surge: float) -> Panels:
    """China gains a little, and one donor of four surges after the event by itself."""
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
    assert answer.refusal.reason.startswith("It depends on the donor JPN: -")
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
    assert "without this one, which has the opposite sign" in answer.refusal.reason
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


def test_a_measure_moves_what_it_is_directed_at() -> None:
    assert BAN.can_move("KOR", "CHN")
    assert not BAN.can_move("CHN", "KOR")
    control = replace(BAN, event_class="export_control")
    assert control.can_move("CHN", "KOR")
    assert not control.can_move("KOR", "CHN")
    agreement = replace(BAN, event_class="trade_agreement")
    assert agreement.can_move("CHN", "KOR")
    assert agreement.can_move("KOR", "CHN")
    # A third side's controls bind the trade of those whom they hit.
    reaching = replace(control, implementing=frozenset({"USA"}), affected=frozenset({"CHN", "KOR"}))
    assert reaching.list_routes() == [("CHN", "KOR"), ("KOR", "CHN"), ("USA", "CHN"), ("USA", "KOR")]


def test_a_scope_covers_what_it_names() -> None:
    def covers(scope: str, domain: str, product: str) -> bool:
        return replace(BAN, scope=(scope,)).covers_series(domain, product)

    assert covers("all", "services", "SD")
    assert covers("goods", "goods", "HS8542")
    assert covers("HS85", "goods", "HS8542")
    assert not covers("HS8542", "goods", "TOTAL")
    assert not covers("goods", "services", "S")
    assert covers("EBOPS:SD", "services", "SD")
    assert covers("EBOPS:SD", "arrivals", "SD")
    assert not covers("services", "arrivals", "SD")
    assert not covers("EBOPS:SD", "services", "S")


@pytest.mark.parametrize(
    ("day", "month", "year"),
    [
        (date(2016, 7, 8), date(2016, 7, 1), 2017),
        (date(2017, 3, 15), date(2017, 3, 1), 2017),
        (date(2015, 12, 20), date(2016, 1, 1), 2016),
        (date(2017, 6, 20), date(2017, 7, 1), 2018),
    ],
)
def test_a_stage_counts_from_the_nearest_month_and_the_nearest_year(day: date, month: date, year: int) -> None:
    stage = replace(BAN, day=day)
    assert (stage.get_first_period("M"), stage.get_first_period("A")) == (get_month_ordinal(month), year - 1970)
    assert replace(stage, precision="month").get_first_period("M") == get_month_ordinal(day)


def test_travellers_are_what_the_seller_of_travel_sells() -> None:
    """China's ban on tours to Korea moves those who come to Korea; of those who come to China nothing."""
    ban = replace(BAN, scope=("EBOPS:SD",))
    found = {key.name for _, keys in ban.list_series() for key in keys}
    assert "arrivals/M/KOR/export/CHN/SD" in found
    assert not any(name.startswith("arrivals/M/CHN") for name in found)


def rows(stage: Stage, panels: Panels, *more: Stage) -> list[dict[str, Any]]:
    return list(events.make_rows(panels, [stage, *more], [stage, *more]))


def test_every_question_has_a_row_and_every_design_too() -> None:
    found = rows(replace(BAN, scope=("goods", "HS8542", "finance")), held(-0.3))
    primary = [row for row in found if row["is_primary"]]
    assert [(row["series"], row["method"], row["window_months"], row["status"]) for row in primary] == [
        ("scope/finance", "none", 0, "scope_not_measurable"),
        ("goods/KOR/CHN/HS8542", "none", 0, "no_series"),
        ("goods/M/KOR/export/CHN/TOTAL", "difference_in_differences", 12, "estimated"),
    ]
    last = primary[-1]
    assert last["ci_low_pct"] < last["estimate_pct"] < last["ci_high_pct"] < 0
    assert last["effect_from"] == date(2017, 3, 1)
    assert last["design_count"] == len(found) - len(primary)
    others = [row["estimate_pct"] for row in found if not row["is_primary"]]
    assert (last["designs_low_pct"], last["designs_high_pct"]) == (min(others), max(others))
    assert set().union(*found) <= set(COLUMNS)
    assert last["own_change_pct"] == pytest.approx(
        100 * ((1 + last["estimate_pct"] / 100) * (1 + last["donor_change_pct"] / 100) - 1), rel=1e-3
    )


def test_two_stages_of_one_event_with_the_same_periods_are_asked_once_and_the_one_in_effect() -> None:
    told = replace(BAN, stage="announced", day=date(2017, 3, 2))
    found = [row for row in rows(told, held(-0.3), BAN) if row["is_primary"]]
    assert [(row["stage"], row["status"]) for row in found] == [("announced", "repeats"), ("implemented", "estimated")]
    assert (
        found[0]["reason"] == "Same series and periods as for the stage implemented 2017-03-06, which has the estimate."
    )


def test_what_two_events_ask_is_corrected_once_with_the_larger_p_value() -> None:
    """By hand: 0.05 x 3 / 1 of three hypotheses; with too few placebos there is no test."""

    def told(series: str, rank: int, placebos: int, conclusion: str) -> dict[str, Any]:
        return {
            "status": "estimated",
            "series": series,
            "effect_from": date(2017, 3, 1),
            "placebo_p_value": rank / (placebos + 1),
            "conclusion": conclusion,
        }

    found = [
        told("a", 1, 49, "fall"),
        told("a", 1, 19, "fall"),
        told("b", 10, 49, "none"),
        told("b", 6, 14, "uninformative"),
        told("c", 10, 19, "none"),
        told("d", 1, 6, "untestable"),
        {"status": None, "series": "a", "conclusion": "fall"},
        {"status": "unstable", "series": "e", "conclusion": "none"},
    ]
    events.set_q_values(found)
    assert [row.get("q_value") for row in found[:5]] == [0.15, 0.15, 0.5, 0.5, 0.5]
    assert [row.get("hypothesis_count") for row in found] == [3] * 5 + [None] * 3


def test_what_cannot_be_asked_has_one_row() -> None:
    assert [row["status"] for row in rows(BAN, held(until=BAN.start - 1))] == ["series_ends"]
    assert [row["status"] for row in rows(BAN, held(since=BAN.start))] == ["too_few_before"]
    assert [row["status"] for row in rows(replace(BAN, precision="year"), held())] == ["date_too_vague"]
    (row,) = rows(replace(BAN, affected=frozenset({"WLD"})), held())
    assert (row["status"], row["method"]) == ("no_series", "none")


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
