"""Convert snapshots to Parquet files in which every column is text, and set aside rows that break the contract.

The contract of a dataset, declared in `sources`, is its columns, with types and limits, and its key. A snapshot is a
table with these columns, or a publisher's response, which the source's module first converts into such a table.

A file is rejected with an error if its columns are not those declared, if a line has too few or too many fields, or if
its manifest states another number of rows. A single wrong row goes to quarantine with the reason. If rows have the same
key, all go to quarantine, because nothing shows which row is right. `sql/staging` converts types, units and codes.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import inspect
import json
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb

from dagster_project import snapshots, sources
from dagster_project.database import match_columns, open_scratch, quote_names
from dagster_project.errors import BilateralError
from dagster_project.files import read_stored_json, remove_at_end, write_text
from dagster_project.project import Project
from dagster_project.raw.parsed import ParsedSnapshot, write_parquet
from dagster_project.raw.set_aside import take_out_rows, write_unread
from dagster_project.snapshots import Snapshot, tables
from dagster_project.snapshots.set_aside import SetAside, find_decisions, hash_decisions
from dagster_project.sources import Column, Dataset, Request, Response, Unusable, gateway, responses

# Increase this number when this module makes other Parquet of the same bytes, so that stored Parquet is not reused.
PARSER_VERSION = 3


class UnreadableSnapshot(BilateralError):
    """An error in a snapshot that does not match its manifest or contract."""

    def __init__(self, snapshot: Snapshot, error: BilateralError) -> None:
        super().__init__(error.message, remedy=error.remedy)
        self.snapshot_id = snapshot.id


@dataclass(frozen=True)
class RawTable:
    """A dataset's snapshots as Parquet files.

    Args:
        snapshots: The snapshots, oldest first.
        files: One file of rows for each snapshot; without snapshots, one empty file. A file has every column as text,
            `snapshot_id`, and `row_number`, which is null for a figure that the response no longer lists.
        quarantine: The files of the rows set aside, one for each snapshot, with `QUARANTINE_COLUMNS`.
        fingerprint: A hash of the bytes, the manifests, the contract and the code that parses responses.
        made_of: For each snapshot ID, the Parquet file and a hash of the manifest.
    """

    dataset: Dataset
    snapshots: tuple[Snapshot, ...]
    files: tuple[Path, ...]
    quarantine: tuple[Path, ...]
    row_count: int
    quarantined_count: int
    fingerprint: str
    made_of: dict[str, tuple[str, str]]


def receive_dataset(
    project: Project,
    dataset: Dataset,
    found: Sequence[Snapshot] | None = None,
    decisions: Sequence[SetAside] | None = None,
) -> RawTable:
    """Verify and parse every snapshot of a dataset, or reuse the Parquet made earlier from the same bytes.

    By default, `found` is all snapshots of the dataset, oldest first, and `decisions` all decisions to set rows aside.

    Raises:
        UnreadableSnapshot: A snapshot's bytes, columns or row count do not match its manifest and contract.
    """
    if found is None:
        found = snapshots.find_snapshots(project, dataset.path)
    every = find_decisions(project, dataset.path)
    if decisions is None:
        decisions = every
    contract = hashlib.sha256(f"{PARSER_VERSION} {dataset!r}".encode()).hexdigest()[:8]
    # If the code that parses the responses has changed, they are parsed again.
    reader = _hash_reader(dataset) if any(s.manifest.form == "answer" for s in found) else ""
    with ThreadPoolExecutor(max_workers=os.cpu_count(), thread_name_prefix="parse") as pool:
        of_one = partial(_receive_snapshot, project, dataset, contract, reader, [*decisions, *every])
        read = list(pool.map(of_one, found))
    read = list(take_out_rows(dataset, found, read, decisions))
    aside = hash_decisions(decisions)
    return RawTable(
        dataset=dataset,
        snapshots=tuple(found),
        files=tuple(one.file for one in read) or (_write_empty(project, dataset, contract),),
        quarantine=tuple(one.quarantine for one in read if one.quarantine is not None),
        row_count=sum(one.rows for one in read),
        quarantined_count=sum(one.quarantined for one in read),
        fingerprint=hashlib.sha256(f"{contract}{reader}{aside} {snapshots.hash_snapshots(found)}".encode()).hexdigest(),
        made_of={
            snapshot.id: (str(one.file.relative_to(project.archive)), snapshots.hash_snapshots([snapshot]))
            for snapshot, one in zip(found, read, strict=True)
        },
    )


def write_table(rows: Iterable[Sequence[str | None]], dataset: Dataset, target: Path) -> int:
    """Write rows as a CSV file in the columns of a dataset; return the number of rows."""
    count = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(dataset.column_names)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def check_contract(connection: duckdb.DuckDBPyConnection, table: Path, dataset: Dataset, snapshot_id: str) -> None:
    """Load a CSV file and check it against the contract of its dataset.

    Creates two tables: `received` has every row as text with its `row_number`, and `broken`, with `QUARANTINE_COLUMNS`,
    has a row for each field that breaks the contract.

    Raises:
        duckdb.Error: The file cannot be read as CSV.
    """
    columns = ", ".join(f"'{column.name}': 'varchar'" for column in dataset.columns)
    connection.execute(
        f"""
        create or replace table received as
        select *, row_number() over () as row_number
        from read_csv($path, header = true, delim = ',', quote = '"', escape = '"', nullstr = '',
                      auto_detect = false, strict_mode = true, columns = {{{columns}}})
        """,
        {"path": str(table)},
    )
    connection.execute(
        f"create or replace table broken as {_select_broken(dataset)}",
        {"snapshot_id": snapshot_id, "source": dataset.source, "dataset": dataset.name},
    )


def add_withdrawn(connection: duckdb.DuckDBPyConnection, table: str, snapshot: Snapshot, dataset: Dataset) -> None:
    """Add to a table of raw rows the figures that a response no longer lists, as rows without values."""
    listed = snapshot.manifest.parameters.get("withdrawn", [])
    width = len(dataset.columns)
    if not isinstance(listed, list) or not all(isinstance(row, list) and len(row) == width for row in listed):
        raise BilateralError(
            f"The manifest of snapshot {snapshot.id}: expected `withdrawn` as a list of rows of {width} values.",
            remedy=f"Restore {snapshot.folder / snapshots.MANIFEST}, or delete the folder and refresh again.",
        )
    rows = [[*(None if value is None else str(value) for value in row), snapshot.id] for row in listed]
    if rows:
        names = quote_names([*dataset.column_names, "snapshot_id"])
        connection.executemany(f"insert into {table} ({names}) values ({', '.join('?' * len(rows[0]))})", rows)


def _receive_snapshot(
    project: Project, dataset: Dataset, contract: str, reader: str, decisions: Sequence[SetAside], snapshot: Snapshot
) -> ParsedSnapshot:
    """Verify and parse a snapshot, unless the same bytes were parsed earlier.

    If parsing fails, but a person or a build has set the whole snapshot aside, return the snapshot without rows.
    """
    try:
        snapshots.verify_snapshot(snapshot)
        version = f"{contract}{reader}" if snapshot.manifest.form == "answer" else contract
        target = project.raw / dataset.table / f"{snapshot.folder.name}.{version}.parquet"
        quarantine = target.with_suffix(".quarantine.parquet")
        # The counts are written last. So if they exist, the other files are complete, except after a power cut.
        counts = target.with_suffix(".json")
        counted = read_stored_json(counts)
        if counted is None or not all(file.exists() and file.stat().st_size for file in (target, quarantine)):
            counted = _parse_snapshot(snapshot, dataset, target, quarantine)
            write_text(counts, json.dumps(counted))
        _check_row_count(snapshot, counted["rows"] + counted["quarantined"])
    except BilateralError as error:
        for one in (one for one in decisions if one.is_about(snapshot.id) and one.is_whole):
            nothing = _write_empty(project, dataset, contract)
            return ParsedSnapshot(nothing, write_unread(dataset, snapshot, one, nothing.parent), 0, 1)
        raise UnreadableSnapshot(snapshot, error) from error
    return ParsedSnapshot(target, quarantine, counted["rows"], counted["quarantined"])


def _parse_snapshot(snapshot: Snapshot, dataset: Dataset, target: Path, quarantine: Path) -> dict[str, int]:
    """Parse a snapshot into its two Parquet files, and return the number of rows in each."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_scratch() as connection, _open_as_table(snapshot, dataset, target.parent) as table:
        try:
            check_contract(connection, table, dataset, snapshot.id)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise BilateralError(
                f"Snapshot {snapshot.id} cannot be read as CSV: {reason}",
                remedy="Compare the file with the publisher's; if lines are missing or incomplete, fetch it again.",
            ) from error
        ((received,),) = connection.execute("select count(*) from received").fetchall()
        ((broken,),) = connection.execute("select count(distinct row_number) from broken").fetchall()
        whole = "received where row_number not in (select row_number from broken)" if broken else "received"
        write_parquet(connection, "select * from broken order by row_number, column_name", quarantine)
        rows = f"select {quote_names(dataset.column_names)}, '{snapshot.id}' as snapshot_id, row_number from"
        connection.execute(f"create table withdrawn as {rows} received limit 0")
        add_withdrawn(connection, "withdrawn", snapshot, dataset)
        write_parquet(connection, f"{rows} {whole} union all from withdrawn order by row_number", target)
    return {"rows": received - broken, "quarantined": broken}


