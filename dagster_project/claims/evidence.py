"""Evidence: one SELECT over core and marts that gives one value.

Here: what it may read, which DuckDB's own parser tells, and running it. Not here: what its value means for a claim
(`comparison`).

A SELECT may read tables and table macros of `core` and `marts`, tables of its own `with`, `unnest`, `range` and
`generate_series`. It may not write, reach a file, an address, a setting or the environment, or ask what day it is: the
same figures give the same verdict whoever asks, whenever.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb

from dagster_project.claims.limits import MEMORY, EvidenceError, in_utc, limited
from dagster_project.models import Model

Value = float | int | str | bool | date

SCHEMAS = ("core", "marts")
# The register and what came of it: a claim that is held against itself is always right.
CLAIMS = frozenset({"core.claims", "marts.claim_verdicts"})
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
SECONDS = 10.0
# Digits that are kept of a number that is not whole.
DIGITS = 12

# Scalar functions that answer differently tomorrow, for another user or on another machine, or that do something.
FORBIDDEN = re.compile(
    r"""
    now | today | ago | age | mode | approx_.* | .*random.* | setseed | reservoir_quantile | approx_quantile
    | hash | uuid(v\d)? | .*timestamp_now | transaction_timestamp
    | (get_)?current_.* | localtime(stamp)? | get_block_size
    | nextval | currval | setval | .*sleep.* | write_log | error | stats | vector_type | version | txid_.* | getenv
    | getvariable | in_search_path | user | session_user | pg_.* | has_.*_privilege | inet_.* | .*_description
    | json_execute.* | json_(de)?serialize.* | read_.* | query.* | glob | which_secret | .*secret.* | enable_.*
    | disable_.* | add_.* | remove_.* | truncate_duckdb.* | duckdb_.* | pragma_.*
    """,
    re.VERBOSE,
)
# Functions of rows in some order: what they give without one is chance.
ORDERED = frozenset(
    {
        *("first", "last", "any_value", "arbitrary", "list", "array_agg", "string_agg", "group_concat", "listagg"),
        *("row_number", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"),
    }
)
_CLOCK = re.compile(r"current_(date|time|timestamp|user|role|catalog|schema)|localtime(stamp)?|user|session_user")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_FROM = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "CTE"})
_NAMED = re.compile(r'\b(core|marts)"?\s*\.\s*"?(\w+)', re.IGNORECASE)


def tables_named(sql: str) -> set[str]:
    """Every `core.…` and `marts.…` in a text: at least those that it reads, and cheap to find."""
    return {f"{schema}.{table}".lower() for schema, table in _NAMED.findall(sql)}


def check(connection: duckdb.DuckDBPyConnection, sql: str, models: Mapping[str, Model]) -> frozenset[str]:
    """Refuses SQL that evidence may not be.

    Args:
        connection: Any connection; only its parser is asked.
        sql: The evidence.
        models: The models of the warehouse.

    Returns:
        The tables and macros that it reads.

    Raises:
        EvidenceError: It is not one SELECT, writes, reaches outside of core and marts, or reads none of their tables.
    """
    row = connection.execute("select json_serialize_sql($sql)", {"sql": sql}).fetchone()
    tree = json.loads(row[0] if row else "{}")
    if tree.get("error"):
        if tree.get("error_type") == "parser":
            raise EvidenceError(
                f"it is no SQL: {tree['error_message']}.", remedy="Run it with `bilateral query` first."
            )
        raise EvidenceError("it is not a SELECT.", remedy="Evidence only asks: write one SELECT.")
    if len(tree["statements"]) != 1:
        raise EvidenceError(f"it is {len(tree['statements'])} statements.", remedy="Write one SELECT.")
    tables = _Reading(models, tree["statements"][0]).tables
    if not tables:
        raise EvidenceError("it reads no table of core or marts.", remedy="Select a figure that the warehouse holds.")
    return tables


class _Reading:
    """A walk through what DuckDB's parser made of a SELECT."""

    def __init__(self, models: Mapping[str, Model], statement: dict[str, Any]) -> None:
        self.models = models
        self.found: set[str] = set()
        self._walk(statement, frozenset())

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(self.found)

    def _walk(self, node: Any, inner: frozenset[str]) -> None:
        """Walks on from a node; `inner` are the tables after `with` that can be read in it."""
        if isinstance(node, list):
            for part in node:
                self._walk(part, inner)
            return
        if not isinstance(node, dict):
            return
        self._form(node)
        kind = node.get("type")
        if kind == "BASE_TABLE":
            self._table(node, inner)
        elif kind == "TABLE_FUNCTION":
            self._table_function(node["function"])
            self._walk(node["function"].get("arguments"), inner)
            return
        elif kind == "COLUMN_REF":
            self._column(node["column_names"])
        elif node.get("function_name"):
            self._function(node)
        if "cte_map" in node:
            inner = self._with(node["cte_map"]["map"], inner)
        for name, part in node.items():
            if name != "cte_map":
                self._walk(part, inner)

    def _with(self, entries: list[dict[str, Any]], inner: frozenset[str]) -> frozenset[str]:
        """The tables that can be read behind a `with`: each reads those before it, and itself if it is recursive.

        A table that reads its own name and is not recursive reads what else has that name, such as a list of DuckDB's.
        """
        for entry in entries:
            name = entry["key"].lower()
            if not _PLAIN.fullmatch(name):
                raise EvidenceError(
                    f"it names a table {name!r}.", remedy="Use letters, digits and _ in a name after `with`."
                )
            is_recursive = entry["value"]["query_node"]["type"] == "RECURSIVE_CTE_NODE"
            self._walk(entry["value"], inner | {name} if is_recursive else inner)
            inner |= {name}
        return inner

    def _form(self, node: dict[str, Any]) -> None:
        kind = str(node.get("type"))
        if kind.endswith("_NODE") and kind not in _NODES:
            raise EvidenceError("it writes, or does more than select.", remedy="Evidence only asks: write one SELECT.")
        if kind in {"SHOW_REF", "PIVOT"} or ("from_table" in node and node["from_table"]["type"] not in _FROM):
            raise EvidenceError("it reads something that is no table.", remedy="Read tables of core and marts.")
        modifiers = {str(one.get("type")): one for one in node.get("modifiers") or ()}
        is_cut = modifiers.keys() & {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"} or modifiers.get(
            "DISTINCT_MODIFIER", {}
        ).get("distinct_on_targets")
        if is_cut and "ORDER_MODIFIER" not in modifiers:
            raise EvidenceError("it takes some of the rows in no order.", remedy="Add order by before limit.")
        if node.get("sample"):
            raise EvidenceError(
                "it looks at a sample.", remedy="Look at all the rows: a sample is another one each time."
            )
        if node.get("at_clause"):
            raise EvidenceError("it asks for an earlier state of a table.", remedy="Leave the AT out.")

    def _column(self, names: list[str]) -> None:
        if names[-1].lower() == "rowid":
            self._forbid("rowid")
        # DuckDB reads a bare `current_date` as a column first and as the clock if there is none.
        if len(names) == 1 and _CLOCK.fullmatch(names[0].lower()):
            self._forbid(names[0])

    def _function(self, node: dict[str, Any]) -> None:
        name = node["function_name"].lower()
        if FORBIDDEN.fullmatch(name) or node.get("schema") or node.get("catalog"):
            self._forbid(name)
        orders = (node.get("order_bys") or {}).get("orders") or node.get("orders") or node.get("arg_orders")
        if name in ORDERED and not orders:
            raise EvidenceError(
                f"it calls {name} on rows in no order.", remedy="Add order by within it, or take max, min or count."
            )

    def _table(self, node: dict[str, Any], inner: frozenset[str]) -> None:
        catalog, schema, table = (node[part].lower() for part in ("catalog_name", "schema_name", "table_name"))
        name = f"{schema}.{table}"
        if not schema and not catalog:
            if table not in inner:
                raise EvidenceError(
                    f"it reads {table!r}, which is no table of core or marts.",
                    remedy="Write core.… or marts.…; no files.",
                )
        elif catalog or schema not in SCHEMAS:
            raise EvidenceError(
                f"it reads {'.'.join(part for part in (catalog, schema, table) if part)}.",
                remedy="Read tables of core and marts.",
            )
        elif name in CLAIMS:
            raise EvidenceError("it reads the claims themselves.", remedy="Read the figures.")
        elif name not in self.models or self.models[name].is_macro:
            raise EvidenceError(f"there is no table {name}.", remedy="`bilateral tables` lists those that there are.")
        else:
            self.found.add(name)

    def _table_function(self, function: dict[str, Any]) -> None:
        schema, name = str(function.get("schema") or "").lower(), function["function_name"].lower()
        qualified = f"{schema}.{name}"
        if not schema and name in TABLE_FUNCTIONS:
            return
        if schema in SCHEMAS and qualified in self.models and self.models[qualified].is_macro:
            self.found.add(qualified)
            return
        raise EvidenceError(
            f"it reads {qualified.removeprefix('.')}(…).",
            remedy=f"Of table functions use {', '.join(sorted(TABLE_FUNCTIONS))} and the macros of core.",
        )

    def _forbid(self, name: str) -> None:
        raise EvidenceError(
            f"it calls {name}, whose answer depends on more than the figures, or which does more than answer.",
            remedy="Write the value itself.",
        )


