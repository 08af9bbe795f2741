"""What the tests of a refresh share: a server, and a clock that waits for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dagster_project.project import Project
from dagster_project.refresh import configuration
from tests.refresh.server import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def code_lists() -> dict[str, Any]:
    here = Project.find()
    return {name: getattr(configuration, name)(here) for name in ("_codes", "_names")}


@pytest.fixture(autouse=True)
def code_lists_read_once(code_lists: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The code lists are the real ones in every test, and need not be read for each of a thousand refreshes."""
    for name, found in code_lists.items():
        monkeypatch.setattr(configuration, name, lambda _project, found=found: found)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is asked directly."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
