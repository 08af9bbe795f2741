"""Evidence as of a day: the same SQL, over nothing but what was known on it.

Here: the rewriting of the text, and tables that save asking the same of each claim. Not here: what is claimed.

Each table of core or marts that an evidence reads and that rests on observations becomes a `with` table of the model's
own SELECT, down to `core.…_observations`, which become what they were on the day: without the rows that came later, and
what was replaced later is known still. So the text stands on its own: it runs on the published file as it is.

Three kinds of tables have no vintages. Code lists and policy events are taken as they are. Printed figures count from
the day they were printed; of an undated one nobody knows when that was, so it counts as not known. What Python works
out of observations cannot be asked again as of a day. A macro that takes a moment is asked of that moment, or of the
day if the moment is later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cache, cached_property
from itertools import count
from typing import NamedTuple

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dagster_project.claims.evidence import SCHEMAS
from dagster_project.models import DIALECT, Model

# Columns of a code list: one that holds nothing else has no figure that could have been another on another day.
WORDS = frozenset({"code", "text", "URL", "list", "count", "date", "true/false"})
FIGURES = "core.published_figures"
PRINTED_ON = "published_on"
KNOWN_FROM, KNOWN_TO = "known_from", "known_to"
MOMENT = "moment"
NEVER = date(1, 1, 1)

# So many rows of a table are copied at most, to be asked as of many days.
COPIED = 1_000_000

# Of tables of some trade there are many at a time, in one connection.
_NUMBERS = count()
_WITH = re.compile(r"\s*with(\s+recursive)?\s", re.IGNORECASE)


class Few(NamedTuple):
    """The trade that is looked at where not all is: of these reporters, and if any are named with these partners."""

    reporters: tuple[str, ...]
    partners: tuple[str, ...] = ()

    def where(self, columns: Collection[str]) -> list[str]:
        """What holds of the rows of a table with these columns."""
        if "economy_code" in columns:
            sides = [("economy_code", self.reporters)]
        elif {"reporter_code", "partner_code"} <= set(columns):
            sides = [("reporter_code", self.reporters), ("partner_code", self.partners)]
        else:
            return []
        lists = [(side, "', '".join(codes)) for side, codes in sides if codes]
        return [f"{side} in ('{codes}')" for side, codes in lists]


class Source(NamedTuple):
    """Where rows are read: in a table, or in a copy of some of its rows, and what holds of those that are read."""

    table: str
    where: list[str]


class NoVintagesError(Exception):
    """A table that an evidence reads has no vintages; the message says why."""


class AsOf:
    """The models of a warehouse, to be asked as of days.

    Args:
        models: Every model, by name, in an order in which they can run.
        connection: The warehouse. Tables that are made for a day are temporary, and this connection's own.
    """

    def __init__(self, models: Mapping[str, Model], connection: duckdb.DuckDBPyConnection) -> None:
        self.models = models
        self.connection = connection
        self._days: dict[str, list[date]] = {}
        self._steps: dict[str, str] = {}
        self._few: dict[tuple[str, date, Few], str] = {}
        self._sources: dict[tuple[str, Few], Source] = {}
        self._vintages: dict[Few, list[date]] = {}
        self._questions: dict[tuple[str, date], tuple[list[str], str]] = {}

    def newest(self) -> date:
        """The newest day from which any observation is known."""
        known = [
            day for name, holds in self._resting.items() if holds and name != FIGURES for day in self._changes(name)
        ]
        return max(known, default=NEVER)

    def vintages(
        self, among: Few, after: date = NEVER, sql: str | None = None, years: tuple[int, int] | None = None
    ) -> list[date]:
        """The days from which any figure of some trade is known.

        Args:
            among: The trade.
            after: The days are after this one.
            sql: An evidence that the figures are behind; any figure without it.
            years: The first and the last year of the figures; any year without them.
        """
        found: set[date] = set()
        for name in self._needed(_tables(parsed(sql))) if sql else self._resting:
            columns = _columns(self.models[name])
            if self._resting[name] and among.where(columns) and name != FIGURES:
                table, where = self._of_trade(name, among)
                if years:
                    year = "year" if "year" in columns else "year(period_start)"
                    where = [*where, f"{year} between {years[0]} and {years[1]}"]
                days = self.connection.execute(
                    f"select distinct {KNOWN_FROM} from {table} where {' and '.join([f'{KNOWN_FROM} > $1', *where])}",
                    [after],
                )
                found |= {day for (day,) in days.fetchall()}
        return sorted(found)

    def differs(self, tables: frozenset[str], moment: date) -> bool:
        """Whether any of these tables was another one on a day than it is now."""
        needed = set(self._needed(tables))
        for name in tables:
            if self._takes_a_moment(name):
                needed |= self.models[name].depends_on & self._resting.keys()
        # Printed figures without a date are there now, and were not known on any day.
        return any(self._resting[n] and (n == FIGURES or max(self._changes(n), default=NEVER) > moment) for n in needed)

    def text(self, sql: str, moment: date, among: Few | None = None) -> str:
        """The evidence as of a day, as one SELECT over tables of the published file.

        Args:
            sql: The evidence.
            moment: The day.
            among: The trade that is looked at, if not all, which is quicker.

        Raises:
            NoVintagesError: It reads what cannot be worked out as of a day.
        """
        return self._text(sql, moment, lambda name: Source(name, self._where(name, among)))

    def _text(self, sql: str, moment: date, source_of: Callable[[str], Source]) -> str:
        """The evidence as of a day; `source_of` says where the rows of a table of observations are read."""
        needed, question = self._question(sql, moment)
        if not needed:
            return question
        steps = ",\n\n".join(f"{_name(name)} as (\n{self._step(name, moment, source_of)}\n)" for name in needed)
        own = _WITH.match(question)
        if own is None:
            return f"with {steps}\n\n{question}"
        return f"{own[0].strip()} {steps},\n\n{question[own.end() :]}"

    def of_few(self, sql: str, moment: date, among: Few) -> str:
        """The same SELECT over tables of some trade alone, made once for each state of it.

        Raises:
            NoVintagesError: It reads what cannot be worked out as of a day.
        """
        _, question = self._question(sql, moment)
        if among not in self._vintages:
            self._vintages[among] = self.vintages(among)
        day = max((one for one in self._vintages[among] if one <= moment), default=NEVER)
        for name in sorted(_tables(parsed(sql)) & self._resting.keys()):
            key = (name, day, among)
            if key not in self._few:
                text = self._text(f"select * from {name}", moment, lambda one: self._of_trade(one, among))
                self._few[key] = self._kept(name, text)
            question = re.sub(rf"\b{_name(name)}\b", self._few[key], question)
        return question

    @cached_property
    def _resting(self) -> dict[str, bool]:
        """The models that are others on another day, in order; true for those that hold vintages themselves."""
        found: dict[str, bool] = {}
        for name, model in self.models.items():
            if model.schema not in SCHEMAS or model.is_macro:
                continue
            if name == FIGURES or {KNOWN_FROM, KNOWN_TO} <= _columns(model):
                found[name] = True
            elif _worked_out(model) or (
                model.depends_on & found.keys() and not {column.unit for column in model.columns} <= WORDS
            ):
                found[name] = False
        return found

    def _question(self, sql: str, moment: date) -> tuple[list[str], str]:
        """What has to be worked out anew for an evidence, in order, and the evidence over that."""
        if (sql, moment) not in self._questions:
            tree = _renamed(parsed(sql), self._resting.keys())
            self._limit_moments(tree, moment)
            self._questions[sql, moment] = self._needed(_tables(parsed(sql))), _written(tree)
        return self._questions[sql, moment]

    def _needed(self, tables: Collection[str]) -> list[str]:
        waiting, needed = [name for name in tables if name in self._resting], set[str]()
        while waiting:
            name = waiting.pop()
            if name in needed:
                continue
            needed.add(name)
            if not self._resting[name]:
                if _worked_out(self.models[name]):
                    raise NoVintagesError(
                        f"{name} is worked out by a program and is not kept as it was on earlier days"
                    )
                waiting += [need for need in self.models[name].depends_on if need in self._resting]
        return [name for name in self._resting if name in needed]

    def _where(self, name: str, among: Few | None) -> list[str]:
        return among.where(_columns(self.models[name])) if among else []

    def _of_trade(self, name: str, among: Few) -> Source:
        """Where the rows of some trade are read: in a copy, made once for all days, unless there are very many."""
        if (name, among) not in self._sources:
            source = Source(name, self._where(name, among))
            if source.where:
                rows = f"from {name} where {' and '.join(source.where)}"
                ((count,),) = self.connection.execute(f"select count(*) {rows}").fetchall()
                if count <= COPIED:
                    # Beside an IN list DuckDB reads every column of every row; by rowid, of the rows found alone.
                    copy = self._kept(name, f"select * from {name} where rowid in (select rowid {rows})")
                    source = Source(copy, [])
            self._sources[name, among] = source
        return self._sources[name, among]

    def _kept(self, name: str, select: str) -> str:
        """A temporary table of the rows of a SELECT in the place of a table."""
        made = f"{_name(name)}__{next(_NUMBERS)}"
        self.connection.execute(f"create temp table {made} as {select}")
        return made

    def _step(self, name: str, moment: date, source_of: Callable[[str], Source]) -> str:
        """The SELECT of a model as of a day, over the steps before it."""
        if self._resting[name]:
            return _known(self.models[name], moment, source_of(name))
        if name not in self._steps:
            self._steps[name] = _written(_renamed(parsed(self.models[name].select), self._resting.keys()))
        return self._steps[name]

    def _changes(self, name: str) -> list[date]:
        if name not in self._days:
            column = PRINTED_ON if name == FIGURES else KNOWN_FROM
            rows = self.connection.execute(f"select distinct {column} from {name} where {column} is not null")
            self._days[name] = [day for (day,) in rows.fetchall()]
        return self._days[name]

    def _takes_a_moment(self, name: str) -> bool:
        model = self.models.get(name)
        return model is not None and model.is_macro and bool(model.depends_on & self._resting.keys())

    def _limit_moments(self, tree: exp.Query, moment: date) -> None:
        """Asks no macro in a query of a later day than `moment`."""
        for table in list(tree.find_all(exp.Table)):
            name = full_name(table)
            if isinstance(table.this, exp.Anonymous) and self._takes_a_moment(name):
                if self.models[name].parameters != (MOMENT,):
                    raise NoVintagesError(f"{name} does not take just a {MOMENT}")
                (argument,) = table.this.expressions
                # It may be named: moment := date '2020-01-01'.
                asked = argument.expression if isinstance(argument, exp.PropertyEQ | exp.Kwarg) else argument
                day = exp.cast(exp.Literal.string(moment.isoformat()), "date")
                asked.replace(exp.func("least", asked.copy(), day))


def _known(model: Model, moment: date, source: Source) -> str:
    day = f"date '{moment.isoformat()}'"
    since = PRINTED_ON if model.name == FIGURES else KNOWN_FROM
    columns = ",\n".join(
        f"    case when {KNOWN_TO} <= {day} then {KNOWN_TO} end as {KNOWN_TO}"
        if column.name == KNOWN_TO
        else f"    {column.name}"
        for column in model.columns
    )
    whose = "".join(f"\n    and {one}" for one in source.where)
    return f"select\n{columns}\nfrom {source.table}\nwhere {since} <= {day}{whose}"


def _columns(model: Model) -> set[str]:
    return {column.name for column in model.columns}


def _worked_out(model: Model) -> bool:
    return any(need.startswith("analysis.") for need in model.depends_on)


@cache
def parsed(sql: str) -> exp.Query:
    """A SELECT as a tree, which is shared: copy it before changing it."""
    try:
        tree = parse_one(sql, dialect=DIALECT)
    except SqlglotError as error:
        raise NoVintagesError("its SQL is more than can be rewritten") from error
    while isinstance(tree, exp.Subquery) and not any(part for name, part in tree.args.items() if name != "this"):
        # A SELECT in brackets; DuckDB takes no `with` before one that has its own.
        tree = tree.this
    if not isinstance(tree, exp.Query):
        raise NoVintagesError("its SQL is more than can be rewritten")
    return tree


def _written(tree: exp.Query) -> str:
    return tree.sql(dialect=DIALECT, pretty=True, comments=False, normalize_functions="lower").strip()


def full_name(table: exp.Table) -> str:
    # Of a macro's call sqlglot keeps the name in the call.
    name = table.this.this if isinstance(table.this, exp.Anonymous) else table.name
    return f"{table.db}.{name}".lower()


def _tables(tree: exp.Query) -> frozenset[str]:
    return frozenset(full_name(table) for table in tree.find_all(exp.Table) if table.db)


def _name(table: str) -> str:
    """What a table of the warehouse is called in a `with`."""
    return f"then__{table.replace('.', '__')}"


def _renamed(tree: exp.Query, names: Collection[str]) -> exp.Query:
    """A copy of a query that reads other tables; each keeps the name by which the query calls it."""
    changed = tree.copy()
    for table in list(changed.find_all(exp.Table)):
        name = full_name(table)
        if table.db and name in names and not isinstance(table.this, exp.Anonymous):
            called = table.alias or table.name
            table.set("db", None)
            table.set("this", exp.to_identifier(_name(name)))
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(called)))
    for column in changed.find_all(exp.Column):
        # marts.trade_balance_annual.year is now trade_balance_annual.year.
        if column.db and f"{column.db}.{column.table}".lower() in names:
            column.set("db", None)
    return changed
