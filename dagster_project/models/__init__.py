"""The models in `sql/`: what each is, what it needs, in what order they run, where each column comes from.

Here: dependencies, headers (`header`), what stars stand for (`expansion`), lineage. Not here: the running of them
(`engines`), and no SQL.

A model is one file: a block comment that holds YAML (`what`, `grain`, `columns`, `required` for what else is never
null, for a macro `parameters`, for a large table `sliced_by` and `lookback`, an `example` of how to ask it, and what it
`feeds`), then one SELECT. Its name is its place: `sql/marts/trade_balance_annual.sql` is `marts.trade_balance_annual`.
What it depends on is read from the SELECT itself; a model that reads `feeds` reads every table whose header says that
it feeds it (`expansion`).

The header has the columns and their order; `sql/glossary.yml` says what a column is that a header only names. A SELECT
may produce them in another order. What a star brings beyond them is left out, so that a SELECT that takes columns as
they are need not list them again.

A model in `sql/main` is a view. No engine makes it: it is put into the DuckDB file when that is published, so it may
use what DuckDB 1.2 knows and Spark does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import cast

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, read_kept_json
from dagster_project.models import header
from dagster_project.models.expansion import DIALECT, FEEDS, Columns, has_feeds, replace_feeds, spell_out
from dagster_project.models.header import SLICED_BY, ColumnDoc, Header, Slices
from dagster_project.project import Project
from dagster_project.sources import list_datasets

__all__ = ["DIALECT", "SLICED_BY", "ColumnDoc", "Slices"]

SCHEMAS = ("staging", "core", "marts", "meta")
# The schema whose models are views; names in it need no schema before them.
VIEWS = "main"
INPUT_SCHEMAS = ("raw", "reference", "analysis")
# What a raw table has beside the columns of its dataset.
RECEIVED = ("snapshot_id", "row_number")
# The columns that say where a row comes from, beside the labels that its publisher uses.
ORIGINS = ("snapshot_id", "snapshot_ids", "row_number")


@dataclass(frozen=True, kw_only=True)
class Model(Header):
    """A table, with `parameters` a table macro, or in `main` a view, of the warehouse: its header, and its SELECT.

    Args:
        schema: The folder: `staging`, `core`, `marts`, `meta` or `main`.
        table: The file's stem.
        select: The SELECT, without the header, and with its columns in the header's order.
        depends_on: The tables it reads, `schema.table`, inputs included; of an analysis also what that reads.
        path: Where it is written.
        known: The columns of the tables that it may read, `schema.table`: what a star stands for.
    """

    schema: str
    table: str
    select: str
    depends_on: frozenset[str]
    path: Path = field(default=Path(), compare=False)
    known: Columns = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def is_macro(self) -> bool:
        return bool(self.parameters)

    @cached_property
    def fingerprint(self) -> str:
        """Hash the text that decides what the table holds and says."""
        return hashlib.sha256(
            repr((self.what, self.select, self.columns, self.parameters, self.required)).encode()
        ).hexdigest()

    @cached_property
    def expanded(self) -> exp.Query:
        """Spell out every star and union by name of the SELECT: a tree of its own, to be changed in a copy.

        Raises:
            BilateralError: A star stands for columns of a table that no model makes.
        """
        return _spell_out(_parse(self.select, self.name), self.known, self.name)

    @property
    def shown(self) -> tuple[str, ...]:
        """List the columns that tell which row is meant, and where it comes from."""
        names = [column.name for column in self.columns]
        labels = (name for name in names if name.endswith("_label"))
        return tuple(dict.fromkeys((*self.grain, *labels, *(name for name in ORIGINS if name in names))))

    @classmethod
    def parse(cls, text: str, *, schema: str, table: str) -> Model:
        """Parse the model called `schema.table` from its text, which names every column that it takes.

        Raises:
            BilateralError: The header or the SELECT is not of the form above, or they name different columns.
        """
        path = Path(schema, f"{table}.sql")
        return _build_model(path, *header.read_header(text, _name_place(path)))


def load_models(
    project: Project,
    inputs: Columns = MappingProxyType({}),
    analyses: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> dict[str, Model]:
    """Load every table and macro of the project, by name, in an order in which they can run.

    Args:
        project: The project.
        inputs: The columns of reference tables and analyses, `schema.table`.
        analyses: The tables that each analysis reads, by `analysis.name`: a model that reads it needs those, too.

    Raises:
        BilateralError: A file is malformed, two models need each other, or one needs a table that nobody makes.
    """
    written = [
        (path, path.read_text(encoding="utf-8"))
        for schema in SCHEMAS
        for path in sorted((project.sql / schema).glob("*.sql"))
    ]
    received = {f"raw.{one.table}": (*(column.name for column in one.columns), *RECEIVED) for one in list_datasets()}
    shared = (header.read_glossary(project.sql), header.read_templates(project.sql), {**received, **inputs}, analyses)
    return dict(_parse_files(project.archive / "models.json", tuple(written), *(tuple(one.items()) for one in shared)))


# Whoever answers one question after another reads the same files for each.
@lru_cache(maxsize=2)
def _parse_files(
    kept: Path,
    written: Sequence[tuple[Path, str]],
    glossary: Sequence[tuple[str, str]],
    templates: Sequence[tuple[str, str]],
    inputs: Sequence[tuple[str, tuple[str, ...]]],
    analyses: Sequence[tuple[str, frozenset[str]]],
) -> dict[str, Model]:
    files = {}
    for path, text in written:
        files[path] = header.read_header(text, _name_place(path), dict(glossary), dict(templates))
    known = {_name_table(path): _list_names(head) for path, (head, _) in files.items()}
    feeds: dict[str, list[str]] = {}
    for path, (head, _) in files.items():
        if unknown := [name for name in head.feeds if name not in known]:
            raise BilateralError(f"{_name_place(path)} feeds {', '.join(unknown)}, which no model makes.")
        for name in head.feeds:
            feeds.setdefault(name, []).append(_name_table(path))
    known |= dict(inputs)
    given = _hash_given(written, glossary, templates, inputs)
    parsed = _read_parsed(kept, given)
    models = {}
    for path, (head, select) in files.items():
        name = _name_table(path)
        models[name] = (
            _assemble_model(path, head, known, *parsed[name])
            if name in parsed
            else _build_model(path, head, select, known, feeds.get(name, []))
        )
    if not parsed and kept.parent.is_dir():
        found = {name: (model.select, sorted(model.depends_on)) for name, model in models.items()}
        # A folder that may only be read keeps nothing.
        with suppress(OSError), atomic_write(kept) as half:
            half.write_text(json.dumps({"given": given, "models": found}), encoding="utf-8")
    added = [_add_inputs_of_analyses(model, dict(analyses)) for model in models.values()]
    return {model.name: model for model in sort_models(added)}


def _hash_given(*given: object) -> str:
    """Hash what models are parsed from, the parser included."""
    code = [path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))]
    return hashlib.sha256(repr((version("sqlglot"), code, given)).encode()).hexdigest()


def _read_parsed(kept: Path, given: str) -> dict[str, tuple[str, list[str]]]:
    """Read the SELECT of each model and the tables that it reads, if they were kept from what is given now."""
    found = read_kept_json(kept) or {}
    parsed: dict[str, tuple[str, list[str]]] = found["models"] if found.get("given") == given else {}
    return parsed


def _build_model(
    path: Path, head: Header, select: str, known: Columns = MappingProxyType({}), feeds: Sequence[str] = ()
) -> Model:
    """Build the model of a file.

    Args:
        path: The file.
        head: Its header.
        select: Its SELECT.
        known: The columns of every table that a star may stand for.
        feeds: The tables that feed it.

    Raises:
        BilateralError: The SELECT is none, or does not fit the header or the tables that feed it.
    """
    place, columns = _name_place(path), _list_names(head)
    tree = _parse(select, place)
    if bool(feeds) != has_feeds(select):
        found = f"reads no {FEEDS}, and {', '.join(feeds)} feed it" if feeds else f"reads {FEEDS}, and none feeds it"
        raise BilateralError(
            f"{place} {found}.",
            remedy=f"Write `from {FEEDS}` here, and `feeds: [{_name_table(path)}]` into the header of a table to be "
            "read.",
        )
    if feeds:
        select = replace_feeds(select, feeds)
        tree = _parse(select, place)
    if _check_columns(tree, known, columns, place) != columns:
        names = ",\n    ".join(columns)
        select = f"select\n    {names}\nfrom (\n{select}\n)"
    return _assemble_model(path, head, known, select, _list_tables(tree, place))


def _assemble_model(path: Path, head: Header, known: Columns, select: str, depends_on: Iterable[str]) -> Model:
    return Model(
        schema=path.parent.name,
        table=path.stem,
        select=select,
        depends_on=frozenset(depends_on),
        path=path,
        known=known,
        **{one.name: getattr(head, one.name) for one in fields(head)},
    )


def _name_table(path: Path) -> str:
    return f"{path.parent.name}.{path.stem}"


def _name_place(path: Path) -> str:
    return f"sql/{path.parent.name}/{path.name}"


def _list_names(head: Header) -> tuple[str, ...]:
    return tuple(column.name for column in head.columns)


def load_views(project: Project, tables: Mapping[str, Model]) -> dict[str, Model]:
    """Load the views of the project, by name.

    Args:
        project: The project.
        tables: Its tables.

    Raises:
        BilateralError: A file is malformed, or reads what is no table of the published file.
    """
    known = {name: _list_names(model) for name, model in tables.items()}
    glossary = header.read_glossary(project.sql)
    paths = sorted((project.sql / VIEWS).glob("*.sql"))
    texts = [(path, path.read_text(encoding="utf-8")) for path in paths]
    views = [_build_model(path, *header.read_header(text, _name_place(path), glossary), known) for path, text in texts]
    for view in views:
        if unknown := sorted(view.depends_on - set(tables)):
            raise BilateralError(
                f"{view.name} reads {', '.join(unknown)}, which no model makes.",
                remedy=f"A view reads tables of {', '.join(SCHEMAS)}; mend the name in {view.path}.",
            )
    return {view.name: view for view in views}


def sort_models(models: Iterable[Model]) -> list[Model]:
    """Sort models schema by schema, each after those it depends on; names decide where that leaves a choice.

    Raises:
        BilateralError: Two models need each other, or one needs a table that nobody makes, or one of a later schema.
    """
    by_name = {model.name: model for model in models}
    for model in by_name.values():
        for needed in sorted(model.depends_on):
            if needed in by_name and SCHEMAS.index(by_name[needed].schema) > SCHEMAS.index(model.schema):
                raise BilateralError(
                    f"{model.name} reads {needed}: data goes one way, {' → '.join(SCHEMAS)}.",
                    remedy="Move what it needs up, or the model down.",
                )
            if needed not in by_name and needed.partition(".")[0] not in INPUT_SCHEMAS:
                raise BilateralError(
                    f"{model.name} reads {needed}, which no model makes.",
                    remedy=f"Write sql/{needed.replace('.', '/')}.sql, or mend the name in {model.path}.",
                )
    graph = {name: sorted(need for need in model.depends_on if need in by_name) for name, model in by_name.items()}
    try:
        order = [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise BilateralError(
            f"These models need each other: {' → '.join(error.args[1])}.", remedy="Break the circle."
        ) from error
    return sorted(order, key=lambda model: SCHEMAS.index(model.schema))


def upstream(models: Mapping[str, Model], name: str) -> set[str]:
    """List everything that `name` rests on, raw and reference tables included."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for needed in models[waiting.pop()].depends_on:
            if needed not in found:
                found.add(needed)
                if needed in models:
                    waiting.append(needed)
    return found


