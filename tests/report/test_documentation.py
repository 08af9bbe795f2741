"""Pages of docs say what is published."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.engines.work_file import read_all_types
from dagster_project.project import Project
from dagster_project.report import documentation


@pytest.mark.long
def test_types_of_empty_tables_are_those_of_the_published_file(published: duckdb.DuckDBPyConnection) -> None:
    types = read_all_types(published)
    for entry in documentation.list_entries(Project.find()):
        if entry.kind != "macro":
            name = entry.anchor if "." in entry.anchor else f"main.{entry.anchor}"
            assert {column.name: column.type for column in entry.columns} == types[name]
