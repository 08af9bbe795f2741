"""What goes wrong outside of Bilateral, in its own words: options that are none, disks, memory.

Here: telling such an error by what libraries raise. Not here: errors of ours, which have their words already.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping

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
# What a value is not, by the kind of its validation error.
KINDS = {
    "int_parsing": "no whole number",
    "int_from_float": "no whole number",
    "float_parsing": "no number",
    "bool_parsing": "neither true nor false",
    "greater_than_equal": "less than {ge}",
    "less_than_equal": "more than {le}",
}


def translate(error: Exception) -> BilateralError | None:
    """What to say of an error; None if it is none that users can do anything about."""
    if isinstance(error, UsageError):
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "bilateral"
        return BilateralError(f"{_usage(error).rstrip('.')}.", remedy=f"See `{path} --help`.")
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


def _usage(error: BaseException) -> str:
    text = str(getattr(error, "message", error))
    names = getattr(getattr(error, "param", None), "opts", None)
    if names is None:
        return text or type(error).__name__
    name = max(names, key=len)
    if type(error) is not typer.BadParameter:
        return f"{name} is missing"
    found: list[Mapping[str, object]] = getattr(error.__cause__, "errors", list)()
    kind = KINDS.get(str(found[0]["type"])) if found else None
    if found and "does not match the format" in text:
        kind = "no day such as 2026-01-31"
    if kind is None:
        # Typer's own words, which name the value.
        return f"{name}: {text.removeprefix('Value error, ')}"
    limits = found[0].get("ctx")
    return f"{name}: {found[0]['input']!r} is {kind.format(**limits if isinstance(limits, Mapping) else {})}"


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
