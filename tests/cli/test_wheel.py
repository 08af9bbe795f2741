"""The wheel reads a published file: without a checkout, and without what a build needs."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Mapping
from importlib.metadata import distribution, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from dagster_project.project import FILE_VARIABLE, Project

# One process makes the environment.
pytestmark = pytest.mark.long

PATH = "/usr/bin:/bin"


def _needed(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """List a package and all packages that it needs, by name."""
    found = {name}
    for text in requires(name) or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            found |= _needed(needed.name, frozenset(needed.extras))
    return found


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a wheel in an environment with only its declared dependencies; return its command."""
    folder = tmp_path_factory.mktemp("wheel")
    root = Project.find().root
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=root, check=True)
    (wheel,) = folder.glob("*.whl")
    place = folder / "venv"
    venv.create(place)
    (site,) = place.glob("lib/python*/site-packages")
    for name in _needed("bilateral") - {"bilateral"}:
        for top in {file.parts[0] for file in distribution(name).files or () if file.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    installing = [
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--python",
        str(place / "bin" / "python"),
    ]
    subprocess.run([sys.executable, "-m", *installing, str(wheel)], check=True)
    (place / "bin" / "article.txt").write_text("Korea's exports to China were $124.8 billion in 2023.", "utf-8")
    return place / "bin" / "bilateral"


def _run(command: Path, *words: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [command, *words],
        cwd=command.parent,
        env={"PATH": PATH, "COLUMNS": "200", **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["query", "select count(*) > 0 as any from marts.trade_balance_annual"], "yes"),
        (["ask", "3"], "The first deficit since when?"),
        (["ask", "3", "--sql"], "getvariable"),
        (["questions"], "answered"),
        (["tables"], "marts.trade_balance_annual"),
        (["describe", "marts.trade_balance_annual"], "first_deficit_since"),
        (["claims"], "registered claims supported"),
        (["claims", "show", "surplus_2018_record"], "contradicted"),
        (["status"], "publication_id"),
        (["judge", "balance KOR CHN 2023 = -18bn"], "Supported when rounded"),
        (["cite", "balance/KOR/CHN/2023@2025-06-19"], "18,039,656,000"),
        (["article", "article.txt"], "supported when rounded"),
        (["ask", "balance", "--as-of", "2023-03-28"], "As known at the end of 2023-03-28"),
    ],
)
def test_it_reads_a_published_file(command: Path, built: Project, words: list[str], said: str) -> None:
    assert said in _run(command, *words, "--file", str(built.published_file))


def test_the_file_may_be_named_before_the_command_or_in_the_environment(command: Path, built: Project) -> None:
    file, words = str(built.published_file), ("claims", "show", "surplus_2018_record")
    assert "contradicted" in _run(command, "--file", file, *words)
    assert "contradicted" in _run(command, "claims", "--file", file, "show", "surplus_2018_record")
    assert "contradicted" in _run(command, *words, variables={FILE_VARIABLE: file})


@pytest.mark.parametrize(
    "words",
    [
        "build",
        "refresh",
        "docs",
        "check",
        "sources",
        "rollback",
        "snapshots list",
        "claims check x.yml",
        "claims new x",
    ],
)
def test_other_commands_say_that_they_need_a_checkout(command: Path, words: str) -> None:
    (command.parent / "x.yml").touch()
    said = _run(command, *words.split(), code=1)
    assert said.startswith("✗ This command needs a checkout of Bilateral")
    assert len(said.splitlines()) == 1


def test_without_a_file_it_asks_for_one(command: Path) -> None:
    assert "Name a published file: --file FILE" in _run(command, "tables", code=1)


def test_what_only_a_build_needs_is_missed_in_one_line(command: Path, built: Project) -> None:
    places = {"BILATERAL_HOME": str(built.root), "BILATERAL_WAREHOUSE": str(built.warehouse)}
    said = _run(command, "check", code=1, variables=places)
    assert "is not installed; without it only commands that read" in said
    assert len(said.splitlines()) == 1
