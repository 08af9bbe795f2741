"""Errors of libraries and of the machine, as one line with a remedy.

Here: which errors users can do something about, and what to say of them. Not here: showing them (`console`).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import duckdb
import typer

from dagster_project.errors import BilateralError

# What Typer raises of options and arguments, and does not export.
(UsageError,) = typer.BadParameter.__bases__

LIBRARIES = (duckdb.Error, OSError, sqlite3.Error)
# What the system says, in OSError and in errors of DuckDB and SQLite, and how to put it.
CLOSED = "Give yourself the right to it, or name another place."
TROUBLES = (
    (
        ("No space left on device", "Disk quota exceeded", "File too large", "database or disk is full"),
        "There is no room for {}: the disk is full, or as full as you may make it.",
        "Make room and try again; what is published stays as it was.",
    ),
    (("Read-only file system",), "{} cannot be opened for this: its file system is read-only.", CLOSED),
    (
        ("Permission denied", "Operation not permitted", "readonly database", "unable to open database file"),
        "{} cannot be opened for this: you have no right to.",
        CLOSED,
    ),
)


def translate_error(error: Exception) -> BilateralError | None:
    """Return an error as one that users can do something about; None if they cannot."""
    if isinstance(error, UsageError):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "bilateral"
        text = getattr(error, "format_message", error.__str__)().replace("Value error, ", "") or type(error).__name__
        return BilateralError(f"{text.rstrip('.')}.", remedy=f"See `{command} --help`.")
    if isinstance(error, typer.Abort):
        return BilateralError(
            "The input ended before everything was answered.", remedy="Answer each question, or give its option."
        )
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith(__name__.partition(".")[0]):
        return BilateralError(
            f"{error.name} is not installed: only commands that read work without what a build needs.",
            remedy="Run make in a checkout, which installs everything.",
        )
    causes = list(_list_causes(error))
    if any(isinstance(cause, duckdb.OutOfMemoryException | MemoryError) for cause in causes):
        return BilateralError(
            "There is not enough memory.", remedy="Give a build more with --memory, or ask for less at a time."
        )
    for cause in causes:
        for phrases, message, remedy in TROUBLES:
            if isinstance(cause, LIBRARIES) and any(phrase in str(cause) for phrase in phrases):
                return BilateralError(message.format(_find_path(cause)), remedy=remedy)
    if isinstance(error, BilateralError):
        return error
    if isinstance(error, LIBRARIES):
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return BilateralError(first, remedy="Set BILATERAL_DEBUG=1 to see where it arose.")
    return None


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _find_path(error: BaseException) -> str:
    """Return the path that an error names."""
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    quoted = re.search(r'"(/[^"]+)"', str(error))
    return str(named) if named else quoted[1] if quoted else "the output"
