/*
what: >-
  Every available figure of trade in services: every source, every value basis, every vintage. The bases are kept apart:
  a balanced value is not a reported one. The value at the end of a day counts: of two snapshots on one day, the later.
grain: [source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis, known_from]
required: [observation_status, snapshot_id]
sliced_by: year
columns:
- source, dataset, reporter_code (of services), partner_code (or the world), flow, service_item_code, year
- value_usd (of services held), value_basis, observation_status, edition, snapshot_id (of the first), known_from
- known_to, shown_until (or left out later)
*/
with figures as (
    select * exclude (edition)
    from feeds
),

dated as (
    select
        figures.*,
        snapshots.edition,
        snapshots.known_from
    from figures
    inner join reference.snapshots as snapshots using (snapshot_id)
    qualify
        lead(snapshots.known_from) over (
            partition by
                figures.source, figures.dataset, figures.reporter_code, figures.partner_code, figures.flow,
                figures.service_item_code, figures.year, figures.value_basis
            order by snapshots.known_from, snapshots.retrieved_at, snapshots.snapshot_id
        ) is distinct from snapshots.known_from
),

compared as (
    select
        dated.*,
        lag(value_usd) over vintages as earlier_value_usd,
        lag(edition) over vintages as earlier_edition,
        lag(known_from) over vintages as earlier_known_from,
        max(known_from) over (
            partition by source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis
        ) as last_known_from
    from dated
    window vintages as (
        partition by
            source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis
        order by known_from
    )
)

select
    * exclude (earlier_value_usd, earlier_edition, earlier_known_from, last_known_from),
    case when value_usd is null then 'M' else 'A' end as observation_status,
    lead(known_from) over changes as known_to,
    -- The release before the next change.
    coalesce(lead(earlier_known_from) over changes, last_known_from) as shown_until
from compared
-- A null after a value is a withdrawn figure; a null without an earlier value is not a figure. An edition re-estimates
-- everything: a value that it repeats is its own and belongs to its other values.
where
    earlier_value_usd is distinct from value_usd
    or (value_usd is not null and earlier_edition is distinct from edition)
window changes as (
    partition by source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis
    order by known_from
)
