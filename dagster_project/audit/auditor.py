"""Runs suites with Great Expectations, inside DuckDB.

Here: the one place that gives suites to Great Expectations, and the reading of its answers. Not here: the form of a
suite (`suites`) or of a result (`results`).

Great Expectations says whether a rule holds and counts the rows that break it; all but a few hundred of those rows stay
in DuckDB. Of a rule that failed a few are shown whole, so that a person sees keys and snapshots and not bare values.
"""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import duckdb

from dagster_project.audit.results import SAMPLE_SIZE, CheckResult, Status
from dagster_project.audit.suites import ROWS_TYPE, Expectation, Suite

if TYPE_CHECKING:
    from types import TracebackType

    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.sql_datasource import SQLDatasource

# The verdict and the count, and no rows.
_VERDICT = {"result_format": "BASIC", "partial_unexpected_count": SAMPLE_SIZE}
# The rows as well. Anything more complete would fetch all of them.
_ROWS = {**_VERDICT, "include_unexpected_rows": True, "return_unexpected_index_query": True}

# A batch is always a whole table.
WHOLE = "whole"

_MESSAGE_LENGTH = 1000

_CONNECT = "pyspark.sql.connect"


def warm_up() -> threading.Thread:
    """Starts importing Great Expectations in the background, for a process that will audit later."""
    thread = threading.Thread(target=_audit_nothing, name="import-great-expectations", daemon=True)
    thread.start()
    return thread


def _audit_nothing() -> None:
    # The first audit loads what the import alone leaves for later.
    rule = Expectation("one", ROWS_TYPE, "info", {"unexpected_rows_query": "select one from {batch}"}, "-")
    with duckdb.connect() as connection, Auditor(connection) as auditor:
        connection.execute("create table warm_up as select 1 as one")
        auditor.audit(Suite("main.warm_up", (rule,)))


def great_expectations() -> Any:
    """The library, imported when somebody audits.

    Where Spark is installed it looks for Spark Connect as well, which ends a process without a main file, such as a
    worker of pytest-xdist: https://github.com/apache/spark, `pyspark.sql.connect.utils`. Nobody here uses it.
    """
    hidden = "great_expectations" not in sys.modules and sys.modules.setdefault(_CONNECT, None) is None  # type: ignore[arg-type]
    try:
        import great_expectations as gx
    finally:
        if hidden:
            sys.modules.pop(_CONNECT, None)
    return gx


