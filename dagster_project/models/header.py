"""The comment that a model opens with: what its table is, and what each column means.

Here: YAML to a header, the columns that it lists, and what is wrong with one. Not here: the SELECT below it
(`dagster_project.models`).

A column whose name stands alone is described by the glossary, `sql/glossary.yml`. A header that names a template,
`sql/templates/<name>.sql`, has the fields of the template's header beside its own, and the template's SELECT reads the
rows of its own as `rows`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml

# What a table may be sliced by, and what a lookback counts.
SLICED_BY = {"period_start": "month", "year": "year"}

_FILE = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\*/\s*(?P<select>.*)\Z", re.DOTALL)
_NEEDED = {"what", "grain", "columns"}
_ALLOWED = _NEEDED | {
    *("subject", "required", "parameters", "sliced_by", "lookback", "example", "feeds", "figures", "template")
}
# In a template's SELECT, the rows that a model selects.
ROWS = "rows"


@dataclass(frozen=True)
class ColumnDoc:
    """A column as its model's header documents it."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Slices:
    """How a model's table can be made a part at a time, as its header declares it (`incremental.slices`).

    Args:
        column: What its rows are sliced by.
        raw: What tells the slice of a row of a raw table, in SQL; "" if the model reads none.
        lookback: How many earlier months, or years, a slice is made of beside its own.
    """

    column: str
    raw: str = ""
    lookback: int = 0


@dataclass(frozen=True, kw_only=True)
class Header:
    """A model's header.

    Args:
        what: What the table is, in a sentence or two.
        grain: The columns that make a row unique.
        required: The columns that are never null: those of the grain, and those that are named beside them.
        columns: Every column, in order.
        parameters: The parameters of a macro; a table has none.
        slices: How it can be made a part at a time, if it can.
        example: A question to it, in SQL.
        feeds: The tables that take in its rows beside those of others.
        subject: What a mart is about: the group in which Dagster shows it.
        figures: The columns whose changes a publication tells of.
    """

    what: str
    grain: tuple[str, ...]
    required: tuple[str, ...]
    columns: tuple[ColumnDoc, ...]
    parameters: tuple[str, ...] = ()
    slices: Slices | None = None
    # Two headers that differ in these alone make the same table.
    example: str | None = field(default=None, compare=False)
    feeds: tuple[str, ...] = field(default=(), compare=False)
    subject: str | None = field(default=None, compare=False)
    figures: tuple[str, ...] = field(default=(), compare=False)


def read_glossary(folder: Path) -> dict[str, str]:
    """Read what columns mean wherever a header only names them: `unit | meaning` by name.

    Args:
        folder: The folder of models, which may have a `glossary.yml`.
    """
    path = folder / "glossary.yml"
    return load_yaml(path.read_text(encoding="utf-8"), "sql/glossary.yml") if path.is_file() else {}


def read_templates(folder: Path) -> dict[str, str]:
    """Read the templates of models: their text by name.

    Args:
        folder: The folder of models, which may have `templates`.
    """
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / "templates").glob("*.sql"))}


def read_header(
    text: str,
    name: str,
    glossary: Mapping[str, str] = MappingProxyType({}),
    templates: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Header, str]:
    """Read the header of a file, and the SELECT below it.

    Args:
        text: What is in the file.
        name: What to call it in a message.
        glossary: What a column means that the header only names.
        templates: The text of the templates that a header may name.

    Raises:
        BilateralError: The file or its header is not of the form that a model has.
    """
    found, select = _read_file(text, name, templates)
    columns = read_columns(found["columns"], glossary, name)
    names = {column.name for column in columns}
    required = (*found["grain"], *found.get("required", ()))
    unknown = [column for column in (*required, *found.get("figures", ())) if column not in names]
    if unknown or len(set(required)) < len(required):
        raise BilateralError(
            f"{name}: required, figures or grain names {unknown}, which are no columns of it."
            if unknown
            else f"{name}: grain and required name a column twice.",
            remedy="Name each column once; those of the grain are required as they are.",
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
    """Read the fields of a header and the SELECT below it, with those of the template that the header names."""
    match = _FILE.match(text)
    if match is None:
        raise BilateralError(
            f"{name} does not open with a block comment and a SELECT.",
            remedy="Begin the file with /*, the header in YAML, */ and then one SELECT.",
        )
    header, select = load_yaml(match["yaml"], f"{name}: the header"), match["select"].strip().rstrip(";")
    if isinstance(header, dict) and (template := header.get("template")) is not None:
        if template not in templates:
            raise BilateralError(f"{name}: there is no template {template!r} in sql/templates.")
        # Parsing SQL takes long to import, and few models have a template.
        from dagster_project.models.expansion import replace_tables

        shared, form = _read_file(templates[template], f"sql/templates/{template}.sql", {})
        header, select = shared | header, replace_tables(form, {ROWS: f"\n{select}\n"})
    if not isinstance(header, dict) or not _NEEDED <= set(header) <= _ALLOWED:
        raise BilateralError(
            f"{name}: a header has what, grain and columns, and may have {', '.join(sorted(_ALLOWED - _NEEDED))}; "
            f"this one has {sorted(header) if isinstance(header, dict) else 'no fields'}.",
        )
    return header, select


def _read_slices(header: Mapping[str, Any], columns: Iterable[ColumnDoc], name: str) -> Slices | None:
    sliced_by, lookback = header.get("sliced_by"), header.get("lookback")
    if sliced_by is None and lookback is None:
        return None
    column, _, raw = (part.strip() for part in str(sliced_by).partition("="))
    unit, names = SLICED_BY.get(column), {one.name for one in columns}
    if unit is None or (column not in names and "period_start" not in names):
        raise BilateralError(
            f"{name}: it cannot be sliced by {column}.",
            remedy="Slice a table by its period_start or its year; one with a period_start alone may have both.",
        )
    match = re.fullmatch(rf"(\d+) {unit}s?", str(lookback)) if lookback is not None else None
    if lookback is not None and match is None:
        raise BilateralError(f"{name}: lookback is {lookback!r}.", remedy=f"Write `12 {unit}s`, for example.")
    return Slices(column, raw, int(match[1]) if match else 0)


def read_columns(listed: Any, glossary: Mapping[str, str], place: str) -> tuple[ColumnDoc, ...]:
    """Return the columns of a header, in its order.

    Args:
        listed: `unit | meaning` by name, or a list of such descriptions and of names alone, between commas. A name
            with several meanings in the glossary says which in brackets: `period_start (month)`.
        glossary: What a name alone means.
        place: What to call the header in a message.

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
            f"{place}: column {name} is documented as {text!r}.",
            remedy="Write `unit | meaning`, for example `US$ | Exports, FOB.`, or a name that sql/glossary.yml has.",
        )
    return ColumnDoc(name=name.partition(" (")[0], unit=unit.strip(), meaning=" ".join(meaning.split()))
