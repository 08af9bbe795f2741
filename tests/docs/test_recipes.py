"""The recipes work as written: their files and commands, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.project import Project
from tests import making

ROOT = Project.find().root
PAGE = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
QUESTION = re.search(
    r"```sql\n(/\*\nnumber: (\d+)\n.*?\nname: (\w+)\n.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL
)
COPIED = ("dagster_project", "sql", "expectations", "tests", "docs", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
BLOCK = re.compile(
    r"(?:^`(?P<path>[^`]+)`(?P<add>, add)?:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL | re.MULTILINE
)

JAPANESE = {
    "韓国の中国への輸出は2023年に1248億ドルだった。": "supported",
    "韓国の中国との貿易収支は2023年に180億ドルの赤字だった。": "supported",
    "韓国の中国への輸出は2023年に1300億ドルだった。": "contradicted",
    "韓国の中国への輸出は2023年に1248億ドルではなかった。": "Not understood",
}


class Copy:
    """A copy of the repository, in which commands run as in a user's shell."""

    def __init__(self, built: Project, root: Path) -> None:
        self.root = root
        for name in (*COPIED, "pyproject.toml", "bilateral.toml"):
            place = ROOT / name
            shutil.copytree(place, root / name) if place.is_dir() else shutil.copy(place, root / name)
        making.copy_of(built, root / "warehouse")

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command with the copy's code; return its output."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BILATERAL_")}
        done = subprocess.run(
            words,
            cwd=self.root,
            env={**kept, "PYTHONPATH": str(self.root), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def bilateral(self, *words: str) -> str:
        return self.run(sys.executable, "-c", "from dagster_project.cli import main; main()", *words)

    def follow(self, page: str) -> str:
        """Write the files of a page and run its commands, in order; return the commands' output."""
        said = ""
        for block in BLOCK.finditer(page):
            if block["kind"] == "sh":
                for command in block["text"].splitlines():
                    is_ours = command.startswith("bilateral ")
                    said += self.bilateral(*shlex.split(command)[1:]) if is_ours else self.run("bash", "-c", command)
                continue
            assert block["path"], block["text"][:80]
            path = self.root / block["path"]
            assert path.exists() == bool(block["add"]), path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(block["text"])
        return said

    def pytest(self, *words: str) -> None:
        self.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words)


def test_a_source_needs_at_most_eight_files() -> None:
    (section,) = re.findall(r"^## From a source to a mart\n(.*?)^## ", PAGE, re.DOTALL | re.MULTILINE)
    files = {block["path"] for block in BLOCK.finditer(section) if block["path"]}
    # And the codes of the publisher, where they are not ISO 3166.
    assert len(files) + 1 <= 8


def test_there_is_a_recipe_for_whatever_a_stranger_adds() -> None:
    recipes = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert recipes == [
        *("From a source to a mart", "A mart, and a rule on it", "A question", "A claim", "A metric"),
        *("A word of a language", "A language", "A pair"),
    ]


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_recipes_work_as_they_are_written(built: Project, tmp_path: Path) -> None:
    assert QUESTION is not None
    copy = Copy(built, tmp_path / "bilateral")
    said = copy.follow(PAGE)
    assert "1 of 1 claims of this file supported" in said
    assert "two_way_share" in said
    assert "VNM" in said
    (copy.root / "sql" / "questions" / f"{QUESTION[2]}_{QUESTION[3]}.sql").write_text(QUESTION[1], encoding="utf-8")
    copy.bilateral("build")
    copy.bilateral("docs")
    copy.bilateral("check")
    said = copy.bilateral("ask", "balance", "Mongolia", "China")
    assert "Mongolia had a surplus of US$9.90bn with China: exports were" in said
    assert "China took" in copy.bilateral("ask", QUESTION[3])
    query = "select two_way_usd from marts.two_way_trade_annual where reporter_code = 'MNG' and year = 2024"
    assert copy.bilateral("query", "--format", "csv", query).split() == ["two_way_usd", "19100000000"]
    assert "supported" in copy.bilateral("claims", "show", "example_deficit_2023")
    judged = copy.bilateral("judge", "Korea's exports to China went into freefall to $124.8 billion in 2023.")
    assert "supported" in judged
    for sentence, verdict in JAPANESE.items():
        assert verdict in copy.bilateral("judge", sentence), sentence
    assert "Example Statistics" in (copy.root / "docs" / "sources" / "declarations.md").read_text(encoding="utf-8")
    copy.pytest(
        "tests/sources/test_declare.py", "tests/sources/test_committed_snapshots.py", "tests/sources/test_anchors.py"
    )
    copy.pytest(
        "tests/audit/test_expectations.py", "tests/audit/test_suites.py", "-k", "example or two_way or every_check_has"
    )
    copy.pytest("tests/claims/test_register.py", "tests/claims/test_lexicon.py", "tests/models", "tests/test_names.py")
