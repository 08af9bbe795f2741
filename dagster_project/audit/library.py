"""Great Expectations: imported in one way, given rules in its own words, its answers read.

Here: the import, a rule of a suite as the library takes it, and what a validation says of each. Not here: on what rules
are asked, and how often (`auditor`).
"""

from __future__ import annotations

import json
import math
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from dagster_project.audit.results import CheckResult, Status
from dagster_project.audit.suites import ROWS_TYPE, Expectation, Suite

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch

_VERDICT = {"result_format": "BOOLEAN_ONLY"}
_CONNECT = "pyspark.sql.connect"
_MESSAGE_LENGTH = 1000
# A type of expectation is declared once, also if two threads audit.
_DECLARING = threading.Lock()


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


def configuration(rule: Expectation) -> dict[str, Any]:
    """The rule as Great Expectations reads it."""
    return {
        "type": rule.type,
        "kwargs": dict(rule.kwargs),
        "severity": rule.severity,
        "meta": {"check": rule.check},
        "notes": rule.notes,
    }


def built(rule: Expectation) -> Any:
    """The rule as an object of Great Expectations.

    Raises:
        Exception: There is no such type, or it has other arguments.
    """
    great_expectations()
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    if rule.query is not None:
        return _declared()(meta={"check": rule.check}, **rule.kwargs)
    return ExpectationConfiguration(**configuration(rule)).to_domain_obj()


def _declared() -> Any:
    with _DECLARING:
        return _counted_rows()


@cache
def _counted_rows() -> Any:
    from great_expectations.expectations import UnexpectedRowsExpectation

    class ExpectNoUnexpectedRows(UnexpectedRowsExpectation):
        """An `unexpected_rows_expectation` that only counts: its own runs each query twice, for rows as well."""

        metric_dependencies = ("unexpected_rows_query.row_count",)

        def _validate(
            self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            count = metrics["unexpected_rows_query.row_count"]
            return {"success": count == 0, "result": {"observed_value": count}}

    return ExpectNoUnexpectedRows


def holding(batch: Batch, suite: Suite, built: Iterable[Any]) -> set[str]:
    """Which of the rules hold in a batch; one that does not may have failed or crashed."""
    rules = great_expectations().ExpectationSuite(name=suite.table, expectations=list(built))
    if not rules.expectations:
        return set()
    try:
        answers = batch.validate(rules, result_format=_VERDICT).results
    except Exception:  # noqa: BLE001 - whichever of them it is, it will be asked by itself
        return set()
    return {str(answer.expectation_config.meta["check"]) for answer in answers if answer.success}


def exception(info: Mapping[str, Any] | None) -> str | None:
    """The message of a rule that raised. One answer holds one exception, or one for each metric that raised."""
    if not info:
        return None
    each: Iterable[Any] = [info] if "raised_exception" in info else info.values()
    messages = [
        str(one["exception_message"]) for one in each if isinstance(one, Mapping) and one.get("raised_exception")
    ]
    return " ".join(dict.fromkeys(messages)) if messages else None


def result(suite: Suite, rule: Expectation, status: Status, **found: Any) -> CheckResult:
    """What came of a rule."""
    return CheckResult(suite.table, rule.check, rule.type, rule.severity, status, notes=rule.notes, **found)


def crashed(suite: Suite, rule: Expectation, message: str) -> CheckResult:
    """The result of a rule that could not be run."""
    # SQLAlchemy appends the statement, which the query already shows, and an address.
    said = " ".join(message.partition("[SQL:")[0].split())[:_MESSAGE_LENGTH]
    return result(suite, rule, "crashed", query=rule.query, message=said)


def unexpected_count(rule: Expectation, found: Mapping[str, Any]) -> int | None:
    """How many rows break a rule, by its answer; None if it counts none."""
    count = found.get("observed_value") if rule.type == ROWS_TYPE else found.get("unexpected_count")
    return int(count) if count is not None else None


def observed(found: Mapping[str, Any], count: int | None, row_count: int) -> str | None:
    """What a rule has seen, in words or a number."""
    if count is not None:
        return f"{count:,} unexpected {'row' if count == 1 else 'rows'} among {row_count:,}"
    value = _plain(found.get("observed_value", row_count))
    if value is None or isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as JSON can hold it."""
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
        return plain_row(value)
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return str(value)
