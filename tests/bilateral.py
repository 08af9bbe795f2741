"""Run the command `bilateral` in a process forked from one that has already imported the libraries.

Imports cost more than most commands do. Here: running the command, and its output. Not here: the expected output; and
tests of its start, of signals and of disk errors, which start an interpreter.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

from dagster_project import questions
from dagster_project.catalog import Catalog
from dagster_project.project import Project

# The modules of `dagster_project.cli` are imported by each command: they look at its terminal.
LIBRARIES = (
    *("tests.bilateral", "duckdb", "jinja2", "rich.progress", "rich.table", "typer._adapters", "xlsxwriter"),
    *("dagster_project.catalog", "dagster_project.publication", "dagster_project.questions", "dagster_project.metrics"),
    *("dagster_project.pipeline", "dagster_project.claims.judging", "dagster_project.claims.inputs"),
    *("dagster_project.raw.set_aside", "concurrent.futures.thread", "sqlite3"),
)
# What is known by its text is read once for all.
questions.load_questions(Project.find(), [])
_ = Catalog(Project.find()).models
# There is one server for all of a process, so nobody else may name what it imports.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload([*LIBRARIES])


def run(
    words: Sequence[str], environment: Mapping[str, str], *, stdin: str | bytes = "", folder: Path | None = None
) -> CompletedProcess[str]:
    """Run the command, with its output in files meanwhile; return the result."""
    with TemporaryDirectory() as place:
        given, said, complained = (Path(place, name) for name in ("stdin", "stdout", "stderr"))
        given.write_bytes(stdin if isinstance(stdin, bytes) else stdin.encode())
        said.touch()
        complained.touch()
        process = start(words, environment, (given, said, complained), folder)
        process.join()
        assert process.exitcode is not None
        return CompletedProcess([*words], process.exitcode, said.read_text("utf-8"), complained.read_text("utf-8"))


def start(
    words: Sequence[str], environment: Mapping[str, str], streams: Iterable[Path], folder: Path | None = None
) -> BaseProcess:
    """Start the command with these files as standard input, output and error."""
    given = ([*words], dict(environment), [*streams], folder or Path.cwd())
    process = PROCESSES.Process(target=_main, args=given)
    process.start()
    return process


def _main(words: list[str], environment: dict[str, str], streams: list[Path], folder: Path) -> None:
    for number, stream in enumerate(streams):
        opened = os.open(stream, os.O_RDWR | os.O_NOCTTY | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)
    sys.argv = ["bilateral", *words]
    gc.freeze()
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from dagster_project.cli import main

    main()
