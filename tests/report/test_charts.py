"""A chart describes its content, is self-contained, and is the same for the same figures."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pytest
from lxml import etree

from dagster_project import questions
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import Answer
from dagster_project.report import charts
from dagster_project.report.pictures import draw_answer

SVG = "{http://www.w3.org/2000/svg}"
QUESTIONS = {question.number: question for question in questions.load_questions(Project.find())}


def asked(connection: duckdb.DuckDBPyConnection, number: int, given: Mapping[str, str | int] | None = None) -> Answer:
    question = QUESTIONS[number]
    return questions.ask_question(connection, question, questions.check_parameters(connection, question, given or {}))


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in etree.fromstring(svg).iter(f"{SVG}text")]


def bars(svg: str) -> dict[int, tuple[float, str]]:
    """Read the labelled value and the colour of each year's bar."""
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
