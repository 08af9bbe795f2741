"""A faulty file of a question or of claims stops neither the others nor the build, and every command names it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from subprocess import CompletedProcess

import duckdb
import pytest

from dagster_project import files, notify, publication, questions
from dagster_project.claims import register
from dagster_project.errors import BilateralError
from dagster_project.notify import left_out
from dagster_project.project import Project
from tests import bilateral, making
from tests.cli.test_commands import environment_of
from tests.notify import test_notify
from tests.refresh.server import Server

# A webhook.
receiver = test_notify.receiver
RANKS = "19_rank_in_imports.sql"


def garble(where: Project, how: str) -> None:
    """Make a question's file faulty, as a person or a full disk could."""
    path = where.sql / "questions" / RANKS
    text = path.read_text()
    header, rest = text.split("*/", 1)
    select, template = rest.strip().rsplit("/*", 1)
    select = select.strip()

    def replacing(expression: str) -> bytes:
        return text.replace(select, f"with t as ({select}) select * replace ({expression} as year) from t").encode()

    faulty = {
        "empty": b"",
        "no text": b"\xff\xfe\x00",
        "no YAML": text.replace("number: 19", "number: [").encode(),
        "a list": text.replace(header, "/*\n- a\n").encode(),
        "a list of parameters": text.replace("parameters:\n", "parameters: [a]\nothers:\n").encode(),
        "another's number": text.replace("number: 19", "number: 18").encode(),
        "no SELECT": text.replace(select, "select from where").encode(),
        "no table": text.replace("marts.", "marts.no_").encode(),
        "no column": replacing("nothing"),
        "no function": replacing("nothing(1)"),
        "no number": replacing("cast('two' as integer)"),
        "no variable": text.replace(template, "\n{{ nobody }};\n*/\n").encode(),
        "no sum": text.replace(template, "\n{{ rows[0].year + 'a' }};\n*/\n").encode(),
    }[how]
    assert faulty != text.encode()
    path.write_bytes(faulty)


WAYS = (
    *("empty", "no text", "no YAML", "a list", "a list of parameters", "another's number", "no SELECT", "no table"),
    *("no column", "no function", "no number", "no variable", "no sum"),
)


@pytest.fixture
def project(warehouse: Project, tmp_path: Path) -> Project:
    made = making.copy_code(warehouse, tmp_path / "checkout")
    shutil.copy(Project.find().configuration, made.configuration)
    return made


def run(project: Project, *words: str) -> CompletedProcess[str]:
    done = bilateral.run(words, environment_of(project) | {"BILATERAL_HOME": str(project.root)})
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.long
def test_whatever_is_wrong_with_a_question_is_said_with_its_file(
    built: Project, published: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for how in WAYS:
        project = making.copy_code(built, tmp_path / how)
        garble(project, how)
        faults: list[BilateralError] = []
        found = {one.number: one for one in questions.load_questions(project, faults)}
        assert len(found) >= 20, how
        if 19 in found:
            with pytest.raises(BilateralError) as raised:
                questions.ask_question(published, found[19], {})
            faults.append(raised.value)
        (fault,) = faults
        assert RANKS in fault.message, how
        assert fault.remedy, how


@pytest.mark.long
def test_a_faulty_question_is_named_beside_the_answers_of_the_others(project: Project) -> None:
    others = [one.number for one in questions.load_questions(project) if one.number != 19]
    garble(project, "no column")
    done = run(project, "questions", "-f", "json")
    assert (done.returncode, [row["number"] for row in json.loads(done.stdout)]) == (1, others)
    assert RANKS in done.stderr
    (fault,) = left_out.list_faults(project)
    assert RANKS in fault


@pytest.mark.long
def test_pages_are_written_without_a_faulty_question_which_is_named(project: Project) -> None:
    garble(project, "no YAML")
    done = run(project, "docs")
    assert (done.returncode, RANKS in done.stderr) == (1, True)
    page = (project.root / "docs" / "questions.md").read_text()
    assert "services_in_gdp" in page
    assert "rank_in_imports" not in page


@pytest.mark.long
def test_what_was_found_sound_is_not_read_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert left_out.list_faults(project) == []
    monkeypatch.setattr(questions, "answer_questions", None)
    assert left_out.list_faults(project) == []


def test_a_file_that_cannot_be_read_has_a_hash_and_its_name_in_an_error(tmp_path: Path) -> None:
    mine, loop = tmp_path / "mine.yml", tmp_path / "loop.yml"
    mine.symlink_to("/nowhere")
    loop.symlink_to(loop)
    assert files.read_bytes(mine) == files.read_bytes(loop) == b""
    faults: dict[Path, BilateralError] = {}
    assert register.read_register(tmp_path, faults) == ()
    assert faults.keys() == {mine, loop}
    assert all(path.name in fault.message for path, fault in faults.items())


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "claims/mine.yml: expected the fields of an article"),
        ("article_id: [", "claims/mine.yml is not YAML"),
        (
            register.fill_template(Path("mine.yml"), schema=Path(register.SCHEMA_FILE)),
            "claims/mine.yml still has examples of the template: mine_balance_2018, mine_first_deficit, mine_mood",
        ),
        (b"\xff\xfe\x00", "claims/mine.yml is not UTF-8 text"),
    ],
    ids=["empty", "no YAML", "examples", "bytes"],
)
def test_a_faulty_file_of_claims_is_named_and_left_out(project: Project, text: str | bytes, fault: str) -> None:
    whole = register.read_register(project.claims)
    (project.claims / "mine.yml").write_bytes(text if isinstance(text, bytes) else text.encode())
    assert register.read_register(project.claims) == whole
    (found,) = left_out.list_faults(project)
    assert fault in found
    assert fault in run(project, "status").stdout


@pytest.mark.long
def test_a_build_publishes_the_rest_tells_the_names_and_fails(warehouse: Project, receiver: Server) -> None:
    # Nobody can read what a link to nothing, or a file of another person's, holds.
    (warehouse.claims / "mine.yml").symlink_to("/nowhere")
    # Few tables are made of it.
    making.edit(warehouse, "frb/exchange_rates_monthly", lambda rows: rows[:-1])
    before = publication.get_current_id(warehouse)
    done = bilateral.run(["build"], environment_of(warehouse) | {notify.ADDRESS: f"{receiver.address}/hook"})
    assert (done.returncode, "claims/mine.yml" in done.stderr) == (1, True)
    assert publication.get_current_id(warehouse) != before
    assert any("Left out: " in text and "claims/mine.yml" in text for text in test_notify.texts(receiver))
    # Nothing else is new, and it is still said.
    done = bilateral.run(["build"], environment_of(warehouse))
    assert (done.returncode, "claims/mine.yml" in done.stderr) == (1, True)
    (warehouse.claims / "mine.yml").unlink()
    assert bilateral.run(["build"], environment_of(warehouse)).returncode == 0
