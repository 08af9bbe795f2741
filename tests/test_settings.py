"""bilateral.toml says what to ask for, and a mistake in it is named with its line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.settings import schema
from tests.refresh.running import project


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('pairs = ["KOR-CHN"]\n\n[imf]\nfirst_yaer = 1990\n', "line 4: imf.first_yaer: there is no such setting"),
        ('pairs = ["KOR-CHN"]\n[imf]\nfirst_year = 1492\n', "line 3: imf.first_year: input should be greater than"),
        ('pairs = ["KOR-CHN"]\n[imf]\nfrequencies = ["A", "Q"]\n', "line 3: imf.frequencies.1: input should be"),
        ('pairs = ["Korea-China"]\n', "line 1: pairs.0: string should match pattern"),
        ("donors = []\n", "pairs: field required"),
        ('pairs = ["KOR-CHN"]\n[imff]\n', "line 2: imff: there is no such setting"),
        ('pairs = ["KOR-XXX"]\n', "names XXX, which is no economy"),
        ("pairs = [", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BilateralError, match=complaint.replace(".", r"\.").replace("[", r"\[")) as caught:
        read_settings(project(tmp_path, text))
    assert caught.value.remedy


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BilateralError) as caught:
        read_settings(project(tmp_path, 'pairs = ["KOR-CHN"]\n[bok]\nfirst_year = 1\n[gta]\nkey = "x"\n'))
    assert "line 3: bok.first_year" in str(caught.value)
    assert "line 5: gta.key" in str(caught.value)


def test_without_a_file_the_remedy_is_named(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.configuration.unlink()
    with pytest.raises(BilateralError, match=r"There is no .*bilateral\.toml"):
        read_settings(made)


def test_the_committed_file_shows_every_setting_with_a_comment() -> None:
    here = Project.find()
    read_settings(here)
    content = tomllib.loads(here.configuration.read_text(encoding="utf-8"))
    described = schema(sources.tables())
    for name, setting in described["properties"].items():
        assert name in content, f"write {name}, with a comment, into bilateral.toml"
        if "$ref" in setting:
            part = described["$defs"][setting["$ref"].rpartition("/")[2]]
            assert set(content[name]) == set(part["properties"]), f"write every setting of [{name}] into bilateral.toml"
            assert all(one.get("description") for one in part["properties"].values()), name
        else:
            assert setting["description"]


def test_the_schema_that_editors_read_is_current() -> None:
    written = json.loads((Project.find().root / "docs" / "bilateral.schema.json").read_text(encoding="utf-8"))
    assert written == schema(sources.tables()), "run bilateral docs"


def test_both_sides_of_each_pair_are_asked_about_the_other_the_donors_and_the_world(tmp_path: Path) -> None:
    read = read_settings(project(tmp_path, 'pairs = ["KOR-CHN", "CHN-JPN"]\ndonors = ["USA", "KOR"]\n'))
    assert read.directions == (("KOR", "CHN"), ("CHN", "JPN"), ("CHN", "KOR"), ("JPN", "CHN"))
    assert read.partners("CHN") == ("JPN", "KOR", "USA", "WLD")
    assert read.partners("KOR") == ("CHN", "USA", "WLD")
