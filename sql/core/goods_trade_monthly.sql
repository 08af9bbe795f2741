/*
what: >-
  Goods trade of a reporter with a partner by month, as known now: one figure each, from the source that stands first
  in core.source_precedence. No groups of economies, no products, no corrected months, so it is safe to sum.
grain: [reporter_code, partner_code, flow, period_start]
columns:
  reporter_code: code | The economy whose statistics these are (ISO 3166 alpha-3).
  partner_code: code | The economy it traded with (ISO 3166 alpha-3).
  flow: code | export or import, as the reporter sees it.
  period_start: date | First day of the month.
  period_end: date | Last day of the month.
  value_usd: US$ | Value of the goods.
  net_weight_kg: kg | Net weight, where the source has it.
  valuation: code | FOB for exports, CIF for imports.
  observation_status: code | SDMX status, A normal.
  source: code | The publisher.
  dataset: code | The publisher's dataset.
  precedence_reason: text | Why this source stands where it does.
  snapshot_id: code | The snapshot the figure stands in.
*/
select
    reporter_code,
    partner_code,
    flow,
    period_start,
    last_day(period_start) as period_end,
    value_usd,
    net_weight_kg,
    valuation,
    observation_status,
    source,
    dataset,
    precedence_reason,
    snapshot_id
from core.goods_trade_candidates
where choice = 1 and frequency = 'M'
