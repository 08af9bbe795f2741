"""Compare two publications: list each change of a figure, a sign, a verdict or a rule's result, with its cause.

Here: the comparison of the tables whose header names `figures`, and of the results of rules. Not here: the causes
(`causes`), the display (`cli.published`, `page`), and notifications (`notify`).

DuckDB reads both files. Tables with the same content hash are skipped; in the others only the differing months or years
are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project import publication
from dagster_project.database import quote_literal
from dagster_project.engines.work_file import read_all_types
from dagster_project.errors import BilateralError
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.publication import Publication, causes, meta

# The most changes to list for a column; smaller ones are only counted.
LISTED = 100_000
# The number of rows of each file to join at a time.
PACK = 500_000
# The largest relative difference that is no change: sums of the same amounts in another order differ slightly.
ROUNDING = 1e-9
CHECKS = "meta.checks"
TABLE = "changes_found"


@dataclass(frozen=True)
class ComparedTable:
    """A table to compare, with its key and the unit of each figure."""

    name: str
    key: Sequence[str]
    figures: Mapping[str, str]


RULES = ComparedTable(CHECKS, meta.CHECKS.grain, {"status": "code"})


def find_two_publications(project: Project, earlier: str | None, later: str | None) -> tuple[Publication, Publication]:
    """Find two publications by ID: `later`, by default the current one; `earlier`, by default the last copy before it.

    Raises:
        BilateralError: A publication does not exist or has no copy, or there is no earlier one.
    """
    every = publication.list_publications(project)
    ids = [found.publication_id for found in every]
    later = later or publication.get_current_id(project)
    if later is None:
        raise BilateralError("Nothing is published yet.", remedy="Run `bilateral build` first.")
    for name in (later, earlier):
        if name is not None and name not in ids:
            raise BilateralError(f"Publication {name} does not exist.", remedy=f"Choose from {', '.join(ids)}.")
    now = every[ids.index(later)]
    if earlier is None:
        before = next((one for one in every[ids.index(later) + 1 :] if one.has_copy(project)), None)
        if before is None:
            raise BilateralError(
                f"No publication before {later} is kept, so there is nothing to compare it with.",
                remedy="`bilateral build --keep 4` keeps four earlier publications from now on; "
                "meta.changes has the changes that the build found.",
            )
    else:
        before = every[ids.index(earlier)]
    for one in (before, now):
        if not one.get_file(project).exists():
            found = f"The file of {one.publication_id} is gone (deleted, or published with --keep 0)."
            raise BilateralError(found, remedy="Name another publication.")
    return before, now


@contextmanager
def compare_files(later: Path, earlier: Path, models: Iterable[Model]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with the table `TABLE`, which has the changes from one published file to another.

    Raises:
        BilateralError: A file cannot be read.
    """
    with duckdb.connect() as connection:
        for name, file in (("later", later), ("earlier", earlier)):
            attach_file(connection, file, name)
        try:
            find_changes(connection, "later", "earlier", models)
        except duckdb.Error as error:
            what = f"{earlier} and {later} cannot be compared: {str(error).splitlines()[0]}"
            raise BilateralError(what, remedy="Name two files that `bilateral build` published.") from error
        yield connection


def query_counts(table: str) -> str:
    """Write the query that counts the changes of each kind in `meta.changes` or `TABLE`."""
    return f"""
        select
            table_name, column_name, change, cause,
            cast(sum(if(change = 'not_listed', value, 1)) as bigint) as figures,
            count(*) filter (is_flip) as flips,
            any_value(reason) filter (change = 'not_compared') as why
        from {table}
        group by all
        order by all
    """


def query_largest(table: str, limit: int | None) -> str:
    """Write the query for the most important changes: of signs and verdicts first, then the largest in per cent."""
    return f"""
        select
            table_name, array_to_string(map_values(from_json(key, '"map(varchar, varchar)"')), ' ') as row, column_name,
            coalesce(previous_text, {_format_figure("previous_value")}) as before,
            coalesce(value_text, {_format_figure("value")}) as now,
            printf(if(abs(difference_pct) < 0.01, '%+.1g%%', '%+.2f%%'), difference_pct) as "by",
            if(is_flip, 'flips', null) as flips,
            cause, reason
        from {table}
        where key is not null
        order by is_flip desc, abs(difference_pct) desc nulls last, table_name, key, column_name
        {"" if limit is None else f"limit {limit}"}
    """


