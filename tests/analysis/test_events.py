"""Estimates have a row for each stage, series and design."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dagster_project.analysis import events
from dagster_project.analysis.events import COLUMNS
from tests.analysis.test_estimates import BAN, held, rows


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
    assert found[0]["reason"] == "The estimate of the stage implemented 2017-03-06 uses the same figures and periods."


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


def test_an_effect_is_estimated_again_only_when_its_inputs_change(monkeypatch: pytest.MonkeyPatch) -> None:
    panels, asked = held(-0.3), [replace(BAN, scope=("goods", "HS8542"))]
    hashes = events.hash_inputs(panels, asked, "code")
    found = list(events.make_rows(panels, asked, asked, hashes))
    estimated = [row for row in found if row.get("input_hash") is not None]
    assert {row["series"] for row in estimated} == {"goods/M/KOR/export/CHN/TOTAL"}
    kept = {estimated[0]["input_hash"]: [[row.get(column) for column in COLUMNS] for row in estimated]}
    monkeypatch.setattr(events, "estimate_effect", None)
    again = list(events.make_rows(panels, asked, asked, hashes, kept))
    assert [[row.get(column) for column in COLUMNS] for row in again] == [
        [row.get(column) for column in COLUMNS] for row in found
    ]
    others = (
        events.hash_inputs(held(-0.2), asked, "code"),
        events.hash_inputs(panels, [replace(asked[0], precision="month")], "code"),
        events.hash_inputs(panels, asked, "other code"),
    )
    assert not {each for other in others for each in other.values()} & set(hashes.values())
    assert events.hash_inputs(held(-0.3), asked, "code") == hashes
