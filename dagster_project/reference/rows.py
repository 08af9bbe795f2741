"""Define the type of a table that Python builds and an engine loads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.files import load_yaml, read_text

_DECLARED = Path(__file__).with_name("columns.yml")
# By reference table, the SQL type of each column in order. Tables that are loaded from a CSV unchanged are left out.
COLUMNS: Mapping[str, Mapping[str, str]] = load_yaml(read_text(_DECLARED), _DECLARED)


@dataclass(frozen=True)
class Rows:
    """A table: its name without a schema, the SQL type of each column by name, and rows in the order of the columns."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Any]]

    @cached_property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr((dict(self.columns), self.rows)).encode()).hexdigest()

    def row_hashes(self) -> dict[str, str]:
        """Map each value of the first column, which must have no value twice, to a hash of the row."""
        return {row[0]: hashlib.sha256(repr(row).encode()).hexdigest() for row in self.rows}
