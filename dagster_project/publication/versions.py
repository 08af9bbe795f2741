"""Report that a published file lacks a table or macro of this version of Bilateral.

Here: recognizing DuckDB's error about the table. Not here: opening the file (`publication`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from dagster_project.errors import BilateralError

_MISSING = re.compile(r'Table(?: Function)? with name "?([\w.]+)"? does not exist')


def raise_if_missing(error: duckdb.Error, declared: Iterable[str] | None = None) -> None:
    """Raise an error for users if a query failed because the published file lacks a table, view or macro.

    Args:
        error: The error of the query.
        declared: The tables, views and macros of this version. A name that is not among them is a user's mistake and
            raises nothing. None if the query is Bilateral's own, which reads only declared names.

    Raises:
        BilateralError: The file was published by another version.
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
