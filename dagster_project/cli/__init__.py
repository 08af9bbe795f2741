"""The command line: `bilateral`.

Here: what each command takes and how it shows what came of it. Not here: the work, which is in the rooms that the
commands call, and which they import when they run, so that `bilateral --help` is quick.
"""

from __future__ import annotations

import os
import sys

DEBUG_VARIABLE = "BILATERAL_DEBUG"


def main() -> None:
    """Runs the command; an error is one line on standard error, and exit code 1."""
    import duckdb

    from dagster_project.cli.commands import app
    from dagster_project.cli.show import complain
    from dagster_project.errors import BilateralError

    try:
        app()
    except BilateralError as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        complain(error)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever reads has read enough. Python would complain when it empties its buffers into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (duckdb.Error, OSError) as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        complain(BilateralError(str(error).splitlines()[0], remedy=f"Set {DEBUG_VARIABLE}=1 to see where it arose."))
        sys.exit(1)
