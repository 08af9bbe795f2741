"""The command as a person sees it: on a terminal of so many columns."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from dagster_project.project import WAREHOUSE_VARIABLE, Project


def seen(project: Project, width: int, *words: str) -> str:
    """What stands on the terminal at the end, without colours."""
    reads, writes = pty.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    done = subprocess.Popen(
        [sys.executable, "-c", "from dagster_project.cli import main; main()", *words],
        stdin=writes,
        stdout=writes,
        stderr=writes,
        env={
            "PATH": "/usr/bin:/bin",
            "TERM": "xterm",
            "HOME": str(project.warehouse),
            WAREHOUSE_VARIABLE: str(project.warehouse),
        },
    )
    os.close(writes)
    found = b""
    while True:
        try:
            part = os.read(reads, 65536)
        except OSError:  # how Linux says that nobody writes any more
            break
        if not part:
            break
        found += part
    os.close(reads)
    done.wait()
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", found.decode()).replace("\r\n", "\n")
