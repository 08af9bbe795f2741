"""Read models from their files: parse the SELECT, check its columns, list the tables that it reads.

Here: code that needs sqlglot, which is slow to import. Not here: headers (`header`), and expanding stars (`expansion`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dagster_project.errors import BilateralError
from dagster_project.models import DIALECT, RECEIVED, SCHEMAS, VIEWS, Columns, Model, header, sort_models
from dagster_project.models.expansion import expand_query, replace_tables
from dagster_project.models.header import Header
from dagster_project.project import Project
from dagster_project.sources import list_datasets

# The name that stands in a model's SQL for the union of all tables whose headers say that they feed it.
FEEDS = "feeds"


def load_models(
    project: Project,
    inputs: Columns = MappingProxyType({}),
    analyses: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, Model]:
    """Load every table and macro of the project, by name, in an order in which they can run.

    `inputs` has the columns of reference tables and analyses, by `schema.table`. `analyses` has the tables that each
    analysis reads, by `analysis.name`: a model that reads an analysis also depends on those tables.

    Raises:
        BilateralError: A file is malformed, two models depend on each other, or a table does not exist.
    """
    glossary, templates = header.read_glossary(project.sql), header.read_templates(project.sql)
    paths = [path for schema in SCHEMAS for path in sorted((project.sql / schema).glob("*.sql"))]
    files = {
        path: header.read_header(path.read_text(encoding="utf-8"), _name_place(path), glossary, templates)
        for path in paths
    }
    known: dict[str, Sequence[str]] = {_name_table(path): head.column_names for path, (head, _) in files.items()}
    fed_by: dict[str, list[str]] = {}
    for path, (head, _) in files.items():
        if unknown := [name for name in head.feeds if name not in known]:
            raise BilateralError(
                f"{_name_place(path)} feeds {', '.join(unknown)}, which no model makes.", remedy="Correct `feeds`."
            )
        for name in head.feeds:
            fed_by.setdefault(name, []).append(_name_table(path))
    known |= {f"raw.{one.table}": (*one.column_names, *RECEIVED) for one in list_datasets()}
    known |= inputs
    models = []
    for path, (head, select) in files.items():
        model = build_model(path, head, select, known, fed_by.get(_name_table(path), ()))
        models.append(_add_inputs_of_analyses(model, analyses))
    return {model.name: model for model in sort_models(models)}


def load_views(project: Project, tables: Mapping[str, Model]) -> dict[str, Model]:
    """Load the views of the project, by name, given its tables.

    Raises:
        BilateralError: A file is malformed, or reads a table that is not in the published file.
    """
    known = {name: model.column_names for name, model in tables.items()}
    glossary = header.read_glossary(project.sql)
    paths = sorted((project.sql / VIEWS).glob("*.sql"))
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    views = [build_model(path, *header.read_header(text, _name_place(path), glossary), known) for path, text in texts]
    for view in views:
        if unknown := sorted(view.depends_on - set(tables)):
            raise BilateralError(
                f"{view.name} reads {', '.join(unknown)}, which no model makes.",
                remedy=f"A view reads tables of {', '.join(SCHEMAS)}; correct the name in {view.path}.",
            )
    return {view.name: view for view in views}


def build_model(
    path: Path, head: Header, select: str, known: Columns = MappingProxyType({}), feeds: Sequence[str] = ()
) -> Model:
    """Build a model from the header and the SELECT of its file.

    `known` has the columns of every table, for expanding stars; `feeds` are the tables that feed the model.

    Raises:
        BilateralError: The SELECT is invalid, or does not fit the header or the tables that feed it.
    """
    place, columns = _name_place(path), head.column_names
    tree = parse_query(select, place)
    is_fed = any(table.name == FEEDS and not table.db for table in tree.find_all(exp.Table))
    if bool(feeds) != is_fed:
        found = f"lacks `{FEEDS}`, but {', '.join(feeds)} feed it" if feeds else f"reads `{FEEDS}`, which nothing feeds"
        raise BilateralError(
            f"{place} {found}.",
            remedy=f"Write `from {FEEDS}` in its SELECT, and `feeds: [{_name_table(path)}]` in the header of each "
            "table that feeds it.",
        )
    if feeds:
        union = "\n    union all by name\n    ".join(f"select * from {table}" for table in feeds)
        select = replace_tables(select, {FEEDS: f"\n    {union}\n"})
        tree = parse_query(select, place)
    if _check_columns(tree, known, columns, place) != columns:
        names = ",\n    ".join(columns)
        select = f"select\n    {names}\nfrom (\n{select}\n)"
    return Model(
        schema=path.parent.name,
        table=path.stem,
        select=select,
        depends_on=_list_tables(tree, place),
        path=path,
        known=known,
        **{one.name: getattr(head, one.name) for one in fields(head)},
    )


def _name_table(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def _name_place(path: Path) -> str:
    return f"sql/{path.parent.name}/{path.name}"


def _add_inputs_of_analyses(model: Model, analyses: Mapping[str, frozenset[str]]) -> Model:
    read = sorted(name for name in model.depends_on if name.startswith("analysis."))
    if unknown := [name for name in read if name not in analyses]:
        raise BilateralError(
            f"{model.name} reads {unknown[0]}, an analysis that does not exist.",
            remedy="Declare it in dagster_project/analysis/, or correct the name.",
        )
    return replace(model, depends_on=model.depends_on.union(*(analyses[name] for name in read)))


def parse_query(select: str, name: str) -> exp.Query:
    """Parse a SELECT.

    Raises:
        BilateralError: The text is not valid SQL, or is another statement.
    """
    try:
        tree = parse_one(select, dialect=DIALECT)
    except SqlglotError as error:
        raise BilateralError(
            f"{name} is not valid SQL: {str(error).splitlines()[0]}", remedy="Correct the SELECT."
        ) from error
    if not isinstance(tree, exp.Query):
        found = type(tree).__name__.upper()
        raise BilateralError(f"{name}: expected a SELECT, got {found}.", remedy="Write one SELECT.")
    return tree


def expand_model_query(tree: exp.Query, known: Columns, name: str) -> exp.Query:
    """Expand every `*` and every `union by name` of a SELECT, in place.

    Raises:
        BilateralError: A star stands for columns of an unknown table, or repeats a column.
    """
    try:
        expand_query(tree, known)
    except SqlglotError as error:
        raise BilateralError(f"{name}: {str(error).splitlines()[0]}.") from error
    return tree


def _check_columns(tree: exp.Query, known: Columns, documented: Sequence[str], name: str) -> tuple[str, ...]:
    """Check that the columns a SELECT writes out are the documented ones; return these and those of its stars."""
    written = _list_written_columns(tree)
    if tree.is_star or isinstance(tree, exp.SetOperation):
        expand_model_query(tree, known, name)
    produced = tuple(tree.named_selects)
    faults = {
        "documented but not produced": [column for column in documented if column not in produced],
        "produced but not documented": [one for one in produced if one in written and one not in documented],
        "produced twice": sorted({column for column in produced if produced.count(column) > 1}),
    }
    if any(faults.values()):
        differences = "; ".join(f"{fault}: {', '.join(columns)}" for fault, columns in faults.items() if columns)
        raise BilateralError(
            f"{name}: the header and the SELECT differ. Columns {differences}.",
            remedy="Document every column that the SELECT names, and name every column that a star does not add.",
        )
    return produced


def _list_written_columns(tree: exp.Query) -> set[str]:
    """List the columns that are named in a SELECT or in any part of a union, without those of a star."""
    if isinstance(tree, exp.SetOperation):
        return _list_written_columns(tree.left) | _list_written_columns(tree.right)
    return {column.alias_or_name for column in cast(exp.Query, tree.unnest()).selects if not column.is_star}


def _list_tables(tree: exp.Query, name: str) -> frozenset[str]:
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    found = set()
    for table in tree.find_all(exp.Table):
        if table.db:
            found.add(f"{table.db}.{table.name}")
        elif table.name and table.name not in inner:
            raise BilateralError(f"{name} reads {table.name} without a schema.", remedy="Write schema.table.")
    return frozenset(found)
