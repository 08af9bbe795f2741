"""Whether an answer is what was asked for, and whether it says anything new.

Here: the rules that hold for every publisher, over the rows of an answer and what is held already. Not here: a
publisher's own error bodies (`sources`), the contract itself (`raw`), or what a figure means (`expectations`).

Each rule refuses the answer as a whole: the last good snapshot stays in force, and a person looks at what came.
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
from dagster_project.sources import Dataset, Request

# An answer in which more rows than these break the contract has another form than the one declared.
BROKEN_SHARE = 0.01
# Publishers withdraw a figure now and then; more than these missing is an answer that was cut.
MISSING_SHARE = 0.02
# Units differ by a thousand. Real figures do not move by anything like that, taken over an answer.
SCALE = 300
# How a note begins that tells what somebody vouched for.
VOUCHED = "Accepted on request, although: "


class Refused(Exception):
    """An answer that breaks a rule; its text says which, with an example."""


@dataclass(frozen=True)
class News:
    """What a page of an answer says, counted in rows.

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


class Held:
    """What is held of a dataset, and the comparison of an answer with it.

    Args:
        project: Whose snapshots.
        dataset: Which.
    """

    def __init__(self, project: Project, dataset: Dataset) -> None:
        self._dataset = dataset
        self._names = ", ".join(f'"{column.name}"' for column in dataset.columns)
        self._connection = duckdb.connect()
        # When and to what question each answer came that somebody vouched for.
        self._vouched: list[tuple[datetime, Request]] = []
        received = raw.receive(project, dataset)
        self._connection.execute(
            "create table vintages (snapshot_id varchar, known_from date, retrieved_at timestamp, is_answer boolean)"
        )
        for snapshot in received.snapshots:
            self._remember(snapshot)
        files = ", ".join("'" + str(file).replace("'", "''") + "'" for file in received.files)
        self._connection.execute(f"create table held as select {self._names}, snapshot_id from read_parquet([{files}])")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def judge(self, request: Request, pages: Sequence[Path], *, trust: bool = False) -> list[str]:
        """Holds the pages of an answer, as CSV in the dataset's columns, against every rule.

        Args:
            request: What was asked.
            pages: The answer.
            trust: Whether somebody has looked at it, and vouches for what is missing and for the scale.

        Returns:
            What could not be looked at or was vouched for, for the manifest.

        Raises:
            Refused: A rule is broken.
        """
        connection = self._connection
        types = ", ".join(f'"{column.name}" varchar' for column in self._dataset.columns)
        connection.execute(
            f"create or replace table arrived ({types}, page integer, is_broken boolean, reason varchar)"
        )
        for page, table in enumerate(pages):
            try:
                raw.hold(connection, table, self._dataset, "")
            except duckdb.Error as error:
                raise Refused(f"rows that are no table: {str(error).splitlines()[0]}") from error
            connection.execute(
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
        self._check_subject(request)
        self._check_periods(request)
        self._check_contract()
        self._check_pages()
        notes = []
        for check in (self._check_coverage, self._check_scale):
            try:
                notes += check(request)
            except Refused as reason:
                if not trust:
                    raise
                notes.append(f"{VOUCHED}{reason}.")
        return notes

    def check_nothing(self, request: Request) -> None:
        """Holds the answer that there are no figures against what is held.

        Raises:
            Refused: There were some.
        """
        where, values = self._slice(request)
        ((count,),) = self._connection.execute(
            f"select count(*) from ({self._newest()}) as known where {where} and {self._expected()}", values
        ).fetchall()
        if count:
            raise Refused(f"no figures, where {count:,} are held of what was asked")

    def news(self, manifest: Manifest, page: int) -> News:
        """What a page of the answer that was judged last says beyond what is held and known by its day."""
        differs = " or ".join(self._differs(column.name, column.kind) for column in self._others()) or "false"
        ((new, changed, confirmed, broken),) = self._connection.execute(
            f"""
            with known as ({self._newest("vintages.known_from <= $day")})
            select
                count(*) filter (where not arrived.is_broken and known.snapshot_id is null),
                count(*) filter (where not arrived.is_broken and known.snapshot_id is not null and ({differs})),
                count(*) filter (where not arrived.is_broken and known.snapshot_id is not null and not ({differs})),
                count(*) filter (where arrived.is_broken)
            from arrived
            left join known on {_same(self._dataset.key)}
            where arrived.page = $page
            """,
            {"day": manifest.known_from, "page": page},
        ).fetchall()
        return News(new, changed, confirmed, broken)

    def add(self, snapshot: Snapshot, page: int) -> None:
        """Counts a page of the answer that was judged last as held, now that it is archived."""
        self._remember(snapshot)
        self._connection.execute(
            f"insert into held select {self._names}, $id from arrived where page = $page and not is_broken",
            {"id": snapshot.id, "page": page},
        )

    def standing(self) -> set[str]:
        """The snapshots that the figures known now rest on: those that showed them first, and those that did so last.

        The first gives the day from which a figure is known. Which one that is depends on the columns that a table
        keeps: all of them, or no more than the measures.
        """
        key = ", ".join(f'"{name}"' for name in self._dataset.key)
        measures = set(self._measures())
        every = [f'try_cast("{c.name}" as double)' if c.name in measures else f'"{c.name}"' for c in self._others()]
        found = self._connection.execute(f"select distinct snapshot_id from ({self._newest()})").fetchall()
        for figure in (every, [one for one in every if one.startswith("try_cast")]):
            found += self._connection.execute(
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

    def _check_subject(self, request: Request) -> None:
        for column, allowed in request.only.items():
            found = self._connection.execute(
                f'select distinct "{column}" from arrived where "{column}" is not null '
                f'and not list_contains($allowed, "{column}") order by 1 limit 3',
                {"allowed": list(allowed)},
            ).fetchall()
            if found:
                others = ", ".join(repr(row[0]) for row in found)
                raise Refused(f"{column} {others}, where {_listed(allowed)} was asked for")

    def _check_periods(self, request: Request) -> None:
        if request.periods is None or request.period_column is None:
            return
        first, last = request.periods
        column = request.period_column
        found = self._connection.execute(
            f"""
            select distinct "{column}" from arrived
            where left("{column}", {len(first)}) < $first or left("{column}", {len(last)}) > $last
            order by 1 limit 3
            """,
            {"first": first, "last": last},
        ).fetchall()
        if found:
            others = ", ".join(row[0] for row in found)
            raise Refused(f"{column} {others}, where {first} to {last} was asked for")

    def _check_contract(self) -> None:
        ((rows, broken, example),) = self._connection.execute(
            "select count(*), count(*) filter (where is_broken), min(reason) from arrived"
        ).fetchall()
        if broken > BROKEN_SHARE * rows:
            raise Refused(f"{broken:,} of {rows:,} rows break the contract, such as {example}")

    def _check_pages(self) -> None:
        key = ", ".join(f'"{name}"' for name in self._dataset.key)
        found = self._connection.execute(
            f"select {key} from arrived group by {key} having count(distinct page) > 1 limit 1"
        ).fetchone()
        if found:
            raise Refused(f"{' | '.join(map(str, found))} stands on two pages")

    def _check_coverage(self, request: Request) -> list[str]:
        where, values = self._slice(request)
        key = self._dataset.key
        measured = " or ".join(f'known."{name}" is not null' for name in self._measures()) or "true"
        # A publisher may name an economy otherwise than the copy that was committed: what only that copy knows is
        # missed if the answer speaks of the same thing at all.
        spoken = (
            " and ".join(
                f'known."{column}" in (select distinct "{column}" from arrived)'
                for column in request.only
                if column in key
            )
            or "true"
        )
        ((asked, missing, example),) = self._connection.execute(
            f"""
            with known as ({self._newest()}), compared as (
                select concat_ws(' | ', {", ".join(f'known."{name}"' for name in key)}) as name,
                    not exists (select 1 from arrived where {_same(key)}) as is_missing
                from known
                where {where} and {self._expected()} and ({measured}) and (known.is_answer or ({spoken}))
            )
            select count(*), count(*) filter (where is_missing), min(name) filter (where is_missing) from compared
            """,
            values,
        ).fetchall()
        if missing > MISSING_SHARE * asked:
            raise Refused(f"{missing:,} of {asked:,} figures that are held are missing, such as {example}")
        return []

    def _check_scale(self, request: Request) -> list[str]:
        series = [name for name in self._dataset.key if name != request.period_column]
        unseen = []
        for measure in self._measures():
            # A figure that was never held has neighbours in time: a new month among old ones may be wrong alone.
            ratios = {
                "the answer": self._ratio_of_held(measure),
                "the figures that are new": self._ratio_of_new(measure, series),
            }
            if all(ratio is None for ratio in ratios.values()):
                unseen.append(measure)
            for over, ratio in ratios.items():
                if ratio is not None and not 1 / SCALE < ratio < SCALE:
                    raise Refused(
                        f"{measure} is {_times(ratio)} what is held, taken over {over}: another unit, or other figures"
                    )
        return [f"The scale of {', '.join(unseen)} had nothing to be compared with."] if unseen else []

    def _ratio_of_held(self, measure: str) -> float | None:
        """The median ratio of an answer's values to the held ones of the same key; None if there are none."""
        return self._number(
            f"""
            with known as ({self._newest()})
            select median({_size(measure, "arrived")} / {_size(measure, "known")})
            from arrived inner join known on {_same(self._dataset.key)}
            where not is_broken and {_size(measure, "arrived")} > 0 and {_size(measure, "known")} > 0
            """
        )

    def _ratio_of_new(self, measure: str, series: Sequence[str]) -> float | None:
        """The median ratio of an answer's series, where they are not held, to what is held of them at other times."""
        names = "".join(f'"{name}", ' for name in series)
        return self._number(
            f"""
            with known as ({self._newest()}),
                arriving as (
                    select {names}median({_size(measure, "arrived")}) as size from arrived
                    where not is_broken and {_size(measure, "arrived")} > 0 and not exists (
                        select 1 from known where {_same(self._dataset.key)} and {_size(measure, "known")} > 0
                    )
                    group by all
                ),
                holding as (
                    select {names}median({_size(measure, "known")}) as size from known
                    where {_size(measure, "known")} > 0 group by all
                )
            select median(arriving.size / holding.size)
            from arriving inner join holding on {_same(series, "arriving", "holding")}
            """
        )

    def _number(self, query: str) -> float | None:
        ((found,),) = self._connection.execute(query).fetchall()
        return None if found is None else float(found)

    def _newest(self, where: str = "true") -> str:
        """SQL for the newest held row of each key."""
        key = ", ".join(f'held."{name}"' for name in self._dataset.key)
        return f"""
            select held.*, vintages.is_answer, vintages.retrieved_at from held inner join vintages using (snapshot_id)
            where {where}
            qualify row_number() over (
                partition by {key} order by vintages.known_from desc, vintages.retrieved_at desc, snapshot_id desc
            ) = 1
        """

    def _expected(self) -> str:
        """SQL for the held rows that an answer has to repeat: not those that a vouched-for answer was without."""
        gone = ["true"]
        for moment, asked in self._vouched:
            conditions = [f'"{column}" in ({_quoted(allowed)})' for column, allowed in asked.only.items()]
            if asked.periods is not None and asked.period_column is not None:
                first, last = asked.periods
                column = asked.period_column
                conditions.append(f'left("{column}", {len(first)}) between {_quoted([first])} and {_quoted([last])}')
            gone.append(f"not ({' and '.join([*conditions, f'retrieved_at < {_quoted([str(moment)])}::timestamp'])})")
        return " and ".join(gone)

    def _slice(self, request: Request) -> tuple[str, dict[str, Any]]:
        """SQL for the held rows that a question is about, and its values."""
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

    def _differs(self, name: str, kind: str) -> str:
        if kind in {"number", "integer"}:
            return f'try_cast(arrived."{name}" as double) is distinct from try_cast(known."{name}" as double)'
        return f'arrived."{name}" is distinct from known."{name}"'

    def _others(self) -> list[Any]:
        return [column for column in self._dataset.columns if column.name not in self._dataset.key]

    def _measures(self) -> list[str]:
        return [column.name for column in self._others() if column.kind in {"number", "integer"}]

    def _remember(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        if manifest.parameters.get("trusted"):
            self._vouched.append((manifest.retrieved_moment, Request.of(self._dataset.path, manifest.parameters)))
        self._connection.execute(
            "insert into vintages values (?, ?, ?, ?)",
            [snapshot.id, manifest.known_from, manifest.retrieved_moment, manifest.form == "answer"],
        )


def _same(names: Sequence[str], one: str = "arrived", other: str = "known") -> str:
    return " and ".join(f'{one}."{name}" is not distinct from {other}."{name}"' for name in names) or "true"


def _size(measure: str, table: str) -> str:
    return f'abs(try_cast({table}."{measure}" as double))'


def _listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - 5} more" if len(values) > 5 else ""
    return ", ".join(repr(value) for value in values[:5]) + more


def _quoted(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 1 else f"one {1 / ratio:,.0f}th of"
