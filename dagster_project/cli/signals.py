"""Signals that stop a command: Ctrl-C, `kill`, a terminal that is closed.

Here: listening to them, and ending the process. Not here: what each step tidies up when it is interrupted.

The first signal interrupts the command like any other error, so that each step puts its own things away. Some are slow
to notice, and libraries may lose an interruption: so the next step asks again, and after `GRACE` seconds the process
ends whatever it is doing. A second signal does not wait.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import Timer
from types import FrameType
from typing import NoReturn

from dagster_project import files

GRACE = 2.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAID = "✗ Stopped. `bilateral status` says what is published.\n"
# And shows the cursor, which a display of progress hides.
CLEAR_LINE = "\r\x1b[K\x1b[?25h"

_got: list[int] = []


def listen_to_signals() -> None:
    """Take the signals that stop a command, except those that whoever started it wants ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop_command)


def is_stopped() -> bool:
    """Return whether somebody has stopped the command."""
    return bool(_got)


def raise_if_stopped() -> None:
    """Interrupt a command that went on although it was stopped."""
    if _got:
        raise KeyboardInterrupt


def end_process() -> NoReturn:
    """End the process: one line, and the exit code that shells know a signal by."""
    files.remove_temporary()
    # One write, since a display of progress may be drawing in another thread.
    os.write(2, ((CLEAR_LINE if sys.stderr.isatty() else "") + SAID).encode())
    # Threads may still be at work, and an interpreter that ends in good order would wait for them.
    os._exit(128 + _got[0])


def _stop_command(number: int, _frame: FrameType | None) -> None:
    _got.append(number)
    if len(_got) > 1:
        end_process()
    timer = Timer(GRACE, end_process)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt
