"""A CSV is read to its end, and a file that is no table is rejected before it fills the memory."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from dagster_project.errors import BilateralError
from dagster_project.snapshots import tables

# Without the time of the test, which would be in its name.
PACKED = gzip.compress(b"code\nKOR\n", mtime=0)
SWELLING = gzip.compress(b"0" * (tables.SMALLEST_SWELLING + 1), mtime=0)


@pytest.mark.parametrize("name", ["data.csv", "data.csv.gz"])
def test_the_header_and_the_number_of_rows_are_read(tmp_path: Path, name: str) -> None:
    content = b'code,name\nKOR,"South\nKorea"\nCHN,China\n'
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert tables.sort_table(tmp_path / name, ()) == (["code", "name"], 2)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("data.csv", "code\n국".encode("euc-kr"), "cannot be read as CSV"),
        ("data.csv", b"code\n" + b"x" * tables.LONGEST_LINE, "field larger than field limit"),
        ("data.csv.gz", b"code\nKOR\n", "is an incomplete or invalid gzip file"),
        ("data.csv.gz", PACKED[:-9], "is an incomplete or invalid gzip file"),
        ("data.csv.gz", SWELLING, "more than 100 times its size"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BilateralError, match=said):
        tables.sort_table(tmp_path / name, ())
