"""Lineage of evidence: the columns that its answer is made of, and the rows that it looks at.

Here: reading that from the SQL, and refusing an evidence whose answer does not come from the figures or is more precise
than they are. Not here: what an evidence may read (`evidence`), and what its answer means (`verdicts`).

Columns are followed by sqlglot's lineage. What it cannot follow is not refused: only what is proved is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.schema import MappingSchema

from dagster_project.claims import evidence
from dagster_project.claims.limits import EvidenceError
from dagster_project.models import DIALECT, Model

# The columns in which tables say in which snapshots a row's figures stand.
SNAPSHOT_COLUMNS = ("snapshot_ids", "snapshot_id")
# The column in which tables say how much of a row's date is known.
PRECISION = "date_precision"

# Columns that are null where what they tell of is not there, though the figures are: when so, and what it means.
NULL_IF_FALSE = {
    ("marts.trade_balance_annual", "surplus_rank"): (
        "balance_sign in ('deficit', 'balanced')",
        "no surplus, and so no rank among the surpluses",
    ),
    ("marts.trade_balance_annual", "partner_surplus_rank"): (
        "balance_sign in ('deficit', 'balanced')",
        "no surplus, and so no rank among the surpluses with partners",
    ),
    ("marts.trade_balance_annual", "partner_deficit_rank"): (
        "balance_sign in ('surplus', 'balanced')",
        "no deficit, and so no rank among the deficits with partners",
    ),
    ("marts.trade_balance_annual", "first_deficit_since"): (
        "balance_sign in ('surplus', 'balanced') or (balance_sign = 'deficit' and not sign_flipped)",
        "no deficit that ends a run of surpluses",
    ),
}

# Of these the answer is one of the values that they are given.
_CHOOSING = (
    exp.Alias,
    exp.Paren,
    exp.Cast,
    exp.TryCast,
    exp.Filter,
    exp.Max,
    exp.Min,
    exp.AnyValue,
    exp.First,
    exp.Last,
)
# These tell of rows, whatever stands in them.
_OF_ROWS = (exp.Exists, exp.In, exp.Window, exp.Anonymous)


class Lineage:
    """What evidence rests on in a warehouse.

    Args:
        connection: The warehouse; it is only read.
        models: Every model, by name.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, models: Mapping[str, Model]) -> None:
        self.connection = connection
        self.models = models
        self._roots: dict[str, Node | None] = {}

    def refuse_fixed(self, sql: str) -> None:
        """Refuses an evidence that gives the same whatever the figures are.

        Raises:
            EvidenceError: Nothing in its answer depends on a table, or all that it can answer is one value or none.
        """
        root = self._root(sql)
        if root is None:
            return
        if any(_depends(node) for node in root.walk()):
            # Of a union the root is one of its parts.
            found = None if isinstance(root.source, exp.SetOperation) else _answers(root.expression)
            if found is None or len(found) > 1:
                return
        raise EvidenceError(
            "its answer is the same whatever the figures are.",
            remedy="Select a column of a table of core or marts, or count its rows.",
        )

    def refuse_false_days(self, sql: str) -> None:
        """Refuses an evidence that takes the first of a month or year for the day of an event.

        Raises:
            EvidenceError: Some of its dates are known only to the month or year, and it does not look at how much of
                them is known.
        """
        columns = self.columns(sql)
        dated = {
            table
            for table, column in columns
            if (model := self.models.get(table)) is not None
            and any(one.name == column and one.unit == "date" for one in model.columns)
            and any(one.name == PRECISION for one in model.columns)
        }
        if not dated or any(column == PRECISION for _, column in columns):
            return
        found = self._in(sql, (PRECISION,)) - {"day"}
        if found:
            raise EvidenceError(
                f"it reads the dates of events of which only the {' or the '.join(sorted(found))} is known as days.",
                remedy=f"Cut event_date to what {PRECISION} says, as docs/claims.md shows.",
            )

    def columns(self, sql: str) -> set[tuple[str, str]]:
        """The columns of core and marts that the answer is made of, each with its table."""
        root = self._root(sql)
        if root is None:
            return set()
        return {
            (_full_name(node.expression), node.name.rpartition(".")[2].strip('"').lower())
            for node in root.walk()
            if isinstance(node.expression, exp.Table) and node.expression.db
        }

    def denied(self, sql: str) -> Iterator[tuple[str, str]]:
        """Questions that are true if an evidence gives null because what it asks for is not there, and what that means.

        Each is about a column of `NULL_IF_FALSE`: whether the rows that the evidence looks at are held, and are so.
        """
        for name in sorted(self.columns(sql) & NULL_IF_FALSE.keys()):
            condition, meaning = NULL_IF_FALSE[name]
            tree = _parsed(sql)
            for select in tree.find_all(exp.Select) if tree else ():
                source = next((one for one in _sources(select) if _is(one, name[0])), None)
                if source is None:
                    continue
                is_so = parse_one(condition, dialect=DIALECT)
                for column in is_so.find_all(exp.Column):
                    column.set("table", exp.to_identifier(source.alias or source.name))
                query = _rows(select, [parse_one(f"coalesce(bool_and({is_so.sql(DIALECT)}), false)", dialect=DIALECT)])
                yield query, meaning

    def snapshots(self, sql: str) -> set[str]:
        """The snapshots behind an evidence: those in which the rows stand that its `from … where` lets through.

        Where rows cannot be told apart that easily, because a SELECT reads its own `with` or an outer row, they are
        all of the table's. Tables without a column of snapshots, which are code lists, add none.
        """
        return self._in(sql, SNAPSHOT_COLUMNS)

    @cached_property
    def _schema(self) -> MappingSchema:
        found = MappingSchema(dialect=DIALECT)
        for model in self.models.values():
            if model.schema in evidence.SCHEMAS and not model.is_macro:
                found.add_table(model.name, {column.name: "text" for column in model.columns})
        return found

    def _root(self, sql: str) -> Node | None:
        """The one column of an answer, with what it is made of; None if it cannot be followed."""
        if sql not in self._roots:
            self._roots[sql] = self._traced(sql)
        return self._roots[sql]

    def _traced(self, sql: str) -> Node | None:
        tree = _parsed(sql)
        try:
            nodes = lineage(None, tree.copy(), self._schema, dialect=DIALECT) if tree else {}
        except SqlglotError:
            return None
        assert isinstance(nodes, dict)
        return next(iter(nodes.values())) if len(nodes) == 1 else None

    def _in(self, sql: str, names: tuple[str, ...]) -> set[str]:
        """What stands in the first of these columns that a table has, in the rows that an evidence looks at."""
        found: set[str] = set()
        tree = _parsed(sql)
        for select in tree.find_all(exp.Select) if tree else ():
            columns = [column for one in _sources(select) if (column := self._column(one, names))]
            try:
                found |= self._cells(_rows(select, columns, distinct=exp.Distinct())) if columns else set()
            except duckdb.Error:
                # It reads its own `with` or an outer row.
                found |= self._all_in(map(_full_name, select.find_all(exp.Table)), names)
        return found if tree else self._all_in(evidence.tables_named(sql), names)

    def _all_in(self, tables: Iterable[str], names: tuple[str, ...]) -> set[str]:
        """What stands in the first of these columns that a table has, in all its rows."""
        held = [name for name in sorted(tables) if name in self.models and not self.models[name].is_macro]
        columns = ((name, self._column(exp.to_table(name), names)) for name in held)
        texts = [f"select distinct {column.name} from {name}" for name, column in columns if column]
        return set().union(*map(self._cells, texts))

    def _cells(self, query: str) -> set[str]:
        cells = [cell for row in self.connection.execute(query).fetchall() for cell in row if cell]
        return {one for cell in cells for one in (cell if isinstance(cell, list) else [cell])}

    def _column(self, source: exp.Expr, names: tuple[str, ...]) -> exp.Column | None:
        model = self.models.get(_full_name(source)) if isinstance(source, exp.Table) else None
        held = {column.name for column in model.columns} if model else set()
        column = next((name for name in names if name in held), None)
        return exp.column(column, table=source.alias or source.name) if column else None


