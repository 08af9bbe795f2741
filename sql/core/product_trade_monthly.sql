/*
what: >-
  Goods trade by product and month, as known now. Sum over products only within one classification and level, and only
  where is_complete_detail; selected products are never a total or a share.
grain: [reporter_code, partner_code, flow, period_start, classification, product_code]
required: [period_end, level, value_usd, is_complete_detail, valuation, observation_status, source, snapshot_id]
sliced_by: period_start
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the month.
  period_end: date | Last day of the month.
  classification: code | The classification of products and its edition.
  level: count | Digits of the product code.
  product_code: code | The product.
  value_usd: US$ | Value of the goods.
  net_weight_kg: kg | Net weight, where the source has it.
  is_complete_detail: >-
    true/false | The source covers every product at this level, and what it has adds up to its own total within 1%,
    where it gives one.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  snapshot_id: code | The snapshot the figure stands in.
*/
select * exclude (frequency, coverage, total_usd, precedence_reason)
from core.product_trade
where frequency = 'M'
