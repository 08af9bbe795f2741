"""A picture is a file of its own that asks no host."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from dagster_project.errors import BilateralError
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.pictures import draw_answer, draw_picture
from tests.report.test_charts import QUESTIONS, SVG, asked, words


@pytest.mark.parametrize("number", [number for number, question in QUESTIONS.items() if question.series])
def test_an_svg_says_what_it_shows_and_asks_no_host(published: duckdb.DuckDBPyConnection, number: int) -> None:
    answer = asked(published, number)
    svg = draw_answer(answer).to_svg()
    root = etree.fromstring(svg)
    title, description, style, ground = list(root)[:4]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text
    assert answer.sentence in (description.text or "")
    # White, so that dark pages do not swallow the words; a file knows no variables of a page.
    assert (ground.tag, ground.get("class")) == (f"{SVG}rect", "ground")
    assert ".ground { fill: #ffffff; }" in (style.text or "")
    assert "var(" not in svg
    assert not re.search(r"@import|@font-face|url\(['\"]?http|href=", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}
    assert all(family.endswith("sans-serif") for family in re.findall(r"font-family: ([^;]*);", svg))
    assert "NaN" not in svg
    for label in QUESTIONS[number].series.values():
        if len(QUESTIONS[number].series) > 1:
            assert label.format(**answer.names) in " ".join(words(svg))
    # Each part says what it is, and each line has a label.
    parts = [part for part in root.iter() if part.get("data-role")]
    assert {part.get("data-role") for part in parts} <= {"grid", "axis", "mark", "tick", "label"}
    keyed = {part.get("data-key") for part in parts if part.tag == f"{SVG}path"}
    assert keyed <= {part.get("data-key") for part in parts if part.get("data-role") == "label"}


def test_the_same_figures_give_the_same_bytes(published: duckdb.DuckDBPyConnection) -> None:
    assert draw_answer(asked(published, 0)).to_svg() == draw_answer(asked(published, 0)).to_svg()


def test_two_charts_of_one_title_have_ids_of_their_own() -> None:
    rows = [{"year": year, "value": float(year)} for year in (2023, 2024, 2025)]
    one, other, again = (
        draw_picture(
            *("Trade", "Measure", "Source", "A line."), draw_lines, found, {"value": "Trade"}, "percent", is_half=True
        ).svgs["half"]
        for found in (rows, rows[1:], rows)
    )
    assert again == one
    assert not set(re.findall(r' id="([^"]+)"', one)) & set(re.findall(r' id="([^"]+)"', other))


def test_a_file_is_written_as_its_name_ends(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    drawn = draw_answer(asked(published, 0))
    drawn.write_file(tmp_path / "a.svg")
    drawn.write_file(tmp_path / "a.PNG")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == drawn.to_svg()
    assert (tmp_path / "a.PNG").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BilateralError, match=r"does not end in \.svg or \.png"):
        drawn.write_file(tmp_path / "a.pdf")
    with pytest.raises(BilateralError, match="does not exist"):
        drawn.write_file(tmp_path / "b" / "a.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PNG", "a.svg"]
