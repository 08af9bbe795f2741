"""Check and run evidence: one SELECT over core and marts that gives one value, to compare with a claim.

Here: checking a SELECT with DuckDB's own parser, running it, and listing the snapshots behind its value. Not here:
comparing the value with a claim (`comparison`).

A SELECT may read tables and table macros of `core` and `marts`, tables of its own `with`, and the functions
`unnest`, `range` and `generate_series`. It may not write, use today's date, or read files, the network, settings or the
environment. So the same figures give the same verdict to anyone at any time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.claims.query_limits import EvidenceError, limit_question
from dagster_project.database import set_utc
from dagster_project.errors import BilateralError, raise_fault
from dagster_project.files import atomic_write, load_yaml, read_stored_json
from dagster_project.models import Model
from dagster_project.models.selects import (
    Node,
    build_column_node,
    list_table_functions,
    list_tables,
    parse_select,
    walk_nodes,
    write_distinct_select,
)

Value = float | int | str | bool | date

SCHEMAS = ("core", "marts")
# Tables of claims: a claim must not be compared with itself.
CLAIMS = frozenset({"core.claims", "marts.claim_verdicts"})
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
SECONDS = 10.0
# Significant digits that are kept of a number that is not whole.
DIGITS = 12

_WORDS = load_yaml(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
FORBIDDEN, _FORBIDDEN_COLUMNS = (re.compile("|".join(_WORDS[one])) for one in ("forbidden", "forbidden_columns"))
_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_FROM = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "TABLE_FUNCTION", "EMPTY", "EXPRESSION_LIST", "CTE"})
_NAMED = re.compile(r'\b(core|marts)"?\s*\.\s*"?(\w+)', re.IGNORECASE)

# The columns for the snapshots behind a row, and for the precision of a row's date: day, month or year.
SNAPSHOT_COLUMNS = ("snapshot_ids", "snapshot_id")
PRECISION = "date_precision"
# Columns that are null if their subject does not exist, such as a rank among surpluses in a year of deficit.
NULL_IF_FALSE: list[dict[str, str]] = _WORDS["null_if_false"]
# Kinds of nodes, and functions, that count rows.
_COUNTING = {"STAR", "EXISTS", "count", "count_star", "sum"}


def list_named_tables(sql: str) -> set[str]:
    """Find the tables of core and marts whose names occur in a SELECT, by a pattern, without parsing."""
    return {f"{schema}.{table}".lower() for schema, table in _NAMED.findall(sql)}


def check_select(connection: duckdb.DuckDBPyConnection, sql: str, models: Mapping[str, Model]) -> frozenset[str]:
    """Check that a SELECT is allowed as evidence, and list the tables and macros that it reads.

    Raises:
        EvidenceError: The SQL is not one SELECT, writes, or reads something other than tables of core and marts.
    """
    try:
        nodes = parse_select(connection, sql)
    except BilateralError as error:
        raise EvidenceError(error.message, remedy=error.remedy) from None
    tables, functions = list_tables(nodes), set(list_table_functions(nodes)) - TABLE_FUNCTIONS
    for node in nodes:
        _check_node(node)
    for name in tables:
        if name in CLAIMS:
            raise EvidenceError(
                "the SELECT reads claims, not figures.", remedy="Read a table of figures in core or marts."
            )
        if name.partition(".")[0] not in SCHEMAS:
            raise EvidenceError(
                f"the SELECT reads {name!r}, which is not a table of core or marts.", remedy="Read core or marts."
            )
        if name not in models or models[name].is_macro:
            raise EvidenceError(f"there is no table {name}.", remedy="`bilateral tables` lists the tables.")
    for name in functions:
        is_ours = name in models and models[name].is_macro and name.partition(".")[0] in SCHEMAS
        if not is_ours:
            remedy = f"Allowed are {', '.join(sorted(TABLE_FUNCTIONS))} and the macros of core and marts."
            raise EvidenceError(f"the SELECT uses the table function {name}(…), which is not allowed.", remedy=remedy)
    if not (found := functions.union(tables)):
        raise EvidenceError("the SELECT reads no table of core or marts.", remedy="Select a figure from one of them.")
    if hidden := sorted(found - list_named_tables(sql)):
        raise EvidenceError(
            f"the SELECT names the table {hidden[0]} in another form than schema.table.", remedy=f"Write {hidden[0]}."
        )
    return frozenset(found)


def _check_node(node: Node) -> None:
    """Check that a node of a parsed SELECT only reads tables, and gives the same answer every time."""
    kind, is_column = str(node.get("type")), node.get("type") == "COLUMN_REF"
    is_source = kind not in {"SHOW_REF", "PIVOT"} and ("from_table" not in node or node["from_table"]["type"] in _FROM)
    names = [entry["key"] for entry in (node.get("cte_map") or {}).get("map", ())]
    strange = next((name for name in names if not re.fullmatch(r"[^\W\d]\w*", name)), None)
    modifiers = {str(one.get("type")): one for one in node.get("modifiers") or ()}
    is_cut = modifiers.keys() & {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"}
    is_cut = is_cut or modifiers.get("DISTINCT_MODIFIER", {}).get("distinct_on_targets")
    is_arbitrary = is_cut and "ORDER_MODIFIER" not in modifiers
    name = (".".join(node["column_names"]) if is_column else str(node.get("function_name", ""))).lower()
    is_forbidden = name and (_FORBIDDEN_COLUMNS if is_column else FORBIDDEN).fullmatch(name)
    orders = (node.get("order_bys") or {}).get("orders") or node.get("orders") or node.get("arg_orders")
    is_unordered = not is_column and name in _WORDS["ordered"] and not orders
    changing = f"the SELECT uses {name}, which may give another value at another time, or change something."
    cut = "the SELECT has LIMIT or DISTINCT ON without ORDER BY: the rows are arbitrary."
    unordered = f"the SELECT calls {name} without ORDER BY, so the answer is arbitrary."
    is_other = kind.endswith("_NODE") and kind not in _NODES
    raise_fault(
        (is_other, "the SELECT does more than select.", "Write one SELECT without other statements."),
        (not is_source, "the SELECT reads something that is not a table.", "Read tables of core and marts."),
        (strange is not None, f"a `with` table has the name {strange!r}.", "Use letters, digits and _."),
        (node.get("sample"), "the SELECT reads a random sample of rows.", "Leave out the sample: read all rows."),
        (node.get("at_clause"), "the SELECT reads an earlier state of a table (AT).", "Leave out AT."),
        (is_arbitrary, cut, "Add ORDER BY."),
        (is_forbidden, changing, "Write the value itself, such as a date."),
        (is_unordered, unordered, "Add ORDER BY within the call, or use max, min or count."),
        kind=EvidenceError,
    )


@contextmanager
def read_only(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Open a read-only transaction with UTC as the time zone; roll it back at the end."""
    set_utc(connection)
    connection.execute("begin transaction read only")
    try:
        yield
    finally:
        connection.execute("rollback")


