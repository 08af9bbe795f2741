/*
what: >-
  Korea's goods trade by partner and month, as Korea Customs reports it through KOSIS; the source counts in thousands
  of US$.
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
        partner_name as partner_label,
        both_flows.flow,
        cast(month || '-01' as date) as period_start,
        round(cast(case flow when 'export' then exports_kusd else imports_kusd end as double) * 1e3, 0) as value_usd,
        snapshot_id,
        row_number
    from raw.kosis__goods_monthly
    cross join (values ('export'), ('import')) as both_flows (flow)
)

select
    'kosis' as source,
    'goods_monthly' as dataset,
    'KOR' as reporter_label,
    'KOR' as reporter_code,
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
left join staging.economy_codes as partners
    on partners.scheme = 'kosis_name' and flows.partner_label = partners.code
where
    partners.exclusion_reason is null
    and partners.economy_code is distinct from 'KOR'
-- A figure that a response lists under another name is not withdrawn.
qualify
    flows.row_number is not null
    or count(flows.row_number) over (
        partition by partners.economy_code, flows.flow, flows.period_start, flows.snapshot_id
    ) = 0