def _add_inputs_of_analyses(model: Model, analyses: Mapping[str, frozenset[str]]) -> Model:
    read = sorted(name for name in model.depends_on if name.startswith("analysis."))
    if unknown := [name for name in read if name not in analyses]:
        raise BilateralError(
            f"{model.name} reads {unknown[0]}, and there is no such analysis.",
            remedy="Declare it in dagster_project/analysis/, or mend the name.",
        )
    return replace(model, depends_on=model.depends_on.union(*(analyses[name] for name in read)))


def _parse(select: str, name: str) -> exp.Query:
    try:
        tree = parse_one(select, dialect=DIALECT)
    except SqlglotError as error:
        raise BilateralError(f"{name} is not SQL: {str(error).splitlines()[0]}") from error
    if not isinstance(tree, exp.Query):
        raise BilateralError(f"{name} is a {type(tree).__name__}, not a SELECT.", remedy="A model only selects.")
    return tree


def _spell_out(tree: exp.Query, known: Columns, name: str) -> exp.Query:
    try:
        return spell_out(tree, known)
    except SqlglotError as error:
        raise BilateralError(f"{name}: {str(error).splitlines()[0]}.") from error


def _check_columns(tree: exp.Query, known: Columns, documented: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the columns that a SELECT produces: all that are documented, and others only by a star."""
    written = _list_written_columns(tree)
    if tree.is_star or isinstance(tree, exp.SetOperation):
        tree = _spell_out(tree, known, name)
    produced = tuple(tree.named_selects)
    lacking = [column for column in documented if column not in produced]
    undocumented = [column for column in produced if column in written and column not in documented]
    twice = sorted({column for column in produced if produced.count(column) > 1})
    if lacking or undocumented or twice:
        raise BilateralError(
            f"{name}: the header and the SELECT differ: documented but not produced {lacking}, produced but not "
            f"documented {undocumented}, produced twice {twice}.",
            remedy="Document every column that the SELECT writes out, and write out what a star does not bring.",
        )
    return produced


def _list_written_columns(tree: exp.Query) -> set[str]:
    """Return the columns that a SELECT, or any part of a union, names itself, without those that a star brings."""
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
            raise BilateralError(f"{name} reads {table.name} without saying its schema.", remedy="Write schema.table.")
    return frozenset(found)
