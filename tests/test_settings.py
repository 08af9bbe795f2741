"""bilateral.toml says what to ask for, and a mistake in it is named with its line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.refresh.planning import Options, plan_refresh, read_settings
from dagster_project.settings import build_schema
from tests.refresh.running import project


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('pairs = ["Korea-China"]\n', "line 1: pairs.0: string should match pattern"),
        ("donors = []\n", "pairs: field required"),
        ('pairs = ["KOR-CHN"]\n[imff]\n', "line 2: imff: no such setting exists"),
        ('pairs = ["KOR-XXX"]\n', "names the unknown economy XXX"),
        ("pairs = [", "is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BilateralError, match=complaint.replace(".", r"\.").replace("[", r"\[")) as caught:
        read_settings(project(tmp_path, text))
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "source", "complaint"),
    [
        ("\n[imf]\nfirst_yaer = 1990\n", "imf", "line 4: imf.first_yaer: no such setting exists"),
        ("[imf]\nfirst_year = 1492\n", "imf", "line 3: imf.first_year: input should be greater than"),
        ('[imf]\nfrequencies = ["A", "Q"]\n', "imf", "line 3: imf.frequencies.1: input should be"),
        ('[worldbank]\neconomies = ["XXX"]\n', "worldbank", "worldbank.economies names the unknown economy XXX"),
        *(
            (
                f'[kcs]\nproducts = ["8542", "{code}"]\n',
                "kcs",
                f"kcs.products.1: '{code}' is not a Harmonized System code of 2, 4 or 6",
            )
            for code in ("8", "854", "8542321010", "TOTAL", "", "0099", "00", "77", "99990x")
        ),
        ('[comtrade]\nproducts = ["AG3"]\n', "comtrade", "line 3: comtrade.products.0: 'AG3' is not a Harmonized"),
    ],
)
def test_a_mistake_in_the_table_of_a_source_is_named_with_its_line_and_stops_no_other(
    tmp_path: Path, text: str, source: str, complaint: str
) -> None:
    where = project(tmp_path, f'pairs = ["KOR-CHN"]\n{text}')
    assert complaint in read_settings(where).wrong[source]
    environment = {f"BILATERAL_{code.upper()}_KEY": "open-sesame" for code in sources.list_settings()}
    planned = {one.source.code: one for one in plan_refresh(where, None, Options(environment=environment))}
    assert (planned[source].stopped, planned[source].requests) == ("setting", ())
    assert complaint in str(planned[source].skipped)
    assert [code for code, one in planned.items() if one.stopped == "setting"] == [source]


def test_a_source_that_is_turned_off_stays_off_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n[imf]\nenabled = false\nfirst_year = 1\n')
    (planned,) = plan_refresh(where, ["imf"], Options(environment={}))
    assert planned.stopped == "off"


def test_subheadings_of_an_older_edition_are_known_by_their_heading(tmp_path: Path) -> None:
    """854140, of the editions to 2017, is none of 2022."""
    products = '["TOTAL", "AG6", "85", "8541", "854140", "854142"]'
    assert not read_settings(project(tmp_path, f'pairs = ["KOR-CHN"]\n[comtrade]\nproducts = {products}\n')).wrong


def test_an_economy_that_a_publisher_has_no_code_for_stops_nobody_else(tmp_path: Path) -> None:
    where = project(tmp_path, 'pairs = ["KOR-SUN"]\n')
    planned = {
        one.source.code: one for one in plan_refresh(where, None, Options(environment={"BILATERAL_GTA_KEY": "k"}))
    }
    assert planned["gta"].stopped == "setting"
    assert "names SUN, which has no number in Global Trade Alert. Write the alpha-3 code" in str(planned["gta"].skipped)
    assert planned["imf"].requests


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(BilateralError) as caught:
        read_settings(project(tmp_path, 'pairs = ["Korea"]\ndonors = ["x"]\n[bok]\nfirst_year = 1\n'))
    assert "line 1: pairs.0" in str(caught.value)
    assert "line 2: donors.0" in str(caught.value)
    assert "line 4: bok.first_year" in str(caught.value)


def test_without_a_file_the_remedy_is_named(tmp_path: Path) -> None:
    made = project(tmp_path)
    made.configuration.unlink()
    with pytest.raises(BilateralError, match=r"bilateral\.toml does not exist"):
        read_settings(made)


def test_the_committed_file_shows_every_setting_with_a_comment() -> None:
    here = Project.find()
    read_settings(here)
    content = tomllib.loads(here.configuration.read_text(encoding="utf-8"))
    described = build_schema(sources.list_settings())
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
    assert written == build_schema(sources.list_settings()), "run bilateral docs"


def test_both_sides_of_each_pair_are_asked_about_the_other_the_donors_and_the_world(tmp_path: Path) -> None:
    read = read_settings(project(tmp_path, 'pairs = ["KOR-CHN", "CHN-JPN"]\ndonors = ["USA", "KOR"]\n'))
    assert read.directions == (("KOR", "CHN"), ("CHN", "JPN"), ("CHN", "KOR"), ("JPN", "CHN"))
    assert read.list_partners("CHN") == ("JPN", "KOR", "USA", "WLD")
    assert read.list_partners("KOR") == ("CHN", "USA", "WLD")
