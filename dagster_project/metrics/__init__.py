"""Metrics: what a figure is called wherever it is shown, and which figures bear the name, now and as of a day.

Here: identities, and looking figures up by them. Not here: the files of metrics (`catalogue`), how a figure is cited
(`report.citing`), how it is drawn, and no figure: those are in core.

An identity is `metric/reporter/partner/period@YYYY-MM-DD`: the figure as it was known at the end of that day. A metric
of many items names one after a point (`product_exports.8542`); one without a partner has `-` in its place. The day is
the one from which the figure is known: an identity stays the same until the figure is revised, and any later warehouse
finds it again among the vintages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.history import TradeFilter
from dagster_project.metrics.catalogue import FOLDER, NOBODY, Metric, find_metric, is_item, load_metrics

if TYPE_CHECKING:
    import duckdb

    from dagster_project.history import History

__all__ = [
    "NOBODY",
    "Figure",
    "Identity",
    "Metric",
    "describe_coverage",
    "find_metric",
    "is_item",
    "list_shown_figures",
    "load_metrics",
    "parse_identity",
    "read_current_figures",
    "read_figures",
    "read_past_figures",
]

# Amounts that differ by less are one: what adds up months comes to the same but for the last digit of a double.
SAME_USD = 0.5
_IDENTITY = re.compile(
    r"(?P<metric>[a-z_]+)(\.(?P<item>[A-Za-z0-9_.]+))?/(?P<reporter>[A-Z0-9]{2,4})/(?P<partner>[A-Z0-9]{2,4}|-)"
    r"/(?P<period>\d{4}(-(0[1-9]|1[0-2]))?)@(?P<as_of>\d{4}-\d{2}-\d{2})"
)


@dataclass(frozen=True, order=True)
class Identity:
    """The name of a figure as it was known at the end of a day."""

    metric: str
    item: str | None
    reporter: str
    partner: str
    period: str
    as_of: date

    @property
    def undated(self) -> Identity:
        """The same on no day."""
        return replace(self, as_of=date.min)

    def __str__(self) -> str:
        item = f".{self.item}" if self.item else ""
        return f"{self.metric}{item}/{self.reporter}/{self.partner}/{self.period}@{self.as_of}"


@dataclass(frozen=True)
class Figure:
    """A figure under its identity, with what it rests on."""

    identity: Identity
    value: float
    observation_status: str
    snapshot_ids: tuple[str, ...]

    @property
    def id(self) -> str:
        return str(self.identity)

    def is_value(self, value: float | None) -> bool:
        """Return whether an amount in US$ is this figure; another reading, such as a printed one, is none."""
        return value is not None and abs(self.value - value) < SAME_USD


def parse_identity(text: str) -> Identity:
    """Parse the identity of a figure.

    Raises:
        BilateralError: It is none, or of a metric that there is not.
    """
    match = _IDENTITY.fullmatch(text.strip())
    known = load_metrics()
    if match is None:
        raise BilateralError(
            f"{text} is no identity of a figure.",
            remedy="It is metric/reporter/partner/period@day, such as balance/KOR/CHN/2023@2026-08-20.",
        )
    metric = known.get(match["metric"])
    if metric is None:
        raise BilateralError(f"There is no metric {match['metric']}.", remedy=f"There are {', '.join(known)}.")
    if not metric.figures:
        raise BilateralError(f"{metric.name} has no figures.", remedy="It is for claims: see `bilateral metrics`.")
    if not is_item(metric, match["item"]):
        raise BilateralError(
            f"{metric.name} has no item {match['item'] or '(none is named)'}.",
            remedy=f"{metric.what} It is {metric.name}.ITEM, and an item reads as {metric.item}."
            if metric.item
            else f"Leave it out: {metric.what}",
        )
    if metric.has_partner == (match["partner"] == NOBODY):
        raise BilateralError(
            f"{metric.name} is {'between two economies' if metric.has_partner else 'of one economy'}.",
            remedy="Name the partner." if metric.has_partner else f"Write {NOBODY} for the partner.",
        )
    try:
        day = date.fromisoformat(match["as_of"])
    except ValueError as error:
        raise BilateralError(f"{match['as_of']} is no day.", remedy="Write it as 2026-01-31.") from error
    return Identity(metric.name, match["item"], match["reporter"], match["partner"], match["period"], day)


def read_figures(
    connection: duckdb.DuckDBPyConnection,
    metric: Metric,
    reporter: str | None = None,
    partner: str | None = None,
    *,
    item: str | None = None,
) -> list[Figure]:
    """Read the figures of a metric as they are known now, by reporter, partner, item and period.

    A metric for claims alone has none.

    Args:
        connection: A published file.
        metric: The metric.
        reporter: Whose statistics; everyone's without it.
        partner: With whom, `NOBODY` if the metric is of one economy; with everyone without it.
        item: One item; all of them without it.
    """
    if not metric.figures:
        return []
    asked = {"reporter_code": reporter, "partner_code": partner, "item": item}
    given = {column: value for column, value in asked.items() if value is not None}
    where = " and ".join(f"{column} = ${column}" for column in given)
    return list(_read_rows(connection, metric.name, _select_figures(metric), where or "true", given))


def read_current_figures(
    connection: duckdb.DuckDBPyConnection, identities: Iterable[Identity]
) -> dict[Identity, Figure]:
    """Read figures as they are known now, by identities without their days; leave out those that are no more.

    Args:
        connection: A published file.
        identities: The figures; their days do not matter.
    """
    groups: dict[str, list[Identity]] = {}
    for identity in identities:
        groups.setdefault(identity.metric, []).append(identity)
    return {
        figure.identity.undated: figure
        for name, group in groups.items()
        for figure in _read_rows(connection, name, _select_figures(load_metrics()[name]), *_match_identities(group))
    }


def read_past_figures(history: History, identities: Iterable[Identity]) -> dict[Identity, Figure]:
    """Look up figures as they were known at the end of their days, by identity; leave out those that nobody knew.

    Args:
        history: The states of a published file.
        identities: The figures. Those of one metric and day are asked for at once.
    """
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
    """Return the trade on which alone figures of goods rest; None for what looks at other partners, or at services."""
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
    """Build the SQL condition "the figure has one of these identities", whatever its day."""
    given = {
        "reporters": sorted({identity.reporter for identity in identities}),
        "partners": sorted({identity.partner for identity in identities}),
        "names": sorted({f"{one.item or ''}/{one.reporter}/{one.partner}/{one.period}" for one in identities}),
    }
    # The first two are quick to look up, and the third says it all.
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
    """Describe the coverage of a metric's goods in years (`coverage.sql`), the latest first."""
    if metric.domain != "goods" or metric.item:
        return []
    pair = (partner, reporter) if metric.name == "balance_mirror" else (reporter, partner)
    given = {"reporter": pair[0], "partner": pair[1], "flow": metric.flow, "years": list(years)}
    return fetch_records(connection, (FOLDER / "coverage.sql").read_text(encoding="utf-8"), given)


def list_shown_figures(
    connection: duckdb.DuckDBPyConnection, question: str, rows: Sequence[Mapping[str, Any]], reporter: str, partner: str
) -> list[dict[str, Any]]:
    """List the ids of the figures in the rows of an answer, by year and column; most answers hold other values."""
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
