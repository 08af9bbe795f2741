"""Locate the values of rows in a publisher's response, so that anyone finds them without this project's parsers.

Here: the places of texts in bytes. Not here: reading a response (`sources`), and checking the places (`check`). A
value that the response does not print, such as a code from the request or a translated text, has no locator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dagster_project.proof.check import read_content

COLUMNS = ("row_number", "column", "value", "offset", "printed")


def locate_rows(response: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Locate the values of rows in a response; for each, yield row number, column, value, offset and printed text.

    A response may print a value in many places. For the values of a row, the places closest together are taken: the
    search looks around each place of the row's value that is printed least often.
    """
    content = read_content(response)
    for *values, _, number in rows:
        known = dict(zip(columns, values, strict=True))
        found = {column: places for column, value in known.items() if (places := _find_places(content, value))}
        nearest = [
            {column: min(places, key=lambda place: abs(place[0] - start)) for column, places in found.items()}
            for start, _ in min(found.values(), key=len, default=[])
        ]
        best = min(nearest, key=lambda places: max(places.values())[0] - min(places.values())[0], default={})
        for column, (offset, printed) in best.items():
            yield number, column, known[column], offset, printed


def _find_places(content: bytes, value: str | None) -> list[tuple[int, str]]:
    """Find every place at which the content prints a value, not as a part of a longer number or word."""
    if not value:
        return []
    pattern = re.escape(value)
    if re.fullmatch(r"\d{4}(-\d{2})+", value):
        pattern = value.replace("-", "[-./]?")
    elif re.fullmatch(r"[1-9]\d{3,}", value):
        pattern = f"{int(value):,}".replace(",", ",?")
    found = re.finditer(rf"(?<![\w.,]){pattern}(?![\w.]|,\d)".encode(), content)
    return [(match.start(), match[0].decode()) for match in found]
