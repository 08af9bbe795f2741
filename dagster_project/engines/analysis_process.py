"""Compute analyses in a process of their own, while the build makes other tables.

Here: the process, and what it and the build send each other. Not here: when an analysis is requested
(`pipeline.analyses`).

No other process can read the work file, so the build copies the tables that an analysis reads. It sends requests to the
process as lines of JSON, and gets an answer for each, in order. The process ends with its input, and so also if the
build is killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from dagster_project.analysis import Analysis, load_analyses
from dagster_project.database import MACHINE_ERRORS
from dagster_project.engines.work_file import WorkFile
from dagster_project.errors import BilateralError
from dagster_project.files import remove_at_end
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.raw.parsed import write_parquet
from dagster_project.reference.rows import Rows


class MachineFailed(BilateralError):
    """The error of an analysis that could not be computed for lack of memory, disk space or a process."""


def write_analysis(tables: WorkFile, analysis: Analysis, models: Mapping[str, Model], file: Path) -> None:
    """Compute an analysis from tables, and write its rows as a Parquet file."""
    tables.write_rows("analysis.worked_out", Rows(analysis.name, analysis.columns, []))
    # With a cursor of its own, the analysis can read tables while its rows are written.
    with closing(tables.open_cursor()) as cursor:
        for rows in analysis.compute_batches(cursor, models):
            tables.append_many_rows("analysis.worked_out", rows)
    write_parquet(tables.connection, "from analysis.worked_out", file)
    tables.connection.execute("drop table analysis.worked_out")


class AnalysisProcess:
    """A process that computes analyses of a project one after another; it starts with the first request."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._process: subprocess.Popen[str] | None = None
        # The requested files without an answer, in order, each with its copy of tables; and the errors of the others.
        self._waiting: dict[Path, Path] = {}
        self._errors: dict[Path, BilateralError] = {}

    def has_request(self, file: Path) -> bool:
        """Return whether a file was requested and is not finished (`finish_analysis`)."""
        return file in self._waiting or file in self._errors

    def request_analysis(self, source: WorkFile, analysis: Analysis, file: Path) -> None:
        """Copy the tables that an analysis reads from `source`, and request its rows in `file`."""
        process = self._process = self._process or self._start_process()
        assert process.stdin is not None
        file.parent.mkdir(parents=True, exist_ok=True)
        # Another name each time, because the process of a build that was killed may still use its copy.
        copy = file.with_suffix(f".{os.urandom(4).hex()}.duckdb")
        self._waiting[file] = copy
        source.copy_tables(analysis.reads, copy)
        # If the process has ended, `finish_analysis` raises an error.
        with suppress(BrokenPipeError):
            print(json.dumps([analysis.name, str(copy), str(file)]), file=process.stdin, flush=True)

    def finish_analysis(self, file: Path) -> None:
        """Wait until a requested file is written.

        Raises:
            BilateralError: The analysis failed.
            MachineFailed: The machine could not compute it, or the process has ended.
        """
        while file in self._waiting:
            assert self._process is not None
            assert self._process.stdout is not None
            answer = self._process.stdout.readline()
            answered = next(iter(self._waiting))
            if not answer:
                raise self._describe_end(answered.parent.name)
            del self._waiting[answered]
            if error := json.loads(answer):
                kind = MachineFailed if error["is_of_machine"] else BilateralError
                self._errors[answered] = kind(error["message"], remedy=error["remedy"])
        if file in self._errors:
            raise self._errors.pop(file)

    def end_process(self) -> None:
        """End the process, even if it still computes, and forget all requests."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        for copy in self._waiting.values():
            copy.unlink(missing_ok=True)
        self._waiting.clear()
        self._errors.clear()

    def _describe_end(self, name: str) -> MachineFailed:
        """Write the error of a process that ended during the analysis `name`, and forget all requests."""
        assert self._process is not None
        code = self._process.wait()
        self.end_process()
        why = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return MachineFailed(
            f"The process that computes the analysis {name} {why}.",
            remedy="Signal 9 mostly means that the machine lacked memory. Build again.",
        )

    def _start_process(self) -> subprocess.Popen[str]:
        # A build that was killed may have left files.
        for pattern in ("*.duckdb*", "*.tmp"):
            for left in self._project.analyses.glob(f"*/{pattern}"):
                left.unlink(missing_ok=True)
        places = map(str, (self._project.root, self._project.warehouse, self._project.snapshots))
        # With -P, code of the current folder is not imported. In a session of its own, the process does not get an
        # interruption from the keyboard, after which `end_process` ends it.
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", __name__, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def answer_requests(project: Project) -> None:
    """Answer the requests on the standard input, each with a line on the standard output."""
    requests, answers = os.fdopen(os.dup(sys.stdin.fileno())), os.dup(sys.stdout.fileno())
    # Programs that analyses run read no request, and what they and libraries print is no answer.
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), sys.stdin.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    analyses = load_analyses(project)
    # If the build was killed, nobody reads the answer.
    with suppress(BrokenPipeError):
        for line in requests:
            name, copy, file = json.loads(line)
            answer = json.dumps(_compute_file(analyses[name], Path(copy), Path(file)))
            os.write(answers, f"{answer}\n".encode())


def _compute_file(analysis: Analysis, copy: Path, file: Path) -> dict[str, object] | None:
    """Compute an analysis from copied tables, and remove these; return a description of the error, if there is one."""
    try:
        with remove_at_end(copy), closing(WorkFile()) as tables:
            tables.connection.execute("set threads = 1")
            tables.attach_copy(copy)
            write_analysis(tables, analysis, {}, file)
    except BilateralError as error:
        return {"message": error.message, "remedy": error.remedy, "is_of_machine": False}
    except Exception as error:  # noqa: BLE001 - the build raises it again
        message = f"The analysis {analysis.name} failed: {type(error).__name__}: {error}"
        return {"message": message, "remedy": None, "is_of_machine": isinstance(error, MACHINE_ERRORS)}
    return None


if __name__ == "__main__":
    root, warehouse, snapshots = map(Path, sys.argv[1:])
    answer_requests(Project.at(root, warehouse=warehouse, snapshots=snapshots))
