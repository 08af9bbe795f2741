"""Find what a figure needs: the models behind it, and the rows of their inputs for its pair and period.

Here: the models, the rows of snapshots, and the reference tables. Not here: the script that computes the figure from
them (`script`), and the files of a proof (`proof`).

Rows are chosen by the staging tables of the published file, which name the snapshot and the number of each row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from dagster_project.database import format_parquet, open_scratch
from dagster_project.history import SNAPSHOTS, TradeFilter
from dagster_project.metrics import Identity, load_metrics
from dagster_project.models import Model, upstream
from dagster_project.models.selects import list_tables, parse_select
from dagster_project.raw import receive_dataset
from dagster_project.reference.rows import Rows
from dagster_project.report.package import find_terms
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Dataset, list_datasets

if TYPE_CHECKING:
    import duckdb

    from dagster_project.catalog import Catalog
    from dagster_project.raw import RawTable

WORLD = "WLD"
# The SQL of a row's year, by the column that it needs.
YEARS = {"year": "year", "period_start": "year(period_start)"}


@dataclass(frozen=True)
class Scope:
    """The trade and the years to which rows are limited.

    Args:
        trade: The trade.
        first_year: The first year.
        last_year: The last year, which is that of the figure.
    """

    trade: TradeFilter
    first_year: int
    last_year: int

    @classmethod
    def of_figure(cls, identity: Identity) -> Scope:
        """Return the scope of a figure: its pair with the world, or for a share all partners of its reporter."""
        metric, year = load_metrics()[identity.metric], int(identity.period[:4])
        sides = (identity.reporter, identity.partner)
        trade = TradeFilter(sides[:1]) if metric.is_of_all else TradeFilter(sides, (*sides, WORLD))
        return cls(trade, year - 1 if metric.is_growth else year, year)

    def write_conditions(self, columns: Collection[str]) -> list[str]:
        """Write the SQL conditions that a row of a table with these columns is in the scope."""
        trade = self.trade.build_conditions(columns)
        # Exchange rates have no economy; the rate of a January may be of the December before.
        first = self.first_year if trade else self.first_year - 1
        year = next((sql for name, sql in YEARS.items() if name in columns), None)
        return [*trade, *([f"{year} between {first} and {self.last_year}"] if year else [])]


@dataclass(frozen=True)
class Part:
    """The rows of a snapshot that a figure needs.

    Args:
        dataset: The dataset of the snapshot.
        snapshot: The snapshot.
        rows: The rows: the columns of the dataset, the snapshot and the row number.
        is_source: Whether the figure rests on the snapshot.
    """

    dataset: Dataset
    snapshot: Snapshot
    rows: Sequence[Sequence[Any]]
    is_source: bool

    @property
    def path(self) -> str:
        """Return the path of its bytes in a proof."""
        return f"bytes/{self.snapshot.id}/{self.snapshot.manifest.file}"

    @cached_property
    def terms(self) -> Mapping[str, Any]:
        return find_terms(self.snapshot.manifest.licence.name)

    @property
    def is_withheld(self) -> bool:
        """Return whether its terms do not allow passing it on."""
        return not self.terms["is_passed_on"]

    @property
    def is_read(self) -> bool:
        """Return whether a script reads the rows from the bytes: from tables behind the figure, or withheld ones."""
        return self.snapshot.manifest.form == "table" and (self.is_source or self.is_withheld)

    @property
    def row_numbers(self) -> list[int]:
        return sorted(row[-1] for row in self.rows if row[-1] is not None)

    @property
    def written(self) -> list[Sequence[Any]]:
        """Return the rows that a proof has as CSV; the row of a withdrawn figure is in no bytes."""
        return [row for row in self.rows if not self.is_withheld and (row[-1] is None or not self.is_read)]


@dataclass(frozen=True)
class Needs:
    """What the computation of a figure needs.

    Args:
        identity: The ID of the figure.
        scope: The trade and the years to which rows are limited.
        figures: The SELECT of the metric's figures.
        steps: The models, in the order in which they run.
        datasets: The datasets whose raw tables they read.
        parts: The rows of snapshots.
        references: The rows of the reference tables.
    """

    identity: Identity
    scope: Scope
    figures: str
    steps: Sequence[Model]
    datasets: Sequence[Dataset]
    parts: Sequence[Part]
    references: Sequence[Rows]

    @property
    def has_unread(self) -> bool:
        """Return whether rows are withheld that a script cannot read from the bytes either."""
        return any(part.is_withheld and not part.is_read for part in self.parts)

    def list_corrections(self) -> list[dict[str, Any]]:
        """List the corrections of the pair's figures in the year of the figure."""
        sides = {self.identity.reporter, self.identity.partner}
        (table,) = [one for one in self.references if one.name == "corrections"] or [Rows("", {}, [])]
        return [
            one
            for one in (dict(zip(table.columns, row, strict=True)) for row in table.rows)
            if one["reporter_code"] in sides
            and (one["partner_code"] in sides or one["covers_every_partner"])
            and str(one["period_start"]).startswith(self.identity.period[:4])
        ]


