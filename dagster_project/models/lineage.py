"""Where each column comes from, read from the SQL.

Here: column lineage over one model. Not here: the order of models (`dagster_project.models`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage as trace

from dagster_project.models import DIALECT, Model


def lineage(model: Model, models: Mapping[str, Model] | None = None) -> dict[str, list[tuple[str, str]]]:
    """For each column of a model, the columns of other tables that its values are made of.

    Args:
        model: The model.
        models: Those that it reads, by name: a column that names no table can be followed if they are known.

    Returns:
        Pairs of `schema.table` and column, sorted; none for a column that is made of no other, such as a count, and
        none at all for a model that cannot be followed.
    """
    read = () if models is None else tuple(models[name] for name in sorted(model.depends_on) if name in models)
    return _traced(model, read)


def _without_parameters(model: Model) -> exp.Expression:
    """A model's SELECT; the parameters of a macro look like columns, and are none."""

    def known(node: exp.Expression) -> exp.Expression:
        is_parameter = isinstance(node, exp.Column) and not node.table and node.name in model.parameters
        return exp.Null() if is_parameter else node

    return model.expanded.transform(known)


@cache
def _traced(model: Model, reads: tuple[Model, ...]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for read in reads:
        schema.setdefault(read.schema, {})[read.table] = {column.name: "text" for column in read.columns}
    try:
        nodes = trace(None, _without_parameters(model) if model.is_macro else model.expanded, schema, dialect=DIALECT)
    except SqlglotError:
        # Some SELECTs it cannot follow. They are built like any other.
        return {column.name: [] for column in model.columns}
    assert isinstance(nodes, dict)
    for column, root in nodes.items():
        leaves = set()
        for node in root.walk():
            table = node.expression
            if not node.downstream and isinstance(table, exp.Table) and table.db:
                leaves.add((f"{table.db}.{table.name}", node.name.rpartition(".")[2].strip('"')))
        found[column] = sorted(leaves)
    return found
