"""The figures of a dataset that are held, and a response laid beside them.

Here: an in-memory DuckDB with every row of raw (`held`), when each snapshot became known (`vintages`), the rows of the
response that is looked at (`arrived`) and the held figures that it is about (`expected`); what of it is news; which
snapshots figures rest on. Not here: whether a response is accepted (`acceptance`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from dagster_project import raw
from dagster_project.project import Project
from dagster_project.raw.sql import parquet
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import find_decisions
from dagster_project.sources import Column, Dataset, Request


@dataclass(frozen=True)
class News:
    """What a page of a response says, counted in rows.

    Args:
        new: Figures that were not held.
        changed: Figures that are held with another value.
        withdrawn: Figures that are held, and that it lists without a value.
        confirmed: Figures that are held as they are.
        broken: Rows that break the contract, and would be set aside.
    """

    new: int
    changed: int
    withdrawn: int
    confirmed: int
    broken: int

    @property
    def is_news(self) -> bool:
        return bool(self.new or self.changed or self.withdrawn)


class HeldFigures:
    """What is held of a dataset, and the comparison of a response with it.

    Args:
        project: Whose snapshots.
        dataset: Which.
    """

    def __init__(self, project: Project, dataset: Dataset) -> None:
        self.dataset = dataset
        self.connection = duckdb.connect()
        self._names = ", ".join(f'"{column.name}"' for column in dataset.columns)
        # What is set aside is held all the same: a publisher that repeats it has no news.
        received = raw.receive(project, dataset, decisions=())
        self.connection.execute(
            "create table vintages (snapshot_id varchar, known_from date, retrieved_at timestamp, is_response boolean)"
        )
        for snapshot in received.snapshots:
            self._remember(snapshot)
        decided = raw.receive(project, dataset).quarantine
        # Nor has anything been withdrawn by a response that is set aside whole.
        decisions = find_decisions(project, dataset.path)
        whole = [snapshot_id for one in decisions if one.is_whole for snapshot_id in one.snapshots]
        where = f"from {parquet(decided)} where set_aside_by != 'contract'" if decided else "where false"
        self.connection.execute(
            f"""
            create table held as
            select {self._names}, snapshot_id,
                exists (from (select snapshot_id, row_number {where}) as aside
                    where aside.snapshot_id = rows.snapshot_id and aside.row_number = rows.row_number) as is_set_aside
            from {parquet(received.files)} as rows
            where row_number is not null or not list_contains($whole, snapshot_id)
            """,
            {"whole": whole},
        )
        self.connection.execute("alter table held alter is_set_aside set default false")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def lay_beside(self, pages: Sequence[Path], request: Request) -> None:
        """Lays a response beside what is held.

        Makes `arrived` of its pages, as CSV in the dataset's columns, each row held to the contract; and `expected` of
        the held figures that it is about, each with whether the response lists it.

        Raises:
            duckdb.Error: A page cannot be read as CSV.
        """
        types = ", ".join(f'"{column.name}" varchar' for column in self.dataset.columns)
        self.connection.execute(
            f"create or replace table arrived ({types}, page integer, is_broken boolean, reason varchar)"
        )
        for page, table in enumerate(pages):
            raw.hold(self.connection, table, self.dataset, "")
            self.connection.execute(
                f"""
                insert into arrived
                select {self._names}, $page, reason is not null, reason
                from received
                left join (
                    select row_number, min(column_name || ' ' || coalesce(value, '') || ': ' || reason) as reason
                    from broken group by row_number
                ) as reasons using (row_number)
                """,
                {"page": page},
            )
        # A publisher may name an economy otherwise than the copy that was committed: what only that copy knows is
        # missed if the response speaks of the same thing at all.
        spoken = [
            f'known."{column}" in (select distinct "{column}" from arrived)'
            for column in request.only
            if column in self.dataset.key
        ]
        figures, values = self.figures_of(request)
        self.connection.execute(
            f"""
            create or replace table expected as
            select known.*, not exists (select 1 from arrived where {same(self.dataset.key)}) as is_missing
            from ({figures}) as known
            where known.is_response or ({" and ".join(spoken) or "true"})
            """,
            values,
        )

    def news(self, day: date, page: int) -> News:
        """What a page of the response beside says, known from a day, beyond what is held and known by that day."""
        ((new, changed, withdrawn, confirmed, broken),) = self.connection.execute(
            f"""
            with known as ({self.newest("vintages.known_from <= $day")}), latest as ({self.newest()}), compared as (
                select
                    arrived.is_broken,
                    known.snapshot_id is not null as is_held,
                    {self._has_figure("arrived")} as has_figure,
                    coalesce({self._has_figure("known")}, false) as had_figure,
                    ({self._differs("known")}) and ({self._differs("latest")}) as differs
                from arrived
                left join known on {same(self.dataset.key)}
                left join latest on {same(self.dataset.key, "arrived", "latest")}
                where arrived.page = $page
            )
            select
                count(*) filter (where differs and has_figure and not is_held),
                count(*) filter (where differs and has_figure and is_held),
                count(*) filter (where differs and not has_figure and had_figure),
                count(*) filter (where not differs),
                count(*) filter (where is_broken)
            from (select * replace (differs and not is_broken as differs) from compared)
            """,
            {"day": day, "page": page},
        ).fetchall()
        return News(new, changed, withdrawn, confirmed - broken, broken)

    def withdrawn(self, day: date) -> list[list[str | None]]:
        """The rows of held figures that the response beside lists no more, known by a day, without their values."""
        measures = set(self.measures())
        kept = {c.name for c in self.dataset.columns} - measures if measures else set(self.dataset.key)
        columns = ", ".join(f'"{c.name}"' if c.name in kept else "null" for c in self.dataset.columns)
        found = self.connection.execute(
            f"select {columns} from expected where is_missing and known_from <= $day order by all", {"day": day}
        ).fetchall()
        return [list(row) for row in found]

    def add(self, snapshot: Snapshot, page: int) -> None:
        """Counts a page of the response beside as held, now that it is archived."""
        self._remember(snapshot)
        self.connection.execute(
            f"insert into held select {self._names}, $id, false from arrived where page = $page and not is_broken",
            {"id": snapshot.id, "page": page},
        )
        raw.add_withdrawn(self.connection, "held", snapshot, self.dataset)

    def standing(self) -> set[str]:
        """The snapshots that the figures known now rest on: those that showed them first, and those that did so last.

        The first gives the day from which a figure is known. Which one that is depends on the columns that a table
        keeps: all of them, or no more than the measures.
        """
        key = ", ".join(f'"{name}"' for name in self.dataset.key)
        measures = set(self.measures())
        every = [f'try_cast("{c.name}" as double)' if c.name in measures else f'"{c.name}"' for c in self._others()]
        found = self.connection.execute(f"select distinct snapshot_id from ({self.newest()})").fetchall()
        for figure in (every, [one for one in every if one.startswith("try_cast")]):
            found += self.connection.execute(
                f"""
                with days as (
                    select {key}, row({", ".join(figure) or "0"}) as figure, snapshot_id, known_from
                    from held inner join vintages using (snapshot_id)
                    qualify row_number() over (
                        partition by {key}, known_from order by retrieved_at desc, snapshot_id desc
                    ) = 1
                ), changes as (
                    select * from days
                    qualify figure is distinct from lag(figure) over (partition by {key} order by known_from)
                )
                select snapshot_id from changes
                qualify row_number() over (partition by {key} order by known_from desc) = 1
                """
            ).fetchall()
        return {row[0] for row in found}

    def sound(self) -> str:
        """SQL for the newest held row of each key that is not set aside: what a response is measured by."""
        return self.newest("not is_set_aside")

    def newest(self, where: str = "true") -> str:
        """SQL for the newest held row of each key."""
        key = ", ".join(f'held."{name}"' for name in self.dataset.key)
        return f"""
            select held.*, vintages.known_from, vintages.is_response
            from held inner join vintages using (snapshot_id)
            where {where}
            qualify row_number() over (
                partition by {key} order by vintages.known_from desc, vintages.retrieved_at desc, snapshot_id desc
            ) = 1
        """

    def figures_of(self, request: Request) -> tuple[str, dict[str, Any]]:
        """SQL for the figures held of what a request is about, and its values; what was withdrawn is none."""
        conditions, values = [self._has_figure("known")], {}
        for position, (column, allowed) in enumerate(request.only.items()):
            conditions.append(f'list_contains($only_{position}, "{column}")')
            values[f"only_{position}"] = list(allowed)
        bounds: dict[str, Any] = {}
        if request.periods is not None and request.period_column is not None:
            first, last = request.periods
            column = request.period_column
            conditions.append(f'left("{column}", {len(first)}) >= $first and left("{column}", {len(last)}) <= $last')
            bounds = {"first": first, "last": last}
        return f"select * from ({self.newest()}) as known where {' and '.join(conditions)}", values | bounds

    def measures(self) -> list[str]:
        """The columns that hold figures."""
        return [column.name for column in self._others() if column.kind in {"number", "integer"}]

    def _others(self) -> list[Column]:
        return [column for column in self.dataset.columns if column.name not in self.dataset.key]

    def _has_figure(self, table: str) -> str:
        """SQL for a row saying something of what its key names."""
        names = self.measures() or [column.name for column in self._others()]
        conditions = [f'{table}."{name}" is not null' for name in names]
        return f"({' or '.join(conditions) or 'true'})"

    def _differs(self, table: str) -> str:
        """SQL for a row of the response being other than a held one, which may not be there."""
        return " or ".join([_differs(column, table) for column in self._others()]) or f"{table}.snapshot_id is null"

    def _remember(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        self.connection.execute(
            "insert into vintages values (?, ?, ?, ?)",
            [snapshot.id, manifest.known_from, manifest.retrieved_moment, manifest.form == "answer"],
        )


def same(names: Sequence[str], one: str = "arrived", other: str = "known") -> str:
    """SQL for two tables' rows having the same values in columns."""
    return " and ".join(f'{one}."{name}" is not distinct from {other}."{name}"' for name in names) or "true"


def _differs(column: Column, table: str) -> str:
    one, other = f'arrived."{column.name}"', f'{table}."{column.name}"'
    if column.kind in {"number", "integer"}:
        return f"try_cast({one} as double) is distinct from try_cast({other} as double)"
    return f"{one} is distinct from {other}"
