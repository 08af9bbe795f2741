"""Read corrections from `warehouse/corrections/*.yml`: figures of a source that are known to be wrong, with the reason.

A correction names the wrong values, which `sql/core` then leaves out. Once the publisher corrects a figure, the new
figure is used, and `meta.corrections` shows that the correction is no longer current. A correction may omit the
dataset, because a publisher may show a wrong figure in several datasets.

A period may be wrong for every partner of a reporter (`partner_code: "*"`). The correction then names the wrong value
of one or more partners. If a snapshot shows one of these values, the snapshot's figures of the period are left out for
all partners.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.files import check_values, read_yaml_fields
from dagster_project.project import Project
from dagster_project.reference import rows
from dagster_project.reference.rows import Rows

COLUMNS = rows.COLUMNS["corrections"]
FIELDS = frozenset(COLUMNS) - {"covers_every_partner"}
OPTIONAL = {"dataset"}
EVERY_PARTNER = "*"
# More US$ than any economy's trade.
LARGEST_VALUE = 1e15
# The expected value of each field of a correction, in words and as a function.
KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(
        (name for name, kind in COLUMNS.items() if kind == "varchar"),
        ("a text, in quotes", lambda value: isinstance(value, str) and bool(value.strip())),
    ),
    "action": ("exclude", lambda value: value == "exclude"),
    "flow": ("export or import", lambda value: value in ("export", "import")),
    "frequency": ("A or M", lambda value: value in ("A", "M")),
    "tolerance_pct": ("a percentage of at least 0, without the sign", lambda value: _is_number(value) and value >= 0),
    "period_start": ("a date as YYYY-MM-DD, unquoted", lambda value: type(value) is date),
}


def load_corrections(project: Project) -> Rows:
    """Load every correction of the project; a correction has one row for each partner with a wrong value.

    Raises:
        BilateralError: A file lacks a field, has an unknown field, or has an invalid value.
    """
    found = [row for path in sorted(project.corrections.glob("*.yml")) for row in _read_correction(path)]
    return Rows("corrections", COLUMNS, found)


def _read_correction(path: Path) -> list[list[Any]]:
    content = read_yaml_fields(path, FIELDS - OPTIONAL, OPTIONAL, what="a correction", remedy="Correct or remove it.")
    if content["correction_id"] != path.stem:
        raise BilateralError(
            f"{path}, correction_id: expected {path.stem}, got {content['correction_id']}.",
            remedy="Give the file and the correction the same name.",
        )
    check_values(content, KINDS, where=path, remedy="Correct the value.")
    every = content["partner_code"] == EVERY_PARTNER
    seen = content["observed_value_usd"] if every else {content["partner_code"]: content["observed_value_usd"]}
    if not isinstance(seen, dict) or not seen or not all(_is_value(code, value) for code, value in seen.items()):
        raise BilateralError(
            f"{path}, observed_value_usd: expected a number or a mapping, got {content['observed_value_usd']!r}.",
            remedy='Write the wrong value in US$; with partner_code "*" write `CODE: number` for each partner.',
        )
    return [
        [
            {**content, "partner_code": code, "observed_value_usd": value, "covers_every_partner": every}.get(name)
            for name in COLUMNS
        ]
        for code, value in seen.items()
    ]


def _is_value(code: Any, value: Any) -> bool:
    # YAML reads NO, the code of Norway, as false unless it is quoted.
    return isinstance(code, str) and code != EVERY_PARTNER and _is_number(value) and value > 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_VALUE
