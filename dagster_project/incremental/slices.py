"""Write the SELECT of a model for single slices. A slice is the rows with one value of a column, such as one month.

Here: the meaning of `sliced_by`, and the SELECT for single slices. Not here: checking that a `sliced_by` is true of the
table (`tests/pipeline/test_declared_slices.py`), and finding the slices that are needed (`changes`).

A model whose header says `sliced_by: period_start` promises that the rows of one month are made only from

* the rows of that month, and with `lookback: 12 months` also the rows of the twelve months before, in each table that
  the model reads and that has a `period_start` or a `year`;
* the rows of raw tables whose month, computed by SQL in the header (`sliced_by: period_start = …`), is that month;
* the rows of `reference.snapshots` for the snapshots of those rows;
* other tables, whose rows do not belong to particular months.

A rule with `sliced_by` in its `meta` promises the same about the rows that the rule finds. A rule that looks at one row
at a time needs no declaration.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from dagster_project.database import quote_literal
from dagster_project.models import SLICED_BY, Model
from dagster_project.models.expansion import replace_tables

if TYPE_CHECKING:
    from dagster_project.audit.suites import Expectation

# A slice: a day, a year, or None for the rows without either.
Value = date | int | None


@dataclass(frozen=True)
class Slicing:
    """A SELECT that can be run for single slices.

    Args:
        select: The SELECT; "" for a rule, which is run on tables that contain only the slices.
        column: The column of the slices, `period_start` or `year`.
        keys: The tables that are read slice by slice, each with the SQL that computes a row's slice.
        result: The SQL that computes the slice of a result row; "" for a rule.
        lookback: The number of earlier months or years that a slice also needs.
    """

    select: str
    column: str
    keys: Mapping[str, str]
    result: str = ""
    lookback: int = 0

    def write_select(self, values: Iterable[Value], also: Mapping[str, str] | None = None) -> str:
        """Write the SELECT for the slices `values`; `also` has further conditions on rows, by table."""
        values = set(values)
        read = values.union(*(self.list_earlier(value) for value in values)) if values else values
        rows = {
            table: f"select * from {table} where {write_condition(key, read)} and {(also or {}).get(table, 'true')}"
            for table, key in self.keys.items()
        }
        return f"select * from ({replace_tables(self.select, rows)}\n) where {write_condition(self.result, values)}"

    def write_conditions(self, values: Collection[Value]) -> dict[str, str]:
        """Write the SQL condition for the rows of the slices `values`, for each table that is read slice by slice."""
        return {table: write_condition(key, values) for table, key in self.keys.items()}

    def list_earlier(self, value: Value) -> set[Value]:
        """List the earlier slices that a slice is made from, without the slice itself."""
        return {_move_value(value, -step) for step in range(1, self.lookback + 1)}

    def list_later(self, value: Value) -> set[Value]:
        """List the later slices that are made from a slice, without the slice itself."""
        return {_move_value(value, step) for step in range(1, self.lookback + 1)}


def get_model_slicing(model: Model, models: Mapping[str, Model]) -> Slicing | None:
    """Return the slicing of a model, or None if it declares none; `models` has every model by name."""
    # The results of an analysis are not computed by slices.
    if model.slices is None or any(table.startswith("analysis.") for table in model.depends_on):
        return None
    column, raw = model.slices.column, model.slices.raw
    keys = {table: raw for table in model.depends_on if table.startswith("raw.") and raw}
    keys |= _find_keys(column, model.depends_on, models)
    return Slicing(model.select, column, keys, _write_key(column, model) or "", model.slices.lookback)


def get_rule_slicing(rule: Expectation, table: str, models: Mapping[str, Model]) -> Slicing | None:
    """Return the slicing of a rule on `table`, if the rule declares one or looks at one row at a time; else None."""
    if rule.sliced_by is None and not rule.sees_one_row:
        return None
    columns = SLICED_BY if rule.sliced_by is None else [rule.sliced_by]
    found = ((column, _find_keys(column, {table, *rule.reads}, models)) for column in columns)
    return next((Slicing("", column, keys) for column, keys in found if table in keys), None)


def write_condition(key: str, values: Iterable[Value | str]) -> str:
    """Write the SQL condition that an expression has one of the values."""
    found = set(values)
    quoted = (
        f"date '{one}'" if isinstance(one, date) else quote_literal(one) if isinstance(one, str) else str(one)
        for one in found
        if one is not None
    )
    literals = ", ".join(sorted(quoted))
    alternatives = [f"{key} in ({literals})"] if literals else []
    alternatives += [f"({key}) is null"] if None in found else []
    return f"({' or '.join(alternatives) or 'false'})"


def parse_value(found: object) -> Value:
    """Convert a value of a query's result into a slice."""
    return found.date() if isinstance(found, datetime) else found if isinstance(found, date | int) else None


def find_slicing_column(column: str, model: Model) -> str | None:
    """Return the column of a table that determines a row's slice, or None."""
    wanted = (column, *(name for name in ("period_start", "year") if name != column))
    return next((name for name in wanted if name in model.column_names), None)


def convert_value(value: Value, column: str) -> Value:
    """Convert a slice for `column`: for `year`, a day to its year; for `period_start`, a year to its first day."""
    if isinstance(value, date):
        return value.year if column == "year" else value
    return date(value, 1, 1) if column == "period_start" and value is not None else value


def _find_keys(column: str, tables: Iterable[str], models: Mapping[str, Model]) -> dict[str, str]:
    known = {
        table: _write_key(column, models[table]) for table in tables if table in models and not models[table].is_macro
    }
    return {table: key for table, key in known.items() if key is not None}


def _write_key(column: str, model: Model) -> str | None:
    found = find_slicing_column(column, model)
    if found is None or found == column:
        return found
    return f"year({found})" if column == "year" else f"make_date({found}, 1, 1)"


def _move_value(value: Value, steps: int) -> Value:
    """Return the month or the year that is `steps` months or years later."""
    if not isinstance(value, date):
        return None if value is None else value + steps
    months = value.year * 12 + value.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)
