"""Commands on the pages run, and the targets of links exist."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.pipeline import build_warehouse
from dagster_project.project import HOME_VARIABLE, WAREHOUSE_VARIABLE, Project
from dagster_project.refresh.log import Log
from dagster_project.report import documentation
from dagster_project.sources import Request
from tests import bilateral, making

ROOT = Project.find().root
# The files and commands of docs/recipes.md are of a copy (test_recipes.py).
PAGES = sorted(
    {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "warehouse" / "README.md"}
    - {ROOT / "docs" / "recipes.md"}
)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")

# Commands that leave a warehouse as it is; any other has one of its own.
READING = {
    "ask",
    "cite",
    "claims",
    "describe",
    "metrics",
    "prove",
    "publications",
    "query",
    "questions",
    "sources",
    "status",
    "tables",
}

# Commands that take seconds: they write a package or a page, or need a second publication.
SLOW = {"diff", "export", "prove", "questions", "report", "rollback", "site"}
# Commands about the publication before, too.
TWICE = {"diff", "rollback"}


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (str(page.relative_to(ROOT)), text)
        for page in PAGES
        for found, text in BLOCK.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def lines(prefix: str) -> list[tuple[str, str]]:
    """List the lines of shell blocks that begin with a command; a backslash at the end continues a line."""
    return [
        (page, re.sub(r"\s+# .*", "", line.strip()))
        for page, text in blocks("sh")
        for line in text.replace("\\\n", " ").splitlines()
        if line.strip().startswith(prefix)
    ]


def test_there_are_pages_with_commands() -> None:
    assert len(PAGES) > 5
    assert len(lines("bilateral ")) > 3
    assert blocks("python")


@pytest.fixture(scope="module")
def published_twice(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Publish a warehouse twice, the second time without one figure."""
    where = making.copy_of(built, tmp_path_factory.mktemp("twice") / "warehouse")
    # Few tables are made of it.
    making.edit(where, "frb/exchange_rates_monthly", lambda rows: rows[:-1])
    build_warehouse(where)
    return where


def list_commands() -> list[Any]:
    """List each command once, with its first page.

    What a new user meets first is tried with every run, one line of each command, but for what builds or writes a
    package or a page.
    """
    first = dict(
        reversed([(command.split()[1], command) for page, command in lines("bilateral ") if page == "README.md"])
    )
    listed = []
    for command, page in sorted({command: page for page, command in reversed(lines("bilateral "))}.items()):
        name = command.split()[1]
        is_short = first.get(name) == command and name not in SLOW
        listed.append(pytest.param(command, page, marks=() if is_short else pytest.mark.long))
    return listed


@pytest.mark.long
@pytest.mark.parametrize(("command", "page"), list_commands())
def test_a_command_in_the_pages_works(
    built: Project, request: pytest.FixtureRequest, tmp_path: Path, page: str, command: str
) -> None:
    words = shlex.split(command)[1:]
    # An economy's code has three letters; a word to be filled in has not.
    if any(word.isupper() and len(word) != 3 for word in words) or "…" in command:
        pytest.skip("a form, not a command")
    is_monitored = "--max-age" in words
    if words[0] in TWICE:
        warehouse = making.copy_of(request.getfixturevalue("published_twice"), tmp_path / "warehouse")
    else:
        warehouse = built if words[0] in READING and not is_monitored else request.getfixturevalue("warehouse")
    if is_monitored:
        # It fails where no publisher's response was ever accepted.
        with Log(warehouse) as log:
            log.record_response("kcs", Request("kcs/goods_monthly", "/", "CHN"), datetime.now(UTC), "confirmed")
    environment = {**os.environ, WAREHOUSE_VARIABLE: str(warehouse.warehouse)}
    if words[:2] == ["pairs", "add"]:
        # It writes into the settings of a checkout.
        home = making.copy_code(warehouse, tmp_path / "checkout")
        shutil.copy(ROOT / "bilateral.toml", home.configuration)
        environment[HOME_VARIABLE] = str(home.root)
    done = bilateral.run(words, environment, folder=tmp_path if warehouse is built else warehouse.warehouse)
    assert done.returncode == 0, f"{page}: {command}: {done.stderr}"
    assert done.stdout.strip(), f"{page}: {command}"


@pytest.mark.parametrize(("page", "program"), blocks("python"))
def test_a_program_in_the_pages_runs(built: Project, tmp_path: Path, page: str, program: str) -> None:
    (tmp_path / "warehouse").symlink_to(built.warehouse)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, f"{page}: {done.stderr}"
    assert done.stdout.strip(), page


@pytest.mark.long
def test_the_queries_in_the_pages_run(published: duckdb.DuckDBPyConnection) -> None:
    for page, query in blocks("sql"):
        try:
            published.execute(query).fetchall()
        except duckdb.Error as error:
            pytest.fail(f"{page}: {query}: {error}")


@pytest.mark.parametrize(("page", "command"), sorted(set(lines("duckdb "))))
def test_a_query_for_duckdbs_own_command_line_runs(
    published: duckdb.DuckDBPyConnection, page: str, command: str
) -> None:
    """The client is not installed here: its SQL is asked of the file that it names."""
    client, read_only, file, query = shlex.split(command)
    assert (client, read_only, file) == ("duckdb", "-readonly", "warehouse/bilateral.duckdb"), page
    assert published.execute(query).fetchall(), page


def test_every_make_target_in_the_pages_is_one() -> None:
    listed = subprocess.run(
        [shutil.which("make") or "make", "-C", str(ROOT), "help"], capture_output=True, text=True, check=True
    )
    targets = {line.split()[0] for line in listed.stdout.splitlines()[1:] if line.strip()}
    for page, command in lines("make "):
        assert set(re.findall(r"^make ([a-z]+)", command)) <= targets, f"{page}: {command}"


def test_every_relative_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in LINK.findall(page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(ROOT)} links to {target}"


def test_every_path_of_the_repository_that_a_page_names_is_there() -> None:
    named = re.compile(r"`((?:dagster_project|sql|expectations|tests|warehouse|docs)/[\w./-]+)`")
    left_by_builds = (
        *("warehouse/archive", "warehouse/bilateral.duckdb", "warehouse/data_dictionary.html", "warehouse/report"),
    )
    for page in PAGES:
        for path in named.findall(page.read_text(encoding="utf-8")):
            if not path.startswith(left_by_builds):
                assert (ROOT / path).exists(), f"{page.relative_to(ROOT)} names {path}"


@pytest.mark.long
def test_the_generated_pages_are_current(built: Project) -> None:
    """The picture, too: it shows the figures that the committed snapshots give."""
    assert built.published_file.exists()
    assert documentation.list_stale(built) == []
