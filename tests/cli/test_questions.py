"""Questions are listed with the figures available of a pair, asked by number or name, and printed as SQL to paste."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import duckdb
import pytest

from dagster_project import questions
from dagster_project.languages import VARIABLE, use_language
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.report import page
from tests import bilateral
from tests.cli.test_commands import run


@pytest.mark.long
def test_every_question_is_listed_for_another_pair(built: Project) -> None:
    said = run(built, "questions", "--partner", "Vietnam")
    for question in questions.load_questions(built):
        assert question.name in said
    assert "lost share in Vietnam's imports?" in said
    assert "for KOR with VNM" in said


@pytest.mark.long
def test_every_question_is_listed_with_its_state_for_a_pair(built: Project) -> None:
    rows = json.loads(run(built, "questions", "--format", "json"))
    assert [row["number"] for row in rows] == [question.number for question in questions.load_questions(built)]
    assert {row["state"] for row in rows} <= {"answered", "partly", "missing"}
    assert [row["has_chart"] for row in rows] == [bool(question.series) for question in questions.load_questions(built)]
    assert next(row for row in rows if row["number"] == 3)["answer"].startswith("South Korea's deficit with China")


def test_an_answer_says_what_it_rests_on_and_what_is_not_held(built: Project) -> None:
    said = run(built, "ask", "10", "--from-year", "2023", "--to-year", "2024")
    for heading in ("Missing figures", "How to read it", "Its limits", "The snapshots behind it"):
        assert heading in said
    assert "BILATERAL_KCS_KEY" in said
    found = json.loads(run(built, "ask", "balance_without_semiconductors", "--format", "json"))
    assert (found["number"], found["state"], found["parameters"]["product"]) == (10, "partly", "8542")
    assert {vintage["snapshot_id"] for vintage in found["vintages"]} >= {
        name for row in found["rows"] for name in row["snapshot_ids"] or ()
    }
    rows = list(csv.DictReader(io.StringIO(run(built, "ask", "3", "--format", "csv"))))
    assert rows[0]["first_deficit_since"] == "1992"
    # A cell of CSV holds a list as text, without brackets and quotes.
    assert re.fullmatch(r"[a-z0-9_/]+(; [a-z0-9_/]+)*", rows[0]["snapshot_ids"])


@pytest.mark.long
def test_a_language_changes_only_the_commands_that_speak_it(built: Project) -> None:
    environment = {**os.environ, WAREHOUSE_VARIABLE: str(built.warehouse)}

    def say(words: str, language: str) -> str:
        done = bilateral.run(words.split(), {**environment, VARIABLE: language})
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert say("forecasts", "ko") == say("forecasts", "en")
    korean, english = (json.loads(say("ask 24 --format json", language)) for language in ("ko", "en"))
    assert korean["rows"] == english["rows"]
    assert "상품수지" in korean["answer"]


@pytest.mark.long
def test_a_publication_draws_each_report_in_its_own_language(
    built: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, "ko")
    assert {language for *_, language in page.list_standing_reports(built)} == {"en"}
    for name, language in (("ko", None), ("en", "en")):
        # No choice of an earlier test in this process.
        with use_language(None):
            page.write_report(built, "JPN", "MNG", tmp_path / f"{name}.html", language)
        assert f'<html lang="{name}">' in (tmp_path / f"{name}.html").read_text("utf-8")


def test_what_brings_the_figures_of_several_gaps_is_said_once(built: Project) -> None:
    said = run(built, "ask", "4").partition("Missing figures\n")[2].partition("\n\n")[0]
    *lacking, remedy = said.splitlines()
    assert len(lacking) == 2
    assert all("available" in line and "refresh" not in line for line in lacking)
    assert remedy.startswith("  To fetch more figures, run `bilateral pairs add ")
    assert "`bilateral refresh comtrade` (fewer figures without the API key BILATERAL_COMTRADE_KEY)" in remedy
    whole = json.loads(run(built, "ask", "4", "--format", "json"))["missing"]
    assert [text.removesuffix(f" {remedy.strip()}") for text in whole] == [line[2:] for line in lacking]


def test_the_sql_of_a_question_runs_as_it_is_printed(built: Project) -> None:
    printed = run(built, "ask", "5", "--partner", "jpn", "--from-year", "2018", "--to-year", "2023", "--sql")
    assert printed.startswith("set variable partner = 'JPN';")
    rows = json.loads(
        run(built, "ask", "5", "--partner", "JPN", "--from-year", "2018", "--to-year", "2023", "-f", "json")
    )["rows"]
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        assert len(connection.execute(printed).fetchall()) == len(rows) == 14


def test_sql_is_no_answer_for_a_file_or_a_chart(built: Project, tmp_path: Path) -> None:
    for option, name in (("--output", "balance.xlsx"), ("--chart", "balance.svg")):
        assert "--sql prints only the SQL" in run(
            built, "ask", "balance", "--sql", option, str(tmp_path / name), code=1
        )
    assert list(tmp_path.iterdir()) == []


def test_a_question_that_is_not_there_is_told_with_its_neighbours(built: Project) -> None:
    assert "Did you mean" in run(built, "ask", "first_deficit", code=1)
    assert "has no option --event" in run(built, "ask", "3", "--event", "E005", code=1)


@pytest.mark.long
def test_the_pair_may_stand_after_the_question_by_names(built: Project) -> None:
    asked = ("--format", "json", "--from-year", "2020")
    by_name = json.loads(run(built, "ask", "balance", "south korea", "Viet Nam", *asked))
    assert (by_name["parameters"]["reporter"], by_name["parameters"]["partner"]) == ("KOR", "VNM")
    assert by_name == json.loads(run(built, "ask", "0", "--reporter", "KOR", "--partner", "vnm", *asked))
    # A reporter alone is asked about with the usual partner.
    alone = json.loads(run(built, "ask", "3", "Japan", "--format", "json"))
    assert alone["parameters"] == {"reporter": "JPN", "partner": "CHN"}
    assert "set variable partner = 'HKG';" in run(built, "ask", "3", "--partner", "Hong Kong", "--sql")


@pytest.mark.long
def test_sources_are_cited_once_with_their_terms_and_vintages(built: Project) -> None:
    said = run(built, "ask", "balance", "--from-year", "2022", "--cite")
    assert "The snapshots behind it" not in said
    cited = said.partition("\nSources\n")[2]
    with duckdb.connect(str(built.published_file), read_only=True) as connection:
        named = json.loads(run(built, "ask", "balance", "--from-year", "2022", "--format", "json"))["vintages"]
        for vintage in named:
            ((citation, licence, url, known_from),) = connection.execute(
                "select citation, licence_name, licence_url, known_from from meta.snapshots where snapshot_id = ?",
                [vintage["snapshot_id"]],
            ).fetchall()
            assert cited.count(f"• {citation}\n") == 1
            assert f"Terms: {licence}, {url}\n" in cited
            assert f"Known from {known_from}: {vintage['snapshot_id']}\n" in cited
    assert len(named) > 2
    assert "--cite shows how to cite them" in run(built, "ask", "3")


@pytest.mark.long
def test_the_balance_says_its_turn_and_what_is_not_held(built: Project) -> None:
    answer = json.loads(run(built, "ask", "balance", "--format", "json"))
    assert ", South Korea had a deficit of US$11.17bn with China: exports were US$130.77bn and imp" in answer["answer"]
    assert " The balance last turned from surplus to deficit in 2023, the first deficit since" in answer["answer"]
    rows = {row["year"]: row for row in answer["rows"]}
    assert (rows[2023]["source"], rows[2023]["known_from"]) == ("kosis", "2025-06-19")
    # The last of the readings that a year is made of.
    assert (rows[2025]["observation_status"], rows[2025]["known_from"]) == ("P", "2026-08-20")
    assert list(rows) == list(range(2025, 1974, -1))
    (lacking,) = answer["missing"]
    assert lacking.startswith(
        "No figures on South Korea's exports to China for 1975, 1976, 1978 and 1979 are available. To fetch more "
    )
    # A year that is asked for and not held is a row that says so.
    late = json.loads(run(built, "ask", "balance", "--from-year", "2025", "--to-year", "2027", "-f", "json"))
    assert [row["is_answered"] for row in late["rows"]] == [False, False, True]
    lacking = "No figures on South Korea's trade with China for 2026 and 2027 are available. "
    assert late["missing"][0].startswith(lacking)
    thin = json.loads(run(built, "ask", "balance", "Kazakhstan", "-f", "json"))
    assert {row["year"] for row in thin["rows"] if row["balance_sign"] is None} == {2016, 2020, 2021, 2022}
    unsigned = (
        "It is unknown who had the surplus in 2016 and 2020–2022, because the figures are too incomplete to tell."
    )
    assert unsigned in thin["answer"]


@pytest.mark.long
def test_a_file_of_another_version_is_named_as_such(warehouse: Project) -> None:
    warehouse.published_file.chmod(0o644)
    with duckdb.connect(str(warehouse.published_file)) as connection:
        connection.execute("drop macro table marts.balances_to_date")
        connection.execute("drop view services")
    told = "This file was published by another version of Bilateral and lacks {}. Run `bilateral build`."
    for words in (["ask", "1"], ["questions"], ["report"], ["query", "from marts.balances_to_date('KOR')"]):
        assert told.format("balances_to_date") in run(warehouse, *words, code=1)
    assert told.format("services") in run(warehouse, "query", "from services", code=1)
    # A name that this version does not have either is the user's mistake.
    assert "another version" not in run(warehouse, "query", "from marts.mistyped", code=1)
