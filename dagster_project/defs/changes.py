"""What a publication changed, as Dagster shows it beside the publication.

Here: its metadata. Not here: what changed and why (`publication.changes`).
"""

from typing import Any

import duckdb

from dagster_project import publication
from dagster_project.defs.common import rows_shown
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.publication import changes
from dagster_project.raw.kept import records


def shown(where: Project) -> dict[str, Any]:
    """How many figures, verdicts and rules are others than in the publication before, by cause."""
    try:
        with publication.reading(where) as connection:
            rows = records(connection, changes.counts("meta.changes"))
    except (BilateralError, duckdb.Error):
        # An earlier version published it.
        return {}
    return {
        "figures_changed": sum(row["figures"] for row in rows if row["change"] != "not_compared"),
        "flips": sum(row["flips"] for row in rows),
        "changes": rows_shown(rows),
    }
