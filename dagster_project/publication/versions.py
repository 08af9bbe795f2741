"""Report that a published file lacks a table or macro of this version of Bilateral."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from dagster_project.errors import BilateralError

_MISSING = re.compile(r'Table(?: Function)? with name "?([\w.]+)"? does not exist')


def raise_if_missing(error: duckdb.Error, declared: Iterable[str] | None = None) -> None:
    """Raise `BilateralError` if a query failed because another version of Bilateral published the file.

    For a query that a user wrote, `declared` has the tables, views and macros of this version. If the query names
    anything else, the user made a mistake, and this function raises nothing. For other queries `declared` is None.
    """
    found = _MISSING.search(str(error)) if isinstance(error, duckdb.CatalogException) else None
    if found is None:
        return
    name = found[1].rpartition(".")[2]
    if declared is None or name in {one.rpartition(".")[2] for one in declared}:
        raise BilateralError(
            f"This file was published by another version of Bilateral and lacks {found[1]}.",
            remedy="Run `bilateral build`.",
        ) from error
