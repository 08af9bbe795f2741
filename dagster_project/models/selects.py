"""Parse SELECTs of users and claims with DuckDB's own parser.

Here: the parsed nodes, and the tables that they name. Not here: which tables may be read (`history`,
`claims.evidence`), and the models' SELECTs, which sqlglot parses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dagster_project.errors import BilateralError

if TYPE_CHECKING:
    import duckdb

Node = dict[str, Any]


def parse_select(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Node]:
    """Parse a SELECT with the parser of a connection, and return all its nodes.

    Raises:
        BilateralError: The text is not a single SELECT.
    """
    row = connection.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone()
    tree = json.loads(row[0] if row else "{}")
    if tree.get("error_type") == "parser":
        raise BilateralError(f"invalid SQL: {tree['error_message']}.", remedy="Try the SQL with `bilateral query`.")
    if tree.get("error"):
        raise BilateralError("expected a SELECT.", remedy="Write one SELECT; no other statement is allowed.")
    if len(tree["statements"]) != 1:
        raise BilateralError(f"expected one SELECT, got {len(tree['statements'])}.", remedy="Write one SELECT.")
    return list(walk_nodes(tree["statements"]))


def list_tables(nodes: Iterable[Node]) -> list[str]:
    """List the names of the tables that a SELECT reads, without the tables of its own `with`."""
    nodes = list(nodes)
    inner = {entry["key"] for node in nodes for entry in (node.get("cte_map") or {}).get("map", ())}
    tables = (node for node in nodes if node.get("type") == "BASE_TABLE")
    parts = ((one["catalog_name"], one["schema_name"], one["table_name"]) for one in tables)
    # A name with a schema never means a table of a `with`.
    return sorted({".".join(filter(None, names)).lower() for names in parts if any(names[:2]) or names[2] not in inner})


def list_table_functions(nodes: Iterable[Node]) -> list[str]:
    """List the names of the functions and macros that a SELECT reads as tables, with the schema if it is given."""
    functions = (node["function"] for node in nodes if node.get("type") == "TABLE_FUNCTION")
    names = (filter(None, (one["schema"], one["function_name"])) for one in functions)
    return sorted({".".join(parts).lower() for parts in names})


def write_distinct_select(connection: duckdb.DuckDBPyConnection, select: Node, parts: Sequence[Node]) -> str:
    """Write a SELECT of the distinct values of `parts`, with the `from` and the `where` of the SELECT `select`."""
    node = select | {
        "modifiers": [{"type": "DISTINCT_MODIFIER", "distinct_on_targets": []}],
        "cte_map": {"map": []},
        "select_list": parts,
        "group_expressions": [],
        "group_sets": [],
        "aggregate_handling": "STANDARD_HANDLING",
        "having": None,
        "qualify": None,
    }
    statement = {"error": False, "statements": [{"node": node}]}
    row = connection.execute("select json_deserialize_sql($1)", [json.dumps(statement)]).fetchone()
    return str(row[0]) if row else ""


def build_column_node(table: str, column: str) -> Node:
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "column_names": [table, column]}


def walk_nodes(part: Any) -> Iterator[Node]:
    """Yield a part of a parsed SELECT, and all parts within it."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
        if isinstance(part, dict | list):
            waiting += reversed(part.values() if isinstance(part, dict) else part)
