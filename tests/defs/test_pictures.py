"""The main marts show their latest figures and a line; a missing year is a gap in it."""

from __future__ import annotations

import re
from base64 import b64decode
from xml.etree import ElementTree as ET

import duckdb
import pytest

from dagster_project import publication
from dagster_project.defs import pictures
from dagster_project.defs.common import load_catalog
from dagster_project.defs.pictures import BARS, ShownMart, draw_spark_line, load_shown_marts, write_brief
from dagster_project.project import Project

SERIES = {name: mart for name, mart in load_shown_marts().items() if mart.title}
# Dagster renders Markdown in place up to so many characters.
IN_PLACE = 1000


def svg(markdown: str) -> ET.Element:
    """Return the picture in a Markdown text."""
    (encoded,) = re.findall(r"!\[[^\]]*\]\(data:image/svg\+xml;base64,([^)]*)\)", markdown)
    return ET.fromstring(b64decode(encoded))  # noqa: S314 - our own


def paths(picture: ET.Element) -> list[str]:
    """List the lines of a chart: the paths that are marks."""
    return [one.attrib["d"] for one in picture.iterfind(".//{*}path") if one.get("data-role") == "mark"]


def test_marts_and_they_alone_have_a_subject() -> None:
    with_subject = {name for name, model in load_catalog().models.items() if model.subject}
    assert with_subject == {name for name in load_catalog().models if name.startswith("marts.")}
    assert set(SERIES) <= with_subject


@pytest.mark.parametrize("table", sorted(SERIES))
def test_a_series_is_shown_in_place_and_whole_a_click_away(built: Project, table: str) -> None:
    with publication.open_published(built) as connection:
        shown = pictures.describe_figures(connection, table)
        points = [row for row in connection.execute(SERIES[table].query).fetchall() if row[1] is not None]
    brief = str(shown["figures"].value)
    assert len(brief) <= IN_PLACE
    assert f"{points[-1][0]}: **{pictures.format_number(points[-1][1])}**" in brief
    assert set(BARS) & set(brief)
    picture = svg(str(shown["chart"].value))
    (title,) = (one.text for one in list(picture) if one.tag.endswith("title"))
    assert title == SERIES[table].title
    (drawn,) = paths(picture)
    assert len(re.findall("[ML]", drawn)) == len(points)


def test_the_balance_shows_the_deficit_of_2023(built: Project) -> None:
    with publication.open_published(built) as connection:
        brief = pictures.describe_figures(connection, "marts.trade_balance_annual")["figures"].value
    # Korea Customs through KOSIS: exports of 124.8 and imports of 142.9 bn US$.
    assert "2023: **−18.0**" in str(brief)


def show(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    """Let Dagster show a series of a table `marts.any`."""
    monkeypatch.setitem(load_shown_marts(), "marts.any", ShownMart(title="Any", unit="%", query=query))


def test_a_missing_year_breaks_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "values (2019, 1.0), (2020, 2.0), (2022, 3.0), (2023, null)"
    show(monkeypatch, f"select * from ({rows}) order by 1")
    with duckdb.connect() as connection:
        shown = pictures.describe_figures(connection, "marts.any")
    (drawn,) = paths(svg(str(shown["chart"].value)))
    assert drawn.count("M") == 2
    assert "2022: **3** · 2020: **2** · 2019: **1**" in str(shown["figures"].value)
    assert "▁▅ █ since 2019" in str(shown["figures"].value)
    assert pictures.describe_figures(duckdb.connect(), "marts.other") == {}


def test_one_figure_is_no_line_and_none_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect() as connection:
        show(monkeypatch, "select 2019, 1.5")
        assert pictures.describe_figures(connection, "marts.any")["figures"].value == "Any (%): 2019: **1.5**"
        show(monkeypatch, "select 2019, 1.5 where false")
        assert pictures.describe_figures(connection, "marts.any") == {}


def test_a_long_series_keeps_its_last_point_and_its_limit() -> None:
    points = [(str(number), float(number**2)) for number in range(500)]
    brief = write_brief("A <balance>", "bn US$", points)
    assert len(brief) <= IN_PLACE
    assert brief.endswith("█ since 0")


def test_values_that_are_all_alike_are_a_level_line() -> None:
    assert draw_spark_line([5.0, 5.0]) == "▁▁"