class Auditor:
    """Audits tables of an open DuckDB database.

    Args:
        connection: The connection to it. The auditor works on cursors of its own and closes them.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._cursors: list[duckdb.DuckDBPyConnection] = []
        # A cursor begins in the catalog that the connection was opened with, not in the one it uses now.
        ((self._catalog,),) = connection.execute("select current_database()").fetchall()
        self._sources: dict[str, SQLDatasource] = {}
        # Queries that had no rows, for as long as one audit lasts.
        self._empty: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database: an open cursor would keep its file locked."""
        for source in self._sources.values():
            source.get_engine().dispose()
        self._sources.clear()
        for cursor in self._cursors:
            cursor.close()
        self._cursors.clear()
        for name in ("_own_cursor", "context"):
            self.__dict__.pop(name, None)

    def audit(self, suite: Suite) -> list[CheckResult]:
        """The result of each expectation of the suite, in its order.

        A rule that cannot be run, for whatever reason, is a result like any other: `crashed`, with the reason.
        """
        if not self._exists(suite.table):
            return [_crashed(suite, rule, f"There is no table {suite.table}.") for rule in suite.expectations]
        gx = great_expectations()
        from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

        self._empty.clear()
        crashed: dict[str, CheckResult] = {}
        built: dict[str, Any] = {}
        for rule in suite.expectations:
            # Built one by one, so that a rule with a wrong type or argument does not take the others with it.
            try:
                built[rule.check] = ExpectationConfiguration(**configuration(rule)).to_domain_obj()
            except Exception as error:  # noqa: BLE001 - whatever the rule provokes, it is the rule that crashed
                crashed[rule.check] = _crashed(suite, rule, str(error))
        answers: dict[str, Any] = {}
        if built:
            whole = gx.ExpectationSuite(name=suite.table, expectations=list(built.values()))
            try:
                batch = self.batch_definition(suite.table).get_batch()
                for answer in batch.validate(whole, result_format=_VERDICT).results:
                    answers[_check(answer)] = answer
            except Exception as error:  # noqa: BLE001 - as above, for what takes the whole suite with it
                return [_crashed(suite, rule, str(error)) for rule in suite.expectations]
        return [
            crashed.get(rule.check) or self._result(suite, rule, answers.get(rule.check), built[rule.check])
            for rule in suite.expectations
        ]

    def _result(self, suite: Suite, rule: Expectation, answer: Any, built: Any) -> CheckResult:
        if answer is None:
            return _crashed(suite, rule, "Great Expectations gave no answer.")
        message = _exception(answer.exception_info)
        if message is not None:
            return _crashed(suite, rule, message)
        status: Status = "passed" if answer.success else "failed"
        found = answer.result or {}
        count = _count(rule, found)
        sample, query = self._rows(suite, rule, built) if status == "failed" else ([], None)
        return CheckResult(
            table=suite.table,
            check=rule.check,
            expectation_type=rule.type,
            severity=rule.severity,
            status=status,
            observed=_observed(found, count),
            unexpected_count=count,
            sample=sample,
            query=query,
            notes=rule.notes,
        )

    def _rows(self, suite: Suite, rule: Expectation, built: Any) -> tuple[list[dict[str, Any]], str | None]:
        """A few rows that break the rule, and the SQL that finds all of them."""
        if rule.query is not None:
            query = rule.query.format(batch=_quoted(suite.table)).strip()
            return [_plain_row(row) for row in self._first_rows(query)], query
        batch = self.batch_definition(suite.table).get_batch()
        found = batch.validate(built, result_format=_ROWS).result or {}
        rows = found.get("unexpected_rows")
        if rows is None:
            rows = [{"value": value} for value in found.get("partial_unexpected_list") or []]
        return [_plain_row(_mapping(row)) for row in list(rows)[:SAMPLE_SIZE]], found.get("unexpected_index_query")

    def _first_rows(self, query: str) -> list[dict[str, Any]]:
        """A few rows of a query, ordered, so that the same table always shows the same rows."""
        cursor = self._own_cursor
        cursor.execute(f"select * from ({query}\n) order by all limit {SAMPLE_SIZE}")
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @cached_property
    def _own_cursor(self) -> duckdb.DuckDBPyConnection:
        return self._cursor()

    def _exists(self, table: str) -> bool:
        try:
            self._own_cursor.execute(f"select 1 from {_quoted(table)} limit 0")
        except duckdb.CatalogException:
            return False
        return True

    def _tables(self, schema: str) -> list[str]:
        rows = self._own_cursor.execute(
            "select table_name from duckdb_tables() where database_name = current_database() and schema_name = $1 "
            "order by table_name",
            [schema],
        )
        return [row[0] for row in rows.fetchall()]

    def batch_definition(self, table: str) -> BatchDefinition[Any]:
        """The whole of a table, as Great Expectations names it."""
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
        """The context of Great Expectations, which lives as long as the auditor and writes nothing."""
        gx = great_expectations()
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context: EphemeralDataContext = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        # Each table that it hears of has it write out its whole configuration, to no place.
        context._save_project_config = lambda: None  # type: ignore[method-assign]  # noqa: SLF001 - see above
        return context

    def _add_source(self, schema: str) -> SQLDatasource:
        from dagster_project.audit import dialect

        def connect() -> Any:
            # Great Expectations wants the schema to be the connection's own.
            cursor = self._cursor()
            cursor.execute("set schema = " + "'" + schema.replace("'", "''") + "'")
            return dialect.Connection(cursor, self._empty)

        dialect.register()
        # Every table at once: each one that is added later costs a little.
        assets = [
            {"type": "table", "name": name, "table_name": name, "batch_definitions": [{"name": WHOLE}]}
            for name in self._tables(schema)
        ]
        return self.context.data_sources.add_sql(  # type: ignore[call-arg]  # its stub leaves fields out
            schema,
            connection_string=dialect.URL,
            create_temp_table=False,
            kwargs={"creator": connect},
            assets=assets,
        )

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute(f"use {_quoted(self._catalog)}")
        self._cursors.append(cursor)
        return cursor


def configuration(rule: Expectation) -> dict[str, Any]:
    """The rule as Great Expectations reads it."""
    return {
        "type": rule.type,
        "kwargs": dict(rule.kwargs),
        "severity": rule.severity,
        "meta": {"check": rule.check},
        "notes": rule.notes,
    }


def _crashed(suite: Suite, rule: Expectation, message: str) -> CheckResult:
    return CheckResult(
        table=suite.table,
        check=rule.check,
        expectation_type=rule.type,
        severity=rule.severity,
        status="crashed",
        query=rule.query,
        # SQLAlchemy appends the statement, which the query already shows, and an address.
        message=" ".join(message.partition("[SQL:")[0].split())[:_MESSAGE_LENGTH],
        notes=rule.notes,
    )


def _exception(info: Mapping[str, Any] | None) -> str | None:
    """The message of a rule that raised. One answer holds one exception, or one for each metric that raised."""
    if not info:
        return None
    each: Iterable[Any] = [info] if "raised_exception" in info else info.values()
    messages = [
        str(one["exception_message"]) for one in each if isinstance(one, Mapping) and one.get("raised_exception")
    ]
    return " ".join(dict.fromkeys(messages)) if messages else None


def _count(rule: Expectation, found: Mapping[str, Any]) -> int | None:
    count = found.get("observed_value") if rule.type == ROWS_TYPE else found.get("unexpected_count")
    return int(count) if count is not None else None


def _observed(found: Mapping[str, Any], count: int | None) -> str | None:
    if count is not None:
        return f"{count:,} unexpected {'row' if count == 1 else 'rows'}"
    value = _plain(found.get("observed_value"))
    if value is None or isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def _check(answer: Any) -> str:
    return str(answer.expectation_config.meta["check"])


def _quoted(table: str) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split(".", 1))


def _mapping(row: Any) -> dict[str, Any]:
    return dict(row) if isinstance(row, Mapping) else {"value": row}


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return _plain_row(value)
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return str(value)
