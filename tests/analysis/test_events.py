"""Which stage is asked about which series, and each reason for which it is not answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from dagster_project.analysis import events
from dagster_project.analysis.effects import Method
from dagster_project.analysis.events import COLUMNS, Answer, Held, Key, Stage, ask, cut_of
from dagster_project.analysis.series import month_number

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
PARTNERS = ("CHN", "USA", "JPN", "DEU", "FRA", "GBR", "ITA", "CAN", "BRA", "IND")
FIRST, LAST = month_number(date(2011, 1, 1)), month_number(date(2020, 12, 1))


def held(
    effect: float = 0.0,
    *,
    until: int = LAST,
    since: int = FIRST,
    partners: tuple[str, ...] = PARTNERS,
    swing: float = 0.05,
) -> Held:
    """Korea's exports by month: the partners share one movement, and China's fall by `effect` from March 2017."""
    rng = np.random.default_rng(0)
    shared = np.cumsum(rng.normal(size=120)) * swing
    raw = {}
    for partner in partners:
        values = 20 + shared + 0.02 * rng.normal(size=120)
        if partner == "CHN":
            values[month_number(date(2017, 3, 1)) - FIRST :] += effect
        months = range(FIRST, LAST + 1)
        raw[replace(EXPORTS, partner=partner)] = {
            month: value for month, value in zip(months, values.tolist(), strict=True) if since <= month <= until
        }
    return Held(raw, adjusted=dict(raw))


def status(answer: Answer) -> str:
    return answer.refusal.status if answer.refusal else "estimated"


def asked(
    method: Method, series: Held, *, window: int = 12, stage: Stage = BAN, others: tuple[Stage, ...] = ()
) -> Answer:
    return ask(stage, EXPORTS, method, window, series, [stage, *others])


@pytest.mark.parametrize("method", ["difference_in_differences", "synthetic_control"])
def test_an_effect_is_found_against_the_others(method: Method) -> None:
    found = asked(method, held(-0.3)).estimate
    assert found is not None
    assert found.change == pytest.approx(-0.3, abs=0.03)
    assert found.high < 0
    assert found.rank == 1
    none = asked(method, held(0.0)).estimate
    assert none is not None
    assert none.low < 0 < none.high


def test_before_and_after_compares_the_same_months() -> None:
    series = held()
    months = series.raw[EXPORTS]
    start = BAN.start
    found = asked("before_after", series, window=6)
    assert found.estimate is not None
    expected = np.mean([months[start + month] - months[start + month - 12] for month in range(6)])
    assert found.estimate.change == pytest.approx(expected)


@pytest.mark.parametrize("method", events.METHODS)
def test_a_series_that_ends_in_the_window_is_refused(method: Method) -> None:
    answer = asked(method, held(until=BAN.start + 10))
    assert answer.refusal is not None
    assert answer.refusal.status == "series_ends"
    assert "Held from 2011-01 to 2018-01" in answer.refusal.reason
    assert status(asked(method, held(-0.3, until=BAN.start + 11))) == "estimated"


@pytest.mark.parametrize("method", events.METHODS)
def test_too_few_months_before_are_refused(method: Method) -> None:
    assert status(asked(method, held(since=BAN.start - 11))) == "too_few_before"


def test_a_series_of_which_no_month_is_adjusted_is_refused() -> None:
    found = held()
    found.adjusted[EXPORTS] = {}
    assert status(asked("difference_in_differences", found)) == "too_few_before"
    assert status(asked("before_after", found)) == "estimated"


def test_a_synthetic_control_needs_two_years_before() -> None:
    assert status(asked("synthetic_control", held(since=BAN.start - 23))) == "too_few_before"
    assert status(asked("synthetic_control", held(-0.3, since=BAN.start - 24))) == "estimated"


@pytest.mark.parametrize("method", events.METHODS)
def test_a_gap_in_the_window_is_refused(method: Method) -> None:
    series = held()
    series.raw[EXPORTS] = {month: value for month, value in series.raw[EXPORTS].items() if month != BAN.start + 3}
    series.adjusted = dict(series.raw)
    answer = asked(method, series)
    assert answer.refusal is not None
    assert (answer.refusal.status, answer.refusal.reason) == ("gap", "2017-06 is missing.")


def test_too_few_others_are_refused_and_the_sides_are_never_among_them() -> None:
    few = held(partners=("CHN", "USA", "JPN"))
    assert status(asked("difference_in_differences", few)) == "too_few_donors"
    four = held(partners=("CHN", "USA", "JPN", "DEU", "FRA"))
    assert status(asked("synthetic_control", four)) == "estimated"
    with_usa = replace(BAN, implementing=frozenset({"CHN", "USA"}))
    assert status(asked("synthetic_control", four, stage=with_usa)) == "too_few_donors"
    assert "USA" not in asked("synthetic_control", held(), stage=with_usa).donors
    everyone = replace(BAN, affected=frozenset({"KOR", "WLD"}))
    answer = asked("difference_in_differences", held(), stage=everyone)
    assert status(answer) == "too_few_donors"


def test_a_partner_that_another_measure_hits_in_the_window_is_no_donor() -> None:
    control = replace(BAN, event_id="E2", day=date(2017, 6, 1), implementing=frozenset({"JPN"}))
    donors = asked("difference_in_differences", held(), others=(control,)).donors
    assert "JPN" not in donors
    assert len(donors) == 8
    later = replace(control, day=date(2019, 6, 1))
    assert "JPN" in asked("difference_in_differences", held(), others=(later,)).donors


def test_others_that_do_not_follow_the_series_are_no_control() -> None:
    series = held(swing=0.01)
    rng = np.random.default_rng(1)
    alone = dict(zip(range(FIRST, LAST + 1), (20 + 0.02 * rng.normal(size=120)).tolist(), strict=True))
    series.raw[EXPORTS] = series.adjusted[EXPORTS] = alone
    answer = asked("synthetic_control", series)
    assert answer.refusal is not None
    assert answer.refusal.status == "poor_fit"
    assert "no better than its own mean" in answer.refusal.reason
    wild = dict(zip(range(FIRST, LAST + 1), (20 + rng.normal(size=120)).tolist(), strict=True))
    series.raw[EXPORTS] = series.adjusted[EXPORTS] = wild
    answer = asked("synthetic_control", series)
    assert answer.refusal is not None
    assert "15% are allowed" in answer.refusal.reason


def surging(surge: float) -> Held:
    """Nothing happens to China; Japan, which alone swung as China did before, surges after the event by itself."""
    series = held(0.0)
    for partner in ("CHN", "JPN"):
        months = series.raw[replace(EXPORTS, partner=partner)]
        for month in months:
            before = month < BAN.start
            months[month] += 0.08 * np.sin(month / 3) if before else surge * (partner == "JPN")
    return series


def test_an_effect_that_one_donor_makes_is_none_and_names_it() -> None:
    """As gold made Korea's exports to India surge in 2017, and those to China look low beside them."""
    found = asked("synthetic_control", surging(0.4))
    assert status(found) == "unstable"
    assert found.refusal is not None
    assert "It hangs on JPN, which has " in found.refusal.reason
    assert found.estimate is not None
    assert found.estimate.change < -0.2
    jpn = found.without[found.donors.index("JPN")]
    assert abs(jpn.change) < 0.05
    (row,) = [
        row for row in rows(BAN, surging(0.4)) if (row["method"], row["window_months"]) == ("synthetic_control", 12)
    ]
    assert (row["status"], row["most_influential_donor_code"], row["leave_one_out_count"]) == ("unstable", "JPN", 9)
    assert row["reason"] == found.refusal.reason
    assert all(row[name] is None for name in ("estimate_pct", "ci_low_pct", "ci_high_pct", "placebo_rank"))
    assert row["estimate_without_it_pct"] == pytest.approx(100 * np.expm1(jpn.change), rel=1e-4)
    assert row["leave_one_out_low_pct"] < -20 < row["leave_one_out_high_pct"]


