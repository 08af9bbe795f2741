"""`make ui` ends together with every process that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# A stand-in for Dagster: children of children, one of which hears no signal that it may ignore.
TREE = """
import os, signal, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(1, f"{os.getpid()}\\n".encode())
os.write(1, b"up\\n")
time.sleep(120)
"""
RUNS = """
import sys
from pathlib import Path
from dagster_project.defs import ui
ui.GRACE = 0.5
sys.exit(ui.run_command([sys.executable, "-c", sys.argv[1]], Path(".")))
"""


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(other, marks=pytest.mark.long) for other in (signal.SIGINT, signal.SIGHUP))],
)
def test_a_signal_ends_all_of_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUNS, TREE],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as started:
        assert started.stdout
        lines = [started.stdout.readline().strip() for _ in range(4)]
        (grandchild,) = (int(line) for line in lines if line != "up")
        started.send_signal(number)
        assert started.wait(30) == 0
    for _ in range(100):
        if not _is_at_work(grandchild):
            return
        time.sleep(0.05)
    pytest.fail("a process of the third generation lives on")


def test_what_ends_by_itself_hands_on_its_code(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", RUNS, "raise SystemExit(3)"], cwd=Path.cwd(), check=False)
    assert done.returncode == 3


def _is_at_work(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # It may wait for nobody to ask how it ended.
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")
