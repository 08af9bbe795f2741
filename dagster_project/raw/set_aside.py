"""Rows that somebody decided to set aside, taken from those of a snapshot.

Here: from decisions to the Parquet that a build reads, for every dataset in the same way. Not here: the decisions
(`snapshots.set_aside`), and rows that break their contract, which never get so far (`raw`).

A row goes to quarantine with the reason. Where a decision names columns, the others of the row stay as they are, and
these read as they last stood: as in the snapshot before, or empty. So the series stays at its last good vintage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import duckdb

from dagster_project.raw.kept import Kept, write
from dagster_project.raw.sql import literal, parquet
from dagster_project.snapshots import Snapshot
from dagster_project.snapshots.set_aside import SetAside, digest_of
from dagster_project.sources import Column, Dataset


def without(
    dataset: Dataset, snapshots: Sequence[Snapshot], read: Sequence[Kept], decisions: Sequence[SetAside]
) -> Iterator[Kept]:
    """Each snapshot as it is kept, without what decisions set aside.

    Args:
        dataset: What was read.
        snapshots: Its snapshots, oldest first.
        read: What each of them holds.
        decisions: The decisions about the dataset.
    """
    earlier: list[Path] = []
    for at, (snapshot, kept) in enumerate(zip(snapshots, read, strict=True)):
        concerning = [one for one in decisions if one.concerns(snapshot.id)]
        if concerning:
            # What a field falls back on is part of what was decided; the names of files say which rows they hold.
            past = earlier if any(one.fields for one in concerning) else []
            stem = digest_of(concerning) + (f"-{_names(past)}" if past else "")
            later = [one.file for one in read[at + 1 :]]
            kept = _taken_out(dataset, kept, concerning, past, later, stem)
        earlier.append(kept.file)
        yield kept


def unread(dataset: Dataset, snapshot: Snapshot, decision: SetAside, folder: Path) -> Path:
    """The quarantine of a snapshot that is set aside as a whole and cannot be read: one row, which says so."""
    target = folder / f"{snapshot.folder.name}.{decision.digest[:8]}.unread.quarantine.parquet"
    key = ", ".join(dataset.key)
    with duckdb.connect() as connection:
        write(
            connection,
            f"""
            select {literal(snapshot.id)} as snapshot_id, {literal(dataset.source)} as source,
                {literal(dataset.name)} as dataset, 0::bigint as row_number, {literal(key)} as column_name,
                null::varchar as value, {literal(_reason(decision))} as reason,
                {literal(decision.by)} as set_aside_by, true as is_current, null::varchar as row_text
            """,
            target,
        )
    return target


def matching(dataset: Dataset, files: Iterable[Path], decision: SetAside) -> tuple[list[str], list[tuple[str, ...]]]:
    """The rows that a decision means, with the snapshots that hold them: the names of columns, and rows."""
    names = ["snapshot_id", *(column.name for column in dataset.columns)]
    where = _condition(dataset, decision)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {', '.join(_quoted(names))} from {parquet(files)} as rows where {where} order by all"
        ).fetchall()
    return names, found


def _taken_out(
    dataset: Dataset, kept: Kept, decisions: list[SetAside], earlier: list[Path], later: list[Path], stem: str
) -> Kept:
    if kept.quarantine is None:
        return kept
    target = kept.file.with_suffix(f".{stem}.parquet")
    # Whether a later snapshot has the row again is said of what is set aside.
    quarantine = target.with_suffix(f".{_names(later)}.quarantine.parquet")
    again = " or ".join(f"exists (from {parquet([file])} as later where {_same(dataset, 'later')})" for file in later)
    key = ", ".join(_quoted(dataset.key))
    columns = [column.name for column in dataset.columns]
    packed = ", ".join(f'"{name}" := "{name}"' for name in columns)
    with duckdb.connect() as connection:
        connection.execute(f"create view rows as from {parquet([kept.file])}")
        # A row for each row or field that is set aside, by the first decision about it.
        asides = [
            f"select row_number, {literal(name)} as field, {place} as place from rows "
            f"where {_condition(dataset, decision)}"
            for place, decision in enumerate(decisions)
            for name in (decision.fields or ("",))
        ]
        connection.execute(
            f"create table asides as select row_number, field, min(place) as place from ({' union all '.join(asides)}) "
            "group by all"
        )
        ((whole, touched),) = connection.execute(
            "select count(distinct row_number) filter (where field = ''), count(distinct row_number) from asides"
        ).fetchall()
        if not target.exists() and touched:
            write(connection, _rest(dataset, earlier), target)
        said = ", ".join(
            f"({place}, {literal(_reason(decision))}, {literal(decision.by)})"
            for place, decision in enumerate(decisions)
        )
        label = ", ".join(dataset.key)
        value = f"case field {' '.join(f'when {literal(n)} then {_quoted([n])[0]}' for n in columns)} end"
        if not quarantine.exists() and touched:
            write(
                connection,
                f"""
                from {parquet([kept.quarantine])}
                union all by name
                select snapshot_id, {literal(dataset.source)} as source, {literal(dataset.name)} as dataset, row_number,
                    coalesce(nullif(field, ''), {literal(label)}) as column_name,
                    case field when '' then concat_ws(' | ', {key}) else {value} end as value, said.reason, said.decider
                        as set_aside_by,
                    not ({again or "false"}) as is_current, to_json(struct_pack({packed}))::varchar as row_text
                from rows
                inner join asides using (row_number)
                inner join (values {said}) as said (place, reason, decider) using (place)
                where field = '' or row_number not in (select row_number from asides where field = '')
                order by row_number, column_name
                """,
                quarantine,
            )
    if not touched:
        return kept
    return Kept(target, quarantine, kept.rows - whole, kept.quarantined + touched)


def _rest(dataset: Dataset, earlier: list[Path]) -> str:
    """SQL for the rows that are left; a field that is set aside has its last value of an earlier snapshot."""
    past = " union all ".join(
        f"select *, {place} as place from {parquet([file])}" for place, file in enumerate(earlier)
    )

    def shown(name: str) -> str:
        if name in dataset.key:
            return f'rows."{name}"'
        last = (
            f'(select last("{name}" order by past.place) from ({past}) as past where {_same(dataset, "past")})'
            if past
            else "null"
        )
        gone = f"list_contains(gone.fields, {literal(name)})"
        return f'case when {gone} then {last} else rows."{name}" end as "{name}"'

    return f"""
        select {", ".join(shown(column.name) for column in dataset.columns)}, rows.snapshot_id, rows.row_number
        from rows
        left join (select row_number, list(field) as fields from asides group by row_number) as gone using (row_number)
        where not coalesce(list_contains(gone.fields, ''), false)
        order by rows.row_number
    """


def _names(files: Iterable[Path]) -> str:
    return sha256("".join(file.name for file in files).encode()).hexdigest()[:8]


def _same(dataset: Dataset, other: str) -> str:
    return " and ".join(f'{other}."{name}" is not distinct from rows."{name}"' for name in dataset.key)


def _reason(decision: SetAside) -> str:
    return f"{decision.rule}: {decision.reason}" if decision.rule else decision.reason


def _condition(dataset: Dataset, decision: SetAside) -> str:
    """SQL that is true of the rows that a decision means."""
    columns = {column.name: column for column in dataset.columns}
    every = [_has(columns, row) for row in decision.rows]
    where = f"({' or '.join(every)})" if every else "true"
    if decision.snapshots:
        where += f" and snapshot_id in ({', '.join(map(literal, decision.snapshots))})"
    return where


def _has(columns: Mapping[str, Column], row: Mapping[str, str | None]) -> str:
    each = []
    for name, value in row.items():
        if value is not None and columns[name].kind in {"number", "integer"}:
            each.append(f'try_cast("{name}" as double) = try_cast({literal(value)} as double)')
        else:
            each.append(f'"{name}" is not distinct from {literal(value)}')
    return f"({' and '.join(each)})"


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]