@cache
def _parsed(sql: str) -> exp.Query | None:
    """A SELECT as a tree, which is shared; None if sqlglot does not understand it. DuckDB understands more."""
    try:
        tree = parse_one(sql, dialect=DIALECT)
    except SqlglotError:
        return None
    tree = tree.unnest() if isinstance(tree, exp.Query) else tree
    return tree if isinstance(tree, exp.Query) else None


def _full_name(table: exp.Table) -> str:
    # Of a macro's call sqlglot keeps the name in the call.
    name = table.this.this if isinstance(table.this, exp.Anonymous) else table.name
    return f"{table.db}.{name}".lower()


def _sources(select: exp.Select) -> list[exp.Expr]:
    start = select.args.get("from_")
    return [part.this for part in [start, *(select.args.get("joins") or [])] if part is not None]


def _is(source: exp.Expr, table: str) -> bool:
    return isinstance(source, exp.Table) and _full_name(source) == table


def _rows(select: exp.Select, columns: Sequence[exp.Expr], **given: exp.Expr) -> str:
    """A question about the rows that a SELECT looks at."""
    query = exp.Select(expressions=list(columns), **given)
    for part in ("from_", "joins", "where"):
        if (found := select.args.get(part)) is not None:
            query.set(part, [one.copy() for one in found] if isinstance(found, list) else found.copy())
    return query.sql(dialect=DIALECT, comments=False)


def _depends(node: Node) -> bool:
    """Whether a value comes from a table, or may."""
    made = node.expression
    if isinstance(made, exp.Table):
        return bool(made.db)
    if isinstance(made, exp.Placeholder | exp.Lateral):
        # Lineage does not follow it.
        return True
    counts = [one for one in made.find_all(exp.AggFunc) if not isinstance(one, _CHOOSING)]
    return bool(counts) or made.find(*_OF_ROWS) is not None


def _answers(made: exp.Expr) -> set[str] | None:
    """The values other than null that an expression can give, as they are written; None if they are not all written."""
    if isinstance(made, _CHOOSING):
        return _answers(made.this)
    if isinstance(made, exp.Null):
        return set()
    if isinstance(made, exp.Case | exp.If | exp.Coalesce):
        return _either(made)
    if made.find(exp.Column, exp.Query, exp.AggFunc, exp.Star, *_OF_ROWS) is not None:
        return None
    return {made.sql(DIALECT)}


def _either(made: exp.Expr) -> set[str] | None:
    if isinstance(made, exp.Coalesce):
        ways = [made.this, *made.expressions]
    elif isinstance(made, exp.If):
        ways = [made.args["true"], made.args.get("false")]
    else:
        ways = [*(one.args["true"] for one in made.args["ifs"]), made.args.get("default")]
    found = [_answers(way) for way in ways if way is not None]
    return None if None in found else set().union(*(one for one in found if one is not None))
