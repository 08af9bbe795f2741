"""Translate errors of libraries and the operating system into one line with a remedy, if a user can act on them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import duckdb
import typer

from dagster_project.errors import BilateralError

# Typer's base class for errors in options and arguments, which it does not export.
(UsageError,) = typer.BadParameter.__bases__

LIBRARIES = (duckdb.Error, OSError, sqlite3.Error)
NO_ACCESS = "Change its permissions, or name another place."
# Phrases in errors of the system, DuckDB and SQLite, each with the message and the remedy to show; {} is the path.
TROUBLES = (
    (
        ("No space left on device", "Disk quota exceeded", "File too large", "database or disk is full"),
        "There is no space for {}: the disk is full, or your quota is used up.",
        "Free some space and try again; the published warehouse is unchanged.",
    ),
    (("Read-only file system",), "{} cannot be written: its file system is read-only.", NO_ACCESS),
    (
        ("Permission denied", "Operation not permitted", "readonly database", "unable to open database file"),
        "{} cannot be opened: permission denied.",
        NO_ACCESS,
    ),
)


def translate_error(error: Exception) -> BilateralError | None:
    """Translate an error that a user can act on into a `BilateralError`; return None for any other error."""
    if isinstance(error, UsageError):
        context = getattr(error, "ctx", None)
        command = context.command_path if context is not None else "bilateral"
        text = getattr(error, "format_message", error.__str__)().replace("Value error, ", "") or type(error).__name__
        return BilateralError(f"{text.rstrip('.')}.", remedy=f"See `{command} --help`.")
    if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith(__name__.partition(".")[0]):
        if str(error.name).partition(".")[0] == "mcp":
            return BilateralError("mcp is not installed.", remedy="Install it with: pip install 'bilateral[mcp]'.")
        return BilateralError(
            f"{error.name} is not installed; without it only commands that read a published file work.",
            remedy="Run `make setup` in a checkout, which installs everything.",
        )
    causes = list(_list_causes(error))
    if any(isinstance(cause, duckdb.OutOfMemoryException | MemoryError) for cause in causes):
        return BilateralError(
            "There is not enough memory.", remedy="Raise --memory of a build, or query fewer rows at a time."
        )
    for cause in causes:
        for phrases, message, remedy in TROUBLES:
            if isinstance(cause, LIBRARIES) and any(phrase in str(cause) for phrase in phrases):
                return BilateralError(message.format(_find_path(cause)), remedy=remedy)
    if isinstance(error, BilateralError):
        return error
    if isinstance(error, LIBRARIES):
        first = (str(error).splitlines() or [type(error).__name__])[0]
        return BilateralError(first, remedy="Set BILATERAL_DEBUG=1 to see the traceback.")
    return None


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _find_path(error: BaseException) -> str:
    """Return the path that an error names, or `the output` if it names none."""
    named = getattr(error, "filename2", None) or getattr(error, "filename", None)
    quoted = re.search(r'"(/[^"]+)"', str(error))
    return str(named) if named else quoted[1] if quoted else "the output"
