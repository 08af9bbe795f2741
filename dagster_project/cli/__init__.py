"""The command line `bilateral`: the options of each command, and the layout of its result on a terminal.

The other packages do the work. A command imports them only when it runs, so that `bilateral --help` is quick.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

DEBUG_VARIABLE = "BILATERAL_DEBUG"


def main() -> None:
    """Run the command of `sys.argv`; print an error as one line and exit with code 1, or 2 for wrong options."""
    from dagster_project.cli import signals

    signals.listen_to_signals()
    # Pydantic would look for plugins in every installed package.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # A stream that the parent process has closed is None in Python, and is replaced by the null device.
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal's encoding lacks is printed as its code (\u2212).
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
    except (BrokenPipeError, SystemExit) as ended:
        # The program that reads our output, such as `head`, has ended; Typer would exit with 1.
        if not isinstance(ended if isinstance(ended, BrokenPipeError) else ended.__context__, BrokenPipeError):
            raise
        # Python flushes standard output once more at its end, which would fail again.
        _discard_output()
        return 0
    except Exception as error:
        from dagster_project.cli import console, errors

        if isinstance(error, errors.UsageError) and not str(error):
            # No command was given, and the help has been shown.
            return 2
        translated = errors.translate_error(error)
        if translated is None or os.environ.get(DEBUG_VARIABLE) or is_stopped():
            raise
        console.print_error(translated)
        # Write the output from before the error; if the disk is full, the error above says so.
        with suppress(OSError):
            sys.stdout.flush()
        _discard_output()
        return 2 if isinstance(error, errors.UsageError) else 1
    return code or 0


def _discard_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
