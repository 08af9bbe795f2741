/*
what: >-
  Goods trade of a reporter with a partner by year, as the reporter sends it to UN Comtrade. Exports FOB, imports CIF.
  An economy's imports from itself are its own returned goods (re-imports).
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
        reporter_code as reporter_label,
        partner_code as partner_label,
        case flow_code when 'X' then 'export' when 'M' then 'import' end as flow,
        make_date(cast(year as integer), 1, 1) as period_start,
        cast(value_usd as double) as value_usd,
        snapshot_id,
        row_number
    from raw.comtrade__goods_annual
)

select
    'comtrade' as source,
    'goods_annual' as dataset,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
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
left join staging.economy_codes as reporters
    on reporters.scheme = 'comtrade' and flows.reporter_label = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'comtrade' and flows.partner_label = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    -- An economy's imports from itself are its own returned goods; it exports nothing to itself.
    and (flows.flow = 'import' or coalesce(reporters.economy_code != partners.economy_code, true))
