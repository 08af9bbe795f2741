/*
what: >-
  US exports f.a.s. and general imports at customs value by partner and month, as the Census Bureau's country pages
  stood on several days; the source counts in millions of US$. A month that a print lacks is missing there, not
  unchanged.
template: goods
*/
select
    'us_census' as source,
    'goods_monthly' as dataset,
    'iso3' as reporter_scheme,
    'USA' as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    both_flows.flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    round(cast(case flow when 'export' then exports_musd else imports_musd end as double) * 1e6, 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.us_census__goods_monthly
cross join (values ('export'), ('import')) as both_flows (flow)
