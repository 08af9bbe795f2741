"""Compute analyses in a process of their own, while the build makes other tables.

Here: the process, and the lines that it and the build exchange. Not here: when an analysis can start
(`pipeline.analyses`).

No other process can read the work file, so the build copies the tables that an analysis reads. It sends requests to the
process as lines of JSON on the standard input, and gets a line for each, in order, from the standard output. The
process ends with its input, and so also if the build is killed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from dagster_project.analysis import Analysis, load_analyses
from dagster_project.engines.work_file import WorkFile
from dagster_project.errors import BilateralError
from dagster_project.files import remove_at_end
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.raw.parsed import write_parquet
from dagster_project.reference.rows import Rows


def write_analysis(tables: WorkFile, analysis: Analysis, models: Mapping[str, Model], file: Path) -> None:
    """Compute an analysis from tables, and write its rows as a Parquet file."""
    tables.write_rows("analysis.worked_out", Rows(analysis.name, analysis.columns, []))
    # With a cursor of its own, the analysis can read tables while its rows are written.
    with closing(tables.open_cursor()) as cursor:
        for rows in analysis.compute_batches(cursor, models):
            tables.append_many_rows("analysis.worked_out", rows)
    write_parquet(tables.connection, "from analysis.worked_out", file)
    tables.connection.execute("drop table analysis.worked_out")


class ProcessEnded(BilateralError):
    """The error of a process that ended before it had answered."""


class AnalysisProcess:
    """A process that computes analyses of a project one after another; it starts with the first request."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._process: subprocess.Popen[str] | None = None
        # The files of the requests without an answer, in order, and the errors of the others.
        self._waiting: deque[Path] = deque()
        self._errors: dict[Path, BilateralError] = {}

    def start_analysis(self, source: WorkFile, analysis: Analysis, file: Path) -> None:
        """Copy the tables that an analysis reads from `source`, and ask for the analysis, whose rows `file` gets."""
        copy = _get_copy(file)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        source.copy_tables(analysis.reads, copy)
        process = self._process = self._process or self._start_process()
        assert process.stdin is not None
        # If the process has ended, `finish_analysis` raises an error.
        with suppress(BrokenPipeError):
            print(json.dumps([analysis.name, str(file)]), file=process.stdin, flush=True)
        self._waiting.append(file)

    def finish_analysis(self, file: Path) -> None:
        """Wait until the analysis with this file is computed.

        Raises:
            BilateralError: The analysis failed.
            ProcessEnded: The process ended, for example because the machine lacked memory.
        """
        while file in self._waiting:
            assert self._process is not None
            assert self._process.stdout is not None
            answer = self._process.stdout.readline()
            if not answer:
                name = self._waiting[0].parent.name
                self.close()
                raise ProcessEnded(
                    f"The process that computes the analysis {name} ended before it had finished.",
                    remedy="Perhaps the machine lacked memory. Build again.",
                )
            answered = self._waiting.popleft()
            if error := json.loads(answer):
                self._errors[answered] = BilateralError(error["message"], remedy=error["remedy"])
        if file in self._errors:
            raise self._errors.pop(file)

    def close(self) -> None:
        """End the process, even if it still computes."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        while self._waiting:
            _get_copy(self._waiting.popleft()).unlink(missing_ok=True)

    def _start_process(self) -> subprocess.Popen[str]:
        places = map(str, (self._project.root, self._project.warehouse, self._project.snapshots))
        # In a session of its own, it does not get an interruption from the keyboard, after which `close` ends it.
        return subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", __name__, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def answer_requests(project: Project) -> None:
    """Answer the requests on the standard input; what libraries print goes to the standard error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    analyses = load_analyses(project)
    for line in sys.stdin:
        name, file = json.loads(line)
        print(json.dumps(_compute_file(analyses[name], Path(file))), file=answers, flush=True)


def _compute_file(analysis: Analysis, file: Path) -> dict[str, str | None] | None:
    """Compute an analysis from the copied tables; return the message and the remedy of an error."""
    try:
        with remove_at_end(_get_copy(file)) as copy, closing(WorkFile()) as tables:
            tables.attach_copy(copy)
            write_analysis(tables, analysis, {}, file)
    except BilateralError as error:
        return {"message": error.message, "remedy": error.remedy}
    except Exception as error:  # noqa: BLE001 - the build raises it again
        return {"message": f"The analysis {analysis.name} failed: {type(error).__name__}: {error}", "remedy": None}
    return None


def _get_copy(file: Path) -> Path:
    """Return the path of the tables from which the analysis in a file is computed."""
    return file.with_suffix(".duckdb")


if __name__ == "__main__":
    root, warehouse, snapshots = map(Path, sys.argv[1:])
    answer_requests(Project.at(root, warehouse=warehouse, snapshots=snapshots))
