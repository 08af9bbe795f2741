"""Models on DuckDB, in the work file itself.

Here: the inputs attached to it, one statement a model, or one a slice of a large one. Not here: what else the file
records (`engines.work_file`), how a SELECT is sliced (`models.slices`), and SQL that says what a table means, which is
in `sql/`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from dagster_project.engines import Settings, Table
from dagster_project.engines.work_file import NO_VALUE, WorkFile, parquet, quoted
from dagster_project.models import INPUT_SCHEMAS, Model
from dagster_project.models.slices import Condition, Read, Slices, Slicing, Value, among, of_model, whole
from dagster_project.raw import RawTable
from dagster_project.rows import Rows

if TYPE_CHECKING:
    from dagster_project.project import Project

# Raised when the same SELECT is made into a table otherwise, so that a kept table is not taken for a new one.
MAKING = 1
# A table that reads more rows is made a slice at a time: what is sorted, grouped and joined then fits in memory.
SLICE_ROWS = 4_000_000

Where = Callable[[Read], str]


class DuckDB(WorkFile):
    """The engine that is its own work file.

    Args:
        path: The file; None is a database in memory.
        memory: The most memory to take before spilling to disk; None leaves it to DuckDB.
    """

    def __init__(self, path: Path | None = None, *, memory: str | None = None) -> None:
        super().__init__(path, memory=memory)
        self._known_rows: dict[str, int] = {}
        self._counts: dict[tuple[str, str], list[tuple[Any, int, list[str]]]] = {}

    @property
    def version(self) -> str:
        return f"duckdb {duckdb.__version__} {MAKING}"

    @property
    def file(self) -> Self:
        return self

    def attach_raw(self, raw: RawTable) -> None:
        self._forget(f"raw.{raw.dataset.table}")
        self._known_rows[f"raw.{raw.dataset.table}"] = raw.row_count
        self.connection.execute(f'create or replace view raw."{raw.dataset.table}" as {parquet(raw.files)}')

    def attach_quarantine(self, raws: Iterable[RawTable]) -> None:
        files = [file for raw in raws for file in raw.quarantine]
        self.connection.execute(f"create or replace view raw.quarantine as {parquet(files)}")

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        for table in tables:
            self.write(f"reference.{table.name}", table)

    def attach_analysis(self, name: str, rows: Path) -> None:
        self.connection.execute(f'create or replace view analysis."{name}" as {parquet([rows])}')

    def run(self, model: Model) -> Table | None:
        if model.is_macro:
            self.define(model)
            return None
        self._forget(model.name)
        large = frozenset(name for name in model.depends_on if self._rows(name) > SLICE_ROWS)
        slicing = of_model(model, large) if large else None
        table = self.fill(model, *((slicing and self.parts(slicing)) or [model.select]))
        self._known_rows[model.name] = table.row_count
        return table

    def renew(self, model: Model, known: Table, slices: Slices) -> Table | None:
        if not slices.values:
            return known
        self._forget(model.name)
        packs = self._packs(slices.slicing, slices.values)
        if packs is None:
            return None
        for condition, where in packs:
            select = slices.slicing.part(condition, where)
            known = self.replace_part(model, known, condition(slices.slicing.column), select)
        return known

    def parts(self, slicing: Slicing) -> list[str]:
        packs = self._packs(slicing)
        # The last is of what has no value: with one other there is nothing to be gained.
        return [slicing.part(*pack) for pack in packs] if packs is not None and len(packs) > 2 else []

    def _packs(self, slicing: Slicing, only: Collection[Value] | None = None) -> list[tuple[Condition, Where]] | None:
        """Slices put together until they have about as many rows as one statement should.

        Args:
            slicing: The slicing.
            only: The slices that are wanted; by default all of them, with what has no value.

        Returns:
            The condition of each pack, and of a read what else its rows fulfil; None if the rows cannot be told apart.
        """
        rows: dict[Value | None, int] = dict.fromkeys(only or (), 0)
        snapshots: dict[tuple[str, Value | None], set[str]] = {}
        for read in slicing.reads:
            for key in read.keys:
                counted = self._counted(read.table, key, only)
                if counted is None:
                    return None
                for found, count, ids in counted:
                    value = whole(found)
                    if found is not None and value is None:
                        return None
                    rows[value] = max(rows.get(value, 0), count)
                    snapshots.setdefault((read.table, value), set()).update(ids)
        has_null = rows.pop(None, 0) > 0
        known = {value: count for value, count in rows.items() if value is not None}

        def found_in(values: Collection[Value]) -> Where:
            """Which snapshots the rows of those values stand in: Parquet files that are not among them are not read."""

            def where(read: Read) -> str:
                if not read.table.startswith("raw."):
                    return "true"
                found = sorted(set().union(*(snapshots.get((read.table, value), set()) for value in values)))
                return f"snapshot_id in ({', '.join(quoted(one) for one in found)})" if found else "false"

            return where

        packs: list[tuple[Condition, Where]] = [(among(values), found_in(values)) for values in _packed(known)]
        if only is None:
            # What has another value, or none, is made of rows that are not sliced, or that have none either.
            packs.append((_beyond(known), lambda _read: "true" if has_null else "false"))
        return packs

    def _forget(self, table: str) -> None:
        self._known_rows.pop(table, None)
        self._counts = {known: counts for known, counts in self._counts.items() if known[0] != table}

    def _counted(self, table: str, key: str, only: Collection[Value] | None) -> list[tuple[Any, int, list[str]]] | None:
        """How many rows of a table have each value of a key, and in which snapshots those of a raw table stand.

        None if a row has no such key: a model may leave that row out before it asks.
        """
        if only is not None or (table, key) not in self._counts:
            ids = "list(distinct snapshot_id)" if table.startswith("raw.") else "[]"
            where = "" if only is None else f"where {among(sorted(only))(key)}"
            # A query that fails would end the transaction of the connection that is building.
            with closing(self.cursor()) as cursor:
                try:
                    found = cursor.execute(
                        f"select {key}, count(*), {ids} from {table} {where} group by {key}"
                    ).fetchall()
                except NO_VALUE:
                    return None
            if only is not None:
                return found
            self._counts[table, key] = found
        return self._counts[table, key]

    def _rows(self, name: str) -> int:
        if name not in self._known_rows:
            if name.partition(".")[0] in INPUT_SCHEMAS:
                return 0
            ((rows,),) = self.connection.execute(f"select count(*) from {name}").fetchall()
            self._known_rows[name] = int(rows)
        return self._known_rows[name]

    def holds(self, name: str, content_hash: str) -> bool:
        # What is recorded was written in one transaction with its record.
        return True


def _packed(rows: Mapping[Value, int]) -> Iterator[list[Value]]:
    """The values, in order, so many at a time that they have about as many rows as a slice has at most."""
    pack: list[Value] = []
    packed = 0
    for value in sorted(rows):
        if pack and packed + rows[value] > SLICE_ROWS:
            yield pack
            pack, packed = [], 0
        pack.append(value)
        packed += rows[value]
    if pack:
        yield pack


def _beyond(values: Iterable[Value]) -> Condition:
    inside = among(sorted(values))
    return lambda key: f"({inside(key)}) is not true"


def open_engine(project: Project, settings: Settings) -> DuckDB:
    """DuckDB on the project's work file."""
    return DuckDB(project.work_file, memory=settings.memory)
