"""Output formats for programs: CSV, JSON and Excel workbooks.

Here: how values stand in them. Not here: which rows, and what a person sees on a terminal (`console`).
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TextIO

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write

Format = Literal["table", "csv", "json"]
FileFormat = Literal["table", "csv", "json", "xlsx"]
FILES: Mapping[str, FileFormat] = {"csv": "csv", "json": "json", "xlsx": "xlsx"}

# What a terminal obeys, except the end of a line and a tab; and what turns the order of signs.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Columns and rows.
Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]
# A whole number beyond this is not exact in a workbook, whose numbers are doubles.
EXACT = 2**53
# The rows of a sheet, without its header.
SHEET_ROWS = 1_048_575
NUMBER_FORMATS = {"_usd": "#,##0", "_pct": "0.0", "_count": "#,##0", "_kg": "#,##0"}


def choose_format(form: FileFormat, output: Path | None) -> FileFormat:
    """Return the format of an answer, as it was named or as the file's name ends.

    Raises:
        BilateralError: The name says another format or none, or a workbook has no file.
    """
    if output is None:
        if form == "xlsx":
            raise BilateralError("A workbook needs a file.", remedy="Add --output answer.xlsx.")
        return form
    require_folder(output)
    ending = output.suffix.lower().removeprefix(".")
    if form == "table" and ending not in FILES:
        raise BilateralError(f"{output} does not say its format.", remedy="End it in .csv, .json or .xlsx.")
    if form != "table" and ending in FILES and ending != form:
        raise BilateralError(f"{output} is no name for {form}.", remedy=f"End it in .{form}.")
    return FILES[ending] if form == "table" else form


def require_folder(output: Path) -> None:
    """Refuse a file whose folder does not exist."""
    if not output.parent.is_dir():
        raise BilateralError(f"There is no folder {output.parent}.", remedy="Make it, or name another.")


def write_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str, output: Path | None = None) -> None:
    """Write rows as CSV or as a JSON list, to a file or to standard output."""
    if form == "json":
        write_json([dict(zip(names, row, strict=True)) for row in rows], output)
        return
    with _open_output(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([format_text(value) for value in row] for row in rows)


def write_json(found: object, output: Path | None = None, *, indent: int | None = None) -> None:
    """Write a value as JSON, to a file or to standard output."""
    with _open_output(output) as file:
        json.dump(make_plain(found), file, default=str, ensure_ascii=False, allow_nan=False, indent=indent)
        file.write("\n")


def write_workbook(output: Path, sheets: Mapping[str, Sheet]) -> None:
    """Write sheets by name, each of columns and rows, as an Excel workbook.

    Raises:
        BilateralError: A sheet has more rows than Excel holds.
    """
    import xlsxwriter

    for name, (_, rows) in sheets.items():
        if len(rows) > SHEET_ROWS:
            raise BilateralError(
                f"{len(rows):,} rows do not fit into the sheet {name}, which holds {SHEET_ROWS:,}.",
                remedy="Ask for fewer, or take --format csv.",
            )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    # In memory, since a workbook that cannot be written to a full disk complains again when it is collected.
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        number_formats = {ending: book.add_format({"num_format": text}) for ending, text in NUMBER_FORMATS.items()}
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            endings = [next(filter(column.endswith, NUMBER_FORMATS), "") for column in columns]
            styles = [number_formats.get(ending) for ending in endings]
            sheet.write_row(0, 0, columns, heading)
            for down, row in enumerate(rows, start=1):
                for across, value in enumerate(map(_convert_cell, row)):
                    style = styles[across] if isinstance(value, float) else None
                    sheet.write(down, across, value, moment if isinstance(value, datetime) else style)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
            sheet.autofit(max_width=420)
    with atomic_write(output) as half:
        half.write_bytes(written.getvalue())


def _convert_cell(value: Any) -> str | float | bool | date | None:
    """Convert a value to what a workbook holds: numbers and dates as such, and anything else as text."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            return None
        return float(value) if isinstance(value, float) or -EXACT <= value <= EXACT else format_text(value)
    return format_text(value) or None


def format_text(value: Any) -> str:
    """Format a value as text that programs read: numbers plain, lists joined, and nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        if not math.isfinite(value):
            return ""
        found = f"{Decimal(repr(value)) if isinstance(value, float) else value:f}"
        return found.rstrip("0").rstrip(".") if "." in found else found
    if isinstance(value, list | tuple | set):
        return "; ".join(format_text(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(make_plain(value), default=str, ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else str(value)


def make_plain(value: Any) -> Any:
    """Return a value as JSON can hold it: a number stays one, and NaN and infinity are null."""
    if isinstance(value, Mapping):
        return {str(name): make_plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [make_plain(one) for one in value]
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    return value


def replace_controls(text: str) -> str:
    """Replace signs that a terminal obeys, or that turn the order of others, by U+FFFD."""
    return CONTROLS.sub("\ufffd", text)


@contextmanager
def _open_output(output: Path | None) -> Iterator[TextIO]:
    if output is not None:
        with atomic_write(output) as half, half.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    # A program is given what there is, a terminal nothing that it would obey.
    if not sys.stdout.isatty():
        yield sys.stdout
        return
    written = io.StringIO()
    yield written
    sys.stdout.write(replace_controls(written.getvalue()))
