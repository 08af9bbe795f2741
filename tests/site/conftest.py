"""One site of the built warehouse for all tests that read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.site import write_site
from tests.languages.conftest import pseudo

__all__ = ["pseudo", "site", "written"]

ADDRESS = "https://example.org/bilateral"


@pytest.fixture(scope="package")
def written(built: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Write the site; return its folder and its content."""
    folder = tmp_path_factory.mktemp("site") / "site"
    return {"folder": folder, "content": write_site(Catalog(built), folder, ADDRESS)}


@pytest.fixture(scope="package")
def site(written: dict[str, Any]) -> Path:
    folder: Path = written["folder"]
    return folder
