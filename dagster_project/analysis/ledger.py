"""Store published forecasts in a ledger: each entry has the hash of the one before, so that no change goes unnoticed.

Here: reading and checking the ledger, and adding the forecasts of a publication. Not here: making forecasts (SQL,
`marts.year_nowcasts`), or scoring them (`marts.sealed_forecasts`).

The ledger is two files. `warehouse/reference/forecasts.jsonl` is committed. Publications add entries to
`warehouse/archive/forecasts.jsonl`; its first entry has the hash of a committed entry. A forecast gets only one entry,
so a build of a fresh clone adds nothing: the entries of its forecasts are committed already.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from dagster_project.analysis import read_columns
from dagster_project.files import read_text
from dagster_project.project import Project

# The fields of an entry about the forecast; the other columns of the analysis describe the entry.
FIELDS = tuple(read_columns("sealed_forecasts"))[3:]


class AlteredLedgerError(Exception):
    """The ledger was altered; the message names the entry."""


def hash_entry(entry: Mapping[str, Any]) -> str:
    """Compute the hash of an entry: of its fields, one of which is the hash of the entry before."""
    content = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_ledger(project: Project) -> list[dict[str, Any]]:
    """Read the entries of the ledger, the committed ones first; raise `AlteredLedgerError` if one was altered."""
    entries: list[dict[str, Any]] = []
    earlier = {""}
    for path in (project.reference / "forecasts.jsonl", project.sealed_forecasts):
        for number, line in enumerate(read_text(path).splitlines() if path.exists() else (), start=1):
            try:
                entry = json.loads(line)
                is_sealed = entry["hash"] == hash_entry(entry) and entry["previous"] in earlier
                is_sealed = is_sealed and set(FIELDS) < set(entry)
            except (ValueError, TypeError, KeyError):
                is_sealed = False
            if not is_sealed:
                raise AlteredLedgerError(f"Entry {number} of {path.name} in {path.parent.name}/ was altered.")
            entries.append(entry)
            earlier = {entry["hash"]}
        # The archive may continue any committed entry, because more may have been committed since.
        earlier = {entry["hash"] for entry in entries} or {""}
    return entries


def compute_rows(_connection: duckdb.DuckDBPyConnection, project: Project) -> Iterator[list[Any]]:
    """Yield the rows of `sealed_forecasts`: the entries of the ledger, or one row that names the altered entry."""
    try:
        for number, entry in enumerate(read_ledger(project), start=1):
            yield [number, "sealed", None, *(entry[name] for name in FIELDS)]
    except AlteredLedgerError as altered:
        yield [0, "altered", str(altered), *[None] * len(FIELDS)]


def seal_forecasts(project: Project) -> int:
    """Add to the ledger the published forecasts that are not in it yet; return how many were added."""
    try:
        entries = read_ledger(project)
    except AlteredLedgerError:
        return 0
    with duckdb.connect(str(project.published_file), read_only=True) as published:
        rows = published.execute(
            f"select {', '.join(FIELDS)} from marts.sealed_forecasts where entry > ? order by entry", [len(entries)]
        ).fetchall()
    previous = entries[-1]["hash"] if entries else ""
    lines = []
    for row in rows:
        entry = {
            **dict(zip(FIELDS, row, strict=True)),
            "sealed_on": f"{datetime.now(UTC):%Y-%m-%d}",
            "previous": previous,
        }
        previous = entry["hash"] = hash_entry(entry)
        lines.append(json.dumps(entry) + "\n")
    if lines:
        project.archive.mkdir(parents=True, exist_ok=True)
        with project.sealed_forecasts.open("a", encoding="utf-8") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    return len(lines)
