"""Find the causes of changes of figures since an earlier publication.

Here: the snapshot or the correction that a row names, or else the changed inputs of its table (`meta.inputs`). Not
here: finding the rows that changed (`changes`).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

# The name in `meta.inputs` for a table's own code.
CODE = "sql"
# The possible causes, most important first: the first one that applies to a table counts for its rows without a cause.
CAUSES = ("code", "reference", "correction", "person", "precedence", "publisher")
# The most snapshots to name in a reason.
NAMED = 3


def compare_origins(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Write into `moved` the snapshots, and into `corrected` the corrections, that only one of two publications has."""
    connection.execute(f"""
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
    connection.execute(f"""
        create or replace temp table corrected as ({now} except {before}) union all ({before} except {now})
    """)


def compare_inputs(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Write the changed inputs of each table into `table_causes`, as causes of its changes.

    Call `compare_origins` before.
    """
    _find_changed_inputs(connection, later, earlier)
    _find_decisions(connection, later, earlier)
    connection.execute(
        """
        create or replace temp table table_causes as
        with caused as (
            select
                *,
                case
                    when decided is not null then 'person'
                    when input like 'sql/%' or input like 'analysis.%' then 'code'
                    when input like 'raw.%' or input = 'reference.snapshots' then 'publisher'
                    when input = 'reference.corrections' then 'correction'
                    when input = 'reference.source_precedence' then 'precedence'
                    else 'reference'
                end as cause,
                list_position($causes, cause) as place
            from changed_inputs left join decisions using (input)
        )
        select
            table_name,
            arg_min(cause, place) as cause,
            string_agg(coalesce(decided, input), ', ' order by place, input) as reason
        from caused
        group by table_name
        """,
        {"causes": list(CAUSES)},
    )


def _find_changed_inputs(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Write into `changed_inputs` each table with the changed inputs behind it, directly or through other tables."""
    connection.execute(f"""
        create or replace temp table changed_inputs as
        with recursive unlike as (
            select table_name, input_name
            from (select * from {later}.meta.inputs) as now
            full join (select * from {earlier}.meta.inputs) as before using (table_name, input_name)
            where now.input_hash is distinct from before.input_hash
        ),
        roots as (
            select table_name, input_name, table_name as read_by from unlike
            union
            select roots.table_name, unlike.input_name, unlike.table_name
            from roots inner join unlike on roots.input_name = unlike.table_name
        )
        select distinct
            table_name,
            if(input_name = '{CODE}', concat('sql/', replace(read_by, '.', '/'), '.sql'), input_name) as input
        from roots
        where input_name not in (select table_name from {later}.meta.inputs)
        and input_name not in (select table_name from {earlier}.meta.inputs)
    """)


def _find_decisions(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Write into `decisions` each raw table whose rows a person set aside or took back, with the reasons.

    Rows that a build itself set aside count only if a person took them back. A table with a new or
    removed snapshot is left out, because then the publisher is the cause.
    """
    aside = "select concat('raw.', source, '__', dataset) as input, snapshot_id, reason from {}.meta.quarantine"
    by_person, by_any = f"{aside} where set_aside_by = 'person'", f"{aside} where set_aside_by in ('person', 'build')"
    connection.execute(f"""
        create or replace temp table decisions as
        select input, string_agg(distinct reason, ', ' order by reason) as decided
        from (
            ({by_person.format(later)} except {by_person.format(earlier)})
            union ({by_any.format(earlier)} except {by_any.format(later)})
        )
        where input not in (select concat('raw.', replace(dataset, '/', '__')) from moved)
        group by all
    """)


def find_causes(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> None:
    """Copy a table's changes from `differing` into `caused`, each with the snapshot or correction behind it, if any."""
    connection.execute(f"""
        create or replace temp table caused as
        with numbered as (select *, row_number() over () as number from differing),
        found as (
            select number, 1 as place, 'publisher' as cause, '' as intro, snapshot_id as reason
            from (select number, unnest(ids) as snapshot_id from numbered) inner join moved using (snapshot_id)
            where arrived
            union all
            select number, 2, 'correction', '', correction_id
            from numbered inner join corrected on {_match_correction(key)}
            union all
            select number, 3, 'publisher', 'no longer there: ', snapshot_id
            from (select number, unnest(ids_before) as snapshot_id from numbered) inner join moved using (snapshot_id)
            where not arrived
        ),
        named as (
            select
                number, cause,
                concat(intro, array_to_string(list_sort(list(distinct reason))[:{NAMED}], ', ')) as reason
            from (from found qualify place = min(place) over (partition by number))
            group by number, cause, intro
        )
        select numbered.*, named.cause, named.reason from numbered left join named using (number)
    """)


def _match_correction(key: Sequence[str]) -> str:
    """Write the SQL condition that is true if a correction (of total goods trade) applies to a row with this key."""
    if "reporter_code" not in key or {"product_code", "service_item_code"} & set(key):
        return "false"
    same = [f"corrected.{name} = numbered.{name}" for name in ("reporter_code", "partner_code", "flow") if name in key]
    # A correction of a month also changes its year.
    same += ["year(corrected.period_start) = numbered.year"] if "year" in key else []
    same += ["corrected.period_start = numbered.period_start"] if "period_start" in key else []
    return " and ".join(same)
