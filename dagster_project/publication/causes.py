"""Why a figure is another than in an earlier publication.

Here: the snapshot or the correction that its row tells of, and else what its table was made from (`meta.inputs`). Not
here: which rows differ (`changes`).
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

# The name of a table's own code among its inputs.
CODE = "sql"
# Of the inputs of a table that differ, the first of these is the cause of what its rows do not tell.
CAUSES = ("code", "reference", "correction", "person", "precedence", "publisher")
# A reason names so many snapshots.
NAMED = 3


def compare_origins(connection: duckdb.DuckDBPyConnection, later: str, earlier: str) -> None:
    """Write into `moved` and `corrected` the snapshots and corrections of only one of two attached publications."""
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


def compare_inputs(connection: duckdb.DuckDBPyConnection, later: str, earlier: str, *, are_known: bool) -> None:
    """Write into `table_causes` what each table is made from otherwise in two attached publications.

    Args:
        connection: What `compare_origins` was called with.
        later: The name of the later one.
        earlier: The name of the earlier one.
        are_known: Both say what their tables were made from; version 0.1.0 did not.
    """
    connection.execute("create or replace temp table table_causes (table_name varchar, cause varchar, reason varchar)")
    if not are_known:
        return
    aside = "select concat('raw.', source, '__', dataset) as input, snapshot_id, reason from {}.meta.quarantine"
    # Of what a build set aside only the lifting is a person's.
    by_person, by_any = f"{aside} where set_aside_by = 'person'", f"{aside} where set_aside_by in ('person', 'build')"
    connection.execute(
        f"""
        insert into table_causes
        with recursive differing as (
            select table_name, input_name
            from (select * from {later}.meta.inputs) as now
            full join (select * from {earlier}.meta.inputs) as before using (table_name, input_name)
            where now.input_hash is distinct from before.input_hash
        ),
        -- An input that is a table only passes on what it was made from.
        roots as (
            select table_name, input_name, table_name as read_by from differing
            union
            select roots.table_name, differing.input_name, differing.table_name
            from roots inner join differing on roots.input_name = differing.table_name
        ),
        decisions as (
            select input, string_agg(distinct reason, ', ' order by reason) as decided
            from (
                ({by_person.format(later)} except {by_person.format(earlier)})
                union ({by_any.format(earlier)} except {by_any.format(later)})
            )
            -- With another snapshot, a raw table is the publisher's all the same.
            where input not in (select concat('raw.', replace(dataset, '/', '__')) from moved)
            group by all
        ),
        named as (
            select distinct
                table_name,
                if(input_name = '{CODE}', concat('sql/', replace(read_by, '.', '/'), '.sql'), input_name) as input
            from roots
            where input_name not in (select table_name from {later}.meta.inputs)
            and input_name not in (select table_name from {earlier}.meta.inputs)
        ),
        caused as (
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
            from named left join decisions using (input)
        )
        select table_name, arg_min(cause, place), string_agg(coalesce(decided, input), ', ' order by place, input)
        from caused
        group by table_name
        """,
        {"causes": list(CAUSES)},
    )


def find_causes(connection: duckdb.DuckDBPyConnection, key: Sequence[str]) -> None:
    """Write the changes of `differing` into `caused`, with the cause that a row tells, or null.

    Args:
        connection: What `compare_origins` was called with.
        key: The key of the table that differs.
    """
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
        told as (
            select
                number, cause,
                concat(intro, array_to_string(list_sort(list(distinct reason))[:{NAMED}], ', ')) as reason
            from (from found qualify place = min(place) over (partition by number))
            group by number, cause, intro
        )
        select numbered.*, told.cause, told.reason from numbered left join told using (number)
    """)


def _match_correction(key: Sequence[str]) -> str:
    """Return the condition that a correction is of a row of that key: corrections are of total trade in goods."""
    if "reporter_code" not in key or {"product_code", "service_item_code"} & set(key):
        return "false"
    same = [f"corrected.{name} = numbered.{name}" for name in ("reporter_code", "partner_code", "flow") if name in key]
    # One of a month also moves its year.
    same += ["year(corrected.period_start) = numbered.year"] if "year" in key else []
    same += ["corrected.period_start = numbered.period_start"] if "period_start" in key else []
    return " and ".join(same)
