"""Settings with the real code lists, for the tests of sources' plans."""

from __future__ import annotations

from functools import cache
from typing import Any

from dagster_project import sources
from dagster_project.project import Project
from dagster_project.refresh.planning import read_codes
from dagster_project.settings import Codes, Settings, check_settings


def settings(**values: Any) -> Settings:
    """Make the settings of a `bilateral.toml` with these values; by default the pair is Korea and China."""
    return check_settings({"pairs": ["KOR-CHN"], **values}, sources.list_settings(), _codes())


@cache
def _codes() -> Codes:
    return read_codes(Project.find())
