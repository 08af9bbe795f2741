"""A question is one documented file that runs as pasted, and always has at least one row."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication, questions
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.models.header import read_glossary
from dagster_project.project import Project
from dagster_project.questions import Answer, Question
from dagster_project.questions.gaps import CODES
from dagster_project.questions.series import Series

PROJECT = Project.find()
QUESTIONS = questions.load_questions(PROJECT)
# Only the warehouse of the long tests has what these ask about: estimates, seasons and forecasts.
ANALYSED = {"after_thaad", "growth_after_agreement", "imports_by_dose", "year_in_progress", "last_month"}
ASKED = [
    pytest.param(question, id=question.name, marks=pytest.mark.long if question.name in ANALYSED else ())
    for question in QUESTIONS
]
PAIRS = [("KOR", "CHN"), ("KOR", "JPN"), ("KOR", "VNM"), ("CHN", "KOR"), ("JPN", "MNG")]


def holds(answer: Answer) -> None:
    """Check everything that must hold for any answer."""
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
        command = r"`bilateral refresh \w+` \((no API key|needs the API key|fewer figures without)"
        assert re.search(
            rf"{command}|list of the trade agreements|only for the United States' imports|no model has been fitted",
            text,
        ), text
        assert not re.search(r"None|: (and|\.|in )|  ", text), text


@pytest.mark.parametrize("question", ASKED)
@pytest.mark.parametrize(
    ("reporter", "partner"),
    [pytest.param(*pair, marks=pytest.mark.long if pair in PAIRS[:-1] else ()) for pair in PAIRS],
)
def test_every_question_has_an_answer_for_every_pair(
    ask: Callable[..., Answer], question: Question, reporter: str, partner: str
) -> None:
    answer = ask(question.name, reporter=reporter, partner=partner)
    holds(answer)
    assert answer.sentence.endswith(".")
    assert "None" not in answer.sentence
    assert not re.search(r"  | [,;:.]|;;|[{}]", answer.sentence)
    if answer.state == "missing" and answer.missing:
        lacking, offer = answer.gaps[0]
        assert answer.sentence == f"This question cannot be answered. {lacking}"
        exchanged = offer.partition("the other side, the question can be answered")[2]
        other = ask(question.name, reporter=partner, partner=reporter)
        assert bool(exchanged) == any(row["is_answered"] for row in other.rows)
        assert not exchanged or exchanged.endswith(f": run `bilateral ask {question.number} {partner} {reporter}`.")
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


def test_every_question_has_a_case_of_its_own() -> None:
    files = (Path(__file__).parent / name for name in ("test_committed.py", "test_duties.py", "test_forecasts.py"))
    cases = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [one.name for one in QUESTIONS if f'"{one.name}"' not in cases] == []


def test_the_recipe_of_contributing_makes_a_question(published: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """The file alone: it is listed, asked, said in a sentence, and says what would bring what it lacks."""
    page = (PROJECT.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    written = re.search(r"```sql\n(/\*\nnumber: (\d+)\n.*?\nname: (\w+)\n.*?)```", page, re.DOTALL)
    assert written is not None
    folder = tmp_path / "sql" / "questions"
    folder.mkdir(parents=True)
    (folder / f"{written[2]}_{written[3]}.sql").write_text(written[1])
    shutil.copy(PROJECT.sql / "glossary.yml", folder.parent)
    shutil.copytree(PROJECT.sql / "marts", folder.parent / "marts")
    (question,) = questions.load_questions(Project.at(tmp_path))
    answer = questions.ask_question(published, question, {})
    holds(answer)
    assert re.fullmatch(r"China took \d\d\.\d% of South Korea's exports in \d{4}\.", answer.sentence)
    lacking = questions.ask_question(published, question, {"reporter": "JPN", "partner": "MNG"})
    holds(lacking)
    assert lacking.sentence == (
        "This question cannot be answered. No figures on Japan's exports to Mongolia are available."
    )
    assert lacking.gaps[0][1].startswith("To fetch more figures, run `bilateral pairs add JPN MNG`. Then run `")


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ("shares.share_pct,", "shares.share_percent,", r"Binder Error: .*share_percent"),
        (
            "'goods/A/'",
            "'goods/Y/'",
            r"'goods/Y/JPN/export/MNG/TOTAL' is not a valid key.* Write goods/A/KOR",
        ),
        ("'not_held'", "'not_there'", r"unknown missing_code 'not_there'\. Write one of not_held"),
    ],
)
def test_a_question_that_cannot_be_answered_names_its_file(
    published: duckdb.DuckDBPyConnection, written: str, instead: str, complaint: str
) -> None:
    page = (PROJECT.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = re.search(r"```sql\n(/\*\nnumber: .*?)```", page, re.DOTALL)[1].replace(written, instead)
    glossary = tuple(read_glossary(PROJECT.sql).items())
    question = questions.Question.parse_text(text, PROJECT.sql / "questions" / "21_shares.sql", glossary)
    with pytest.raises(BilateralError, match=rf"sql/questions/21_shares\.sql: {complaint}"):
        questions.ask_question(published, question, {"reporter": "JPN", "partner": "MNG"})


@pytest.mark.parametrize("question", ASKED)
def test_a_file_runs_as_it_is_pasted(
    published: duckdb.DuckDBPyConnection, ask: Callable[..., Answer], question: Question
) -> None:
    pasted = fetch_records(published, question.path.read_text(encoding="utf-8"))
    # A star may bring more columns than the header lists.
    shown = [{column.name: row[column.name] for column in question.columns} for row in pasted]
    pair = {p.name: str(p.default) for p in question.parameters if p.name in {"reporter", "partner"}}
    assert ask(question.name, **pair).rows == shown


def test_a_script_sets_what_is_asked_and_a_question_resets_it(
    built: Project, published: duckdb.DuckDBPyConnection, ask: Callable[..., Answer]
) -> None:
    (question,) = (question for question in QUESTIONS if question.name == "balance")
    asked = [row["exports_usd"] for row in ask("balance", partner="JPN").rows]
    # The question before has reset its variables: the next one is about Korea and China again.
    assert [row["exports_usd"] for row in fetch_records(published, question.select)] != asked
    # As anyone would do by hand.
    with publication.open_published(built) as connection:
        connection.execute(questions.write_script(question, {"partner": "JPN"}).split(";\n")[0])
        assert [row["exports_usd"] for row in fetch_records(connection, question.select)] == asked


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"partner": "CHM"}, "There is no economy CHM"),
        ({"partner": "c'; drop"}, "There is no economy c'; drop"),
        ({"year": "2020"}, "has no option --year"),
        ({"partner": "KOR"}, "The reporter and the partner are both KOR"),
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
    with pytest.raises(BilateralError, match="got 2023 and 2023"):
        questions.ask_question(published, changes, {"from_year": 2023, "to_year": 2023})
    with pytest.raises(BilateralError, match="Give both --from-year and a later --to-year"):
        questions.ask_question(published, changes, {"from_year": 2100})


@pytest.mark.parametrize("product", ["abc", "854", "0042", "85423211"])
def test_a_product_that_cannot_be_is_not_called_missing(published: duckdb.DuckDBPyConnection, product: str) -> None:
    question = next(question for question in QUESTIONS if question.name == "dependence_on_semiconductors")
    with pytest.raises(BilateralError, match=f"'{product}' is not a product code"):
        questions.check_parameters(published, question, {"product": product})
    assert questions.check_parameters(published, question, {"product": "854232"}) == {"product": "854232"}


def test_parameters_are_taken_as_people_type_them(published: duckdb.DuckDBPyConnection) -> None:
    question = next(question for question in QUESTIONS if question.name == "exports_or_imports")
    given = questions.check_parameters(published, question, {"partner": "jpn", "to_year": "2020", "from_year": None})
    assert given == {"partner": "JPN", "to_year": 2020}
    with pytest.raises(BilateralError, match="is not a year"):
        questions.check_parameters(published, question, {"to_year": "last"})


def test_a_year_that_lies_ahead_is_nobodys_to_bring(published: duckdb.DuckDBPyConnection) -> None:
    (balance,) = (question for question in QUESTIONS if question.name == "balance")
    answer = questions.ask_question(published, balance, {"from_year": 2999})
    assert len(answer.missing) == 1
    assert answer.missing[0].endswith("This period is in the future.")
    assert "refresh" not in answer.missing[0]
