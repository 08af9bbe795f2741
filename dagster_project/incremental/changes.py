"""What a build has changed so far, and the slices of other tables that a change can matter to.

Here: from what is known of a change (the snapshots of a dataset, the slices of a table) to the slices of what is made
from it. Not here: what a slice is (`slices`), whether a table is current and the making of it (`pipeline`).

Nothing here decides that something has not changed. A slice may be named that comes to the same; where one might be
missed, there is no answer, and the whole is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import duckdb

from dagster_project.incremental.slices import (
    Slicing,
    Value,
    convert_value,
    find_slicing_column,
    parse_value,
    write_condition,
)
from dagster_project.incremental.states import read_states
from dagster_project.models import SLICED_BY, Model
from dagster_project.project import Project

# What every figure looks up by its snapshot. It changes with each refresh, and matters only to the figures of those.
LOOKED_UP = "reference.snapshots"
# A table with fewer rows is made as a whole, which takes less time than finding out what else would do.
RENEWED_FROM = 1_000_000
# So is one of which a larger share has changed.
RENEWED_UP_TO = 1 / 3

_Key = TypeVar("_Key")
# For each column that a table can be sliced by: a hash of the rows of each slice.
Hashes = Mapping[str, Mapping[Value, int]]


@dataclass(frozen=True)
class Change:
    """What a build has done to a table.

    Args:
        before: The hash of what it held.
        slices: In which slices it differs, by the column that it is sliced by; None if it may be in any.
    """

    before: str
    slices: Mapping[str, frozenset[Value]] | None = None


@dataclass
class Changes:
    """The changes of a build.

    Args:
        project: What is built.
        connection: The work file, with the inputs attached.
        models: Every model, by name.
        rows: How many rows an input or a table has.
    """

    project: Project
    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    rows: Callable[[str], int]
    _tables: dict[str, Change] = field(default_factory=dict)

    def __contains__(self, table: str) -> bool:
        return table in self._tables

    def get_hash_before(self, table: str) -> str:
        """Return the hash of what a table held before it was changed."""
        return self._tables[table].before

    def note_change(self, table: str, before: str, old: Hashes | None, new: Hashes | None) -> None:
        """Record that the content of a table has changed.

        Args:
            table: The table.
            before: The hash of what it held.
            old: Hashes of the slices that may differ, as they were; None if that is not known.
            new: The same as they are.
        """
        slices = None
        if table not in self._tables and old is not None and new is not None:
            slices = {column: _find_differing(old[column], new[column]) for column in old.keys() & new.keys()}
        self._tables[table] = Change(before, slices)

    def is_large(self, *names: str) -> bool:
        """Return whether a table has so many rows that parts of it are better than the whole."""
        return any(self.rows(name) >= RENEWED_FROM for name in names)

    def hash_slices(self, table: str, slicing: Slicing | None, values: Iterable[Value] | None) -> Hashes | None:
        """Hash some slices of a table, or all; return None where that would take long, or is not needed."""
        model, where = self.models[table], "true"
        if slicing is not None and values is not None:
            where = write_condition(slicing.result, values)
        elif model.is_macro or self.is_large(table) or not self.is_large(*self.models):
            return None
        columns = [row[0] for row in self.connection.execute(f"describe {table}").fetchall()]
        hashed = ", ".join(f'"{column}"' for column in columns)
        return {
            column: dict(
                self.connection.execute(
                    f"select {column}, sum(hash({hashed})::hugeint) from {table} where {where} group by {column}"
                ).fetchall()
            )
            for column in SLICED_BY
            if column in columns
        }

    def find_slices_of_model(
        self, table: str, slicing: Slicing, before: Mapping[str, str], now: Mapping[str, str]
    ) -> frozenset[Value] | None:
        """Find the slices of a table that its inputs may have changed; None if the whole had better be made.

        Args:
            table: The table.
            slicing: How it is sliced.
            before: The hash of each input from which it was made, by name.
            now: The hash of each as it is.
        """
        if not self.is_large(table, *slicing.keys):
            return None
        found: set[Value] = set()
        for name in (name for name, given in now.items() if before[name] != given):
            if name == LOOKED_UP or name.startswith("raw."):
                values = self._find_slices_of_snapshots(slicing, name, before[name], now[name])
            else:
                is_known = name in self._tables and self._tables[name].before == before[name]
                values = self._find_slices_of_table(slicing, name) if is_known else None
            if values is None:
                return None
            found |= values
        found = found.union(*(slicing.list_later(value) for value in found))
        return None if self._are_many(table, slicing, found) else frozenset(found)

    def find_slices_of_rule(self, slicing: Slicing, tables: set[str]) -> frozenset[Value] | None:
        """Find the slices of tables in which a rule may find other rows than before; None if it may be in any."""
        found: set[Value] = set()
        for name in tables & self._tables.keys():
            values = self._find_slices_of_table(slicing, name)
            if values is None:
                return None
            found |= values
        return frozenset(found)

    def _find_slices_of_table(self, slicing: Slicing, name: str) -> set[Value] | None:
        """Find the slices that the changed rows of a table belong to; None if that is not known."""
        change, column = self._tables[name], find_slicing_column(slicing.column, self.models[name])
        values = change.slices.get(column or "") if name in slicing.keys and change.slices is not None else None
        return None if values is None else {convert_value(value, slicing.column) for value in values}

    def _find_slices_of_snapshots(self, slicing: Slicing, name: str, before: str, now: str) -> set[Value] | None:
        """Find the slices of the snapshots in which two states of an input differ; None if that is not known."""
        states = read_states(self.project, name)
        if before not in states or now not in states:
            return None
        ids = _find_differing(states[before], states[now])
        if name == LOOKED_UP:
            return self._find_lookups(slicing, ids)
        files = {
            self.project.archive / states[state][one][0]
            for state in (before, now)
            for one in ids & states[state].keys()
        }
        # Of a snapshot that is gone, the Parquet is needed to know what it spoke of.
        if name not in slicing.keys or not files or not all(file.exists() for file in files):
            return None
        return self._select_values(slicing.keys[name], "read_parquet($1::varchar[])", [sorted(map(str, files))])

    def _find_lookups(self, slicing: Slicing, ids: frozenset[str]) -> set[Value]:
        """Find the slices of the rows that come from some snapshots."""
        found: set[Value] = set()
        for name, key in slicing.keys.items():
            if name.startswith("raw.") or "snapshot_id" in {column.name for column in self.models[name].columns}:
                found |= self._select_values(
                    key, f"{name} where snapshot_id in (select unnest($1::varchar[]))", [sorted(ids)]
                )
        return found

    def _select_values(self, key: str, rows: str, given: list[Any]) -> set[Value]:
        found = self.connection.execute(f"select distinct {key} from {rows}", given)
        return {parse_value(value) for (value,) in found.fetchall()}

    def _are_many(self, table: str, slicing: Slicing, values: set[Value]) -> bool:
        if not self.is_large(table):
            return False
        count = f"select count(*) from {table} where {write_condition(slicing.result, values)}"
        ((rows,),) = self.connection.execute(count).fetchall()
        return bool(rows > RENEWED_UP_TO * self.rows(table))


def _find_differing(one: Mapping[_Key, Any], other: Mapping[_Key, Any]) -> frozenset[_Key]:
    """Return the names of the parts in which two states differ."""
    return frozenset(name for name in {*one, *other} if one.get(name) != other.get(name))