@contextmanager
def read_only(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A transaction that can write to nothing but temporary tables, and leaves nothing behind; it is in UTC."""
    in_utc(connection)
    connection.execute("begin transaction read only")
    try:
        yield
    finally:
        connection.execute("rollback")


def ask(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    *,
    seconds: float = SECONDS,
    memory: int = MEMORY,
    may_be_empty: bool = False,
) -> Value | None:
    """The one value that a checked evidence gives; None if it is null.

    Args:
        connection: The warehouse.
        sql: The evidence.
        seconds: After how long it is stopped.
        memory: Bytes that it may take.
        may_be_empty: Whether no row counts as null: of a day when nothing was held there may be none.

    Raises:
        EvidenceError: It fails, takes too long, or gives other than one row of one value that can be compared.
    """
    names, found = rows(connection, sql, at_most=2, seconds=seconds, memory=memory)
    if len(names) != 1:
        raise EvidenceError(f"it gives {len(names)} columns.", remedy="Select exactly one value.")
    if len(found) != 1:
        if may_be_empty and not found:
            return None
        raise EvidenceError(
            f"it gives {'more than one row' if found else 'no row'}.",
            remedy="Give exactly one row; max(…) gives one, null, where there is no figure.",
        )
    return _plain(found[0][0])


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, *, at_most: int, seconds: float = SECONDS, memory: int = MEMORY
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The columns and the first rows of a checked SELECT, in a transaction that cannot write.

    Args:
        connection: The warehouse.
        sql: The SELECT.
        at_most: How many rows.
        seconds: After how long it is stopped.
        memory: Bytes that it may take.

    Raises:
        EvidenceError: It fails, takes too long or takes too much.
    """
    try:
        with limited(connection, seconds=seconds, memory=memory), read_only(connection):
            found = connection.execute(sql)
            return [column[0] for column in found.description or ()], found.fetchmany(at_most)
    except duckdb.Error as error:
        reason = " ".join(str(error).partition("\nLINE ")[0].split())
        raise EvidenceError(f"it fails: {reason}", remedy="Run it with `bilateral query` and mend it.") from error


def _plain(value: Any) -> Value | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise EvidenceError(f"it gives {value}.", remedy="Guard the divisor with nullif.")
    if isinstance(value, float) and not value.is_integer():
        # The last digits of an average or a slope depend on the order in which threads add up.
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    raise EvidenceError(f"it gives a {type(value).__name__}.", remedy="Give a number, a text, a date, true or false.")


def as_text(value: Value | None) -> str | None:
    """A value as the DuckDB command line would be understood to print it: in full, without commas."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
