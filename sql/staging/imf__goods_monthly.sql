/*
what: >-
  Goods trade among fifteen economies by month, each as reported by the economy itself, from the IMF. The source counts
  in millions of US$ and writes 0 where it has no figure.
template: goods
*/
select
    'imf' as source,
    'goods_monthly' as dataset,
    'imf_name' as reporter_scheme,
    reporter_name as reporter_label,
    'imf_name' as partner_scheme,
    partner_name as partner_label,
    flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    nullif(round(cast(value_musd as double) * 1e6, 0), 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.imf__goods_monthly
