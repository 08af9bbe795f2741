"""A part of the warehouse for tests of builds: continued, stopped, published or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.project import Project
from tests import making


@pytest.fixture
def project(small: Project, tmp_path: Path) -> Project:
    """Give that part a copy of sql/ and expectations/ that a test may edit."""
    return making.copy_code(small, tmp_path / "checkout")
