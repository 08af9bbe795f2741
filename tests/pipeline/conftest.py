"""A built warehouse for tests that change its code."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.project import Project
from tests import making


@pytest.fixture
def project(warehouse: Project, tmp_path: Path) -> Project:
    """A built warehouse under a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(warehouse, tmp_path / "checkout")
