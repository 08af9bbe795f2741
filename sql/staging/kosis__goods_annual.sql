/*
what: >-
  Korea's goods trade with each partner by year, as Korea Customs reports it through KOSIS. Exports FOB, imports CIF.
template: goods
*/
select
    'kosis' as source,
    'goods_annual' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'iso3' as partner_scheme,
    partner_code as partner_label,
    both_flows.flow,
    'A' as frequency,
    make_date(cast(year as integer), 1, 1) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
    cast(null as double) as net_weight_kg,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.kosis__goods_annual
cross join (values ('export'), ('import')) as both_flows (flow)
