/*
what: >-
  Every figure of goods trade as it was known at the end of a day: goods_trade_observations without figures that were
  not yet known or already replaced.
grain: [source, dataset, reporter_code, partner_code, flow, classification, product_code, frequency, period_start]
parameters: [moment]
example: |-
  select period_start, flow, value_usd, source, known_from
  from core.goods_trade_as_of(date '2025-12-31')
  where reporter_code = 'KOR' and partner_code = 'CHN' and frequency = 'A' and product_code = 'TOTAL'
  order by period_start desc, flow limit 10
columns:
- source, dataset, reporter_code, partner_code (or the world), flow, classification, product_code, frequency
- period_start, period_end, value_usd, valuation, observation_status (any), correction_id, snapshot_id (of the first)
- known_from
*/
select * exclude (level, net_weight_kg, coverage, known_to)
from core.goods_trade_observations
where known_from <= moment and (known_to is null or known_to > moment)
