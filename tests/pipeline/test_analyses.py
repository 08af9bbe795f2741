"""Another process computes analyses early, and the build makes tables meanwhile that do not need them."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from dagster_project.analysis import Analysis
from dagster_project.catalog import Catalog
from dagster_project.engines.analysis_process import AnalysisProcess
from dagster_project.engines.duckdb import FEW_ROWS, DuckDB
from dagster_project.pipeline.analyses import Analyses
from dagster_project.pipeline.records import Recorded, Records
from dagster_project.project import Project
from tests import making

SEASONS = Analysis("seasons", {}, frozenset({"core.months"}), lambda *_: [], "code", is_separable=True)
NEEDS = {
    "core.codes": (),
    "core.months": (),
    "marts.adjusted": ("analysis.seasons", "core.months"),
    "marts.years": ("core.codes",),
}


class Process:
    """The requests to a process, in place of the process."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.finished: list[Path] = []

    def has_request(self, file: Path) -> bool:
        return file in self.files and file not in self.finished

    def request_analysis(self, _tables: object, _analysis: object, file: Path) -> None:
        self.files.append(file)

    def finish_analysis(self, file: Path) -> None:
        self.finished.append(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


class Engine:
    """The analyses that were attached, in place of an engine."""

    def __init__(self) -> None:
        self.attached: list[Path] = []

    def attach_analysis(self, _name: str, file: Path) -> None:
        self.attached.append(file)


class Made:
    """A build with the tables of `NEEDS` and the analysis `SEASONS`."""

    def __init__(self, project: Project, rows: int = 72) -> None:
        models = {
            name: SimpleNamespace(depends_on=frozenset(needs), schema=name.partition(".")[0])
            for name, needs in NEEDS.items()
        }

        def list_analyses(name: str) -> list[Analysis]:
            return [SEASONS] if "analysis.seasons" in models[name].depends_on else []

        self.catalog = SimpleNamespace(
            project=project, models=models, analyses={"seasons": SEASONS}, list_analyses=list_analyses
        )
        self.recorded = {"core.months": Recorded(rows, "first", {})}
        self.engine, self.process = Engine(), Process()
        self.analyses = Analyses(
            cast("Catalog", self.catalog),
            cast("DuckDB", self.engine),
            cast("Records", SimpleNamespace(tables=self.recorded)),
            lambda name: self.recorded[name].content_hash,
        )
        self.analyses._process = cast("AnalysisProcess", self.process)

    def list_order(self, unmade: Collection[str]) -> list[str]:
        """List the tables in the order in which they are made."""
        left, order = dict.fromkeys(unmade), []
        while left:
            self.analyses.request_analyses(left.keys())
            order.append(self.analyses.choose_next(left.keys()))
            del left[order[-1]]
        return order


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return making.project(tmp_path)


def test_what_an_analysis_needs_is_made_first_and_what_waits_for_it_last(project: Project) -> None:
    made = Made(project)
    assert made.list_order(NEEDS) == ["core.months", "core.codes", "marts.years", "marts.adjusted"]
    assert len(made.process.files) == 1


def test_an_analysis_that_is_computed_delays_nothing(project: Project) -> None:
    made = Made(project)
    unmade = dict.fromkeys(["marts.adjusted", "marts.years"]).keys()
    made.analyses.request_analyses(unmade)
    assert made.analyses.choose_next(unmade) == "marts.years"
    made.process.finish_analysis(made.process.files[0])
    assert made.analyses.choose_next(unmade) == "marts.adjusted"


def test_its_file_is_attached_when_a_table_needs_it(project: Project) -> None:
    made = Made(project)
    made.analyses.request_analyses({"marts.adjusted"})
    made.analyses.attach_analysis(SEASONS)
    assert made.engine.attached == made.process.files


def test_other_figures_are_another_request(project: Project) -> None:
    made = Made(project)
    made.analyses.request_analyses({"marts.adjusted"})
    made.analyses.request_analyses({"marts.adjusted"})
    made.recorded["core.months"] = Recorded(73, "second", {})
    made.analyses.request_analyses({"marts.adjusted"})
    assert len(made.process.files) == len(set(made.process.files)) == 2


def test_nothing_is_requested_for_a_table_of_the_same_figures(project: Project) -> None:
    made = Made(project)
    made.recorded["marts.adjusted"] = Recorded(72, "-", {"core.months": "first", "analysis.seasons": "code"})
    made.analyses.request_analyses({"marts.adjusted"})
    assert made.process.files == []
    made.recorded["core.months"] = Recorded(73, "second", {})
    made.analyses.request_analyses({"marts.adjusted"})
    assert len(made.process.files) == 1


def test_nothing_is_requested_before_the_tables_that_it_reads_are_made(project: Project) -> None:
    made = Made(project)
    made.analyses.request_analyses({"core.months", "marts.adjusted"})
    del made.recorded["core.months"]
    made.analyses.request_analyses({"marts.adjusted"})
    assert made.process.files == []


def test_many_rows_are_left_to_the_build(project: Project) -> None:
    made = Made(project, rows=FEW_ROWS + 1)
    made.analyses.request_analyses({"marts.adjusted"})
    assert made.process.files == []
