"""What tests ask a source for: settings with the real code lists.

Here: the settings that the tests of a source's plan share. Not here: what the plan makes of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from dagster_project import sources
from dagster_project.project import Project
from dagster_project.refresh.planning import read_codes
from dagster_project.settings import Codes, Settings, check_settings


def settings(**values: Any) -> Settings:
    """What a `bilateral.toml` with these values asks for; about Korea and China unless it says otherwise."""
    return check_settings({"pairs": ["KOR-CHN"], **values}, sources.list_settings(), _codes())


@cache
def _codes() -> Codes:
    return read_codes(Project.find())
