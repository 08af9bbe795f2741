/*
what: >-
  Korea's goods trade by partner and month, as Korea Customs reports it through the Bank of Korea's ECOS; the source
  counts in thousands of US$. A 0 says that the partner is not among those listed for the flow, and makes no row.
template: goods
*/
select
    'bok' as source,
    'goods_monthly' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
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
from raw.bok__goods_monthly
cross join (values ('export'), ('import')) as both_flows (flow)
where cast(case flow when 'export' then exports_kusd else imports_kusd end as double) > 0
