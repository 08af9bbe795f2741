"""Define the exception that reaches a user: what is wrong, and the remedy.

Exceptions of Dagster, DuckDB or Great Expectations are converted to it where they arise. Not here: `Unusable` and
`RequestFailed`, which never leave `sources` and `refresh`.
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


def raise_fault(*faults: tuple[object, str, str], kind: type[BilateralError] = BilateralError) -> None:
    """Raise an error for the first fault whose condition is true; a fault is a condition, a message and a remedy.

    Raises:
        BilateralError: A condition is true; `kind` may be another class of it.
    """
    for is_so, message, remedy in faults:
        if is_so:
            raise kind(message, remedy=remedy)
