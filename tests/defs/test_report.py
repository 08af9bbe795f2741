"""The report is an asset after the publication; what cannot be drawn fails no run."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
import pytest

from dagster_project import publication, questions
from dagster_project.defs.common import PAGES_VARIABLE, REPORT, find_project, link_page, load_catalog
from dagster_project.defs.pictures import load_shown_marts
from dagster_project.defs.report import report
from dagster_project.defs.resources import Warehouse
from dagster_project.project import Project
from dagster_project.report import page as pages
from tests.report.reading import tree


def drawn(where: Project) -> tuple[dg.ExecuteInProcessResult, Sequence[dg.AssetMaterialization]]:
    done = dg.materialize([report], resources={"warehouse": Warehouse(warehouse=str(where.warehouse))})
    return done, done.asset_materializations_for_node("report")


@pytest.mark.long
def test_it_is_drawn_from_what_is_published(warehouse: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    # What a report says is tested without Dagster.
    text = warehouse.report.read_text("utf-8")
    monkeypatch.setattr(pages, "render_pair", lambda *_: text)
    warehouse.report.unlink()
    done, (made,) = drawn(warehouse)
    assert done.success
    assert made.asset_key == REPORT
    assert pages.is_report_of(warehouse.report, str(publication.get_current_id(warehouse)), ("KOR", "CHN"))
    assert made.metadata["bytes"].value == warehouse.report.stat().st_size


@pytest.mark.long
def test_what_cannot_be_drawn_fails_no_run(warehouse: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a chart of nothing")

    monkeypatch.setattr(pages, "render_pair", fail)
    # One of this publication would not be drawn again.
    warehouse.report.write_text("Of another publication")
    before = warehouse.report.read_bytes()
    done, made = drawn(warehouse)
    assert done.success
    assert not made
    assert warehouse.report.read_bytes() == before


@pytest.mark.long
def test_files_that_were_left_out_fail_the_run_with_their_names(
    warehouse: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No question is at fault.
    monkeypatch.setattr(questions, "answer_questions", lambda *_: ([], []))
    (warehouse.claims / "mine.yml").touch()
    done = dg.materialize(
        [report], resources={"warehouse": Warehouse(warehouse=str(warehouse.warehouse))}, raise_on_error=False
    )
    # The report itself is of this publication.
    assert [made.asset_key for made in done.asset_materializations_for_node("report")] == [REPORT]
    assert not done.success
    (failure,) = [event for event in done.all_events if event.event_type == dg.DagsterEventType.STEP_FAILURE]
    assert "claims/mine.yml: expected the fields of an article" in str(failure.step_failure_data.error)


@pytest.mark.long
def test_marts_lead_to_their_place_in_it(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(built.report.read_text(encoding="utf-8"))
    places = {name: mart.report for name, mart in load_shown_marts().items() if mart.report}
    assert set(places) <= set(load_catalog().models)
    assert set(places.values()) <= set(root.xpath("//h2/@id"))
    monkeypatch.setenv(PAGES_VARIABLE, "http://127.0.0.1:1")
    assert (
        link_page(find_project(), find_project().report, "balance").value
        == "http://127.0.0.1:1/report/index.html#balance"
    )
