"""Full disks: each command that writes, while no file can grow beyond some size, and the same command after it.

Here: the commands, and what must be left. Not here: a disk that is full while a file is published
(`tests/publication/test_publication.py`).
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
from pathlib import Path

from dagster_project import publication
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.snapshots import hash_file
from tests import making
from tests.faults.kind import Kind, Tally

# Bytes: nothing, a page, a record, most tables, most of the published file.
LEVELS = (0, 4_096, 100_000, 5_000_000, 20_000_000)
COMMANDS = (
    *("build --fresh", "report", "report --partner Vietnam", "ask balance --output {out}/balance.xlsx", "docs"),
    *(
        "ask balance --chart {out}/balance.svg",
        "query --format csv --output {out}/q.csv select+1",
        "export {out}/package",
    ),
    *("judge balance+KOR+CHN+2023+=+-18bn --register disk --publisher Me", "claims new disk_new", "status", "rollback"),
    *("set-aside add kosis/goods_annual --key partner_code=CHN --key year=1990 --why Tried.", "snapshots verify"),
    *("questions", "data-docs {out}/data-docs", "refresh --dry-run", "pairs add KOR JPN"),
    "cite balance/KOR/CHN/2023@2025-06-19",
)
COMMAND = (sys.executable, "-c", "from dagster_project.cli import main; main()")


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    chance, here = random.Random(seed), Project.find()
    built = Project.at(here.root, warehouse=Path(os.environ.get("BILATERAL_BUILT", here.warehouse)))
    for number in range(cases):
        command, level = chance.choice(COMMANDS), chance.choice(LEVELS)
        place = folder / str(number)
        where = making.copy_code(making.copy_of(built, folder / f"warehouse{number}"), place)
        (place / "docs").mkdir()
        (place / "bilateral.toml").write_bytes(here.configuration.read_bytes())
        (place / "out").mkdir()
        words = [word.replace("+", " ").format(out=place / "out") for word in command.split()]
        before = hash_file(where.published_file)
        with tally.case():
            code, said = _run(where, words, level)
            if "Traceback" in said:
                tally.fail(seed, f"{words[0]}: a traceback", (command, level, said[-400:]))
            if code and hash_file(where.published_file) != before and publication.get_current_id(where) is None:
                tally.fail(seed, f"{words[0]}: readers have half a file", (command, level))
            tally.outcomes["failed" if code else "worked"] += 1
            # What it had done before it failed it need not do again: a claim is registered, a page is there.
            again, said = _run(where, words, None)
            if code and again and "already" not in said and not (words[0] == "rollback" and "no earlier" in said):
                tally.fail(seed, f"{words[0]}: fails afterwards", (command, level, said[-400:]))
        shutil.rmtree(place)
        shutil.rmtree(where.warehouse)


def _run(where: Project, words: list[str], level: int | None) -> tuple[int, str]:
    """Runs a command while no file grows beyond a size; returns its code and what it complained of."""

    def limit() -> None:
        if level is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (level, level))

    env = os.environ | {"BILATERAL_HOME": str(where.root), WAREHOUSE_VARIABLE: str(where.warehouse)}
    done = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True,
                          preexec_fn=limit, check=False, timeout=900)  # fmt: skip
    return done.returncode, done.stderr


KIND = Kind(
    name="disks",
    what="Every command that writes, while no file can grow beyond one of five sizes.",
    goal="It works or ends in one line; readers keep a whole file, and the next command works.",
    round=round_of,
    cases=10,
)
