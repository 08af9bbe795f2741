"""Which rows of a table are made of which rows of the tables that it reads: a SELECT, followed slice by slice.

Here: the proof, from the SQL alone, that the rows of a result with one value of a column (a month, a year) depend on
no other rows of certain tables than those with a value that can be told; and the SELECT for just those rows. Not here:
what is made by slices, and when (`engines`, `build`).

The proof follows the column from the result to the tables. It passes what treats rows one by one, unions, groups and
windows that keep its values apart, and joins that equate it. It stops at anything else: then there is no slicing, and
the table is made as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlglot import exp, parse_one

from dagster_project.models import DIALECT, Model

# What a table may be sliced by, if it is part of its grain: a slice is never part of a figure.
SLICED_BY = ("period_start", "year")

# What a table, or a query in parentheses, may be written with and still be all of its rows.
_PLAIN = frozenset({"this", "db", "catalog", "alias", "expressions"})

Value = date | int
Condition = Callable[[str], str]


@dataclass(frozen=True)
class Read:
    """A place where a SELECT reads a table.

    Args:
        table: The table, `schema.table`.
        start: Where its name begins in the SELECT.
        end: Where its name ends.
        is_named: Whether it has another name there.
        keys: What tells of a row which slices it matters to, in SQL over the table's columns; it may matter to several.
    """

    table: str
    start: int
    end: int
    is_named: bool
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Slicing:
    """How a SELECT can be run for some values of a column.

    Args:
        select: The SELECT.
        column: The column of its result that is sliced by; "" if its result is not.
        reads: Every place where it reads one of the tables that are sliced.
    """

    select: str
    column: str
    reads: tuple[Read, ...]

    def part(self, condition: Condition, where: Callable[[Read], str] = lambda _read: "true") -> str:
        """The SELECT for some values.

        Args:
            condition: From SQL that has a value, to SQL that says whether it is one of them.
            where: Of a read, what else its rows must fulfil.
        """
        text = self.select
        for read in reversed(self.reads):
            matters = " or ".join(condition(key) for key in read.keys)
            rows = f"(select * from {read.table} where ({matters}) and {where(read)})"
            named = "" if read.is_named else f" as {read.table.partition('.')[2]}"
            text = f"{text[: read.start]}{rows}{named}{text[read.end :]}"
        return f"select * from ({text}\n) where {condition(self.column)}" if self.column else text


@dataclass(frozen=True)
class Slices:
    """Some slices of what a SELECT makes or finds.

    Args:
        slicing: How it is sliced.
        values: Which slices.
    """

    slicing: Slicing
    values: frozenset[Value]


def among(values: Iterable[Value]) -> Condition:
    """The condition that SQL has one of these values."""
    literals = ", ".join(map(literal, values))
    return lambda key: f"{key} in ({literals})" if literals else "false"


def literal(value: Value) -> str:
    """A value in SQL."""
    return f"date '{value}'" if isinstance(value, date) else str(value)


def whole(found: object) -> Value | None:
    """What a query found as a value to slice by; None if it is of another kind."""
    if isinstance(found, datetime):
        # A date to which SQL has added months.
        return found.date() if found == datetime.combine(found, time()) else None
    return found if isinstance(found, date | int) else None


@cache
def of_model(model: Model, tables: frozenset[str]) -> Slicing | None:
    """How a model's table can be made by slices of some tables; None if it cannot.

    Args:
        model: The model.
        tables: The tables that are sliced; what else the model reads, it reads as a whole for each slice.
    """
    for column in SLICED_BY:
        if column in model.grain:
            walk = _Walk(tables)
            try:
                walk.follow_result(tree := _parsed(model.select), column)
                walk.refuse_unfound(tree)
            except _NotSliced:
                continue
            return walk.slicing(model.select, column)
    return None


def of_query(query: str, tables: Mapping[str, Model]) -> Slicing | None:
    """How a query that looks for rows can look slice by slice; None if it cannot.

    A part finds every row that the whole query finds in those slices. It may find rows that the whole query does not.

    Args:
        query: The query. Its outermost SELECT reads one of the tables.
        tables: The tables that are sliced, with the models that make them.
    """
    return _of_query(query, tuple((name, column) for name in sorted(tables) for column in tables[name].grain))


@cache
def _of_query(query: str, columns: tuple[tuple[str, str], ...]) -> Slicing | None:
    for column in SLICED_BY:
        walk = _Walk(frozenset(name for name, _ in columns))
        try:
            walk.follow_rows(tree := _parsed(query), column, {name for name, known in columns if known == column})
            walk.refuse_unfound(tree)
        except _NotSliced:
            continue
        return walk.slicing(query, "")
    return None


@cache
def looked_up(model: Model, table: str, key: str, tables: frozenset[str]) -> tuple[Read, ...] | None:
    """What a model looks up in a table by its key, if it does nothing else with it; else None.

    Args:
        model: The model.
        table: The table that it looks up in.
        key: The column that makes that table's rows unique.
        tables: The tables that are sliced.

    Returns:
        The reads of sliced tables, each with the SQL over its columns that is looked up.
    """
    walk = _Walk(tables, to_the_end=True)
    try:
        walk.follow_lookups(_parsed(model.select), {}, table, key)
    except _NotSliced:
        return None
    return walk.slicing(model.select, "").reads


class _NotSliced(Exception):
    """The SELECT does something that may mix slices."""


# Each common table expression by its name, with those that it knows itself.
_Known = Mapping[str, tuple[exp.Expr, "_Known"]]
_Pair = tuple[exp.Expr, exp.Expr]


@dataclass(frozen=True)
class _Source:
    """What a SELECT reads rows from.

    Args:
        name: What its columns are qualified by.
        node: The table, or the query.
        known: The common table expressions that are known there.
        holds: Whether it is, or reads, a table that is sliced.
        how: How it is joined: from, inner, cross, left, semi or anti.
        equal: The pairs of expressions that its join equates.
    """

    name: str
    node: exp.Expr
    known: _Known
    holds: bool
    how: str = "from"
    equal: tuple[_Pair, ...] = ()


@dataclass
class _Walk:
    """One way through a SELECT, from its result to the tables that are sliced."""

    tables: frozenset[str]
    # Whether a way that ends elsewhere than at one of the tables is none.
    to_the_end: bool = False
    found: dict[int, Read] = field(default_factory=dict)

    def slicing(self, select: str, column: str) -> Slicing:
        return Slicing(select, column, tuple(self.found[start] for start in sorted(self.found)))

    def follow_result(self, query: exp.Expr, column: str) -> None:
        """Follows a column of the result."""
        self._query(query, exp.column(column), {})

    def follow_rows(self, query: exp.Expr, column: str, sliced: set[str]) -> None:
        """Follows a column of something that the outermost SELECT reads, or each SELECT of an outermost union."""
        if isinstance(query, exp.Union) and not query.ctes:
            for side in (query.left, query.right):
                self.follow_rows(side, column, sliced)
            return
        if not isinstance(query, exp.Select):
            raise _NotSliced
        sources = self._sources(query, _with(query, {}))
        found = dict(self.found)
        for source in sources:
            table = _table(source.node)
            if source.holds and (table is None or table in sliced):
                try:
                    self._select(query, exp.column(column, table=source.name), sources)
                except _NotSliced:
                    self.found = dict(found)
                else:
                    return
        raise _NotSliced

    def refuse_unfound(self, query: exp.Expr) -> None:
        """Refuses a query that reads one of the tables anywhere that no way led to."""
        for table in query.find_all(exp.Table):
            if _table(table) in self.tables and table.args["db"].meta["start"] not in self.found:
                raise _NotSliced

    def follow_lookups(self, query: exp.Expr, known: _Known, table: str, key: str) -> None:
        """Follows what is looked up in a table by its key, wherever the query does so."""
        if isinstance(query, exp.Subquery):
            _refuse_modified(query)
            self.follow_lookups(query.this, known, table, key)
            return
        if not isinstance(query, exp.Query):
            raise _NotSliced
        known = _with(query, known)
        for cte in query.ctes:
            self.follow_lookups(*known[cte.alias], table, key)
        if isinstance(query, exp.SetOperation):
            for side in (query.left, query.right):
                self.follow_lookups(side, known, table, key)
            return
        if not isinstance(query, exp.Select):
            raise _NotSliced
        self._refuse_hidden(query, {table})
        sources = self._sources(query, known)
        for source in sources:
            if _table(source.node) == table:
                self._follow_lookup(query, source, sources, key)
            elif isinstance(source.node, exp.Subquery):
                self.follow_lookups(source.node, source.known, table, key)

    def _follow_lookup(self, query: exp.Select, table: _Source, sources: list[_Source], key: str) -> None:
        wanted = _same(exp.column(key, table=table.name))
        for one, other in _equalities(query, table, sources):
            names = {column.table for column in other.find_all(exp.Column)}
            if _same(one) == wanted and len(names) == 1:
                source = next((source for source in sources if source.name in names), None)
                if source is not None and source.holds:
                    self._follow(source, other)
                    return
        raise _NotSliced

    def _query(self, query: exp.Expr, wanted: exp.Expr, known: _Known) -> None:
        """Follows an expression over the columns of a query's result."""
        if isinstance(query, exp.Subquery):
            _refuse_modified(query)
            self._query(query.this, wanted, known)
            return
        if not isinstance(query, exp.Query):
            raise _NotSliced
        known = _with(query, known)
        if isinstance(query, exp.Union):
            if any(query.args.get(name) for name in ("limit", "offset", "by_name")):
                raise _NotSliced
            names = query.named_selects
            for side in (query.left, query.right):
                self._query(side, _renamed(wanted, names, side.named_selects), known)
        elif isinstance(query, exp.Select):
            sources = self._sources(query, known)
            self._select(query, _defined(query, wanted, sources), sources)
        else:
            raise _NotSliced

    def _select(self, query: exp.Select, wanted: exp.Expr, sources: list[_Source]) -> None:
        """Follows an expression over the columns that a SELECT reads."""
        self._refuse_hidden(query, self.tables)
        if not any(source.holds for source in sources):
            if self.to_the_end and query.find(exp.Table):
                raise _NotSliced
            return
        for values in _kept_apart(query, sources):
            if not _is_made_of(wanted, values):
                raise _NotSliced
        keys = _keys(query, wanted, sources)
        for source in sources:
            if source.holds:
                if source.name not in keys:
                    raise _NotSliced
                self._follow(source, keys[source.name])

    def _follow(self, source: _Source, key: exp.Expr) -> None:
        key = _unqualified(key)
        table = _table(source.node)
        if table is None:
            self._query(source.node, key, source.known)
            return
        assert isinstance(source.node, exp.Table)
        start, end = source.node.args["db"].meta["start"], source.node.this.meta["end"] + 1
        keys = (*(self.found[start].keys if start in self.found else ()), key.sql(dialect=DIALECT))
        self.found[start] = Read(table, start, end, bool(source.node.alias), tuple(dict.fromkeys(keys)))

    def _sources(self, query: exp.Select, known: _Known) -> list[_Source]:
        begun = query.args.get("from_")
        if begun is None or query.args.get("laterals"):
            raise _NotSliced
        sources = [self._source(begun.this, known, "from", ())]
        for join in query.args.get("joins") or ():
            how = (join.side or join.kind or "inner").lower()
            if join.method or how not in {"inner", "cross", "left", "semi", "anti"}:
                raise _NotSliced
            equal = list(_pairs(join.args.get("on")))
            joined = join.this.alias_or_name
            for column in join.args.get("using") or ():
                if len(sources) > 1:
                    raise _NotSliced
                equal.append((exp.column(column.name, table=sources[0].name), exp.column(column.name, table=joined)))
            sources.append(self._source(join.this, known, how, tuple(equal)))
        return sources

    def _source(self, node: exp.Expr, known: _Known, how: str, equal: tuple[_Pair, ...]) -> _Source:
        _refuse_modified(node)
        holds = self._holds(node, known)
        renames = bool(isinstance(node.args.get("alias"), exp.TableAlias) and node.args["alias"].columns)
        if holds and (renames or not isinstance(node, exp.Table | exp.Subquery)):
            raise _NotSliced
        name = node.alias_or_name
        if isinstance(node, exp.Table) and not node.db and node.name in known:
            inside, knows = known[node.name]
            return _Source(name, inside, knows, holds, how, equal)
        if isinstance(node, exp.Table) and node.db and holds and not isinstance(node.this, exp.Identifier):
            # A macro, with arguments.
            raise _NotSliced
        return _Source(name, node, known, holds, how, equal)

    def _holds(self, node: exp.Expr, known: _Known) -> bool:
        for table in node.find_all(exp.Table):
            if _table(table) in self.tables:
                return True
            if not table.db and table.name in known and self._holds(*known[table.name]):
                return True
        return False

    def _refuse_hidden(self, query: exp.Select, tables: Iterable[str]) -> None:
        """Refuses a SELECT that reads one of the tables elsewhere than in its FROM and its joins."""
        hidden = set(tables)
        joined = [join.args.get("on") for join in query.args.get("joins") or ()]
        others = [query.args.get(name) for name in ("where", "having", "qualify", "group", "order")]
        for part in (*query.expressions, *joined, *others):
            # A common table expression may lead to one.
            if part is not None and any(not table.db or _table(table) in hidden for table in part.find_all(exp.Table)):
                raise _NotSliced
        if any(query.args.get(name) for name in ("limit", "offset", "sample", "operation_modifiers")):
            raise _NotSliced