def ask_value(
    connection: duckdb.DuckDBPyConnection, sql: str, *, seconds: float = SECONDS, may_be_empty: bool = False
) -> Value | None:
    """Run a checked SELECT and return its one value; None if the value is null.

    With `may_be_empty`, a result without rows counts as null: as of an early day, figures may not exist yet.

    Raises:
        EvidenceError: The SELECT fails, takes too long, or does not give one row with one comparable value.
    """
    names, found = fetch_rows(connection, sql, at_most=2, seconds=seconds)
    if len(names) != 1:
        raise EvidenceError(f"the SELECT gives {len(names)} columns.", remedy="Select exactly one value.")
    if may_be_empty and not found:
        return None
    if len(found) != 1:
        remedy = "Select exactly one row: max(…) gives one row also without figures, with null."
        raise EvidenceError(f"the SELECT gives {'more than one row' if found else 'no row'}.", remedy=remedy)
    return _convert_value(found[0][0])


def fetch_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, *, at_most: int, seconds: float = SECONDS
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Fetch the column names and at most `at_most` rows of a checked SELECT.

    Raises:
        EvidenceError: The SELECT fails, takes too long or takes too much memory.
    """
    try:
        with limit_question(connection, seconds=seconds), read_only(connection):
            found = connection.execute(sql)
            return [column[0] for column in found.description or ()], found.fetchmany(at_most)
    except duckdb.Error as error:
        reason = " ".join(str(error).partition("\nLINE ")[0].split())
        raise EvidenceError(
            f"the SELECT fails: {reason}", remedy="Run it with `bilateral query` to find the error."
        ) from error


def _convert_value(value: Any) -> Value | None:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise EvidenceError(f"the SELECT gives {value}.", remedy="Avoid a division by zero with nullif.")
    if isinstance(value, float) and not value.is_integer():
        # The last digits of an average or a slope depend on the order in which threads add up.
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, bool | int | float | str | date):
        return value
    kind = type(value).__name__
    raise EvidenceError(
        f"the SELECT gives a {kind} ({value}).", remedy="Select a number, a text, a date, or true or false."
    )


class StoredAnswers:
    """A file of the answers of SELECTs as of earlier days, so that a build need not rebuild the figures of these days.

    Args:
        path: The JSON file. Its name has a hash of the code, because other code may give other answers.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._earlier: dict[str, Any] = read_stored_json(path) or {}
        self._now: dict[str, Any] = {}

    def recall_answer(self, key: str, ask: Callable[[], Value | None]) -> Value | None:
        """Return the answer stored under a key; if none is stored, call `ask` and store the answer."""
        known = self._now.get(key) or self._earlier.get(key)
        if known is None:
            answer = ask()
            known = {"date": str(answer)} if isinstance(answer, date) else {"value": answer}
        self._now[key] = known
        value: Value | None = date.fromisoformat(known["date"]) if "date" in known else known["value"]
        return value

    def write_file(self) -> None:
        """Write the answers that this build used, and remove the files of older code."""
        with atomic_write(self._path) as half:
            half.write_text(json.dumps(self._now), encoding="utf-8")
        for other in set(self._path.parent.glob("*.json")) - {self._path}:
            other.unlink(missing_ok=True)


