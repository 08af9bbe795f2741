"""Corrections: figures of a source that are known to be wrong, kept as data with the reason.

Here: reading `warehouse/corrections/*.yml`. Not here: the applying of them, which `sql/core` does, and whether they are
still needed, which `sql/meta/corrections.sql` says.

A correction is bound to the value it was written for. It holds only while the source shows that value; once the
publisher mends the figure, the new one is used and the correction is reported as no longer current. A publisher that
shows one figure in several datasets shows one mistake in all of them, so a correction may leave its dataset out.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.rows import Rows

COLUMNS = {
    "correction_id": "varchar",
    "source": "varchar",
    "dataset": "varchar",
    "reporter_code": "varchar",
    "partner_code": "varchar",
    "flow": "varchar",
    "frequency": "varchar",
    "period_start": "date",
    "observed_value_usd": "double",
    "tolerance_pct": "double",
    "action": "varchar",
    "reason": "varchar",
    "evidence": "varchar",
}
OPTIONAL = {"dataset"}
ACTIONS = ("exclude",)


def load(project: Project) -> Rows:
    """Every correction of the project, one file each.

    Raises:
        BilateralError: A file lacks a field, has one too many, or asks for an action that there is not.
    """
    return Rows("corrections", COLUMNS, [_read(path) for path in sorted(project.corrections.glob("*.yml"))])


def _read(path: Path) -> list[Any]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    given = set(content) if isinstance(content, dict) else set()
    missing, unknown = set(COLUMNS) - OPTIONAL - given, given - set(COLUMNS)
    if missing or unknown:
        raise BilateralError(
            f"{path} is not a correction: missing {sorted(missing)}, unknown {sorted(unknown)}.",
            remedy="Write the fields of dagster_project.corrections.COLUMNS.",
        )
    if content["correction_id"] != path.stem:
        raise BilateralError(
            f"{path} calls itself {content['correction_id']}.", remedy="Give the file and the correction one name."
        )
    if content["action"] not in ACTIONS:
        raise BilateralError(
            f"{path}: there is no action {content['action']!r}.", remedy=f"Use one of {', '.join(ACTIONS)}."
        )
    if not isinstance(content["period_start"], date):
        raise BilateralError(
            f"{path}: period_start is {content['period_start']!r}.", remedy="Write it as YYYY-MM-DD, unquoted."
        )
    return [content.get(name) for name in COLUMNS]
