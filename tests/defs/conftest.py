"""Share the definitions and a publisher's server among the tests of Dagster."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_project.definitions import defs as load_defs
from tests.refresh.server import Server, serving


@pytest.fixture(scope="session")
def defs() -> dg.Definitions:
    return load_defs()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running
