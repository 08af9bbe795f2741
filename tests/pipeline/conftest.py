"""A part of the warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build a part of the committed snapshots' warehouse."""
    folder = tmp_path_factory.mktemp("plain")
    made = making.part_without_claims(making.checkout(folder / "warehouse"), folder / "checkout", *making.SMALL)
    build_warehouse(made)
    return made


@pytest.fixture
def project(plain: Project, tmp_path: Path) -> Project:
    """Copy that warehouse, with a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(making.copy_of(plain, tmp_path / "warehouse"), tmp_path / "checkout")
