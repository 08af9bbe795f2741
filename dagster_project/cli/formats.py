"""Write rows for programs, as CSV, JSON and Excel workbooks; `console` prints them for a person."""

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
from dagster_project.files import atomic_write, guard_formula

Format = Literal["table", "csv", "json"]
FileFormat = Literal["table", "csv", "json", "xlsx"]
FILES: Mapping[str, FileFormat] = {"csv": "csv", "json": "json", "xlsx": "xlsx"}

# Control characters, except newline and tab, and marks that change the direction of text.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# A sheet of a workbook: its columns and its rows.
Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]
# The largest integer that a workbook stores exactly, because its numbers are doubles.
EXACT = 2**53
# The most rows of a sheet in Excel, without the header.
SHEET_ROWS = 1_048_575
# The format of numbers in Excel, by the end of the column's name or heading.
NUMBER_FORMATS = dict.fromkeys(("_usd", "_count", "_kg", "(US$)", "(persons)", "(kg)"), "#,##0")
NUMBER_FORMATS |= dict.fromkeys(("_pct", "(%)", "points)"), "0.0")


def choose_format(form: FileFormat, output: Path | None) -> FileFormat:
    """Return the output format that `--format` names, or else the format of the file's ending.

    Raises:
        BilateralError: `--format` and the ending differ, the ending is unknown, or a workbook has no file to go to.
    """
    if output is None:
        if form == "xlsx":
            raise BilateralError("--format xlsx needs a file to write.", remedy="Add --output answer.xlsx.")
        return form
    require_folder(output)
    ending = output.suffix.lower().removeprefix(".")
    if form == "table" and ending not in FILES:
        raise BilateralError(
            f"{output} has an unknown ending.", remedy="Name a file that ends in .csv, .json or .xlsx."
        )
    if form != "table" and ending in FILES and ending != form:
        raise BilateralError(f"--format is {form}, but {output} ends in .{ending}.", remedy=f"Use .{form}.")
    return FILES[ending] if form == "table" else form


def require_folder(output: Path) -> None:
    """Raise an error if the folder of a file to write does not exist."""
    if not output.parent.is_dir():
        raise BilateralError(f"The folder {output.parent} does not exist.", remedy="Create it, or name another.")


def write_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str, output: Path | None = None) -> None:
    """Write rows as CSV or as a JSON list, to a file or to standard output."""
    if form == "json":
        write_json([dict(zip(names, row, strict=True)) for row in rows], output)
        return
    with open_output(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(map(guard_formula, names))
        writer.writerows([guard_formula(format_text(value)) for value in row] for row in rows)


def write_json(found: object, output: Path | None = None, *, indent: int | None = None) -> None:
    """Write a value as JSON, to a file or to standard output."""
    with open_output(output) as file:
        json.dump(make_plain(found), file, default=str, ensure_ascii=False, allow_nan=False, indent=indent)
        file.write("\n")


def write_workbook(output: Path, sheets: Mapping[str, Sheet]) -> None:
    """Write sheets, by name, to an Excel workbook."""
    import xlsxwriter

    for name, (_, rows) in sheets.items():
        if len(rows) > SHEET_ROWS:
            raise BilateralError(
                f"The sheet {name} would have {len(rows):,} rows; Excel's limit is {SHEET_ROWS:,}.",
                remedy="Select fewer rows, or use --format csv.",
            )
    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    # Written in memory first: on a full disk xlsxwriter would raise a second error when the workbook is deleted.
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        # Like an apostrophe before the text: the cell stays a text, even if someone edits it.
        quoted = book.add_format({"quote_prefix": True})
        number_formats = {ending: book.add_format({"num_format": text}) for ending, text in NUMBER_FORMATS.items()}
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            styles = [number_formats.get(next(filter(column.endswith, NUMBER_FORMATS), "")) for column in columns]
            sheet.write_row(0, 0, columns, heading)
            for down, row in enumerate(rows, start=1):
                for across, value in enumerate(map(_convert_cell, row)):
                    style = styles[across] if isinstance(value, float) else None
                    style = style if guard_formula(value) is value else quoted
                    sheet.write(down, across, value, moment if isinstance(value, datetime) else style)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
            sheet.autofit(max_width=420)
    with atomic_write(output) as half:
        half.write_bytes(written.getvalue())


def _convert_cell(value: Any) -> str | float | bool | date | None:
    """Convert a value to a type that a workbook has: number, date, boolean or text.

    A number too large to be exact becomes a text; an infinite number becomes an empty cell. Times are converted to UTC.
    """
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
    """Format a value as text for programs: 0.00001 without exponent, a list as `a; b`, a missing value as empty."""
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
        return "; ".join(format_text(item) for item in value)
    if isinstance(value, dict):
        return json.dumps(make_plain(value), default=str, ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else str(value)


def make_plain(value: Any) -> Any:
    """Convert a value for JSON: decimals become floats, NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(name): make_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [make_plain(item) for item in value]
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    return value


def replace_controls(text: str) -> str:
    """Write U+FFFD for each control character, and for each mark that changes the direction of text."""
    return CONTROLS.sub("\ufffd", text)


@contextmanager
def open_output(output: Path | None) -> Iterator[TextIO]:
    """Open a file, or standard output if `output` is None, for writing text."""
    if output is not None:
        with atomic_write(output) as half, half.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    # A program gets control characters as they are; for a terminal they are replaced.
    if not sys.stdout.isatty():
        yield sys.stdout
        return
    written = io.StringIO()
    yield written
    sys.stdout.write(replace_controls(written.getvalue()))
