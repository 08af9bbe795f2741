"""What the tests of models share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sql.bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.engine.close()
