"""Apply decisions to set rows aside: move the rows from the Parquet files of a snapshot to its quarantine.

Persons and builds write decisions (`snapshots.set_aside`). A row that a decision names goes to quarantine with the
reason. The figure then comes from the latest snapshot whose row of this figure is not set aside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from dagster_project.database import format_parquet, match_columns, open_scratch, quote_literal, quote_names
from dagster_project.raw.parsed import ParsedSnapshot, write_parquet
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import SetAside, hash_decisions
from dagster_project.sources import Column, Dataset


def take_out_rows(
    dataset: Dataset, snapshots: Sequence[Snapshot], read: Sequence[ParsedSnapshot], decisions: Sequence[SetAside]
) -> Iterator[ParsedSnapshot]:
    """Yield each parsed snapshot of a dataset (`read`, oldest first) without the rows that decisions set aside."""
    for at, (snapshot, kept) in enumerate(zip(snapshots, read, strict=True)):
        concerning = [one for one in decisions if one.is_about(snapshot.id)]
        if concerning and kept.quarantine is not None:
            later = [one.file for one in read[at + 1 :]]
            yield _split_rows(dataset, kept.file, kept.quarantine, concerning, later) or kept
        else:
            yield kept


def write_unread(dataset: Dataset, snapshot: Snapshot, decision: SetAside, folder: Path) -> Path:
    """Write the quarantine of an invalid snapshot that is set aside as a whole: one row with the reason."""
    target = folder / f"{snapshot.folder.name}.{decision.digest[:8]}.unread.quarantine.parquet"
    with open_scratch() as connection:
        write_parquet(
            connection,
            f"""
            select {quote_literal(snapshot.id)} as snapshot_id, {quote_literal(dataset.source)} as source,
                {quote_literal(dataset.name)} as dataset, 0::bigint as row_number,
                {quote_literal(", ".join(dataset.key))} as column_name, null::varchar as value,
                {quote_literal(_write_reason(decision))} as reason, {quote_literal(decision.by)} as set_aside_by,
                true as is_current, null::varchar as row_text
            """,
            target,
        )
    return target


def find_rows(dataset: Dataset, files: Iterable[Path], decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """Find the rows that match a decision; return the names of the columns, `snapshot_id` first, and the rows."""
    names = ["snapshot_id", *dataset.column_names]
    where = _build_condition(dataset, decision)
    with open_scratch() as connection:
        found = connection.execute(
            f"select {quote_names(names)} from {format_parquet(files)} where {where} order by all"
        ).fetchall()
    return names, found


def _split_rows(
    dataset: Dataset, file: Path, quarantine: Path, decisions: list[SetAside], later: list[Path]
) -> ParsedSnapshot | None:
    """Split a snapshot into a file of rows to keep and a file of rows set aside; return None if no row is set aside."""
    target = file.with_suffix(f".{hash_decisions(decisions)}.parquet")
    # The quarantine marks rows that a later snapshot repeats, so its name has a hash of the names of later files.
    following = sha256("".join(one.name for one in later).encode()).hexdigest()[:8]
    aside = target.with_suffix(f".{following}.quarantine.parquet")
    same = match_columns(dataset.key, "later", "judged")
    again = f"exists (from {format_parquet(later)} as later where {same})" if later else "false"
    packed = ", ".join(f'"{name}" := "{name}"' for name in dataset.column_names)
    by_decision = " ".join(f"when {_build_condition(dataset, one)} then {place}" for place, one in enumerate(decisions))
    said = ", ".join(
        f"({place}, {quote_literal(_write_reason(one))}, {quote_literal(one.by)})"
        for place, one in enumerate(decisions)
    )
    with open_scratch() as connection:
        # `place` is the index of the first decision that matches the row, or null.
        connection.execute(
            f"create table judged as select *, case {by_decision} end as place from {format_parquet([file])}"
        )
        ((left, gone),) = connection.execute(
            "select count(*) filter (place is null), count(place) from judged"
        ).fetchall()
        if not gone:
            return None
        if not target.exists():
            write_parquet(
                connection,
                f"select {quote_names(dataset.column_names)}, snapshot_id, row_number from judged where place is null "
                "order by row_number",
                target,
            )
        if not aside.exists():
            write_parquet(
                connection,
                f"""
                from {format_parquet([quarantine])}
                union all by name
                select snapshot_id, {quote_literal(dataset.source)} as source, {quote_literal(dataset.name)} as dataset,
                    row_number, {quote_literal(", ".join(dataset.key))} as column_name,
                    concat_ws(' | ', {quote_names(dataset.key)}) as value, said.reason, said.decider
                        as set_aside_by,
                    not ({again}) as is_current,
                    to_json(struct_pack({packed}))::varchar as row_text
                from judged
                inner join (values {said}) as said (place, reason, decider) using (place)
                where row_number is not null
                order by row_number, column_name
                """,
                aside,
            )
        ((quarantined,),) = connection.execute(
            f"select count(distinct row_number) from {format_parquet([aside])}"
        ).fetchall()
    return ParsedSnapshot(target, aside, left, quarantined)


def _write_reason(decision: SetAside) -> str:
    return f"{decision.rule}: {decision.reason}" if decision.rule else decision.reason


def _build_condition(dataset: Dataset, decision: SetAside) -> str:
    """Build the SQL condition for the rows that a decision names."""
    columns = {column.name: column for column in dataset.columns}
    every = [_match_values(columns, row) for row in decision.rows]
    where = f"({' or '.join(every)})" if every else "true"
    if decision.snapshots:
        where += f" and snapshot_id in ({', '.join(map(quote_literal, decision.snapshots))})"
    return where


def _match_values(columns: Mapping[str, Column], row: Mapping[str, str | None]) -> str:
    each = []
    for name, value in row.items():
        if value is not None and columns[name].kind in {"number", "integer"}:
            each.append(f'try_cast("{name}" as double) = try_cast({quote_literal(value)} as double)')
        else:
            each.append(f'"{name}" is not distinct from {quote_literal(value)}')
    return f"({' and '.join(each)})"