def check_answer(connection: duckdb.DuckDBPyConnection, sql: str, models: Mapping[str, Model]) -> None:
    """Check that the answer of a SELECT depends on figures, and that the SELECT uses dates only as precisely as known.

    Raises:
        EvidenceError: The SELECT neither names a column nor counts, or uses dates as exact days although only their
            month or year is known.
    """
    parts = [part for select in _list_selects(connection, sql) for part in walk_nodes(select["select_list"])]
    # The conditions of a `case` only choose between its results.
    checks = [check for part in parts if part.get("type") == "CASE_EXPR" for check in part["case_checks"]]
    conditions = {id(part) for check in checks for part in walk_nodes(check["when_expr"])}
    names, read = _name_columns(parts), [models[name] for name in list_named_tables(sql) & models.keys()]
    answering = _name_columns(part for part in parts if id(part) not in conditions)
    answering |= names - {key for model in read for key in model.grain}
    kinds = {part.get(key) for part in parts for key in ("type", "subquery_type", "function_name")}
    if not answering and not kinds & _COUNTING:
        remedy = "Select a column of a table of core or marts, or count its rows."
        raise EvidenceError("the answer of the SELECT does not depend on any figure.", remedy=remedy)
    dated = [model.columns for model in read if PRECISION in {column.name for column in model.columns}]
    dates = {column.name for columns in dated for column in columns if column.unit == "date"}
    if not dates & names or PRECISION in names:
        return
    if found := _read_cells(connection, [sql], models, (PRECISION,)) - {"day"}:
        vague = f"the SELECT uses dates as exact days, but only the {' or the '.join(sorted(found))} of some is known."
        raise EvidenceError(vague, remedy=f"Cut event_date to its {PRECISION}, as docs/claims.md shows.")


