"""Full disks: each command, while a disk has room for so many bytes or none, and the same command after it.

Here: the commands, and what must be left. Not here: a disk that is full while a file is published
(`tests/publication/test_publication.py`).
"""

from __future__ import annotations

import gzip
import itertools
import os
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project import publication, snapshots
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.snapshots import hash_file
from tests import bilateral, making
from tests.faults.kind import Kind, Tally, find_built
from tests.refresh.publisher import publishers
from tests.refresh.publishers.comtrade import NOTHING
from tests.refresh.server import Reply, serving

# Bytes: nothing, a page, a record, most tables, most of the published file.
LEVELS = (0, 4_096, 100_000, 5_000_000, 20_000_000)
WRONG = "kosis/goods_annual --where partner_code=CHN --where year=1990 --reason Tried"
# A word that has a space is written with `+`.
COMMANDS = (
    *("build --fresh", "rollback", "docs", "check", "status", "publications", "diff", "data-docs {out}/data-docs"),
    *("ask balance --output {out}/balance.xlsx", "ask balance --chart {out}/balance.svg", "ask 3 --as-of 2024-01-01"),
    *("questions", "forecasts", "tables", "describe trade_balance", "pairs", "pairs add KOR JPN", "metrics"),
    *("query --format csv --output {out}/q.csv select+1", "report", "report --partner Vietnam", "export {out}/package"),
    *("brief --output {out}/brief.html", "prove exports/KOR/CHN/2023@2025-06-19 --output {out}/proof.zip"),
    *("site --address https://example.org/ {out}/site", "cite balance/KOR/CHN/2023@2025-06-19", "claims"),
    *("claims show surplus_2018_record", "claims new disk_new"),
    *("claims check {claims}", "judge balance+KOR+CHN+2023+=+-18bn --register disk --publisher Me", "sources", "mcp"),
    *("refresh --dry-run", "refresh comtrade --since 2024-01-01 --until 2024-12-31 --again", "article {article}"),
    *("snapshots list", "snapshots show {snapshot}", "snapshots verify"),
    *("snapshots seal {unsealed}", "set-aside list", "set-aside show {decision}", "set-aside lift {decision}"),
    f"set-aside add year_wrong {WRONG}",
)
# What a command says that need not do again what it did: a claim is registered, a decision is lifted.
DONE = ("already", "no earlier", "no decision", "does not exist")
COMMAND = (sys.executable, "-c", "from dagster_project.cli import main; main()")
# Enough for a warehouse, the copy of it that a build works on, and what a command writes.
DISK = "2500m"
JSON = {"Content-Type": "application/json"}


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    every = list(itertools.product(COMMANDS, LEVELS))
    random.Random(seed).shuffle(every)
    comtrade = next(one for one in publishers() if one.dataset == "comtrade/goods")
    with serving() as server, _disk(folder) as disk, pytest.MonkeyPatch.context() as patch:
        base = making.copy_of(find_built(), folder / "disk" / "base")
        _publish_earlier(base)
        patch.setenv("BILATERAL_COMTRADE_URL", server.address)
        server.route({comtrade.url: Reply(comtrade.right, headers=JSON)}, otherwise=Reply(NOTHING, headers=JSON))
        for command, level in itertools.islice(itertools.cycle(every), cases):
            where, names = _prepare(base, folder / "disk" / "case", command)
            words = [word.replace("+", " ").format(**names) for word in command.split()]
            before = hash_file(where.published_file)
            with tally.case():
                code, said = _run_on_full_disk(where, words, disk, level)
                if "Traceback" in said or (code and len(said.splitlines()) > 3):
                    tally.fail(seed, f"{words[0]}: more than a line", (command, level, said[-400:]))
                if hash_file(where.published_file) != before and publication.get_current_id(where) is None:
                    tally.fail(seed, f"{words[0]}: readers have half a file", (command, level))
                tally.outcomes["failed" if code else "worked"] += 1
                again, said = _run(where, words)
                if code == 2 or (again and not any(one in said for one in DONE)):
                    tally.fail(seed, f"{words[0]}: fails afterwards", (command, level, said[-400:]))
                if code and (left := [path.name for path in where.warehouse.rglob("*.tmp")]):
                    tally.fail(seed, f"{words[0]}: leaves something", (command, level, left))
            shutil.rmtree(where.root)


