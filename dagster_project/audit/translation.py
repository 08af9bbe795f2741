"""Convert rules into objects of Great Expectations, and its results into plain data.

Here: importing the library, its types of expectations, and its values. Not here: running a suite (`auditor`).
"""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from dagster_project.audit.suites import ROWS_TYPE, Expectation

_CONNECT = "pyspark.sql.connect"
# Keeps two threads from declaring the same type of expectation.
_DECLARING = threading.Lock()


def import_great_expectations() -> Any:
    """Import Great Expectations when a table is first audited.

    Where Spark is installed, the library also imports Spark Connect. This import ends a process that has no main file,
    such as a worker of pytest-xdist (https://github.com/apache/spark, `pyspark.sql.connect.utils`). Spark Connect is
    not used here, so it is hidden during the import.

    The library's log is silenced, because the result of a rule already has the error of failed SQL.
    """
    hidden = "great_expectations" not in sys.modules and sys.modules.setdefault(_CONNECT, None) is None  # type: ignore[arg-type]
    try:
        import great_expectations as gx
    finally:
        if hidden:
            sys.modules.pop(_CONNECT, None)
    logging.getLogger(gx.__name__).setLevel(logging.CRITICAL)
    return gx


def convert_rule(rule: Expectation) -> dict[str, Any]:
    """Return the rule in the form that Great Expectations reads."""
    return {
        "type": rule.type,
        "kwargs": dict(rule.kwargs),
        "severity": rule.severity,
        "meta": {"check": rule.check},
        "notes": rule.notes,
    }


def make_expectation(rule: Expectation) -> Any:
    """Convert the rule to an object of Great Expectations.

    Raises:
        Exception: The type does not exist, or takes other arguments.
    """
    import_great_expectations()
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    if rule.query is not None:
        with _DECLARING:
            declared = _declare_counting_rule()
        return declared(meta={"check": rule.check}, **rule.kwargs)
    return ExpectationConfiguration(**convert_rule(rule)).to_domain_obj()


@cache
def _declare_counting_rule() -> Any:
    from great_expectations.expectations import UnexpectedRowsExpectation

    class ExpectNoUnexpectedRows(UnexpectedRowsExpectation):
        """An `unexpected_rows_expectation` that only counts rows; the original also fetches them."""

        metric_dependencies = ("unexpected_rows_query.row_count",)

        def _validate(
            self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            count = metrics["unexpected_rows_query.row_count"]
            return {"success": count == 0, "result": {"observed_value": count}}

    return ExpectNoUnexpectedRows


def get_exception(info: Mapping[str, Any] | None) -> str | None:
    """Return the errors that Great Expectations met when it computed a rule, as one text; None if there are none."""
    if not info:
        return None
    each: Iterable[Any] = [info] if "raised_exception" in info else info.values()
    messages = [
        str(one["exception_message"]) for one in each if isinstance(one, Mapping) and one.get("raised_exception")
    ]
    return " ".join(dict.fromkeys(messages)) if messages else None


def get_count(rule: Expectation, found: Mapping[str, Any]) -> int | None:
    count = found.get("observed_value") if rule.type == ROWS_TYPE else found.get("unexpected_count")
    return int(count) if count is not None else None


def describe_observed(found: Mapping[str, Any], count: int | None, row_count: int) -> str | None:
    if count is not None:
        return f"{count:,} unexpected {'row' if count == 1 else 'rows'} among {row_count:,}"
    value = _make_plain(found.get("observed_value", row_count))
    if value is None or isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def make_plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): _make_plain(value) for name, value in row.items()}


def _make_plain(value: Any) -> Any:
    """Convert a value into one that JSON can store."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return make_plain_row(value)
    if isinstance(value, list | tuple | set):
        return [_make_plain(item) for item in value]
    return str(value)
