"""What a table is from outside: its header, how many rows it has, and whether it holds too much to be one.

Here: plain and packed CSV, read to the end and no further than figures go. Not here: what the columns have to be
(`raw`).
"""

from __future__ import annotations

import csv
import gzip
import zlib
from functools import partial
from pathlib import Path

from dagster_project.errors import BilateralError

# Of a packed table, how many times more bytes it may hold, and how many it may hold in any case.
SWELLS = 100
SMALLEST_SWELLING = 2**24
# Characters of a line; those of a longer one are no figures.
LONGEST_LINE = 1_000_000


def read_outline(data: Path) -> tuple[list[str], int]:
    """Read the header of a CSV and count its rows."""
    if not data.is_file():
        raise BilateralError(f"{data} does not exist, or is not a file.", remedy="Fetch it again.")
    check_size(data)
    try:
        with gzip.open(data, "rt", encoding="utf-8") if data.suffix == ".gz" else data.open(encoding="utf-8") as lines:
            # A line without an end comes in pieces, and has a field that no reader of CSV takes.
            rows = csv.reader(iter(partial(lines.readline, LONGEST_LINE), ""))
            header = next(rows, [])
            return header, sum(1 for _ in rows)
    except (OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        raise BilateralError(f"{data} cannot be read as CSV: {error}.", remedy="Fetch it again.") from error


def check_size(data: Path) -> None:
    """Check that a packed table holds no more than figures do: those shrink to a tenth when packed.

    Raises:
        BilateralError: It holds more.
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
