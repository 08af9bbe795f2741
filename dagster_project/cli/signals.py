"""Stop a command on a signal: Ctrl-C, `kill`, a closed terminal.

The first signal raises KeyboardInterrupt, so that the running step removes its temporary files. A library may catch
this exception, so the next step of the command raises it again. The process ends `GRACE` seconds after the first signal
in any case, and at once after a second signal.
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
# The codes that clear the line, and show the cursor again, which the display of progress hides.
CLEAR_LINE = "\r\x1b[K\x1b[?25h"

_got: list[int] = []


def listen_to_signals() -> None:
    """Handle the signals that stop a command, except those that the parent process ignores."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop_command)


def is_stopped() -> bool:
    """Return whether a signal to stop the command has arrived."""
    return bool(_got)


def raise_if_stopped() -> None:
    """Raise KeyboardInterrupt again if a signal to stop has arrived, in case a library caught the first exception."""
    if _got:
        raise KeyboardInterrupt


def end_process() -> NoReturn:
    """Remove temporary files, print one line, and end the process with the exit code of the signal."""
    files.remove_temporary()
    # One call, so that no other thread can write progress in between.
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
