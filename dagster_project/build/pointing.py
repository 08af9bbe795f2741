"""From something that forbids a publication to the rows of a snapshot that it points at.

Here: what a fault is, and the decisions to set aside the rows, or the figures in them, that it names. Not here: which
of these decisions are needed (`setting_aside`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isclose
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from dagster_project.engines.work_file import types_of
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import SetAside
from dagster_project.sources import Dataset, dataset

if TYPE_CHECKING:
    from dagster_project.build import Build

# A fault that points at more rows of a snapshot than these is of what they have in common, or of the snapshot.
ROWS = 24
# A measure of a row may have been printed in units, thousands or millions of what a model makes of it.
_SCALES = (1, 1e3, 1e6)
_FIGURES = ("number", "integer")


@dataclass(frozen=True)
class Fault:
    """Something that forbids a publication.

    Args:
        rule: The rule, `schema.table: check`, or the table or snapshot that cannot be read.
        reason: Why it must hold, or what is wrong.
        tables: The tables that it looks at.
        rows: Rows that it points at.
    """

    rule: str
    reason: str
    tables: frozenset[str] = frozenset()
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def schema(self) -> str:
        """The schema of the table whose rule it is; none for what is no table."""
        return self.rule.partition(".")[0] if self.tables else ""

    @property
    def snapshot_ids(self) -> dict[str, None]:
        """The snapshots of these rows."""
        return dict.fromkeys(each for row in self.rows for each in _origins(row))


class _Row(NamedTuple):
    """A row of a staging table: its place in the snapshot and its figures."""

    number: int
    figures: tuple[float, ...]


class Pointing:
    """The rows that faults of a build point at.

    Args:
        build: The build.
    """

    def __init__(self, build: Build) -> None:
        self._build = build

    def rows(self, fault: Fault, snapshot: Snapshot) -> list[SetAside]:
        """A decision for each row of a snapshot that a fault points at; none if it is not of a few rows."""
        table = self._staging(snapshot)
        if table is None:
            return []
        pointed: set[_Row] = set()
        for row in fault.rows:
            if snapshot.id not in _origins(row):
                continue
            found = self._staged(table, snapshot.id, row)
            if not found and fault.tables == {table} and row.get("row_number") is not None:
                # A staging table that could not be made still says which row it was.
                found = [_Row(int(row["row_number"]), ())]
            if not found or len(found) > ROWS:
                return []
            # What is said of several series of a row together, as of both flows, is said of the whole row.
            figures: dict[int, tuple[float, ...]] = {}
            for each in found:
                figures[each.number] = (*figures.get(each.number, ()), *each.figures)
            pointed |= {_Row(*each) for each in figures.items()}
        if len(pointed) > ROWS:
            return self._alike(fault, snapshot, {row.number for row in pointed})
        return [self._row(fault, snapshot, table, row) for row in sorted(pointed)]

    def news(self, fault: Fault, snapshot: Snapshot) -> list[SetAside]:
        """A decision for each row that no other snapshot has; none if they are many, or the fault is in no table.

        A rule that compares neighbours may name the right one. What was held before is not the mistake.
        """
        offered, table = dataset_of(snapshot), self._staging(snapshot)
        if table is None or not fault.tables:
            return []
        columns = ", ".join(f'"{column.name}"' for column in offered.columns)
        found = self._build.file.connection.execute(
            f"select min(row_number) from raw.{offered.table} group by {columns} "
            f"having bool_and(snapshot_id = $id) and min(row_number) is not null order by all limit {ROWS + 1}",
            {"id": snapshot.id},
        ).fetchall()
        if len(found) > ROWS:
            return []
        return [self._row(fault, snapshot, table, _Row(number, ())) for (number,) in found]

    def _staging(self, snapshot: Snapshot) -> str | None:
        """The one staging table that is made of a dataset; None if there are others."""
        raw, models = f"raw.{dataset_of(snapshot).table}", self._build.catalog.models.values()
        names = [model.name for model in models if model.schema == "staging" and raw in model.depends_on]
        return names[0] if len(names) == 1 else None

    def _alike(self, fault: Fault, snapshot: Snapshot, numbers: Collection[int]) -> list[SetAside]:
        """A decision for what many rows have in common, such as an economy; none if that is most of the snapshot."""
        offered, connection = dataset_of(snapshot), self._build.file.connection
        rows = f"raw.{offered.table} where snapshot_id = $id"
        ((every,),) = connection.execute(f"select count(*) from {rows}", {"id": snapshot.id}).fetchall()
        shared: list[tuple[int, str, list[str]]] = []
        for name in offered.key:
            of_these = f'select "{name}" from {rows} and list_contains($numbers, row_number)'
            ((covered, values),) = connection.execute(
                f'select count(*), list(distinct "{name}" order by "{name}") from {rows} and "{name}" in ({of_these})',
                {"id": snapshot.id, "numbers": sorted(numbers)},
            ).fetchall()
            shared.append((covered, name, values or []))
        covered, name, values = min(shared)
        if 2 * covered > every or not 0 < len(values) <= ROWS:
            return []
        return [replace(decision_about(fault, snapshot), rows=({name: value},)) for value in values]

    def _staged(self, table: str, snapshot_id: str, row: Mapping[str, Any]) -> list[_Row]:
        """The rows of a snapshot in its staging table that have the values of a row, by the columns that both have."""
        connection, model = self._build.file.connection, self._build.catalog.models[table]
        try:
            types = types_of(connection, table)
        except duckdb.Error:
            return []
        shared = [name for name in (*model.grain, "row_number") if name in row and name != "snapshot_id"]
        conditions = [f'"{name}" is not distinct from cast(? as {types[name]})' for name in shared if name in types]
        values = [row[name] for name in shared if name in types]
        if "year" in row and "year" not in types and "period_start" in types and "period_start" not in shared:
            conditions.append("year(period_start) = ?")
            values.append(row["year"])
        figures = [f'"{name}"' for name, kind in types.items() if kind == "DOUBLE"]
        if not conditions or "row_number" not in types:
            return []
        try:
            found = connection.execute(
                f"select row_number, [{', '.join(figures) or 'null'}] from {table} "
                f"where snapshot_id = ? and {' and '.join(conditions)} limit {ROWS + 1}",
                [snapshot_id, *values],
            ).fetchall()
        except duckdb.Error:
            return []
        return [_Row(number, tuple(value for value in figures if value)) for number, figures in found]

    def _row(self, fault: Fault, snapshot: Snapshot, table: str, row: _Row) -> SetAside:
        """The decision about a row: about the figures that are meant, if others of the row are of another series."""
        offered, connection = dataset_of(snapshot), self._build.file.connection
        named = [*offered.key, *(c.name for c in offered.columns if c.name not in offered.key and c.kind in _FIGURES)]
        columns = ", ".join(f'"{name}"' for name in named)
        (values,) = connection.execute(
            f"select {columns} from raw.{offered.table} where snapshot_id = ? and row_number = ?",
            [snapshot.id, row.number],
        ).fetchall()
        held = dict(zip(named, values, strict=True))
        others = [each for each in self._staged(table, snapshot.id, {"row_number": row.number}) if each != row]
        # A balance stands beside both flows, so it tells neither apart.
        of_others = {figure for each in others for figure in each.figures}
        own, of_others = set(row.figures) - of_others, of_others - set(row.figures)
        figures = {name: value for name, value in held.items() if name not in offered.key and value is not None}
        mine = tuple(name for name, value in figures.items() if _is_among(value, own))
        theirs = [name for name, value in figures.items() if name not in mine and _is_among(value, of_others)]
        fields = mine if mine and theirs else ()
        shown = {name: value for name, value in held.items() if name in (*offered.key, *(fields or figures))}
        return replace(decision_about(fault, snapshot), rows=(shown,), fields=fields)


def decision_about(fault: Fault, snapshot: Snapshot) -> SetAside:
    """The decision to set a whole snapshot aside."""
    reason = " ".join(fault.reason.split())[:500]
    today = datetime.now(UTC).date()
    return SetAside(dataset_of(snapshot).path, reason, "build", today, snapshots=(snapshot.id,), rule=fault.rule)


def _origins(row: Mapping[str, Any]) -> list[str]:
    """The snapshots that a row names, in whatever column: `snapshot_id`, `annual_snapshot_id`, `snapshot_ids`."""
    named = (value for name, value in row.items() if name.endswith(("snapshot_id", "snapshot_ids")) and value)
    return [str(each) for value in named for each in (value if isinstance(value, list) else [value])]


def dataset_of(snapshot: Snapshot) -> Dataset:
    """The dataset of a snapshot."""
    return dataset(f"{snapshot.manifest.source}/{snapshot.manifest.dataset}")


def _is_among(value: str, figures: Iterable[float]) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return any(isclose(number * scale, figure, rel_tol=1e-9) for figure in figures for scale in _SCALES)
