"""The committed snapshots, read with nothing but the standard library.

Not here: the package's own reader, on which these tests must not depend.
"""

from __future__ import annotations

import csv
import gzip
import io
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SNAPSHOTS = ROOT / "warehouse" / "snapshots"


@cache
def folders() -> tuple[Path, ...]:
    return tuple(sorted(path.parent for path in SNAPSHOTS.glob("*/*/*/manifest.yml")))


def name(folder: Path) -> str:
    return folder.relative_to(SNAPSHOTS).as_posix()


@cache
def manifest(folder: Path) -> dict:
    return yaml.safe_load((folder / "manifest.yml").read_text(encoding="utf-8"))


@cache
def table(folder: Path) -> tuple[list[str], list[list[str]]]:
    content = (folder / manifest(folder)["file"]).read_bytes()
    text = (gzip.decompress(content) if manifest(folder)["file"].endswith(".gz") else content).decode("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return header, rows


def reference(table: str) -> list[dict[str, str]]:
    """Read a table of warehouse/reference."""
    with (ROOT / "warehouse" / "reference" / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def rows(path: str) -> list[dict[str, str]]:
    """Read every row of every snapshot of `source/dataset`."""
    found = []
    for folder in folders():
        if folder.parent == SNAPSHOTS / path:
            header, values = table(folder)
            found += [dict(zip(header, row, strict=True)) for row in values]
    return found
