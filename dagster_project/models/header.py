"""Read the header of a model, the comment that describes its table and each column.

Here: the fields of a header, its columns, and its errors. Not here: the SELECT (`reading`).

The glossary, `sql/glossary.yml`, describes a column that the header only names. A header may name a template,
`sql/templates/<name>.sql`. Then the header also has the fields of the template's header, and the table has the result
of the template's SELECT. In that SELECT, the name `rows` stands for the model's own SELECT.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dagster_project.errors import BilateralError, raise_fault
from dagster_project.files import check_mapping, load_yaml

# The columns by which a table may be sliced, each with the unit of its lookback.
SLICED_BY = {"period_start": "month", "year": "year"}

_FILE = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\*/\s*(?P<select>.*)\Z", re.DOTALL)
_NEEDED = {"what", "grain", "columns"}
_ALLOWED = _NEEDED | {
    *("subject", "required", "parameters", "sliced_by", "lookback", "example", "feeds", "figures", "template")
}
# The name in a template's SELECT of the rows that a model selects.
ROWS = "rows"


@dataclass(frozen=True)
class ColumnDoc:
    """The documentation of a column in the header of its model."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Slices:
    """The slices, such as months, by which a model's table can be made (`incremental.slices`).

    Args:
        raw: The SQL that computes the slice of a raw table's row; "" if the model reads no raw table.
        lookback: The number of earlier months or years that a slice also needs.
    """

    column: str
    raw: str = ""
    lookback: int = 0


@dataclass(frozen=True, kw_only=True)
class Header:
    """The documentation and the settings at the head of a model's file.

    Args:
        what: The description of the table, in a sentence or two.
        grain: The columns that make a row unique.
        required: The columns that are never null: those of the grain, and others that the header names.
        parameters: The parameters of a macro; empty for a table.
        slices: The slices by which the table can be made; None if it can only be made as a whole.
        feeds: The tables that include the rows of this one.
        subject: The subject of a mart, which is its group in Dagster.
        figures: The columns whose changes a publication reports.
    """

    what: str
    grain: tuple[str, ...]
    required: tuple[str, ...]
    columns: tuple[ColumnDoc, ...]
    parameters: tuple[str, ...] = ()
    slices: Slices | None = None
    # These fields do not affect the table that is made.
    example: str | None = field(default=None, compare=False)
    feeds: tuple[str, ...] = field(default=(), compare=False)
    subject: str | None = field(default=None, compare=False)
    figures: tuple[str, ...] = field(default=(), compare=False)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def read_glossary(folder: Path) -> dict[str, str]:
    """Read the glossary in the folder of models, if it exists: the text `unit | meaning` of each name."""
    path = folder / "glossary.yml"
    return _parse_glossary(path.read_text(encoding="utf-8")) if path.is_file() else {}


@lru_cache(maxsize=2)  # Every question is read with the glossary.
def _parse_glossary(text: str) -> dict[str, str]:
    found: dict[str, str] = load_yaml(text, "sql/glossary.yml")
    return found


