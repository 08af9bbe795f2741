"""A question is one file that says what it is, runs as it is pasted, and never leaves without a row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project import models, publication, questions
from dagster_project.analysis import analyses
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import CLOSING, KINDS, Question
from dagster_project.questions.sentences import SENTENCES
from dagster_project.sources import sources

PROJECT = Project.find()
QUESTIONS = questions.load(PROJECT)
NUMBERS = [question.number for question in QUESTIONS]
MODELS = models.load(PROJECT, analyses(PROJECT))
PAIRS = [("KOR", "CHN"), ("KOR", "JPN"), ("KOR", "VNM"), ("CHN", "KOR"), ("JPN", "MNG")]

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
  missing: text | What is not held.
  snapshot_ids: list | The snapshots.
*/
with asked as (select coalesce(getvariable('reporter'), 'KOR') as reporter_code)

select year, true as is_answered, null as missing, snapshot_ids
from asked
left join marts.trade_balance_annual on true
"""


def parse(text: str) -> Question:
    return Question.parse(text, Path("07_how_much.sql"))


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.reading(built) as connection:
        yield connection


def test_there_are_twenty_about_one_series() -> None:
    assert list(range(21)) == NUMBERS
    assert list(SENTENCES) == NUMBERS


def test_a_question_is_read_from_its_header_and_its_select() -> None:
    question = parse(TEXT)
    assert (question.number, question.name, question.question) == (7, "how_much", "How much?")
    assert [(p.name, p.default) for p in question.parameters] == [("reporter", "KOR")]
    assert question.reads == {"marts.trade_balance_annual"}
    assert tuple(column.name for column in question.columns) == ("year", *CLOSING)


def test_a_question_says_what_a_chart_of_it_shows() -> None:
    assert parse(TEXT).series == {}
    text = TEXT.replace("*/", "series:\n  year: By {reporter}\n*/")
    assert parse(text).series == {"year": "By {reporter}"}
    assert {question.number for question in QUESTIONS if question.series} == {0, 9, 10, 13, 14, 18, 19}
    for question in QUESTIONS:
        units = {column.unit for column in question.columns if column.name in question.series}
        assert len(units) <= 1, "a chart has one scale"


def test_a_question_knows_the_macros_that_it_reads() -> None:
    text = TEXT.replace("marts.trade_balance_annual on true", "marts.changes('KOR', 'CHN', 2018, 2023) on true")
    assert parse(text).reads == {"marts.changes"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TEXT.split("*/")[1], "does not open with a block comment"),
        (TEXT.replace("limits: None.\n", ""), "a header has number, question, name"),
        (TEXT.replace("limits: None.", "limits: a: b: c"), "is not YAML"),
        (TEXT.replace("year | The year.", "The year."), "is documented as"),
        (TEXT.replace("  year: year | The year.\n", ""), "the SELECT produces"),
        (TEXT.replace(", snapshot_ids\n", "\n").replace("  snapshot_ids: list | The snapshots.\n", ""), "does not end"),
        (TEXT.replace("  reporter: KOR", "  colour: red"), "no known kind"),
        (TEXT.replace("marts.trade_balance_annual", "trade_balance_annual"), "without saying its schema"),
        (TEXT.replace("*/", "series:\n  level: Level\n*/"), "has a series of level, and not a year"),
        (TEXT + "; drop table marts.trade_balance_annual", "is not one SELECT"),
        (TEXT.split("*/")[0] + "*/\ndelete from marts.trade_balance_annual", "not a SELECT"),
    ],
)
def test_a_malformed_question_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BilateralError, match=complaint) as caught:
        parse(text)
    assert "sql/questions/07_how_much.sql" in str(caught.value)


def test_a_file_is_called_after_its_question_and_a_number_stands_once(tmp_path: Path) -> None:
    folder = tmp_path / "sql" / "questions"
    folder.mkdir(parents=True)
    (folder / "08_how_much.sql").write_text(TEXT)
    with pytest.raises(BilateralError, match=r"is question 7.*07_how_much"):
        questions.load(Project.at(tmp_path))
    (folder / "08_how_much.sql").rename(folder / "07_how_much.sql")
    (folder / "07_how_many.sql").write_text(TEXT.replace("how_much", "how_many"))
    with pytest.raises(BilateralError, match="a number twice"):
        questions.load(Project.at(tmp_path))


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
def test_parameters_stand_in_the_sql_with_their_defaults(question: Question) -> None:
    used = set(re.findall(r"getvariable\('(\w+)'\)", question.select))
    assert used == {parameter.name for parameter in question.parameters}
    for parameter in question.parameters:
        if KINDS[parameter.name] == "economy":
            assert f"coalesce(getvariable('{parameter.name}'), '{parameter.default}')" in question.select


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
def test_it_reads_only_tables_that_a_build_makes(question: Question) -> None:
    assert question.reads <= MODELS.keys()


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
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


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
def test_what_would_bring_a_figure_is_a_source_and_its_key(question: Question) -> None:
    asked = {source.code: source.api for source in sources() if source.api is not None}
    # Adjacent texts are one.
    text = re.sub(r"'\s+'", "", question.select)
    assert set(re.findall(r"bilateral refresh (\w+)", text)) <= asked.keys()
    for code in re.findall(r"BILATERAL_(\w+)_KEY", text):
        api = asked[code.lower()]
        assert api is not None
        assert api.key is not None
    for code in re.findall(r"bilateral refresh (\w+)` \(no key", text):
        api = asked[code]
        assert api is not None
        assert api.key is None


