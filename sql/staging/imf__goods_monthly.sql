/*
what: >-
  Goods trade among fifteen economies by month, each as its own reporter tells it, from the IMF. The source counts in
  millions of US$ and writes 0 where it has no figure.
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
        reporter_name as reporter_label,
        partner_name as partner_label,
        flow,
        cast(month || '-01' as date) as period_start,
        nullif(round(cast(value_musd as double) * 1e6, 0), 0) as value_usd,
        snapshot_id,
        row_number
    from raw.imf__goods_monthly
)

select
    'imf' as source,
    'goods_monthly' as dataset,
    reporters.economy_code as reporter_code,
    partners.economy_code as partner_code,
    flows.*,
    'TOTAL' as classification,
    0 as level,
    'TOTAL' as product_code,
    'M' as frequency,
    last_day(flows.period_start) as period_end,
    cast(null as double) as net_weight_kg,
    case flows.flow when 'export' then 'FOB' else 'CIF' end as valuation,
    case when flows.value_usd is null then 'M' else 'A' end as observation_status,
    'complete' as coverage
from flows
left join staging.economy_codes as reporters
    on reporters.scheme = 'imf_name' and flows.reporter_label = reporters.code
left join staging.economy_codes as partners
    on partners.scheme = 'imf_name' and flows.partner_label = partners.code
where
    reporters.exclusion_reason is null
    and partners.exclusion_reason is null
    and coalesce(reporters.economy_code != partners.economy_code, true)
