"""Track the changes of a build, and find the slices of other tables that they can affect.

Here: finding slices from the changed snapshots of a dataset, and from the changed slices of another table. Not here:
the definition of a slice (`slices`), and whether a table is current and how it is made (`pipeline`).

A result may include unchanged slices, but misses no changed one. If a changed slice could be missed, the result is
None, and the whole table is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import duckdb

from dagster_project.database import quote_names
from dagster_project.incremental.slices import (
    Slicing,
    Value,
    convert_value,
    find_slicing_column,
    parse_value,
    write_condition,
)
from dagster_project.incremental.states import read_states
from dagster_project.models import SLICED_BY, Model, find_upstream
from dagster_project.project import Project

# The table to which every figure is joined by its snapshot. A refresh changes only the rows of its own snapshots.
LOOKED_UP = "reference.snapshots"
# A table with fewer rows is made as a whole, because finding its changed slices would take longer.
RENEWED_FROM = 1_000_000
# A table of which a larger share has changed is also made as a whole.
RENEWED_UP_TO = 1 / 3

_Key = TypeVar("_Key")
# For each column that a table can be sliced by, a hash of the rows of each slice.
Hashes = Mapping[str, Mapping[Value, int]]


@dataclass(frozen=True)
class Change:
    """The change of a table by a build: the hash of its content before, and the slices that differ, by their column.

    If `slices` is None, any slice may differ.
    """

    before: str
    slices: Mapping[str, frozenset[Value]] | None = None


@dataclass
class Changes:
    """The changes of tables and inputs since the last build.

    Args:
        connection: The work file, with the inputs attached.
        models: Every model, by name.
        rows: Counts the rows of an input or a table.
    """

    project: Project
    connection: duckdb.DuckDBPyConnection
    models: Mapping[str, Model]
    rows: Callable[[str], int]
    _tables: dict[str, Change] = field(default_factory=dict)

    def __contains__(self, table: str) -> bool:
        return table in self._tables

    def get_hash_before(self, table: str) -> str:
        return self._tables[table].before

    def record_change(self, table: str, before: str, old: Hashes | None, new: Hashes | None) -> None:
        """Record a change of a table: the hash of its content before, and the old and new hashes of its slices."""
        slices = None
        if table not in self._tables and old is not None and new is not None:
            slices = {column: _find_differing(old[column], new[column]) for column in old.keys() & new.keys()}
        self._tables[table] = Change(before, slices)

    def is_large(self, *names: str) -> bool:
        """Return whether any of the tables is so large that making single slices saves time."""
        return any(self.rows(name) >= RENEWED_FROM for name in names)

    def hash_slices(self, table: str, slicing: Slicing | None, values: Iterable[Value] | None) -> Hashes | None:
        """Hash the slices `values` of a table, or all if `values` is None; return the hashes by column and slice.

        Instead of hashing all slices, return None for a macro, for a large table, and if no table is large.
        """
        model, where = self.models[table], "true"
        if slicing is not None and values is not None:
            where = write_condition(slicing.result, values)
        elif model.is_macro or self.is_large(table) or not self.is_large(*self.models):
            return None
        columns = [row[0] for row in self.connection.execute(f"describe {table}").fetchall()]
        content = f"sum(hash({quote_names(columns)})::hugeint)"
        return {
            column: dict(
                self.connection.execute(
                    f"select {column}, {content} from {table} where {where} group by {column}"
                ).fetchall()
            )
            for column in SLICED_BY
            if column in columns
        }

    def is_unaffected_by_lookups(self, table: str, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
        """Return whether only the list of snapshots changed, and only for datasets that the table does not use."""
        if self.models[table].schema == "meta" or _find_differing(before, now) != {LOOKED_UP}:
            return False
        states = read_states(self.project, LOOKED_UP)
        if not {before[LOOKED_UP], now[LOOKED_UP]} <= states.keys():
            return False
        ids = _find_differing(states[before[LOOKED_UP]], states[now[LOOKED_UP]])
        return find_upstream(self.models, table).isdisjoint("raw." + "__".join(one.split("/")[:2]) for one in ids)

    def find_slices_of_model(
        self, table: str, slicing: Slicing, before: Mapping[str, str], now: Mapping[str, str]
    ) -> frozenset[Value] | None:
        """Find the slices of a table that changed inputs may affect; return None to make the whole table again.

        `before` has the hash of each input when the table was last made, and `now` has the hash of each input now.
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
        return None if self._has_too_many_slices(table, slicing, found) else frozenset(found)

    def find_slices_of_rule(self, slicing: Slicing, tables: set[str]) -> frozenset[Value] | None:
        """Find the slices in which a rule may have another result than before; return None if any slice may."""
        found: set[Value] = set()
        for name in tables & self._tables.keys():
            values = self._find_slices_of_table(slicing, name)
            if values is None:
                return None
            found |= values
        return frozenset(found)

    def _find_slices_of_table(self, slicing: Slicing, name: str) -> set[Value] | None:
        """Find the slices with changed rows of a table; return None if they are unknown."""
        change, column = self._tables[name], find_slicing_column(slicing.column, self.models[name])
        values = change.slices.get(column or "") if name in slicing.keys and change.slices is not None else None
        return None if values is None else {convert_value(value, slicing.column) for value in values}

    def _find_slices_of_snapshots(self, slicing: Slicing, name: str, before: str, now: str) -> set[Value] | None:
        """Find the slices with rows of the snapshots in which two states of an input differ; return None if unknown."""
        states = read_states(self.project, name)
        if before not in states or now not in states:
            return None
        ids = _find_differing(states[before], states[now])
        if name == LOOKED_UP:
            return self._find_slices_of_ids(slicing, ids)
        files = {
            self.project.archive / states[state][one][0]
            for state in (before, now)
            for one in ids & states[state].keys()
        }
        # If a snapshot was removed, its Parquet file is needed to find its slices.
        if name not in slicing.keys or not files or not all(file.exists() for file in files):
            return None
        return self._select_values(slicing.keys[name], "read_parquet($1::varchar[])", [sorted(map(str, files))])

    def _find_slices_of_ids(self, slicing: Slicing, ids: frozenset[str]) -> set[Value]:
        """Find the slices with rows from the snapshots `ids`, in the tables whose rows name their snapshot."""
        found: set[Value] = set()
        for name, key in slicing.keys.items():
            if name.startswith("raw.") or "snapshot_id" in self.models[name].column_names:
                found |= self._select_values(
                    key, f"{name} where snapshot_id in (select unnest($1::varchar[]))", [sorted(ids)]
                )
        return found

    def _select_values(self, key: str, rows: str, given: list[Any]) -> set[Value]:
        found = self.connection.execute(f"select distinct {key} from {rows}", given)
        return {parse_value(value) for (value,) in found.fetchall()}

    def _has_too_many_slices(self, table: str, slicing: Slicing, values: set[Value]) -> bool:
        """Return whether the slices have so many rows that making the whole table again is faster."""
        if not self.is_large(table):
            return False
        count = f"select count(*) from {table} where {write_condition(slicing.result, values)}"
        ((rows,),) = self.connection.execute(count).fetchall()
        return bool(rows > RENEWED_UP_TO * self.rows(table))


def _find_differing(one: Mapping[_Key, Any], other: Mapping[_Key, Any]) -> frozenset[_Key]:
    return frozenset(name for name in {*one, *other} if one.get(name) != other.get(name))
