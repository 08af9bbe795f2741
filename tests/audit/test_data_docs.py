"""Great Expectations' own pages, on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from dagster_project.audit.data_docs import write_data_docs
from dagster_project.errors import BilateralError
from dagster_project.project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("great_expectations")

SUITE = """
name: marts.apples
expectations:
  - type: unexpected_rows_expectation
    severity: critical
    kwargs: {unexpected_rows_query: "select apple_id from {batch} where apple_id < 0"}
    meta: {check: numbers_are_positive}
    notes: There is no apple below zero.
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project" / "expectations" / "marts"
    folder.mkdir(parents=True)
    (folder / "apples.yml").write_text(SUITE, encoding="utf-8")
    return Project.at(tmp_path / "project")


def test_pages_are_written_for_each_table(project: Project, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.apples as select 1 as apple_id")
        index = write_data_docs(project, connection, tmp_path / "docs")

    assert "marts.apples" in index.read_text(encoding="utf-8")
    assert list((tmp_path / "docs" / "validations").rglob("*.html"))


def test_a_missing_table_is_one_clear_error(project: Project, tmp_path: Path) -> None:
    with duckdb.connect() as connection, pytest.raises(BilateralError, match=r"cannot be written for marts\.apples"):
        write_data_docs(project, connection, tmp_path / "docs")
