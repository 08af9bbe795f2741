"""Verdicts are computed again if and only if one of their inputs has changed."""

from __future__ import annotations

import py_compile
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project import models
from dagster_project.catalog import Catalog
from dagster_project.claims import evaluator, tables
from dagster_project.project import Project
from dagster_project.questions import gaps, wording
from dagster_project.sources import list_datasets
from tests.claims.test_build import TO_JAPAN


@pytest.fixture
def project(tmp_path: Path) -> Project:
    here = Project.find()
    shutil.copytree(here.sql, tmp_path / "sql")
    shutil.copytree(here.reference, tmp_path / "warehouse" / "reference")
    (tmp_path / "warehouse" / "claims").mkdir(parents=True)
    (tmp_path / "warehouse" / "claims" / "mine.yml").write_text(TO_JAPAN)
    return Project.at(tmp_path)


def test_the_analysis_reads_all_that_its_evidence_is_made_of(project: Project) -> None:
    reads = tables.declare_analysis(project).reads
    assert {"marts.trade_balance_annual", "core.goods_trade_annual", "core.goods_trade_observations"} <= reads
    assert "core.services_trade_observations" in reads
    assert "marts.policy_timeline" not in reads
    found = Catalog(project).models
    needed = models.find_upstream(found, "marts.trade_balance_annual")
    assert {name for name in needed if name.startswith(("core.", "marts."))} <= reads


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "change",
    [
        lambda project: _edit(project.claims / "mine.yml", "claimed_value: 30.0", "claimed_value: 31.0"),
        lambda project: _edit(project.claims / "mine.yml", "decimals: 1", "decimals: 1\n    tolerance: {absolute: 1}"),
        lambda project: _edit(project.sql / "core" / "goods_trade_annual.sql", "select", "select "),
        lambda project: _edit(project.sql / "marts" / "trade_balance_annual.sql", "select", "select "),
    ],
)
def test_another_claim_or_another_model_is_another_analysis(
    project: Project, change: Callable[[Project], None]
) -> None:
    before = tables.declare_analysis(project)
    assert tables.declare_analysis(project).fingerprint == before.fingerprint
    change(project)
    assert tables.declare_analysis(project).fingerprint != before.fingerprint


@pytest.mark.parametrize(
    "code", [evaluator.__file__, gaps.__file__, wording.__file__], ids=lambda file: Path(str(file)).stem
)
def test_other_words_are_another_analysis(project: Project, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables.declare_analysis(project)
    read = Path.read_bytes

    def edited(path: Path) -> bytes:
        return read(path) + b"#" * (path == Path(code))

    monkeypatch.setattr(Path, "read_bytes", edited)
    assert tables.declare_analysis(project).fingerprint != before.fingerprint


def test_bytecode_that_python_writes_later_changes_nothing(project: Project) -> None:
    before = tables.declare_analysis(project)
    compiled = Path(str(evaluator.__file__)).parent / "__pycache__" / "evaluator.written-later.pyc"
    try:
        py_compile.compile(str(evaluator.__file__), cfile=str(compiled))
        assert tables.declare_analysis(project).fingerprint == before.fingerprint
    finally:
        compiled.unlink(missing_ok=True)


def test_another_offer_of_a_source_is_another_analysis(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables.declare_analysis(project)
    monkeypatch.setattr(tables, "list_datasets", lambda: list_datasets()[1:])
    assert tables.declare_analysis(project).fingerprint != before.fingerprint


def test_a_model_that_no_evidence_rests_on_changes_nothing(project: Project) -> None:
    before = tables.declare_analysis(project)
    _edit(project.sql / "marts" / "policy_timeline.sql", "select", "select ")
    assert tables.declare_analysis(project).fingerprint == before.fingerprint


def test_without_a_register_there_are_no_verdicts(project: Project) -> None:
    shutil.rmtree(project.claims)
    assert tables.load_register(project).rows == []
    analysis = tables.declare_analysis(project)
    assert set(analysis.columns) == set(tables.VERDICT_COLUMNS)
