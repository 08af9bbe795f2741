/*
what: >-
  Every figure of trade in services as it was known at the end of a day: services_trade_observations without figures
  that were not yet known or already replaced.
grain: [source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis]
parameters: [moment]
example: |-
  select year, flow, value_usd, value_basis, edition, known_from
  from core.services_trade_as_of(current_date)
  where reporter_code = 'CHN' and partner_code = 'KOR' and service_item_code = 'S'
  order by year desc, flow limit 10
columns:
- source, dataset, reporter_code (of services), partner_code (or the world), flow, service_item_code, year
- value_usd (of services held), value_basis, observation_status, edition, snapshot_id (of the first), known_from
*/
select * exclude (known_to, shown_until)
from core.services_trade_observations
where known_from <= moment and (known_to is null or known_to > moment)
