"""What runs the models: `engines.duckdb`.

Here: what an engine says of a table that it made. Not here: what a model says (`models`), whether its table is right
(`audit`), who may see it (`publication`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table that was made.

    Args:
        name: `schema.table`.
        row_count: Its rows.
        content_hash: A hash of its rows that does not depend on their order.
        types: The type of each column, by name, in order.
    """

    name: str
    row_count: int
    content_hash: str
    types: dict[str, str]
