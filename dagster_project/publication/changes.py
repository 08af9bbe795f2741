"""What changed between two publications: figures, signs, verdicts and rules, each with its cause.

Here: the comparison of the tables whose header names `figures`, and of the results of rules. Not here: why a figure is
another (`causes`), what a person is shown of it (`cli.published`, `page`), or who is told (`notify`).

DuckDB reads both files. A table whose content hash is the same is not looked at, and of another one only the months or
years in which it differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import publication
from dagster_project.engines.work_file import all_types
from dagster_project.errors import BilateralError
from dagster_project.models import Model
from dagster_project.project import Project
from dagster_project.publication import Publication, meta
from dagster_project.publication.causes import Compared, Roots, is_source, tell

# Beyond so many rows of a table that differ, those that differ least are counted and not listed.
LISTED = 100_000
# So many rows of each file are joined at a time.
PACK = 4_000_000
# Sums of the same amounts in another order may differ by less than this part of them.
ROUNDING = 1e-9
CHECKS = "meta.checks"
TABLE = "changes_found"
RULES = Compared(CHECKS, meta.CHECKS.grain, {"status": "code"}, list(meta.CHECKS.columns))


def pair(project: Project, earlier: str | None, later: str | None) -> tuple[Publication, Publication]:
    """Two kept publications, the earlier one first.

    Args:
        project: Whose.
        earlier: One of them; by default the one that came before the other.
        later: The other one; by default the published one.

    Raises:
        BilateralError: There is none of that name, it has no copy, or there is none before it.
    """
    every = publication.publications(project)
    ids = [found.publication_id for found in every]
    later = later or publication.current_id(project)
    if later is None:
        raise BilateralError("Nothing is published yet.", remedy="Run `bilateral build` first.")
    for name in (later, earlier):
        if name is not None and name not in ids:
            raise BilateralError(f"There is no publication {name}.", remedy=f"Kept are: {', '.join(ids) or 'none'}.")
    now = every[ids.index(later)]
    if earlier is None:
        before = next((one for one in every[ids.index(later) + 1 :] if one.has_copy(project)), None)
        if before is None:
            raise BilateralError(
                f"No publication before {later} is kept, so there is nothing to compare it with.",
                remedy="`bilateral build --keep 4` keeps four of them from now on; "
                "meta.changes has what its build compared it with.",
            )
    else:
        before = every[ids.index(earlier)]
    for one in (before, now):
        if not one.file(project).exists():
            raise BilateralError(f"{one.publication_id} has no copy.", remedy="It was published with --keep 0.")
    return before, now


@contextmanager
def compared(later: Path, earlier: Path, models: Iterable[Model]) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has what changed from one published file to another in `TABLE`.

    Raises:
        BilateralError: A file cannot be read.
    """
    with duckdb.connect() as connection:
        for name, file in (("later", later), ("earlier", earlier)):
            attach(connection, file, name)
        try:
            find(connection, "later", "earlier", models)
        except duckdb.Error as error:
            raise BilateralError(f"{earlier} and {later} cannot be compared: {str(error).splitlines()[0]}") from error
        yield connection


def counts(table: str) -> str:
    """The query for how many changes of each kind there are, of `TABLE` or `meta.changes`."""
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


def heaviest(table: str, limit: int | None) -> str:
    """The query for the changes that a person should see first: flips, then the largest in per cent."""
    return f"""
        select
            table_name, array_to_string(map_values(from_json(key, '"map(varchar, varchar)"')), ' ') as row, column_name,
            coalesce(previous_text, {_shown("previous_value")}) as before,
            coalesce(value_text, {_shown("value")}) as now,
            printf(if(abs(difference_pct) < 0.01, '%+.1g%%', '%+.2f%%'), difference_pct) as "by",
            if(is_flip, 'flips', null) as flips,
            cause, reason
        from {table}
        where key is not null
        order by is_flip desc, abs(difference_pct) desc nulls last, table_name, key, column_name
        {"" if limit is None else f"limit {limit}"}
    """


