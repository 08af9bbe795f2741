"""Expand `*` and `union by name` in a model's SQL, and replace tables in the text of a SELECT.

Here: what lineage and engines other than DuckDB need expanded. Not here: other differences between engines (`engines`).

Stars (`*` and `table.*`, with `exclude` and `replace`) and `union by name` are expanded. A star may stand for columns
of tables that models make, of `with` tables, and of raw and reference tables. `join … using` and `group by all` are not
expanded, because they mean the same on every engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from dagster_project.models import DIALECT, Columns


def replace_tables(select: str, rows: Mapping[str, str]) -> str:
    """Replace tables in the text of a SELECT by the SELECTs in `rows`, each under the table's name.

    Raises:
        sqlglot.errors.SqlglotError: The text is not valid SQL.
    """
    places = []
    for table in parse_one(select, dialect=DIALECT).find_all(exp.Table):
        name = f"{table.db}.{table.name}" if table.db else table.name
        if name in rows and isinstance(table.this, exp.Identifier):
            start = (table.args.get("db") or table.this).meta["start"]
            named = "" if table.alias else f" as {table.name}"
            places.append((start, table.this.meta["end"] + 1, f"({rows[name]}){named}"))
    # From the last to the first, so that the earlier positions stay valid.
    for start, end, text in sorted(places, reverse=True):
        select = f"{select[:start]}{text}{select[end:]}"
    return select


def expand_query(tree: exp.Query, known: Columns) -> None:
    """Expand a query in place: name every column, and put the columns of all parts of a union into the same order.

    Raises:
        sqlglot.errors.SqlglotError: A star stands for columns of an unknown table, or adds a column that the query
            already has.
    """
    for scope in traverse_scope(tree):
        query = scope.expression
        if isinstance(query, exp.Select) and query.is_star:
            columns = [column for one in query.expressions for column in _expand_star(one, query, scope, known)]
            names = [column.alias_or_name for column in columns]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise SqlglotError(f"a star repeats columns: {', '.join(twice)}; leave them out with `exclude`")
            query.set("expressions", columns)
        elif isinstance(query, exp.SetOperation) and query.args.get("by_name"):
            _match_by_place(query)


def _expand_star(column: exp.Expression, query: exp.Select, scope: Scope, known: Columns) -> list[exp.Expression]:
    """Return the columns that replace a star; return any other column unchanged."""
    star = column.this if isinstance(column, exp.Column) else column
    if not isinstance(star, exp.Star):
        return [column]
    excluded = {one.name for one in star.args.get("except_") or ()}
    replaced = {one.alias: one for one in star.args.get("replace") or ()}
    if isinstance(column, exp.Column):
        found = [exp.column(name, column.table) for name in _list_columns(column.table, scope, known)]
    else:
        found = _list_all_columns(query, scope, known)
    return [cast(exp.Expression, replaced.get(one.name, one)) for one in found if one.name not in excluded]


def _list_all_columns(query: exp.Select, scope: Scope, known: Columns) -> list[exp.Column]:
    """List the columns of all tables that a SELECT reads; list a column of `using` once, without a table's name."""
    joins = [join for join in query.args.get("joins") or () if join.kind not in {"SEMI", "ANTI"}]
    shared = [{one.name for one in join.args.get("using") or ()} for join in joins]
    every = set().union(*shared)
    first = query.args["from_"].this.alias_or_name
    found = [exp.column(name, None if name in every else first) for name in _list_columns(first, scope, known)]
    for join, once in zip(joins, shared, strict=True):
        table = join.this.alias_or_name
        columns = [name for name in _list_columns(table, scope, known) if name not in once]
        found += [exp.column(name, None if name in every else table) for name in columns]
    return found


def _list_columns(table: str, scope: Scope, known: Columns) -> list[str]:
    """List the columns of a table, given its name or alias in a SELECT."""
    source = scope.sources.get(table)
    if isinstance(source, Scope):
        return list(source.outer_columns or cast(exp.Query, source.expression).named_selects)
    name = f"{source.db}.{source.name}" if isinstance(source, exp.Table) else table
    if name not in known:
        raise SqlglotError(f"`*` stands for the columns of {name}, which are not declared: name the columns you need")
    return list(known[name])


def _match_by_place(union: exp.SetOperation) -> None:
    """Rewrite a `union by name` in place: give all parts the same columns in the same order."""
    if isinstance(union.parent, exp.SetOperation) and union.parent.args.get("by_name"):
        return
    parts = list(_list_parts(union))
    columns = list(dict.fromkeys(name for part in parts for name in part.named_selects))
    for part in parts:
        if part.named_selects != columns:
            part.replace(_select_in_order(part, columns))


def _list_parts(union: exp.SetOperation) -> Iterator[exp.Query]:
    """Yield the parts of a `union by name`, in their order; change the union to match columns by position."""
    union.set("by_name", None)
    for part in (union.left, union.right):
        if isinstance(part, exp.SetOperation) and part.args.get("by_name"):
            yield from _list_parts(part)
        else:
            yield part


def _select_in_order(part: exp.Query, columns: Sequence[str]) -> exp.Query:
    """Select the columns of a part of a union in order; select null for a column that the part lacks."""
    if not isinstance(part, exp.Select):
        # A part that is a union itself becomes a subquery.
        own = [exp.column(name) for name in part.named_selects]
        part = exp.select(*own).from_(cast(exp.Query, part.unnest()).subquery("part"))
    found = {one.alias_or_name: one for one in part.expressions}
    return part.select(*(found.get(name) or exp.alias_(exp.Null(), name) for name in columns), append=False)
