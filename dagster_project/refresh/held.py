"""The figures of a dataset that are held, and a response laid beside them.

Here: an in-memory DuckDB with every row of raw (`held`), when each snapshot became known (`vintages`) and the rows of
the response that is looked at (`arrived`); what of it is news; which snapshots figures rest on. Not here: whether a
response is accepted (`acceptance`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb

from dagster_project import raw
from dagster_project.project import Project
from dagster_project.snapshots import Manifest, Snapshot
from dagster_project.sources import Column, Dataset, Request


@dataclass(frozen=True)
class News:
    """What a page of a response says, counted in rows.

    Args:
        new: Figures that were not held.
        changed: Figures that are held with another value.
        confirmed: Figures that are held as they are.
        broken: Rows that break the contract, and would be set aside.
    """

    new: int
    changed: int
    confirmed: int
    broken: int

    @property
    def is_news(self) -> bool:
        return bool(self.new or self.changed)


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
        # When each response came that somebody trusted, and what it was asked for.
        self._trusted: list[tuple[datetime, Request]] = []
        # What is set aside is held all the same: a publisher that repeats it has no news.
        received = raw.receive(project, dataset, decisions=())
        self.connection.execute(
            "create table vintages (snapshot_id varchar, known_from date, retrieved_at timestamp, is_response boolean)"
        )
        for snapshot in received.snapshots:
            self._remember(snapshot)
        files = quoted([str(file) for file in received.files])
        decided = raw.receive(project, dataset).quarantine
        aside = quoted([str(file) for file in decided])
        where = f"from read_parquet([{aside}]) where set_aside_by != 'contract'" if decided else "where false"
        self.connection.execute(
            f"""
            create table held as
            select {self._names}, snapshot_id,
                exists (from (select snapshot_id, row_number {where}) as aside
                    where aside.snapshot_id = rows.snapshot_id and aside.row_number = rows.row_number) as is_set_aside
            from read_parquet([{files}]) as rows
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def lay_beside(self, pages: Sequence[Path]) -> None:
        """Makes `arrived` of the pages of a response, as CSV in the dataset's columns, each row held to the contract.

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

    def news(self, manifest: Manifest, page: int) -> News:
        """What a page of the response beside says beyond what is held and known by its day."""
        differs = " or ".join(_differs(column) for column in self._others()) or "false"
        ((new, changed, confirmed, broken),) = self.connection.execute(
            f"""
            with known as ({self.newest("vintages.known_from <= $day")})
            select
                count(*) filter (where not arrived.is_broken and known.snapshot_id is null),
                count(*) filter (where not arrived.is_broken and known.snapshot_id is not null and ({differs})),
                count(*) filter (where not arrived.is_broken and known.snapshot_id is not null and not ({differs})),
                count(*) filter (where arrived.is_broken)
            from arrived
            left join known on {same(self.dataset.key)}
            where arrived.page = $page
            """,
            {"day": manifest.known_from, "page": page},
        ).fetchall()
        return News(new, changed, confirmed, broken)

    def add(self, snapshot: Snapshot, page: int) -> None:
        """Counts a page of the response beside as held, now that it is archived."""
        self._remember(snapshot)
        self.connection.execute(
            f"insert into held select {self._names}, $id, false from arrived where page = $page and not is_broken",
            {"id": snapshot.id, "page": page},
        )

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
            select held.*, vintages.is_response, vintages.retrieved_at from held inner join vintages using (snapshot_id)
            where {where}
            qualify row_number() over (
                partition by {key} order by vintages.known_from desc, vintages.retrieved_at desc, snapshot_id desc
            ) = 1
        """

    def expected(self) -> str:
        """SQL for the held rows that a response has to repeat: not those that a trusted response was without."""
        gone = ["true"]
        for moment, asked in self._trusted:
            conditions = [f'"{column}" in ({quoted(allowed)})' for column, allowed in asked.only.items()]
            if asked.periods is not None and asked.period_column is not None:
                first, last = asked.periods
                column = asked.period_column
                conditions.append(f'left("{column}", {len(first)}) between {quoted([first])} and {quoted([last])}')
            gone.append(f"not ({' and '.join([*conditions, f'retrieved_at < {quoted([str(moment)])}::timestamp'])})")
        return " and ".join(gone)

    def slice_of(self, request: Request) -> tuple[str, dict[str, Any]]:
        """SQL for the held rows that a request is about, and its values."""
        conditions, values = ["true"], {}
        for position, (column, allowed) in enumerate(request.only.items()):
            conditions.append(f'list_contains($only_{position}, "{column}")')
            values[f"only_{position}"] = list(allowed)
        bounds: dict[str, Any] = {}
        if request.periods is not None and request.period_column is not None:
            first, last = request.periods
            column = request.period_column
            conditions.append(f'left("{column}", {len(first)}) >= $first and left("{column}", {len(last)}) <= $last')
            bounds = {"first": first, "last": last}
        return " and ".join(conditions), values | bounds

    def measures(self) -> list[str]:
        """The columns that hold figures."""
        return [column.name for column in self._others() if column.kind in {"number", "integer"}]

    def _others(self) -> list[Column]:
        return [column for column in self.dataset.columns if column.name not in self.dataset.key]

    def _remember(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        if manifest.parameters.get("trusted"):
            self._trusted.append((manifest.retrieved_moment, Request.of(self.dataset.path, manifest.parameters)))
        self.connection.execute(
            "insert into vintages values (?, ?, ?, ?)",
            [snapshot.id, manifest.known_from, manifest.retrieved_moment, manifest.form == "answer"],
        )


def same(names: Sequence[str], one: str = "arrived", other: str = "known") -> str:
    """SQL for two tables' rows having the same values in columns."""
    return " and ".join(f'{one}."{name}" is not distinct from {other}."{name}"' for name in names) or "true"


def quoted(values: Sequence[str]) -> str:
    """SQL for a list of texts."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _differs(column: Column) -> str:
    if column.kind in {"number", "integer"}:
        return f'try_cast(arrived."{column.name}" as double) is distinct from try_cast(known."{column.name}" as double)'
    return f'arrived."{column.name}" is distinct from known."{column.name}"'