def read_templates(folder: Path) -> dict[str, str]:
    """Read the text of each template in the folder of models, by name."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "templates").glob("*.sql"))}


def read_header(
    text: str,
    name: str,
    glossary: Mapping[str, str] = MappingProxyType({}),
    templates: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Header, str]:
    """Read the header and the SELECT from the text of a file; error messages call the file `name`.

    Raises:
        BilateralError: The file or its header is malformed.
    """
    found, select = _read_file(text, name, templates)
    columns = read_columns(found["columns"], glossary, name)
    names = {column.name for column in columns}
    required = (*found["grain"], *found.get("required", ()))
    unknown = [column for column in (*required, *found.get("figures", ())) if column not in names]
    missing = f"{name}: `grain`, `required` or `figures` names {', '.join(unknown)}, but `columns` does not list it."
    twice = f"{name}: `grain` and `required` name a column twice."
    raise_fault(
        (unknown, missing, "Add it to `columns`, or correct the name."),
        (len(set(required)) < len(required), twice, "Do not repeat a column of the grain in `required`."),
    )
    header = Header(
        what=" ".join(str(found["what"]).split()),
        grain=tuple(found["grain"]),
        required=required,
        columns=columns,
        parameters=tuple(found.get("parameters", ())),
        slices=_read_slices(found, columns, name),
        example=found["example"].strip() if "example" in found else None,
        feeds=tuple(found.get("feeds", ())),
        subject=found.get("subject"),
        figures=tuple(found.get("figures", ())),
    )
    return header, select


def read_grain(path: Path) -> tuple[str, ...]:
    """Read the columns that make a row of a model unique."""
    text = path.read_text(encoding="utf-8")
    return tuple(_read_file(text, path.name, read_templates(path.parent.parent))[0]["grain"])


def _read_file(text: str, name: str, templates: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Read the fields of a header and the SELECT below; combine both with the template that the header names."""
    match = _FILE.match(text)
    if match is None:
        raise BilateralError(
            f"{name}: expected a block comment and then a SELECT.",
            remedy="Begin the file with /*, the header in YAML, */ and then one SELECT.",
        )
    header, select = load_yaml(match["yaml"], f"{name}: the header"), match["select"].strip().rstrip(";")
    if isinstance(header, dict) and (template := header.get("template")) is not None:
        if template not in templates:
            raise BilateralError(
                f"{name}: there is no template {template!r} in sql/templates.",
                remedy=f"Name one of {', '.join(templates)}.",
            )
        # Parsing SQL takes long to import, and few models have a template.
        from dagster_project.models.expansion import replace_tables

        shared, form = _read_file(templates[template], f"sql/templates/{template}.sql", {})
        header, select = shared | header, replace_tables(form, {ROWS: f"\n{select}\n"})
    return check_mapping(header, _NEEDED, _ALLOWED - _NEEDED, where=f"{name}: the header", what="valid"), select


def _read_slices(header: Mapping[str, Any], columns: Iterable[ColumnDoc], name: str) -> Slices | None:
    sliced_by, lookback = header.get("sliced_by"), header.get("lookback")
    if sliced_by is None and lookback is None:
        return None
    column, _, raw = (part.strip() for part in str(sliced_by).partition("="))
    unit, names = SLICED_BY.get(column), {one.name for one in columns}
    if unit is None or (column not in names and "period_start" not in names):
        raise BilateralError(
            f"{name}: the table cannot be sliced by {column}.",
            remedy="Slice by period_start or year if the table has a period_start, and by year if it has only a year.",
        )
    match = re.fullmatch(rf"(\d+) {unit}s?", str(lookback)) if lookback is not None else None
    if lookback is not None and match is None:
        raise BilateralError(f"{name}: invalid lookback {lookback!r}.", remedy=f"Write it as `12 {unit}s`.")
    return Slices(column, raw, int(match[1]) if match else 0)


def read_columns(listed: Any, glossary: Mapping[str, str], place: str) -> tuple[ColumnDoc, ...]:
    """Read the columns of a header, in order; error messages call the header `place`.

    `listed` is a mapping of names to `unit | meaning`, or a list of mappings and texts. A text has names from the
    glossary, separated by commas; a word in brackets chooses one of several meanings, as in `period_start (month)`.

    Raises:
        BilateralError: A column is listed twice, or is neither described nor in the glossary.
    """
    texts: list[tuple[str, str]] = []
    for entry in listed if isinstance(listed, list) else [listed]:
        if isinstance(entry, Mapping):
            texts += ((name, str(text)) for name, text in entry.items())
        else:
            texts += ((name, glossary.get(name, "")) for name in str(entry).split(", "))
    columns = tuple(_read_column(name, text, place) for name, text in texts)
    names = [column.name for column in columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BilateralError(f"{place}: the header lists {', '.join(twice)} twice.", remedy="List each column once.")
    return columns


def _read_column(name: str, text: str, place: str) -> ColumnDoc:
    unit, bar, meaning = text.partition("|")
    if not (bar and unit.strip() and meaning.strip()):
        raise BilateralError(
            f"{place}, column {name}: expected `unit | meaning`, got {text!r}.",
            remedy="Write, for example, `US$ | Exports, FOB.`, or use a name that sql/glossary.yml describes.",
        )
    return ColumnDoc(name=name.partition(" (")[0], unit=unit.strip(), meaning=" ".join(meaning.split()))
