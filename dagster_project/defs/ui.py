"""Run Dagster, and a server for the published file, the report, the data dictionary and the pages about audits.

`make ui` starts both. `python -m dagster_project.defs.ui pages PORT [HOST]` starts the server alone, for readers. Here:
starting and stopping both. Not here: a build.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.project import Project

HOST = "127.0.0.1"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The seconds that Dagster has to end its runs and itself.
GRACE = 3
# The errors for a group without processes; the second is that of macOS.
GONE = (ProcessLookupError, PermissionError)


class Pages(SimpleHTTPRequestHandler):
    """A handler that serves the HTML pages and the published file of a warehouse, and refuses all other files."""

    def send_head(self) -> Any:
        """Send the requested page or the published file; without a path, send the report."""
        asked = Path(self.translate_path(self.path))
        if asked == Path(self.directory):
            self.path = "/report/index.html"
        elif asked.suffix != ".html" and asked != Path(self.directory, "bilateral.duckdb"):
            return self.send_error(404)
        return super().send_head()

    def log_message(self, *_of: object) -> None:
        """Disable request logging."""


def serve_pages(folder: Path, port: int) -> str | None:
    """Serve the pages below a folder from a thread; return their address, or None if the port is taken."""
    try:
        server = ThreadingHTTPServer((HOST, port), partial(Pages, directory=str(folder)))
    except OSError:
        return None
    Thread(target=server.serve_forever, daemon=True, name="pages").start()
    return f"http://{HOST}:{server.server_port}"


def run_command(command: Sequence[str | Path], folder: Path) -> int:
    """Run a command and end its child processes; return its status, or 0 if a signal stopped it."""

    def raise_interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for number in STOPPING:
        signal.signal(number, raise_interrupt)
    # The command has its own session: Ctrl-C in a terminal reaches only this process, which passes it on to all others.
    started = subprocess.Popen(command, cwd=folder, start_new_session=True)  # noqa: S603 - our own command
    try:
        return started.wait()
    except KeyboardInterrupt:
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        with suppress(*GONE):
            os.killpg(started.pid, signal.SIGINT)
            deadline = time.monotonic() + GRACE
            while time.monotonic() < deadline:
                started.poll()
                os.killpg(started.pid, 0)
                time.sleep(0.05)
        return 0
    finally:
        with suppress(*GONE):
            os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def _report_publication() -> None:
    """Report the publication to Dagster; print an error if the file cannot be read."""
    import dagster as dg

    from dagster_project.cli import console
    from dagster_project.defs.common import find_project
    from dagster_project.defs.reporting import report_publication

    with dg.DagsterInstance.get() as instance:
        try:
            reported = report_publication(instance, find_project(), compare_all=True)
        except BilateralError as error:
            console.print_error(error)
        else:
            if reported:
                console.out.print(f"[dim]Dagster now knows of {reported}.[/]")


def run_ui(port: int) -> int:
    """Run Dagster on a port, and the server of pages on the next port, until somebody stops Dagster."""
    # Before Dagster runs, a signal ends this process at once.
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)
    from dagster_project.defs.common import PAGES_VARIABLE

    where = Project.find()
    pages = serve_pages(where.warehouse, port + 1)
    if pages is not None:
        os.environ[PAGES_VARIABLE] = pages
    _report_publication()
    dagster = Path(sys.executable).with_name("dg")
    return run_command([dagster, "dev", "--host", HOST, "--port", str(port)], where.root)


if __name__ == "__main__":
    if sys.argv[1] == "pages":
        port, host = int(sys.argv[2]), (*sys.argv[3:], HOST)[0]
        handler = partial(Pages, directory=str(Project.find().warehouse))
        ThreadingHTTPServer((host, port), handler).serve_forever()
    sys.exit(run_ui(int(sys.argv[1])))
