"""`bilateral pairs`: what is available of each pair, and a pair that is added is a line of `bilateral.toml`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagster_project.project import HOME_VARIABLE, Project
from tests import bilateral
from tests.cli.test_commands import environment_of, run

SETTINGS = """\
# The pairs that we look at.
pairs = [
    "KOR-CHN", # the first
]

[oecd_wto]
enabled = false # half a gigabyte
"""


@pytest.fixture
def home(built: Project, tmp_path: Path) -> Path:
    """Make a checkout whose settings have one pair."""
    for name in ("sql", "expectations", "warehouse"):
        (tmp_path / name).symlink_to(built.root / name)
    (tmp_path / "bilateral.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def add(built: Project, home: Path, *economies: str, code: int = 0, **keys: str) -> str:
    environment = {**environment_of(built), HOME_VARIABLE: str(home), **keys}
    done = bilateral.run(["pairs", "add", *economies], environment)
    assert done.returncode == code, done.stderr
    return " ".join((done.stdout if code == 0 else done.stderr).split())


def test_every_pair_says_what_is_complete_and_what_is_missing(built: Project) -> None:
    rows = {(row["reporter_code"], row["partner_code"]): row for row in json.loads(run(built, "pairs", "-f", "json"))}
    usa, japan, germany = rows["KOR", "USA"], rows["KOR", "JPN"], rows["CHN", "DEU"]
    assert (usa["first_year"], usa["last_year"], usa["missing_years"]) == (1965, 2025, None)
    # April 2017 is the month that the IMF has wrong.
    assert (usa["last_month_start"], usa["missing_months"]) == ("2026-07-01", "2017-04")
    assert japan["missing_months"] == "2017-04, 2022-08–2025-06"
    assert germany["missing_months"] == "2021-01–2023-12, 2024-03"
    assert rows["KOR", "CHN"]["both_sides_year_count"] == rows["CHN", "KOR"]["both_sides_year_count"] > 30
    assert all(row["vintage_count"] >= 1 for row in rows.values())


def test_the_list_begins_with_the_pairs_of_the_settings_and_ends_early(built: Project) -> None:
    first, second, *_, last = run(built, "pairs").splitlines()[1:]
    assert first.startswith("KOR-CHN  1977–2025 without 1978–1979")
    assert second.split()[0] in {"CHN-KOR", "USA-CHN"}
    assert last == "The first 20 rows; --all lists every pair, and so do --format csv and json."
    vietnam = run(built, "pairs", "--of", "Vietnam", "--all").splitlines()[1:]
    assert all("VNM" in line.split()[0] for line in vietnam)


def test_an_added_pair_is_a_line_and_says_what_comes_and_what_no_key_means(built: Project, home: Path) -> None:
    said = add(built, home, "Vietnam", "USA")
    text = (home / "bilateral.toml").read_text(encoding="utf-8")
    assert text == SETTINGS.replace("# the first\n", '# the first\n    "VNM-USA",\n')
    assert "Available now pair years months both sides vintages products VNM-USA 2001–2023" in said
    assert "imf/imts all goods, years and months from 1990 VNM, USA yes none needed" in said
    assert "comtrade/goods all goods, years from 2010 VNM, USA yes not set: smaller responses" in said
    assert "oecd_wto/batis services, years from 2005 VNM, USA no, turned off none needed" in said
    assert "kcs" not in said
    said = add(built, home, "KOR", "Japan", BILATERAL_BOK_KEY="a-key")
    assert '"VNM-USA",\n    "KOR-JPN",\n]' in (home / "bilateral.toml").read_text(encoding="utf-8")
    assert "kosis/goods_monthly all goods, months from 2000 KOR no, key missing not set: no request is sent" in said
    assert "bok/services_annual services, years from 1998 KOR yes set" in said


def test_a_pair_that_cannot_be_added_leaves_the_settings_alone(built: Project, home: Path) -> None:
    assert "USA-WLD is not a pair of two economies." in add(built, home, "USA", "world", code=1)
    # Instructions tell to add a pair that may be there.
    assert "CHN-KOR is in " in add(built, home, "China", "KOR")
    assert (home / "bilateral.toml").read_text(encoding="utf-8") == SETTINGS
