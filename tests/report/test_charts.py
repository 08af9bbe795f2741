"""A chart says what it shows, needs nothing from elsewhere, and is the same for the same figures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from dagster_project import publication, questions
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import Answer
from dagster_project.report import charts
from dagster_project.report.pictures import draw_answer, draw_picture

SVG = "{http://www.w3.org/2000/svg}"
QUESTIONS = {question.number: question for question in questions.load_questions(Project.find())}


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection


def asked(connection: duckdb.DuckDBPyConnection, number: int, given: Mapping[str, str | int] | None = None) -> Answer:
    question = QUESTIONS[number]
    return questions.ask_question(connection, question, questions.check_parameters(connection, question, given or {}))


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in etree.fromstring(svg).iter(f"{SVG}text")]


def bars(svg: str) -> dict[int, tuple[float, str]]:
    """The height that each year's bar is said to have, and its colour."""
    found = {}
    for path in etree.fromstring(svg).iter(f"{SVG}path"):
        label = path.get("aria-label") or ""
        if match := re.search(r"^(\d{4}): ([−\d.]+) US\$ billion$", label):
            found[int(match[1])] = (float(match[2].replace("−", "-")), str(path.get("fill")))
    return found


def test_the_balance_crosses_zero_where_the_figures_do(published: duckdb.DuckDBPyConnection) -> None:
    drawn = draw_answer(asked(published, 0, {"from_year": 1990}))
    svg = drawn.to_svg()
    shown = bars(svg)
    held = published.execute(
        "select year, balance_usd, observation_status from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year >= 1990"
    ).fetchall()
    assert shown.keys() == {year for year, _, _ in held}
    for year, balance, status in held:
        height, colour = shown[year]
        assert height == pytest.approx(balance / 1e9, abs=5e-4)
        full = charts.DEFICIT if balance < 0 else charts.SURPLUS
        assert colour == (charts.PROVISIONAL[full] if status == "P" else full)
    assert "2023: −18.0, the first deficit since 1992" in words(svg)
    assert any(text.startswith("Source: Korea Customs Service") and "2025" in text for text in words(svg))


@pytest.mark.parametrize("number", [number for number, question in QUESTIONS.items() if question.series])
def test_an_svg_says_what_it_shows_and_asks_no_host(published: duckdb.DuckDBPyConnection, number: int) -> None:
    answer = asked(published, number)
    svg = draw_answer(answer).to_svg()
    root = etree.fromstring(svg)
    title, description, ground = list(root)[:3]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text
    assert answer.sentence in (description.text or "")
    # White, so that dark pages do not swallow the words.
    assert (ground.tag, ground.get("fill")) == (f"{SVG}rect", "white")
    assert not re.search(r"@import|@font-face|url\(['\"]?http|href=", svg)
    assert set(re.findall(r"https?://[^\"]+", svg)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert all(family.endswith("sans-serif") for family in re.findall(r'font-family="([^"]*)"', svg))
    assert "NaN" not in svg
    for label in QUESTIONS[number].series.values():
        if len(QUESTIONS[number].series) > 1:
            assert label.format(**answer.names) in words(svg)


def test_the_same_figures_give_the_same_bytes_whatever_fonts_there_are(
    published: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = asked(published, 0)
    first = draw_answer(answer).to_svg()
    assert draw_answer(answer).to_svg() == first
    # Words take other room in another font, and nothing moves.
    monkeypatch.setattr(charts, "FONT", "DejaVu Sans Mono")
    other = draw_answer(answer).to_svg()
    assert other != first
    assert other.replace("DejaVu Sans Mono", "Liberation Sans, Arial, Helvetica, sans-serif") == first


def test_a_balance_too_thin_for_a_sign_has_no_colour_of_one(published: duckdb.DuckDBPyConnection) -> None:
    """Kazakhstan with China: 2016, and 2020 to 2022."""
    svg = draw_answer(asked(published, 0, {"reporter": "KAZ"})).to_svg()
    grey = {year for year, (_, colour) in bars(svg).items() if colour == charts.UNSIGNED}
    assert grey == {2016, 2020, 2021, 2022}
    assert any("fail the coverage check" in text for text in words(svg))


def test_a_year_that_is_not_held_is_a_gap(published: duckdb.DuckDBPyConnection) -> None:
    """China's figures with Korea: 2023 is not held. Korea and Indonesia: not both report each year."""
    svg = draw_answer(asked(published, 0, {"reporter": "CHN", "partner": "KOR", "from_year": 2020})).to_svg()
    assert set(bars(svg)) == {2020, 2021, 2022, 2024, 2025}
    # The scale has it, and a line is broken there.
    assert "2023" in words(svg)
    lines = draw_answer(asked(published, 13, {"partner": "IDN"})).to_svg()
    marks = [p.get("d") or "" for p in etree.fromstring(lines).iter(f"{SVG}path") if p.get("stroke-dasharray")]
    assert any(d.count("M") == 2 for d in marks)


def test_what_is_no_series_is_not_drawn(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BilateralError, match=r"Question 5 \(exports_or_imports\) has no chart"):
        draw_answer(asked(published, 5))
    for given in ({"reporter": "JPN", "partner": "MNG"}, {"from_year": 2023, "to_year": 2023}):
        with pytest.raises(BilateralError, match="fewer than two years"):
            draw_answer(asked(published, 0, given))


def test_nothing_has_no_sign() -> None:
    assert [charts.format_number(value) for value in (-0.04, -0.0, -0.06, 1234.5)] == ["0.0", "0.0", "−0.1", "1,234.5"]


def test_two_charts_of_one_title_have_ids_of_their_own() -> None:
    rows = [{"year": year, "value": float(year)} for year in (2023, 2024, 2025)]
    one, other, again = (
        draw_picture("Trade", "A line.", charts.draw_lines, found, {"value": "Trade"}, "percent", is_half=True).svgs[
            "half"
        ]
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
    with pytest.raises(BilateralError, match=r"End it with \.svg or \.png"):
        drawn.write_file(tmp_path / "a.pdf")
    with pytest.raises(BilateralError, match="does not exist"):
        drawn.write_file(tmp_path / "b" / "a.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.PNG", "a.svg"]
