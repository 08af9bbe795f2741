"""What the tests of a refresh share: a server, and a clock that waits for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.project import Project
from dagster_project.refresh import planning
from dagster_project.settings import Codes
from tests.refresh import example
from tests.refresh.running import project
from tests.refresh.server import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def code_lists() -> Codes:
    return planning.read_codes(Project.find())


@pytest.fixture(autouse=True)
def code_lists_read_once(code_lists: Codes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code lists are the real ones in every test, and need not be read for each of a thousand refreshes."""
    monkeypatch.setattr(planning, "read_codes", lambda _project: code_lists)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is asked directly."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project that asks the example."""
    example.register(monkeypatch)
    return project(tmp_path)