def _keys(query: exp.Select, wanted: exp.Expr, sources: list[_Source]) -> dict[str, exp.Expr]:
    """Of each source, as far as it can be told, the expression that equals the wanted one in every row."""
    names = {column.table for column in wanted.find_all(exp.Column)}
    begun = [source for source in sources if {source.name} == names]
    # Of what may be missing in a row nothing can be wanted.
    if len(begun) != 1 or begun[0].how in {"left", "semi", "anti"}:
        raise _NotSliced
    keys = {begun[0].name: wanted}
    while True:
        known = len(keys)
        for source in sources:
            for one, other in _equalities(query, source, sources):
                within = {column.table for column in one.find_all(exp.Column)}
                beyond = {column.table for column in other.find_all(exp.Column)}
                if source.name in keys or within != {source.name} or len(beyond) != 1 or not beyond <= set(keys):
                    continue
                (name,) = beyond
                if _is_made_of(keys[name], [other]):
                    keys[source.name] = _replaced(keys[name], other, one)
        if len(keys) == known:
            return keys


def _equalities(query: exp.Select, source: _Source, sources: list[_Source]) -> Iterator[_Pair]:
    """What is equal in every row that a source has a part in, each pair both ways round."""
    pairs = list(source.equal)
    if source.how in {"from", "inner", "cross"}:
        for joined in sources:
            if joined.how == "inner":
                pairs += joined.equal
        where = query.args.get("where")
        pairs += _pairs(where.this if where is not None else None)
    for one, other in pairs:
        qualified = _qualified(one, sources), _qualified(other, sources)
        yield qualified
        yield qualified[1], qualified[0]