@contextmanager
def _open_as_table(snapshot: Snapshot, dataset: Dataset, beside: Path) -> Iterator[Path]:
    """Yield the path of a snapshot as a CSV file in the columns of its dataset."""
    if snapshot.manifest.form == "table":
        _check_header(snapshot, dataset)
        yield snapshot.data
        return
    parameters = snapshot.manifest.parameters
    try:
        request = Request.from_parameters(dataset.path, parameters)
        response = Response(200, dict(parameters.get("headers", {})), snapshot.data.read_bytes())
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BilateralError(
            f"The manifest of snapshot {snapshot.id} has an invalid request in `parameters`: {error}.",
            remedy=f"Restore {snapshot.folder / snapshots.MANIFEST}, or delete the folder and refresh again.",
        ) from error
    with remove_at_end(Path(tempfile.mkdtemp(dir=beside, prefix=".read-"))) as folder:
        table = folder / "rows.csv"
        try:
            api = sources.find_source(dataset.source).get_api()
            write_table(responses.apply_reader(api, request, response).rows, dataset, table)
        except Unusable as error:
            raise BilateralError(
                f"Snapshot {snapshot.id} is a response that can no longer be parsed: {error}.",
                remedy=f"Correct `read_response` in dagster_project/sources/{dataset.source}.py.",
            ) from error
        yield table


