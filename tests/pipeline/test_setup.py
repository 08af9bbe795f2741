"""`make` sets up an environment, and mends one that was moved or copied with its folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from dagster_project.project import Project

pytestmark = pytest.mark.long

# Stands in for uv, which would ask an index: what it is asked to do is written down.
UV = """#!/bin/sh
echo "$@" >>"$(dirname "$0")/asked"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a checkout that make takes for set up."""
    made = tmp_path / "here"
    made.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(Project.find().root / name, made)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "uv").write_text(UV)
    (tools / "uv").chmod(0o755)
    venv.create(made / ".venv", symlinks=True)
    script = made / ".venv" / "bin" / "told"
    script.write_text(f"#!{made}/.venv/bin/python\nimport sys\nprint(sys.prefix)\n")
    script.chmod(0o755)
    assert "installing" in _make(made)
    return made


def _make(folder: Path) -> str:
    tools = folder.parent / "tools"
    made = subprocess.run(
        ["make", "setup", f"PYTHONS={sys.executable}"],
        cwd=folder,
        env={"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_what_stays_where_it_is_is_set_up_once(folder: Path) -> None:
    assert "installing" not in _make(folder)


@pytest.mark.parametrize("copied", [False, True])
def test_a_moved_folder_is_mended(folder: Path, tmp_path: Path, copied: bool) -> None:
    there = tmp_path / "there"
    if copied:
        shutil.copytree(folder, there, symlinks=True)
    else:
        shutil.move(folder, there)
    assert f"was made in {folder}" in _make(there)
    told = subprocess.run([there / ".venv" / "bin" / "told"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(there / ".venv")
    # Its own package is known by its place, so it is installed anew.
    assert "--no-build-isolation -e ." in (tmp_path / "tools" / "asked").read_text().splitlines()[-1]
    assert "installing" not in _make(there)
    if copied:
        assert str(folder) in (folder / ".venv" / "bin" / "told").read_text()
