"""Mistakes that somebody may make in a SELECT: one operator, name, filter, join or number that is another one.

Here: every such mistake that a SELECT has room for. Not here: who notices (`kinds/mutants`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

DIALECT = "duckdb"
# Of each mistake its kind, words, and what stands there then; None is nothing.
Found = Iterator[tuple[str, str, exp.Expr | None]]
# What stands in for an operator, with what that is called.
OPERATORS: dict[type[exp.Expr], tuple[tuple[type[exp.Expr], str], ...]] = {
    exp.EQ: ((exp.NEQ, "comparison"),),
    exp.NEQ: ((exp.EQ, "comparison"),),
    exp.LT: ((exp.LTE, "comparison"), (exp.GT, "comparison")),
    exp.LTE: ((exp.LT, "comparison"), (exp.GT, "comparison")),
    exp.GT: ((exp.GTE, "comparison"), (exp.LT, "comparison")),
    exp.GTE: ((exp.GT, "comparison"), (exp.LT, "comparison")),
    exp.Add: ((exp.Sub, "sign"),),
    exp.Sub: ((exp.Add, "sign"),),
    exp.Mul: ((exp.Div, "arithmetic"),),
    exp.Div: ((exp.Mul, "arithmetic"),),
    exp.And: ((exp.Or, "logic"),),
    exp.Or: ((exp.And, "logic"),),
    exp.Max: ((exp.Min, "aggregate"),),
    exp.Min: ((exp.Max, "aggregate"),),
    exp.Sum: ((exp.Max, "aggregate"),),
}
# Names and values that are taken for each other.
SWAPPED = {
    "flow": (("export", "import"),),
    "reporter": (("reporter", "partner"), ("KOR", "CHN")),
}
# A number of these is a unit: thousands, millions, per cent.
UNITS = {"100": "100000", "1000": "1000000", "1000000": "1000", "1e6": "1e3", "1e9": "1e6", "100.0": "100000.0"}


@dataclass(frozen=True)
class Mistake:
    """A mistake that a SELECT has room for.

    Args:
        name: The model, or rule, whose SELECT it is.
        kind: What kind of mistake.
        what: The mistake, for a person.
        place: Which node of the tree.
        number: Which of the mistakes that can be made there.
    """

    name: str
    kind: str
    what: str
    place: int
    number: int

    def __str__(self) -> str:
        return f"{self.name}: {self.kind}: {self.what}"

    def made_in(self, tree: exp.Expr) -> str:
        """The SELECT with the mistake."""
        tree = tree.copy()
        node = next(one for place, one in enumerate(tree.walk()) if place == self.place)
        made = list(_mistakes(node))[self.number][2]
        if made is None:
            node.pop()
        elif made is not node:
            node.replace(made)
        return tree.sql(dialect=DIALECT)


def mistakes(name: str, tree: exp.Expr) -> list[Mistake]:
    """Every mistake that a SELECT has room for."""
    return [
        Mistake(name, kind, what, place, number)
        for place, node in enumerate(tree.walk())
        for number, (kind, what, _) in enumerate(_mistakes(node))
    ]


def _mistakes(node: exp.Expr) -> Found:
    """The mistakes that can be made at a place."""
    said = _short(node)
    for other, kind in OPERATORS.get(type(node), ()):
        yield kind, f"{said} with {other.__name__}", other(**node.args)
    for kinds, ways in WAYS.items():
        if isinstance(node, kinds):
            yield from ways(node, said)


def _difference(node: exp.Expr, said: str) -> Found:
    yield "sign", f"{said} the other way", exp.Sub(this=_in(node.expression), expression=_in(node.this))


def _without(kind: str) -> Callable[[exp.Expr, str], Found]:
    """What stands in it, without it."""

    def ways(node: exp.Expr, said: str) -> Found:
        yield kind, f"{said} without it", node.this

    return ways


def _negated(node: exp.Expr, said: str) -> Found:
    yield "logic", f"{said} negated", exp.Not(this=node.copy())


def _other_value(node: exp.Expr, said: str) -> Found:
    if node.is_string:
        yield from _other_name(node, said)
        return
    if node.this in UNITS:
        yield "unit", f"{said} a thousand times", exp.Literal.number(UNITS[node.this])
    elif node.this.isdigit():
        yield "number", f"{said} and one", exp.Literal.number(int(node.this) + 1)


def _other_rows(node: exp.Expr, said: str) -> Found:
    if isinstance(node.parent, exp.Filter):
        return
    parts = list(node.this.flatten()) if isinstance(node.this, exp.And) else [node.this]
    for part in parts:
        rest = [one.copy() for one in parts if one is not part]
        yield "filter", f"without {_short(part)}", type(node)(this=exp.and_(*rest)) if rest else None


def _not_distinct(node: exp.Expr, said: str) -> Found:
    if isinstance(node.parent, exp.Select):
        yield "aggregate", "without distinct", None


def _turned(node: exp.Expr, said: str) -> Found:
    turned = node.copy()
    turned.set("desc", not node.args.get("desc"))
    yield "order", f"{said} turned", turned


def _other_case(node: exp.Expr, said: str) -> Found:
    if isinstance(node.parent, exp.Case) and len(node.parent.args["ifs"]) > 1:
        yield "case", f"without {said}", None


def _other_name(node: exp.Expr, said: str) -> Found:
    name = node.this if isinstance(node, exp.Literal) else node.name
    for kind, pairs in SWAPPED.items():
        for one, other in pairs:
            turned = re.sub(f"{one}|{other}", lambda found, a=one, b=other: b if found[0] == a else a, name)
            if turned == name:
                continue
            if isinstance(node, exp.Literal):
                yield kind, f"'{name}' is '{turned}'", exp.Literal.string(turned)
                continue
            column = node.copy()
            column.set("this", exp.to_identifier(turned))
            made = exp.alias_(column, name) if isinstance(node.parent, exp.Select) else column
            yield kind, f"{said} is {turned}", made


def _other_join(node: exp.Expr, _said: str) -> Found:
    said = f"join of {node.this.alias_or_name}"
    side, kind = node.args.get("side") or "", node.args.get("kind") or ""
    if side in {"LEFT", "FULL"} and not kind:
        inner = node.copy()
        inner.set("side", None)
        yield "join", f"{said} inner", inner
    elif not side and kind in {"", "INNER"} and (node.args.get("on") or node.args.get("using")):
        left = node.copy()
        left.set("kind", None)
        left.set("side", "LEFT")
        yield "join", f"{said} left", left
    if kind in {"SEMI", "ANTI"}:
        yield "join", f"{said} dropped", None
    on, using = node.args.get("on"), node.args.get("using") or []
    parts = list(on.flatten()) if isinstance(on, exp.And) else []
    for part in parts:
        fewer = node.copy()
        fewer.set("on", exp.and_(*(one.copy() for one in parts if one is not part)))
        yield "join", f"{said} without {_short(part)}", fewer
    for name in using if len(using) > 1 else []:
        fewer = node.copy()
        fewer.set("using", [one.copy() for one in using if one is not name])
        yield "join", f"{said} without using {name.name}", fewer


def _in(node: exp.Expr) -> exp.Expr:
    return exp.paren(node.copy()) if isinstance(node, exp.Binary) else node.copy()


WAYS: dict[type[exp.Expr], Callable[[exp.Expr, str], Found]] = {
    exp.Sub: _difference,
    exp.Neg: _without("sign"),
    exp.Not: _without("logic"),
    exp.Coalesce: _without("missing"),
    exp.Nullif: _without("missing"),
    exp.Union: _without("union"),
    exp.Filter: _without("filter"),
    exp.Is: _negated,
    exp.Column: _other_name,
    exp.Literal: _other_value,
    exp.Where: _other_rows,
    exp.Having: _other_rows,
    exp.Qualify: _other_rows,
    exp.Join: _other_join,
    exp.Distinct: _not_distinct,
    exp.Ordered: _turned,
    exp.If: _other_case,
}


def _short(node: exp.Expr) -> str:
    text = node.sql(dialect=DIALECT)
    return text if len(text) <= 60 else f"{text[:40]} … {text[-17:]}"
