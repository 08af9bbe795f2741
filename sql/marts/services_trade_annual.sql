/*
what: >-
  Trade in services of a reporter with a partner by item and year. Compare only within one value basis and one vintage,
  and do not add an item that overlaps others.
subject: services
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
- reporter_code (of services), partner_code, year, flow, service_item_code, service_item, is_derived_item
- value_usd (of services)
- share_of_services_pct: percent | The item's share of the pair's services in the same flow, year, basis and vintage.
- world_value_usd (of the same item), value_basis, edition, vintage, source, source_reason, snapshot_id
*/
select
    trade.* exclude (dataset, precedence_reason),
    items.label as service_item,
    items.is_derived as is_derived_item,
    100 * trade.value_usd / nullif(
        max(case when service_item_code = 'S' then trade.value_usd end) over (
            partition by
                trade.reporter_code, trade.partner_code, trade.flow, trade.year, trade.value_basis, trade.source,
                trade.vintage
        ), 0
    ) as share_of_services_pct,
    trade.precedence_reason as source_reason
from core.services_trade as trade
left join core.service_items as items using (service_item_code)
