"""Errors of libraries and of the machine, as one line with a remedy.

Here: which errors users can do something about, and what to say of them. Not here: showing them (`console`).
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator

import duckdb
import typer

from dagster_project.errors import BilateralError

# What Typer raises of options and arguments, and does not export.
(UsageError,) = typer.BadParameter.__bases__

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = {
    errno.EROFS: "its file system is read-only",
    errno.EACCES: "you have no right to",
    errno.EPERM: "you have no right to",
}
# SQLite has errors of its own.
SQLITE = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_READONLY": errno.EACCES,
    "SQLITE_READONLY_DIRECTORY": errno.EACCES,
    "SQLITE_CANTOPEN": errno.EACCES,
}


def translate(error: Exception) -> BilateralError | None:
    """An error as one that users can do something about; None if they cannot."""
    if isinstance(error, UsageError):
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "bilateral"
        said = (
            str(getattr(error, "format_message", error.__str__)()).replace("Value error, ", "") or type(error).__name__
        )
        return BilateralError(f"{said.rstrip('.')}.", remedy=f"See `{path} --help`.")
    if isinstance(error, typer.Abort):
        return BilateralError(
            "The input ended before everything was answered.", remedy="Answer each question, or give its option."
        )
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith(__name__.partition(".")[0]):
        return BilateralError(
            f"{error.name} is not installed: only commands that read work without what a build needs.",
            remedy="Run make in a checkout, which installs everything.",
        )
    if (told := _of_the_machine(error)) is not None:
        return told
    if isinstance(error, BilateralError):
        return error
    if isinstance(error, duckdb.Error | OSError | sqlite3.Error):
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return BilateralError(first, remedy="Set BILATERAL_DEBUG=1 to see where it arose.")
    return None


def _of_the_machine(error: Exception) -> BilateralError | None:
    """The trouble of the machine that is behind an error, if it is one."""
    for cause in _causes(error):
        if isinstance(cause, duckdb.OutOfMemoryException | MemoryError):
            return BilateralError(
                "There is not enough memory.", remedy="Give a build more with --memory, or ask for less at a time."
            )
        number, place = _number(cause), _place(cause)
        if number in FULL:
            return BilateralError(
                f"There is no room for {place or 'what is written'}: the disk is full, or as full as you may make it.",
                remedy="Make room and try again; what is published stays as it was.",
            )
        if number in CLOSED:
            return BilateralError(
                f"{place or 'What is needed'} cannot be opened for this: {CLOSED[number]}.",
                remedy="Give yourself the right to it, or name another place.",
            )
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _number(error: BaseException) -> int | None:
    if isinstance(error, OSError):
        return error.errno
    if isinstance(error, sqlite3.Error):
        return SQLITE.get(error.sqlite_errorname)
    if isinstance(error, duckdb.Error):
        # DuckDB hands on what the system says.
        return next((number for number in (*FULL, *CLOSED) if os.strerror(number) in str(error)), None)
    return None


def _place(error: BaseException) -> str | None:
    if isinstance(error, OSError):
        named = error.filename2 or error.filename
        return None if named is None else str(named)
    found = re.search(r'"(/[^"]+)"', str(error))
    return found[1] if found else None