class Finder:
    """Finds what figures of a published file need.

    Args:
        catalog: The declarations of the project.
        connection: The published file.
    """

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self.catalog, self.connection = catalog, connection
        self._raws: dict[str, RawTable] = {}

    def find_needs(self, identity: Identity, sources: Collection[str]) -> Needs:
        """Find what a figure needs.

        Args:
            identity: The ID of the figure.
            sources: The snapshots that it rests on.
        """
        models, figures, scope = self.catalog.models, load_metrics()[identity.metric].figures, Scope.of_figure(identity)
        read = list_tables(parse_select(self.connection, figures))
        names = set(read).union(*(upstream(models, name) for name in read))
        datasets = [dataset for dataset in list_datasets() if f"raw.{dataset.table}" in names]
        steps = [model for name, model in models.items() if name in names]
        parts = [
            part for dataset in datasets for part in self._find_parts(dataset, steps, scope, identity.as_of, sources)
        ]
        # A staging table without raw rows has no rows either, whatever code lists it reads.
        filled = {f"raw.{part.dataset.table}" for part in parts}
        idle = {f"raw.{dataset.table}" for dataset in datasets} - filled
        used = set().union(*(step.depends_on for step in steps if not step.depends_on & idle))
        references = [
            self._choose_rows(table, scope, parts, is_used=f"reference.{table.name}" in used)
            for table in self._references
            if f"reference.{table.name}" in names
        ]
        return Needs(identity, scope, figures, steps, datasets, parts, references)

    @cached_property
    def _references(self) -> list[Rows]:
        return self.catalog.reference_tables()

    def _find_parts(
        self, dataset: Dataset, steps: Iterable[Model], scope: Scope, as_of: date, sources: Collection[str]
    ) -> list[Part]:
        """Find the rows of a dataset that the steps read, snapshot by snapshot, as known on the day of the figure."""
        selects = [
            f"select snapshot_id, row_number from {step.name} where {' and '.join(conditions) or 'true'}"
            for step in steps
            if f"raw.{dataset.table}" in step.depends_on
            for conditions in [scope.write_conditions([column.name for column in step.columns])]
        ]
        wanted = self.connection.execute(
            f"select distinct snapshot_id, row_number from ({' union all '.join(selects)}) "
            "where snapshot_id in (select snapshot_id from meta.snapshots where known_from <= $1)",
            [as_of],
        ).fetchall()
        if not wanted:
            return []
        if dataset.table not in self._raws:
            self._raws[dataset.table] = receive_dataset(self.catalog.project, dataset)
        raw = self._raws[dataset.table]
        ids, numbers = zip(*wanted, strict=True)
        with open_scratch() as scratch:
            rows = scratch.execute(
                f"select raw.* from {format_parquet(raw.files)} as raw "
                "inner join (select unnest($1::varchar[]) as snapshot_id, unnest($2::bigint[]) as row_number) "
                "as wanted on raw.snapshot_id = wanted.snapshot_id and raw.row_number is not distinct from wanted.row_number "
                "order by raw.snapshot_id, raw.row_number",
                [list(ids), list(numbers)],
            ).fetchall()
        known = {snapshot.id: snapshot for snapshot in raw.snapshots}
        return [
            Part(dataset, known[snapshot_id], [*group], snapshot_id in sources)
            for snapshot_id, group in groupby(rows, key=lambda row: str(row[-2]))
        ]

    def _choose_rows(self, table: Rows, scope: Scope, parts: Iterable[Part], *, is_used: bool) -> Rows:
        """Choose the rows of a reference table that the figure needs."""
        kept = {"economy_code": {*scope.trade.partners}}
        if f"reference.{table.name}" == SNAPSHOTS:
            kept = {"snapshot_id": {part.snapshot.id for part in parts}}
        wanted = {number: kept[name] for number, name in enumerate(table.columns) if kept.get(name)}
        rows = [row for row in table.rows if is_used and all(row[number] in those for number, those in wanted.items())]
        return Rows(table.name, table.columns, rows)
