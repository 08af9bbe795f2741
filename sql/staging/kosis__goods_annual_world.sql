/*
what: >-
  Korea's goods trade with the world by year, as Korea Customs reports it through KOSIS. Exports FOB, imports CIF.
grain: [reporter_code, partner_code, flow, classification, product_code, period_start, snapshot_id]
feeds: [core.goods_trade_observations]
required: [period_end, valuation, observation_status]
columns:
- source, dataset, reporter_label, partner_label, reporter_code, partner_code (or the world), flow, classification
- level, product_code, frequency, period_start, period_end, value_usd, net_weight_kg, valuation, observation_status
- coverage, snapshot_id, row_number
*/
with flows as (
    select
        both_flows.flow,
        make_date(cast(year as integer), 1, 1) as period_start,
        cast(case flow when 'export' then exports_usd else imports_usd end as double) as value_usd,
        snapshot_id,
        row_number
    from raw.kosis__goods_annual_world
    cross join (values ('export'), ('import')) as both_flows (flow)
)

select
    'kosis' as source,
    'goods_annual_world' as dataset,
    'KOR' as reporter_label,
    'World' as partner_label,
    'KOR' as reporter_code,
    'WLD' as partner_code,
    *,
    'TOTAL' as classification,
    0 as level,
    'TOTAL' as product_code,
    'A' as frequency,
    make_date(year(flows.period_start), 12, 31) as period_end,
    cast(null as double) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'complete' as coverage
from flows
