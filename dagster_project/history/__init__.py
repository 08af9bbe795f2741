"""Rebuild the warehouse as of a day: a second catalog with the same tables, as they were at the end of that day.

Here: rebuilding each table for a day, and the connection on which SQL sees that day. Not here: the queries (`claims`,
`metrics`, `cli`), or the SQL of models.

A table is rebuilt when it is first needed, and is kept as long as the day's catalog. There are four ways:

- *filtered*: in a table that keeps vintages (`known_from`, `known_to`), rows that became known later are left out, and
  rows replaced later count as still known. Staging tables keep the rows of snapshots known by then. Printed figures
  count from the day on which they were printed; undated ones count on no day.
- *rebuilt*: for a table that depends on those, its model's SELECT runs, unchanged.
- *unchanged*: code lists and policy events have no vintages, and are used as they are.
- *lost*: results of Python analyses, tables made from reference tables that are not published, and everything that
  depends on either raise an error. Today's figures are never used instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from itertools import count
from typing import NamedTuple

import duckdb

from dagster_project.errors import BilateralError
from dagster_project.models import Model
from dagster_project.models.selects import list_table_functions, list_tables, parse_select

# Units of code lists. A table whose columns have only these units has no figure that could have changed.
WORDS = frozenset({"code", "text", "URL", "list", "count", "date", "true/false"})
FIGURES = "core.published_figures"
# The table of snapshots that models read, and the one that is published.
SNAPSHOTS, PUBLISHED_SNAPSHOTS = "reference.snapshots", "meta.snapshots"
KNOWN_FROM, KNOWN_TO, SHOWN_UNTIL = "known_from", "known_to", "shown_until"
NEVER = date.min
# How many days are kept open at once: so many with all trade, and so many with some trade.
KEPT = 12
# The schema of views, whose names need no schema.
VIEWS = "main"
# Table functions that only use their arguments. Any other reads today's catalog, a file, or a table named by a text.
WITHOUT_TABLES = frozenset({"generate_series", "range", "unnest"})

# The ways to rebuild a table as of a day, and the reasons why a table is lost.
WAYS = frozenset({"filtered", "rebuilt", "unchanged"})
NOT_KEPT = "is not kept as it was on earlier days"
COMPUTED = f"is computed by a program and {NOT_KEPT}"
CURRENT = "says which rows are current now, not which were on earlier days"

# Several histories may share one instance of DuckDB, so the names of their catalogs are numbered.
_NUMBERS = count(1)


class NotRebuiltError(BilateralError):
    """A table cannot be rebuilt as of a day; the message names it."""


class TradeFilter(NamedTuple):
    """A limit on observations: only those of these reporters and, if any are named, with these partners."""

    reporters: tuple[str, ...]
    partners: tuple[str, ...] = ()

    def build_conditions(self, columns: Collection[str]) -> list[str]:
        """Build the SQL conditions for a table with these columns."""
        if "economy_code" in columns:
            sides = [("economy_code", self.reporters)]
        elif {"reporter_code", "partner_code"} <= set(columns):
            sides = [("reporter_code", self.reporters), ("partner_code", self.partners)]
        else:
            return []
        lists = [(side, "', '".join(codes)) for side, codes in sides if codes]
        return [f"{side} in ('{codes}')" for side, codes in lists]


class _Day(NamedTuple):
    """A catalog of tables as of a day, with the names of those made so far."""

    catalog: str
    connection: duckdb.DuckDBPyConnection
    made: set[str]


class History:
    """The states of a warehouse at the end of earlier days.

    Args:
        connection: The warehouse. Its instance of DuckDB has the second catalogs, in memory.
        models: Every model that may be queried, by name, in an order in which they can run.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
        self.connection = connection
        self.models = models
        ((self._source,),) = connection.execute("select current_database()").fetchall()
        self._days: dict[tuple[date, TradeFilter | None], _Day] = {}
        self._changes: dict[str, list[date]] = {}
        self._hashes: dict[str, object] = {}

    def close(self) -> None:
        """Drop the second catalogs."""
        while self._days:
            self._drop_catalog(next(iter(self._days)))

    def open_day(
        self, moment: date, tables: Iterable[str], among: TradeFilter | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Open a connection on which tables are as they were at the end of a day, under the same names.

        Args:
            moment: The day.
            tables: The tables that will be read; only they are certain to exist there.
            among: The trade to which observations are limited, which is faster.

        Raises:
            NotRebuiltError: One of the tables cannot be rebuilt.
        """
        needed, day = self._list_needed(tables), self._find_last_change(moment)
        found = self._days.pop((day, among), None) or self._open_catalog()
        self._days[day, among] = found
        for name in needed:
            if name not in found.made:
                self._make_table(found, name, day, among)
        alike = [key for key in self._days if (key[1] is None) == (among is None)]
        if len(alike) > KEPT:
            self._drop_catalog(alike[0])
        return found.connection

    def hash_day(self, moment: date, tables: Iterable[str], among: TradeFilter | None = None) -> str:
        """Hash what determines the tables of `open_day`: the rows known on the day, and the SQL of rebuilt tables."""
        day, parts = self._find_last_change(moment), list[object]()
        for name in self._list_needed(tables):
            model = self.models[name]
            rows = self._write_filtered(name, day, among)
            if model.is_macro or self._ways[name] == "rebuilt":
                parts.append((name, model.fingerprint))
                rows = f"select * from {self._snapshots} where {KNOWN_FROM} <= date '{day}'"
                if SNAPSHOTS not in model.depends_on:
                    continue
            if rows not in self._hashes:
                sql = f"select count(*), sum(hash(found)::hugeint) from ({rows}) as found"
                self._hashes[rows] = self.connection.execute(sql).fetchone()
            parts.append((name, self._hashes[rows]))
        return hashlib.sha256(repr((duckdb.__version__, day, parts)).encode()).hexdigest()

    def list_tables(self, sql: str) -> frozenset[str]:
        """List the tables, views and macros of models that a SELECT reads.

        Raises:
            NotRebuiltError: The text is not a single SELECT, or reads a table that has no state as of a day.
        """
        try:
            nodes = parse_select(self.connection, sql)
        except BilateralError as error:
            raise NotRebuiltError(f"Only a SELECT can run as of a day: {error.message}", remedy=error.remedy) from None
        named = set(list_tables(nodes)) | set(list_table_functions(nodes)) - WITHOUT_TABLES
        named |= {"show" for node in nodes if node.get("type") == "SHOW_REF"}
        known = {name: name if "." in name else f"{VIEWS}.{name}" for name in sorted(named)}
        if unknown := [name for name, full in known.items() if full not in self.models]:
            raise NotRebuiltError(
                f"{unknown[0]} is not kept as of a day.",
                remedy="Read tables of core and marts, which `bilateral tables` lists.",
            )
        return frozenset(known.values())

    def find_newest_day(self) -> date:
        """Return the newest day from which any observation is known."""
        return max((day for name in self._observations for day in self._list_changes(name)), default=NEVER)

    def find_first_day(self, tables: Iterable[str]) -> date | None:
        """Return the first day from which a row of some tables is known; None if their rows do not have such days."""
        filtered = (name for name in self._list_needed(tables) if self._ways[name] == "filtered")
        # An undated figure has the last possible day.
        return min((day for name in filtered for day in self._list_changes(name) if day < date.max), default=None)

    def is_changed_since(self, tables: Iterable[str], moment: date) -> bool:
        """Return whether any of the tables has changed since the end of a day.

        Raises:
            NotRebuiltError: One of the tables cannot be rebuilt.
        """
        filtered = (name for name in self._list_needed(tables) if self._ways[name] == "filtered")
        return any(max(self._list_changes(name), default=NEVER) > moment for name in filtered)

    def list_vintages(
        self, among: TradeFilter, after: date, tables: Iterable[str], years: tuple[int, int] | None = None
    ) -> list[date]:
        """List the days on which figures of some trade became known.

        Args:
            among: The trade.
            after: Only days after this one are listed.
            tables: The tables that depend on the figures.
            years: The first and the last year of the figures; by default any year.
        """
        found: set[date] = set()
        for name in set(self._list_needed(tables)) & set(self._observations):
            columns = _list_columns(self.models[name])
            # Figures of one economy, such as its GDP, are none of a pair's trade.
            is_of_trade = "partner_code" in columns or not among.partners
            if is_of_trade and (conditions := among.build_conditions(columns)):
                if years:
                    year = "year" if "year" in columns else "year(period_start)"
                    conditions.append(f"{year} between {years[0]} and {years[1]}")
                days = self.connection.execute(
                    f"select distinct {KNOWN_FROM} from {name} where {KNOWN_FROM} > $1 and {' and '.join(conditions)}",
                    [after],
                )
                found |= {day for (day,) in days.fetchall()}
        return sorted(found)

    @cached_property
    def _ways(self) -> dict[str, str]:
        """Map each table to the way in which it is rebuilt (`WAYS`), or to the reason why it cannot be."""
        ways: dict[str, str] = {}
        for name, model in self.models.items():
            columns = _list_columns(model)
            reads = {need: ways.get(need, NOT_KEPT) for need in sorted(model.depends_on - {SNAPSHOTS})}
            dated = SNAPSHOTS in model.depends_on or any(need.startswith("analysis.") for need in reads)
            dated |= any(way != "unchanged" for need, way in reads.items() if need in ways and not _is_staging(need))
            # A row whose parts became known on different days is rebuilt from the parts known by then.
            in_parts = any(column.endswith(f"_{KNOWN_FROM}") for column in columns)
            if model.schema == "meta":
                ways[name] = "filtered" if KNOWN_FROM in columns else NOT_KEPT
            elif _is_staging(name) and "snapshot_id" in columns:
                # Whether a row is current is decided over all snapshots, so filtering them would be wrong.
                ways[name] = CURRENT if "is_current" in columns else "filtered"
            elif name == FIGURES or ({KNOWN_FROM, KNOWN_TO} <= columns and not in_parts):
                ways[name] = "filtered"
            elif not dated:
                ways[name] = "unchanged"
            elif reads.keys() <= ways.keys() and WAYS.issuperset(reads.values()):
                ways[name] = "rebuilt"
            elif {column.unit for column in model.columns} <= WORDS:
                ways[name] = "unchanged"
            else:
                need, why = next((need, way) for need, way in reads.items() if way not in WAYS)
                is_computed = need.startswith("analysis.")
                ways[name] = COMPUTED if is_computed else f"depends on {need}, which {why}"
        return ways

    @cached_property
    def _observations(self) -> list[str]:
        """List the tables with `known_from` and `known_to`, the days between which a row was known."""
        return [name for name, model in self.models.items() if {KNOWN_FROM, KNOWN_TO} <= _list_columns(model)]

    @cached_property
    def _all_changes(self) -> set[date]:
        dated = {FIGURES, PUBLISHED_SNAPSHOTS, *self._observations} & self.models.keys()
        return {day for name in dated for day in self._list_changes(name)}

    def _find_last_change(self, moment: date) -> date:
        """Return the last day up to a moment on which anything changed; days without changes share a catalog."""
        return max((one for one in self._all_changes if one <= moment), default=NEVER)

    def _list_changes(self, name: str) -> list[date]:
        """List the days from which rows of a filtered table are known."""
        if name not in self._changes:
            column, table = KNOWN_FROM, name
            if name == FIGURES:
                # An undated figure is in the table now, but counts as known on no earlier day.
                column = f"coalesce(published_on, date '{date.max}')"
            elif name == PUBLISHED_SNAPSHOTS:
                table = self._snapshots
            elif _is_staging(name):
                table = f"{self._snapshots} where snapshot_id in (select snapshot_id from {name})"
            rows = self.connection.execute(f"select distinct {column} from {table}").fetchall()
            self._changes[name] = [day for (day,) in rows if day is not None]
        return self._changes[name]

    @cached_property
    def _snapshots(self) -> str:
        """Return the name of the table of snapshots, which differs between a build's work file and a published file."""
        found = self.connection.execute("select 1 from duckdb_databases() where database_name = 'reference'").fetchone()
        return SNAPSHOTS if found else f'"{self._source}".{PUBLISHED_SNAPSHOTS}'

    def _list_needed(self, tables: Iterable[str]) -> list[str]:
        """List the tables that the catalog of a day needs, in an order in which they can be made."""
        waiting, needed = [*tables], set[str]()
        while waiting:
            name = waiting.pop()
            if name in needed or name not in self.models:
                continue
            needed.add(name)
            way = self._ways[name]
            if way == "rebuilt":
                waiting += self.models[name].depends_on
            if way not in WAYS:
                raise NotRebuiltError(
                    f"{name} {way}.", remedy="Read it without a day, or read a table of core that keeps vintages."
                )
        return [name for name in self.models if name in needed]

    def _open_catalog(self) -> _Day:
        catalog = f"as_of_{next(_NUMBERS)}"
        connection = self.connection.cursor()
        connection.execute(f"attach ':memory:' as {catalog}")
        connection.execute(f"use {catalog}")
        return _Day(catalog, connection, set())

    def _drop_catalog(self, key: tuple[date, TradeFilter | None]) -> None:
        day = self._days.pop(key)
        day.connection.close()
        self.connection.execute(f"detach {day.catalog}")

    def _make_table(self, found: _Day, name: str, day: date, among: TradeFilter | None) -> None:
        """Make a table in the catalog of a day; the tables that it reads are already there."""
        found.connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        model = self.models[name]
        if model.is_macro:
            made = f"macro {name}({', '.join(model.parameters)}) as table {model.select}"
        elif self._ways[name] == "rebuilt":
            # Parsing SQL takes long to import.
            from dagster_project.models.expansion import replace_tables

            known = {SNAPSHOTS: f"select * from {self._snapshots} where {KNOWN_FROM} <= date '{day}'"}
            select = replace_tables(model.select, known) if SNAPSHOTS in model.depends_on else model.select
            made = f"table {name} as {select}"
        else:
            # A view passes conditions on to the table; limited trade is small enough to copy.
            kind = "view" if among is None or name not in self._observations else "table"
            made = f"{kind} {name} as {self._write_filtered(name, day, among)}"
        found.connection.execute(f"create {made}")
        found.made.add(name)

    def _write_filtered(self, name: str, day: date, among: TradeFilter | None) -> str:
        """Write the SELECT of a table of the warehouse, without rows that were not yet known on a day."""
        at, source, columns = f"date '{day}'", f'"{self._source}".{name}', _list_columns(self.models[name])
        if self._ways[name] == "unchanged":
            return f"select * from {source}"
        if _is_staging(name):
            known = f"select snapshot_id from {self._snapshots} where {KNOWN_FROM} <= {at}"
            return f"select * from {source} where snapshot_id in ({known})"
        since = "published_on" if name == FIGURES else KNOWN_FROM
        told = {
            KNOWN_TO: f"case when {KNOWN_TO} <= {at} then {KNOWN_TO} end",
            # A later release may also have shown the figure, which was not yet known.
            SHOWN_UNTIL: f"least({SHOWN_UNTIL}, {at})",
        }
        replaced = ", ".join(f"{what} as {column}" for column, what in told.items() if column in columns)
        where = [f"{since} <= {at}", *(among.build_conditions(columns) if among and name != FIGURES else ())]
        return f"select *{f' replace ({replaced})' if replaced else ''} from {source} where {' and '.join(where)}"


def _is_staging(name: str) -> bool:
    return name.startswith("staging.")


def _list_columns(model: Model) -> set[str]:
    return {column.name for column in model.columns}
