"""Answers, verdicts and stored texts in Korean: nothing stays in English, and the figures are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from jinja2 import meta, nodes

from dagster_project import questions
from dagster_project.catalog import Catalog
from dagster_project.claims import judging
from dagster_project.claims.evaluator import Evaluator
from dagster_project.languages import translate, use_language
from dagster_project.project import Project
from dagster_project.questions import Answer, wording
from dagster_project.questions.numbers import Mark, Sentence
from tests.languages.english import list_english

QUESTIONS = questions.load_questions(Project.find())
PAIRS = [("KOR", "CHN"), ("USA", "CHN"), ("JPN", "KOR"), ("CHN", "KOR")]
# A claim for each verdict, and several mistakes.
CLAIMS = (
    "balance KOR CHN 2023 = -18bn",
    "balance KOR CHN 2018 = $55.6bn",
    "exports KOR CHN 2022 = $124.8bn",
    "exports KOR CHN 2022 = $155.8m",
    "exports KOR CHN 2023 = 12.48억 달러",
    "balance KOR CHN 2024 = surplus of $6.9bn",
    "balance KOR CHN 2025 = deficit of $11.2bn",
    "balance KOR VNM 2023 = $27.6bn",
    "exports KOR CHN 2035 = $100bn",
    "balance KOR CHN 1970 = $1bn",
    "opinion KOR CHN 2023 = yes",
    "imports KOR CHN 2023 more than $150bn",
    "exports KOR CHN 2023 = 165 trillion won",
    "export_share KOR CHN 2023 fell 3 percentage points",
    "export_rank KOR CHN 2023 = 2",
    "balance KOR CHN 2016 to 2022 trend falling",
    "total_trade KOR CHN 2023 about $268bn",
    "visitor_arrivals KOR CHN 2019 = 6 million",
    "balance HKG CHN 2015 = 26.4bn",
    "balance KOR CHN 2018->2023 sign_change to surplus",
    "balance KOR CHN 2022->2023 = deficit doubled",
    "exports KOR CHN 2023 = rose to $124.8bn",
    "balance KOR CHN 2013->2018 = surplus fell",
    "balance KOR CHN 2022 = surplus more than halved",
    "balance KOR CHN 2026-01..2026-06 = $13,495,750 thousand",
    "balance KOR USA 2024 record surplus",
    "balance USA CHN 2018 = -$419.2bn",
    "export_share KOR CHN 2023-05 = 20%",
    "surplus_rank CHN KOR 2013 1",
    "balance CHN KOR 2024 = deficit of $10bn",
    "exports JPN KOR 2024 = 6.7%",
    "exports JPN CHN 2023 = $100bn",
    "exports KOR CHN 2023 at least $100bn",
    "Korea's exports to China fell 19.9 percent in 2023.",
    "Korea posted a deficit of 18.0 billion dollars with China in 2023.",
    "Korea posted its third straight deficit with China in 2025.",
    "Korea recorded its first deficit with China in 31 years in 2023.",
    "Korea's exports to China fell by about $31 billion in 2023.",
    "event_order E008-E007.implemented before",
)


def list_texts(answer: Answer) -> Iterator[str]:
    question = answer.question
    yield from (answer.sentence, *answer.missing, question.question, question.read, question.limits)
    yield from (*question.series.values(), *answer.names.values(), *(str(value) for value in answer.values.values()))
    for column in question.columns:
        yield translate(column.name)
        if column.unit == translate("text"):
            yield from (translate(str(row[column.name])) for row in answer.rows if row[column.name])


def list_figures(sentence: Sentence) -> set[tuple[str, float]]:
    return {(piece.column, round(piece.value, 6)) for piece in sentence.pieces if isinstance(piece, Mark)}


def ask_all(connection: duckdb.DuckDBPyConnection) -> Iterator[Answer]:
    for question in QUESTIONS:
        for reporter, partner in PAIRS:
            taken = {parameter.name for parameter in question.parameters}
            given = {"reporter": reporter, "partner": partner}
            yield questions.ask_question(
                connection, question, {name: value for name, value in given.items() if name in taken}
            )


@pytest.fixture(scope="module")
def korean(published: duckdb.DuckDBPyConnection) -> list[Answer]:
    with use_language("ko"):
        return list(ask_all(published))


def test_every_question_has_a_template_in_korean() -> None:
    for question in QUESTIONS:
        path = question.path.parent / "ko" / f"{question.path.stem}.j2"
        template = path.read_text(encoding="utf-8")
        wording.check_template(template, str(path))
        tree = wording._parse_template(template)
        assigned = {name.name for name in tree.find_all(nodes.Name) if name.ctx in {"store", "param"}}
        macros = {macro.name for macro in tree.find_all(nodes.Macro)}
        given = {"rows", "held", "asked", "names", "missing", "reporter", "partner", "months", "namespace", "loop"}
        assert meta.find_undeclared_variables(tree) - assigned - macros <= given, path.name
        read = {str(one.attr) for one in tree.find_all(nodes.Getattr)}
        english = {str(one.attr) for one in wording._parse_template(question.template).find_all(nodes.Getattr)}
        assert read <= english | {column.name for column in question.columns}, path.name


@pytest.mark.long
def test_no_english_is_left_in_an_answer(korean: list[Answer]) -> None:
    with use_language("ko"):
        left = {(one.question.number, text) for one in korean for text in list_texts(one) if list_english(text)}
    notes = {one.question.read for one in korean} | {one.question.limits for one in korean}
    # Notes name columns and files in the middle of Korean.
    assert sorted(one for one in left if one[1] not in notes) == []
    assert [
        note[:60] for note in notes if not re.match("[가-힣]", note) and len(list_english(note)) > len(note) / 20
    ] == []


@pytest.mark.long
def test_no_code_is_left_in_english_in_the_rows_of_an_answer(korean: list[Answer]) -> None:
    """The codes of publishers are names."""
    shown = {
        value
        for one in korean
        for row in one.rows
        for name, value in row.items()
        if isinstance(value, str) and re.fullmatch("[a-z_]+", value) and not re.search("source|publisher", name)
    } - {gap for one in korean for row in one.rows for gap in [row["missing_code"]]}
    assert "not_on_course" in shown
    with use_language("ko"):
        assert sorted(code for code in shown if translate(code) == code) == []


@pytest.mark.long
def test_a_pseudo_language_finds_every_text(published: duckdb.DuckDBPyConnection, pseudo: None) -> None:
    left = {(one.question.number, text) for one in ask_all(published) for text in list_texts(one) if list_english(text)}
    assert sorted(left) == []


@pytest.mark.long
def test_figures_are_those_of_the_english_answer(korean: list[Answer], published: duckdb.DuckDBPyConnection) -> None:
    for own, english in zip(korean, ask_all(published), strict=True):
        assert list_figures(own.sentence) == list_figures(english.sentence), (own.question.number, own.values)


@pytest.fixture(scope="module")
def judged(published: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    evaluator = Evaluator(published, Catalog(Project.find()).models)
    with use_language("ko"):
        records, _, faults = judging.judge_rows(evaluator, [{"claim": claim} for claim in CLAIMS], date(2026, 11, 30))
    assert not faults
    return records


@pytest.mark.long
def test_claims_have_every_verdict(judged: list[dict[str, object]]) -> None:
    expected = {*judging.ORDER} - {"compared", "refused"}
    assert {one["verdict"] for one in judged} == expected


@pytest.mark.long
def test_no_english_is_left_in_a_verdict(judged: list[dict[str, object]]) -> None:
    with use_language("ko"):
        told = [judging.translate_record(one) for one in judged]
        words = [translate(verdict) for verdict in judging.ORDER]
    texts = [str(one[name]) for one in told for name in judging._TEXTS if one.get(name)]
    assert [text for text in (*texts, *words) if list_english(text)] == []


@pytest.mark.long
def test_no_english_is_left_in_stored_texts(published: duckdb.DuckDBPyConnection) -> None:
    stored = published.execute(
        "select reason from marts.claim_verdicts union select reason_then from marts.claim_verdicts union select "
        "coverage_reason from marts.trade_balance_annual union (select reason from marts.policy_event_effects) union "
        "select reason from marts.agreement_effects union select title from core.policy_events union select agreement "
        "from core.agreements union select label from core.service_items union select name from core.economies union "
        "select statement from core.claims union select publisher from core.claims union select stage_title from "
        "core.policy_event_stages union select title from meta.figure_sources union select publisher from "
        "meta.figure_sources union select licence_name from meta.figure_sources union select known_cause from "
        "meta.checks"
    ).fetchall()
    with use_language("ko"):
        left = [(text, told) for (text,) in stored if text and list_english(told := translate(text))]
    assert left == []