def _hash_reader(dataset: Dataset) -> str:
    """Hash the code that parses responses: the dataset's fields, the source's module and the shared modules."""
    read = sources.find_source(dataset.source).get_api().read
    files = [inspect.getsourcefile(read), responses.__file__, gateway.__file__]
    digest = hashlib.sha256(repr(dataset.fields).encode())
    for file in files:
        digest.update(Path(file).read_bytes() if file else b"")
    return digest.hexdigest()[:8]


def _write_empty(project: Project, dataset: Dataset, contract: str) -> Path:
    """Write a Parquet file with the columns of a dataset and no rows."""
    target = project.raw / dataset.table / f"nothing.{contract}.parquet"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(f'null::varchar as "{column.name}"' for column in dataset.columns)
        with open_scratch() as connection:
            write_parquet(
                connection,
                f"select {columns}, null::varchar as snapshot_id, null::bigint as row_number where false",
                target,
            )
    return target


def _check_header(snapshot: Snapshot, dataset: Dataset) -> None:
    zipped = snapshot.data.suffix == ".gz"
    try:
        with gzip.open(snapshot.data) if zipped else snapshot.data.open("rb") as data:
            header = next(csv.reader([data.readline(tables.LONGEST_LINE).decode("utf-8-sig")]), [])
    except (UnicodeDecodeError, OSError, EOFError, zlib.error, csv.Error) as error:
        raise BilateralError(f"Snapshot {snapshot.id} is not UTF-8 text: {error}.", remedy="Fetch it again.") from error
    tables.check_size(snapshot.data)
    expected = dataset.column_names
    if header != expected:
        missing = [name for name in expected if name not in header]
        extra = [name for name in header if name not in expected]
        lists = f"missing: {', '.join(missing) or 'none'}; unknown: {', '.join(extra) or 'none'}"
        found = lists if missing or extra else f"the order is {', '.join(header)}"
        raise BilateralError(
            f"The columns of snapshot {snapshot.id} differ from those declared for {dataset.path}: {found}.",
            remedy=f"If the publisher changed the columns, declare them in sources/{dataset.source}.yml.",
        )


