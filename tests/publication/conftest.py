"""A connection for publications that are compared."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest


@pytest.fixture
def memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection for publications in memory, because writing files takes longer than comparing them."""
    with duckdb.connect() as connection:
        yield connection
