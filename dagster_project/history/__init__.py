"""Rebuild the warehouse as of a day: a second DuckDB catalog with the same tables, as they were at the end of that day.

A table is rebuilt when it is first needed, and stays in the day's catalog. A table has one of four states:

- *filtered*: a table that keeps vintages (`known_from`, `known_to`) loses the rows that became known after the day.
  A row that was replaced only later counts as known. A staging table keeps the rows of snapshots known on the day.
  A figure from a printed source counts from the day of printing; without a day, it never counts.
- *rebuilt*: the SELECT of a model that reads filtered or rebuilt tables runs again, unchanged.
- *unchanged*: code lists and policy events have no vintages, and are used as they are.
- *lost*: results of Python analyses, tables made from unpublished reference tables, and all tables made from these
  cannot be rebuilt. Reading a lost table raises an error; today's figures are never used instead.

Not here: the queries on a day (`claims`, `metrics`, `cli`), and the SQL of models.
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
from dagster_project.models import VIEWS, Model
from dagster_project.models.selects import list_table_functions, list_tables, parse_select

# The units of code lists. A table with only these units has no figures, which could have changed.
CODE_LIST_UNITS = frozenset({"code", "text", "URL", "list", "count", "date", "true/false"})
FIGURES = "core.published_figures"
# The table of snapshots that models read, and the one that is published.
SNAPSHOTS, PUBLISHED_SNAPSHOTS = "reference.snapshots", "meta.snapshots"
KNOWN_FROM, KNOWN_TO, SHOWN_UNTIL = "known_from", "known_to", "shown_until"
NEVER = date.min
# The most catalogs of days that stay open with all trade, and the most with filtered trade, which take less memory.
OPEN_DAYS, FILTERED_DAYS = 12, 60
# Table functions that read no table. Any other may read today's tables or a file.
WITHOUT_TABLES = frozenset({"generate_series", "range", "unnest"})

# The ways to rebuild a table as of a day, and the reasons why a table is lost.
WAYS = frozenset({"filtered", "rebuilt", "unchanged"})
NOT_KEPT = "is not kept as it was on earlier days"
COMPUTED = f"is computed by a program and {NOT_KEPT}"
IS_CURRENT = "says which rows are current now, not which were on earlier days"

# Catalogs have numbered names, because several histories may share one instance of DuckDB.
_NUMBERS = count(1)


class NotRebuiltError(BilateralError):
    """An error about a table that cannot be rebuilt as of a day."""


class TradeFilter(NamedTuple):
    """A filter of observations by reporter, and by partner if `partners` is not empty."""

    reporters: tuple[str, ...]
    partners: tuple[str, ...] = ()

    def build_conditions(self, columns: Collection[str]) -> list[str]:
        """Build the SQL conditions of the filter for a table with `columns`; none if no column names an economy."""
        if "economy_code" in columns:
            sides = [("economy_code", self.reporters)]
        elif {"reporter_code", "partner_code"} <= set(columns):
            sides = [("reporter_code", self.reporters), ("partner_code", self.partners)]
        else:
            return []
        lists = [(side, "', '".join(codes)) for side, codes in sides if codes]
        return [f"{side} in ('{codes}')" for side, codes in lists]


class _Day(NamedTuple):
    """A catalog of tables as of a day, with the names of the tables made so far (`made`)."""

    catalog: str
    connection: duckdb.DuckDBPyConnection
    made: set[str]


class History:
    """The warehouse as it was at the end of earlier days.

    Args:
        connection: The warehouse. The catalogs of days are in memory in the same instance of DuckDB.
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
        """Drop the catalogs of all days."""
        while self._days:
            self._drop_catalog(next(iter(self._days)))

    def open_day(
        self, moment: date, tables: Iterable[str], trade: TradeFilter | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Open a connection whose tables, under their usual names, are as they were at the end of a day.

        Args:
            moment: The day.
            tables: The tables that the connection needs; other tables may be missing.
            trade: A filter of observations, which makes rebuilding faster; None for all observations.

        Raises:
            NotRebuiltError: One of the tables cannot be rebuilt.
        """
        needed, day = self._list_needed(tables), self._find_last_change(moment)
        found = self._days.pop((day, trade), None) or self._open_catalog()
        self._days[day, trade] = found
        for name in needed:
            if name not in found.made:
                self._make_table(found, name, day, trade)
        alike = [key for key in self._days if (key[1] is None) == (trade is None)]
        if len(alike) > (OPEN_DAYS if trade is None else FILTERED_DAYS):
            self._drop_catalog(alike[0])
        return found.connection

    def hash_day(self, moment: date, tables: Iterable[str], trade: TradeFilter | None = None) -> str:
        """Hash the inputs of the tables of `open_day`: the rows known on the day, and the SQL of rebuilt tables."""
        day, parts = self._find_last_change(moment), list[object]()
        for name in self._list_needed(tables):
            model = self.models[name]
            rows = self._write_filtered(name, day, trade)
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
            NotRebuiltError: The text is not a single SELECT, or reads a table that cannot be rebuilt as of a day.
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
                f"{unknown[0]} cannot be read as of a day.",
                remedy="Read tables of core and marts, which `bilateral tables` lists.",
            )
        return frozenset(known.values())

    def find_newest_day(self) -> date:
        """Return the last day on which any observation became known."""
        return max((day for name in self._observations for day in self._list_changes(name)), default=NEVER)

    def find_first_day(self, tables: Iterable[str]) -> date | None:
        """Return the first day on which any row of the tables was known; None if their rows have no days."""
        filtered = (name for name in self._list_needed(tables) if self._ways[name] == "filtered")
        # A printed figure without a day has the last possible day.
        return min((day for name in filtered for day in self._list_changes(name) if day < date.max), default=None)

    def is_changed_since(self, tables: Iterable[str], moment: date) -> bool:
        """Return whether any of the tables has changed since the end of a day.

        Raises:
            NotRebuiltError: One of the tables cannot be rebuilt.
        """
        filtered = (name for name in self._list_needed(tables) if self._ways[name] == "filtered")
        return any(max(self._list_changes(name), default=NEVER) > moment for name in filtered)

    def list_vintages(
        self, trade: TradeFilter, after: date, tables: Iterable[str], years: tuple[int, int] | None = None
    ) -> list[date]:
        """List the days on which figures of filtered trade became known.

        Args:
            trade: The filter of observations.
            after: The day after which days are listed.
            tables: The tables that depend on the figures.
            years: The first and the last year of the figures; by default any year.
        """
        found: set[date] = set()
        for name in set(self._list_needed(tables)) & set(self._observations):
            columns = self.models[name].column_names
            # A filter with partners excludes figures of one economy, such as its GDP.
            is_of_trade = "partner_code" in columns or not trade.partners
            if is_of_trade and (conditions := trade.build_conditions(columns)):
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
        """Map each table to its way of rebuilding (one of `WAYS`), or to the reason why it cannot be rebuilt."""
        ways: dict[str, str] = {}
        for name, model in self.models.items():
            columns = model.column_names
            reads = {need: ways.get(need, NOT_KEPT) for need in sorted(model.depends_on - {SNAPSHOTS})}
            dated = SNAPSHOTS in model.depends_on or any(need.startswith("analysis.") for need in reads)
            dated |= any(way != "unchanged" for need, way in reads.items() if need in ways and not _is_staging(need))
            # A row of parts that became known on different days is rebuilt from the parts known by then.
            in_parts = any(column.endswith(f"_{KNOWN_FROM}") for column in columns)
            if model.schema == "meta":
                ways[name] = "filtered" if KNOWN_FROM in columns else NOT_KEPT
            elif _is_staging(name) and "snapshot_id" in columns:
                # `is_current` compares all snapshots of today, so it would be wrong on an earlier day.
                ways[name] = IS_CURRENT if "is_current" in columns else "filtered"
            elif name == FIGURES or ({KNOWN_FROM, KNOWN_TO}.issubset(columns) and not in_parts):
                ways[name] = "filtered"
            elif not dated:
                ways[name] = "unchanged"
            elif reads.keys() <= ways.keys() and WAYS.issuperset(reads.values()):
                ways[name] = "rebuilt"
            elif {column.unit for column in model.columns} <= CODE_LIST_UNITS:
                ways[name] = "unchanged"
            else:
                need, why = next((need, way) for need, way in reads.items() if way not in WAYS)
                is_computed = need.startswith("analysis.")
                ways[name] = COMPUTED if is_computed else f"depends on {need}, which {why}"
        return ways

    @cached_property
    def _observations(self) -> list[str]:
        """List the tables with `known_from` and `known_to`, between which a row was known."""
        return [name for name, model in self.models.items() if {KNOWN_FROM, KNOWN_TO}.issubset(model.column_names)]

    @cached_property
    def _all_changes(self) -> set[date]:
        dated = {FIGURES, PUBLISHED_SNAPSHOTS, *self._observations} & self.models.keys()
        return {day for name in dated for day in self._list_changes(name)}

    def _find_last_change(self, moment: date) -> date:
        """Return the last day up to `moment` on which a row became known; no table changed from then to `moment`."""
        return max((one for one in self._all_changes if one <= moment), default=NEVER)

    def _list_changes(self, name: str) -> list[date]:
        """List the days on which rows of a table became known, by `known_from` of the rows or of their snapshots."""
        if name not in self._changes:
            column, table = KNOWN_FROM, name
            if name == FIGURES:
                # A printed figure without a day counts as known on no earlier day.
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
        """Return the name of the table of snapshots: `reference.snapshots` in a build, otherwise `meta.snapshots`."""
        found = self.connection.execute("select 1 from duckdb_databases() where database_name = 'reference'").fetchone()
        return SNAPSHOTS if found else f'"{self._source}".{PUBLISHED_SNAPSHOTS}'

    def _list_needed(self, tables: Iterable[str]) -> list[str]:
        """List `tables` and all tables from which they must be rebuilt, in the order in which they can be made."""
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
                raise NotRebuiltError(f"{name} {way}.", remedy="Leave out the day, or read another table of core.")
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

    def _make_table(self, found: _Day, name: str, day: date, trade: TradeFilter | None) -> None:
        """Make a table in the catalog of a day, which already has the tables that it reads."""
        found.connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        model = self.models[name]
        if model.is_macro:
            made = f"macro {name}({', '.join(model.parameters)}) as table {model.select}"
        elif self._ways[name] == "rebuilt":
            # Import late: the SQL parser takes long to import.
            from dagster_project.models.expansion import replace_tables

            known = {SNAPSHOTS: f"select * from {self._snapshots} where {KNOWN_FROM} <= date '{day}'"}
            select = replace_tables(model.select, known) if SNAPSHOTS in model.depends_on else model.select
            made = f"table {name} as {select}"
        else:
            # A view leaves conditions to the original table; filtered observations are few enough to copy.
            kind = "view" if trade is None or name not in self._observations else "table"
            made = f"{kind} {name} as {self._write_filtered(name, day, trade)}"
        found.connection.execute(f"create {made}")
        found.made.add(name)

    def _write_filtered(self, name: str, day: date, trade: TradeFilter | None) -> str:
        """Write the SELECT of a table's rows that were known on a day."""
        at, source, columns = f"date '{day}'", f'"{self._source}".{name}', self.models[name].column_names
        if self._ways[name] == "unchanged":
            return f"select * from {source}"
        if _is_staging(name):
            known = f"select snapshot_id from {self._snapshots} where {KNOWN_FROM} <= {at}"
            return f"select * from {source} where snapshot_id in ({known})"
        since = "published_on" if name == FIGURES else KNOWN_FROM
        told = {
            KNOWN_TO: f"case when {KNOWN_TO} <= {at} then {KNOWN_TO} end",
            # On that day, a later release that shows the figure was not yet known.
            SHOWN_UNTIL: f"least({SHOWN_UNTIL}, {at})",
        }
        replaced = ", ".join(f"{what} as {column}" for column, what in told.items() if column in columns)
        where = [f"{since} <= {at}", *(trade.build_conditions(columns) if trade and name != FIGURES else ())]
        return f"select *{f' replace ({replaced})' if replaced else ''} from {source} where {' and '.join(where)}"


def _is_staging(name: str) -> bool:
    return name.startswith("staging.")