def _check_row_count(snapshot: Snapshot, rows: int) -> None:
    manifest = snapshot.manifest
    # The hash proves that a response is complete. Newer code may find another number of rows, but not none instead of
    # some or some instead of none.
    if rows != manifest.row_count if manifest.form == "table" else bool(rows) != bool(manifest.row_count):
        raise BilateralError(
            f"Snapshot {snapshot.id} has {rows} rows, but its manifest says {manifest.row_count}.",
            remedy="Compare the file with the publisher's; if rows are missing, fetch it again.",
        )


def _select_broken(dataset: Dataset) -> str:
    """Write the SELECT that returns a row for each field in the table `received` that breaks the contract."""
    faults = [
        (f'"{c.name}"', c.name, condition, reason) for c in dataset.columns for condition, reason in _list_faults(c)
    ]
    key = quote_names(dataset.key)
    label = ", ".join(dataset.key)
    faults.append((f"concat_ws(' | ', {key})", label, "copies > 1", f"the key ({label}) is in the snapshot twice"))
    selects = [
        f"select row_number, '{name}' as column_name, {value} as value, '{reason}' as reason, row_text "
        f"from counted where {condition}"
        for value, name, condition, reason in faults
    ]
    # Most rows pass a cheap first test; only the others are tested field by field.
    suspect = " or ".join(f"coalesce({condition}, false)" for _, _, condition, _ in faults[:-1]) or "false"
    packed = ", ".join(f'"{name}" := "{name}"' for name in dataset.column_names)
    return f"""
        with twice as (
            select {key} from received group by {key} having count(*) > 1
        ), suspects as (
            select {quote_names(dataset.column_names)}, row_number from received
            where {suspect} or exists (select 1 from twice where {match_columns(dataset.key, "received", "twice")})
        ), counted as (
            select *, count(*) over (partition by {key}) as copies,
                to_json(struct_pack({packed}))::varchar as row_text
            from suspects
        ), broken as ({" union all ".join(selects)})
        select $snapshot_id::varchar as snapshot_id, $source::varchar as source, $dataset::varchar as dataset,
            row_number, column_name, value, reason, 'contract' as set_aside_by, true as is_current, row_text
        from broken
    """


def _list_faults(column: Column) -> list[tuple[str, str]]:
    """List the SQL conditions under which a field of a column breaks the contract, each with the reason in words."""
    field = f'"{column.name}"'
    shape = {
        "text": "false",
        "integer": f"not regexp_full_match({field}, '-?[0-9]+')",
        # DuckDB reads 1_000 as a thousand, so an underscore is tested for.
        "number": f"(try_cast({field} as double) is null or not isfinite(try_cast({field} as double)) "
        f"or contains({field}, '_'))",
        "year": f"not regexp_full_match({field}, '(18|19|20)[0-9]{{2}}')",
        "month": f"not regexp_full_match({field}, '(18|19|20)[0-9]{{2}}-(0[1-9]|1[0-2])')",
        "date": f"not (regexp_full_match({field}, '[0-9]{{4}}(-[0-9]{{2}})?(-[0-9]{{2}})?') "
        f"and try_cast(rpad({field}, 10, '-01') as date) is not null)",
    }[column.kind]
    faults = [(f"{field} is not null and {shape}", f"it is not a {column.kind}")] if column.kind != "text" else []
    number = f"try_cast({field} as double)"
    if column.required:
        faults.append((f"{field} is null", "it is empty"))
    if column.minimum is not None:
        faults.append((f"{number} < {column.minimum}", f"it is below {column.minimum:g}"))
    if column.maximum is not None:
        faults.append((f"{number} > {column.maximum}", f"it is above {column.maximum:g}"))
    if column.values is not None:
        allowed = ", ".join(f"'{value}'" for value in column.values)
        faults.append((f"{field} not in ({allowed})", f"it is none of {' '.join(column.values)}"))
    return faults