def _publish_earlier(base: Project) -> None:
    """Publishes one before the current one, so that commands have an earlier one to go back to and to compare with."""
    current = publication.list_publications(base)[0]
    file = shutil.copyfile(base.published_file, base.archive / "earlier.duckdb")
    with duckdb.connect(file) as connection:
        connection.execute("update meta.publication set publication_id = 'earlier'")
        connection.execute("checkpoint")
    earlier = replace(current, publication_id="earlier", content_hash="", published_at=datetime(2026, 1, 1, tzinfo=UTC))
    pages = {publication.DICTIONARY: base.published_dictionary.read_text()}
    publication.publish_file(base, earlier, file, pages, keep=1)
    publication.roll_back(base, current.publication_id)
    file.unlink()


def _prepare(base: Project, place: Path, command: str) -> tuple[Project, dict[str, object]]:
    """A copy of a warehouse and its code, and what a command names in it."""
    place.mkdir()
    for name in ("docs", "out"):
        (place / name).mkdir()
    making.copy_code(base, place)
    # Copied after the code, which would be newer than the mark that all questions and claims were read.
    where = Project.at(place, warehouse=making.copy_of(base, place / "warehouse").warehouse)
    where.configuration.write_text('pairs = ["KOR-CHN"]\n')
    article = place / "out" / "article.txt"
    article.write_text("Korea's exports to China were $124.8 billion in 2023.")
    (snapshot,) = snapshots.find_snapshots(where, "kosis/goods_annual_world")
    unsealed = snapshot.folder.with_name("new")
    names = {
        "out": place / "out",
        "article": article,
        "snapshot": snapshot.id,
        "unsealed": unsealed,
        "decision": "decided",
    }
    if "{unsealed}" in command:
        shutil.copytree(snapshot.folder, unsealed)
        header, *rows = gzip.decompress((unsealed / snapshot.data.name).read_bytes()).splitlines(keepends=True)
        # Out of order, so that the file is written again.
        (unsealed / snapshot.data.name).write_bytes(gzip.compress(b"".join([header, *reversed(rows[1:])])))
    if "{decision}" in command:
        assert _run(where, ["set-aside", "add", "decided", *WRONG.split()]) == (0, "")
    return where, names | {"claims": min(where.claims.glob("*.yml"))}


@contextmanager
def _disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own in `folder/disk`; None where nobody may mount one."""
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(disk)]
    is_mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield disk if is_mounted else None
    finally:
        if is_mounted:
            subprocess.run(["umount", str(disk)], capture_output=True, check=True)


def _run_on_full_disk(where: Project, words: list[str], disk: Path | None, level: int) -> tuple[int, str]:
    """Runs a command while its disk has room for so many bytes; without a disk, while no file grows beyond that."""
    if disk is None:
        return _run(where, words, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (level, level)))
    free, filler = os.statvfs(disk), disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - level)
    try:
        return _run(where, words)
    finally:
        filler.unlink()


def _run(where: Project, words: list[str], limit: Callable[[], None] | None = None) -> tuple[int, str]:
    """Runs a command; returns its code and what it complained of."""
    env = os.environ | {"BILATERAL_HOME": str(where.root), WAREHOUSE_VARIABLE: str(where.warehouse)}
    if limit is None:
        done = bilateral.run(words, env)
    else:
        done = subprocess.run([*COMMAND, *words], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              preexec_fn=limit, check=False, timeout=900)  # fmt: skip
    return done.returncode, done.stderr


KIND = Kind(
    name="disks",
    what="Every command, while its disk has room for one of five numbers of bytes, none at the least.",
    goal="It works or ends in one line; readers keep a whole file, and the next command works.",
    round=round_of,
    cases=20,
)
