"""Bytes to raw Parquet, by the contracts in `sources`.

Here: reading a snapshot as text, refusing a file that is not what its dataset declares, setting aside the rows that
break the contract. Not here: types, units, codes, meaning — they begin in `sql/staging`.

A file that is wrong as a whole (missing or extra columns, ragged lines, fewer rows than the manifest says) is an
error. A row that is wrong goes to quarantine with its reason, and never to raw; the rows that share a key go there
together, since nothing says which of them is right.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.snapshots import Snapshot
from dagster_project.sources import Column, Dataset

# Raised when this module reads the same bytes and contract otherwise, so that old Parquet is not taken for new.
READING = 1

QUARANTINE_COLUMNS = {
    "snapshot_id": "varchar",
    "source": "varchar",
    "dataset": "varchar",
    "row_number": "bigint",
    "column_name": "varchar",
    "value": "varchar",
    "reason": "varchar",
    "row_text": "varchar",
}


@dataclass(frozen=True)
class RawTable:
    """A dataset's snapshots as Parquet.

    Args:
        dataset: What was read.
        snapshots: The snapshots, oldest first.
        files: The raw Parquet files, one a snapshot: every column as text, `snapshot_id`, `row_number` (from 1).
        quarantine: The Parquet files of the rows that were set aside, one a snapshot, with `QUARANTINE_COLUMNS`.
        row_count: Rows in `files`.
        quarantined_count: Rows set aside.
        fingerprint: A hash of the bytes, the manifests and the contract.
    """

    dataset: Dataset
    snapshots: tuple[Snapshot, ...]
    files: tuple[Path, ...]
    quarantine: tuple[Path, ...]
    row_count: int
    quarantined_count: int
    fingerprint: str


def receive(project: Project, dataset: Dataset) -> RawTable:
    """Verifies every snapshot of a dataset and reads it, or takes the Parquet of an earlier reading of the same bytes.

    Raises:
        BilateralError: A snapshot's bytes, columns or row count are not what its manifest and contract say.
    """
    found = snapshots.find(project, dataset.path)
    contract = hashlib.sha256(f"{READING} {dataset!r}".encode()).hexdigest()[:8]
    files, set_aside, rows, quarantined = [], [], 0, 0
    for snapshot in found:
        snapshots.verify(snapshot)
        stem = f"{snapshot.manifest.sha256[: snapshots.ID_LENGTH]}.{contract}"
        target = project.raw / dataset.table / f"{stem}.parquet"
        quarantine = target.with_suffix(".quarantine.parquet")
        # Written last: where it is, the reading is whole.
        counts = target.with_suffix(".json")
        if not counts.exists():
            read = _read(snapshot, dataset, target, quarantine)
            half = counts.with_suffix(f".{os.getpid()}.tmp")
            half.write_text(json.dumps(read))
            os.replace(half, counts)
        counted = json.loads(counts.read_text())
        _check_row_count(snapshot, counted["rows"] + counted["quarantined"])
        files.append(target)
        set_aside.append(quarantine)
        rows += counted["rows"]
        quarantined += counted["quarantined"]
    return RawTable(
        dataset=dataset,
        snapshots=tuple(found),
        files=tuple(files),
        quarantine=tuple(set_aside),
        row_count=rows,
        quarantined_count=quarantined,
        fingerprint=hashlib.sha256(f"{contract} {snapshots.fingerprint(found)}".encode()).hexdigest(),
    )


def _read(snapshot: Snapshot, dataset: Dataset, target: Path, quarantine: Path) -> dict[str, int]:
    """Writes both Parquet files; returns the rows in each."""
    _check_header(snapshot, dataset)
    columns = ", ".join(f"'{column.name}': 'varchar'" for column in dataset.columns)
    with duckdb.connect() as connection:
        try:
            connection.execute(
                f"""
                create table received as
                select *, row_number() over () as row_number
                from read_csv($path, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
                              auto_detect = false, strict_mode = true, columns = {{{columns}}})
                """,
                {"path": str(snapshot.data)},
            )
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise BilateralError(
                f"Snapshot {snapshot.id} cannot be read as CSV: {reason}",
                remedy="Compare the file with what the publisher sent; a cut or ragged file is fetched again.",
            ) from error
        ((received,),) = connection.execute("select count(*) from received").fetchall()
        _check_row_count(snapshot, received)
        connection.execute(
            f"create table broken as {_broken_rows(dataset)}",
            {"snapshot_id": snapshot.id, "source": dataset.source, "dataset": dataset.name},
        )
        ((broken,),) = connection.execute("select count(distinct row_number) from broken").fetchall()
        target.parent.mkdir(parents=True, exist_ok=True)
        names = ", ".join(f'"{column.name}"' for column in dataset.columns)
        _write(connection, "select * from broken order by row_number, column_name", quarantine)
        _write(
            connection,
            f"select {names}, '{snapshot.id}' as snapshot_id, row_number from received "
            "where row_number not in (select row_number from broken) order by row_number",
            target,
        )
    return {"rows": received - broken, "quarantined": broken}


def _check_header(snapshot: Snapshot, dataset: Dataset) -> None:
    zipped = snapshot.data.suffix == ".gz"
    try:
        with gzip.open(snapshot.data) if zipped else snapshot.data.open("rb") as data:
            header = next(csv.reader([data.readline().decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, OSError, EOFError) as error:
        raise BilateralError(
            f"Snapshot {snapshot.id} is not text in UTF-8: {error}.", remedy="Fetch it again."
        ) from error
    expected = [column.name for column in dataset.columns]
    if header != expected:
        missing = [name for name in expected if name not in header]
        extra = [name for name in header if name not in expected]
        found = f"missing {missing}, unknown {extra}" if missing or extra else f"in another order, {header}"
        raise BilateralError(
            f"Snapshot {snapshot.id} has not the columns of {dataset.path}: {found}.",
            remedy=f"If the publisher changed its form, declare it in dagster_project/sources/{dataset.source}.py.",
        )


def _check_row_count(snapshot: Snapshot, rows: int) -> None:
    if rows != snapshot.manifest.row_count:
        raise BilateralError(
            f"Snapshot {snapshot.id} has {rows} rows, where its manifest says {snapshot.manifest.row_count}.",
            remedy="Compare the file with what the publisher sent; a cut file is fetched again.",
        )


def _broken_rows(dataset: Dataset) -> str:
    """SQL for the rows of `received` that break the contract: one row for each field that does."""
    rules = [(f'"{c.name}"', c.name, condition, reason) for c in dataset.columns for condition, reason in _rules(c)]
    key = ", ".join(f'"{name}"' for name in dataset.key)
    label = ", ".join(dataset.key)
    rules.append((f"concat_ws(' | ', {key})", label, "copies > 1", f"the key ({label}) is in the snapshot twice"))
    selects = [
        f"select row_number, '{name}' as column_name, {value} as value, '{reason}' as reason, row_text "
        f"from counted where {condition}"
        for value, name, condition, reason in rules
    ]
    fields = ", ".join(f'"{column.name}"' for column in dataset.columns)
    packed = ", ".join(f'"{column.name}" := "{column.name}"' for column in dataset.columns)
    return f"""
        with counted as (
            select *, count(*) over (partition by {key}) as copies,
                to_json(struct_pack({packed}))::varchar as row_text
            from (select {fields}, row_number from received)
        ), broken as ({" union all ".join(selects)})
        select $snapshot_id::varchar as snapshot_id, $source::varchar as source, $dataset::varchar as dataset,
            row_number, column_name, value, reason, row_text
        from broken
    """


def _rules(column: Column) -> list[tuple[str, str]]:
    """Conditions that a broken field fulfils, each with its reason; an empty field breaks only `required`."""
    field = f'"{column.name}"'
    shape = {
        "text": "false",
        "integer": f"not regexp_full_match({field}, '-?[0-9]+')",
        "number": f"(try_cast({field} as double) is null or not isfinite(try_cast({field} as double)))",
        "year": f"not regexp_full_match({field}, '(18|19|20)[0-9]{{2}}')",
        "month": f"not regexp_full_match({field}, '(18|19|20)[0-9]{{2}}-(0[1-9]|1[0-2])')",
        "date": f"not (regexp_full_match({field}, '[0-9]{{4}}(-[0-9]{{2}})?(-[0-9]{{2}})?') "
        f"and try_cast(rpad({field}, 10, '-01') as date) is not null)",
    }[column.kind]
    rules = [(f"{field} is not null and {shape}", f"it is not a {column.kind}")] if column.kind != "text" else []
    number = f"try_cast({field} as double)"
    if column.required:
        rules.append((f"{field} is null", "it is empty"))
    if column.minimum is not None:
        rules.append((f"{number} < {column.minimum}", f"it is below {column.minimum:g}"))
    if column.maximum is not None:
        rules.append((f"{number} > {column.maximum}", f"it is above {column.maximum:g}"))
    if column.values is not None:
        allowed = ", ".join(f"'{value}'" for value in column.values)
        rules.append((f"{field} not in ({allowed})", f"it is none of {' '.join(column.values)}"))
    return rules


def _write(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    # Written beside its place and renamed, so that a killed build leaves no half file to be taken for a whole one.
    half = target.with_suffix(f".{os.getpid()}.tmp")
    place = str(half).replace("'", "''")
    connection.execute(f"copy ({query}) to '{place}' (format parquet, compression zstd)")
    half.replace(target)
