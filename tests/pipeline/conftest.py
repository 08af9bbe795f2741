"""A small warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dagster_project.catalog import Catalog
from dagster_project.models import find_upstream
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from tests import making


@pytest.fixture(scope="session")
def plain(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the warehouse without claims and analyses, which take most of a build's time."""
    folder = tmp_path_factory.mktemp("plain")
    whole = making.copy_of(built, folder / "warehouse")
    for file in (*whole.claims.iterdir(), whole.published_file):
        file.unlink()
    shutil.rmtree(whole.publications)
    models = Catalog(whole).models
    analysed = {name for name in models if any(one.startswith("analysis.") for one in find_upstream(models, name))}
    # The page about an audit shows verdicts, also where there are none.
    tables = models.keys() - analysed | {"marts.claim_verdicts"}
    made = making.part_of(whole, folder / "checkout", *tables)
    build_warehouse(made)
    return made


@pytest.fixture
def project(plain: Project, tmp_path: Path) -> Project:
    """Copy that warehouse, with a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(making.copy_of(plain, tmp_path / "warehouse"), tmp_path / "checkout")
