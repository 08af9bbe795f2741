"""Where each column comes from, read from the SQL.

Here: column lineage over one model. Not here: the order of models (`dagster_project.models`).
"""

from __future__ import annotations

from functools import cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage as trace

from dagster_project.models import DIALECT, Model


@cache
def lineage(model: Model) -> dict[str, list[tuple[str, str]]]:
    """For each column of a model, the columns of other tables that its values are made of.

    Returns:
        Pairs of `schema.table` and column, sorted; none for a column that is made of no other, such as a count, and
        none at all for a model that cannot be followed.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        nodes = trace(None, model.select, {}, dialect=DIALECT)
    except SqlglotError:
        # Some SELECTs it cannot follow, such as a union of stars. They are built like any other.
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
