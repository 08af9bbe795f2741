"""One site of the built warehouse for all tests that read it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.report import page
from dagster_project.settings import list_pairs
from dagster_project.site import write_site

ADDRESS = "https://example.org/bilateral"


@pytest.fixture(scope="package")
def written(built: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Write the site; return its folder, its content, and the seconds of processor time of it and of its reports."""
    folder = tmp_path_factory.mktemp("site") / "site"
    start = time.process_time()
    with publication.open_published(built) as connection:
        for pair in list_pairs(built):
            page.render_report(built, connection, *pair)
    drawn = time.process_time()
    content = write_site(Catalog(built), folder, ADDRESS)
    return {
        "folder": folder,
        "content": content,
        "report_seconds": drawn - start,
        "seconds": time.process_time() - drawn,
    }


@pytest.fixture(scope="package")
def site(written: dict[str, Any]) -> Path:
    folder: Path = written["folder"]
    return folder
