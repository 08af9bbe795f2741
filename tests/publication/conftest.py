"""A connection for publications that are compared."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for publications in memory; a file takes longer to write than to compare."""
    with duckdb.connect() as connection:
        yield connection
