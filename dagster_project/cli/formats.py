"""Output formats for programs: CSV, JSON and Excel workbooks.

Here: how values stand in them. Not here: which rows, and what a person sees on a terminal (`console`).
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO, cast

import typer

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write

Format = Literal["table", "csv", "json"]
FileFormat = Literal["table", "csv", "json", "xlsx"]
FILES: Mapping[str, FileFormat] = {"csv": "csv", "json": "json", "xlsx": "xlsx"}
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", dir_okay=False, help="A file for it: .csv, .json or .xlsx says the format."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], metavar="DAY", help="Answer by what was known at the end of a day."),
]

# What a terminal obeys, but for the end of a line and a tab; and what turns the order of signs.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# Columns and rows.
Sheet = tuple[Sequence[str], Sequence[Sequence[Any]]]
# A whole number beyond this is not exact in a workbook, whose numbers are doubles.
EXACT = 2**53
# The rows of a sheet, without its header.
SHEET_ROWS = 1_048_575
NUMBER_FORMATS = {"_usd": "#,##0", "_pct": "0.0", "_count": "#,##0", "_kg": "#,##0"}


def chosen(form: FileFormat, output: Path | None) -> FileFormat:
    """The format of an answer, as it was named or as the file's name ends.

    Raises:
        BilateralError: The name says another format or none, or a workbook has no file.
    """
    if output is None:
        if form == "xlsx":
            raise BilateralError("A workbook needs a file.", remedy="Add --output answer.xlsx.")
        return form
    if not output.parent.is_dir():
        raise BilateralError(f"There is no folder {output.parent}.", remedy="Make it, or name another.")
    ending = output.suffix.lower().removeprefix(".")
    if form == "table" and ending not in FILES:
        raise BilateralError(f"{output} does not say its format.", remedy="End it in .csv, .json or .xlsx.")
    if form != "table" and ending in FILES and ending != form:
        raise BilateralError(f"{output} is no name for {form}.", remedy=f"End it in .{form}.")
    return FILES[ending] if form == "table" else form


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]], output: Path | None = None) -> None:
    """Rows as CSV, to a file or to standard output."""
    with _open(output) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([text(value) for value in row] for row in rows)


def write_json(found: object, output: Path | None = None) -> None:
    """A value as JSON, to a file or to standard output."""
    with _open(output) as file:
        json.dump(plain(found), file, default=str, ensure_ascii=False, allow_nan=False)
        file.write("\n")


def write_workbook(output: Path, sheets: Mapping[str, Sheet]) -> None:
    """Sheets by name, each of columns and rows, as an Excel workbook.

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
    no_guesses = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with atomic_write(output) as half, xlsxwriter.Workbook(str(half), no_guesses) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        day, moment = (book.add_format({"num_format": f"yyyy-mm-dd{time}"}) for time in ("", " hh:mm:ss"))
        shown = {ending: book.add_format({"num_format": number}) for ending, number in NUMBER_FORMATS.items()}
        for name, (columns, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            formats = [next((shown[ending] for ending in shown if c.endswith(ending)), None) for c in columns]
            sheet.write_row(0, 0, columns, heading)
            for down, row in enumerate(rows, start=1):
                for across, value in enumerate(map(_cell, row)):
                    if isinstance(value, datetime | date):
                        sheet.write_datetime(down, across, value, moment if isinstance(value, datetime) else day)
                    elif value is not None:
                        sheet.write(down, across, value, formats[across] if isinstance(value, float) else None)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
            sheet.autofit(max_width=420)


def _cell(value: Any) -> str | float | bool | date | None:
    """A value as a workbook holds it: numbers and dates as such, and anything else as text."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            return None
        return float(value) if isinstance(value, float) or -EXACT <= value <= EXACT else text(value)
    return text(value) or None


def text(value: Any) -> str:
    """A value as text that programs read: numbers plain, lists joined, and nothing for what is missing."""
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
        return "; ".join(text(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(plain(value), default=str, ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def plain(value: Any) -> Any:
    """A value as JSON can hold it: a number stays one, and what is no number is null."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def shown(text: str) -> str:
    """A text in which signs that a terminal obeys, or that turn the order of others, stand as pictures."""
    return text if text.isascii() and text.isprintable() else OBEYED.sub(_picture, text)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


class _Shown:
    """Standard output as a terminal."""

    def write(self, text: str) -> int:
        return sys.stdout.write(shown(text))


@contextmanager
def _open(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        # A program is given what there is, a terminal nothing that it would obey.
        yield cast("TextIO", _Shown()) if sys.stdout.isatty() else sys.stdout
        return
    with atomic_write(output) as half, half.open("w", encoding="utf-8", newline="") as file:
        yield file
