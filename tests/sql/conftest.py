"""What the tests of models share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sql.bench import Bench, Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all tests: opening one costs more than most of them."""
    with Engine() as opened:
        yield opened


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)
