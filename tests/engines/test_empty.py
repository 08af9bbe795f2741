"""Every table is made without rows, with the columns and types that a build gives it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dagster_project.catalog import Catalog
from dagster_project.engines.empty import open_empty
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from tests import making

HEADER = "/*\nwhat: Years.\ngrain: [year]\ncolumns:\n  year: year | A year.\n  total_usd: US$ | All of it.\n*/\n"
SELECT = (
    "select cast(year as integer) as year, sum(cast(exports_usd as double)) as total_usd "
    "from raw.kosis__goods_annual group by all"
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = making.project(tmp_path)
    for file in Project.find().reference.glob("*.csv"):
        (made.reference / file.name).symlink_to(file)
    (made.sql / "core").mkdir()
    (made.sql / "glossary.yml").write_text("{}")
    (made.sql / "core" / "years.sql").write_text(HEADER + SELECT + "\n")
    return Project.at(made.root, snapshots=Project.find().snapshots)


def test_a_table_has_its_types_and_no_rows(project: Project) -> None:
    with closing(open_empty(Catalog(project))) as engine:
        found = engine.connection.execute("from core.years")
        assert {name: str(kind) for name, kind, *_ in found.description} == {"year": "INTEGER", "total_usd": "DOUBLE"}
        assert found.fetchall() == []


def test_a_model_that_cannot_be_made_is_named(project: Project) -> None:
    making.replace_text(project.sql / "core" / "years.sql", "as double", "as dollars")
    with pytest.raises(BilateralError, match=r"core\.years"):
        open_empty(Catalog(project))