@pytest.mark.parametrize("method", ["difference_in_differences", "synthetic_control"])
def test_an_effect_that_each_donor_bears_out_is_estimated(method: Method) -> None:
    found = asked(method, held(-0.3))
    assert status(found) == "estimated"
    assert len(found.without) == len(found.donors) == 9
    assert all(other.high < 0 for other in found.without)
    (row,) = [row for row in rows(BAN, held(-0.3)) if (row["method"], row["window_months"]) == (method, 12)]
    assert row["status"] == "estimated"
    assert row["leave_one_out_low_pct"] <= row["estimate_without_it_pct"] <= row["leave_one_out_high_pct"] < 0
    assert row["leave_one_out_beyond_zero_count"] == row["leave_one_out_count"] == 9
    assert row["most_influential_donor_code"] in row["donors"]


def test_an_estimate_near_zero_whose_sign_one_donor_decides_is_none() -> None:
    first = asked("difference_in_differences", held(0.0)).estimate
    assert first is not None
    answer = asked("difference_in_differences", held(-first.change - 1e-4))
    assert status(answer) == "unstable"
    assert answer.refusal is not None
    assert "and then its sign is the other" in answer.refusal.reason


@pytest.mark.parametrize("method", events.METHODS)
def test_another_measure_of_the_same_side_in_the_window_is_named_and_refuses(method: Method) -> None:
    other = replace(BAN, event_id="E2", day=date(2017, 9, 1))
    answer = asked(method, held(), others=(other,))
    assert answer.refusal is not None
    assert answer.refusal.status == "overlaps"
    assert "E2 (implemented 2017-09-01)" in answer.refusal.reason
    assert status(asked(method, held(-0.3), others=(other,), window=6)) == "estimated"


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
    answer = asked("difference_in_differences", held(), others=(other,))
    assert status(answer) == "estimated"
    assert answer.others == ("E2",)


