/*
what: >-
  Korea's goods trade with every partner by month, as the portal of Korea Customs had it; the source counts in thousands
  of US$.
template: goods
*/
select
    'kcs' as source,
    'goods_monthly_all_partners' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'kcs_name' as partner_scheme,
    partner_name as partner_label,
    both_flows.flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    round(cast(case flow when 'export' then exports_kusd else imports_kusd end as double) * 1e3, 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.kcs__goods_monthly_all_partners
cross join (values ('export'), ('import')) as both_flows (flow)
