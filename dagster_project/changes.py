"""What a build has changed so far, and which slices of other tables that can matter to.

Here: from what is known of a change (the snapshots of a dataset, the slices of a table) to the slices of what is made
from it. Not here: the proof that there are such slices (`models.slices`), whether a table is current and the making of
it (`build`).

Nothing here decides that something has not changed. A slice may be named that comes to the same; where one might be
missed, there is no answer, and the whole is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from dagster_project import inputs
from dagster_project.engines.work_file import NO_VALUE, parquet, quoted
from dagster_project.models import DIALECT, SCHEMAS, Model
from dagster_project.models.slices import Read, Slices, Slicing, Value, literal, looked_up, of_model, of_query, whole
from dagster_project.project import Project

# What every figure looks up by its snapshot. It changes with each refresh, and matters only to the figures of those.
LOOKED_UP = "reference.snapshots"
_LOOKED_UP_BY = "snapshot_id"


@dataclass(frozen=True)
class Change:
    """What a build has done to a table.

    Args:
        before: The hash of what it held.
        column: What it is sliced by, if only some slices were made again.
        values: Which those were; in no other does it differ.
    """

    before: str
    column: str | None = None
    values: frozenset[Value] | None = None


@dataclass
class Changes:
    """The changes of a build.

    Args:
        project: What is built.
        connection: The work file, with the inputs attached.
    """

    project: Project
    connection: duckdb.DuckDBPyConnection
    _tables: dict[str, Change] = field(default_factory=dict)

    def __contains__(self, table: str) -> bool:
        return table in self._tables

    def before(self, table: str) -> str:
        """The hash of what a table held before it was changed."""
        return self._tables[table].before

    def note(self, table: str, before: str, slices: Slices | None) -> None:
        """Takes down that a table holds something else, in some slices or anywhere."""
        if slices is None or table in self._tables:
            self._tables[table] = Change(before)
        else:
            self._tables[table] = Change(before, slices.slicing.column, slices.values)

    def states(self, name: str, now: str) -> Mapping[str, Mapping[str, Any]]:
        """What an input or a table may have been when something was made from it: by its hash, its parts.

        Args:
            name: The input, or the table.
            now: Its hash as it is.
        """
        if name in self._tables:
            return {self._tables[name].before: {}}
        if name == LOOKED_UP or (name.startswith("raw.") and name != "raw.quarantine"):
            return inputs.remembered(self.project, name)
        return {now: {}}

    def of_model(self, model: Model, changed: Mapping[str, set[str]]) -> Slices | None:
        """The slices of a model's table that changes of what it reads can matter to; None if any may be.

        Args:
            model: The model.
            changed: What has changed, and of an input the parts that have.
        """
        sliced = frozenset(changed) - {LOOKED_UP}
        made = frozenset(needed for needed in model.depends_on if needed.partition(".")[0] in SCHEMAS)
        # All of them if that can be, so that no slice reads a large table as a whole.
        slicing = of_model(model, sliced | made) or of_model(model, sliced)
        if slicing is None:
            return None
        found = self._affected(slicing, {table: changed[table] for table in sliced})
        if found is not None and LOOKED_UP in changed:
            lookups = self._looking_up(model, slicing, changed[LOOKED_UP])
            found = None if lookups is None else found | lookups
        return None if found is None else Slices(slicing, found)

    def of_query(self, query: str, tables: Mapping[str, Model]) -> Slices | None:
        """The slices of tables in which a query may find other rows than before; None if any may be.

        Args:
            query: The query.
            tables: The tables that it reads, with the models that make them.
        """
        changed = {table: model for table, model in tables.items() if table in self._tables}
        slicing = of_query(query, tables) or of_query(query, changed)
        found = None if slicing is None else self._affected(slicing, {table: set() for table in changed})
        return None if slicing is None or found is None else Slices(slicing, found)

    def _affected(self, slicing: Slicing, changed: Mapping[str, set[str]]) -> frozenset[Value] | None:
        found: set[Value | None] = set()
        for read in slicing.reads:
            if read.table in changed:
                rows = self._changed_rows(read, changed[read.table])
                if rows is None:
                    return None
                for key in read.keys:
                    found |= self._values(f"select distinct {key} from {rows}")
        return _all(found)

    def _changed_rows(self, read: Read, parts: set[str]) -> str | None:
        """What has a row for every row of a table that differs, with all that the read's keys are made of."""
        if read.table.startswith("raw."):
            states = inputs.remembered(self.project, read.table).values()
            names = {state[part][0] for state in states for part in parts if part in state}
            files = [self.project.archive / name for name in sorted(names)]
            # Of a snapshot that is gone, the Parquet is needed to know what it spoke of.
            return f"({parquet(files)})" if files and all(file.exists() for file in files) else None
        change = self._tables[read.table]
        if not change.values or change.column is None or not _are_of(read.keys, change.column):
            return None
        return f"(select unnest([{', '.join(map(literal, change.values))}]) as {change.column})"

    def _looking_up(self, model: Model, slicing: Slicing, ids: set[str]) -> frozenset[Value] | None:
        """The slices in which a row looks up one of those snapshots."""
        reads = looked_up(model, LOOKED_UP, _LOOKED_UP_BY, frozenset(read.table for read in slicing.reads))
        keys = {read.start: read.keys for read in slicing.reads}
        if reads is None or any(read.start not in keys for read in reads):
            return None
        listed = ", ".join(quoted(one) for one in sorted(ids))
        found: set[Value | None] = set()
        for read in reads:
            for key, wanted in product(keys[read.start], read.keys):
                found |= self._values(f"select distinct {key} from {read.table} where {wanted} in ({listed})")
        return _all(found)

    def _values(self, query: str) -> set[Value | None]:
        try:
            found = self.connection.execute(query).fetchall()
        except NO_VALUE:
            # A model may leave that row out before it asks.
            return {None}
        return {whole(value) for (value,) in found}


def _all(found: set[Value | None]) -> frozenset[Value] | None:
    """The values, unless one of them is none."""
    values = frozenset(value for value in found if value is not None)
    return values if len(values) == len(found) else None


def _are_of(keys: Iterable[str], column: str) -> bool:
    """Whether keys are made of no other column than one."""
    trees = [parse_one(key, dialect=DIALECT) for key in keys]
    return all(found.name == column for tree in trees for found in tree.find_all(exp.Column))
