/*
what: >-
  Trade in services of a reporter with a partner by item and year. Value bases and vintages stand apart: compare only
  within one of each, and do not add an item that overlaps others.
grain: [reporter_code, partner_code, year, flow, service_item_code, value_basis]
figures: [value_usd]
required: [service_item, is_derived_item, source, snapshot_id]
example: |-
  select year, flow, service_item, value_usd, share_of_services_pct, value_basis, vintage
  from marts.services_trade_annual
  where reporter_code = 'CHN' and partner_code = 'KOR' and year = 2019
  order by flow, value_usd desc limit 10
sliced_by: year
columns:
  reporter_code: code | The economy whose trade in services this is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  year: year | The year.
  flow: code | export or import, as the reporter sees it.
  service_item_code: code | The service, in EBOPS 2010 as BaTIS codes it; S for all services.
  service_item: text | What the service is.
  is_derived_item: true/false | The item is a sum that overlaps others.
  value_usd: US$ | Value of the services.
  share_of_services_pct: percent | The item's share of all services of the pair, same flow, year, basis and vintage.
  world_value_usd: US$ | The reporter's trade with the world in the same item, flow, year and basis, where it is known.
  value_basis: code | reported, estimated or balanced between the two reporters.
  edition: text | The edition as the publisher names it.
  vintage: text | The edition, or where there is none the day of the last release held that shows the figure.
  source: code | The publisher.
  source_reason: text | Why the figure comes from there.
  snapshot_id: code | The snapshot the figure stands in.
*/
select
    trade.* exclude (dataset, precedence_reason),
    items.label as service_item,
    items.is_derived as is_derived_item,
    100 * trade.value_usd / nullif(total.value_usd, 0) as share_of_services_pct,
    trade.precedence_reason as source_reason
from core.services_trade as trade
left join core.service_items as items using (service_item_code)
left join core.services_trade as total
    on
        total.service_item_code = 'S'
        and trade.reporter_code = total.reporter_code
        and trade.partner_code = total.partner_code
        and trade.flow = total.flow
        and trade.year = total.year
        and trade.value_basis = total.value_basis
        and trade.source = total.source
        and trade.vintage = total.vintage
