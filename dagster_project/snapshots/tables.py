"""Sort and count the rows of a CSV file, plain or gzipped, and check its size."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write

# The most by which unpacking may multiply the size of a gzipped table, and the bytes that are allowed in any case.
SWELLS = 100
SMALLEST_SWELLING = 2**24
# The most characters of a line; a longer line is not a row of figures.
LONGEST_LINE = 1_000_000


def sort_table(data: Path, key: Sequence[str]) -> tuple[list[str], int]:
    """Sort the rows of a CSV by the columns of a key, unless they are in this order already.

    Returns:
        The header, and the number of rows.

    Raises:
        BilateralError: The file does not exist or is not CSV, or a column of the key is missing.
    """
    if not data.is_file():
        raise BilateralError(f"{data} does not exist, or is not a file.", remedy="Fetch it again.")
    check_size(data)
    is_zipped = data.suffix == ".gz"
    try:
        with gzip.open(data, "rt", encoding="utf-8") if is_zipped else data.open(encoding="utf-8") as lines:
            # `readline` splits an endless line, of which `csv` then refuses a field as too long.
            header, *rows = [*csv.reader(iter(partial(lines.readline, LONGEST_LINE), ""))] or [[]]
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        raise BilateralError(f"{data} cannot be read as CSV: {error}.", remedy="Fetch it again.") from error
    if missing := [column for column in key if column not in header]:
        raise BilateralError(
            f"{data} lacks the key column {', '.join(missing)}; its first line is {', '.join(header)}.",
            remedy="Write the names of the columns in the first line as dagster_project/sources/ declares them.",
        )
    places = [header.index(column) for column in key]
    ordered = sorted(rows, key=lambda row: [row[place : place + 1] for place in places])
    if ordered != rows:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([header, *ordered])
        content = text.getvalue().encode()
        with atomic_write(data) as half:
            half.write_bytes(gzip.compress(content, mtime=0) if is_zipped else content)
    return header, len(rows)


def check_size(data: Path) -> None:
    """Check that a gzipped table unpacks to at most `SWELLS` times its size (about ten times is usual).

    Raises:
        BilateralError: The table is too large.
    """
    if data.suffix != ".gz":
        return
    try:
        left = max(SWELLS * data.stat().st_size, SMALLEST_SWELLING)
        with gzip.open(data) as unpacked:
            while part := unpacked.read(2**20):
                left -= len(part)
                if left < 0:
                    raise BilateralError(
                        f"{data} unpacks to more than {SWELLS} times its size, so it cannot be a table of figures.",
                        remedy="Fetch it again.",
                    )
    except (OSError, EOFError, zlib.error) as error:
        fault = f"{data} is an incomplete or invalid gzip file: {error}."
        raise BilateralError(fault, remedy="Fetch it again.") from error
