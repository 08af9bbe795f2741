"""The commands about proofs, and those that docs/proof.md tells a reader to type."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dagster_project.cli.mcp import Tools
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.proof.check import find_faults
from tests.cli.test_commands import run

pytestmark = [pytest.mark.long]

FIGURE = "balance/KOR/CHN/2023@2025-06-19"
PAGE = (Project.find().root / "docs" / "proof.md").read_text(encoding="utf-8")


def test_the_page_of_proofs_can_be_followed(built: Project, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    command = f"'{sys.executable}' -c 'from dagster_project.cli import main; main()'"
    script = f'set -e\nbilateral() {{ {command} "$@"; }}\npython() {{ "{sys.executable}" "$@"; }}\n' + "".join(blocks)
    environment = {**os.environ, WAREHOUSE_VARIABLE: str(built.warehouse)}
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert "Every file has its hash, and every value its place." in done.stdout
    assert done.stdout.splitlines()[-1].startswith(f"[('equal', '{FIGURE}', -18039656000.0, -18039656000.0, None, ")
    described = set(re.findall(r"^\| (.*?) \| ", PAGE, re.MULTILINE))
    listed = {name for cell in described for name in re.findall(r"`([^`]+)`", cell)}
    for name in (path.relative_to(tmp_path / "proof").as_posix() for path in (tmp_path / "proof").rglob("*.*")):
        assert listed & {name, f"{name.partition('/')[0]}/", "none.csv"} or name == "none.csv", name


def test_a_citation_names_the_digest_of_the_proof(built: Project, tmp_path: Path) -> None:
    said = run(built, "prove", FIGURE, "--output", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as packed:
        packed.extractall(tmp_path / "proof")
    cited = json.loads(run(built, "cite", FIGURE, "--proof", "--format", "json"))
    assert cited["proof"] in said
    assert cited["citation"].endswith(f", proof sha256:{cited['proof']}.")
    assert find_faults(tmp_path / "proof", cited["proof"]) == []
    assert "proof" not in json.loads(run(built, "cite", FIGURE, "--format", "json"))
    assert "End it in .zip." in run(built, "prove", FIGURE, "--output", "proof.tar", code=1)
    assert "A rank needs" in run(built, "prove", "export_rank/KOR/CHN/2023@2025-06-19", code=1)
    tools = Tools(built)
    answer = tools.prove(FIGURE)
    tools.close()
    assert (answer["sha256"], answer["result"]) == (cited["proof"], "equal")


def test_a_report_links_the_proofs_of_its_headlines(built: Project, tmp_path: Path) -> None:
    run(built, "report", "--output", str(tmp_path / "page.html"))
    assert "proofs/" not in (tmp_path / "page.html").read_text(encoding="utf-8")
    run(built, "report", "--proofs", "--output", str(tmp_path / "page.html"))
    links = re.findall(r'href="(proofs/[^"]+)"', (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert len(links) >= 3
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("proofs/*")} == set(links)