def test_a_measure_that_cannot_move_the_series_is_not_even_named() -> None:
    travel = replace(BAN, event_id="E2", day=date(2017, 9, 1), scope=("EBOPS:SD",))
    chips = replace(travel, scope=("HS8542",))
    outward = replace(travel, scope=("goods",), event_class="export_control")
    answer = asked("difference_in_differences", held(), others=(travel, chips, outward))
    assert status(answer) == "estimated"
    assert answer.others == ()


def test_the_lifting_of_a_measure_is_not_compared_with_the_time_before_it() -> None:
    lifted = replace(BAN, stage="removed", day=date(2017, 9, 1), evaluation="green")
    assert status(ask(lifted, EXPORTS, "before_after", 12, held(), [BAN, lifted])) == "overlaps"
    # That it was lifted later is part of what the measure was.
    assert status(ask(BAN, EXPORTS, "before_after", 12, held(), [BAN, lifted])) == "estimated"


def test_a_measure_moves_what_it_is_directed_at() -> None:
    assert BAN.moves("KOR", "CHN")
    assert not BAN.moves("CHN", "KOR")
    control = replace(BAN, event_class="export_control")
    assert control.moves("CHN", "KOR")
    assert not control.moves("KOR", "CHN")
    agreement = replace(BAN, event_class="trade_agreement")
    assert agreement.moves("CHN", "KOR")
    assert agreement.moves("KOR", "CHN")
    # A third side's controls bind the trade of those whom they hit.
    reaching = replace(control, implementing=frozenset({"USA"}), affected=frozenset({"CHN", "KOR"}))
    assert reaching.routes() == [("CHN", "KOR"), ("KOR", "CHN"), ("USA", "CHN"), ("USA", "KOR")]


def test_a_scope_covers_what_it_names() -> None:
    def covers(scope: str, domain: str, product: str) -> bool:
        return replace(BAN, scope=(scope,)).covers(domain, product)

    assert covers("all", "services", "SD")
    assert covers("goods", "goods", "HS8542")
    assert covers("HS85", "goods", "HS8542")
    assert not covers("HS8542", "goods", "TOTAL")
    assert not covers("goods", "services", "S")
    assert covers("EBOPS:SD", "services", "SD")
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
    assert (cut_of(stage, "M"), cut_of(stage, "A")) == (month_number(month), year)
    assert cut_of(replace(stage, precision="month"), "M") == month_number(day)


def rows(stage: Stage, series: Held) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in events.rows(series, [stage])]


def test_every_question_has_a_row() -> None:
    found = rows(replace(BAN, scope=("goods", "HS8542", "finance")), held(-0.3))
    assert [(row["series"], row["method"], row["window_months"], row["status"]) for row in found] == [
        ("scope/finance", "none", 0, "scope_not_measurable"),
        ("goods/KOR/CHN/HS8542", "none", 0, "no_series"),
        *[
            ("goods/M/KOR/export/CHN/TOTAL", method, window, "estimated")
            for method in events.METHODS
            for window in (6, 12)
        ],
    ]
    for row in found:
        assert (row["reason"] is None) == (row["status"] == "estimated")
        if row["status"] == "estimated":
            assert row["ci_low_pct"] < row["estimate_pct"] < row["ci_high_pct"]
            assert row["effect_from"] == date(2017, 3, 1)


