"""Publications that are killed at a line of their own or between two, under readers who open the file over and over.

Here: `publication.publish_file` by itself, on a file of some megabytes. Not here: kills of whole builds
(`tests/pipeline/test_publishing.py`), and what a publication says.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb

from dagster_project import files, publication
from dagster_project.engines.duckdb import DuckDB
from dagster_project.project import Project
from dagster_project.publication import DICTIONARY, PAGE, Publication
from tests import making
from tests.bilateral import PROCESSES
from tests.faults.kind import Kind, Tally, cause_of

READERS = 8
ROWS = 2_000_000
# Between two questions a reader rests so long: eight who never do would leave a small machine nothing to publish with.
REST = 0.05
LONGEST = 0.15
# What readers ask is of some rows; that a file is whole is of all.
SOME, ALL = "row < 100_000", "true"
ASKED = "select publication_id, sum_of_{} = (select sum(value) from marts.figures where {}) from meta.publication"
TRACED = {publication.__file__, files.__file__}


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    where = making.project(folder / "project")
    for number in (-3, -2, -1):
        # Later ones do more: they go through those before, and remove the oldest.
        _publish(where, number)
    steps = _publish(where, 0, count=True)
    tally.measure("lines of a publication", steps)
    tally.measure("megabytes of its file", where.published_file.stat().st_size / 10**6)
    shown: str | None = None
    with _readers(where.published_file, folder, seed, tally):
        for case in range(cases):
            # One line after the other, and from another one on in each round; every third time a moment.
            step = None if case % 3 == 2 else (seed * cases + case) % steps + 1
            with tally.case():
                _kill(where, 2 * case + 1, step, chance.uniform(0, LONGEST))
                shown = _check(where, seed, 2 * case + 1, step, tally)
    if publication.roll_back(where).publication_id != shown:
        tally.fail(seed, "one that readers never had is gone back to", publication.get_current_id(where))


def _publish(where: Project, number: int, kill_at: int | None = None, *, count: bool = False) -> int:
    """Publishes a file; returns how many lines that took, if they are counted, and is killed at one of them."""
    where.work_file.unlink(missing_ok=True)
    with DuckDB(where.work_file) as engine:
        ask = engine.connection.execute
        # DuckDB takes a process without a script for a person, and shows how far it is.
        ask("set enable_progress_bar = false")
        ask(
            f"create table marts.figures as select range as row, hash(range + {number}) % 1_000_000_000 as value "
            f"from range({ROWS})"
        )
        ask(
            f"create table meta.publication as select 'p{number}' as publication_id, sum(value) as sum_of_all, "
            f"sum(value) filter ({SOME}) as sum_of_some from marts.figures"
        )
        ask("checkpoint")
    moment = datetime(2026, 11, 16, tzinfo=UTC) + timedelta(minutes=number)
    made = Publication(f"p{number}", moment, f"c{number}", 1, 1, 0, 0, "0.1.0", duckdb.__version__)
    lines = 0

    def trace(frame: FrameType, event: str, _given: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in TRACED:
            return None
        if event == "line":
            lines += 1
            if lines == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    _begun(where).touch()
    if count or kill_at is not None:
        sys.settrace(trace)
    publication.publish_file(where, made, where.work_file, {PAGE: "<html></html>", DICTIONARY: f"p{number}"}, keep=2)
    sys.settrace(None)
    return lines


def _kill(where: Project, number: int, step: int | None, moment: float) -> None:
    _begun(where).unlink(missing_ok=True)
    process = PROCESSES.Process(target=_publish, args=(where, number, step))
    process.start()
    while step is None and process.is_alive() and not _begun(where).exists():
        time.sleep(0.001)
    process.join(moment if step is None else None)
    process.kill()
    process.join()


def _check(where: Project, seed: int, number: int, step: int | None, tally: Tally) -> str | None:
    """Looks at what readers have after a kill, which is what can be gone back to after the next publication."""
    name, label = None, (number, "a moment" if step is None else f"line {step}")
    try:
        name, is_whole = _asked(where.published_file)
        before = {f"p{number}": "killed, the new one", f"p{number - 1}": "killed, the one before"}
        tally.outcomes[before.get(name, "torn")] += 1
        if name not in before or not is_whole:
            tally.fail(seed, "torn", (name, *label))
        _publish(where, number + 1)
        left = [path.name for path in where.warehouse.rglob("*") if path.name.startswith(".") or path.suffix == ".tmp"]
        if _asked(where.published_file) != (f"p{number + 1}", True):
            tally.fail(seed, "torn after the next one", label)
        if left:
            tally.fail(seed, "something left after the next one", (left, *label))
        tally.outcomes["published, whole"] += 1
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        tally.fail(seed, cause_of(error), (str(error)[:200], *label))
    return name


def _asked(file: Path, sums: tuple[str, str] = ("all", ALL)) -> tuple[str, bool]:
    with duckdb.connect(str(file), read_only=True) as connection:
        ((name, is_whole),) = connection.execute(ASKED.format(*sums)).fetchall()
    return str(name), bool(is_whole)


def _read(file: Path, log: Path, stop: Path) -> None:
    """Asks until there is a file that says stop: what came, and after how long."""
    with log.open("w") as said:
        while not stop.exists():
            begun = time.perf_counter()
            try:
                name, is_whole = _asked(file, ("some", SOME))
                came = name[1:] if is_whole else "torn"
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                came = f"{type(error).__name__}"
            said.write(f"{came} {time.perf_counter() - begun}\n")
            time.sleep(REST)


@contextmanager
def _readers(file: Path, folder: Path, seed: int, tally: Tally) -> Iterator[None]:
    stop, logs = folder / "stop", [folder / f"{number}.log" for number in range(READERS)]
    with ExitStack() as ended:
        for log in logs:
            reader = PROCESSES.Process(target=_read, args=(file, log, stop))
            reader.start()
            ended.callback(reader.join)
        ended.callback(stop.touch)
        yield
    times = []
    for log in logs:
        latest = 0
        for came, seconds in map(str.split, log.read_text().splitlines()):
            times.append(float(seconds))
            if not came.isdigit():
                tally.fail(seed, f"a reader: {came}", log.name)
            elif int(came) < latest:
                tally.fail(seed, "a reader: an earlier one again", (log.name, came))
            else:
                latest = int(came)
    tally.outcomes["questions answered"] += len(times)
    tally.measure("99% of questions within, s", sorted(times)[len(times) * 99 // 100])


def _begun(where: Project) -> Path:
    return where.archive / "begun"


KIND = Kind(
    name="publications",
    what=f"Publications, each after one that was killed at some line or moment, while {READERS} readers open the file.",
    goal="Readers always get the previous or the new publication, complete and without an error. The next publication "
    "removes what the killed one left.",
    round=round_of,
    cases=50,
    share=2,
)
