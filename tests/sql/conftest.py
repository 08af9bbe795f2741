"""Fixtures that the tests of models share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sql.bench import Bench, Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Open one engine for all tests, because opening takes longer than most tests."""
    with Engine() as opened:
        yield opened


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)
