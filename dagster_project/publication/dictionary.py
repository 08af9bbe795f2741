"""Build the data dictionary: every table, view and macro of the published file, with types, keys and an example.

Here: its entries, its rows in `meta.columns`, and its HTML page (`dictionary.html.j2`). Not here: the texts, which are
in the models' headers and in `meta.yml`, and the Markdown page (`report.documentation`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.metrics import catalogue as metrics
from dagster_project.models import VIEWS, ColumnDoc, Model
from dagster_project.publication import meta
from dagster_project.publication.html import render_page
from dagster_project.reference.rows import Rows

TEMPLATE = Path(__file__).with_name("dictionary.html.j2")

# The schemas, most useful to a reader first.
SCHEMAS = {
    "main": "Views to start with, with names next to codes. In SQL they need no schema.",
    "marts": "Tables of results, one per subject.",
    "core": "Facts and dimensions in the same form for all sources. Tables with a short name can be summed; "
    "`…_observations` tables have every source and vintage.",
    "staging": "One cleaned table per dataset of a source.",
    "meta": "Tables about the publication itself.",
}

# The beginning of the names of tables and views that come first in their schema.
FIRST = "trade_balance"

# The values of columns in the example query of a table whose header has no example.
ASKED_FOR = {"reporter_code": "KOR", "partner_code": "CHN", "economy_code": "CHN", "flow": "export", "frequency": "A"}
NEWEST_FIRST = ("period_start", "year", "to_year", "event_date", "known_from")
FIGURES = frozenset({"US$", "percent", "percentage points", "kg", "ratio", "rank", "count", "own unit", "true/false"})
# The endings of columns about the origin of a figure.
BESIDE_FIGURES = ("source", "dataset", "period_end", "reason", "_id", "_ids", "_sql", "vintages")
SHOWN = 5


@dataclass(frozen=True)
class Column(ColumnDoc):
    """A column as the data dictionary describes it; a column of a macro has no type."""

    type: str | None
    is_key: bool


@dataclass(frozen=True)
class Entry:
    """A table, view or macro as the data dictionary describes it.

    `name` is the name in SQL: for a view of `main` without the schema, for a macro with the parameters. `made_of` has
    the tables that it reads.
    """

    schema: str
    name: str
    kind: str
    what: str
    columns: tuple[Column, ...]
    made_of: tuple[str, ...]
    example: str

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.is_key)

    @property
    def anchor(self) -> str:
        """The anchor of the entry in the page."""
        return self.name.partition("(")[0]


def list_entries(models: Iterable[Model], types: Mapping[str, Mapping[str, str]]) -> list[Entry]:
    """List an entry for each model and each table of `meta`; `types` has the types by table and column."""
    found = [_describe_model(model, types.get(model.name, {})) for model in models]
    found += [_describe_meta(table) for table in meta.WRITTEN]
    return sorted(found, key=lambda one: (list(SCHEMAS).index(one.schema), not one.name.startswith(FIRST), one.name))


def make_rows(found: Iterable[Entry]) -> Rows:
    """Make the rows of `meta.columns`: one for each column of each entry."""
    made: list[list[object]] = []
    for entry in found:
        table = entry.anchor.removeprefix(f"{entry.schema}.")
        for position, one in enumerate(entry.columns, start=1):
            made.append([entry.schema, table, one.name, position, one.type, one.unit, one.meaning, one.is_key])
    return meta.COLUMNS.make_rows(made)


def render_dictionary(found: Iterable[Entry]) -> str:
    """Render the data dictionary as an HTML page."""
    entries = list(found)
    return render_page(
        TEMPLATE,
        schemas=SCHEMAS,
        entries=entries,
        metrics=list(metrics.load_metrics().values()),
        known={entry.anchor for entry in entries},
    )


def _describe_model(model: Model, types: Mapping[str, str]) -> Entry:
    name = model.table if model.schema == VIEWS else model.name
    columns = tuple(
        Column(**vars(doc), type=types.get(doc.name), is_key=doc.name in model.grain) for doc in model.columns
    )
    return Entry(
        schema=model.schema,
        name=f"{name}({', '.join(model.parameters)})" if model.is_macro else name,
        kind="macro" if model.is_macro else "view" if model.schema == VIEWS else "table",
        what=model.what,
        columns=columns,
        made_of=tuple(sorted(model.depends_on)),
        # Staging tables get an example without a filter, because not every source is stored.
        example=model.example
        or (f"from {name} limit 10" if model.schema == "staging" else _write_example(name, columns)),
    )


def _describe_meta(table: meta.MetaTable) -> Entry:
    columns = tuple(
        Column(**vars(doc), type=table.types[doc.name].upper(), is_key=doc.name in table.grain) for doc in table.docs
    )
    return Entry("meta", f"meta.{table.name}", "table", table.what, columns, (), table.example)


def _write_example(name: str, columns: tuple[Column, ...]) -> str:
    """Write an example query: the newest figures of one pair or economy, or else a few rows."""
    given = {column.name: ASKED_FOR[column.name] for column in columns if column.name in ASKED_FOR}
    keys = [column.name for column in columns if column.is_key and column.name not in given]
    others = [one for one in columns if not one.is_key and not one.name.endswith(BESIDE_FIGURES)]
    shown = sorted(others, key=lambda column: column.unit not in FIGURES)[:SHOWN]
    newest = next((name for name in NEWEST_FIRST if name in {column.name for column in columns}), None)
    parts = [f"select {', '.join([*keys, *(column.name for column in shown)])}", f"from {name}"]
    if given:
        parts.append("where " + " and ".join(f"{column} = '{value}'" for column, value in given.items()))
    order = ([f"{newest} desc"] if newest else []) + [name for name in keys if name != newest]
    if order:
        parts.append(f"order by {', '.join(order)}")
    return "\n".join([*parts, "limit 10"])
