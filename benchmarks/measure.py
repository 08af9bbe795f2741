"""Running a program and saying what it took.

Here: wall time, peak memory, what it printed. Not here: which programs (`run`), and what to make of the figures
(`report`).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHOWN = 3000


class Failed(Exception):
    """A program that was measured did not do its work."""


@dataclass(frozen=True)
class Measured:
    """A program that ran.

    Args:
        seconds: From its start to its end.
        busy: Processor time in seconds, of all its threads: what other programs leave alone more than `seconds`.
        peak: The most memory that it had at once, in bytes.
        said: What it printed.
    """

    seconds: float
    busy: float
    peak: int
    said: str

    @property
    def told(self) -> dict[str, Any]:
        """The JSON in its last line."""
        told: dict[str, Any] = json.loads(self.said.strip().splitlines()[-1])
        return told


def measure(
    command: Sequence[str | Path], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Measured:
    """Runs a program to its end.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        environment: What it finds in its environment beside what this process does.

    Raises:
        Failed: It ended with another code than 0; the message shows what it said.
    """
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        # The kernel knows the peak of a process that has ended, and of those it waited for.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise Failed(f"{' '.join(str(part) for part in command)} ended with {process.returncode}:\n{text[-SHOWN:]}")
    return Measured(seconds=seconds, busy=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss * 1024, said=text)
