"""Run suites with Great Expectations, inside DuckDB.

Here: the only code that runs Great Expectations. Not here: the form of a suite (`suites`) or of a result (`results`),
and the choice of the rules and rows to audit (`pipeline.audit`).

A suite runs twice. First it runs as a whole, which only shows which rules hold: Great Expectations can then combine all
rules on columns into one SELECT. Then each rule that failed runs by itself: the rows that break it are counted, and a
few of them are selected with their keys and snapshots. All other rows stay in DuckDB.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from dagster_project.audit.results import SAMPLE_SIZE, CheckResult, Status
from dagster_project.audit.suites import ROWS_TYPE, Expectation, Suite
from dagster_project.audit.translation import (
    describe_observed,
    get_count,
    get_exception,
    import_great_expectations,
    make_expectation,
    make_plain_row,
)
from dagster_project.database import fetch_records, quote_literal

if TYPE_CHECKING:
    from types import TracebackType

    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

# The formats of results: whether the rule holds; the number of rows that break it; also some of these rows.
_VERDICT = {"result_format": "BOOLEAN_ONLY"}
_COUNT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_ROWS = {"result_format": "COMPLETE", "partial_unexpected_count": SAMPLE_SIZE, "include_unexpected_rows": True}

# The name of a batch, which is always a whole table.
WHOLE = "whole"
# A catalog in memory that is searched first for tables: it has a view of a table's part while rules run on that part.
_VIEWS = "audit_views"

_MESSAGE_LENGTH = 1000


def import_mapper() -> None:
    """Import SQLAlchemy's mapper before any other thread needs it.

    Until the import is complete, SQLAlchemy fails in every thread, and Dagster uses SQLAlchemy during a build. If
    SQLAlchemy is not installed, the first audit reports the error.
    """
    with suppress(ImportError):
        import_module("sqlalchemy.orm")


def warm_up() -> threading.Thread:
    """Start importing Great Expectations in the background, for a process that will audit later."""
    import_mapper()
    thread = threading.Thread(target=_audit_one_row, name="import-great-expectations", daemon=True)
    thread.start()
    return thread


def _audit_one_row() -> None:
    # An audit also loads modules that the import alone does not.
    rules = (
        Expectation(
            "rows", ROWS_TYPE, "warning", {"unexpected_rows_query": "select one from {batch} where one > 1"}, "-"
        ),
        Expectation("values", "expect_column_values_to_be_in_set", "warning", {"column": "one", "value_set": [1]}, "-"),
    )
    with duckdb.connect() as connection, Auditor(connection) as auditor:
        connection.execute("create table warm_up as select 1 as one")
        auditor.audit_suite(Suite("main.warm_up", rules))


@dataclass(frozen=True)
class Parts:
    """Parts of tables, and the rules that pass on the whole tables if they pass on each part.

    Args:
        parts: For each part, the condition on the rows of each table; a table without a condition is read as a whole.
        checks: The names of the rules.
    """

    parts: Sequence[Mapping[str, str]]
    checks: set[str] = field(default_factory=set)


class Auditor:
    """An auditor of tables in an open DuckDB database.

    Args:
        connection: A connection to the database. The auditor opens its own cursors and closes them.
        shown: The columns to show of a failing row, by table; by default all.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, shown: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        self._connection = connection
        self._shown = shown
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        # A cursor starts in the catalog that the connection was opened with, not in its current one.
        ((self._catalog, self._is_read_only),) = connection.execute(
            "select database_name, readonly from duckdb_databases() where database_name = current_database()"
        ).fetchall()
        self._sources: dict[str, SQLDatasource] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close every cursor, because an open one would keep the database's file locked."""
        for source in self._sources.values():
            source.get_engine().dispose()
        self._sources.clear()
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        if "_own_cursor" in self.__dict__:
            with suppress(duckdb.FatalException):
                # If the database is lost, the rule that ran then has already reported it.
                self._own_cursor.execute(f"detach database if exists {_VIEWS}")
            self._own_cursor.close()
            del self._own_cursor
        self.__dict__.pop("context", None)

    def audit_suite(self, suite: Suite, parts: Iterable[Parts] = ()) -> list[CheckResult]:
        """Return the result of each expectation of the suite, in order.

        A rule that cannot run has the result `crashed`, with the reason.

        Args:
            suite: The suite.
            parts: Parts, each with rules to run on it first; a rule that fails on a part runs on the whole tables.

        Raises:
            duckdb.IOException: The database is lost, for example on a full disk. No rule has failed then.
            duckdb.FatalException: The database was lost earlier.
        """
        if not suite.expectations:
            return []
        # A missing library is reported once, not as a crash of every rule.
        import_great_expectations()
        import_module("dagster_project.audit.dialect")
        row_count = self._count_rows(suite.table)
        if row_count is None:
            return [_make_crash(suite, rule, f"There is no table {suite.table}.") for rule in suite.expectations]
        results: dict[str, CheckResult] = {}
        built: dict[str, Any] = {}
        for rule in suite.expectations:
            # Built one by one, so that a rule with a wrong type or argument does not crash the others.
            try:
                built[rule.check] = make_expectation(rule)
            except Exception as error:  # noqa: BLE001 - any exception here is a crash of this rule
                results[rule.check] = _make_crash(suite, rule, str(error))
        try:
            batch = self.get_batch_definition(suite.table).get_batch()
            passing = self._find_passing_in_parts(suite, built, parts)
            passing |= _find_passing(batch, suite, [each for check, each in built.items() if check not in passing])
            for rule in suite.expectations:
                if rule.check in built:
                    results[rule.check] = self._judge_rule(batch, suite, rule, built[rule.check], passing, row_count)
        except Exception as error:  # noqa: BLE001 - any exception here is a crash of the whole suite
            return [_make_crash(suite, rule, str(error)) for rule in suite.expectations]
        return [results[rule.check] for rule in suite.expectations]

    def _find_passing_in_parts(self, suite: Suite, built: Mapping[str, Any], parts: Iterable[Parts]) -> set[str]:
        found: set[str] = set()
        for asked in parts:
            passing = set(asked.checks & built.keys())
            for part in asked.parts:
                with self._replace_tables(part):
                    batch = self.get_batch_definition(suite.table).get_batch()
                    passing = _find_passing(batch, suite, [each for check, each in built.items() if check in passing])
            found |= passing
        return found

    def _judge_rule(
        self, batch: Batch, suite: Suite, rule: Expectation, built: Any, passing: Collection[str], row_count: int
    ) -> CheckResult:
        """Return the result of a rule; run the rule again, alone, if it failed or has an observed value to show."""
        if rule.check in passing and not rule.has_observation:
            count = 0 if rule.counts_rows else None
            return _make_result(
                suite, rule, "passed", observed=describe_observed({}, count, row_count), unexpected_count=count
            )
        try:
            answer = batch.validate(built, result_format=self._choose_format(suite, rule))
            message = get_exception(answer.exception_info)
        except Exception as error:  # noqa: BLE001 - any exception here is a crash of this rule
            message = str(error)
        if message is not None:
            return _make_crash(suite, rule, message)
        found = answer.result or {}
        count = get_count(rule, found)
        sample, query = ([], None) if answer.success else self._select_rows(suite, rule, found)
        return _make_result(
            suite,
            rule,
            "passed" if answer.success else "failed",
            observed=describe_observed(found, count, row_count),
            unexpected_count=count,
            sample=sample,
            query=query,
        )

    def _choose_format(self, suite: Suite, rule: Expectation) -> dict[str, Any]:
        """Choose the result format of a rule that runs alone: a count if the rule has a query, else the rows."""
        if rule.write_query(suite.table) is not None:
            return _COUNT
        shown = self._shown.get(suite.table)
        return {**_ROWS, "unexpected_index_column_names": list(shown)} if shown else _ROWS

    def _select_rows(
        self, suite: Suite, rule: Expectation, found: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Select a few rows that break a rule; return them with the SQL of all such rows (`write_query`)."""
        query = rule.write_query(suite.table)
        if query is not None:
            # In order, so that the same rows are shown each time.
            first = f"select * from ({query}\n) order by all limit {SAMPLE_SIZE}"
            return [make_plain_row(row) for row in fetch_records(self._own_cursor, first)], query
        rows = found.get("unexpected_index_list") or found.get("unexpected_rows") or []
        return [make_plain_row(row) for row in rows[:SAMPLE_SIZE]], None

    @cached_property
    def _schemas(self) -> list[str]:
        rows = self._connection.execute(
            "select schema_name from duckdb_schemas() where database_name = $1 and not internal order by schema_name",
            [self._catalog],
        )
        return [row[0] for row in rows.fetchall()]

    @cached_property
    def _own_cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute(f"use {_quote_name(self._catalog)}")
        if not self._is_read_only:
            cursor.execute(f"attach ':memory:' as {_VIEWS}")
            for schema in self._schemas:
                cursor.execute(f"create schema if not exists {_VIEWS}.{_quote_name(schema)}")
        return cursor

    def _count_rows(self, table: str) -> int | None:
        """Count the rows of a table; return None if it does not exist."""
        try:
            ((count,),) = self._own_cursor.execute(f"select count(*) from {_quote_name(table)}").fetchall()
        except duckdb.CatalogException:
            return None
        return int(count)

    @contextmanager
    def _replace_tables(self, parts: Mapping[str, str | None]) -> Iterator[None]:
        """Temporarily replace tables with views of the rows that match a condition.

        If the condition of a table is None, the table need not exist, and its view has one dummy row.
        """
        try:
            for table, condition in parts.items():
                rows = f"from {_quote_name(self._catalog)}.{_quote_name(table)} where {condition}"
                shown = rows if condition else "select 1 as one"
                self._own_cursor.execute(f"create view {_VIEWS}.{_quote_name(table)} as {shown}")
            yield
        finally:
            # Views are dropped even if creating one failed; a view left behind would hide rows from later rules.
            for table in parts:
                self._own_cursor.execute(f"drop view if exists {_VIEWS}.{_quote_name(table)}")

    def get_batch_definition(self, table: str) -> BatchDefinition[Any]:
        """Return Great Expectations' definition of a whole table."""
        schema, _, name = table.partition(".")
        if schema not in self._sources:
            self._sources[schema] = self._add_source(schema)
        source = self._sources[schema]
        if name not in source.get_asset_names():
            source.add_table_asset(name, table_name=name).add_batch_definition_whole_table(WHOLE)
        definition: BatchDefinition[Any] = source.get_asset(name).get_batch_definition(WHOLE)
        return definition

    @cached_property
    def context(self) -> EphemeralDataContext:
        """The context of Great Expectations, which exists as long as the auditor and writes no files."""
        gx = import_great_expectations()
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context: EphemeralDataContext = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        return context

    def _add_source(self, schema: str) -> SQLDatasource:
        from dagster_project.audit import dialect

        def open_cursor() -> Any:
            cursor = self._connection.cursor()
            # Great Expectations expects the connection's default schema; rules also name other schemas.
            path = ",".join(
                f"{_quote_name(catalog)}.{_quote_name(each)}"
                for each in (schema, *(other for other in self._schemas if other != schema))
                for catalog in ([self._catalog] if self._is_read_only else [_VIEWS, self._catalog])
            )
            cursor.execute(f"set search_path = {quote_literal(path)}")
            self._cursors.append(cursor)
            return dialect.wrap_cursor(cursor)

        dialect.register_dialect()
        made = set(self._list_tables(schema))
        later: set[str] = set()
        if not self._is_read_only:
            later = {name.partition(".")[2] for name in self._shown if name.startswith(f"{schema}.")} - made
        # Add all tables at once, because Great Expectations writes out all tables for each later addition. Dummy views
        # temporarily stand for tables that are not made yet.
        with self._replace_tables({f"{schema}.{name}": None for name in later}):
            return self.context.data_sources.add_sql(  # type: ignore[call-arg]  # its stub leaves fields out
                schema,
                connection_string=dialect.URL,
                create_temp_table=False,
                kwargs={"creator": open_cursor},
                assets=[
                    {"type": "table", "name": name, "table_name": name, "batch_definitions": [{"name": WHOLE}]}
                    for name in sorted(made | later)
                ],
            )

    def _list_tables(self, schema: str) -> list[str]:
        rows = self._own_cursor.execute(
            "select table_name from duckdb_tables() where database_name = $1 and schema_name = $2",
            [self._catalog, schema],
        )
        return [row[0] for row in rows.fetchall()]


def _find_passing(batch: Batch, suite: Suite, built: Iterable[Any]) -> set[str]:
    """Find the rules that pass on a batch; all others failed or crashed."""
    rules = import_great_expectations().ExpectationSuite(name=suite.table, expectations=list(built))
    if not rules.expectations:
        return set()
    try:
        answers = batch.validate(rules, result_format=_VERDICT).results
    except Exception:  # noqa: BLE001 - the rule that caused it will crash again when it runs by itself
        return set()
    return {str(answer.expectation_config.meta["check"]) for answer in answers if answer.success}


def _make_result(suite: Suite, rule: Expectation, status: Status, **found: Any) -> CheckResult:
    is_known = status == "failed" and (found.get("unexpected_count") or 0) <= rule.known_rows
    cause = rule.cause if is_known else ""
    return CheckResult(
        suite.table, rule.check, rule.type, rule.severity, status, notes=rule.notes, cause=cause, **found
    )


def _make_crash(suite: Suite, rule: Expectation, message: str) -> CheckResult:
    # A full disk makes the database unusable; the crash is then no result of the rule.
    if "has been invalidated" in message:
        raise duckdb.IOException(message)
    # SQLAlchemy appends the statement, which the result already has, and an address.
    said = " ".join(message.partition("[SQL:")[0].split())[:_MESSAGE_LENGTH]
    return _make_result(suite, rule, "crashed", query=rule.write_query(suite.table), message=said)


def _quote_name(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split(".", 1))
