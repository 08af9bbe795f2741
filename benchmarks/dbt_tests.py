"""The rules of our suites as the queries that dbt's tests are: each finds rows where a rule does not hold.

Here: built-in types of Great Expectations in SQL. Not here: the project that the queries go into (`dbt_project`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_project.audit.suites import Expectation

COUNTS = {"expect_table_row_count_to_be_between", "expect_table_row_count_to_equal"}


def query(rule: Expectation, table: str) -> str:
    """The SELECT that finds something if the rule does not hold of the table.

    Raises:
        ValueError: It is of a type that is not known here.
    """
    if rule.query is not None:
        return rule.query.format(batch=table)
    rows = f"(select * from {table} where {_condition(rule.kwargs.get('row_condition'))}) as {table.partition('.')[2]}"
    if rule.type in COUNTS:
        return f"select count(*) as row_count from {rows} having not ({_between('count(*)', rule.kwargs)})"
    if rule.type in {"expect_compound_columns_to_be_unique", "expect_column_values_to_be_unique"}:
        columns = ", ".join(rule.kwargs.get("column_list") or [rule.kwargs["column"]])
        return (
            f"select {columns} from {rows} where {columns.split(', ')[0]} is not null group by all having count(*) > 1"
        )
    # Where a value is null the comparison is null, too, and the row no finding.
    return f"select * from {rows} where not ({_holds(rule)})"


def _holds(rule: Expectation) -> str:
    given = rule.kwargs
    match rule.type:
        case "expect_column_values_to_be_between":
            return _between(given["column"], given)
        case "expect_column_values_to_be_in_set":
            return f"{given['column']} in ({', '.join(map(_literal, given['value_set']))})"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            return f"{given['column_A']} {'>=' if given.get('or_equal') else '>'} {given['column_B']}"
        case "expect_column_pair_values_to_be_in_set":
            pairs = ", ".join(f"({_literal(one)}, {_literal(other)})" for one, other in given["value_pairs_set"])
            columns = given["column_A"], given["column_B"]
            return f"coalesce(({columns[0]}, {columns[1]}) in ({pairs}), {columns[0]} is null or {columns[1]} is null)"
    raise ValueError(f"{rule.check} is of the type {rule.type}; say here how dbt tests such a rule.")


def _between(value: str, given: Mapping[str, Any]) -> str:
    least, most = given.get("min_value", given.get("value")), given.get("max_value", given.get("value"))
    sides = [] if least is None else [f"{value} {'>' if given.get('strict_min') else '>='} {_literal(least)}"]
    sides += [] if most is None else [f"{value} {'<' if given.get('strict_max') else '<='} {_literal(most)}"]
    return " and ".join(sides) or "true"


def _condition(given: Mapping[str, Any] | None) -> str:
    if given is None:
        return "true"
    if given["type"] in {"and", "or"}:
        joined = f" {given['type']} ".join(map(_condition, given["conditions"]))
        return f"({joined})"
    column = given["column"]["name"]
    if given["type"] == "nullity":
        return f"{column} is {'' if given['is_null'] else 'not '}null"
    operator = "=" if given["operator"] == "==" else given["operator"]
    return f"{column} {operator} {_literal(given['parameter'])}"


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)