def _shown(value: str) -> str:
    return f"if(abs({value}) >= 1000, format('{{:,}}', cast(round({value}) as bigint)), printf('%.4g', {value}))"


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Makes a published file readable under a name.

    Raises:
        BilateralError: It cannot be read.
    """
    try:
        connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
    except duckdb.Error as error:
        raise BilateralError(f"{file} cannot be opened: {str(error).splitlines()[0]}") from error


def find(
    connection: duckdb.DuckDBPyConnection, later: str, earlier: str | None, models: Iterable[Model], why: str = ""
) -> None:
    """Writes what changed into the temporary table `TABLE`, in the columns of `meta.changes`.

    Args:
        connection: What both files are attached to.
        later: The name of the later one.
        earlier: The name of the earlier one; None if there is none.
        models: The models of the later one.
        why: Why there is no earlier one.
    """
    types = ", ".join(f'"{name}" {kind}' for name, kind in meta.CHANGES.types.items())
    connection.execute(f"create or replace temp table {TABLE} ({types})")
    tables = [*(Compared.of(model) for model in models if model.figures), RULES]
    if earlier is None:
        for table in tables:
            _not_compared(connection, table, None, why)
        return
    _Comparison(connection, later, earlier).run(tables)


class _Comparison:
    """The comparison of two files that are attached under two names."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
        self._connection = connection
        self._sides = later, earlier
        ((self._id,),) = connection.execute(f"select publication_id from {earlier}.meta.publication").fetchall()
        self._columns = [all_types(connection, side) for side in self._sides]
        # Of one of them alone it tells nothing what it was made from; an early publication does not say it.
        says = all("meta.inputs" in columns for columns in self._columns)
        self._roots = Roots(self._inputs(later) if says else {}, self._inputs(earlier) if says else {})

    def run(self, tables: Sequence[Compared]) -> None:
        """Compares each table that differs."""
        later, earlier = self._sides
        self._prepare()
        hashes = f"select table_name, content_hash from {{}}.meta.table_hashes where table_name <> '{CHECKS}'"
        same = {name for name, _ in self._rows(f"{hashes.format(later)} intersect {hashes.format(earlier)}")}
        for table in (one for one in tables if one.name not in same):
            if reason := self._another_shape(table):
                _not_compared(self._connection, table, self._id, reason)
            else:
                self._compare(table)

    def _another_shape(self, table: Compared) -> str | None:
        """Why a table cannot be compared; None if it can."""
        for columns, which in zip(self._columns, ("later", "earlier"), strict=True):
            if table.name not in columns:
                return f"The {which} publication has no such table."
            lacking = [name for name in (*table.key, *table.figures) if name not in columns[table.name]]
            if lacking:
                return f"The {which} publication has no {', '.join(lacking)} there."
        return None

    def _prepare(self) -> None:
        """What both sides rest on: the snapshots and corrections of only one of them."""
        later, earlier = self._sides
        self._connection.execute(f"""
            create or replace temp table moved as
            select snapshot_id, concat(source, '/', dataset) as dataset, now.snapshot_id is not null as arrived
            from (select * from {later}.meta.snapshots) as now
            full join (select * from {earlier}.meta.snapshots) as before using (snapshot_id, source, dataset)
            where now.snapshot_id is null or before.snapshot_id is null
        """)
        applied = """
            select correction_id, reporter_code, partner_code, flow, frequency, period_start
            from {}.meta.corrections where is_current
        """
        now, before = applied.format(later), applied.format(earlier)
        self._connection.execute(f"""
            create or replace temp table corrected as
            ({now} except {before}) union all ({before} except {now})
        """)
        # Of what a build set aside only the lifting is a person's; an early publication does not say who decided.
        says = all("set_aside_by" in columns.get("meta.quarantine", {}) for columns in self._columns)
        told = "select snapshot_id, source, dataset, reason from {}.meta.quarantine where set_aside_by in {}"
        of_person, of_any = "('person')", "('person', 'build')"
        self._connection.execute(
            f"""
            create or replace temp table decided as
            select snapshot_id, concat('raw.', source, '__', dataset) as name, reason
            from (
                ({told.format(later, of_person)} except {told.format(earlier, of_person)})
                union ({told.format(earlier, of_any)} except {told.format(later, of_any)})
            )
            where snapshot_id not in (select snapshot_id from moved)
        """
            if says
            else """
            create or replace temp table decided (snapshot_id varchar, name varchar, reason varchar)
        """
        )
        # With another snapshot, a raw table is the publisher's all the same.
        self._roots.decided = dict(
            self._rows("""
            select name, string_agg(distinct reason, ', ' order by reason) from decided
            where name not in (select 'raw.' || replace(dataset, '/', '__') from moved)
            group by all
        """)
        )

    def _compare(self, table: Compared) -> None:
        later, earlier = self._sides
        columns = self._columns[0][table.name].keys() & self._columns[1][table.name].keys()
        sources = [name for name in table.columns if name in columns and is_source(name)]
        ids = "[{}.snapshot_id]" if "snapshot_id" in columns else "cast([] as varchar[])"
        ids = "{}.snapshot_ids" if "snapshot_ids" in columns else ids
        # One source of both flows is named once.
        named = [
            f"{{0}}.{name}" if name == sources[0] else f"nullif({{0}}.{name}, {{0}}.{sources[0]})" for name in sources
        ]
        told = f"concat_ws(', ', {', '.join(named)})" if named else "''"
        # A flow that is no longer there leaves the source of the other: no source took another's place.
        others = " or ".join(f"now.{name} <> before.{name}" for name in sources) or "false"
        figures = ", ".join(f"now.{name} as {name}, before.{name} as {name}_before" for name in table.figures)
        either = " or ".join(self._differ(f"now.{name}", f"before.{name}", table, name) for name in table.figures)
        key, order = ", ".join(table.key), self._order(table)
        counts = dict.fromkeys(table.figures, 0)
        for number, among in enumerate(self._packs(table)):
            self._connection.execute(f"""
                create or replace temp table part as
                select {key}, {figures},
                    {told.format("now")} as sources, {told.format("before")} as sources_before,
                    coalesce({others}, false) as has_other_source,
                    coalesce({ids.format("now")}, []) as ids, coalesce({ids.format("before")}, []) as ids_before
                from (select * from {later}.{table.name} where {among}) as now
                full join (select * from {earlier}.{table.name} where {among}) as before using ({key})
                where {either}
            """)
            if not number:
                self._connection.execute("create or replace temp table differing as from part limit 0")
            self._connection.execute(f"insert into differing from part order by {order} limit {LISTED}")
            each = (f"count(*) filter ({self._differ(name, f'{name}_before', table, name)})" for name in counts)
            (found,) = self._rows(f"select {', '.join(each)} from part")
            counts = {name: counts[name] + more for name, more in zip(counts, found, strict=True)}
        self._connection.execute(
            f"create or replace temp table differing as from differing order by {order} limit {LISTED}"
        )
        tell(self._connection, table)
        for name, unit in table.figures.items():
            self._tell(table, name, unit, counts[name])

    def _order(self, table: Compared) -> str:
        """What puts changes that flip first, then those that are largest: what comes after the listed is counted."""
        numbers = [name for name in table.figures if self._is_number(table, name)]
        if not numbers:
            return ", ".join(table.key)
        flips = " or ".join(f"{name} * {name}_before < 0" for name in numbers)
        sizes = ", ".join(f"abs(coalesce({name}, 0) - coalesce({name}_before, 0))" for name in numbers)
        return f"coalesce({flips}, false) desc, greatest({sizes}) desc, {', '.join(table.key)}"

    def _packs(self, table: Compared) -> list[str]:
        """The conditions for the months or years in which figures differ, in packs of so many rows as memory holds."""
        slice_ = next((name for name in ("period_start", "year") if name in table.key), None)
        if slice_ is None:
            return ["true"]
        content = f"count(*) as n, sum(hash({', '.join((*table.key, *table.figures))})::hugeint) as content"
        now, before = (f"select {slice_}, {content} from {side}.{table.name} group by all" for side in self._sides)
        self._connection.execute(f"""
            create or replace temp table slices as
            select {slice_}, sum(max(n)) over (order by {slice_}) // {PACK} as pack
            from (({now} except {before}) union all ({before} except {now}))
            group by {slice_}
        """)
        packs = self._rows("select distinct pack from slices order by all")
        return [f"{slice_} in (select {slice_} from slices where pack = {pack})" for (pack,) in packs] or ["false"]

    def _differ(self, now: str, before: str, table: Compared, name: str) -> str:
        if not self._is_number(table, name):
            return f"{now} is distinct from {before}"
        return (
            f"(({now} is null) <> ({before} is null) "
            f"or abs({now} - {before}) > {ROUNDING} * greatest(abs({now}), abs({before})))"
        )

    def _is_number(self, table: Compared, name: str) -> bool:
        return self._columns[0][table.name][name] != "VARCHAR"

    def _tell(self, table: Compared, name: str, unit: str, count: int) -> None:
        """Adds the changes of one column of figures."""
        is_number = self._is_number(table, name)
        value, text = (name, "null") if is_number else ("null", name)
        before, text_before = (f"{name}_before", "null") if is_number else ("null", f"{name}_before")
        roots = {one: self._roots.cause(one) for one in self._roots.later} if table is RULES else {}
        self._connection.execute(
            "create or replace temp table roots as select unnest($1) as table_name, unnest($2) as cause, "
            "unnest($3) as reason",
            [list(roots), [cause for cause, _ in roots.values()], [reason for _, reason in roots.values()]],
        )
        key = ", ".join(f"{column} := {column}" for column in table.key)
        joined = "left join roots using (table_name)" if table is RULES else "left join roots on false"
        differs = self._differ(name, f"{name}_before", table, name)
        # Where nothing that its table is made from differs, a rule is another rule.
        cause, reason = (
            ("code", "the rule, or what it reads besides its table") if roots else self._roots.cause(table.name)
        )
        self._connection.execute(
            f"""
            insert into {TABLE}
            with found as (
                select
                    to_json(struct_pack({key})) as key,
                    {value}::double as value, {before}::double as previous_value,
                    {text}::varchar as value_text, {text_before}::varchar as previous_text,
                    coalesce(told.cause, nullif(roots.cause, 'unknown'), $cause) as cause,
                    coalesce(told.reason, nullif(roots.reason, ''), $reason) as reason
                from told {joined}
                where {differs}
            )
            select
                $earlier, $table, key, $column, $unit,
                case
                    when previous_value is null and previous_text is null then 'added'
                    when value is null and value_text is null then 'withdrawn'
                    else 'revised'
                end as change,
                previous_value, value, value - previous_value,
                100 * (value - previous_value) / nullif(abs(previous_value), 0),
                previous_text, value_text,
                change = 'revised' and coalesce(value * previous_value < 0, true) as is_flip,
                cause, reason
            from found
            """,
            {"earlier": self._id, "table": table.name, "column": name, "unit": unit, "cause": cause, "reason": reason},
        )
        ((listed,),) = self._rows(f"select count(*) from told where {differs}")
        if count > listed:
            self._connection.execute(
                f"insert into {TABLE} by name select $1 as compared_with, $2 as table_name, $3 as column_name, "
                "$4 as unit, 'not_listed' as change, $5 as value, false as is_flip, "
                "'Value counts changes that are smaller than those that are listed.' as reason",
                [self._id, table.name, name, unit, count - listed],
            )

    def _inputs(self, side: str) -> dict[str, dict[str, str]]:
        """What each table of a side was made from, as hashes by name."""
        found: dict[str, dict[str, str]] = {}
        for table, name, hashed in self._rows(f"from {side}.meta.inputs"):
            found.setdefault(table, {})[name] = hashed
        return found

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()


def _not_compared(connection: duckdb.DuckDBPyConnection, table: Compared, earlier: str | None, why: str) -> None:
    connection.execute(
        f"insert into {TABLE} by name select $1 as compared_with, $2 as table_name, "
        "'not_compared' as change, false as is_flip, $3 as reason",
        [earlier, table.name, why],
    )
