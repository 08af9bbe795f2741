"""`make ui`: Dagster, told of what is published before it starts, with the audits' pages beside it.

Here: starting the two, and stopping them. Not here: a build.
"""

import os
import signal
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import dagster as dg

from dagster_project.cli import show
from dagster_project.defs.common import PAGES_VARIABLE, project
from dagster_project.errors import BilateralError

HOST = "127.0.0.1"


class Pages(SimpleHTTPRequestHandler):
    """The pages about audits, and nothing else of the folder that holds them."""

    def send_head(self) -> Any:
        """The page that is asked for."""
        if Path(self.translate_path(self.path)).suffix != ".html":
            return self.send_error(404)
        return super().send_head()

    def list_directory(self, _path: Any) -> None:
        """Refused."""
        self.send_error(404)

    def log_message(self, *_of: object) -> None:
        """Nothing: whoever opens a page sees whether it came."""


def serve(folder: Path, port: int) -> str | None:
    """Serves the pages below a folder from a thread; returns where, or None if the port is taken."""
    try:
        server = ThreadingHTTPServer((HOST, port), partial(Pages, directory=str(folder)))
    except OSError:
        return None
    Thread(target=server.serve_forever, daemon=True, name="pages").start()
    return f"http://{HOST}:{server.server_port}"


def _tell() -> None:
    """Tells Dagster of what is published; the user interface starts all the same if that cannot be read."""
    from dagster_project.defs.telling import tell

    with dg.DagsterInstance.get() as instance:
        try:
            told = tell(instance, project(), after_failure=True)
        except BilateralError as error:
            show.complain(error)
        else:
            if told:
                show.console.print(f"[dim]Dagster now knows of {told}.[/]", highlight=False)


def main(port: int) -> int:
    """Runs Dagster on a port, and the pages on the next one, until somebody stops it."""
    where = project()
    pages = serve(where.archive, port + 1)
    if pages is not None:
        os.environ[PAGES_VARIABLE] = pages
    _tell()
    dagster = subprocess.Popen(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("dg"), "dev", "--host", HOST, "--port", str(port)], cwd=where.root
    )
    # Ctrl-C reaches both, and Dagster says when it has ended.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: dagster.terminate())
    return dagster.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
