"""Declare the tables of `meta` that describe a build: its contents, its audit and its publication.

Here: the columns and documentation of these tables, from `meta.yml`. Not here: their rows, and the tables of `meta`
that SQL makes (`sql/meta`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.files import load_yaml
from dagster_project.models import ColumnDoc
from dagster_project.reference.rows import Rows


@dataclass(frozen=True)
class MetaTable:
    """A table of `meta` that Python writes; `columns` has the type, unit and meaning of each column."""

    name: str
    what: str
    columns: Mapping[str, tuple[str, str, str]]
    grain: tuple[str, ...]
    example: str

    @property
    def types(self) -> dict[str, str]:
        return {name: kind for name, (kind, _, _) in self.columns.items()}

    @property
    def docs(self) -> tuple[ColumnDoc, ...]:
        return tuple(ColumnDoc(name, unit, meaning) for name, (_, unit, meaning) in self.columns.items())

    def make_rows(self, rows: Iterable[Iterable[object]]) -> Rows:
        return Rows(self.name, self.types, [list(row) for row in rows])


def _read_tables() -> tuple[MetaTable, ...]:
    path = Path(__file__).with_name("meta.yml")
    declared = load_yaml(path.read_text(encoding="utf-8"), path)
    return tuple(MetaTable(name, **{**fields, "grain": tuple(fields["grain"])}) for name, fields in declared.items())


# Raise this version when a column goes or means something else; docs/upgrading.md and CHANGELOG.md name the column.
SCHEMA_VERSION = 2
# In the order of `meta.yml`.
WRITTEN = _read_tables()
TABLE_HASHES, CHECKS, COLUMNS, PUBLICATION, INPUTS, CHANGES, FRESHNESS = WRITTEN
