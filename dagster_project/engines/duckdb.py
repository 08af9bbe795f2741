"""Make the models' tables with DuckDB, in the work file itself.

Each model is one statement, or, if it reads a large table, one for each pack of slices. A slice is the rows with one
value in a column, for example one month; a pack is as many slices as fit into memory (`incremental.slices`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
from sqlglot import exp, parse_one

from dagster_project.database import format_parquet, quote_literal
from dagster_project.engines import Table
from dagster_project.engines.work_file import WorkFile
from dagster_project.incremental.slices import Slicing, Value, parse_value, write_condition
from dagster_project.models import DIALECT, Model
from dagster_project.raw import RawTable
from dagster_project.reference.rows import Rows

# Increase this number when this module makes another table of the same SELECT, so that stored tables are made again.
MAKER_VERSION = 1
# The most rows of a table that a statement reads, so that sorts, groups and joins fit into memory.
SLICE_ROWS = 4_000_000
# Up to as many rows of all datasets, statements use one thread, because sharing them among several takes longer.
FEW_ROWS = 1_000_000


class DuckDB(WorkFile):
    """The engine DuckDB, which reads the inputs of models and makes their tables in the work file."""

    def __init__(self, path: Path | None = None, *, memory: str | None = None) -> None:
        super().__init__(path, memory=memory)
        self.connection.execute("set threads = 1")
        self._known_rows: dict[str, int] = {}
        self._counts: dict[tuple[str, str], list[tuple[Value, int, set[str]]]] = {}

    @property
    def version(self) -> str:
        """Return the name and version of the engine, on which the last digits of figures may depend."""
        return f"duckdb {duckdb.__version__} {MAKER_VERSION}"

    def attach_raw(self, raw: RawTable) -> None:
        """Create the view `raw.<source>__<dataset>` of a dataset's Parquet files."""
        self.forget_counts(f"raw.{raw.dataset.table}")
        self._known_rows[f"raw.{raw.dataset.table}"] = raw.row_count
        if sum(self._known_rows.values()) > FEW_ROWS:
            self.connection.execute("reset threads")
        self._attach_files(f"raw.{raw.dataset.table}", raw.files)

    def attach_quarantine(self, raws: Iterable[RawTable]) -> None:
        """Create the view `raw.quarantine` of the rows that were set aside."""
        self._attach_files("raw.quarantine", [file for raw in raws for file in raw.quarantine])

    def attach_reference(self, tables: Iterable[Rows]) -> None:
        """Write the reference tables as `reference.<name>`."""
        for table in tables:
            self.write_rows(f"reference.{table.name}", table)

    def attach_analysis(self, name: str, rows: Path) -> None:
        """Create the view `analysis.<name>` of an analysis that is stored as Parquet."""
        self._attach_files(f"analysis.{name}", [rows])

    def _attach_files(self, view: str, files: Sequence[Path]) -> None:
        self.connection.execute(f"create or replace view {view} as from {format_parquet(files)}")

    def make_table(self, model: Model, slicing: Slicing | None = None) -> Table | None:
        """Make a model's table in the work file, replacing an earlier one; return None for a macro.

        Raises:
            BilateralError: The engine rejects the SELECT; the message names the model.
        """
        if model.is_macro:
            self.define_macro(model)
            return None
        self.forget_counts(model.name)
        selects = [model.select]
        if slicing is not None and any(self._count_rows(name) > SLICE_ROWS for name in slicing.keys):
            selects = [slicing.write_select(*pack) for pack in self._find_packs(slicing)]
        table = self.fill_table(model, *selects)
        self._known_rows[model.name] = table.row_count
        return table

    def renew_slices(self, model: Model, known: Table, slicing: Slicing, values: Collection[Value]) -> Table | None:
        """Make the slices `values` of a model's table again; return None if the engine must make all slices.

        Raises:
            BilateralError: The engine rejects the SELECT; the message names the model.
        """
        self.forget_counts(model.name)
        for pack, also in self._find_packs(slicing, values):
            known = self.replace_part(
                model, known, write_condition(slicing.result, pack), slicing.write_select(pack, also)
            )
        return known

    def list_packs(self, slicing: Slicing) -> list[list[Value]]:
        """Group all slices of the tables that a model reads into packs that fit into memory."""
        return [pack for pack, _ in self._find_packs(slicing)]

    def _find_packs(
        self, slicing: Slicing, only: Collection[Value] | None = None
    ) -> list[tuple[list[Value], dict[str, str]]]:
        """Group all slices, or those in `only`, into packs of about `SLICE_ROWS` rows.

        Return each pack with an SQL condition for each raw table, which selects the snapshots with rows of the pack.
        """
        rows: dict[Value, int] = dict.fromkeys(only or (), 0)
        snapshots: dict[str, dict[Value, set[str]]] = {}
        for table, key in slicing.keys.items():
            for value, count, ids in self._count_slices(table, key, only):
                rows[value] = max(rows.get(value, 0), count)
                if table.startswith("raw."):
                    snapshots.setdefault(table, {})[value] = ids
        return [(pack, _write_snapshot_conditions(snapshots, pack)) for pack in _pack_slices(rows)]

    def forget_counts(self, table: str) -> None:
        """Forget the row counts of a table whose rows change."""
        self._known_rows.pop(table, None)
        self._counts = {known: counts for known, counts in self._counts.items() if known[0] != table}

    def _count_slices(self, table: str, key: str, only: Collection[Value] | None) -> list[tuple[Value, int, set[str]]]:
        """Count the rows of all slices by `key`, or of those in `only`; for a raw table, also list the snapshots."""
        if only is None and (table, key) in self._counts:
            return self._counts[table, key]
        ids = "list(distinct snapshot_id)" if table.startswith("raw.") else "[]"
        where = "true" if only is None else self._write_condition(table, key, only)
        counted = self.connection.execute(f"select {key}, count(*), {ids} from {table} where {where} group by {key}")
        found = [(parse_value(value), count, set(ids)) for value, count, ids in counted.fetchall()]
        if only is None:
            self._counts[table, key] = found
        return found

    def _write_condition(self, table: str, key: str, only: Collection[Value]) -> str:
        """Write the SQL condition for the slices in `only`; for a raw table, compare texts: DuckDB then skips files."""
        columns = {column.sql(dialect=DIALECT) for column in parse_one(key, dialect=DIALECT).find_all(exp.Column)}
        if not table.startswith("raw.") or len(columns) != 1:
            return write_condition(key, only)
        # A Parquet file records the range of its texts, so DuckDB can skip files by them. The condition is computed as
        # a column of the distinct texts, because after `where` DuckDB would compute it for every row.
        (column,) = columns
        texts = self.connection.execute(
            f"select {column}, {write_condition(key, only)} from (select distinct {column} from {table})"
        )
        return write_condition(column, [text for text, is_wanted in texts.fetchall() if is_wanted])

    def _count_rows(self, name: str) -> int:
        if name not in self._known_rows:
            ((rows,),) = self.connection.execute(f"select count(*) from {name}").fetchall()
            self._known_rows[name] = int(rows)
        return self._known_rows[name]

    def has_table(self, name: str, content_hash: str) -> bool:
        """Return True, because a recorded table always exists: it is written in one transaction with its record."""
        return True


def _pack_slices(rows: Mapping[Value, int]) -> Iterator[list[Value]]:
    """Yield the slices, in order, in packs of about `SLICE_ROWS` rows."""
    pack: list[Value] = []
    packed = 0
    for value in sorted(rows, key=str):
        if pack and packed + rows[value] > SLICE_ROWS:
            yield pack
            pack, packed = [], 0
        pack.append(value)
        packed += rows[value]
    if pack:
        yield pack


def _write_snapshot_conditions(
    snapshots: Mapping[str, Mapping[Value, set[str]]], values: Collection[Value]
) -> dict[str, str]:
    """Write for each raw table the SQL condition that selects the snapshots with rows of the slices.

    With this condition DuckDB does not read the Parquet files of other snapshots.
    """
    conditions = {}
    for table, found in snapshots.items():
        ids = sorted(set().union(*(found.get(value, set()) for value in values)))
        conditions[table] = f"snapshot_id in ({', '.join(map(quote_literal, ids))})" if ids else "false"
    return conditions
