"""The only exception type of this package.

Here: its message and its remedy. Not here: exceptions of Dagster, DuckDB or Great Expectations, which are converted to
this one where they arise.
"""

from __future__ import annotations


class BilateralError(Exception):
    """An error with its remedy.

    Args:
        message: What is wrong, and where: the source, the snapshot, the row, the value.
        remedy: What to do about it, as an imperative sentence.
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message if self.remedy is None else f"{self.message} {self.remedy}"
