"""A question is one file: its header, its SELECT and its template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagster_project import questions
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import CLOSING, KINDS, Question
from tests.questions.test_questions import PROJECT, QUESTIONS

MODELS = Catalog(PROJECT).models
NAMES = [question.name for question in QUESTIONS]


TEXT = """/*
number: 7
question: How much?
name: how_much
read: A row a year.
limits: None.
parameters:
  reporter: KOR | Whose statistics.
columns:
  year: year | The year.
  is_answered: true/false | It is held.
  snapshot_ids: list | The snapshots.
*/
with asked as (select coalesce(getvariable('reporter'), 'KOR') as reporter_code)

select
    year,
    true as is_answered,
    null as missing_code,
    null as missing_series,
    null as missing_periods,
    snapshot_ids
from asked
left join marts.trade_balance_annual on true

/*
of {{ rows[0].year }};
*/
"""


def parse(text: str) -> Question:
    question = Question.parse_text(text, Path("07_how_much.sql"))
    question.check_select()
    return question


def test_a_question_is_read_from_its_header_and_its_select() -> None:
    question = parse(TEXT)
    assert (question.number, question.name, question.question) == (7, "how_much", "How much?")
    assert [(p.name, p.default) for p in question.parameters] == [("reporter", "KOR")]
    assert question.reads == {"marts.trade_balance_annual"}
    assert question.template == "of {{ rows[0].year }};"
    assert tuple(column.name for column in question.columns) == ("year", *CLOSING)


def test_a_question_says_what_a_chart_of_it_shows() -> None:
    assert parse(TEXT).series == {}
    text = TEXT.replace("*/", "series:\n  year: By {reporter}\n*/", 1)
    assert parse(text).series == {"year": "By {reporter}"}
    assert any(question.series for question in QUESTIONS)
    for question in QUESTIONS:
        units = {column.unit for column in question.columns if column.name in question.series}
        assert len(units) <= 1, "a chart has one scale"


def test_a_question_knows_the_macros_that_it_reads() -> None:
    text = TEXT.replace("marts.trade_balance_annual on true", "marts.changes('KOR', 'CHN', 2018, 2023) on true")
    assert parse(text).reads == {"marts.changes"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TEXT.split("*/")[1], "expected a block comment, a SELECT and another block comment"),
        (TEXT.rpartition("/*")[0], "expected a block comment, a SELECT and another block comment"),
        (TEXT.replace("rows[0].year }}", "rows[0].year"), "the template after the SELECT is not valid Jinja"),
        (TEXT.replace("rows[0].year }}", "rows[0].year | colour }}"), "uses the filter colour, which does not exist"),
        (TEXT.replace("rows[0].year }}", "rows[0].year is blue }}"), "uses the test blue, which does not exist"),
        (TEXT.replace("limits: None.\n", ""), "limits: Field required"),
        (TEXT.replace("limits: None.", "limits: a: b: c"), "is not YAML"),
        (TEXT.replace("year | The year.", "The year."), "expected `unit | meaning`"),
        (TEXT.replace("  year: year | The year.\n", ""), "the SELECT produces"),
        (TEXT.replace("snapshot_ids", "snapshots"), "the last columns must be is_answered, missing_code"),
        (TEXT.replace("  reporter: KOR", "  colour: red"), "unknown parameters"),
        (TEXT.replace("marts.trade_balance_annual", "trade_balance_annual"), "without a schema"),
        (TEXT.replace("*/", "series:\n  level: Level\n*/", 1), "`series` needs the columns year, level"),
        (TEXT.replace("on true\n", "on true; drop table marts.trade_balance_annual\n"), "expected one SELECT, got 2"),
        (
            f"{TEXT.partition('*/')[0]}*/\ndelete from marts.trade_balance_annual\n/*{TEXT.rpartition('/*')[2]}",
            "expected a SELECT",
        ),
    ],
)
def test_a_malformed_question_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BilateralError, match=complaint) as caught:
        parse(text)
    assert "sql/questions/07_how_much.sql" in str(caught.value)


def test_a_file_is_called_after_its_question_and_a_number_stands_once(tmp_path: Path) -> None:
    folder = tmp_path / "sql" / "questions"
    folder.mkdir(parents=True)
    (tmp_path / "sql" / "marts").mkdir()
    (folder / "08_how_much.sql").write_text(TEXT)
    with pytest.raises(BilateralError, match=r"08_how_much.sql reads marts.trade_balance_annual, which does not exist"):
        questions.load_questions(Project.at(tmp_path))
    (tmp_path / "sql" / "marts" / "trade_balance_annual.sql").touch()
    with pytest.raises(BilateralError, match=r"the header says number 7.*07_how_much"):
        questions.load_questions(Project.at(tmp_path))
    (folder / "08_how_much.sql").rename(folder / "07_how_much.sql")
    (folder / "07_how_many.sql").write_text(TEXT.replace("how_much", "how_many"))
    for faults in (None, list[BilateralError]()):
        if faults is None:
            with pytest.raises(BilateralError, match=r"07_how_much.sql has the same number as 07_how_many.sql"):
                questions.load_questions(Project.at(tmp_path), faults)
        else:
            (first,) = questions.load_questions(Project.at(tmp_path), faults)
            assert (first.name, len(faults)) == ("how_many", 1)


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_parameters_stand_in_the_sql_with_their_defaults(question: Question) -> None:
    used = set(re.findall(r"getvariable\('(\w+)'\)", question.select))
    assert used == {parameter.name for parameter in question.parameters}
    for parameter in question.parameters:
        if KINDS[parameter.name] == "economy":
            assert f"coalesce(getvariable('{parameter.name}'), '{parameter.default}')" in question.select


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_it_reads_only_tables_that_a_build_makes(question: Question) -> None:
    assert question.reads <= MODELS.keys()


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_column_is_called_as_in_the_marts(question: Question) -> None:
    """The unit is in the name, and a name of the marts keeps its unit."""
    endings = {"_usd": "US$", "_pct": "percent", "_kg": "kg", "_year": "year", "_count": "count"}
    units = {column.name: column.unit for model in MODELS.values() for column in model.columns}
    for column in question.columns:
        for ending, unit in endings.items():
            if column.name.endswith(ending):
                assert column.unit == unit, column.name
        if column.name.endswith(("_usd", "_pct", "_code")) and column.name in units:
            assert column.unit == units[column.name], column.name


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_no_select_names_a_source_or_what_would_bring_a_figure(question: Question) -> None:
    assert not re.search(
        r"\brefresh\b|BILATERAL_|bilateral\.toml|'(kcs|imf|comtrade|worldbank|oecd_wto)'", question.select
    )


def test_every_kind_of_parameter_is_taken_by_a_question() -> None:
    assert set(KINDS) == {parameter.name for question in QUESTIONS for parameter in question.parameters}
