"""An analysis is worked out from tables, once for what they hold, and reaches the file only through a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from dagster_project.analysis import Analysis
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.models import Model, reading
from dagster_project.pipeline import open_build
from dagster_project.project import Project
from tests import making

HEADER = (
    "/*\nwhat: A thing.\ngrain: [year]\ncolumns:\n  year: year | The year.\n  share_pct: percent | The share.\n*/\n"
)


def doubled(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Model]) -> Iterator[tuple[int, float]]:
    assert "core.shares" in found
    yield from [(year, 2 * share) for year, share in connection.execute("select * from core.shares").fetchall()]


DOUBLED = Analysis("doubled", {"year": "integer", "share_pct": "double"}, frozenset({"core.shares"}), doubled, "first")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    found = making.project(tmp_path)
    for name, text in {
        "core/shares": "select 2024 as year, 21.5 as share_pct",
        "marts/doubled": "select year, share_pct from analysis.doubled",
    }.items():
        path = found.sql / f"{name}.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(HEADER + text)
    monkeypatch.setattr(Catalog, "analyses", {"doubled": DOUBLED})
    return found


def made(project: Project) -> list[tuple[int, float]]:
    with open_build(project, fresh=True) as work:
        for name in work.catalog.models:
            work.tables.make_table(name)
        return work.file.connection.execute("select year, share_pct from marts.doubled").fetchall()


def test_a_model_reads_what_was_worked_out_and_needs_what_that_reads(project: Project) -> None:
    assert made(project) == [(2024, 43.0)]
    found = reading.load_models(
        project, {"analysis.doubled": tuple(DOUBLED.columns)}, {"analysis.doubled": DOUBLED.reads}
    )
    assert found["marts.doubled"].depends_on == {"analysis.doubled", "core.shares"}


def test_it_is_worked_out_again_only_when_its_tables_or_its_code_change(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def counted(connection: duckdb.DuckDBPyConnection, found: Mapping[str, Model]) -> Iterator[tuple[int, float]]:
        runs.append("ran")
        yield from doubled(connection, found)

    def declare(fingerprint: str) -> None:
        changed = Analysis("doubled", DOUBLED.columns, DOUBLED.reads, counted, fingerprint)
        monkeypatch.setattr(Catalog, "analyses", {"doubled": changed})

    declare("first")
    assert made(project) == made(project) == [(2024, 43.0)]
    assert len(runs) == 1
    (project.sql / "core" / "shares.sql").write_text(HEADER + "select 2024 as year, 22.5 as share_pct")
    assert made(project) == [(2024, 45.0)]
    assert len(runs) == 2
    declare("second")
    made(project)
    assert len(runs) == 3


def test_an_analysis_that_nobody_declares_is_named(project: Project) -> None:
    with pytest.raises(
        BilateralError, match=r"marts\.doubled reads analysis\.doubled, an analysis that does not exist"
    ):
        reading.load_models(project)


def test_the_declared_analyses_are_called_by_their_names() -> None:
    assert all(name == declared.name for name, declared in Catalog(Project.find()).analyses.items())