def _format_figure(value: str) -> str:
    return f"if(abs({value}) >= 1000, format('{{:,}}', cast(round({value}) as bigint)), printf('%.4g', {value}))"


def attach_file(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Attach a published file to a connection under a name, read-only.

    Raises:
        BilateralError: The file cannot be opened.
    """
    try:
        connection.execute(f"attach {quote_literal(file)} as {name} (read_only)")
    except duckdb.Error as error:
        remedy = "Use a file that `bilateral build` published."
        raise BilateralError(f"{file} cannot be opened: {str(error).splitlines()[0]}", remedy=remedy) from error


def find_changes(
    connection: duckdb.DuckDBPyConnection, later: str, earlier: str | None, models: Iterable[Model], why: str = ""
) -> None:
    """Write the changes between two attached files into the temporary table `TABLE`, in the columns of `meta.changes`.

    `models` are those of the later file. Without an earlier file, only the reason `why` is written for each table.
    """
    types = ", ".join(f'"{name}" {kind}' for name, kind in meta.CHANGES.types.items())
    connection.execute(f"create or replace temp table {TABLE} ({types})")
    tables = [RULES]
    for model in (one for one in models if one.figures):
        units = {column.name: column.unit for column in model.columns}
        tables.append(ComparedTable(model.name, model.grain, {name: units[name] for name in model.figures}))
    if earlier is None:
        for table in tables:
            _write_not_compared(connection, table, None, why)
        return
    _Comparison(connection, later, earlier).compare_tables(tables)


class _Comparison:
    """The comparison of two files that are attached under two names."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
        self._connection = connection
        self._sides = later, earlier
        ((self._id,),) = connection.execute(f"select publication_id from {earlier}.meta.publication").fetchall()
        self._columns = [read_all_types(connection, side) for side in self._sides]
        causes.compare_origins(connection, later, earlier)
        causes.compare_inputs(connection, later, earlier)

    def compare_tables(self, tables: Sequence[ComparedTable]) -> None:
        """Write the changes of each table whose content differs, and their causes."""
        later, earlier = self._sides
        hashes = f"select table_name, content_hash from {{}}.meta.table_hashes where table_name <> '{CHECKS}'"
        shared = self._connection.execute(f"{hashes.format(later)} intersect {hashes.format(earlier)}")
        same = {name for name, _ in shared.fetchall()}
        for table in (one for one in tables if one.name not in same):
            if reason := self._find_shape_difference(table):
                _write_not_compared(self._connection, table, self._id, reason)
            else:
                self._find_differences(table)
                causes.find_causes(self._connection, table.key)
                self._write_changes(table)

    def _find_shape_difference(self, table: ComparedTable) -> str | None:
        """Describe the table or the columns that one publication lacks; return None if both publications have all."""
        for columns, which in zip(self._columns, ("later", "earlier"), strict=True):
            if table.name not in columns:
                return f"The {which} publication lacks this table."
            lacking = [name for name in (*table.key, *table.figures) if name not in columns[table.name]]
            if lacking:
                return f"The table of the {which} publication lacks {', '.join(lacking)}."
        return None

    def _find_differences(self, table: ComparedTable) -> None:
        """Write each column's largest differences into `differing`, and the number of differences into `counted`."""
        key = ", ".join(table.key)
        columns = self._columns[0][table.name].keys() & self._columns[1][table.name].keys()
        ids = "[snapshot_id]" if "snapshot_id" in columns else "cast([] as varchar[])"
        ids = "snapshot_ids" if "snapshot_ids" in columns else ids
        rows = f"select {key}, {', '.join(table.figures)}, {ids} as ids from {{}}.{table.name} where {{}}"
        figures = ", ".join(f"now.{name}, before.{name} as {name}_before" for name in table.figures)
        each = " union all ".join(self._write_select(table, name) for name in table.figures)
        for number, among in enumerate(self._list_packs(table)):
            later, earlier = (rows.format(side, among) for side in self._sides)
            self._connection.execute(f"""
                create or replace temp table part as
                with joined as (
                    select {key}, coalesce(now.ids, []) as ids, coalesce(before.ids, []) as ids_before, {figures}
                    from ({later}) as now full join ({earlier}) as before using ({key})
                )
                select
                    *, abs(coalesce(value, 0) - coalesce(previous_value, 0)) as size,
                    coalesce(value * previous_value < 0, value_text || previous_text is not null) as is_flip
                from ({each})
                where value_text is distinct from previous_text
                or (value is null) <> (previous_value is null)
                or abs(value - previous_value) > {ROUNDING} * greatest(abs(value), abs(previous_value))
            """)
            # Drop the differences that are too small to be listed before sorting, which is slow.
            self._connection.execute(f"""
                create or replace temp table differing as
                with every as (from part {"union all from differing" if number else ""}),
                last_listed as (select column_name, max(size, {LISTED})[-1] as least from every group by all)
                select every.* from every inner join last_listed using (column_name)
                where size >= least or is_flip
                qualify row_number() over (partition by column_name order by is_flip desc, size desc, {key}) <= {LISTED}
            """)
            self._connection.execute(f"""
                {"insert into counted" if number else "create or replace temp table counted as"}
                select column_name, unit, count(*) as changes from part group by all
            """)

    def _write_select(self, table: ComparedTable, name: str) -> str:
        """Write the SELECT of the column `name` in both files; numbers and texts go into different columns."""
        is_text = self._columns[0][table.name][name] == "VARCHAR"
        number, text = ("null", "{}") if is_text else ("{}", "null")
        return f"""
            select
                {", ".join(table.key)}, ids, ids_before, {quote_literal(name)} as column_name,
                {quote_literal(table.figures[name])} as unit,
                {number.format(name)}::double as value, {number.format(name + "_before")}::double as previous_value,
                {text.format(name)}::varchar as value_text, {text.format(name + "_before")}::varchar as previous_text
            from joined
        """

    def _list_packs(self, table: ComparedTable) -> list[str]:
        """List SQL conditions that select the months or years whose figures differ, each for about `PACK` rows."""
        period = next((name for name in ("period_start", "year") if name in table.key), None)
        if period is None:
            return ["true"]
        content = f"count(*) as n, sum(hash({', '.join((*table.key, *table.figures))})::hugeint) as content"
        now, before = (f"select {period}, {content} from {side}.{table.name} group by all" for side in self._sides)
        self._connection.execute(f"""
            create or replace temp table slices as
            select {period}, sum(max(n)) over (order by {period}) // {PACK} as pack
            from (({now} except {before}) union all ({before} except {now}))
            group by {period}
        """)
        packs = self._connection.execute("select distinct pack from slices order by all").fetchall()
        return [f"{period} in (select {period} from slices where pack = {pack})" for (pack,) in packs] or ["false"]

    def _write_changes(self, table: ComparedTable) -> None:
        """Insert into `TABLE` the changes of a table with their causes, and the number of changes left out."""
        about, cause, reason = quote_literal(table.name), "unknown", ""
        if table is RULES:
            # If the inputs of the checked table are the same, the rule itself must have changed.
            about, cause, reason = "caused.table_name", "code", "the rule, or another table that it reads"
        self._connection.execute(
            f"""
            insert into {TABLE} by name
            select
                $earlier as compared_with, $table as table_name,
                to_json(struct_pack({", ".join(f"{name} := caused.{name}" for name in table.key)})) as key,
                column_name, unit,
                case
                    when previous_value is null and previous_text is null then 'added'
                    when value is null and value_text is null then 'withdrawn'
                    else 'revised'
                end as change,
                previous_value, value, value - previous_value as difference,
                100 * (value - previous_value) / nullif(abs(previous_value), 0) as difference_pct,
                previous_text, value_text, is_flip,
                coalesce(caused.cause, table_causes.cause, $cause) as cause,
                coalesce(caused.reason, table_causes.reason, $reason) as reason
            from caused left join table_causes on table_causes.table_name = {about}
            """,
            {"earlier": self._id, "table": table.name, "cause": cause, "reason": reason},
        )
        self._connection.execute(
            f"""
            insert into {TABLE} by name
            select
                $earlier as compared_with, $table as table_name, column_name, unit, 'not_listed' as change,
                sum(changes) - {LISTED} as value, false as is_flip,
                'value is the number of changes that are smaller than the listed ones.' as reason
            from counted
            group by column_name, unit
            having sum(changes) > {LISTED}
            """,
            {"earlier": self._id, "table": table.name},
        )


def _write_not_compared(
    connection: duckdb.DuckDBPyConnection, table: ComparedTable, earlier: str | None, why: str
) -> None:
    connection.execute(
        f"insert into {TABLE} by name select $1 as compared_with, $2 as table_name, "
        "'not_compared' as change, false as is_flip, $3 as reason",
        [earlier, table.name, why],
    )