def _kept_apart(query: exp.Select, sources: list[_Source]) -> Iterator[list[exp.Expr]]:
    """The expressions whose values each group, each window and a DISTINCT of a SELECT keep apart."""
    defined = {one.alias: one.this for one in query.expressions if isinstance(one, exp.Alias)}

    def values(given: Iterable[exp.Expr]) -> list[exp.Expr]:
        found = []
        for one in given:
            column = isinstance(one, exp.Column) and not one.table and defined.get(one.name)
            # It may be a column that is read, or what a column of the result is called, which is another.
            if column and _same(_qualified(column, sources)) != _same(_qualified(one, sources)):
                continue
            found.append(_qualified(one, sources))
        return found

    group = query.args.get("group")
    if group is not None:
        if any(group.args.get(name) for name in ("rollup", "cube", "grouping_sets", "totals")):
            raise _NotSliced
        if group.args.get("all"):
            yield values(one.unalias() for one in query.expressions if not one.find(exp.AggFunc))
        else:
            yield values(group.expressions)
    elif query.args.get("having") is not None:
        raise _NotSliced
    distinct = query.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        yield values(distinct.args["on"].expressions)
    named = {window.name.lower(): window for window in query.args.get("windows") or ()}
    for part in (*query.expressions, query.args.get("qualify")):
        for window in part.find_all(exp.Window) if part is not None else ():
            by = window.args.get("partition_by") or []
            base = window.args.get("alias")
            if base is not None:
                by = by or named[base.name.lower()].args.get("partition_by") or []
            yield values(by)


