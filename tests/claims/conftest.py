"""Fixtures of the tests of claims."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims.evaluator import Evaluator
from dagster_project.project import Project


@pytest.fixture(scope="package")
def evaluator(built: Project) -> Iterator[Evaluator]:
    with publication.open_published(built) as connection:
        yield Evaluator(connection, Catalog(built).models)


@pytest.fixture
def one(evaluator: Evaluator) -> duckdb.DuckDBPyConnection:
    return evaluator.connection
