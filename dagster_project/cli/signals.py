"""Signals that stop a command: Ctrl-C, `kill`, a closed terminal.

Here: handling them, and ending the process. Not here: the clean-up of each step.

The first signal raises KeyboardInterrupt, so that each step cleans up. A library may catch this exception, so the next
step raises it again, and the process ends after `GRACE` seconds in any case. A second signal ends it at once.
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
MESSAGE = "✗ Stopped. `bilateral status` says what is published.\n"
# Also shows the cursor, which the progress display hides.
CLEAR_LINE = "\r\x1b[K\x1b[?25h"

_got: list[int] = []


def listen_to_signals() -> None:
    """Handle the signals that stop a command, except those that the parent process ignores."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop_command)


def is_stopped() -> bool:
    """Return whether a signal has stopped the command."""
    return bool(_got)


def raise_if_stopped() -> None:
    """Interrupt a stopped command that is still running."""
    if _got:
        raise KeyboardInterrupt


def end_process() -> NoReturn:
    """End the process with one line and the exit code of the signal."""
    files.remove_temporary()
    # One write, because another thread may be drawing progress.
    os.write(2, ((CLEAR_LINE if sys.stderr.isatty() else "") + MESSAGE).encode())
    # A normal exit would wait for threads that are still working.
    os._exit(128 + _got[0])


def _stop_command(number: int, _frame: FrameType | None) -> None:
    _got.append(number)
    if len(_got) > 1:
        end_process()
    timer = Timer(GRACE, end_process)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt
