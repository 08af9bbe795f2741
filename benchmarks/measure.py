"""Running a program and saying what it took.

Here: wall time, peak memory, what it printed. Not here: which programs (`run`), and what to make of the figures
(`report`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHOWN = 3000

# Starts a program, and says what it took. The kernel holds a program to have had at least the memory of the process
# that started it, so a small one does.
_STARTER = """
import os, sys, time
place, *words = sys.argv[1:]
os.set_inheritable(int(place), False)
begun = time.perf_counter()
started = os.posix_spawnp(words[0], words, os.environ)
# The kernel knows the peak of a process that has ended, and of those it waited for.
_, status, usage = os.wait4(started, 0)
seconds, busy = time.perf_counter() - begun, usage.ru_utime + usage.ru_stime
found = [seconds, busy, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)]
os.write(int(place), repr(found).encode())
"""


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
    words = [str(part) for part in command]
    reads, writes = os.pipe()
    with tempfile.TemporaryFile() as said, os.fdopen(reads) as told:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _STARTER, str(writes), *words],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            pass_fds=[writes],
            check=True,
        )
        os.close(writes)
        seconds, busy, peak, code = json.loads(told.read())
        said.seek(0)
        text = said.read().decode("utf-8", "replace")
    if code != 0:
        raise Failed(f"{' '.join(words)} ended with {code}:\n{text[-SHOWN:]}")
    return Measured(seconds=seconds, busy=busy, peak=peak, said=text)
