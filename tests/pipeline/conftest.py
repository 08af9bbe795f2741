"""A part of the warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making
from tests.conftest import build_once


@pytest.fixture(scope="session")
def plain(request: pytest.FixtureRequest) -> Project:
    """Build a part of the committed snapshots' warehouse once."""

    def build(folder: Path) -> None:
        whole = making.checkout(folder / "warehouse")
        build_warehouse(making.part_without_claims(whole, folder / "checkout", *making.SMALL))

    folder = build_once(request.config.cache.mkdir("part"), build)
    return Project.at(folder / "checkout", warehouse=folder / "warehouse")


@pytest.fixture
def project(plain: Project, tmp_path: Path) -> Project:
    """Copy that warehouse, with a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(making.copy_of(plain, tmp_path / "warehouse"), tmp_path / "checkout")