def test_a_series_that_does_not_reach_a_stage_has_one_row() -> None:
    assert [row["status"] for row in rows(BAN, held(until=BAN.start - 1))] == ["series_ends"]
    assert [row["status"] for row in rows(BAN, held(since=BAN.start))] == ["too_few_before"]
    vague = replace(BAN, precision="year")
    assert [row["status"] for row in rows(vague, held())] == ["date_too_vague"]


def test_an_event_that_touches_everyone_stands_out_nowhere() -> None:
    (row,) = rows(replace(BAN, affected=frozenset({"WLD"})), held())
    assert (row["status"], row["method"]) == ("no_series", "none")


def yearly(item: str, figures: dict[str, list[float]]) -> Held:
    return Held(
        {
            Key("services", "A", "CHN", partner, "import", item): {
                2008 + year: np.log(value) for year, value in enumerate(values)
            }
            for partner, values in figures.items()
        }
    )


def test_a_fall_of_travel_is_what_the_publisher_prints() -> None:
    """China's imports of travel from Korea, balanced: US$8,173m in 2016, 5,577m in 2017 (OECD and WTO, BaTIS)."""
    series = yearly("SD", {"KOR": [875, 941, 1252, 1653, 2241, 3553, 6609, 7153, 8173, 5577]})
    stage = replace(BAN, scope=("EBOPS:SD",))
    key = Key("services", "A", "CHN", "KOR", "import", "SD")
    found = ask(stage, key, "before_after", 12, series, [stage]).estimate
    assert found is not None
    assert 100 * np.expm1(found.change) == pytest.approx(-31.8, abs=0.05)
    # Years have grown by half before: one such fall is within what such a series does.
    assert found.low < found.change < found.high
    assert status(ask(stage, key, "before_after", 36, series, [stage])) == "series_ends"


def test_few_years_do_not_tell_what_is_usual() -> None:
    series = yearly("SD", {"KOR": [3553, 6609, 7153, 8173, 5577]})
    stage = replace(BAN, day=date(2012, 3, 1), scope=("EBOPS:SD",))
    key = Key("services", "A", "CHN", "KOR", "import", "SD")
    assert status(ask(stage, key, "before_after", 12, series, [stage])) == "too_few_before"


AGREEMENT = replace(
    BAN,
    event_id="DESTA1",
    stage="in_force",
    event_class="trade_agreement",
    evaluation="green",
    implementing=frozenset({"KOR"}),
    affected=frozenset({"CHN"}),
)


def agreed(found: Held, *agreements: Stage, stages: tuple[Stage, ...] = ()) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in events.agreed(found, agreements, stages)]


def test_an_agreement_is_asked_beside_others_over_a_year() -> None:
    rows = [row for row in agreed(held(0.3), AGREEMENT) if row["flow"] == "export"]
    assert {(row["method"], row["window_months"]) for row in rows} == {
        ("difference_in_differences", 12),
        ("synthetic_control", 12),
    }
    (found,) = [row for row in rows if row["method"] == "difference_in_differences"]
    assert found["status"] == "estimated"
    assert found["estimate_pct"] == pytest.approx(100 * (np.exp(0.3) - 1), abs=4)


def test_a_partner_with_an_agreement_of_its_own_is_nothing_to_compare_with() -> None:
    other = replace(AGREEMENT, event_id="DESTA2", affected=frozenset({"USA"}), day=date(2017, 6, 1))
    rows = [row for row in agreed(held(0.3), AGREEMENT, other) if row["event_id"] == "DESTA1" and row["donors"]]
    assert rows
    assert all("USA" not in row["donors"] for row in rows)
    assert any("USA" in row["donors"] for row in agreed(held(0.3), AGREEMENT) if row["donors"])


def test_of_an_agreement_whose_day_is_not_known_nothing_is_estimated() -> None:
    rows = [row for row in agreed(held(0.3), replace(AGREEMENT, precision="year")) if row["flow"] == "export"]
    assert [(row["status"], row["method"], row["estimate_pct"]) for row in rows] == [("date_too_vague", "none", None)]
