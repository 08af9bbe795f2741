"""A stopped command, or one on a full or read-only disk, ends with one line and leaves nothing behind."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagster_project import publication
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from dagster_project.snapshots import hash_file
from tests import making
from tests.cli.test_commands import ASKED, run

COMMAND = [sys.executable, "-c", "from dagster_project.cli import main; main()"]


def _left(where: Project) -> list[Path]:
    """List the files that are incomplete or temporary.

    DuckDB may leave the log of a checkpoint beside the private work file, which the next build opens with it.
    """
    found = [*where.warehouse.rglob(".*"), *where.warehouse.rglob("*.tmp"), *where.warehouse.glob("*.wal")]
    return found + [place for place in (where.archive / "spill",) if place.exists()]


def _hears(number: signal.Signals) -> Callable[[], object]:
    """Make a child handle a signal that this process ignores, as it does in a shell's background or under Dagster."""
    return lambda: signal.signal(number, signal.SIG_DFL)


@pytest.mark.long
@pytest.mark.parametrize(("number", "stage"), [(signal.SIGINT, "Building"), (signal.SIGTERM, "Auditing")])
def test_a_build_that_is_stopped_says_so(warehouse: Project, number: signal.Signals, stage: str) -> None:
    before = hash_file(warehouse.published_file)
    # Few tables depend on this dataset.
    making.edit(warehouse, "frb/exchange_rates_monthly", lambda rows: rows[:-1])
    with subprocess.Popen(
        [*COMMAND, "build"],
        env=os.environ | {WAREHOUSE_VARIABLE: str(warehouse.warehouse), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hears(number),
    ) as started:
        assert started.stdout
        assert started.stderr
        assert any(line.startswith(stage) for line in started.stdout)
        started.send_signal(number)
        assert started.wait(60) == 128 + number
        assert started.stderr.read() == "✗ Stopped. `bilateral status` says what is published.\n"
    assert _left(warehouse) == []
    assert hash_file(warehouse.published_file) == before
    with publication.lock_warehouse(warehouse, on_wait=lambda: pytest.fail("The lock is held.")):
        pass


@pytest.mark.long
def test_what_does_not_notice_that_it_is_stopped_ends_all_the_same() -> None:
    program = """
    import time
    from dagster_project.cli import signals
    signals.GRACE = 0.2
    signals.listen_to_signals()
    while True:
        try:
            print("at work", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("lost", flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hears(signal.SIGTERM),
    ) as started:
        assert started.stdout
        assert started.stdout.readline() == "at work\n"
        started.send_signal(signal.SIGTERM)
        assert started.wait(30) == 128 + signal.SIGTERM
        assert "lost" in started.stdout.read()


@pytest.mark.long
@pytest.mark.longest
def test_a_build_without_room_says_so_and_goes_on_when_there_is(warehouse: Project) -> None:
    before = hash_file(warehouse.published_file)
    # Few tables depend on this dataset. Room ends in the first of them, and in the copy that is published.
    making.edit(warehouse, "frb/exchange_rates_monthly", lambda rows: rows[:-1])
    for length in (300_000, 38_000_000):
        done = subprocess.run(
            [*COMMAND, "build"],
            env=os.environ | {WAREHOUSE_VARIABLE: str(warehouse.warehouse)},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_limit(length),
        )
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert "There is no space for" in done.stderr
        assert _left(warehouse) == []
        assert hash_file(warehouse.published_file) == before
    assert "Published" in run(warehouse, "build")


def test_output_without_room_is_one_line(built: Project, tmp_path: Path) -> None:
    with (tmp_path / "rows.csv").open("w") as target:
        done = subprocess.run(
            [*COMMAND, "query", "--format", "csv", "from range(100000)"],
            env=os.environ | {WAREHOUSE_VARIABLE: str(built.warehouse)},
            stdout=target,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=_limit(10_000),
        )
    assert done.returncode == 1
    assert "There is no space" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.long
def test_output_that_nobody_reads_ends_without_a_complaint(built: Project) -> None:
    env, pipe = os.environ | {WAREHOUSE_VARIABLE: str(built.warehouse)}, subprocess.PIPE
    with subprocess.Popen([*COMMAND, "query", "from range(100000)"], env=env, stdout=pipe, stderr=pipe) as read:
        assert read.stdout
        assert read.stderr
        assert b"range" in read.stdout.readline()
        read.stdout.close()
        assert (read.stderr.read(), read.wait(60)) == (b"", 0)
    words = [*COMMAND, "query", "select 1"]
    done = subprocess.run(words, env=env, stderr=pipe, preexec_fn=lambda: os.close(1), check=False)
    assert (done.stderr, done.returncode) == (b"", 0)


@pytest.fixture
def closed(built: Project, tmp_path: Path) -> Iterator[Project]:
    """Put the built warehouse on a read-only file system."""
    place = tmp_path / "closed"
    place.mkdir()
    options = (["--bind", str(built.warehouse), str(place)], ["-o", "remount,ro,bind", str(place)])
    try:
        for option in options:
            if subprocess.run(["mount", *option], capture_output=True, check=False).returncode:
                pytest.skip("only root may mount a file system read-only")
        yield Project.at(built.root, warehouse=place)
    finally:
        subprocess.run(["umount", str(place)], capture_output=True, check=False)


@pytest.mark.long
def test_a_closed_warehouse_serves_its_readers(closed: Project) -> None:
    assert "-18,039,656,000" in run(closed, "query", ASKED)
    for words in (
        "ask 3",
        "questions",
        "tables",
        "describe core.economies",
        "claims",
        "claims show surplus_2018_record",
    ):
        assert run(closed, *words.split())
    for words in ("status", "publications", "sources", "refresh --dry-run", "snapshots list", "snapshots verify"):
        assert run(closed, *words.split())


@pytest.mark.long
@pytest.mark.parametrize("words", ["build", "rollback", "refresh"])
def test_a_closed_warehouse_says_so_to_others(closed: Project, words: str) -> None:
    said = run(closed, *words.split(), code=1)
    assert "cannot be written: its file system is read-only" in said
    assert len(said.splitlines()) == 1


def _limit(length: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (length, length))
