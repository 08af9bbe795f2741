/*
what: >-
  Policy events, one row for each stage; the register as it stood in each snapshot.
grain: [event_id, stage, event_date, snapshot_id]
required: [title, stage_title, event_class, date_precision, evaluation, scope_codes, is_current]
columns:
- source (or the register), dataset (of the register), event_id, title (in words), stage_title, event_class
- implementing_codes, affected_codes, stage, event_date (as known), date_precision
- evaluation: code | green liberalises, amber is unclear, red restricts.
- scope_codes: list | The products and services covered, separated by semicolons; HS codes, EBOPS items, or a word.
- source_urls: list | The addresses of its sources, separated by vertical bars.
- note: text | Points that the sources leave open.
- is_current, snapshot_id (of the row), row_number (in the snapshot)
*/
select
    'register' as source,
    'policy_event_stages' as dataset,
    received.* exclude (implementing, affected, event_date, scope),
    received.implementing as implementing_codes,
    received.affected as affected_codes,
    cast(rpad(received.event_date, 10, '-01') as date) as event_date,
    received.scope as scope_codes,
    dense_rank() over (
        order by snapshots.known_from desc, snapshots.retrieved_at desc, snapshots.snapshot_id desc
    ) = 1 as is_current
from raw.register__policy_event_stages as received
inner join reference.snapshots as snapshots using (snapshot_id)
