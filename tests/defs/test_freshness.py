"""Dagster warns of a dataset that lacks a period which its publisher has released."""

from __future__ import annotations

import dagster as dg
import pytest

from dagster_project.defs.freshness import NAME, freshness
from dagster_project.defs.publication import describe_changes
from dagster_project.defs.resources import Warehouse
from dagster_project.project import Project
from dagster_project.sources import is_live, list_datasets


def test_what_is_late_is_a_warning_that_says_whose_fault_it_is(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BILATERAL_KCS_KEY", raising=False)
    job = dg.define_asset_job("look", selection=dg.AssetSelection.checks(freshness))
    defs = dg.Definitions(
        asset_checks=[freshness], jobs=[job], resources={"warehouse": Warehouse(warehouse=str(built.warehouse))}
    )
    done = defs.resolve_job_def("look").execute_in_process()
    # A warning fails no run.
    assert done.success
    found = {one.asset_key.path[-1]: one for one in done.get_asset_check_evaluations()}
    assert set(found) == {one.table for one in list_datasets() if is_live(one.path)}
    assert {one.check_name for one in found.values()} == {NAME}
    late = found["kcs__goods_monthly"]
    assert (late.passed, late.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert {name: value.value for name, value in late.metadata.items()} == {
        "freshness": "late: key missing",
        "last_result": "never asked",
        "newest_period": "2026-07",
        "next_period": "2026-08",
        "due_on": "2026-09-15",
        "late_from": "2026-09-29",
    }
    # Nothing is held against a publisher that was never asked, or that is turned off.
    assert found["oecd_wto__batis"].passed
    assert found["imf__imts"].passed


def test_the_publication_shows_what_it_changed(built: Project) -> None:
    told = describe_changes(built)
    # The first publication has nothing to compare with, and says so of each table.
    assert told["figures_changed"] == 0
    rows = [record.data for record in told["changes"].records]
    assert {row["change"] for row in rows} == {"not_compared"}
    assert {row["why"] for row in rows} == {"There is no earlier publication."}
    assert "marts.trade_balance_annual" in {row["table_name"] for row in rows}
