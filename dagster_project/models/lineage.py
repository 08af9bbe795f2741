"""Trace each column of a model to the columns of other tables from which it is computed, by parsing the SQL."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage

from dagster_project.models import DIALECT, Model


def trace_columns(model: Model, models: Mapping[str, Model]) -> dict[str, list[tuple[str, str]]]:
    """Trace each column of a model to the columns from which it is computed: sorted pairs of `schema.table` and column.

    A count has no pairs. If sqlglot cannot trace the SELECT, no column has pairs. `models` has the models that `model`
    reads, by name; if one is missing, a column that the SELECT writes without its table cannot be traced.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for read in (models[name] for name in model.depends_on & models.keys()):
        schema.setdefault(read.schema, {})[read.table] = dict.fromkeys(read.column_names, "text")
    select: exp.Expr = model.expanded
    if model.is_macro:
        # The parameters of a macro look like columns.
        select = select.transform(lambda one: exp.Null() if one in map(exp.column, model.parameters) else one)
    try:
        # Trimming would copy the SELECT for each column, and the copies are not needed.
        nodes = lineage(None, select, schema, dialect=DIALECT, trim_selects=False)
    except SqlglotError:
        # sqlglot cannot trace some valid SELECTs.
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
