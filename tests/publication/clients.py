"""Read the published file with older versions of DuckDB (`make clients`).

Here: an environment for each version, and comparing what they read. Not here: the reading itself (`client`). The
environments need a package index; they are kept in the folder that is named.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import duckdb

from dagster_project.project import Project
from tests.publication.client import read

# The last release of each line since the one that the storage of the file was made for.
VERSIONS = ("1.2.2", "1.3.2", "1.4.4", "1.5.6")


def make_environment(home: Path, *packages: str) -> Path:
    """Make an environment with these packages and nothing else, once; return its interpreter."""
    python = home / "bin" / "python"
    if not (home / "done").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True
        )
        (home / "done").touch()
    return python


def main(folder: Path) -> int:
    """Print for each version whether it reads the same as this one; return the number of versions that do not."""
    project = Project.find()
    file, questions = project.published_file, project.sql / "questions"
    expected = read(file, questions)
    sys.stdout.write(f"{duckdb.__version__}: reads {len(expected)} tables, macros and questions of {file}\n")
    failed = 0
    for version in VERSIONS:
        client = [
            make_environment(folder / version, f"duckdb=={version}"),
            Path(__file__).with_name("client.py"),
            file,
            questions,
        ]
        ran = subprocess.run(client, capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            sys.stdout.write(f"{version}: {ran.stderr.strip().splitlines()[-1]}\n")
            failed += 1
            continue
        found = json.loads(ran.stdout)
        others = sorted(name for name in {*expected, *found} if found.get(name) != expected.get(name))
        sys.stdout.write(f"{version}: reads {', '.join(others) + ' otherwise' if others else 'the same'}\n")
        failed += bool(others)
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
