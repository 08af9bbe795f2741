"""Output fits the terminal, wraps between words and loses nothing; piped output is not wrapped."""

from __future__ import annotations

import json
import re

import pytest
import typer
from typer.testing import CliRunner

from dagster_project import questions
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.project import Project
from tests.cli.terminal import seen
from tests.cli.test_commands import run

EVERY = [str(question.number) for question in questions.load_questions(Project.find())]


def whole_words(said: str, width: int, prose: str) -> None:
    """Check that a text appears on the screen, in lines that fit and break only at its blanks."""
    assert all(len(line) <= width for line in said.splitlines()), max(said.splitlines(), key=len)
    assert re.search(r"\s+".join(map(re.escape, prose.split())), said), prose


@pytest.mark.long
@pytest.mark.parametrize(("number", "width"), [*((number, 80) for number in EVERY), *((n, 120) for n in EVERY[::7])])
def test_an_answer_fits_the_terminal(built: Project, number: str, width: int) -> None:
    said = seen(built, width, "ask", number)
    answer = json.loads(run(built, "ask", number, "--format", "json"))
    for prose in (answer["answer"], answer["read"], answer["limits"]):
        whole_words(said, width, prose)


@pytest.mark.long
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    "words",
    [
        ["questions"],
        ["claims"],
        ["tables"],
        ["describe", "marts.trade_balance_annual"],
        ["describe", "marts.claim_verdicts"],
        ["status"],
        ["sources"],
        ["snapshots", "list"],
        ["query", "from marts.trade_balance_annual limit 3"],
    ],
    ids=lambda words: " ".join(words),
)
def test_a_list_fits_the_terminal(built: Project, words: list[str], width: int) -> None:
    said = seen(built, width, *words)
    assert said.strip()
    assert all(len(line) <= width for line in said.splitlines()), max(said.splitlines(), key=len)
    assert "…" not in said.replace("`…_observations`", "")


@pytest.mark.long
def test_a_table_without_room_is_a_block_a_record(built: Project) -> None:
    asked = (
        "select year, exports_usd, imports_usd, balance_usd, coverage_status, exports_source_reason "
        "from marts.trade_balance_annual where reporter_code = 'KOR' and partner_code = 'CHN' and year >= 2023 "
        "order by year"
    )
    said = seen(built, 80, "query", asked)
    blocks = [block.splitlines() for block in said.strip().split("\n\n")]
    assert len(blocks) == 3
    for block, year in zip(blocks, ("2023", "2024", "2025"), strict=True):
        # A field's name is on the left, and what is too long goes on below its beginning.
        assert block[0].split() == ["year", year]
        assert {line.split()[0] for line in block if not line.startswith(" ")} >= {"exports_usd", "balance_usd"}
    assert "-18,039,656,000" in said
    # A pipe has no width.
    piped = run(built, "query", asked).splitlines()
    assert len(piped) == 4
    assert piped[0].split() == [
        "year",
        "exports_usd",
        "imports_usd",
        "balance_usd",
        "coverage_status",
        "exports_source_reason",
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [["tables"], ["status"], ["snapshots", "list"], ["questions"]],
    ids=lambda words: words[-1],
)
def test_no_line_in_a_pipe_ends_in_blanks(built: Project, words: list[str]) -> None:
    said = run(built, *words)
    # DuckDB draws the progress of a slow query where a program has no file, as in this test.
    assert [line for line in said.splitlines() if line != line.rstrip() and "▕" not in line] == []


def test_the_balance_is_a_table_at_80_columns_and_says_what_has_no_room(built: Project) -> None:
    said = seen(built, 80, "ask", "balance", "Korea", "China", "--from-year", "2022")
    assert re.search(r"^2023  124,817,682,000 +142,857,338,000 +-18,039,656,000  kosis +2025-06-19", said, re.MULTILINE)
    assert "Columns left out to fit: balance_sign, sign_flipped" in said
    wide = run(built, "ask", "balance", "--from-year", "2022", "--wide")
    assert "left out" not in wide
    assert "first_deficit_since" in wide


@pytest.mark.long
@pytest.mark.parametrize("number", ["3", "4", "5", "13"])
def test_an_answer_is_a_table_at_80_columns_and_wide_shows_all(built: Project, number: str) -> None:
    answer = json.loads(run(built, "ask", number, "--format", "json"))
    names = [name for name in answer["columns"] if name not in questions.CLOSING]
    said = seen(built, 80, "ask", number)
    left_out = re.sub(r"\s+", " ", said.partition("Columns left out to fit: ")[2]).partition("; --wide")[0].split(", ")
    assert left_out == names[-len(left_out) :]
    assert len(left_out) <= len(names) - 3
    wide = seen(built, 80, "ask", number, "--wide")
    assert "left out" not in wide
    row = answer["rows"][0]
    assert all(re.search(rf"^{name} ", wide, re.MULTILINE) for name in names if row[name] not in (None, ""))


@pytest.mark.long
def test_tables_are_a_table_at_80_columns(built: Project) -> None:
    said = seen(built, 80, "tables")
    assert re.match(r"table +rows +what *\n", said)
    assert re.search(r"^trade_balance +[\d,]+  Start here", said, re.MULTILINE)
    assert "staging." not in said
    assert "staging.kosis__goods_annual " in run(built, "tables", "--all")


def test_an_error_on_a_terminal_breaks_between_words(built: Project) -> None:
    said = seen(built, 60, "ask", "balance", "Congo")
    whole_words(
        said, 60, "Congo is ambiguous: COG (Congo (Brazzaville)) or COD (Congo (Kinshasa)). Give one of the codes"
    )


def test_what_looks_like_markup_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_records(["[b]"], [["[/]"], [["[red]", None]]], "table")
    console.print_fields({"[/x]": "[/]"})
    console.print_records(["balance_usd"], [[-0.0]])
    said = capsys.readouterr().out.removesuffix("balance_usd\n          0\n")
    assert said.split() == ["[b]", "[/]", "[red];", "[/x]", "[/]"]


def commands(group: typer.Typer, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path]
    for command in typer.main.get_group(group).commands:
        found.append((*path, command))
    for sub in group.registered_groups:
        assert sub.typer_instance is not None
        found += commands(sub.typer_instance, (*path, str(sub.name)))
    return found


@pytest.mark.parametrize("path", commands(app), ids=" ".join)
def test_no_option_is_cut_in_the_help(path: tuple[str, ...]) -> None:
    said = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).stdout
    assert "--help" in said
    assert not re.search(r"--[\w-]+…", said)
    assert all(len(line) <= 80 for line in said.splitlines())
