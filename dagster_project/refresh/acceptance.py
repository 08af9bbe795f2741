"""Check a response against its request and the stored figures, and count its new, changed and withdrawn figures.

The checks are the same for every publisher: every value was requested, few rows break the contract, few stored figures
are missing, and amounts are about as large as stored ones. If a check fails, the whole response is refused. The last
accepted snapshot then stays in use, and a person looks at the response.

The checks run in a DuckDB in memory. The table `held` has every raw row of the dataset; `arrived` has the rows of the
response; `expected` has the stored figures that the request covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Self

import duckdb

from dagster_project import raw
from dagster_project.database import format_parquet, match_columns, open_scratch, quote_literal, quote_names
from dagster_project.project import Project
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import find_decisions
from dagster_project.sources import Dataset, Request, Unusable

# The largest share of rows that may break the contract; more mean that the publisher has changed the form.
BROKEN_SHARE = 0.01
# The largest share of stored figures that may be missing, beyond a single one; more mean an incomplete response.
MISSING_SHARE = 0.02
# The largest factor between the median of a response and of stored figures; a new unit changes it by a thousand.
SCALE = 300


class StoredFigures:
    """The stored figures of a dataset, with which responses are compared."""

    def __init__(self, project: Project, dataset: Dataset) -> None:
        self.dataset = dataset
        self._open = ExitStack()
        self.connection = self._open.enter_context(open_scratch())
        others = [column for column in dataset.columns if column.name not in dataset.key]
        self.measures = [column.name for column in others if column.kind in {"number", "integer"}]
        self._names = quote_names(dataset.column_names)
        self._key = quote_names(dataset.key)
        amounts = [f'try_cast("{name}" as double)' for name in self.measures]
        texts = [f'"{column.name}"' for column in others if column.name not in self.measures]
        # The values of a row without its key; a dataset with a key alone lists items, whose value is `true`.
        self._figure = f"row({', '.join([*texts, *amounts]) or 'true'})"
        self._no_figure = f"row({', '.join(['null'] * len(others)) or 'null'})"
        self._has_figure = " or ".join(f'"{name}" is not null' for name in self.measures or [c.name for c in others])
        self._load_held(project)
        self.connection.execute(
            f"""
            create view known as
            select *, {self._figure} as figure, ({self._has_figure or "true"}) as has_figure
            from held inner join vintages using (snapshot_id)
            """
        )
        # The newest row of each key that was known on a day; `only_sound` leaves out rows that are set aside.
        self.connection.execute(
            f"""
            create macro newest(known_by := 'infinity'::date, only_sound := false) as table
            select * from known where known_from <= known_by and not (only_sound and is_set_aside)
            qualify row_number() over (
                partition by {self._key} order by known_from desc, retrieved_at desc, snapshot_id desc
            ) = 1
            """
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def load_response(self, pages: Sequence[Path], request: Request) -> None:
        """Load the pages of a response, which are CSV files in the dataset's columns.

        Creates the table `arrived` with every row and whether it breaks the contract, and the table `expected` with the
        stored figures that the request covers and whether the response lacks them.

        Raises:
            duckdb.Error: A page cannot be read as CSV.
        """
        for page, table in enumerate(pages):
            raw.check_contract(self.connection, table, self.dataset, "")
            self.connection.execute(
                f"""
                {"insert into arrived" if page else "create or replace table arrived as"}
                select {self._names}, {page} as page, reason is not null as is_broken, reason,
                    {self._figure} as figure, ({self._has_figure or "true"}) as has_figure
                from received
                left join (
                    select row_number, min(column_name || ' ' || coalesce(value, '') || ': ' || reason) as reason
                    from broken group by row_number
                ) as reasons using (row_number)
                """
            )
        # A committed copy may have other names of economies than the publisher's responses. Under such a name a figure
        # of the copy would always be missing, so it is expected only if the response has rows with this name.
        spoken = [
            f'known."{column}" in (select distinct "{column}" from arrived)'
            for column in request.only
            if column in self.dataset.key
        ]
        same_key = match_columns(self.dataset.key, "arrived", "known")
        self.connection.execute(
            f"""
            create or replace table expected as
            select known.*, not exists (select 1 from arrived where {same_key}) as is_missing
            from ({self.select_figures(request)}) as known
            where known.is_response or ({" and ".join(spoken) or "true"})
            """
        )

    def count_changes(self, day: date, page: int) -> dict[str, int]:
        """Compare a page of the loaded response with the figures known on a day, and count the differences.

        Returns:
            The number of rows that are `new`, `changed`, `withdrawn` (now without a value), `confirmed` (equal), and
            `set_aside` because they break the contract.
        """
        (counts,) = self.connection.execute(
            f"""
            with compared as (
                select
                    arrived.is_broken,
                    arrived.has_figure,
                    known.snapshot_id is not null as is_held,
                    coalesce(known.has_figure, false) as had_figure,
                    not arrived.is_broken
                        and arrived.figure is distinct from coalesce(known.figure, {self._no_figure})
                        and arrived.figure is distinct from coalesce(latest.figure, {self._no_figure}) as differs
                from arrived
                left join newest(known_by := $day) as known on {match_columns(self.dataset.key, "arrived", "known")}
                left join newest() as latest on {match_columns(self.dataset.key, "arrived", "latest")}
                where arrived.page = $page
            )
            select
                count(*) filter (where differs and has_figure and not is_held),
                count(*) filter (where differs and has_figure and is_held),
                count(*) filter (where differs and not has_figure and had_figure),
                count(*) filter (where not differs and not is_broken),
                count(*) filter (where is_broken)
            from compared
            """,
            {"day": day, "page": page},
        ).fetchall()
        return dict(zip(("new", "changed", "withdrawn", "confirmed", "set_aside"), counts, strict=True))

    def list_withdrawn(self, day: date) -> list[list[str | None]]:
        """List the stored figures known on a day and missing in the loaded response, as rows without values."""
        emptied = set(self.measures or self.dataset.column_names) - set(self.dataset.key)
        columns = ", ".join("null" if c.name in emptied else f'"{c.name}"' for c in self.dataset.columns)
        found = self.connection.execute(
            f"select {columns} from expected where is_missing and known_from <= $day order by all", {"day": day}
        ).fetchall()
        return [list(row) for row in found]

    def add_snapshot(self, snapshot: Snapshot, page: int) -> None:
        """Add the rows of a page to the stored figures, with the ID of the snapshot that archives the page."""
        self._add_vintage(snapshot)
        self.connection.execute(
            f"insert into held select {self._names}, $id, false from arrived where page = $page and not is_broken",
            {"id": snapshot.id, "page": page},
        )
        raw.add_withdrawn(self.connection, "held", snapshot, self.dataset)

    def select_figures(self, request: Request) -> str:
        """Write the SELECT of the stored figures that a request covers, without withdrawn ones."""
        asked = [condition for _, condition, _ in _list_conditions(request)]
        return f"select * from newest() where {' and '.join(['has_figure', *asked])}"

    def count_figures(self, request: Request) -> int:
        """Count the stored figures that a request covers."""
        ((count,),) = self.connection.execute(f"select count(*) from ({self.select_figures(request)})").fetchall()
        return int(count)

    def _load_held(self, project: Project) -> None:
        # Rows that are set aside count as stored, so that they are not new when the publisher sends them again.
        received = raw.receive_dataset(project, self.dataset, decisions=())
        self.connection.execute(
            "create table vintages (snapshot_id varchar, known_from date, retrieved_at timestamp, is_response boolean)"
        )
        for snapshot in received.snapshots:
            self._add_vintage(snapshot)
        decided = raw.receive_dataset(project, self.dataset).quarantine
        # If a response is set aside as a whole, the figures that it withdrew count as not withdrawn.
        decisions = find_decisions(project, self.dataset.path)
        whole = [snapshot_id for one in decisions if one.is_whole for snapshot_id in one.snapshots]
        where = f"from {format_parquet(decided)} where set_aside_by != 'contract'" if decided else "where false"
        self.connection.execute(
            f"""
            create table held as
            select {self._names}, snapshot_id,
                exists (from (select snapshot_id, row_number {where}) as aside
                    where aside.snapshot_id = rows.snapshot_id and aside.row_number = rows.row_number) as is_set_aside
            from {format_parquet(received.files)} as rows
            where row_number is not null or not list_contains($whole, snapshot_id)
            """,
            {"whole": whole},
        )
        self.connection.execute("alter table held alter is_set_aside set default false")

    def _add_vintage(self, snapshot: Snapshot) -> None:
        manifest = snapshot.manifest
        self.connection.execute(
            "insert into vintages values (?, ?, ?, ?)",
            [snapshot.id, manifest.known_from, manifest.retrieved_moment, manifest.form == "answer"],
        )


def check_response(held: StoredFigures, request: Request, pages: Sequence[Path], *, trust: bool = False) -> list[str]:
    """Load the pages of a response (CSV files in the dataset's columns), and check them against the stored figures.

    `trust` accepts missing figures and a changed scale, because a person has looked at the response.

    Returns:
        Notes for the manifest: checks that were impossible, and faults that were accepted because of `trust`.

    Raises:
        Unusable: A check fails; the reason says which one, with an example.
    """
    try:
        held.load_response(pages, request)
    except duckdb.Error as error:
        raise Unusable("refused", f"the rows cannot be read as a table: {str(error).splitlines()[0]}") from error
    _check_request(held, request)
    _check_rows(held)
    notes = []
    for check in (_check_coverage, _check_scale):
        try:
            notes += check(held, request)
        except Unusable as refused:
            if not trust:
                raise
            notes.append(f"Accepted on request, although {refused.reason}.")
    return notes


def _list_conditions(request: Request) -> list[tuple[str, str, str]]:
    """List the conditions that a request sets for rows: columns, SQL conditions, and the allowed values in words."""
    found = []
    for column, allowed in request.only.items():
        more = f" and {len(allowed) - 5} more" if len(allowed) > 5 else ""
        values = ", ".join(map(quote_literal, allowed))
        words = f"{', '.join(map(repr, allowed[:5]))}{more}"
        found.append((column, f'list_contains([{values}]::varchar[], "{column}")', words))
    if request.periods is not None and request.period_column is not None:
        (first, last), column = request.periods, request.period_column
        since = f'left("{column}", {len(first)}) >= {quote_literal(first)}'
        until = f'left("{column}", {len(last)}) <= {quote_literal(last)}'
        found.append((column, f"{since} and {until}", f"{first} to {last}"))
    return found


def _check_request(held: StoredFigures, request: Request) -> None:
    """Check that every row has only values that were requested."""
    for column, condition, words in _list_conditions(request):
        found = held.connection.execute(
            f'select distinct "{column}" from arrived where "{column}" is not null and not ({condition}) '
            "order by 1 limit 3"
        ).fetchall()
        if found:
            values = ", ".join(repr(row[0]) for row in found)
            raise Unusable("refused", f"{column} is {values}, but only {words} was requested")


def _check_rows(held: StoredFigures) -> None:
    """Check that few rows break the contract, and that no figure is on two pages."""
    ((rows, broken, example),) = held.connection.execute(
        "select count(*), count(*) filter (where is_broken), min(reason) from arrived"
    ).fetchall()
    if broken > BROKEN_SHARE * rows:
        raise Unusable("refused", f"{broken:,} of {rows:,} rows break the contract, such as {example}")
    key = quote_names(held.dataset.key)
    found = held.connection.execute(
        f"select {key} from arrived group by {key} having count(distinct page) > 1 limit 1"
    ).fetchone()
    if found:
        raise Unusable("refused", f"the figure {' | '.join(map(str, found))} is on two pages of the response")


def _check_coverage(held: StoredFigures, _request: Request) -> list[str]:
    key = quote_names(held.dataset.key)
    ((asked, missing, example),) = held.connection.execute(
        f"""
        select count(*), count(*) filter (where is_missing), min(concat_ws(' | ', {key})) filter (where is_missing)
        from expected where not is_set_aside
        """
    ).fetchall()
    # A small request must not be refused for a single withdrawn figure, whatever its share.
    if missing > max(1, MISSING_SHARE * asked) or 0 < missing == asked:
        raise Unusable("refused", f"the response lacks {missing:,} of {asked:,} stored figures, such as {example}")
    return []


def _check_scale(held: StoredFigures, request: Request) -> list[str]:
    series = [name for name in held.dataset.key if name != request.period_column]
    unseen = []
    for measure in held.measures:
        # New figures are compared with other periods of their series, because new months alone may have another unit.
        of_held, of_new = _compare_scale(held, measure, series)
        for over, ratio in (("all figures", of_held), ("the new figures", of_new)):
            if ratio is not None and not 1 / SCALE < ratio < SCALE:
                times = f"{ratio:,.0f} times" if ratio >= 1 else f"1/{1 / ratio:,.0f} of"
                reason = f"{measure} is {times} the stored value (median over {over}): its unit may have changed"
                raise Unusable("refused", reason)
        if of_held is None and of_new is None:
            unseen.append(measure)
    return [f"The scale of {', '.join(unseen)} could not be compared with stored figures."] if unseen else []


def _compare_scale(held: StoredFigures, measure: str, series: Sequence[str]) -> tuple[float | None, float | None]:
    """Compare a response's values in the column `measure` with stored values, as two median ratios.

    Returns:
        The first ratio compares values of the same key. The second compares values of new keys with stored values of
        the same series (equal in the columns `series`). A ratio is None if nothing can be compared.
    """
    size, names = f'abs(try_cast("{measure}" as double))', "".join(f'"{name}", ' for name in series)
    same_key = match_columns(held.dataset.key, "arriving", "holding")
    (found,) = held.connection.execute(
        f"""
        with arriving as (select *, {size} as size from arrived where not is_broken and size > 0),
            holding as (select *, {size} as size from newest(only_sound := true) where size > 0),
            new_series as (
                select {names}median(size) as size from arriving anti join holding on {same_key} group by all
            ),
            held_series as (select {names}median(size) as size from holding group by all)
        select
            (select median(arriving.size / holding.size) from arriving inner join holding on {same_key}),
            (
                select median(new_series.size / held_series.size)
                from new_series inner join held_series on {match_columns(series, "new_series", "held_series")}
            )
        """
    ).fetchall()
    return found
