"""What a build has changed so far, and the slices of other tables that a change can matter to.

Here: from what is known of a change (the snapshots of a dataset, the slices of a table) to the slices of what is made
from it. Not here: what a slice is (`slices`), whether a table is current and the making of it (`build`).

Nothing here decides that something has not changed. A slice may be named that comes to the same; where one might be
missed, there is no answer, and the whole is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, TypeVar

import duckdb

from dagster_project.incremental.slices import Slicing, Value, among, converted, slicing_column, value_of
from dagster_project.incremental.states import remembered
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

    def before(self, table: str) -> str:
        """The hash of what a table held before it was changed."""
        return self._tables[table].before

    def note(self, table: str, before: str, old: Hashes | None, new: Hashes | None) -> None:
        """Records that the content of a table has changed.

        Args:
            table: The table.
            before: The hash of what it held.
            old: Hashes of the slices that may differ, as they were; None if that is not known.
            new: The same as they are.
        """
        slices = None
        if table not in self._tables and old is not None and new is not None:
            slices = {column: _different(old[column], new[column]) for column in old.keys() & new.keys()}
        self._tables[table] = Change(before, slices)

    def is_large(self, *names: str) -> bool:
        """Whether one of some tables has so many rows that parts of it are better than the whole."""
        return any(self.rows(name) >= RENEWED_FROM for name in names)

    def hashes(self, table: str, slicing: Slicing | None, values: Iterable[Value] | None) -> Hashes | None:
        """Hashes of those slices of a table, or of all; None where they would take long, or are not needed."""
        model, where = self.models[table], "true"
        if slicing is not None and values is not None:
            where = among(slicing.result, values)
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

    def _since(
        self, made_from: str, now: Mapping[str, str], digest: Callable[[Mapping[str, str]], str]
    ) -> dict[str, frozenset[str]] | None:
        """What has changed of what a table was made from, and of an input the parts that have; None if not known."""
        states = {needed: self._states(needed, given) for needed, given in now.items()}
        for given in product(*states.values()):
            before = dict(zip(states, given, strict=True))
            if digest(before) == made_from:
                return {
                    needed: _different(states[needed][before[needed]], states[needed].get(now[needed], {}))
                    for needed in now
                    if before[needed] != now[needed]
                }
        return None

    def of_model(
        self,
        table: str,
        slicing: Slicing,
        made_from: str,
        now: Mapping[str, str],
        digest: Callable[[Mapping[str, str]], str],
    ) -> frozenset[Value] | None:
        """The slices of a table that may differ from what it has to be; None if it is better made as a whole.

        Args:
            table: The table.
            slicing: How it is sliced.
            made_from: A digest of the hashes of what it was made from.
            now: The hash of each of these as it is.
            digest: From such hashes to their digest.
        """
        changed = self._since(made_from, now, digest) if self.is_large(table, *slicing.keys) else None
        if changed is None:
            return None
        found: set[Value] = set()
        for name, parts in changed.items():
            values = self._looking_up(slicing, parts) if name == LOOKED_UP else self._changed(slicing, name, parts)
            if values is None:
                return None
            found |= values
        found = found.union(*(slicing.later(value) for value in found))
        return None if self._are_many(table, slicing, found) else frozenset(found)

    def of_rule(self, slicing: Slicing, tables: set[str]) -> frozenset[Value] | None:
        """The slices of tables in which a rule may find other rows than before; None if any may be."""
        found: set[Value] = set()
        for name in tables & self._tables.keys():
            values = self._changed(slicing, name, frozenset())
            if values is None:
                return None
            found |= values
        return frozenset(found)

    def _states(self, name: str, now: str) -> Mapping[str, Mapping[str, Any]]:
        """What an input or a table may have been when something was made from it: by its hash, its parts."""
        if name in self._tables:
            return {self._tables[name].before: {}}
        if name == LOOKED_UP or (name.startswith("raw.") and name != "raw.quarantine"):
            return remembered(self.project, name)
        return {now: {}}

    def _changed(self, slicing: Slicing, name: str, parts: frozenset[str]) -> set[Value] | None:
        """The slices that the changed rows of a table, or of some snapshots of a raw table, belong to."""
        if name not in slicing.keys:
            return None
        if name.startswith("raw."):
            states = remembered(self.project, name).values()
            files = {self.project.archive / state[part][0] for state in states for part in parts if part in state}
            # Of a snapshot that is gone, the Parquet is needed to know what it spoke of.
            if not files or not all(file.exists() for file in files):
                return None
            return self._values(slicing.keys[name], "read_parquet($1::varchar[])", [sorted(map(str, files))])
        change, column = self._tables[name], slicing_column(slicing.column, self.models[name])
        values = None if change.slices is None else change.slices.get(column or "")
        return None if values is None else {converted(value, slicing.column) for value in values}

    def _looking_up(self, slicing: Slicing, ids: frozenset[str]) -> set[Value]:
        """The slices of the rows that come from some snapshots."""
        found: set[Value] = set()
        for name, key in slicing.keys.items():
            if name.startswith("raw.") or "snapshot_id" in {column.name for column in self.models[name].columns}:
                found |= self._values(key, f"{name} where snapshot_id in (select unnest($1::varchar[]))", [sorted(ids)])
        return found

    def _values(self, key: str, rows: str, given: list[Any]) -> set[Value]:
        found = self.connection.execute(f"select distinct {key} from {rows}", given)
        return {value_of(value) for (value,) in found.fetchall()}

    def _are_many(self, table: str, slicing: Slicing, values: set[Value]) -> bool:
        if not self.is_large(table):
            return False
        count = f"select count(*) from {table} where {among(slicing.result, values)}"
        ((rows,),) = self.connection.execute(count).fetchall()
        return bool(rows > RENEWED_UP_TO * self.rows(table))


def _different(one: Mapping[_Key, Any], other: Mapping[_Key, Any]) -> frozenset[_Key]:
    """The names of the parts in which two states differ."""
    return frozenset(name for name in {*one, *other} if one.get(name) != other.get(name))
