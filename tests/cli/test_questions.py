"""Questions are listed with what is held of a pair, asked by number or name, and printed to be pasted."""

from __future__ import annotations

import csv
import io
import json

import duckdb

from dagster_project import questions
from dagster_project.project import Project
from tests.cli.test_commands import run


def test_every_question_is_listed_with_its_state_for_a_pair(built: Project) -> None:
    said = run(built, "questions", "--partner", "VNM")
    for question in questions.load(built):
        assert question.question in said
    assert "for KOR with VNM" in said
    rows = json.loads(run(built, "questions", "--format", "json"))
    assert [row["number"] for row in rows] == [question.number for question in questions.load(built)]
    assert {row["state"] for row in rows} <= {"answered", "partly", "missing"}
    assert next(row for row in rows if row["number"] == 3)["answer"].startswith("South Korea's deficit with China")


def test_an_answer_says_what_it_rests_on_and_what_is_not_held(built: Project) -> None:
    said = run(built, "ask", "10", "--from-year", "2023", "--to-year", "2024")
    for heading in ("Not held", "How to read it", "Its limits", "The vintages it rests on"):
        assert heading in said
    assert "BILATERAL_KCS_KEY" in said
    found = json.loads(run(built, "ask", "balance_without_semiconductors", "--format", "json"))
    assert (found["number"], found["state"], found["parameters"]["product"]) == (10, "partly", "8542")
    assert {vintage["snapshot_id"] for vintage in found["vintages"]} >= {
        name for row in found["rows"] for name in row["snapshot_ids"] or ()
    }
    rows = list(csv.DictReader(io.StringIO(run(built, "ask", "3", "--format", "csv"))))
    assert rows[0]["first_deficit_since"] == "1992"


def test_the_sql_of_a_question_runs_as_it_is_printed(built: Project) -> None:
    printed = run(built, "ask", "5", "--partner", "jpn", "--from-year", "2018", "--to-year", "2023", "--sql")
    assert printed.startswith("set variable partner = 'JPN';")
    rows = json.loads(
        run(built, "ask", "5", "--partner", "JPN", "--from-year", "2018", "--to-year", "2023", "-f", "json")
    )["rows"]
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        assert len(connection.execute(printed).fetchall()) == len(rows) == 6


def test_a_question_that_is_not_there_is_told_with_its_neighbours(built: Project) -> None:
    assert "Did you mean" in run(built, "ask", "first_deficit", code=1)
    assert "takes no --event" in run(built, "ask", "3", "--event", "E005", code=1)
