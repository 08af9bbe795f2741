/*
what: >-
  Trade in services of a reporter with a partner by item and year, as known now: one figure for each value basis. What
  an economy's own bank reports comes before what BaTIS repeats of it; of two editions the newer counts. No groups of
  economies; an item that overlaps others says so in core.service_items.
grain: [reporter_code, partner_code, flow, service_item_code, year, value_basis]
columns:
  reporter_code: code | The economy whose trade in services this is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  service_item_code: code | The service, in EBOPS 2010 as BaTIS codes it; S for all services.
  year: year | The year.
  value_usd: US$ | Value of the services.
  world_value_usd: US$ | The reporter's trade with the world in the same item, flow, year and basis, where it is known.
  value_basis: code | reported, estimated or balanced between the two reporters.
  edition: text | The edition as the publisher names it.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot the figure stands in.
*/
with known as (
    select
        observations.source,
        observations.dataset,
        observations.reporter_code,
        observations.partner_code,
        observations.flow,
        observations.service_item_code,
        observations.year,
        observations.value_usd,
        observations.value_basis,
        observations.edition,
        observations.snapshot_id
    from core.services_trade_observations as observations
    where observations.known_to is null
    qualify
        row_number() over (
            partition by
                observations.reporter_code, observations.partner_code, observations.flow,
                observations.service_item_code, observations.year, observations.value_basis
            order by
                case observations.source when 'bok' then 1 else 2 end asc,
                observations.known_from desc, observations.snapshot_id asc
        ) = 1
)

select
    known.reporter_code,
    known.partner_code,
    known.flow,
    known.service_item_code,
    known.year,
    known.value_usd,
    world.value_usd as world_value_usd,
    known.value_basis,
    known.edition,
    known.source,
    known.dataset,
    known.snapshot_id
from known
inner join core.economies as partners on known.partner_code = partners.economy_code and not partners.is_aggregate
left join known as world
    on
        world.partner_code = 'WLD'
        and known.source = world.source
        and known.edition is not distinct from world.edition
        and known.reporter_code = world.reporter_code
        and known.flow = world.flow
        and known.service_item_code = world.service_item_code
        and known.year = world.year
        and known.value_basis = world.value_basis
