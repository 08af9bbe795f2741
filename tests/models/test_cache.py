"""Models from the cache equal models read from files, until something that they depend on changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.models import Model, cache, reading
from dagster_project.project import Project

MODEL = """/*
what: A table.
grain: [year]
columns:
  year: year | The year.
sliced_by: year = year(day)
lookback: 2 years
*/
select year from raw.thing
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for folder in ("sql/core", "warehouse/archive"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sql" / "core" / "years.sql").write_text(MODEL)
    return Project.at(tmp_path)


def load(project: Project, reads: list[str]) -> dict[str, Model]:
    """Load the models as a new process does; record in `reads` if they were read from files."""

    def read() -> dict[str, Model]:
        reads.append("read")
        return reading.load_models(project)

    cache._loaded.clear()
    return cache.load_cached_models(project, read)


def test_what_was_kept_is_what_would_be_read(project: Project) -> None:
    reads: list[str] = []
    read = load(project, reads)
    assert not project.model_cache.exists(), "a command that only reads has written"
    cache.cache_models(project, read)
    kept = load(project, reads)
    assert reads == ["read"]
    assert kept == read
    (before, after) = (found["core.years"] for found in (read, kept))
    assert (after.path, after.known["core.years"]) == (before.path, ["year"])
    assert after.slices == before.slices is not None
    assert after.expanded == before.expanded


def test_a_change_is_read(project: Project) -> None:
    reads: list[str] = []
    cache.cache_models(project, load(project, reads))
    path = project.sql / "core" / "years.sql"
    path.write_text(MODEL.replace("A table.", "Another."))
    assert load(project, reads)["core.years"].what == "Another."
    path.write_text(MODEL)
    assert load(project, reads)["core.years"].what == "A table."
    assert reads == ["read", "read"]


@pytest.mark.parametrize("content", ["", "[]", '{"content_hash": '])
def test_what_a_power_cut_left_is_read_again(project: Project, content: str) -> None:
    project.model_cache.write_text(content)
    assert list(load(project, [])) == ["core.years"]
