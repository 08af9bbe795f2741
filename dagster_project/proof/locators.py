"""Locate the values of rows in a publisher's response, so that a reader finds them without this project's readers.

Here: the places of texts in bytes, also in a zip. Not here: reading a response (`sources`), and checking the places,
which `check.py` does with Python's standard library. A value that the response does not print has no locator, such as a
code that was asked for, or a text that the reader translates.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dagster_project.proof.check import read_content

COLUMNS = ("file", "member", "row_number", "column", "value", "offset", "printed")
# What publishers write between year, month and day.
SEPARATORS = (".", "", "/")


def locate_rows(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield member, row number, column, value, offset and printed text of each value that a file prints.

    The places of a row are those nearest to each other, around the value that the file prints least often.
    """
    members = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else [""]
    contents = {member: read_content(path, member) for member in members}
    for *values, _, number in rows:
        if number is None:
            continue
        found = {
            member: {
                column: places
                for column, value in zip(columns, values, strict=True)
                if (places := _find_places(content, value))
            }
            for member, content in contents.items()
        }
        member = max(members, key=lambda one: len(found[one]))
        if found[member]:
            anchors = min(found[member].values(), key=len)
            near = [
                {
                    column: min(places, key=lambda place: abs(place[0] - start))
                    for column, places in found[member].items()
                }
                for start, _ in anchors
            ]
            best = min(near, key=lambda places: max(places.values())[0] - min(places.values())[0])
            for column, (offset, printed) in best.items():
                yield member, number, column, values[columns.index(column)], offset, printed


def _find_places(content: bytes, value: str | None) -> list[tuple[int, str]]:
    """Find every place at which the content prints a value, not as a part of a longer number or word."""
    forms = [value] if value else []
    if value and re.fullmatch(r"\d{4}(-\d{2})+", value):
        forms += [value.replace("-", separator) for separator in SEPARATORS]
    elif value and re.fullmatch(r"\d{4,}", value):
        forms.append(f"{int(value):,}")
    for printed in forms:
        pattern = rb"(?<![\w.,])" + re.escape(printed.encode()) + rb"(?![\w.]|,\d)"
        if places := [(match.start(), printed) for match in re.finditer(pattern, content)]:
            return places
    return []
