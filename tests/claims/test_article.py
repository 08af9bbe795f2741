"""An article's statements on trade are all found, true ones and false ones, and none is judged falsely."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from benchmarks.claims import measure, sentences
from dagster_project.claims import judging
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import Answer
from dagster_project.project import Project
from tests.cli.test_commands import run

ON = date(2025, 12, 15)
SUPPORTED = {"supported", "supported_rounded", "differs_in_last_digit"}
# The nine statements of the article this project began with: as each is true, as it is false, and where it is found.
# Korea's statistics have a larger surplus in 2013, China's do not: that of 2018 was a record by the partner's alone.
ENGLISH: tuple[tuple[str, str, set[str]], ...] = (
    (
        "South Korea ran a trade surplus of $55.6 billion with China in 2018, a record.",
        "South Korea ran a trade surplus of $65.6 billion with China in 2018, a record.",
        {"balance/2018/equals", "balance/2018/record"},
    ),
    (
        "By 2023, that flipped to a deficit of $18 billion, the first in over three decades.",
        "By 2023, that flipped to a deficit of $28 billion, the first in over four decades.",
        {"balance/2023/equals", "balance/2022->2023/sign_change", "balance/2023/first_in"},
    ),
    (
        "From January to November 2025, South Korea's deficit with China reached $10.4 billion.",
        "From January to November 2025, South Korea's deficit with China reached $14.4 billion.",
        {"balance/2025-01..2025-11/equals"},
    ),
    (
        "South Korea is recording its third straight annual deficit with China in 2025.",
        "South Korea is recording its fifth straight annual deficit with China in 2025.",
        {"balance/2025/streak"},
    ),
    (
        "Services accounted for about 57 percent of China's GDP in 2024.",
        "Services accounted for about 67 percent of China's GDP in 2024.",
        {"services_in_gdp/2024/equals"},
    ),
    (
        "The Korea-China free trade agreement was signed in June 2015.",
        "The Korea-China free trade agreement was signed in December 2015.",
        {"event_date//equals"},
    ),
    (
        "THAAD was deployed in South Korea in 2017.",
        "THAAD was deployed in South Korea in 2014.",
        {"event_date//equals"},
    ),
)
KOREAN: tuple[tuple[str, str, set[str]], ...] = (
    (
        "한국은 2018년 중국과의 무역에서 556억 달러 흑자를 기록했다.",
        "한국은 2018년 중국과의 무역에서 656억 달러 흑자를 기록했다.",
        {"balance/2018/equals"},
    ),
    (
        "2018년 한국의 대중 무역흑자는 사상 최대였다.",
        "2019년 한국의 대중 무역흑자는 사상 최대였다.",
        {"balance//record"},
    ),
    (
        "한국의 대중 무역수지는 2023년 180억 달러 적자로 돌아섰다.",
        "한국의 대중 무역수지는 2023년 280억 달러 적자로 돌아섰다.",
        {"balance/2023/equals", "balance/2022->2023/sign_change"},
    ),
    ("이는 2023년 31년 만에 첫 대중 적자였다.", "이는 2023년 41년 만에 첫 대중 적자였다.", {"balance/2023/first_in"}),
    (
        "2025년 1~11월 한국의 대중 무역적자는 104억 달러였다.",
        "2025년 1~11월 한국의 대중 무역적자는 144억 달러였다.",
        {"balance/2025-01..2025-11/equals"},
    ),
    (
        "한국은 2025년 대중 무역에서 3년 연속 적자를 기록했다.",
        "한국은 2025년 대중 무역에서 5년 연속 적자를 기록했다.",
        {"balance/2025/streak"},
    ),
    (
        "2024년 중국의 국내총생산에서 서비스업이 차지하는 비중은 57%였다.",
        "2024년 중국의 국내총생산에서 서비스업이 차지하는 비중은 67%였다.",
        {"services_in_gdp/2024/equals"},
    ),
    ("한중 자유무역협정은 2015년 6월 서명됐다.", "한중 자유무역협정은 2015년 12월 서명됐다.", {"event_date//equals"}),
    ("사드는 2017년 한국에 배치됐다.", "사드는 2014년 한국에 배치됐다.", {"event_date//equals"}),
)
HEADLINES = {"en": "# South Korea and China look past a deficit", "ko": "# 한국과 중국, 적자를 넘어"}
ASIDE = {"en": "The leaders shook hands 3 times, and 1,200 guests came to dinner.", "ko": "만찬에는 1200명이 참석했다."}


def key(answer: Answer) -> str:
    slots = answer.reading.slots
    if answer.reading.slots.get("comparator") == "record" and answer.sentence.startswith("201"):
        return f"{slots['metric']}//record"
    return f"{slots.get('metric')}/{slots.get('period', '')}/{slots.get('comparator')}"


@pytest.mark.parametrize(
    ("language", "is_true"),
    [
        ("en", True),
        pytest.param("ko", False, marks=pytest.mark.long),
        pytest.param("en", False, marks=pytest.mark.long),
        pytest.param("ko", True, marks=pytest.mark.long),
    ],
)
def test_all_statements_are_found_and_none_is_judged_falsely(
    evaluator: Evaluator, language: str, is_true: bool
) -> None:
    statements = ENGLISH if language == "en" else KOREAN
    text = [HEADLINES[language], "", *(true if is_true else false for true, false, _ in statements), ASIDE[language]]
    answers = judging.read_article(evaluator, "\n".join(text), ON)
    found = {line: [one for one in answers if one.sentence.strip() == line] for line in text}
    for true, false, expected in statements:
        line = true if is_true else false
        assert {key(one) for one in found[line]} >= expected, line
        for one in found[line]:
            if is_true:
                assert one.verdict != "contradicted", one
            elif key(one) in expected and one.reading.slots["comparator"] != "sign_change":
                assert one.verdict not in SUPPORTED, one
    assert not found[ASIDE[language]]
    judged = [one for one in answers if one.verdict in SUPPORTED | {"contradicted", "reporter_dependent"}]
    assert len(judged) >= len(statements) - 1
    assert all(one.citation for one in judged)


def test_a_false_number_comes_with_the_right_wording_and_its_source(evaluator: Evaluator) -> None:
    (one,) = judging.read_article(evaluator, "South Korea's exports to China were $224.8 billion in 2023.", ON)
    assert (one.verdict, one.figure) == ("contradicted", "US$124.82bn")
    assert one.wording == "South Korea's exports of goods to China in 2023: US$124.82bn"
    assert one.citation is not None
    assert "exports/KOR/CHN/2023@" in one.citation


def test_what_is_compared_shows_the_figure_and_what_was_not_understood(evaluator: Evaluator) -> None:
    (one,) = judging.read_article(evaluator, "Buoyant South Korea's exports to China were $224.8 billion in 2023.", ON)
    assert one.verdict == "compared"
    assert one.reason == (
        "Read as: South Korea's exports of goods to China in 2023 were 224.8 billion dollars. The figures give "
        "US$124.82bn. "
        "Not understood: Buoyant."
    )
    assert one.wording is None


@pytest.mark.long
def test_a_pair_is_said_by_the_headline_or_by_whoever_asks(evaluator: Evaluator) -> None:
    text = "In 2018, South Korea ran a surplus with China of $55.6 billion."
    text += " By 2023, that flipped to a deficit of $18 billion."
    for headline, pair, verdict in (
        ("South Korea, China talk trade", None, "supported_rounded"),
        ("Leaders talk trade", ("KOR", "CHN"), "supported_rounded"),
        ("Leaders talk trade", None, "compared"),
        ("South Korea, China and Japan talk trade", None, "compared"),
    ):
        answers = judging.read_article(evaluator, f"{headline}\n\n{text}", ON, pair=pair)
        assert next(one.verdict for one in answers if one.reading.text == "$18 billion") == verdict


def test_a_number_of_the_partners_statistics_is_not_false_where_nobody_is_named(evaluator: Evaluator) -> None:
    (one,) = judging.read_article(evaluator, "South Korea ran a surplus of $95.8 billion with China in 2018.", ON)
    assert one.verdict == "reporter_dependent"


def test_places_count_from_the_beginning_and_links_and_datelines_are_no_claims(evaluator: Evaluator) -> None:
    text = (
        "SEOUL, Dec. 15 (Example) -- South Korea's [exports to China](https://example.org/2023/12) fell to $124.8 "
        "billion in 2023.\n"
    )
    answers = judging.read_article(evaluator, text, ON)
    (one,) = [answer for answer in answers if answer.reading.text.startswith("$")]
    assert text[one.reading.start : one.reading.end] == "$124.8 billion"
    assert one.verdict == "supported_rounded"


def test_one_line_tells_of_all_parts_the_worst_first() -> None:
    assert judging.count_verdicts(["supported", "contradicted", "supported"]) == "1 contradicted, 2 supported"


@pytest.mark.long
def test_an_article_is_checked_from_the_shell(built: Project, tmp_path: Path) -> None:
    file = tmp_path / "article.md"
    text = "South Korea's exports to China were $224.8 billion in 2023, down 19.9% from a year earlier.\n"
    file.write_text(f"# Less & <b>less</b>\n\n{text}")
    said = run(built, "article", str(file), "--published", "2026-10-01", "--html", str(tmp_path / "page.html"))
    assert said.startswith("Statements on trade: 2 (1 contradicted, 1 supported when rounded).")
    assert "Correct wording: South Korea's exports of goods to China in 2023: US$124.82bn" in said
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<mark class="contradicted"' in page
    assert "Less &amp; &lt;b&gt;less" in page
    assert "http" not in page.split("<ol>")[0]
    found = json.loads(run(built, "article", "-", "--json", "--published", "2026-10-01", stdin=file.read_bytes()))
    assert [one["verdict"] for one in found] == ["contradicted", "supported_rounded"]
    assert "There is no file" in run(built, "article", str(tmp_path / "none.md"), code=1)
    assert "is not a date" in run(built, "article", str(file), "--published", "someday", code=1)
    file.write_text("Nothing of the kind.")
    assert "No statement on trade" in run(built, "article", str(file))


@pytest.mark.long
@pytest.mark.parametrize("half", sentences.HALVES)
def test_no_sentence_of_a_published_article_is_judged_by_a_wrong_reading(evaluator: Evaluator, half: str) -> None:
    if not (measure.FOLDER / half).exists():
        pytest.skip(f"{half} is not there")
    for found in sentences.scores(evaluator, half).values():
        assert not found.wrong
        assert not found.false_supported