def holds(rows: list[dict[str, Any]]) -> None:
    """What is true of every answer."""
    assert rows
    for row in rows:
        assert isinstance(row["is_answered"], bool)
        assert row["is_answered"] or row["missing"] is not None or row.get("reason") is not None, row
        if row["missing"] is not None:
            assert re.search(r"bilateral refresh|register of events|warehouse/reference", row["missing"]), row[
                "missing"
            ]
            assert "None" not in row["missing"]
            assert not re.search(r": (and|\.|in )", row["missing"]), row["missing"]


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
@pytest.mark.parametrize(("reporter", "partner"), PAIRS)
def test_every_question_has_an_answer_for_every_pair(
    published: duckdb.DuckDBPyConnection, question: Question, reporter: str, partner: str
) -> None:
    given = questions.checked(published, question, {"reporter": reporter, "partner": partner})
    answer = questions.ask(published, question, given)
    holds([dict(row) for row in answer.rows])
    assert answer.sentence.endswith(".")
    assert "None" not in answer.sentence
    assert "  " not in answer.sentence
    named = {name for row in answer.rows for name in row["snapshot_ids"] or ()}
    assert named == {vintage.snapshot_id for vintage in answer.vintages}, "a snapshot that is not in meta.snapshots"
    if answer.state != "missing":
        assert named, "an answer rests on snapshots"


@pytest.mark.parametrize("question", QUESTIONS, ids=NUMBERS)
def test_a_file_runs_as_it_is_pasted(built: Project, question: Question) -> None:
    with publication.reading(built) as connection:
        pasted = connection.execute(question.path.read_text(encoding="utf-8")).fetchall()
        asked = questions.ask(connection, question, {})
        assert [tuple(row.values()) for row in asked.rows] == pasted
        # As anyone would do by hand, and the next question is about Korea and China again.
        for statement in questions.script(question, {"partner": "JPN"}).split(";\n")[:1]:
            connection.execute(statement)
        other = connection.execute(question.select).fetchall()
        connection.execute("reset variable partner")
        assert connection.execute(question.select).fetchall() == pasted
        given = {"partner": "JPN"}
        assert [tuple(row.values()) for row in questions.ask(connection, question, given).rows] == other


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"partner": "CHM"}, "There is no economy CHM"),
        ({"partner": "c'; drop"}, "There is no economy c'; drop"),
        ({"year": "2020"}, "takes no --year"),
        ({"partner": "KOR"}, "does not trade with itself"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    published: duckdb.DuckDBPyConnection, given: dict[str, str], complaint: str
) -> None:
    question = next(question for question in QUESTIONS if question.number == 3)
    with pytest.raises(BilateralError, match=complaint):
        questions.checked(published, question, given)


@pytest.mark.parametrize(
    "question",
    [question for question in QUESTIONS if {"from_year", "to_year"} <= {known.name for known in question.parameters}],
    ids=lambda question: question.name,
)
def test_years_in_the_wrong_order_are_refused(published: duckdb.DuckDBPyConnection, question: Question) -> None:
    with pytest.raises(BilateralError, match="--from-year 2023 is after --to-year 2018"):
        questions.checked(published, question, {"from_year": "2023", "to_year": "2018"})
    assert questions.checked(published, question, {"from_year": "2018", "to_year": "2023"}) == {
        "from_year": 2018,
        "to_year": 2023,
    }


def test_a_year_is_not_compared_with_itself_nor_with_an_earlier_default(published: duckdb.DuckDBPyConnection) -> None:
    changes = next(question for question in QUESTIONS if question.number == 5)
    with pytest.raises(BilateralError, match="not 2023 with 2023"):
        questions.ask(published, changes, {"from_year": 2023, "to_year": 2023})
    with pytest.raises(BilateralError, match="Give --from-year and a later --to-year"):
        questions.ask(published, changes, {"from_year": 2100})


def test_parameters_are_taken_as_people_type_them(published: duckdb.DuckDBPyConnection) -> None:
    question = next(question for question in QUESTIONS if question.number == 5)
    given = questions.checked(published, question, {"partner": "jpn", "to_year": "2020", "from_year": None})
    assert given == {"partner": "JPN", "to_year": 2020}
    with pytest.raises(BilateralError, match="is no year"):
        questions.checked(published, question, {"to_year": "last"})
