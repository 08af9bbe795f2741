"""Read figures by their IDs, as known now or at the end of a day.

An ID is `metric/reporter/partner/period@day`, for example `balance/KOR/CHN/2023@2026-08-20`: the figure as it was known
at the end of the day. In IDs that this package writes, the day is the first on which the figure was known. So the ID
stays the same until the figure is revised, and later warehouses find the figure among its vintages. A point separates
the metric from an item, such as a product (`product_exports.8542`); a metric of one economy has `-` as the partner.

Not here: the files of metrics (`catalogue`), citing a figure (`report.citing`), and the figures themselves (core).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError, raise_fault
from dagster_project.history import History, TradeFilter
from dagster_project.metrics.catalogue import FOLDER, NOBODY, Metric, find_metric, load_metrics, require_item

__all__ = ["NOBODY", "Metric", "find_metric", "load_metrics"]

# Amounts in US$ that differ by less are equal: sums of months have rounding errors.
SAME_USD = 0.5
_IDENTITY = re.compile(
    r"(?P<metric>[a-z_]+)(\.(?P<item>[A-Za-z0-9_.]+))?/(?P<reporter>[A-Z0-9]{2,4})/(?P<partner>[A-Z0-9]{2,4}|-)"
    r"/(?P<period>\d{4}(-(0[1-9]|1[0-2]))?)@(?P<as_of>\d{4}-\d{2}-\d{2})"
)


@dataclass(frozen=True, order=True)
class Identity:
    """The ID of a figure as it was known at the end of the day `as_of`."""

    metric: str
    item: str | None
    reporter: str
    partner: str
    period: str
    as_of: date

    @property
    def undated(self) -> Identity:
        """Return the ID with the earliest possible day, so that all vintages of a figure have the same ID."""
        return replace(self, as_of=date.min)

    def __str__(self) -> str:
        item = f".{self.item}" if self.item else ""
        return f"{self.metric}{item}/{self.reporter}/{self.partner}/{self.period}@{self.as_of}"


@dataclass(frozen=True)
class Figure:
    """A figure with its ID, its status and its snapshots."""

    identity: Identity
    value: float
    observation_status: str
    snapshot_ids: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.identity)

    def is_value(self, value: float | None) -> bool:
        """Return whether an amount in US$ equals this figure."""
        return value is not None and abs(self.value - value) < SAME_USD


def parse_identity(text: str) -> Identity:
    """Parse the ID of a figure.

    Raises:
        BilateralError: The text is not an ID; or the metric is unknown, has no figures, or has no such item or partner.
    """
    match = _IDENTITY.fullmatch(text.strip())
    known = load_metrics()
    if match is None:
        remedy = "Write metric/reporter/partner/period@day, such as balance/KOR/CHN/2023@2026-08-20."
        raise BilateralError(f"{text} is not the ID of a figure.", remedy=remedy)
    metric = known.get(match["metric"])
    if metric is None:
        raise BilateralError(f"There is no metric {match['metric']}.", remedy=f"The metrics are {', '.join(known)}.")
    raise_fault(
        (not metric.figures, f"{metric.name} has no figures.", "`bilateral metrics` lists metrics with figures.")
    )
    require_item(metric, match["item"])
    has, put, old = ("needs a", "its code", NOBODY) if metric.has_partner else ("has no", NOBODY, "the partner")
    is_wrong = metric.has_partner == (match["partner"] == NOBODY)
    raise_fault((is_wrong, f"The metric {metric.name} {has} partner.", f"Write {put} in place of {old}."))
    try:
        day = date.fromisoformat(match["as_of"])
    except ValueError as error:
        raise BilateralError(f"{match['as_of']} is not a valid day.", remedy="Write it as 2026-01-31.") from error
    return Identity(metric.name, match["item"], match["reporter"], match["partner"], match["period"], day)


def read_figures(
    connection: duckdb.DuckDBPyConnection,
    metric: Metric,
    reporter: str | None = None,
    partner: str | None = None,
    *,
    item: str | None = None,
) -> list[Figure]:
    """Read the current figures of a metric from a published file, by reporter, partner, item and period.

    By default they are about every reporter, partner and item. The partner is `NOBODY` in a metric of one economy.
    """
    # A metric that is only for claims has no figures.
    if not metric.figures:
        return []
    asked = {"reporter_code": reporter, "partner_code": partner, "item": item}
    given = {column: value for column, value in asked.items() if value is not None}
    where = " and ".join(f"{column} = ${column}" for column in given)
    return list(_read_rows(connection, metric.name, _select_figures(metric), where or "true", given))


def read_current_figures(
    connection: duckdb.DuckDBPyConnection, identities: Iterable[Identity]
) -> dict[Identity, Figure]:
    """Read the current figures with these IDs, whatever their days, by `undated` ID; leave out those that are gone."""
    groups: dict[str, list[Identity]] = {}
    for identity in identities:
        groups.setdefault(identity.metric, []).append(identity)
    return {
        figure.identity.undated: figure
        for name, group in groups.items()
        for figure in _read_rows(connection, name, _select_figures(load_metrics()[name]), *_match_identities(group))
    }


def read_past_figures(history: History, identities: Iterable[Identity]) -> dict[Identity, Figure]:
    """Read figures by ID, each as known at the end of the day in its ID; leave out figures not known then."""
    groups: dict[tuple[str, date], list[Identity]] = {}
    for identity in identities:
        groups.setdefault((identity.metric, identity.as_of), []).append(identity)
    found = {}
    for (name, day), group in groups.items():
        metric = load_metrics()[name]
        sql = _select_figures(metric)
        connection = history.open_day(day, history.list_tables(sql) | {"meta.snapshots"}, _choose_trade(metric, group))
        for figure in _read_rows(connection, name, sql, *_match_identities(group)):
            identity = replace(figure.identity, as_of=day)
            found[identity] = replace(figure, identity=identity)
    return found


def _choose_trade(metric: Metric, identities: Iterable[Identity]) -> TradeFilter | None:
    """Make a filter of the goods trade on which figures depend; None if they depend on other trade, too."""
    if metric.domain != "goods" or metric.is_of_all or not metric.has_partner:
        return None
    sides = tuple(sorted({side for one in identities for side in (one.reporter, one.partner)}))
    return TradeFilter(sides, tuple(dict.fromkeys((*sides, "WLD"))))


def _select_figures(metric: Metric) -> str:
    item = "item" if metric.item else "cast(null as varchar) as item"
    return (
        f"select reporter_code, partner_code, {item}, period, value, observation_status, known_from, snapshot_ids\n"
        f"from (\n{metric.figures}\n) as figures"
    )


def _match_identities(identities: Sequence[Identity]) -> tuple[str, dict[str, Any]]:
    """Build the SQL condition that a figure has one of these IDs, whatever the day, and the condition's parameters."""
    given = {
        "reporters": sorted({identity.reporter for identity in identities}),
        "partners": sorted({identity.partner for identity in identities}),
        "names": sorted({f"{one.item or ''}/{one.reporter}/{one.partner}/{one.period}" for one in identities}),
    }
    # The first two conditions are fast to look up; the third alone would suffice.
    where = (
        "list_contains($reporters, reporter_code) and list_contains($partners, partner_code) and "
        "list_contains($names, concat(item, '/', reporter_code, '/', partner_code, '/', period))"
    )
    return where, given


