/*
what: >-
  Every figure of goods trade as it was known at the end of a day: goods_trade_observations without what was not yet
  known and what had already been replaced.
grain: [source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start]
parameters: [moment]
example: |-
  select period_start, flow, value_usd, source, known_from
  from core.goods_trade_as_of(date '2025-12-31')
  where reporter_code = 'KOR' and partner_code = 'CHN' and frequency = 'A' and product_code = 'TOTAL'
  order by period_start desc, flow limit 10
columns:
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3), or WLD for the world.
  flow: code | export or import, as the reporter sees it.
  classification: code | The classification of products and its edition; TOTAL for all goods.
  product_code: code | The product; TOTAL for all goods.
  frequency: code | A annual, M monthly.
  period_start: date | First day of the period.
  period_end: date | Last day of the period.
  value_usd: US$ | Value of the goods; null if the source had no figure.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal, E estimated, P provisional or M missing.
  correction_id: code | The correction in meta.corrections that takes the figure out of the safe tables, if one does.
  snapshot_id: code | The snapshot that showed the figure first.
  known_from: date | The day from which the figure counts as known.
*/
select * exclude (level, net_weight_kg, coverage, known_to)
from core.goods_trade_observations
where known_from <= moment and (known_to is null or known_to > moment)
