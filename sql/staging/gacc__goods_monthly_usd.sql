/*
what: >-
  China's goods trade with all partners by month in US$, as its customs prints it in the monthly bulletin; the source
  counts in thousands of US$.
template: goods
*/
select
    'gacc' as source,
    'goods_monthly_usd' as dataset,
    'iso3' as reporter_scheme,
    'CHN' as reporter_label,
    'gacc_name' as partner_scheme,
    partner_name as partner_label,
    both_flows.flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    cast(case flow when 'export' then exports_kusd else imports_kusd end as double) * 1e3 as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.gacc__goods_monthly_usd
cross join (values ('export'), ('import')) as both_flows (flow)
where case flow when 'export' then exports_kusd else imports_kusd end is not null
