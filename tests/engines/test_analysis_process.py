"""Another process computes the same rows as this one; its errors come back, and it ends with the build."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dagster_project.analysis import Analysis, load_analyses
from dagster_project.engines.analysis_process import AnalysisProcess, MachineFailed, write_analysis
from dagster_project.engines.work_file import WorkFile
from dagster_project.errors import BilateralError
from dagster_project.project import Project

MONTHS = """
    create table core.goods_trade_monthly as
    select
        'KOR' as reporter_code, 'CHN' as partner_code, 'export' as flow, 2e0 * (10 + i % 12) as value_usd,
        cast(date '2011-01-01' + to_months(cast(i as integer)) as date) as period_start, false as is_joint_month
    from range(72) as months (i)
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    shutil.copytree(Project.find().reference, tmp_path / "reference")
    return replace(Project.find(), warehouse=tmp_path)


@pytest.fixture
def tables() -> Iterator[WorkFile]:
    with WorkFile() as file:
        file.connection.execute(MONTHS)
        yield file


@pytest.fixture
def process(project: Project) -> Iterator[AnalysisProcess]:
    process = AnalysisProcess(project)
    yield process
    process.end_process()


def get_file(project: Project, analysis: Analysis, stem: str = "0") -> Path:
    return project.analyses / analysis.name / f"{stem}.parquet"


def test_it_computes_the_rows_that_this_process_computes(
    project: Project, tables: WorkFile, process: AnalysisProcess
) -> None:
    analysis = load_analyses(project)["seasonally_adjusted"]
    here, there = get_file(project, analysis, "here"), get_file(project, analysis, "there")
    write_analysis(tables, analysis, {}, here)
    process.request_analysis(tables, analysis, there)
    assert process.has_request(there)
    process.finish_analysis(there)
    assert not process.has_request(there)

    rows = [tables.connection.execute(f"from '{file}' order by period_start").fetchall() for file in (here, there)]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 72
    assert [path.name for path in sorted(there.parent.iterdir())] == ["here.parquet", "there.parquet"]


@pytest.mark.long
def test_an_error_comes_back_to_the_analysis_that_failed_only(
    project: Project, tables: WorkFile, process: AnalysisProcess
) -> None:
    analysis = load_analyses(project)["airline_forecasts"]
    bad, good = get_file(project, analysis, "bad"), get_file(project, analysis, "good")
    process.request_analysis(tables, replace(analysis, reads=frozenset()), bad)
    process.request_analysis(tables, analysis, good)
    process.finish_analysis(good)
    assert good.exists()
    assert process.has_request(bad)
    with pytest.raises(
        BilateralError, match=r"airline_forecasts failed: CatalogException: .*goods_trade_monthly"
    ) as raised:
        process.finish_analysis(bad)
    assert not isinstance(raised.value, MachineFailed)
    # It can be requested again.
    process.request_analysis(tables, analysis, bad)
    process.finish_analysis(bad)
    assert bad.exists()
    assert not list(bad.parent.glob("*.duckdb"))


@pytest.mark.long
def test_a_process_that_was_killed_is_named_and_the_next_request_starts_another(
    project: Project, tables: WorkFile, process: AnalysisProcess
) -> None:
    analysis = load_analyses(project)["airline_forecasts"]
    file = get_file(project, analysis)
    process.request_analysis(tables, analysis, file)
    assert process._process is not None
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(MachineFailed, match=r"computes the analysis airline_forecasts was killed by signal 9\."):
        process.finish_analysis(file)
    assert not list(file.parent.glob("*.duckdb"))
    process.request_analysis(tables, analysis, file)
    process.finish_analysis(file)
    assert file.exists()


@pytest.mark.long
def test_a_lack_of_the_machine_is_told_from_a_fault_of_the_figures(
    project: Project, tables: WorkFile, process: AnalysisProcess
) -> None:
    analysis = load_analyses(project)["airline_forecasts"]
    file = get_file(project, analysis)
    file.parent.parent.mkdir(parents=True)
    process.request_analysis(tables, analysis, file)
    # The process cannot write its rows where a folder is.
    file.mkdir()
    with pytest.raises(MachineFailed, match=r"airline_forecasts failed: IsADirectoryError"):
        process.finish_analysis(file)


@pytest.mark.long
def test_copies_that_a_killed_build_left_are_removed(
    project: Project, tables: WorkFile, process: AnalysisProcess
) -> None:
    analysis = load_analyses(project)["airline_forecasts"]
    left = get_file(project, analysis, "left.0123").with_suffix(".duckdb")
    left.parent.mkdir(parents=True)
    left.touch()
    process.request_analysis(tables, analysis, get_file(project, analysis))
    assert not left.exists()


@pytest.mark.long
def test_it_can_be_ended(project: Project, tables: WorkFile) -> None:
    analysis = load_analyses(project)["airline_forecasts"]
    process = AnalysisProcess(project)
    process.request_analysis(tables, analysis, get_file(project, analysis))
    assert process._process is not None
    started = process._process
    process.end_process()
    assert started.returncode == -signal.SIGKILL
    assert not list(project.analyses.glob("*/*.duckdb"))
