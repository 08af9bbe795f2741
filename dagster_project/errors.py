"""Define the exception that a user sees: the fault and its remedy.

An exception of Dagster, DuckDB or Great Expectations that a user can act on is converted to a `BilateralError`. The
exceptions `Unusable` and `RequestFailed` are not converted, because `refresh` catches them.
"""

from __future__ import annotations


class BilateralError(Exception):
    """An error that a user sees as one line: a message and a remedy.

    Args:
        message: The fault and its place (source, snapshot, row, value), such as `regions.csv: row 3 has 2 values.`
        remedy: The step that corrects the fault, as an imperative sentence, such as `Correct that row.`
    """

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message if self.remedy is None else f"{self.message} {self.remedy}"


def raise_fault(*faults: tuple[object, str, str], kind: type[BilateralError] = BilateralError) -> None:
    """Raise an error of `kind` for the first of the faults (condition, message, remedy) whose condition is true."""
    for is_so, message, remedy in faults:
        if is_so:
            raise kind(message, remedy=remedy)
