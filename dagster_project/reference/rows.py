"""The type of a table built in Python, before an engine loads it.

Here: the type, and the columns that `columns.yml` declares for reference tables. Not here: building or loading such
rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.files import load_yaml, read_text

_DECLARED = Path(__file__).with_name("columns.yml")
# The columns, with their SQL types, of each reference table that is not simply a file, in order.
COLUMNS: Mapping[str, Mapping[str, str]] = load_yaml(read_text(_DECLARED), _DECLARED)


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

    @cached_property
    def fingerprint(self) -> str:
        """A hash of the columns and the rows."""
        return hashlib.sha256(repr((dict(self.columns), self.rows)).encode()).hexdigest()

    def row_hashes(self) -> dict[str, str]:
        """Hash each row; the result is by the first column, which must be the table's key."""
        return {row[0]: hashlib.sha256(repr(row).encode()).hexdigest() for row in self.rows}
