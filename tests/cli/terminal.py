"""The command's output as a person sees it, on a terminal with a given number of columns."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
from multiprocessing.connection import wait
from pathlib import Path

from dagster_project.project import WAREHOUSE_VARIABLE, Project
from tests import bilateral


def seen(project: Project, width: int, *words: str) -> str:
    """Return the text on the terminal at the end, without colours."""
    reads, writes = pty.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    environment = {
        "PATH": "/usr/bin:/bin",
        "TERM": "xterm",
        "HOME": str(project.warehouse),
        WAREHOUSE_VARIABLE: str(project.warehouse),
    }
    process = bilateral.start(words, environment, [Path(os.ttyname(writes))] * 3)
    found = b""
    while reads in wait([reads, process.sentinel]):
        found += os.read(reads, 65536)
    process.join()
    os.close(writes)
    os.close(reads)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", found.decode()).replace("\r\n", "\n")