def list_denials(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[str, str]]:
    """List SELECTs that tell whether evidence is null because the claim is false, each with the finding.

    For example, a rank among surpluses is null in a year of deficit; the finding is "no surplus, and so no rank …".
    """
    for select in _list_selects(connection, sql) if sql else ():
        names = _name_columns(walk_nodes(select["select_list"]))
        aliases = dict(_list_sources(select["from_table"]))
        for known in NULL_IF_FALSE:
            if known["column"] in names and (alias := aliases.get(known["table"])):
                (asked,) = _list_selects(connection, f"select coalesce(bool_and({known['when']}), false)")
                for part in walk_nodes(asked["select_list"]):
                    if part.get("type") == "COLUMN_REF":
                        part["column_names"] = [alias, *part["column_names"]]
                yield write_distinct_select(connection, select, asked["select_list"]), known["means"]


def list_snapshots(
    connection: duckdb.DuckDBPyConnection, texts: Iterable[str], models: Mapping[str, Model]
) -> set[str]:
    """List the snapshots behind SELECTs: those that are named in the rows that match FROM and WHERE.

    For a SELECT that reads its own `with` table or an outer row, all snapshots of its tables are listed.
    """
    return _read_cells(connection, texts, models, SNAPSHOT_COLUMNS)


def _read_cells(
    connection: duckdb.DuckDBPyConnection, texts: Iterable[str], models: Mapping[str, Model], columns: Sequence[str]
) -> set[str]:
    """Read one column of the rows that SELECTs read: of each table, the first of `columns` that the table has."""

    def find_column(table: str) -> str | None:
        held = {column.name for column in models[table].columns} if table in models else set()
        return next((name for name in columns if name in held), None)

    def fetch(query: str) -> set[str]:
        cells = [cell for row in connection.execute(query).fetchall() for cell in row if cell]
        return {one for cell in cells for one in (cell if isinstance(cell, list) else [cell])}

    found: dict[str, set[str]] = {}
    for select in (select for sql in texts for select in _list_selects(connection, sql)):
        sources = _list_sources(select["from_table"])
        wanted = [build_column_node(alias, column) for name, alias in sources if (column := find_column(name))]
        query = write_distinct_select(connection, select, wanted) if wanted else ""
        try:
            if query not in found:
                found[query] = fetch(query) if query else set()
        except duckdb.Error:
            # The SELECT reads its own `with` table or an outer row.
            tables = {name: column for name in list_tables(walk_nodes(select)) if (column := find_column(name))}
            found |= {name: fetch(f"select distinct {column} from {name}") for name, column in tables.items()}
    return set[str]().union(*found.values())


def _list_selects(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Node]:
    return [node for node in parse_select(connection, sql) if node.get("type") == "SELECT_NODE"]


def _name_columns(parts: Iterable[Node]) -> set[str]:
    return {part["column_names"][-1].lower() for part in parts if part.get("type") == "COLUMN_REF"}


def _list_sources(table: Node) -> Iterator[tuple[str, str]]:
    """List the tables and macros in a FROM clause, each with its alias."""
    if table["type"] == "JOIN":
        yield from _list_sources(table["left"])
        yield from _list_sources(table["right"])
    elif table["type"] == "BASE_TABLE":
        yield f"{table['schema_name']}.{table['table_name']}".lower(), table["alias"] or table["table_name"]
    elif table["type"] == "TABLE_FUNCTION":
        named = table["function"]
        yield f"{named['schema']}.{named['function_name']}".lower(), table["alias"] or named["function_name"]
