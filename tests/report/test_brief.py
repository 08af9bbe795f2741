"""A brief has three sentences with their figures and sources, and says in plain words what it lacks."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import duckdb
import pytest
from lxml import html

from dagster_project.project import Project
from dagster_project.questions import gaps
from dagster_project.report import brief
from dagster_project.report.pair import Pair
from tests.cli.test_commands import run

FIGURES = [
    ("exports/KOR/CHN/2026-07@2026-08-22", "US$21.68bn"),
    ("imports/KOR/CHN/2026-07@2026-08-22", "US$16.32bn"),
    ("balance/KOR/CHN/2026-07@2026-08-22", "US$5.36bn"),
    ("balance_to_date/KOR/CHN/2026-07@2026-08-22", "US$18.85bn"),
]


@pytest.mark.long
def test_three_sentences_come_first_each_with_its_source(built: Project, tmp_path: Path) -> None:
    """Korea Customs: 21,681 and 16,318 million in July 2026, a surplus of 5,363."""
    text = run(built, "brief", "Korea", "China")
    assert text.startswith(
        "# South Korea and China: July 2026\n\n1. South Korea exported goods worth US$21.68bn to China "
    )
    head, _, more = text.partition("## More")
    lines = head.strip().splitlines()[2:]
    assert [line[:3] for line in lines] == ["1. ", "   ", "2. ", "   ", "3. ", "   "]
    assert {*lines[1::2]} == {"   Source: Korea Customs Service"}
    assert all(re.search(r"US\$\d|\d%", line) for line in lines[::2])
    assert "is forecast to have a surplus of US$34.09bn in 2026 (80% interval: " in more
    assert "calculation by Bilateral" in more
    assert (
        "South Korea's release of 22 August 2026 revised its figures for every month from January to June 2026" in more
    )
    # The same warehouse gives the same brief, on any day.
    path = tmp_path / "brief.md"
    run(built, "brief", "-o", str(path))
    assert path.read_text(encoding="utf-8") == text
    found = json.loads(run(built, "brief", "KOR", "CHN", "--format", "json"))
    assert [(one["id"], one["printed"]) for one in found["figures"]] == FIGURES
    assert found["month"] == "July 2026"
    assert [one["part"] for one in found["sentences"] if one["is_main"]] == ["month", "year_before", "year_to_date"]
    assert (found["missing"], found["text"]) == ([], text)
    for one in found["sentences"]:
        assert one["text"] in text
        assert one["source"] in text


@pytest.mark.long
def test_the_day_changes_nothing(
    built: Project, published: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(reporter: str, partner: str) -> tuple[str, str]:
        pair = Pair(built, published, reporter, partner)
        found = brief.compile_brief(pair)
        return found["text"], brief.render_brief(pair, found)

    pairs = [("USA", "CHN"), ("VNM", "KOR")]
    before = [write(*pair) for pair in pairs]
    monkeypatch.setattr(gaps, "datetime", Mock(now=lambda _zone: datetime(2031, 5, 6, tzinfo=UTC)))
    assert [write(*pair) for pair in pairs] == before


@pytest.mark.long
def test_a_page_has_the_sentences_the_chart_and_the_ids(built: Project, tmp_path: Path) -> None:
    path = tmp_path / "brief.html"
    run(built, "brief", "KOR", "CHN", "--output", str(path))
    page = html.fromstring(path.read_text(encoding="utf-8"))
    assert [one.text_content() for one in page.iter("h1")] == ["South Korea and China: July 2026"]
    assert [(one.get("data-figure"), one.text_content()) for one in page.iterfind(".//dd/data")] == FIGURES
    assert len(page.findall(".//figure")) == 1
    assert next(page.iter("h2")).text_content() == "Main points"
    said = [" ".join(one.text_content().split()) for one in page.find_class("said")]
    assert len(said) == 7
    assert all(re.search(r" Sources?: ", one) for one in said)
    numbers = {one.get("data-of"): float(one.get("value")) for one in page.find_class("said")[0].iterfind(".//data")}
    assert numbers["last_month.exports_usd"] == 21_681_184_000
    linked = [one.get("src") or one.get("href") for one in page.iterfind(".//*[@src]") or page.iterfind(".//a[@href]")]
    assert all(address.startswith(("#", "data:")) for address in linked)


@pytest.mark.long
@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (("JPN", "KOR"), "# Japan and South Korea: December 2020, the latest available month\n"),
        (
            ("KOR", "DEU"),
            "- Germany's own figures for July 2026 are not available, so only South Korea's are shown.\n",
        ),
        (
            ("VNM", "KOR"),
            "# Vietnam and South Korea: no month is available\n\n## Missing figures\n\n- No monthly figures",
        ),
    ],
)
def test_what_a_pair_lacks_is_said(built: Project, tmp_path: Path, pair: tuple[str, str], says: str) -> None:
    text = run(built, "brief", *pair)
    assert says in text
    # How to fetch figures is said only where there is nothing else to say.
    assert ("bilateral refresh" in text) == (pair == ("VNM", "KOR"))
    path = tmp_path / "brief.html"
    run(built, "brief", *pair, "-o", str(path))
    page = html.fromstring(path.read_text(encoding="utf-8")).text_content()
    assert says.lstrip("- #").split("\n")[0] in " ".join(page.split())
    # The chart is of the year of the newest month, though whole years after it are available.
    assert ("Japan's balance with South Korea from January on, 2019 and 2020" in page) == (pair == ("JPN", "KOR"))


def test_what_cannot_be_is_one_line(built: Project, tmp_path: Path) -> None:
    assert "Give two different economies." in run(built, "brief", "KOR", "KOR", code=1)
    assert "Use .html, .txt, .md, .json." in run(built, "brief", "-o", str(tmp_path / "brief.pdf"), code=1)
    assert "does not exist" in run(built, "brief", "-o", str(tmp_path / "nowhere" / "brief.html"), code=1)
    assert list(tmp_path.iterdir()) == []
