/*
what: >-
  China's goods trade with Korea by year, summed by WITS from products. Gold and confidential chapters may be missing,
  and 1989 and 1990 are wrong.
template: goods
*/
select
    'wits' as source,
    'goods_annual_bilateral' as dataset,
    'iso3' as reporter_scheme,
    reporter_code as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    both_flows.flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    round(cast(case flow when 'export' then exports_kusd else imports_kusd end as double) * 1e3, 0) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.wits__goods_annual_bilateral
cross join (values ('export'), ('import')) as both_flows (flow)
