"""Rules become objects of Great Expectations, and its results plain data."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from dagster_project.audit import translation
from dagster_project.audit.suites import ROWS_TYPE, Expectation

ROWS = Expectation("rows", ROWS_TYPE, "critical", {"unexpected_rows_query": "select 1 from {batch}"}, "It must.")
RANGE = Expectation(
    "range", "expect_column_values_to_be_between", "warning", {"column": "year", "max_value": 2026}, "It must."
)


def test_values_are_made_fit_for_json() -> None:
    row = {
        "nan": float("nan"),
        "decimal": Decimal("1.25"),
        "date": date(2023, 12, 31),
        "time": datetime(2023, 12, 31, 1, 2, 3),  # noqa: DTZ001 - as DuckDB has it
        "list": ["a", Decimal(1)],
        "struct": {"x": 1},
        "nothing": None,
        "truth": True,
        "other": object,
    }
    found = translation.make_plain_row(row)
    assert found == {
        "nan": "nan",
        "decimal": 1.25,
        "date": "2023-12-31",
        "time": "2023-12-31T01:02:03",
        "list": ["a", 1.0],
        "struct": {"x": 1},
        "nothing": None,
        "truth": True,
        "other": str(object),
    }
    assert json.loads(json.dumps(found)) == found


def test_what_was_raised_is_said_once() -> None:
    raised = {"raised_exception": True, "exception_message": "no column"}
    other = {"raised_exception": True, "exception_message": "no table"}
    assert translation.get_exception(raised) == "no column"
    assert translation.get_exception({"a": raised, "b": raised, "c": other}) == "no column no table"
    assert translation.get_exception({"a": {"raised_exception": False}}) is None
    assert translation.get_exception(None) is None


@pytest.mark.parametrize(
    ("rule", "found", "count", "said"),
    [
        (ROWS, {"observed_value": 1}, 1, "1 unexpected row among 2,000"),
        (RANGE, {"unexpected_count": 12}, 12, "12 unexpected rows among 2,000"),
        (RANGE, {"observed_value": 1200}, None, "1,200"),
        (RANGE, {"observed_value": "INTEGER"}, None, "INTEGER"),
        (RANGE, {"observed_value": ["국"]}, None, '["국"]'),
        (RANGE, {}, None, "2,000"),
    ],
)
def test_what_was_observed_is_said_in_words(rule, found, count, said) -> None:
    assert translation.get_count(rule, found) == count
    assert translation.describe_observed(found, count, 2000) == said


def test_a_rule_keeps_its_name_severity_and_reason() -> None:
    assert translation.convert_rule(RANGE) == {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "year", "max_value": 2026},
        "severity": "warning",
        "meta": {"check": "range"},
        "notes": "It must.",
    }


@pytest.mark.usefixtures("great_expectations")
def test_a_rule_in_sql_only_counts_and_an_unknown_type_is_an_error() -> None:
    assert translation.make_expectation(ROWS).metric_dependencies == ("unexpected_rows_query.row_count",)
    assert translation.make_expectation(RANGE).column == "year"
    with pytest.raises(Exception, match="expect_nothing_of_it"):
        translation.make_expectation(Expectation("type", "expect_nothing_of_it", "critical", {}, "It must."))
