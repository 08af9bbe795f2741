"""Compute the newest period of each dataset, and the days on which the next release becomes due and becomes late.

Here: the rows of `meta.freshness`, and the status of a dataset on a day. Not here: the calendars of publishers
(`sources.calendar`), and the reasons for late figures (`refresh.state`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import duckdb

from dagster_project import sources
from dagster_project.models import Model
from dagster_project.publication import meta
from dagster_project.reference.rows import Rows

Freshness = Literal["fresh", "due", "late", "no calendar"]
# The units of columns without measures.
NO_MEASURE = frozenset({"code", "text", "date", "year", "count", "list", "true/false", "time", "URL"})


@dataclass(frozen=True)
class NewestPeriod:
    """A row of `meta.freshness`: a dataset's newest period, and when the next one becomes due and when late."""

    source: str
    dataset: str
    frequency: str
    reporter_code: str | None
    newest_period: str
    next_period: str
    due_on: date | None
    late_from: date | None
    is_live: bool

    @property
    def path(self) -> str:
        """The name of the dataset, `source/name`."""
        return f"{self.source}/{self.dataset}"

    def get_status(self, day: date) -> Freshness:
        """Return the status on a day: `due` from the usual release day on, `late` after the usual delay."""
        if self.due_on is None or self.late_from is None:
            return "no calendar"
        return "fresh" if day < self.due_on else "due" if day < self.late_from else "late"


def make_rows(connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> Rows:
    """Make the rows of `meta.freshness`, one for each dataset, frequency and reporter in the staging tables."""
    rows: list[tuple[object, ...]] = []
    for dataset in (one for one in sources.list_datasets() if f"staging.{one.table}" in models):
        model = models[f"staging.{dataset.table}"]
        names = {column.name for column in model.columns}
        measure = next((column.name for column in model.columns if column.unit not in NO_MEASURE), None)
        period = next((name for name in ("period_start", "year") if name in names), None)
        if measure is None or period is None or not {"period_end", "year"} & names:
            continue
        releases = sources.find_source(dataset.source).releases
        frequency = "frequency" if "frequency" in names else "'A'" if period == "year" else "'M'"
        reporter = "reporter_code" if "reporter_code" in names else "null"
        newest = connection.execute(
            f"select {frequency} as frequency, {reporter} as reporter_code, max({period}) "
            f"from {model.name} where {measure} is not null group by all having count(*) > 0 order by all"
        )
        for found, economy, last in newest.fetchall():
            held = str(last)[:7] if found == "M" else str(last)[:4]
            following = get_next_period(held)
            due = releases.find_due_day(following) if releases else None
            late = due + timedelta(days=releases.grace) if due and releases else None
            about = dataset.source, dataset.name, found, economy
            rows.append((*about, held, following, due, late, sources.is_live(dataset.path)))
    return meta.FRESHNESS.make_rows(rows)


def get_next_period(period: str) -> str:
    """Return the period after the given one, as YYYY or YYYY-MM."""
    if len(period) == 4:
        return str(int(period) + 1)
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]), 12)
    return f"{year}-{month + 1:02}"


def read_freshness(connection: duckdb.DuckDBPyConnection) -> list[NewestPeriod]:
    """Read `meta.freshness` of a published file."""
    return [NewestPeriod(*row) for row in connection.execute("from meta.freshness").fetchall()]
