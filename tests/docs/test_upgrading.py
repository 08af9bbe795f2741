"""Upgrading and going back work as docs/upgrading.md says, from the file and the settings of 0.1.0."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication, questions
from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.publication import FILE, RECORD, meta
from dagster_project.refresh.planning import read_settings
from tests import bilateral, making
from tests.cli.test_commands import environment_of, run

ROOT = Project.find().root
PAGE = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
OLD = ROOT / "tests" / "publication" / "version_0_1"
OLD_ID = "20261126T000000000Z-0badcafe"
# Every column that the last release published, a line a table. Write it anew for a release.
COLUMNS = ROOT / "tests" / "publication" / "columns.txt"


def plant_old(project: Project) -> None:
    """Put the files of version 0.1.0 into a warehouse: the published file, its copy and record, and a work file."""
    folder = project.publications / OLD_ID
    folder.mkdir(parents=True)
    with duckdb.connect(folder / FILE) as connection:
        connection.execute((OLD / "published.sql").read_text(encoding="utf-8"))
    shutil.copy2(folder / FILE, project.published_file)
    shutil.copy(folder / FILE, project.work_file)
    state = project.published_file.stat()
    record = {
        "publication_id": OLD_ID,
        "published_at": "2026-11-26T00:00:00+00:00",
        "content_hash": "0badcafe",
        "table_count": 2,
        "check_count": 1,
        "warning_count": 0,
        "quarantined_row_count": 0,
        "bilateral_version": "0.1.0",
        "duckdb_version": "1.4.2",
        "file": [state.st_size, state.st_mtime_ns],
        "keep": 3,
        "shown": True,
    }
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.long
def test_upgrading_and_going_back_work_as_they_are_written(built: Project, tmp_path: Path) -> None:
    (third,) = (question for question in questions.load_questions(built) if question.number == 3)
    whole = making.inputs_of(built, tmp_path / "warehouse")
    project = making.part_without_claims(whole, tmp_path / "checkout", *making.SMALL, *third.reads)
    for path in (whole.configuration, third.path):
        copy = project.root / path.relative_to(whole.root)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
    plant_old(project)
    # Until the build is published, readers ask the old file, and are told what is missing in it.
    query = "select balance_usd from marts.trade_balance_annual"
    assert run(project, "query", "-f", "csv", query).split()[1] == "-18039656000"
    assert "if the published file is older than the question, run `bilateral build`" in run(project, "ask", "3", code=1)
    upgrade, back = re.findall(r"^## (?:Upgrade|Go back)\n.*?```sh\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
    said = {line: run(project, *line.split()[1:]) for line in upgrade.splitlines()}
    assert OLD_ID in said["bilateral publications"]
    assert re.search(rf"schema_version +{meta.SCHEMA_VERSION}\n", said["bilateral status"])
    assert f"From {OLD_ID} to " in said["bilateral diff"]
    assert publication.get_current_id(project) != OLD_ID
    for line in back.splitlines():
        done = bilateral.run(line.split()[1:], environment_of(project))
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert publication.get_current_id(project) == OLD_ID
    assert run(project, "query", "-f", "csv", query).split()[1] == "-18039656000"


def test_the_settings_of_0_1_0_are_read(tmp_path: Path) -> None:
    project = Project.at(tmp_path, warehouse=ROOT / "warehouse")
    shutil.copy(OLD / "bilateral.toml", project.configuration)
    assert read_settings(project).pairs == ("KOR-CHN",)


def test_a_column_that_goes_raises_the_version_of_the_schema() -> None:
    catalog = Catalog(Project.find())
    tables = {name: [column.name for column in model.columns] for name, model in catalog.models.items()}
    tables |= {name: [column.name for column in view.columns] for name, view in catalog.views.items()}
    tables |= {f"meta.{table.name}": list(table.columns) for table in meta.WRITTEN}
    lines = COLUMNS.read_text(encoding="utf-8").splitlines()
    version, *known = lines
    assert version == f"schema {meta.SCHEMA_VERSION}"
    for table, _, columns in (line.partition(": ") for line in known):
        gone = set(columns.split(", ")) - set(tables.get(table, ()))
        assert not gone, f"{table} has no {gone} any more: raise SCHEMA_VERSION, and name them in docs/upgrading.md"
    assert f"(schema {meta.SCHEMA_VERSION})" in PAGE
