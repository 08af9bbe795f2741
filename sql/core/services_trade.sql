/*
what: >-
  Trade in services of a reporter with a partner by item and year, as known now: one figure for each value basis, from
  the source that ranks first in core.source_precedence. No groups of economies; core.service_items marks items that
  overlap others.
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis]
required: [source, snapshot_id]
sliced_by: year
columns:
- reporter_code (of services), partner_code, flow, service_item_code, year, value_usd (of services)
- world_value_usd (of the same item), value_basis, edition, vintage, source, dataset, precedence_reason, snapshot_id
*/
with known as (
    select
        *,
        coalesce(edition, cast(shown_until as varchar)) as vintage
    from core.services_trade_observations
    where known_to is null and value_usd is not null
)

select
    known.* exclude (observation_status, known_from, known_to, shown_until),
    world.value_usd as world_value_usd,
    precedence.reason as precedence_reason
from known
inner join core.economies as partners on known.partner_code = partners.economy_code and not partners.is_aggregate
inner join core.source_precedence as precedence using (reporter_code, flow, source, dataset)
left join known as world
    on
        world.partner_code = 'WLD'
        and known.source = world.source
        and known.dataset = world.dataset
        and known.vintage = world.vintage
        and known.reporter_code = world.reporter_code
        and known.flow = world.flow
        and known.service_item_code = world.service_item_code
        and known.year = world.year
        and known.value_basis = world.value_basis
where
    precedence.metric = 'services'
    and known.value_basis = precedence.basis
    and known.year between precedence.valid_from_year and precedence.valid_to_year
qualify
    row_number() over (
        partition by
            known.reporter_code, known.partner_code, known.flow, known.service_item_code, known.year,
            known.value_basis
        order by precedence.precedence_rank asc, known.known_from desc, known.source asc, known.dataset asc
    ) = 1
