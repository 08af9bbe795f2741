/*
what: >-
  Every figure of trade in services as it was known at the end of a day: services_trade_observations without what was
  not yet known and what had already been replaced.
grain: [source, dataset, reporter_code, partner_code, flow, service_item_code, year, value_basis]
parameters: [moment]
example: |-
  select year, flow, value_usd, value_basis, edition, known_from
  from core.services_trade_as_of(current_date)
  where reporter_code = 'CHN' and partner_code = 'KOR' and service_item_code = 'S'
  order by year desc, flow limit 10
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  reporter_code: code | The economy whose trade in services this is (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3), or WLD for the world.
  flow: code | export or import, as the reporter sees it.
  service_item_code: code | The service, in EBOPS 2010 as BaTIS codes it; S for all services.
  year: year | The year.
  value_usd: US$ | Value of the services; null if the source had withdrawn the figure.
  value_basis: code | reported, estimated or balanced between the two reporters.
  observation_status: code | SDMX status, A normal or M missing.
  edition: text | The edition as the publisher names it.
  snapshot_id: code | The snapshot that showed the figure first.
  known_from: date | The day from which the figure counts as known.
*/
select * exclude (known_to, shown_until)
from core.services_trade_observations
where known_from <= moment and (known_to is null or known_to > moment)
