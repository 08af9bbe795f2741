"""Events in the report are what the analysis says."""

from __future__ import annotations

import math

import duckdb
import pytest

from dagster_project.project import Project
from dagster_project.report import events
from dagster_project.report.pair import Pair


@pytest.mark.long
def test_what_an_event_did_is_what_the_analysis_says(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    pair = Pair(built, published, "KOR", "CHN")
    headlines = list(events.choose_restrictions(pair))
    assert [(row["event_id"], row["domain"]) for row in headlines] == [("E009", "arrivals"), ("E007", "goods")]
    for case in events.run_cases(pair, headlines):
        effect = case.effect
        both = [row for row in case.months if row["value"] is not None and row["counterfactual"] is not None]
        gap = sum(math.log(row["value"] / row["counterfactual"]) for row in both) / len(both)
        assert gap == pytest.approx(math.log1p(effect["estimate_pct"] / 100), abs=0.03)
        assert len(case.placebos) == effect["placebo_count"]
        assert 1 + sum(abs(one) >= abs(case.own) for one in case.placebos) == effect["placebo_rank"]
        told = case.critical is not None and abs(case.own) > case.critical
        assert told == (effect["conclusion"] in {"fall", "rise"})


@pytest.mark.long
def test_where_files_are_only_read_events_are_told_without_charts(
    built: Project, published: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reads a published file needs no pandas."""

    def missing(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'pandas'", name="pandas")

    monkeypatch.setattr(events, "run_cases", missing)
    section = events.write_events(Pair(built, published, "KOR", "CHN"))
    assert section is not None
    assert section.notes[1:] == ["No charts: pandas is not installed where this page was made."]
    assert section.pictures == []
    assert "statistically significant" in section.findings[0].sentence