def _read_rows(
    connection: duckdb.DuckDBPyConnection, name: str, text: str, where: str, given: Mapping[str, Any]
) -> Iterator[Figure]:
    rows = connection.execute(
        f"from ({text}) where {where} order by reporter_code, partner_code, item, period", given or None
    ).fetchall()
    days: dict[str, date] = {}
    if any(row[6] is None for row in rows):
        days = dict(connection.execute("select snapshot_id, known_from from meta.snapshots").fetchall())
    for reporter, partner, item, period, value, status, known_from, snapshot_ids in rows:
        ids = tuple(sorted({snapshot for snapshot in snapshot_ids if snapshot}))
        day = known_from or max(days[snapshot] for snapshot in ids)
        yield Figure(Identity(name, item, reporter, partner, period, day), float(value), status, ids)


def describe_coverage(
    connection: duckdb.DuckDBPyConnection, metric: Metric, reporter: str, partner: str | None, years: Iterable[int]
) -> list[dict[str, Any]]:
    """Describe how complete a metric's goods figures are in each of `years`, the latest first (`coverage.sql`)."""
    if metric.domain != "goods" or metric.item or metric.name.endswith("_cif"):
        return []
    pair = (partner, reporter) if metric.name == "balance_mirror" else (reporter, partner)
    given = {"reporter": pair[0], "partner": pair[1], "flow": metric.flow, "years": list(years)}
    return fetch_records(connection, (FOLDER / "coverage.sql").read_text(encoding="utf-8"), given)


def list_shown_figures(
    connection: duckdb.DuckDBPyConnection, question: str, rows: Sequence[Mapping[str, Any]], reporter: str, partner: str
) -> list[dict[str, Any]]:
    """List the IDs of the figures in an answer's rows, each with its year and column."""
    found = []
    columns = {one.answers[question]: one for one in load_metrics().values() if question in one.answers}
    for column, metric in columns.items():
        if column not in rows[0]:
            continue
        known = {one.identity.period: one for one in read_figures(connection, metric, reporter, partner)}
        for row in rows:
            is_part = row.get("to_month") and "to_date" in column
            figure = known.get(f"{row['year']}-{row['to_month']:02}" if is_part else str(row["year"]))
            if figure is not None and figure.is_value(row[column]):
                found.append({"year": row["year"], "column": column, "id": figure.id})
    return found