def _defined(query: exp.Select, wanted: exp.Expr, sources: list[_Source]) -> exp.Expr:
    """An expression over the columns of a SELECT's result as one over the columns that it reads."""

    def definition(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        for one in query.expressions:
            if one.alias_or_name == node.name and not one.is_star:
                found = one.unalias()
                if found.find(exp.AggFunc, exp.Window, exp.Query):
                    raise _NotSliced
                return _qualified(found.copy(), sources)
        stars = [one for one in query.expressions if one.is_star]
        if len(stars) != 1 or (isinstance(stars[0], exp.Star) and len(sources) > 1):
            raise _NotSliced
        if any(one.args.get(name) for one in stars[0].find_all(exp.Star) for name in ("except_", "replace", "rename")):
            raise _NotSliced
        name = stars[0].table if isinstance(stars[0], exp.Column) else sources[0].name
        return exp.column(node.name, table=name)

    return wanted.copy().transform(definition)


def _qualified(node: exp.Expr, sources: list[_Source]) -> exp.Expr:
    """The expression with its columns qualified; of several sources those that are not are nobody's."""

    def qualify(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Column) and not part.table:
            return exp.column(part.name, table=sources[0].name if len(sources) == 1 else "?")
        return part

    return node.copy().transform(qualify)


def _unqualified(node: exp.Expr) -> exp.Expr:
    return node.copy().transform(lambda part: exp.column(part.name) if isinstance(part, exp.Column) else part)


def _renamed(wanted: exp.Expr, names: list[str], others: list[str]) -> exp.Expr:
    """An expression over the columns of the first query of a union as one over those of another."""
    if names == others:
        return wanted
    if "*" in names or "*" in others or len(names) != len(others):
        raise _NotSliced
    places = dict(zip(names, others, strict=True))

    def rename(part: exp.Expr) -> exp.Expr:
        if isinstance(part, exp.Column):
            if part.name not in places:
                raise _NotSliced
            return exp.column(places[part.name])
        return part

    return wanted.copy().transform(rename)


def _is_made_of(wanted: exp.Expr, parts: Iterable[exp.Expr]) -> bool:
    """Whether the parts' values alone decide an expression's."""
    known = {_same(part) for part in parts}

    def known_or_not(node: exp.Expr) -> Iterator[bool]:
        if _same(node) in known:
            return
        if isinstance(node, exp.Column):
            yield False
        for part in node.iter_expressions():
            yield from known_or_not(part)

    return all(known_or_not(wanted))


def _replaced(wanted: exp.Expr, part: exp.Expr, by: exp.Expr) -> exp.Expr:
    same = _same(part)
    return wanted.copy().transform(lambda node: by.copy() if _same(node) == same else node)


def _same(node: exp.Expr) -> str:
    # Names may be written in any case, and literals may not.
    return node.sql(dialect=DIALECT, comments=False, normalize=True)


def _pairs(condition: exp.Expr | None) -> Iterator[_Pair]:
    """The equations that a condition demands."""
    if isinstance(condition, exp.And):
        yield from _pairs(condition.left)
        yield from _pairs(condition.right)
    elif isinstance(condition, exp.Paren):
        yield from _pairs(condition.this)
    elif isinstance(condition, exp.EQ):
        yield condition.left, condition.right


def _with(query: exp.Query, known: _Known) -> _Known:
    """The common table expressions that a query knows."""
    if not query.ctes:
        return known
    if query.args["with_"].recursive:
        raise _NotSliced
    found: dict[str, Any] = dict(known)
    for cte in query.ctes:
        if cte.args["alias"].columns:
            raise _NotSliced
        found[cte.alias] = (cte.this, dict(found))
    return found


def _refuse_modified(node: exp.Expr) -> None:
    """Refuses a table or a query in parentheses that stands for some of its rows, or for others."""
    if any(value for name, value in node.args.items() if name not in _PLAIN):
        raise _NotSliced


def _table(node: exp.Expr) -> str | None:
    """The name of a table, or of a macro that is read like one."""
    return f"{node.db}.{node.this.name}" if isinstance(node, exp.Table) and node.db else None


def _parsed(text: str) -> exp.Expr:
    return parse_one(text, dialect=DIALECT)
