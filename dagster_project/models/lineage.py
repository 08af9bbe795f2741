"""Trace each column of a model to the columns that it is computed from, by parsing the SQL.

Here: column lineage over one model. Not here: the order of models (`dagster_project.models`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage

from dagster_project.models import DIALECT, Model


def trace_columns(model: Model, models: Mapping[str, Model] | None = None) -> dict[str, list[tuple[str, str]]]:
    """Trace each column of a model to the columns of other tables from which its values are computed.

    Args:
        model: The model.
        models: The models that it reads, by name; they are needed to trace a column that is written without its table.

    Returns:
        Pairs of `schema.table` and column, sorted; empty for a column computed from none, such as a count, and for all
        columns of a model that cannot be traced.
    """
    read = () if models is None else tuple(models[name] for name in sorted(model.depends_on) if name in models)
    return _trace_model(model, read)


def _remove_parameters(model: Model) -> exp.Expression:
    """Replace the parameters of a macro in its SELECT by nulls, because they look like columns."""

    def remove_one(node: exp.Expression) -> exp.Expression:
        is_parameter = isinstance(node, exp.Column) and not node.table and node.name in model.parameters
        return exp.Null() if is_parameter else node

    return model.expanded.transform(remove_one)


@cache
def _trace_model(model: Model, reads: tuple[Model, ...]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for read in reads:
        schema.setdefault(read.schema, {})[read.table] = {column.name: "text" for column in read.columns}
    select = _remove_parameters(model) if model.is_macro else model.expanded
    try:
        # To trim a SELECT to the column that is traced is to copy it for each; nobody reads the copies.
        nodes = lineage(None, select, schema, dialect=DIALECT, trim_selects=False)
    except SqlglotError:
        # sqlglot cannot trace some SELECTs. They are built like any other.
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
