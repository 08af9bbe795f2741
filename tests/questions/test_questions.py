"""A question is one file that says what it is, runs as it is pasted, and never leaves without a row."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication, questions
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.questions import CLOSING, KINDS, Answer, Question
from dagster_project.questions.missing import CODES
from dagster_project.questions.series import Series

PROJECT = Project.find()
QUESTIONS = questions.load_questions(PROJECT)
NAMES = [question.name for question in QUESTIONS]
MODELS = Catalog(PROJECT).models
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


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection


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
        (TEXT.split("*/")[1], "is not a block comment, a SELECT and a block comment"),
        (TEXT.rpartition("/*")[0], "is not a block comment, a SELECT and a block comment"),
        (TEXT.replace("rows[0].year }}", "rows[0].year"), "the template after the SELECT is not Jinja"),
        (TEXT.replace("rows[0].year }}", "rows[0].year | colour }}"), "has no filter colour"),
        (TEXT.replace("rows[0].year }}", "rows[0].year is blue }}"), "has no test blue"),
        (TEXT.replace("limits: None.\n", ""), "limits: Field required"),
        (TEXT.replace("limits: None.", "limits: a: b: c"), "is not YAML"),
        (TEXT.replace("year | The year.", "The year."), "is documented as"),
        (TEXT.replace("  year: year | The year.\n", ""), "the SELECT produces"),
        (TEXT.replace("snapshot_ids", "snapshots"), "does not end in is_answered, missing_code"),
        (TEXT.replace("  reporter: KOR", "  colour: red"), "no known kind"),
        (TEXT.replace("marts.trade_balance_annual", "trade_balance_annual"), "without saying its schema"),
        (TEXT.replace("*/", "series:\n  level: Level\n*/", 1), "has a series of level, and not a year"),
        (TEXT.replace("on true\n", "on true; drop table marts.trade_balance_annual\n"), "is not one SELECT"),
        (
            f"{TEXT.partition('*/')[0]}*/\ndelete from marts.trade_balance_annual\n/*{TEXT.rpartition('/*')[2]}",
            "not a SELECT",
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
    (folder / "08_how_much.sql").write_text(TEXT)
    with pytest.raises(BilateralError, match=r"is question 7.*07_how_much"):
        questions.load_questions(Project.at(tmp_path))
    (folder / "08_how_much.sql").rename(folder / "07_how_much.sql")
    (folder / "07_how_many.sql").write_text(TEXT.replace("how_much", "how_many"))
    with pytest.raises(BilateralError, match="a number twice"):
        questions.load_questions(Project.at(tmp_path))


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


def holds(answer: Answer) -> None:
    """What is true of every answer."""
    assert answer.rows
    for row in answer.rows:
        assert isinstance(row["is_answered"], bool)
        assert row["is_answered"] or row["missing_code"] is not None or row.get("reason") is not None, row
        assert (row["missing_code"] is None) == (row["missing_series"] is None), row
        if row["missing_code"] is None:
            assert row["missing_periods"] is None, row
        else:
            assert row["missing_code"] in CODES
            assert [Series.parse_key(key) for key in row["missing_series"]], row
            assert all(re.fullmatch(r"\d{4}(-\d\d)?", period) for period in row["missing_periods"] or ()), row
    assert len(set(answer.missing)) == len(answer.missing), "nothing is said twice"
    for text in answer.missing:
        assert re.search(r"`bilateral refresh \w+` \((no key|BILATERAL_\w+_KEY)|register of events|by hand", text), text
        assert not re.search(r"None|: (and|\.|in )|  ", text), text


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
@pytest.mark.parametrize(
    ("reporter", "partner"),
    [pytest.param(*pair, marks=pytest.mark.long if pair in PAIRS[1:-1] else ()) for pair in PAIRS],
)
def test_every_question_has_an_answer_for_every_pair(
    published: duckdb.DuckDBPyConnection, question: Question, reporter: str, partner: str
) -> None:
    given = questions.check_parameters(published, question, {"reporter": reporter, "partner": partner})
    answer = questions.ask_question(published, question, given)
    holds(answer)
    assert answer.sentence.endswith(".")
    assert "None" not in answer.sentence
    assert not re.search(r"  | [,;:.]|;;|[{}]", answer.sentence)
    if answer.state == "missing" and answer.missing:
        lacking, _, exchanged = answer.sentence.partition(" The pair the other way round has one")
        assert lacking == f"No answer from what is held. {answer.missing[0]}"
        other = questions.ask_question(published, question, {"reporter": partner, "partner": reporter})
        assert bool(exchanged) == any(row["is_answered"] for row in other.rows)
        assert not exchanged or exchanged.endswith(f": `bilateral ask {question.number} {partner} {reporter}`.")
    named = {name for row in answer.rows for name in row["snapshot_ids"] or ()}
    assert named == {vintage.snapshot_id for vintage in answer.vintages}, "a snapshot that is not in meta.snapshots"
    if answer.state != "missing":
        assert named, "an answer rests on snapshots"


@pytest.mark.parametrize(
    ("reporter", "partner", "year", "found"),
    [
        ("KOR", "CHN", 2023, []),
        ("KOR", "CHN", 1975, [("goods/A/KOR/export/CHN/TOTAL", False)]),
        ("KOR", "CHN", 1950, [("goods/A/KOR/export+import/CHN/TOTAL", False)]),
        ("KAZ", "CHN", 2021, [("goods/A/KAZ/export+import/CHN/TOTAL", True)]),
    ],
)
def test_a_balance_without_a_sign_has_a_reason(
    published: duckdb.DuckDBPyConnection, reporter: str, partner: str, year: int, found: list[tuple[str, bool]]
) -> None:
    asked = published.execute(
        "select missing_series, is_thin from marts.unsigned_balance($reporter, $partner, $year)",
        {"reporter": reporter, "partner": partner, "year": year},
    )
    assert asked.fetchall() == found


def test_every_kind_of_parameter_is_taken_by_a_question() -> None:
    assert set(KINDS) == {parameter.name for question in QUESTIONS for parameter in question.parameters}


def test_every_question_has_a_case_of_its_own() -> None:
    cases = (Path(__file__).parent / "test_committed.py").read_text(encoding="utf-8")
    assert [name for name in NAMES if f'"{name}"' not in cases] == []


def test_the_recipe_of_contributing_makes_a_question(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """The file alone: it is listed, asked, said in a sentence, and says what would bring what it lacks."""
    page = (PROJECT.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    written = re.search(r"```sql\n(/\*\nnumber: (\d+)\n.*?\nname: (\w+)\n.*?)```", page, re.DOTALL)
    assert written is not None
    folder = tmp_path / "sql" / "questions"
    folder.mkdir(parents=True)
    (folder / f"{written[2]}_{written[3]}.sql").write_text(written[1])
    shutil.copy(PROJECT.sql / "glossary.yml", folder.parent)
    (question,) = questions.load_questions(Project.at(tmp_path))
    answer = questions.ask_question(published, question, {})
    holds(answer)
    assert re.fullmatch(r"China took \d\d\.\d% of South Korea's exports in \d{4}\.", answer.sentence)
    lacking = questions.ask_question(published, question, {"reporter": "JPN", "partner": "MNG"})
    holds(lacking)
    assert lacking.sentence.startswith(
        "No answer from what is held. Not held for any year: Japan's exports to Mongolia. "
        "`bilateral refresh imf` (no key)"
    )


@pytest.mark.parametrize("question", QUESTIONS, ids=NAMES)
def test_a_file_runs_as_it_is_pasted(built: Project, question: Question) -> None:
    with publication.open_published(built) as connection:
        pasted = connection.execute(question.path.read_text(encoding="utf-8")).fetchall()
        asked = questions.ask_question(connection, question, {})
        assert [tuple(row.values()) for row in asked.rows] == pasted
        # As anyone would do by hand, and the next question is about Korea and China again.
        for statement in questions.write_script(question, {"partner": "JPN"}).split(";\n")[:1]:
            connection.execute(statement)
        other = connection.execute(question.select).fetchall()
        connection.execute("reset variable partner")
        assert connection.execute(question.select).fetchall() == pasted
        given = {"partner": "JPN"}
        assert [tuple(row.values()) for row in questions.ask_question(connection, question, given).rows] == other


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
    question = next(question for question in QUESTIONS if question.name == "first_deficit_since")
    with pytest.raises(BilateralError, match=complaint):
        questions.check_parameters(published, question, given)


@pytest.mark.parametrize(
    "question",
    [question for question in QUESTIONS if {"from_year", "to_year"} <= {known.name for known in question.parameters}],
    ids=lambda question: question.name,
)
def test_years_in_the_wrong_order_are_refused(published: duckdb.DuckDBPyConnection, question: Question) -> None:
    with pytest.raises(BilateralError, match="--from-year 2023 is after --to-year 2018"):
        questions.check_parameters(published, question, {"from_year": "2023", "to_year": "2018"})
    assert questions.check_parameters(published, question, {"from_year": "2018", "to_year": "2023"}) == {
        "from_year": 2018,
        "to_year": 2023,
    }


def test_a_year_is_not_compared_with_itself_nor_with_an_earlier_default(published: duckdb.DuckDBPyConnection) -> None:
    changes = next(question for question in QUESTIONS if question.name == "exports_or_imports")
    with pytest.raises(BilateralError, match="not 2023 with 2023"):
        questions.ask_question(published, changes, {"from_year": 2023, "to_year": 2023})
    with pytest.raises(BilateralError, match="Give --from-year and a later --to-year"):
        questions.ask_question(published, changes, {"from_year": 2100})


@pytest.mark.parametrize("product", ["abc", "854", "0042", "85423211"])
def test_a_product_that_cannot_be_is_not_called_missing(published: duckdb.DuckDBPyConnection, product: str) -> None:
    question = next(question for question in QUESTIONS if question.name == "dependence_on_semiconductors")
    with pytest.raises(BilateralError, match=f"There is no product '{product}'"):
        questions.check_parameters(published, question, {"product": product})
    assert questions.check_parameters(published, question, {"product": "854232"}) == {"product": "854232"}


def test_parameters_are_taken_as_people_type_them(published: duckdb.DuckDBPyConnection) -> None:
    question = next(question for question in QUESTIONS if question.name == "exports_or_imports")
    given = questions.check_parameters(published, question, {"partner": "jpn", "to_year": "2020", "from_year": None})
    assert given == {"partner": "JPN", "to_year": 2020}
    with pytest.raises(BilateralError, match="is no year"):
        questions.check_parameters(published, question, {"to_year": "last"})


def test_a_year_that_lies_ahead_is_nobodys_to_bring(published: duckdb.DuckDBPyConnection) -> None:
    (balance,) = (question for question in QUESTIONS if question.name == "balance")
    answer = questions.ask_question(published, balance, {"from_year": 2999})
    assert len(answer.missing) == 1
    assert answer.missing[0].endswith("It lies in the future.")
    assert "refresh" not in answer.missing[0]
