"""What the tests of pages share: the published file, opened once for the queries of a module."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project import publication
from dagster_project.project import Project


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection
