"""Charts, the brief and checked articles in Korean: nothing stays in English, and the figures are the same."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import duckdb
import pytest
from lxml import etree, html

from benchmarks.claims import measure
from dagster_project import questions
from dagster_project.catalog import Catalog
from dagster_project.claims import judging
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import Answer
from dagster_project.files import load_yaml
from dagster_project.languages import use_language
from dagster_project.project import Project
from dagster_project.report import brief
from dagster_project.report.charts import texts
from dagster_project.report.charts.canvas import Frame, measure_text
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.pair import Pair
from dagster_project.report.pictures import draw_answer
from tests.cli.test_commands import run
from tests.languages.english import list_english
from tests.languages.test_answers import PAIRS, QUESTIONS, list_figures

# Pairs whose newest month has all parts, an old month, no figures of the partner, and none at all.
BRIEFS = [*PAIRS, ("KOR", "DEU"), ("VNM", "KOR")]
CHARTS = [question for question in QUESTIONS if question.series]
ARTICLE = """# South Korea and China look past a deficit
South Korea ran a trade surplus of $65.6 billion with China in 2018, a record.
By 2023, that flipped to a deficit of $18 billion, the first in over three decades.
South Korea's exports to China were $224.8 billion in 2023.
Buoyant South Korea's exports to China were $224.8 billion in 2023.
In the first ten days of May 2023 South Korea's exports to China fell 10 percent.
"""
# Publishers ask for these citations, and readers cite these IDs.
CITED = re.compile(r"출처: .*|`[^`]*`|\w+/\w+/\w+/[\w-]+@[\d-]+|[0-9a-f]{16}")


def draw(connection: duckdb.DuckDBPyConnection, question: questions.Question, pair: tuple[str, str]) -> Any:
    """Draw the chart of an answer as XML, or return None if there are too few figures."""
    sides = dict(zip(("reporter", "partner"), pair, strict=True))
    given = {name: sides[name] for name in sides if name in {one.name for one in question.parameters}}
    answer = questions.ask_question(connection, question, given)
    held = {row["year"] for row in answer.rows if any(row[name] is not None for name in question.series)}
    return etree.fromstring(draw_answer(answer).to_svg()) if len(held) > 1 else None


def list_words(chart: Any) -> list[str]:
    return ["".join(part.itertext()) for part in chart.iter("{*}text", "{*}title", "{*}desc")]


def list_values(chart: Any) -> list[float]:
    """List the numbers of a chart's labels, by the keys of their marks."""
    labels = {part.get("data-key"): part.text for part in chart.iter("{*}text") if part.get("data-role") == "label"}
    numbers = (re.search(r"[−+]?[\d,.]+(?=%?$)", text) for _, text in sorted(labels.items()))
    return [float(one[0].replace(",", "").replace("−", "-")) for one in numbers if one]


def test_each_template_of_charts_has_a_korean_one_with_its_fields() -> None:
    english = texts.load_texts()
    with use_language("ko"):
        korean = texts.load_texts()
    assert list(korean) == list(english)
    lists = ("words", "events", "events_within")
    assert {part: list(korean[part]) for part in lists} == {part: list(english[part]) for part in lists}
    for name in english.keys() - {*lists}:
        fields, own = ({field for _, field, _, _ in Formatter().parse(one[name]) if field} for one in (english, korean))
        # The possessive is a form of the economy's name.
        same = {"whose": "reporter", "partners": "partner"} if name != "gdp" else {}
        assert {same.get(one, one) for one in own} == {same.get(one, one) for one in fields}, name
        assert list_english(re.sub(r"\{[^}]*\}", "", korean[name])) == [], name


def test_korean_amounts_stand_in_hundred_millions_as_exact_as_english_ones() -> None:
    rows = [{"year": year, "value": value} for year, value in ((2023, -18.04e9), (2024, 6.8e9), (2025, -124.96e9))]
    frame, labels = Frame(width=720, height=340, font=13), {"value": "수지"}
    english = draw_lines(frame, rows, labels, "US$").parts
    with use_language("ko"):
        parts = draw_lines(frame, rows, labels, "US$").parts
        assert texts.write_text("balance_measure", reporter="한국", partner="미국", amounts=[1e9]).endswith("억 달러")
        assert texts.write_text("year_measure", reporter="한국", partner="몽골", amounts=[9e8]).endswith("만 달러")
    assert any("−125.0</text>" in part for part in english)
    assert any("−1,250</text>" in part for part in parts)


def test_hangul_is_as_wide_as_the_font_is_high() -> None:
    assert measure_text("한국", 10) == 20
    assert measure_text("−", 10) < 10


@pytest.mark.long
def test_a_pseudo_language_finds_every_text_of_a_chart(published: duckdb.DuckDBPyConnection, pseudo: None) -> None:
    drawn = [draw(published, question, pair) for question in CHARTS for pair in PAIRS]
    # A long title has several lines, and with them the marks.
    left = {word for chart in drawn if chart is not None for word in list_english(" ".join(list_words(chart)))}
    assert sorted(left) == []


@pytest.mark.long
def test_the_labels_of_a_korean_chart_are_those_of_the_english_one(published: duckdb.DuckDBPyConnection) -> None:
    for question in CHARTS:
        for pair in PAIRS:
            english = draw(published, question, pair)
            with use_language("ko"):
                korean = draw(published, question, pair)
            if english is None:
                continue
            values, own = list_values(english), list_values(korean)
            assert values
            # A billion is ten units of 억, a million a hundred of 만; a per cent stays.
            scales = ((1, 0.0), (10, 0.01), (100, 5.6))
            assert any(own == pytest.approx([size * one for one in values], abs=off) for size, off in scales), pair


def compile_brief(built: Project, connection: duckdb.DuckDBPyConnection, sides: tuple[str, str]) -> tuple[Any, str]:
    pair = Pair(built, connection, *sides)
    found = brief.compile_brief(pair)
    return found, brief.render_brief(pair, found)


def list_page_texts(page: str) -> list[str]:
    """List the texts of a page, with those for screen readers."""
    parts = html.fromstring(page)
    for one in parts.xpath("//style | //code | //table | //details"):
        one.drop_tree()
    found = [text for one in parts.iter() for text in (one.text, one.tail) if text and text.strip()]
    return [*found, *(value for value in parts.xpath("//@aria-label | //@title | //@alt"))]


@pytest.mark.long
def test_a_brief_in_korean_has_no_english_and_the_same_figures(
    built: Project, published: duckdb.DuckDBPyConnection
) -> None:
    english, _ = compile_brief(built, published, ("KOR", "CHN"))
    with use_language("ko"):
        korean, page = compile_brief(built, published, ("KOR", "CHN"))
    assert korean["title"] == "한국과 중국"
    assert korean["month"] == "2026년 7월"
    assert korean["sentences"][0]["source"] == "출처: 관세청"
    assert (korean["figures"][0]["value"], korean["figures"][0]["printed"]) == (
        english["figures"][0]["value"],
        "216억 8,000만 달러",
    )
    for own, other in zip(korean["sentences"], english["sentences"], strict=True):
        assert list_figures(own["text"]) == list_figures(other["text"]), own["part"]
    assert '<html lang="ko">' in page
    text = korean["text"].split("## 출처")[0]
    assert [line for line in text.splitlines() if list_english(CITED.sub("", line))] == []


@pytest.mark.long
def test_a_pseudo_language_finds_every_text_of_a_brief(
    built: Project, published: duckdb.DuckDBPyConnection, pseudo: None
) -> None:
    left = set()
    for sides in BRIEFS:
        found, page = compile_brief(built, published, sides)
        shown = [*found["text"].splitlines(), *list_page_texts(page)]
        left |= {one for one in shown if list_english(one) and not any(cited in one for cited in found["citations"])}
    assert sorted(left) == []


@pytest.fixture(scope="module")
def evaluator(published: duckdb.DuckDBPyConnection) -> Evaluator:
    return Evaluator(published, Catalog(Project.find()).models)


def list_answer_texts(answer: Answer) -> list[str]:
    """List the texts of an answer about an article, without the English words of the article that they name."""
    words = set(re.findall("[a-z]+", answer.sentence.lower()))
    shown = (answer.reason, *answer.reading.why, answer.figure or "", answer.wording or "")
    named = (re.sub("[^.:,;]*(?=에 관한 수치다|[을를] 달러로 환산할)", "", text) for text in shown)
    return [re.sub(r"(?<![\w.])[A-Za-z]+(?!\w)", lambda w: "" if w[0].lower() in words else w[0], one) for one in named]


@pytest.mark.long
def test_an_article_is_checked_in_korean(built: Project, tmp_path: Path) -> None:
    file, page = tmp_path / "article.md", tmp_path / "page.html"
    file.write_text(ARTICLE)
    told = run(built, "article", str(file), "--published", "2026-10-01", "--lang", "ko", "--html", str(page))
    assert re.match(r"무역에 관한 진술: \d+건\(사실 아님 \d+건, ", told)
    assert "바른 표현: 한국의 대중국 상품 수출(2023년): 1,248억 2,000만 달러" in told
    parts = html.fromstring(page.read_text(encoding="utf-8"))
    assert (parts.get("lang"), parts.find(".//article").get("lang")) == ("ko", "en")
    assert {one.get("class") for one in parts.iter("mark")} <= set(judging.ORDER)
    assert all(re.search("[가-힣]", one.get("title")) for one in parts.iter("mark"))


@pytest.mark.long
def test_no_english_is_left_in_what_is_said_of_articles(evaluator: Evaluator) -> None:
    """The sentences are those of published articles, and of one with a claim that cannot be read."""
    articles: list[tuple[str, date, tuple[str, str] | None]] = [(ARTICLE, date(2026, 10, 1), None)]
    for one in load_yaml((measure.FOLDER / "fresh.yml").read_text(encoding="utf-8"), "fresh.yml"):
        pair = (one["pair"][:3], one["pair"][4:]) if "pair" in one else None
        articles.append((one["text"], one["published_on"], pair))
    left = set()
    with use_language("ko"):
        for text, day, pair in articles:
            for answer in judging.read_article(evaluator, text, day, pair=pair):
                translated = judging.translate_answer(answer)
                left |= {(one, answer.reason) for one in list_answer_texts(translated) if list_english(one)}
    assert sorted(left) == []
