"""Read the outline of a CSV: its header, its number of rows, and whether its size is plausible; sort its rows.

Here: plain and gzipped CSV, read to the end but with limits on its size. Not here: which columns it must have (`raw`).
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from dagster_project.errors import BilateralError

# A gzipped table may unpack to this many times its size; a small one may always unpack to this many bytes.
SWELLS = 100
SMALLEST_SWELLING = 2**24
# The most characters of a line; a longer line is not a row of figures.
LONGEST_LINE = 1_000_000


def read_outline(data: Path) -> tuple[list[str], int]:
    """Read the header of a CSV and count its rows."""
    if not data.is_file():
        raise BilateralError(f"{data} does not exist, or is not a file.", remedy="Fetch it again.")
    check_size(data)
    try:
        with gzip.open(data, "rt", encoding="utf-8") if data.suffix == ".gz" else data.open(encoding="utf-8") as lines:
            # An endless line comes in pieces, with a field that is longer than `csv` accepts.
            rows = csv.reader(iter(partial(lines.readline, LONGEST_LINE), ""))
            header = next(rows, [])
            return header, sum(1 for _ in rows)
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        raise BilateralError(f"{data} cannot be read as CSV: {error}.", remedy="Fetch it again.") from error


def sort_rows(data: Path, key: Sequence[str]) -> None:
    """Sort the rows of a CSV by the columns of a key; a file in this order keeps its bytes.

    Raises:
        BilateralError: A column of the key is missing.
    """
    with gzip.open(data, "rt", encoding="utf-8") if data.suffix == ".gz" else data.open(encoding="utf-8") as lines:
        header, *rows = [*csv.reader(lines)] or [[]]
    if missing := [column for column in key if column not in header]:
        raise BilateralError(
            f"{data} has the columns {', '.join(header)}, and lacks {', '.join(missing)} of the dataset's key.",
            remedy="Name the columns in its first line as dagster_project/sources/ declares them.",
        )
    places = [header.index(column) for column in key]
    ordered = sorted(rows, key=lambda row: [row[place : place + 1] for place in places])
    if ordered != rows:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([header, *ordered])
        content = text.getvalue().encode()
        data.write_bytes(gzip.compress(content, mtime=0) if data.suffix == ".gz" else content)


def check_size(data: Path) -> None:
    """Check that a gzipped table is not implausibly large when unpacked: figures shrink to about a tenth when zipped.

    Raises:
        BilateralError: It is too large.
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
                        f"{data} is more than {SWELLS} times its own size when unpacked: it is not a table.",
                        remedy="Fetch it again.",
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise BilateralError(f"{data} is not a whole gzip file: {error}.", remedy="Fetch it again.") from error
