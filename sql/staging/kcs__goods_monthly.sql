/*
what: >-
  Korea's goods trade with a partner by month, as Korea Customs publishes it. Exports FOB, imports CIF.
template: goods
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg
- balance_usd: US$ | The balance that customs prints with the two flows.
- valuation, observation_status, coverage, snapshot_id, row_number
*/
select
    'kcs' as source,
    'goods_monthly' as dataset,
    'iso3' as reporter_scheme,
    'KOR' as reporter_label,
    'iso2' as partner_scheme,
    partner_iso2 as partner_label,
    both_flows.flow,
    'M' as frequency,
    cast(month || '-01' as date) as period_start,
    'TOTAL' as classification,
    'TOTAL' as product_code,
    cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
    cast(null as double) as net_weight_kg,
    cast(balance_usd as double) as balance_usd,
    'complete' as coverage,
    snapshot_id,
    row_number
from raw.kcs__goods_monthly
cross join (values ('export'), ('import')) as both_flows (flow)
