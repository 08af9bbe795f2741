"""Fixtures for the tests of a refresh: a server, and a clock that does not really wait."""

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
    """Use the real code lists in every test, but read them once, not for each of a thousand refreshes."""
    monkeypatch.setattr(planning, "read_codes", lambda _project: code_lists)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable proxies for loopback addresses."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Make a project that refreshes from the example publisher."""
    example.register(monkeypatch)
    return project(tmp_path)
