/*
what: >-
  Every available value of a World Development Indicator, every vintage. A value that a later release repeats has one
  row; a value that it changes has two rows, and the earlier row has the day on which it ended. The value at the end of
  a day counts: of two snapshots on one day, the later.
grain: [economy_code, indicator_code, year, known_from]
required: [unit, observation_status, snapshot_id]
columns:
- economy_code (or a group), indicator_code, year, value (in its unit), unit (of the value), observation_status, source
- dataset, snapshot_id (of the first value), known_from (of the value), known_to, shown_until (or left out later)
*/
with dated as (
    select
        figures.* exclude (observation_status),
        snapshots.known_from
    from staging.worldbank__wdi as figures
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        lead(snapshots.known_from) over (
            partition by figures.economy_code, figures.indicator_code, figures.year
            order by snapshots.known_from, snapshots.retrieved_at, snapshots.snapshot_id
        ) is distinct from snapshots.known_from
),

compared as (
    select
        dated.*,
        lag(value) over releases as earlier_value,
        lag(known_from) over releases as earlier_known_from,
        max(known_from) over (partition by economy_code, indicator_code, year) as last_known_from
    from dated
    window releases as (partition by economy_code, indicator_code, year order by known_from)
)

select
    compared.* exclude (earlier_value, earlier_known_from, last_known_from),
    indicators.unit,
    case when compared.value is null then 'M' else 'A' end as observation_status,
    lead(compared.known_from) over changes as known_to,
    -- The release before the next change.
    coalesce(lead(compared.earlier_known_from) over changes, compared.last_known_from) as shown_until
from compared
left join core.indicators as indicators using (indicator_code)
-- A null after a value is a value that was withdrawn; after nothing it is none.
where compared.earlier_value is distinct from compared.value
window changes as (
    partition by compared.economy_code, compared.indicator_code, compared.year
    order by compared.known_from
)
