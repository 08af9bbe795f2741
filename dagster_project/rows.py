"""A table that Python holds, on its way into an engine.

Here: the type. Not here: where such rows come from, or where they go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rows:
    """Rows with named, typed columns.

    Args:
        name: The table's name, without a schema.
        columns: The SQL type of each column, by name, in order.
        rows: The rows, each as long as `columns`.
    """

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]
