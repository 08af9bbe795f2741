"""Find what a figure needs: the models behind it, and the rows of their inputs for its pair and period.

Here: the models, the rows of snapshots, and the reference tables. Not here: the files of a proof, and running the SQL
(`proof`). Rows are found by the staging tables of the published file, which name the snapshot and number of each row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dagster_project.database import format_parquet, open_scratch
from dagster_project.history import SNAPSHOTS, TradeFilter
from dagster_project.metrics import Identity, load_metrics
from dagster_project.models import Model, find_upstream
from dagster_project.models.selects import list_tables, parse_select
from dagster_project.raw import RawTable, receive_dataset
from dagster_project.reference.rows import Rows
from dagster_project.report.package import find_terms
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Dataset, list_datasets

if TYPE_CHECKING:
    import duckdb

    from dagster_project.catalog import Catalog

# The SQL of a row's year, by the column that it needs.
YEARS = {"year": "year", "period_start": "year(period_start)"}


@dataclass(frozen=True)
class Part:
    """The rows of a snapshot that a figure needs: the dataset's columns, the snapshot and the row number.

    `is_source` says whether the figure rests on the snapshot.
    """

    dataset: Dataset
    snapshot: Snapshot
    rows: Sequence[Sequence[Any]]
    is_source: bool

    @property
    def path(self) -> str:
        """Return the path of the snapshot's bytes in a proof."""
        return f"bytes/{self.snapshot.id}/{self.snapshot.manifest.file}"

    @cached_property
    def terms(self) -> Mapping[str, Any]:
        return find_terms(self.snapshot.manifest.licence.name)

    @property
    def is_withheld(self) -> bool:
        return not self.terms["is_passed_on"]

    @property
    def is_read(self) -> bool:
        """Return whether the script reads the rows from the bytes: from tables behind the figure, or withheld ones."""
        return self.snapshot.manifest.form == "table" and (self.is_source or self.is_withheld)

    @property
    def row_numbers(self) -> list[int]:
        return [row[-1] for row in self.rows if row[-1] is not None]

    @property
    def written(self) -> list[Sequence[Any]]:
        """Return the rows that a proof has as CSV; the row of a withdrawn figure is in no bytes."""
        return [row for row in self.rows if not self.is_withheld and (row[-1] is None or not self.is_read)]


@dataclass(frozen=True)
class Needs:
    """The inputs of a figure: the SELECT of its metric, the models in the order in which they run, and their tables."""

    identity: Identity
    figures: str
    steps: Sequence[Model]
    datasets: Sequence[Dataset]
    parts: Sequence[Part]
    references: Sequence[Rows]


class Finder:
    """Finds what figures of a published file need."""

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self.catalog, self.connection = catalog, connection
        self._raws: dict[str, RawTable] = {}

    def find_needs(self, identity: Identity, sources: Collection[str]) -> Needs:
        """Find what a figure needs; `sources` are the snapshots that it rests on."""
        models, figures = self.catalog.models, load_metrics()[identity.metric].figures
        read = list_tables(parse_select(self.connection, figures))
        names = set(read).union(*(find_upstream(models, name) for name in read))
        steps = [model for name, model in models.items() if name in names]
        datasets = [dataset for dataset in list_datasets() if f"raw.{dataset.table}" in names]
        found = {one.table: [*self._find_parts(identity, one, steps, sources)] for one in datasets}
        parts = [part for listed in found.values() for part in listed]
        # A staging table without raw rows has no rows either, whatever code lists it reads.
        idle = {f"raw.{table}" for table, listed in found.items() if not listed}
        used = set().union(*(step.depends_on for step in steps if not step.depends_on & idle))
        references = [
            _choose_rows(table, identity, parts, is_used=f"reference.{table.name}" in used)
            for table in self._references
            if f"reference.{table.name}" in names
        ]
        return Needs(identity, figures, steps, datasets, parts, references)

    @cached_property
    def _references(self) -> list[Rows]:
        return self.catalog.reference_tables()

    def _find_parts(
        self, identity: Identity, dataset: Dataset, steps: Iterable[Model], sources: Collection[str]
    ) -> Iterable[Part]:
        """Find the rows of a dataset that the steps read, by snapshot, as known on the day of the figure."""
        selects = [
            f"select snapshot_id, row_number from {step.name} where {write_conditions(identity, step) or 'true'}"
            for step in steps
            if f"raw.{dataset.table}" in step.depends_on
        ]
        wanted = self.connection.execute(
            f"select distinct snapshot_id, row_number from ({' union all '.join(selects)}) "
            "where snapshot_id in (select snapshot_id from meta.snapshots where known_from <= $1)",
            [identity.as_of],
        ).fetchall()
        if not wanted:
            return
        raw = self._raws.setdefault(dataset.table, receive_dataset(self.catalog.project, dataset))
        with open_scratch() as scratch:
            rows = scratch.execute(
                f"select raw.* from {format_parquet(raw.files)} as raw "
                "inner join (select unnest($1::varchar[]) as id, unnest($2::bigint[]) as number) as wanted "
                "on raw.snapshot_id = wanted.id and raw.row_number is not distinct from wanted.number "
                "order by snapshot_id, row_number",
                [list(column) for column in zip(*wanted, strict=True)],
            ).fetchall()
        known = {snapshot.id: snapshot for snapshot in raw.snapshots}
        for snapshot_id, group in groupby(rows, key=lambda row: str(row[-2])):
            yield Part(dataset, known[snapshot_id], [*group], snapshot_id in sources)


def write_conditions(identity: Identity, table: Model) -> str:
    """Write the SQL conditions that a row of a table is of the figure's trade and period; empty if neither applies."""
    columns, metric = [column.name for column in table.columns], load_metrics()[identity.metric]
    trade = _choose_trade(identity).build_conditions(columns)
    year = int(identity.period[:4])
    # Growth needs the year before, and so does an exchange rate: that of a January may be of the December before.
    first = year - (metric.is_growth or not trade)
    years = [f"{YEARS[name]} between {first} and {year}" for name in columns if name in YEARS]
    return " and ".join(trade + years[:1])


def _choose_trade(identity: Identity) -> TradeFilter:
    """Choose the trade of a figure: its pair with the world, or for a share all partners of its reporter."""
    sides = (identity.reporter, identity.partner)
    return TradeFilter(sides[:1]) if load_metrics()[identity.metric].is_of_all else TradeFilter(sides, (*sides, "WLD"))


def _choose_rows(table: Rows, identity: Identity, parts: Iterable[Part], *, is_used: bool) -> Rows:
    """Choose the rows of a reference table that a figure needs."""
    is_list = f"reference.{table.name}" == SNAPSHOTS
    kept = {part.snapshot.id for part in parts} if is_list else {*_choose_trade(identity).partners}
    places = [i for i, name in enumerate(table.columns) if name == ("snapshot_id" if is_list else "economy_code")]
    rows = [row for row in table.rows if is_used and all(not kept or row[place] in kept for place in places)]
    return Rows(table.name, table.columns, rows)
