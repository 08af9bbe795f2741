"""Locate the values of rows in a publisher's response, so that a reader finds them without this project's readers.

Here: the places of texts in bytes, also in a zip. Not here: reading a response (`sources`), and checking the places,
which `check.py` in a proof does with Python's standard library.

A month that the response prints in another form, such as 2026.01, is located in that form. A value that it does not
print, such as a code that was asked for, has no locator.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dagster_project.proof.check import read_content

COLUMNS = ("file", "member", "row_number", "column", "value", "offset", "printed")
# What publishers write between year, month and day.
SEPARATORS = ("-", ".", "", "/")
Places = dict[str, tuple[int, str]]


def locate_rows(
    path: Path, columns: Sequence[str], rows: Sequence[Sequence[str | None]]
) -> Iterator[tuple[str, int, str, str, int, str]]:
    """Yield member, row number, column, value, offset and printed text of each value that a file prints.

    Args:
        path: The file as received.
        columns: The columns of the rows.
        rows: The rows: their values, then the snapshot and the row number.
    """
    members = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else [""]
    contents = {member: read_content(path, member) for member in members}
    for row in rows:
        values = {column: value for column, value in zip(columns, row, strict=False) if value}
        found = {member: _locate_values(content, values) for member, content in contents.items()}
        member = max(members, key=lambda one: len(found[one]))
        for column, (offset, printed) in found[member].items():
            yield member, int(row[-1] or 0), column, values[column], offset, printed


def _locate_values(content: bytes, values: Mapping[str, str]) -> Places:
    """Find the places of values that are nearest to each other: around the value that the content prints least."""
    found = {column: places for column, value in values.items() if (places := _find_places(content, value))}
    if not found:
        return {}
    anchor = min(found, key=lambda column: len(found[column]))
    around = (
        {column: min(places, key=lambda place: abs(place[0] - start)) for column, places in found.items()}
        for start, _ in found[anchor]
    )
    return min(around, key=lambda places: max(places.values())[0] - min(places.values())[0])


def _find_places(content: bytes, value: str) -> list[tuple[int, str]]:
    """Find every place at which the content prints a value, not as a part of a longer number or word."""
    is_date = re.fullmatch(r"\d{4}(-\d{2})+", value)
    forms = [value.replace("-", separator) for separator in SEPARATORS] if is_date else [value]
    for form in forms:
        pattern = rb"(?<![\w.])" + re.escape(form.encode()) + rb"(?![\w.])"
        if places := [(match.start(), form) for match in re.finditer(pattern, content)]:
            return places
    return []
