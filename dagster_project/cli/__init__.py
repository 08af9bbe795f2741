"""The command line: `bilateral`.

Here: what each command takes and how it shows what came of it. Not here: the work, which is in the rooms that the
commands call, and which they import when they run, so that `bilateral --help` is quick.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

DEBUG_VARIABLE = "BILATERAL_DEBUG"


def main() -> None:
    """Run the command; an error is one line on standard error, and exit code 1, or 2 if it was called wrongly."""
    from dagster_project.cli import signals

    signals.listen_to_signals()
    # Python has none for a stream that was closed by whoever began it.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its code.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(_run_app())
    finally:
        if signals.is_stopped():
            signals.end_process()


def _run_app() -> int:
    from dagster_project.cli.commands import run_command
    from dagster_project.cli.signals import is_stopped

    try:
        code = run_command(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough. Python would complain when it empties its buffers into nothing.
        _discard_output()
        return 0
    except Exception as error:
        from dagster_project.cli import console, errors

        if isinstance(error, errors.UsageError) and not str(error):
            # Nothing was asked for, and the help has been shown.
            return 2
        translated = errors.translate_error(error)
        if translated is None or os.environ.get(DEBUG_VARIABLE) or is_stopped():
            raise
        console.print_error(translated)
        # What was answered before it went wrong is kept. A full disk has been complained of already.
        with suppress(OSError):
            sys.stdout.flush()
        _discard_output()
        return 2 if isinstance(error, errors.UsageError) else 1
    return code or 0


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
