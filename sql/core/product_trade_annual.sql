/*
what: >-
  Goods trade by product and year, as known now. Sum over products only within one classification and level, and only
  where is_complete_detail; selected products are never a total.
grain: [reporter_code, partner_code, flow, period_start, classification, product_code]
required: [period_end, level, value_usd, is_complete_detail, valuation, observation_status, source, snapshot_id]
sliced_by: period_start
columns:
- reporter_code, partner_code, flow, period_start (year), period_end (year), classification (of products)
- level (of the product), product_code (of a product), value_usd (held), net_weight_kg, is_complete_detail
- coverage (of products), total_usd (of the source), valuation, observation_status (always normal), source, dataset
- snapshot_id
*/
select * exclude (frequency, precedence_reason)
from core.product_trade
where frequency = 'A'
