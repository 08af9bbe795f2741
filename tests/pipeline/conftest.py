"""A small warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making


@pytest.fixture(scope="session")
def plain(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the warehouse without claims and analyses."""
    folder = tmp_path_factory.mktemp("plain")
    whole = making.copy_of(built, folder / "warehouse")
    whole.published_file.unlink()
    shutil.rmtree(whole.publications)
    made = making.part_without_analyses(whole, folder / "checkout")
    build_warehouse(made)
    return made


@pytest.fixture
def project(plain: Project, tmp_path: Path) -> Project:
    """Copy that warehouse, with a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(making.copy_of(plain, tmp_path / "warehouse"), tmp_path / "checkout")
