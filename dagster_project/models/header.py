"""The comment that a model opens with: what its table is, and what each column means.

Here: YAML to a header, and what is wrong with one. Not here: the SELECT below it (`dagster_project.models`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml

# What a table may be sliced by, and what a lookback counts.
SLICED_BY = {"period_start": "month", "year": "year"}

_FILE = re.compile(r"\A\s*/\*\n(?P<yaml>.*?)\*/\s*(?P<select>.*)\Z", re.DOTALL)
_NEEDED = {"what", "grain", "columns"}
_ALLOWED = _NEEDED | {"subject", "required", "parameters", "sliced_by", "lookback", "example", "feeds", "figures"}


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


def read(text: str, name: str) -> tuple[Header, str]:
    """The header of a file, and the SELECT below it.

    Args:
        text: What is in the file.
        name: What to call it in a message.

    Raises:
        BilateralError: The file or its header is not of the form that a model has.
    """
    match = _FILE.match(text)
    if match is None:
        raise BilateralError(
            f"{name} does not open with a block comment and a SELECT.",
            remedy="Begin the file with /*, the header in YAML, */ and then one SELECT.",
        )
    found = _yaml(match["yaml"], name)
    columns = tuple(_column(column, text, name) for column, text in found["columns"].items())
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
        slices=_slices(found, columns, name),
        example=found["example"].strip() if "example" in found else None,
        feeds=tuple(found.get("feeds", ())),
        subject=found.get("subject"),
        figures=tuple(found.get("figures", ())),
    )
    return header, match["select"].strip().rstrip(";")


def _yaml(text: str, name: str) -> dict[str, Any]:
    header = load_yaml(text, f"{name}: the header")
    if not isinstance(header, dict) or not _NEEDED <= set(header) <= _ALLOWED:
        raise BilateralError(
            f"{name}: a header has what, grain and columns, and may have {', '.join(sorted(_ALLOWED - _NEEDED))}; "
            f"this one has {sorted(header) if isinstance(header, dict) else 'no fields'}.",
        )
    return header


def _slices(header: Mapping[str, Any], columns: Iterable[ColumnDoc], name: str) -> Slices | None:
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


def _column(name: str, text: str, model: str) -> ColumnDoc:
    unit, bar, meaning = str(text).partition("|")
    if not (bar and unit.strip() and meaning.strip()):
        raise BilateralError(
            f"{model}: column {name} is documented as {text!r}.",
            remedy="Write `unit | meaning`, for example `US$ | Exports, FOB.`",
        )
    return ColumnDoc(name=name, unit=unit.strip(), meaning=" ".join(meaning.split()))
